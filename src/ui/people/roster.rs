//! Draws everybody in the session, and what can be asked of each.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{
    Align, Button, Color32, Key, Label, Layout, Margin, PopupCloseBehavior, RichText, ScrollArea,
    Sense, TextEdit, TextStyle, TextWrapMode, Ui, WidgetInfo, WidgetText, vec2,
};

use super::color_of;
use crate::base::text::one_line;
use crate::model::people::AGENT;
use crate::model::{Participant, People, PeopleControl};
use crate::ui::command::Command;
use crate::ui::panel_io::PanelIo;
use crate::ui::state::OpenSession;
use crate::ui::theme::Colors;
use crate::ui::widgets::{command_button_as, steady};

const DOT: f32 = 10.0;
/// A name has at most this many characters; the host cuts longer ones.
const MAX_NAME: usize = 60;

pub(super) fn roster_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, name: &mut String) {
    let people = &open.view.people;
    driving_ui(ui, io, people);
    let mut huddle = people.huddle;
    let together = ui
        .checkbox(&mut huddle, "Change tabs together")
        .on_hover_text("Who follows somebody is taken along when that one changes tabs");
    if together.changed() {
        ask(io, PeopleControl::Huddle { enabled: huddle });
    }
    ui.separator();
    ScrollArea::vertical().id_salt("roster").auto_shrink(false).show(ui, |ui| {
        for participant in &people.participants {
            steady(ui, ("participant", participant.index), |ui| {
                participant_ui(ui, io, people, participant, name);
            });
        }
    });
}

/// Draws who drives, in words, and what this window's user can do about it.
fn driving_ui(ui: &mut Ui, io: &mut PanelIo<'_>, people: &People) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(driver_words(people)).strong());
        let (command, text) = match people.driver == Some(people.me) {
            true => (Command::HandBack, Command::HandBack.name()),
            false => way_to_control(people),
        };
        if command_button_as(ui, command, text, io.bindings).clicked() {
            io.run(command);
        }
    });
}

/// Returns the command that leads to control for a user who does not have it, and its name here.
pub fn way_to_control(people: &People) -> (Command, &'static str) {
    let is_owner = people.participant(people.me).is_some_and(|me| me.owner);
    match people.driver {
        // Only people are asked for control, and an owner of the session takes it instead of asking.
        Some(driver) if driver != AGENT && is_owner => (Command::TakeOver, "Take control"),
        Some(driver) if driver != AGENT => (Command::ArmControl, "Ask for control"),
        Some(_) | None => (Command::ArmControl, Command::ArmControl.name()),
    }
}

/// Returns words such as "Ada has control".
pub(super) fn driver_words(people: &People) -> String {
    match people.driver {
        None => "Nobody has control".to_owned(),
        Some(index) if index == people.me => "You have control".to_owned(),
        Some(index) => format!("{} has control", people.name_of(index)),
    }
}

fn participant_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    people: &People,
    participant: &Participant,
    typed: &mut String,
) {
    let colors = Colors::of(ui.ctx());
    let index = participant.index;
    let (name, tags) = (one_line(&participant.name, 40), tags(people, participant));
    ui.horizontal(|ui| {
        // The menu at the right comes first, so that a long name is cut and the menu is not.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if index == people.me {
                own_menu_ui(ui, io, &name, typed);
            } else {
                let menu = ui.menu_button("…", |ui| menu_ui(ui, io, people, participant));
                let label = format!("What {name} may do");
                menu.response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                dot_ui(ui, color_of(index));
                name_ui(ui, &participant.name, &tags);
            });
        });
    });
    if people.requests.iter().any(|request| request.index == index) {
        ui.indent(index, |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new("asks for control").color(colors.waiting));
                if index != people.me && people.may_decide() {
                    answer_ui(ui, io, index, &name);
                }
            });
        });
    }
}

