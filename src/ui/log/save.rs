//! Draws the menu that saves the log, through the system's dialog or to a typed path where none can open.

use std::path::{Path, PathBuf};

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::style::StyleModifier;
use egui::{Button, PopupCloseBehavior, TextEdit, Ui};

use super::format;
use super::state::LogUiState;
use crate::model::log::Log;
use crate::ui::action::{Action, LogFormat, LogRows, SavePlace};
use crate::ui::binding::Bindings;
use crate::ui::command::Command;
use crate::ui::widgets::with_command_tooltip;

pub(super) fn save_menu_ui(
    ui: &mut Ui,
    log: &Log,
    state: &mut LogUiState,
    bindings: &Bindings,
    actions: &mut Vec<Action>,
) {
    // The style has frames, because a menu's own has none, and a field without one is not seen.
    let config = MenuConfig::new()
        .style(StyleModifier::default())
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (button, _) = MenuButton::new("Save").config(config).ui(ui, |ui| {
        let hidden = state.hidden(log);
        if hidden > 0 {
            let shown = format!("{} shown", format::rows(log.len() - hidden));
            ui.radio_value(&mut state.save_rows, LogRows::Shown, shown);
            ui.radio_value(
                &mut state.save_rows,
                LogRows::All,
                format!("All {}", format::rows(log.len())),
            );
            ui.separator();
        }
        let rows = if hidden > 0 { state.save_rows } else { LogRows::All };
        for (format, name) in
            [(LogFormat::JsonLines, "As JSON lines…"), (LogFormat::Csv, "As CSV…")]
        {
            if ui.button(name).clicked() {
                actions.push(Action::SaveLog { format, rows, place: SavePlace::Ask });
                ui.close();
            }
        }
        ui.separator();
        typed_path_ui(ui, state, rows, actions);
    });
    with_command_tooltip(button, Command::SaveLog, bindings);
}

fn typed_path_ui(ui: &mut Ui, state: &mut LogUiState, rows: LogRows, actions: &mut Vec<Action>) {
    let label = ui.label("Or to a path, ending in .jsonl or .csv");
    let field = TextEdit::singleline(&mut state.save_path)
        .id_salt("path")
        .hint_text("/home/me/session.jsonl")
        .desired_width(220.0);
    let field = ui.add(field).labelled_by(label.id);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let path = PathBuf::from(state.save_path.trim());
    let can_save = !path.as_os_str().is_empty();
    let clicked = ui.add_enabled(can_save, Button::new("Save to path")).clicked();
    if can_save && (clicked || entered) {
        actions.push(Action::SaveLog {
            format: format_of(&path),
            rows,
            place: SavePlace::Path(path),
        });
        ui.close();
    }
}

fn format_of(path: &Path) -> LogFormat {
    match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("csv") => LogFormat::Csv,
        Some(_) | None => LogFormat::JsonLines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_chooses_the_format() {
        for (path, format) in [
            ("a.csv", LogFormat::Csv),
            ("a.CSV", LogFormat::Csv),
            ("a.jsonl", LogFormat::JsonLines),
            ("csv", LogFormat::JsonLines),
        ] {
            assert_eq!(format_of(Path::new(path)), format, "{path}");
        }
    }
}
