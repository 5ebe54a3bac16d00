//! What participants say to each other.

use egui::{Align, ComboBox, Key, Label, Layout, RichText, ScrollArea, TextEdit, Ui, WidgetInfo};
use jiff::tz::TimeZone;

use super::color_of;
use super::roster::ask;
use crate::model::{ChatLine, People, PeopleControl, SessionView};
use crate::ui::panel_io::PanelIo;
use crate::ui::state::OpenSession;
use crate::ui::theme::Colors;

/// The host refuses longer ones.
const MAX_CHARS: usize = 1000;
const EVERYBODY: &str = "Everybody";

/// What is being typed, and to whom.
#[derive(Debug, Default)]
pub struct TalkState {
    text: String,
    to: Option<u32>,
    zone: Option<TimeZone>,
}

pub(super) fn talk_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    state: &mut TalkState,
) {
    let people = &open.view.people;
    // Who has left is nobody to write to.
    state.to = state.to.filter(|to| people.participant(*to).is_some());
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        ui.add_space(4.0);
        input_ui(ui, io, people, state);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            lines_ui(ui, &open.view, state);
        });
    });
}

fn lines_ui(ui: &mut Ui, view: &SessionView, state: &mut TalkState) {
    let zone = state.zone.get_or_insert_with(TimeZone::system).clone();
    ScrollArea::vertical()
        .id_salt("talk lines")
        .auto_shrink(false)
        .stick_to_bottom(true)
        .show(ui, |ui| {
            if view.said.is_empty() {
                ui.weak(
                    "What people say to each other is shown here. Pages do not see it; agents can read what is said to everybody",
                );
            }
            for line in &view.said {
                line_ui(ui, view, line, &zone);
            }
        });
}

fn line_ui(ui: &mut Ui, view: &SessionView, line: &ChatLine, zone: &TimeZone) {
    let colors = Colors::of(ui.ctx());
    let from = view.name_of(line.from);
    let to = line.to.map(|to| {
        format!(
            " to {}",
            if to == view.people.me {
                "you".to_owned()
            } else {
                view.name_of(to)
            }
        )
    });
    let time = line.at.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(time).small().monospace().color(colors.weak));
        let name = format!("{from}{}", to.unwrap_or_default());
        ui.label(RichText::new(name).strong().color(color_of(line.from)));
        ui.add(Label::new(RichText::new(&line.text).color(colors.text)).wrap());
    });
}

fn input_ui(ui: &mut Ui, io: &mut PanelIo<'_>, people: &People, state: &mut TalkState) {
    ui.horizontal(|ui| {
        let others: Vec<_> = people
            .participants
            .iter()
            .filter(|other| other.index != people.me && !other.agent)
            .collect();
        let chosen = state
            .to
            .map_or_else(|| EVERYBODY.to_owned(), |to| people.name_of(to));
        let choice = ComboBox::from_id_salt("talk to")
            .width(90.0)
            .selected_text(chosen)
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut state.to, None, EVERYBODY);
                for other in &others {
                    ui.selectable_value(&mut state.to, Some(other.index), &other.name);
                }
            });
        choice
            .response
            .widget_info(|| WidgetInfo::labeled(egui::Role::ComboBox, true, "To whom"));
        let edit = TextEdit::singleline(&mut state.text)
            .char_limit(MAX_CHARS)
            .hint_text("Say something")
            .desired_width(ui.available_width());
        let edit = ui.add(edit);
        ui.ctx().accesskit_node_builder(edit.id, |node| {
            node.set_label("Say something");
        });
        let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered {
            edit.request_focus();
            let text = std::mem::take(&mut state.text).trim().to_owned();
            if !text.is_empty() {
                ask(io, PeopleControl::Say { text, to: state.to });
            }
        }
    });
}
