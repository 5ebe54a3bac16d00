//! Draws what participants say to each other.

use egui::{
    Align, Button, ComboBox, Key, Label, Layout, RichText, ScrollArea, TextEdit, Ui, WidgetInfo,
};
use jiff::tz::TimeZone;

use super::color_of;
use super::roster::ask;
use super::unsent::Unsent;
use crate::model::{ChatLine, PeopleControl, SessionView};
use crate::ui::panel_io::PanelIo;
use crate::ui::state::OpenSession;
use crate::ui::theme::Colors;

/// A line has at most this many characters; the host refuses longer ones.
const MAX_CHARS: usize = 1000;
const EVERYBODY: &str = "Everybody";

/// The text that is being typed, and to whom.
#[derive(Debug, Default)]
pub struct TalkState {
    text: String,
    to: Option<u32>,
    unsent: Unsent,
    zone: Option<TimeZone>,
    wants_focus: bool,
}

impl TalkState {
    /// Puts the cursor into the field as soon as that is drawn.
    pub(super) fn focus(&mut self) {
        self.wants_focus = true;
    }
}

pub(super) fn talk_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    state: &mut TalkState,
) {
    let is_away = open.condition.is_away();
    // A participant who has left can't be written to. Of a session that is away it is not known that anybody has left.
    let is_there = |to: &u32| is_away || open.view.people.participant(*to).is_some();
    state.to = state.to.filter(is_there);
    let given_up_in = state.unsent.follow(&open.view, io.state.now, is_away);
    if let Some(wait) = given_up_in {
        ui.ctx().request_repaint_after(wait);
    }
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        ui.add_space(4.0);
        input_ui(ui, io, open, state);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            lines_ui(ui, io, open, state);
        });
    });
}

fn lines_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, state: &mut TalkState) {
    let view = &open.view;
    let zone = state.zone.get_or_insert_with(TimeZone::system).clone();
    ScrollArea::vertical()
        .id_salt("talk lines")
        .auto_shrink(false)
        .stick_to_bottom(true)
        .show(ui, |ui| {
            if view.said.is_empty() && state.unsent.lines().is_empty() {
                ui.weak(
                    "What people say to each other is shown here. Pages do not see it; agents can read what is said to everybody",
                );
            }
            for line in &view.said {
                line_ui(ui, view, line, &zone);
            }
            unsent_ui(ui, io, open, &mut state.unsent);
        });
}

fn line_ui(ui: &mut Ui, view: &SessionView, line: &ChatLine, zone: &TimeZone) {
    let colors = Colors::of(ui.ctx());
    let from = view.name_of(line.from);
    let to = line.to.map(|to| {
        format!(" to {}", if to == view.people.me { "you".to_owned() } else { view.name_of(to) })
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

/// Draws the lines that did not arrive, which can be sent again, so that nothing that was written is lost.
fn unsent_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, unsent: &mut Unsent) {
    let colors = Colors::of(ui.ctx());
    let why = open.why_away();
    let (mut again, mut discarded) = (None, None);
    for (at, line) in unsent.lines().iter().enumerate() {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let to = line.to.map(|to| format!(" to {}", open.view.name_of(to)));
            let name = format!("You{}", to.unwrap_or_default());
            ui.label(RichText::new(name).strong().color(colors.weak));
            ui.add(Label::new(RichText::new(&line.text).color(colors.weak)).wrap());
            if !line.failed {
                return;
            }
            ui.label(RichText::new("Not sent").small().color(colors.error));
            let button = ui.add_enabled(why.is_none(), Button::new("Send again").small());
            if button.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                again = Some(at);
            }
            if ui.small_button("Discard").clicked() {
                discarded = Some(at);
            }
        });
    }
    if let Some(line) = again.and_then(|at| unsent.remove(at)) {
        say(io, open, unsent, line.text, line.to);
    } else if let Some(at) = discarded {
        unsent.remove(at);
    }
}

fn say(
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    unsent: &mut Unsent,
    text: String,
    to: Option<u32>,
) {
    let is_away = open.condition.is_away();
    unsent.push((text.clone(), to), &open.view, io.state.now, is_away);
    if !is_away {
        ask(io, PeopleControl::Say { text, to });
    }
}

fn input_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, state: &mut TalkState) {
    let people = &open.view.people;
    ui.horizontal(|ui| {
        // Nobody is left to read it, but what was written stays to be copied.
        if open.condition.is_over() {
            ui.disable();
        }
        let others: Vec<_> = people
            .participants
            .iter()
            .filter(|other| other.index != people.me && !other.agent)
            .collect();
        let chosen = state.to.map_or_else(|| EVERYBODY.to_owned(), |to| open.view.name_of(to));
        let choice = ComboBox::from_id_salt("talk to")
            .width(90.0)
            .selected_text(chosen)
            .truncate()
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut state.to, None, EVERYBODY);
                for other in &others {
                    ui.selectable_value(&mut state.to, Some(other.index), &other.name);
                }
            });
        choice.response.widget_info(|| WidgetInfo::labeled(egui::Role::ComboBox, true, "To whom"));
        let edit = TextEdit::singleline(&mut state.text)
            .id_salt("words")
            .char_limit(MAX_CHARS)
            .hint_text("Say something")
            .desired_width(ui.available_width());
        let edit = ui.add(edit);
        ui.ctx().accesskit_node_builder(edit.id, |node| {
            node.set_label("Say something");
        });
        if std::mem::take(&mut state.wants_focus) {
            edit.request_focus();
        }
        let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered {
            edit.request_focus();
            let text = std::mem::take(&mut state.text).trim().to_owned();
            if !text.is_empty() {
                say(io, open, &mut state.unsent, text, state.to);
            }
        }
    });
}
