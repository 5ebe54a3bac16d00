//! Lists the notices of late to be read again, because they go by themselves.

use egui::{Label, RichText, ScrollArea, Sense, Stroke, Ui, Vec2};

use super::{ModalAnswer, close_ui, title_ui};
use crate::base::text::one_line;
use crate::ui::action::Action;
use crate::ui::notices::look;
use crate::ui::panel_io::PanelIo;
use crate::ui::state::{SessionKey, Told};
use crate::ui::theme::Colors;

/// Height in points that the title and the button need beside the list.
const REST: f32 = 190.0;
const LEAST: f32 = 90.0;
const MARK: f32 = 14.0;

pub(super) fn messages_ui(ui: &mut Ui, io: &mut PanelIo<'_>, is_new: bool) -> ModalAnswer {
    title_ui(ui, "Messages");
    let (told, mut leads) = (io.state.told, false);
    if told.is_empty() {
        ui.label("Nothing was told since the window was opened");
    }
    let room = (ui.ctx().content_rect().height() - REST).max(LEAST);
    ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, |ui| {
        for (at, one) in told.iter().enumerate().rev() {
            ui.push_id(at, |ui| leads |= told_ui(ui, io, one));
        }
    });
    if leads { ModalAnswer::Given } else { close_ui(ui, is_new) }
}

/// Draws a message, and returns whether it was followed to its session.
fn told_ui(ui: &mut Ui, io: &mut PanelIo<'_>, told: &Told) -> bool {
    let time = told.at.to_zoned(io.state.zone.clone());
    let time = time.strftime("%H:%M:%S").to_string();
    ui.horizontal_top(|ui| {
        let (icon, color) = look(told.level, Colors::of(ui.ctx()));
        let (place, _) = ui.allocate_exact_size(Vec2::splat(MARK), Sense::hover());
        icon.paint(ui.painter(), place, Stroke::new(1.0, color));
        let weak = Colors::of(ui.ctx()).weak;
        ui.label(RichText::new(time).monospace().color(weak));
        let text = one_line(&told.text, 2000);
        let is_watched =
            |session: &&SessionKey| io.state.open.iter().any(|open| open.key == **session);
        let Some(session) = told.session.as_ref().filter(is_watched) else {
            ui.add(Label::new(text).wrap());
            return false;
        };
        let follows = ui.link(text).on_hover_text("Show the session").clicked();
        if follows {
            io.act(Action::GoTo { session: session.clone(), about: None });
        }
        follows
    })
    .inner
}
