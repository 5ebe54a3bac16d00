//! Shows the pointer as the page wants it, and the page's tooltip beside it.

use egui::{CursorIcon, Response};

use crate::base::text::one_line;
use crate::model::PagePointer;

/// A tooltip shows this many characters.
const MAX_TOOLTIP: usize = 500;

/// Gives the pointer over the picture the page's shape, and shows the page's tooltip once the pointer rests.
pub(super) fn pointed_ui(response: &Response, pointer: &PagePointer) {
    if !response.hovered() {
        return;
    }
    response.clone().on_hover_cursor(icon(&pointer.cursor));
    let lines: Vec<_> =
        pointer.tooltip.lines().map(|line| one_line(line, MAX_TOOLTIP)).take(20).collect();
    if !pointer.tooltip.is_empty() {
        response.clone().on_hover_text_at_pointer(lines.join("\n"));
    }
}

/// Returns the shape that CSS calls `cursor`.
fn icon(cursor: &str) -> CursorIcon {
    match cursor {
        "none" => CursorIcon::None,
        "context-menu" => CursorIcon::ContextMenu,
        "help" => CursorIcon::Help,
        "pointer" => CursorIcon::PointingHand,
        "progress" => CursorIcon::Progress,
        "wait" => CursorIcon::Wait,
        "cell" => CursorIcon::Cell,
        "crosshair" => CursorIcon::Crosshair,
        "text" => CursorIcon::Text,
        "vertical-text" => CursorIcon::VerticalText,
        "alias" => CursorIcon::Alias,
        "copy" => CursorIcon::Copy,
        "move" => CursorIcon::Move,
        "no-drop" => CursorIcon::NoDrop,
        "not-allowed" => CursorIcon::NotAllowed,
        "grab" => CursorIcon::Grab,
        "grabbing" => CursorIcon::Grabbing,
        "all-scroll" => CursorIcon::AllScroll,
        "col-resize" => CursorIcon::ResizeColumn,
        "row-resize" => CursorIcon::ResizeRow,
        "n-resize" => CursorIcon::ResizeNorth,
        "e-resize" => CursorIcon::ResizeEast,
        "s-resize" => CursorIcon::ResizeSouth,
        "w-resize" => CursorIcon::ResizeWest,
        "ne-resize" => CursorIcon::ResizeNorthEast,
        "nw-resize" => CursorIcon::ResizeNorthWest,
        "se-resize" => CursorIcon::ResizeSouthEast,
        "sw-resize" => CursorIcon::ResizeSouthWest,
        "ew-resize" => CursorIcon::ResizeHorizontal,
        "ns-resize" => CursorIcon::ResizeVertical,
        "nesw-resize" => CursorIcon::ResizeNeSw,
        "nwse-resize" => CursorIcon::ResizeNwSe,
        "zoom-in" => CursorIcon::ZoomIn,
        "zoom-out" => CursorIcon::ZoomOut,
        _ => CursorIcon::Default,
    }
}
