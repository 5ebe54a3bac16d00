//! Shows, while files are dragged over the window, whether the page takes them and where they land.

use egui::{Align2, FontId, Painter, Rect, Shape, Stroke, Ui, vec2};

use super::geometry::FrameToUi;
use crate::ui::state::OpenSession;
use crate::ui::theme::Colors;

const DASH: f32 = 8.0;
const GAP: f32 = 6.0;
const INSET: f32 = 4.0;
const MARGIN: f32 = 12.0;
const TEXT_SIZE: f32 = 15.0;

/// Says why files can't be dropped on the page of a session now, and what to do; `None` where they can. `armed` tells
/// whether its user is in control.
pub fn why_no_drop(session: &OpenSession, armed: bool) -> Option<&'static str> {
    if !session.view.capabilities.files {
        return Some("This session takes no files");
    }
    (!armed || !session.has_control())
        .then_some("Take control first, then drop the files on the page")
}

/// Paints a dashed frame around the picture and words in it, while files are over the window.
pub(super) fn drop_target_ui(ui: &Ui, session: &OpenSession, armed: bool, geometry: &FrameToUi) {
    let count = ui.input(|input| input.raw.hovered_files.len());
    if count == 0 {
        return;
    }
    let colors = Colors::of(ui.ctx());
    let (words, color) = match why_no_drop(session, armed) {
        Some(why) => (why.to_owned(), colors.waiting),
        None if count == 1 => ("Drop to give the page this file".to_owned(), colors.control),
        None => (format!("Drop to give the page these {count} files"), colors.control),
    };
    let place = geometry.visible_rect().shrink(INSET);
    let painter = ui.painter_at(place.expand(INSET));
    let corners = [
        place.left_top(),
        place.right_top(),
        place.right_bottom(),
        place.left_bottom(),
        place.left_top(),
    ];
    painter.extend(Shape::dashed_line(&corners, Stroke::new(3.0, color), DASH, GAP));
    words_ui(&painter, place, words, colors);
    // The pointer marks the very place, where the system tells it.
    if let Some(at) = ui.ctx().pointer_latest_pos().filter(|at| place.contains(*at)) {
        painter.circle_stroke(at, TEXT_SIZE / 2.0, Stroke::new(2.0, color));
    }
}

fn words_ui(painter: &Painter, place: Rect, words: String, colors: &Colors) {
    let galley = painter.layout(
        words,
        FontId::proportional(TEXT_SIZE),
        colors.text,
        (place.width() - 4.0 * MARGIN).max(0.0),
    );
    // Notices lie at the bottom.
    let at = place.center_top() + vec2(0.0, MARGIN * 2.0);
    let text = Align2::CENTER_TOP.anchor_size(at, galley.size());
    painter.rect_filled(text.expand(MARGIN), 6, colors.ground);
    painter.galley(text.min, galley, colors.text);
}
