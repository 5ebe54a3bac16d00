//! Everybody in the session, and what can be asked of each.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{
    Align, Button, Color32, Key, Label, Layout, Margin, PopupCloseBehavior, RichText, ScrollArea,
    Sense, TextEdit, Ui, WidgetInfo, vec2,
};

use super::color_of;
use crate::base::text::one_line;
use crate::model::people::AGENT;
use crate::model::{Control, Participant, People, PeopleControl};
use crate::ui::command::Command;
use crate::ui::panel_io::PanelIo;
use crate::ui::state::OpenSession;
use crate::ui::theme::Colors;
use crate::ui::widgets::command_text_button;

const DOT: f32 = 10.0;
/// The host cuts longer ones.
const MAX_NAME: usize = 60;

pub(super) fn roster_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, name: &mut String) {
    let people = &open.view.people;
    driving_ui(ui, io, people);
    let mut huddle = people.huddle;
    let together = ui
        .checkbox(&mut huddle, "Change tabs together")
        .on_hover_text("Who follows somebody is taken along when that one changes tabs");
    if together.changed() {
        ask(io, PeopleControl::Huddle(huddle));
    }
    ui.separator();
    ScrollArea::vertical()
        .id_salt("roster")
        .auto_shrink(false)
        .show(ui, |ui| {
            for participant in &people.participants {
                participant_ui(ui, io, people, participant, name);
            }
        });
}

/// Who drives, in words, and what this window's user can do about it.
fn driving_ui(ui: &mut Ui, io: &mut PanelIo<'_>, people: &People) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(driver_words(people)).strong());
        if people.driver == Some(people.me) {
            button(ui, io, Command::HandBack);
        } else {
            button(ui, io, Command::TakeOver);
        }
    });
}

/// "Ada drives".
pub(super) fn driver_words(people: &People) -> String {
    match people.driver {
        None => "Nobody drives".to_owned(),
        Some(index) if index == people.me => "You drive".to_owned(),
        Some(index) => format!("{} drives", people.name_of(index)),
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
        dot_ui(ui, color_of(index));
        let label = ui.add(Label::new(RichText::new(&name).color(colors.strong)).truncate());
        let whole = match tags.is_empty() {
            true => name.clone(),
            false => format!("{name}, {tags}"),
        };
        label.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &whole));
        ui.label(RichText::new(&tags).small().color(colors.weak));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if index == people.me {
                return own_menu_ui(ui, io, &name, typed);
            }
            let menu = ui.menu_button("…", |ui| menu_ui(ui, io, people, participant));
            let label = format!("What {name} may do");
            menu.response
                .widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
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

/// This window's user chooses how the others call them.
fn own_menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, name: &str, typed: &mut String) {
    // A click into the field must not close it.
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (response, _) = MenuButton::new("…").config(config).ui(ui, |ui| {
        // The frameless look of a menu suits its entries, not a field and its button.
        ui.set_style(ui.ctx().global_style());
        let label = ui.label("What the others call you");
        let field = ui.add(
            TextEdit::singleline(typed)
                .char_limit(MAX_NAME)
                .margin(Margin::symmetric(8, 5))
                .hint_text(name),
        );
        let field = field.labelled_by(label.id);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let wanted = typed.trim();
        let button = ui.add_enabled(!wanted.is_empty(), Button::new("Change name"));
        if !wanted.is_empty() && (entered || button.clicked()) {
            ask(io, PeopleControl::Rename(wanted.to_owned()));
            typed.clear();
            ui.close();
        }
    });
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Change your name"));
}

/// Buttons for somebody who asks.
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
    let following = participant
        .following
        .map(|index| format!("follows {}", people.name_of(index)));
    let tags = [
        (participant.index == people.me).then(|| "you".to_owned()),
        participant.agent.then(|| "program".to_owned()),
        participant.owner.then(|| "owner".to_owned()),
        (people.driver == Some(participant.index)).then(|| "drives".to_owned()),
        following,
    ];
    tags.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, people: &People, participant: &Participant) {
    let index = participant.index;
    if ui
        .add_enabled(people.may_decide(), Button::new("Give control"))
        .on_disabled_hover_text("Only who drives and the owner can give control away")
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
        ask(io, PeopleControl::Follow((!follows).then_some(index)));
        ui.close();
    }
}

fn dot_ui(ui: &mut Ui, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(DOT, DOT), Sense::hover());
    ui.painter().circle_filled(rect.center(), DOT / 2.0, color);
}

fn button(ui: &mut Ui, io: &mut PanelIo<'_>, command: Command) {
    if command_text_button(ui, command, true, io.bindings).clicked() {
        io.run(command);
    }
}

pub(super) fn ask(io: &mut PanelIo<'_>, control: PeopleControl) {
    io.send(Control::People(control));
}
