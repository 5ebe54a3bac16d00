//! Lists the sessions that have ended, with the way to forget them.

use egui::{Label, RichText, ScrollArea, Ui};

use super::{ModalAnswer, title_ui};
use crate::base::text::one_line;
use crate::settings::EndedSession;
use crate::ui::action::{Action, NewSession};
use crate::ui::command::Command;
use crate::ui::panel_io::PanelIo;
use crate::ui::theme::Colors;
use crate::ui::widgets::row_with_end;

/// Height in points that the title and the buttons need beside the list.
const REST: f32 = 190.0;
const LEAST: f32 = 90.0;

/// Draws the list, the newest first. `new` holds the values of a new session.
pub(super) fn history_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    new: &NewSession,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "Ended sessions");
    let ended = &io.state.memory.ended;
    let mut answer = ModalAnswer::Open;
    if ended.is_empty() {
        ui.label("No session that was watched has ended");
    }
    let room = (ui.ctx().content_rect().height() - REST).max(LEAST);
    ScrollArea::vertical().max_height(room).show(ui, |ui| {
        for (at, one) in ended.iter().enumerate().rev() {
            ui.push_id(at, |ui| {
                if ended_ui(ui, io, one) {
                    io.act(Action::Create(NewSession { url: one.address.clone(), ..new.clone() }));
                    answer = ModalAnswer::Given;
                }
            });
        }
    });
    ui.add_space(14.0);
    let has_any = !io.state.memory.ended.is_empty();
    let close = |ui: &mut Ui| {
        let close = ui.button("Close");
        if is_new {
            close.request_focus();
        }
        if close.clicked() {
            answer = ModalAnswer::Canceled;
        }
    };
    row_with_end(ui, close, |ui| {
        let clear = Command::ClearHistory;
        let button = ui.add_enabled(has_any, egui::Button::new(clear.name()));
        if button.on_hover_text(clear.row().help).clicked() {
            io.run(clear);
        }
    });
    answer
}

/// Draws one session, and returns whether its address is to be opened again.
fn ended_ui(ui: &mut Ui, io: &PanelIo<'_>, ended: &EndedSession) -> bool {
    let weak = Colors::of(ui.ctx()).weak;
    let time = ended.at.to_zoned(io.state.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    ui.add(Label::new(RichText::new(one_line(&ended.title, 120)).strong()).truncate());
    let words =
        format!("{time} · {} · {}", one_line(&ended.service, 40), one_line(&ended.how, 120));
    ui.add(Label::new(RichText::new(words).small().color(weak)).wrap());
    let mut opens = false;
    if !ended.address.is_empty() {
        let link = egui::Link::new(RichText::new(one_line(&ended.address, 120)).small());
        opens = ui.add(link).on_hover_text("Open this address in a new session").clicked();
    }
    ui.add_space(8.0);
    opens
}