/// Draws the name, and what its owner is; what has no room is read by pointing at it.
fn name_ui(ui: &mut Ui, name: &str, tags: &str) {
    let colors = Colors::of(ui.ctx());
    let name = one_line(name, MAX_NAME);
    let whole = match tags.is_empty() {
        true => name.clone(),
        false => format!("{name}, {tags}"),
    };
    let text = RichText::new(tags).small().color(colors.weak);
    let tags = WidgetText::from(text).into_galley(
        ui,
        Some(TextWrapMode::Extend),
        f32::INFINITY,
        TextStyle::Small,
    );
    let room = ui.available_width();
    let for_tags = (tags.size().x + ui.spacing().item_spacing.x).min(room * 0.5);
    let label = Label::new(RichText::new(&name).color(colors.strong)).truncate();
    let label = ui.scope(|ui| {
        ui.set_max_width(room - for_tags);
        ui.add(label)
    });
    let label = label.inner.on_hover_text(&whole);
    label.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &whole));
    ui.add(Label::new(tags.job.as_ref().clone()).truncate()).on_hover_text(&whole);
}

/// Draws the menu in which this window's user chooses their name.
fn own_menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, name: &str, typed: &mut String) {
    // A click into the field must not close it.
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new("…").config(config).ui(ui, |ui| {
        // The frameless look of a menu suits its entries, not a field and its button.
        ui.set_style(ui.ctx().global_style());
        let label = ui.label("What the others call you");
        let field = ui.add(
            TextEdit::singleline(typed)
                .id_salt("name")
                .char_limit(MAX_NAME)
                .margin(Margin::symmetric(8, 5))
                .hint_text(name),
        );
        let field = field.labelled_by(label.id);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let wanted = typed.trim();
        let button = ui.add_enabled(!wanted.is_empty(), Button::new("Change name"));
        if !wanted.is_empty() && (entered || button.clicked()) {
            ask(io, PeopleControl::Rename { name: wanted.to_owned() });
            typed.clear();
            ui.close();
        }
    });
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Change your name"));
}

/// Draws the buttons that answer somebody who asks for control.
pub(super) fn answer_ui(ui: &mut Ui, io: &mut PanelIo<'_>, index: u32, name: &str) {
    for (text, grant) in [("Give", true), ("Refuse", false)] {
        let response = ui.button(text);
        let label = match grant {
            true => format!("Give control to {name}"),
            false => format!("Refuse control to {name}"),
        };
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
        if response.clicked() {
            ask(io, PeopleControl::AnswerRequest { index, grant });
        }
    }
}

fn tags(people: &People, participant: &Participant) -> String {
    let following = participant.following.map(|index| format!("follows {}", people.name_of(index)));
    let tags = [
        (participant.index == people.me).then(|| "you".to_owned()),
        participant.agent.then(|| "program".to_owned()),
        participant.owner.then(|| "owner".to_owned()),
        (people.driver == Some(participant.index)).then(|| "has control".to_owned()),
        following,
    ];
    tags.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, people: &People, participant: &Participant) {
    let index = participant.index;
    if ui
        .add_enabled(people.may_decide(), Button::new("Give control"))
        .on_disabled_hover_text("Only who has control and the owner can give it away")
        .clicked()
    {
        ask(io, PeopleControl::GiveControl { to: index });
        ui.close();
    }
    if index == AGENT {
        return;
    }
    let me = people.participant(people.me);
    let follows = me.is_some_and(|me| me.following == Some(index));
    let text = if follows { "Stop following" } else { "Follow" };
    if ui.button(text).clicked() {
        ask(io, PeopleControl::Follow { index: (!follows).then_some(index) });
        ui.close();
    }
}

fn dot_ui(ui: &mut Ui, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(DOT, DOT), Sense::hover());
    ui.painter().circle_filled(rect.center(), DOT / 2.0, color);
}

pub(super) fn ask(io: &mut PanelIo<'_>, control: PeopleControl) {
    io.send(control);
}
