//! Lists what concerns somebody about the watched sessions, with a picture of that moment and the marks by which it is
//! done.

use std::time::Duration;

use egui::{Label, RichText, ScrollArea, Sense, Ui, Vec2};

use super::{ModalAnswer, title_ui};
use crate::base::text::one_line;
use crate::model::ConcernEnd;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::panel_io::PanelIo;
use crate::ui::session_state::{paint_severity, severity_color};
use crate::ui::state::{ConcernMark, OpenConcern};
use crate::ui::theme::Colors;
use crate::ui::widgets::{row_with_end, small_picture_ui, steady};

/// What is put off calls again after this time.
const SNOOZE: Duration = Duration::from_secs(600);
/// Height in points that the title and the buttons need beside the list.
const REST: f32 = 190.0;
const LEAST: f32 = 90.0;
const PICTURE: Vec2 = Vec2::new(96.0, 60.0);
const MARK: f32 = 12.0;
/// A narrower list has no pictures.
const ROOM_FOR_PICTURE: f32 = 330.0;
const MAX_NAME: usize = 60;

/// Draws the list: what calls comes first, the most pressing before the rest.
pub(super) fn inbox_ui(ui: &mut Ui, io: &mut PanelIo<'_>, is_new: bool) -> ModalAnswer {
    title_ui(ui, "What needs you");
    let (calling, rest): (Vec<&OpenConcern>, Vec<&OpenConcern>) =
        io.state.concerns.iter().partition(|concern| concern.calls());
    if calling.is_empty() {
        ui.label("Nothing needs you now");
        ui.add_space(6.0);
    }
    let mut answer = ModalAnswer::Open;
    let room = (ui.ctx().content_rect().height() - REST).max(LEAST);
    ScrollArea::vertical().max_height(room).show(ui, |ui| {
        for (at, concern) in calling.into_iter().chain(rest).enumerate() {
            let takes_focus = is_new && at == 0;
            if steady(ui, concern.id, |ui| concern_ui(ui, io, concern, takes_focus)) {
                answer = ModalAnswer::Given;
            }
        }
    });
    ui.add_space(14.0);
    let has_any = !io.state.concerns.is_empty();
    let close = |ui: &mut Ui| {
        let close = ui.button("Close");
        if is_new && !has_any {
            close.request_focus();
        }
        if close.clicked() {
            answer = ModalAnswer::Canceled;
        }
    };
    row_with_end(ui, close, |ui| {
        let mut first = io.state.settings.needs_first;
        let command = Command::ToggleNeedsFirst;
        let choice = ui.checkbox(&mut first, command.name());
        if choice.on_hover_text(command.row().help).changed() {
            io.run(command);
        }
    });
    answer
}

/// Draws a row, and returns whether it was followed to its session.
fn concern_ui(ui: &mut Ui, io: &mut PanelIo<'_>, concern: &OpenConcern, takes_focus: bool) -> bool {
    let colors = Colors::of(ui.ctx());
    let row = concern.concern.kind.row();
    let calls = concern.calls();
    let color = if calls { severity_color(row.severity, colors) } else { colors.weak };
    let open = io.state.open.iter().find(|open| open.key == concern.session);
    let name = open.map_or(&concern.session.id, |open| &open.name);
    let name = one_line(name, MAX_NAME);
    let mut follows = false;
    ui.horizontal_top(|ui| {
        if let Some(picture) = &concern.picture
            && ui.available_width() > ROOM_FOR_PICTURE
        {
            small_picture_ui(ui, picture, PICTURE);
        }
        ui.vertical(|ui| {
            ui.horizontal(|ui| {
                let (place, _) = ui.allocate_exact_size(Vec2::splat(MARK), Sense::hover());
                paint_severity(ui, place.shrink(1.0), row.severity, color);
                ui.label(RichText::new(row.word).strong().color(color));
                let time = concern.at.to_zoned(io.state.zone.clone()).strftime("%H:%M:%S");
                ui.label(RichText::new(time.to_string()).monospace().small().color(colors.weak));
            });
            ui.add(Label::new(RichText::new(&name).small().color(colors.weak)).truncate());
            let text = RichText::new(&concern.concern.text);
            ui.add(Label::new(if calls { text } else { text.weak() }).wrap());
            ui.horizontal_wrapped(|ui| {
                let show = ui.button("Show").on_hover_text(format!("Show {name}"));
                if takes_focus {
                    show.request_focus();
                }
                if show.clicked() {
                    let (session, about) = (concern.session.clone(), Some(concern.concern.kind));
                    io.act(Action::GoTo { session, about });
                    follows = true;
                }
                marks_ui(ui, io, concern);
            });
        });
    });
    ui.add_space(8.0);
    follows
}

fn marks_ui(ui: &mut Ui, io: &mut PanelIo<'_>, concern: &OpenConcern) {
    let mut mark = |mark| io.actions.push(Action::MarkConcern { concern: concern.id, mark });
    let clock = io.state.clock();
    match concern.mark {
        ConcernMark::Open => {
            let help = match concern.concern.kind.row().end {
                ConcernEnd::State => "It calls no more; it goes by itself once it is over",
                ConcernEnd::Sight => "It calls no more",
            };
            if ui.button("Seen").on_hover_text(help).clicked() {
                mark(ConcernMark::Seen);
            }
            if ui.button("Snooze 10 min").on_hover_text("It calls again in 10 minutes").clicked() {
                mark(ConcernMark::Snoozed(io.state.wall + SNOOZE));
            }
        }
        ConcernMark::Seen => {
            ui.weak("Seen");
        }
        ConcernMark::Snoozed(until) => {
            ui.weak(format!("Calls again at {}", clock.minute(until)));
            if ui.button("Call now").clicked() {
                mark(ConcernMark::Open);
            }
        }
    }
}
