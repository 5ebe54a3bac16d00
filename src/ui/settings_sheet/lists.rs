//! Lists what the settings file has several of, each with the way to its own form: services, cameras, assistants, and
//! rules about objects.

use egui::Ui;

use super::{SettingsSheet, has_words, heading_ui, line_ui};
use crate::base::redact;
use crate::base::text::one_line;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::panel_io::PanelIo;
use crate::ui::widgets::{command_text_button, steady};

/// The heading of these lists.
pub(super) const LISTS: &str = "Services and cameras";

/// One entry of a list.
struct Listed {
    name: String,
    detail: String,
    /// What the button asks for, where there is a form; else the place where the entry is changed.
    edit: Result<Action, &'static str>,
}

/// Draws the entries that match, and returns whether there were any.
pub(super) fn lists_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    sheet: &mut SettingsSheet,
    words: &[String],
) -> bool {
    let matches = |one: &Listed| has_words(&format!("{} {} {LISTS}", one.name, one.detail), words);
    let entries: Vec<_> = entries(io).into_iter().filter(matches).collect();
    if entries.is_empty() && !has_words(LISTS, words) {
        return false;
    }
    heading_ui(ui, sheet, LISTS);
    for (at, entry) in entries.into_iter().enumerate() {
        steady(ui, ("entry", at), |ui| entry_ui(ui, io, entry));
    }
    ui.horizontal_wrapped(|ui| {
        for command in [Command::ConnectService, Command::AddCamera] {
            if command_text_button(ui, command, true, io.bindings).clicked() {
                io.run(command);
            }
        }
    });
    true
}

fn entry_ui(ui: &mut Ui, io: &mut PanelIo<'_>, entry: Listed) {
    line_ui(ui, &entry.name, &entry.detail, |ui, _| match entry.edit {
        Ok(action) => {
            let button = ui.button("Edit…");
            let name = format!("Edit {}…", entry.name);
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if button.clicked() {
                io.act(action);
            }
        }
        Err(place) => drop(ui.weak(place)),
    });
}

fn entries(io: &PanelIo<'_>) -> Vec<Listed> {
    let settings = io.state.settings;
    let named = |name: &str| one_line(name, 60);
    let shown = |url: &str| one_line(&redact::address(url), 200);
    let services = settings.profiles.iter().map(|service| Listed {
        name: named(&service.name),
        detail: format!("{} at {}", service.kind.title(), shown(&service.base_url)),
        edit: Ok(Action::EditService(service.name.clone())),
    });
    let cameras = settings.cameras.iter().map(|camera| Listed {
        name: named(&camera.name),
        detail: format!("Camera at {}", shown(&camera.url)),
        edit: Ok(Action::EditCamera(camera.name.clone())),
    });
    let assistants = settings.chats.iter().map(|chat| Listed {
        name: match chat.service.as_str() {
            "" => "Assistant".to_owned(),
            service => format!("Assistant of {}", named(service)),
        },
        detail: shown(&chat.base_url),
        edit: Err("Under [[chats]] in the settings file"),
    });
    let rules = settings.detection_rules.iter().map(|rule| Listed {
        name: format!("Notify me of {}", named(&rule.class)),
        detail: rule.camera.as_ref().map_or("In any picture".to_owned(), |camera| {
            format!("In the pictures of {}", named(camera))
        }),
        edit: Err("In the panel “Objects” of a session"),
    });
    services.chain(cameras).chain(assistants).chain(rules).collect()
}
