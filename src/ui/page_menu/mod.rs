//! Shows the context menu of the page, where the page itself opens none: for the link, the picture, the text or the field
//! under the pointer.

use egui::containers::menu::menu_style;
use egui::{Align, Id, LayerId, Layout, Popup, PopupCloseBehavior, PopupKind, Ui, pos2};

use super::action::Action;
use super::command::Command;
use super::panel_io::PanelIo;
use super::picture::{FrameToUi, picture_id};
use super::state::OpenSession;
use super::widgets::command_text_button;
use crate::model::{
    ContextMenu, FramePos, InputControl, KeyInput, Modifiers as KeyModifiers, PageControl,
};

/// The menu is this many points wide, so that the keys stand in a column of their own, away from the names.
const WIDTH: f32 = 220.0;

/// What the menu keeps from pass to pass.
#[derive(Debug, Default)]
pub struct PageMenuState {
    /// The number of the last menu that was told, and whether it is open.
    last: u64,
    is_open: bool,
    /// The first entry is to have the keyboard, which it can have only once it is painted.
    wants_keys: bool,
}

/// Draws the menu that is asked for in the page of `open`. `drives`: this window's user has control, and asked for it.
pub fn page_menu_ui(
    ui: &Ui,
    io: &mut PanelIo<'_>,
    memory: &mut PageMenuState,
    open: &OpenSession,
    geometry: Option<&FrameToUi>,
    drives: bool,
) {
    let (Some(menu), Some(geometry), false) =
        (&open.view.context_menu, geometry, open.condition.is_away())
    else {
        memory.is_open = false;
        return;
    };
    if memory.last != menu.seq {
        memory.last = menu.seq;
        memory.is_open = drives;
        memory.wants_keys = drives;
    }
    memory.is_open &= io.state.control && open.has_control();
    if !memory.is_open {
        return;
    }
    let at = place(menu, geometry);
    let first = memory.wants_keys;
    let shown = Popup::new(Id::unique("page menu"), ui.ctx().clone(), at, LayerId::background())
        .kind(PopupKind::Menu)
        .layout(Layout::top_down_justified(Align::Min))
        .style(menu_style)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .open_bool(&mut memory.is_open)
        .show(|ui| {
            ui.set_min_width(WIDTH);
            ui.set_max_width(WIDTH);
            entries_ui(ui, io, menu, first)
        });
    if let Some(shown) = shown {
        memory.wants_keys &= !shown.inner;
    }
    if !memory.is_open {
        // What is typed next is meant for the page again.
        ui.memory_mut(|memory| memory.request_focus(picture_id()));
    }
}

/// Draws the entries, and tells whether the first of them has the keyboard.
fn entries_ui(ui: &mut Ui, io: &mut PanelIo<'_>, menu: &ContextMenu, first: bool) -> bool {
    let mut wants_keys = first;
    let mut button = |ui: &mut Ui, name: &str| {
        let response = ui.button(name);
        if std::mem::take(&mut wants_keys) {
            response.request_focus();
        }
        if response.clicked() {
            ui.close();
        }
        response.clicked()
    };
    if !menu.link.is_empty() {
        if button(ui, "Open link in new tab") {
            io.send(PageControl::NewTab { url: Some(menu.link.as_str().to_owned()) });
        }
        if button(ui, "Copy link address") {
            io.act(Action::Copy(menu.link.as_str().to_owned()));
        }
        ui.separator();
    }
    if !menu.image.is_empty() {
        if button(ui, "Open picture in new tab") {
            io.send(PageControl::NewTab { url: Some(menu.image.as_str().to_owned()) });
        }
        if button(ui, "Copy picture address") {
            io.act(Action::Copy(menu.image.as_str().to_owned()));
        }
        ui.separator();
    }
    let has_text = !menu.selection.is_empty();
    if menu.editable && has_text && button(ui, "Cut") {
        io.act(Action::Copy(menu.selection.as_str().to_owned()));
        press(io, "Delete", "Delete", KeyModifiers::default());
    }
    if has_text && button(ui, "Copy") {
        io.act(Action::Copy(menu.selection.as_str().to_owned()));
    }
    if menu.editable {
        if button(ui, "Paste as text") {
            io.run(Command::PasteAsText);
        }
        if button(ui, "Select all") {
            press(io, "a", "KeyA", KeyModifiers { ctrl: true, ..KeyModifiers::default() });
        }
    }
    if menu.editable || has_text {
        ui.separator();
    }
    for command in [Command::Back, Command::Forward, Command::Reload, Command::FindInPage] {
        let enabled = command.applies(io.state);
        let response = command_text_button(ui, command, enabled, io.bindings);
        if enabled && std::mem::take(&mut wants_keys) {
            response.request_focus();
        }
        if response.clicked() {
            io.run(command);
            ui.close();
        }
    }
    !wants_keys
}

/// Presses a key in the page.
fn press(io: &mut PanelIo<'_>, key: &str, code: &str, modifiers: KeyModifiers) {
    let key =
        KeyInput { key: key.to_owned(), code: code.to_owned(), modifiers, ..KeyInput::default() };
    io.send(InputControl::KeyDown(key.clone()));
    io.send(InputControl::KeyUp(key));
}

/// Returns where the menu opens: below the pointer, or below the element that a key opened it of.
fn place(menu: &ContextMenu, geometry: &FrameToUi) -> egui::Pos2 {
    let (page, frame) = (menu.page, geometry.frame());
    let scale = |page: u32, frame: u32| if page == 0 { 1.0 } else { frame as f32 / page as f32 };
    let (across, down) = (scale(page.width, frame.width), scale(page.height, frame.height));
    let rect = menu.rect;
    let at = FramePos { x: rect.x * across, y: (rect.y + rect.height) * down };
    let seen = geometry.visible_rect();
    let at = geometry.ui_from_frame(at);
    pos2(at.x.clamp(seen.left(), seen.right()), at.y.clamp(seen.top(), seen.bottom()))
}

#[cfg(test)]
mod tests;
