//! Asks whether a session that was kept alive for a long time should still be kept from its idle end.

use egui::{RichText, Ui};

use super::action::Action;
use super::panel_io::PanelIo;
use super::state::OpenSession;
use super::theme::Colors;
use super::widgets::primary_button;
use crate::model::KeepAlive;

/// Tells whether the question is open for this session.
pub fn asks(open: &OpenSession) -> bool {
    open.view.keep_alive == KeepAlive::Paused && !open.condition.is_away()
}

/// Draws the bar with the question.
pub fn keep_alive_bar_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let colors = Colors::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        let text = "Keep-alive is paused, because it went on for a long time";
        ui.label(RichText::new(text).strong().color(colors.stalled));
        let keep = primary_button(ui, RichText::new("Go on"));
        if ui.add(keep).clicked() {
            io.act(Action::SetKeepAlive(true));
        }
        if ui.button("Let it end").clicked() {
            io.act(Action::SetKeepAlive(false));
        }
    });
}
