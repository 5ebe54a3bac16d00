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

/// The formats with the words that follow “Save”.
pub(super) const SAVED_AS: [(LogFormat, &str); 2] =
    [(LogFormat::JsonLines, "as JSON lines…"), (LogFormat::Csv, "as CSV…")];

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
        let rows = which_ui(ui, log, state);
        for (format, name) in SAVED_AS {
            if ui.button(format!("Save {name}")).clicked() {
                actions.push(Action::SaveLog { format, rows, place: SavePlace::Ask });
                ui.close();
            }
        }
        ui.separator();
        typed_path_ui(ui, state, rows, actions);
    });
    with_command_tooltip(button, Command::SaveLog, bindings);
}

/// Asks which rows are saved, where that is a question, and returns the answer.
fn which_ui(ui: &mut Ui, log: &Log, state: &mut LogUiState) -> LogRows {
    let all = log.len();
    let number = |n: usize| format::number(n as u64);
    let shown = (state.hidden(log) > 0).then(|| {
        let words =
            format!("The {} of {} that are shown", number(state.view.len()), format::rows(all));
        (LogRows::Shown, words)
    });
    let selected = Some(state.selected.len()).filter(|selected| *selected > 1).map(|selected| {
        let words = format!("The {} of {} that are selected", number(selected), format::rows(all));
        (LogRows::Selected, words)
    });
    let choices: Vec<_> = selected.into_iter().chain(shown).collect();
    let Some((first, _)) = choices.first() else {
        return LogRows::All;
    };
    let is_offered = |rows| rows == LogRows::All || choices.iter().any(|(one, _)| *one == rows);
    if !is_offered(state.save_rows) {
        state.save_rows = *first;
    }
    for (rows, words) in choices {
        ui.radio_value(&mut state.save_rows, rows, words);
    }
    ui.radio_value(&mut state.save_rows, LogRows::All, format!("All {}", format::rows(all)));
    ui.separator();
    state.save_rows
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
