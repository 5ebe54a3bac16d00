//! The bar above the picture: back, forward, reload, address, control, keep-alive.

use std::time::Duration;

use egui::{Align, Button, Id, Key, Layout, RichText, TextEdit, Ui};

use super::action::Action;
use super::command::Command;
use super::format;
use super::panel_io::PanelIo;
use super::state::{AppState, OpenSession};
use super::widgets::command_button;
use crate::model::{Control, KeepAlive};

/// The address bar's memory: what is being typed lives here until it is sent or given up.
#[derive(Debug, Default)]
pub struct AddressState {
    /// `None`: shows where the session is.
    typed: Option<String>,
    wants_focus: bool,
}

impl AddressState {
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }
}

pub fn toolbar_ui(ui: &mut Ui, io: &mut PanelIo<'_>, address: &mut AddressState) {
    ui.horizontal(|ui| {
        button(ui, io, Command::ToggleSessions, true);
        let Some(open) = io.state.active() else {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| button(ui, io, Command::Palette, true));
            return;
        };
        ui.separator();
        if open.view.capabilities.navigation {
            navigation_ui(ui, io, open, address);
        } else {
            ui.label(RichText::new(&open.name).strong());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| right_side_ui(ui, io, open));
        }
    });
}

fn navigation_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, address: &mut AddressState) {
    let view = &open.view;
    let knows_history = view.capabilities.history;
    button(ui, io, Command::Back, !knows_history || view.page.can_go_back);
    button(ui, io, Command::Forward, !knows_history || view.page.can_go_forward);
    button(ui, io, if view.page.loading { Command::Stop } else { Command::Reload }, true);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        right_side_ui(ui, io, open);
        address_ui(ui, io, open, address);
    });
}

fn right_side_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession) {
    button(ui, io, Command::Palette, true);
    button(ui, io, Command::ToggleLog, true);
    lifetime_ui(ui, io, open);
    control_ui(ui, io, open);
}

fn address_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, address: &mut AddressState) {
    let id = Id::new("address");
    let mut text = address.typed.clone().unwrap_or_else(|| open.view.page.url.clone());
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .hint_text("Address")
        .desired_width(ui.available_width())
        .margin(egui::Margin::symmetric(8, 5));
    let response = ui.add(edit);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Address"));
    if std::mem::take(&mut address.wants_focus) {
        response.request_focus();
        select_all(ui, id, text.chars().count());
    }
    if response.changed() {
        address.typed = Some(text.clone());
    }
    if !response.lost_focus() {
        return;
    }
    let (entered, escaped) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
    if entered && !text.trim().is_empty() {
        io.send(Control::Navigate(text.trim().to_owned()));
        address.typed = None;
    } else if escaped {
        address.typed = None;
    }
}

fn select_all(ui: &Ui, id: Id, chars: usize) {
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let all = egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(chars));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}

fn control_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession) {
    let possible = open.view.capabilities.clicks || open.view.capabilities.keys;
    if !possible {
        return;
    }
    let (command, text) = if io.state.control {
        (Command::ReleaseControl, RichText::new("Release control").strong().color(io.palette.on_accent))
    } else {
        (Command::ArmControl, RichText::new("Take control").strong())
    };
    let mut button = Button::new(text);
    if io.state.control {
        button = button.fill(io.palette.control);
    }
    let hover = match io.bindings.chord_of(command) {
        Some(chord) => format!("{} ({chord})", command.info().help),
        None => command.info().help.to_owned(),
    };
    if ui.add(button).on_hover_text(hover).clicked() {
        io.run(command);
    }
}

/// "Ends in 04:12" and the switch that keeps it from its idle end.
fn lifetime_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession) {
    let keeping = open.view.keep_alive;
    let left = time_left(io.state, open);
    if left.is_none() && open.view.lifetime.idle_limit.is_none() {
        return;
    }
    let mut on = matches!(keeping, KeepAlive::On { .. });
    let chord = io.bindings.chord_of(Command::ToggleKeepAlive).map(|chord| format!(" ({chord})")).unwrap_or_default();
    let hover = match keeping {
        KeepAlive::Off => format!("Keep the session from its idle end while this window watches{chord}"),
        KeepAlive::On { period } => format!("A sign of life every {} while this window watches{chord}", format::age(period)),
        KeepAlive::Paused => "Paused: nobody did anything for a long time. Switch it on again to go on".to_owned(),
    };
    if ui.checkbox(&mut on, "Keep alive").on_hover_text(hover).changed() {
        io.act(Action::SetKeepAlive(on));
    }
    if let Some(left) = left {
        let text = RichText::new(format!("Ends in {}", format::countdown(left))).monospace();
        let soon = left < Duration::from_secs(30);
        let color = if soon { io.palette.warning } else { io.palette.text_weak };
        ui.label(text.color(color)).on_hover_text("When the session ends by itself, unless something happens in it");
    }
}

/// Until the session ends by itself.
pub fn time_left(state: &AppState, open: &OpenSession) -> Option<Duration> {
    let ends_at = open.view.lifetime.ends_at()?;
    Some(Duration::try_from(ends_at.duration_since(state.wall)).unwrap_or_default())
}

fn button(ui: &mut Ui, io: &mut PanelIo<'_>, command: Command, enabled: bool) {
    if command_button(ui, command, enabled, io.bindings).clicked() {
        io.run(command);
    }
}
