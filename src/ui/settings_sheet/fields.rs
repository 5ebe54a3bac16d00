//! Draws one setting: its name and help, its field, what is wrong with what was typed, and the way back to its default.

use egui::{ComboBox, Id, Key, TextEdit, Ui, WidgetInfo, vec2};

use super::{SettingsSheet, Typing, change, line_ui, pressed_escape};
use crate::base::text::one_line;
use crate::settings::{SettingField, SettingRow, SettingValue};
use crate::ui::action::Action;
use crate::ui::icon::Icon;
use crate::ui::modal::problem_ui;
use crate::ui::panel_io::PanelIo;
use crate::ui::widgets::{icon_button, steady};

const FIELD: f32 = 240.0;
const NUMBER: f32 = 90.0;

/// Draws the line of a setting.
pub(super) fn setting_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    sheet: &mut SettingsSheet,
    row: &'static SettingRow,
) {
    steady(ui, row.path, |ui| {
        line_ui(ui, row.name, row.help, |ui, label| {
            ui.horizontal_wrapped(|ui| {
                field_ui(ui, io, sheet, row, label);
                default_ui(ui, io, sheet, row);
            });
            if let Some(why) = sheet.typed.get(row.path).and_then(|typing| typing.problem.as_ref())
            {
                problem_ui(ui, why);
            }
        });
    });
}

fn field_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    sheet: &mut SettingsSheet,
    row: &'static SettingRow,
    label: Id,
) {
    let settings = io.state.settings;
    let changed = match row.field {
        SettingField::Switch { get, .. } => {
            let mut on = get(settings);
            let switch = ui.checkbox(&mut on, "");
            switch.widget_info(|| WidgetInfo::selected(egui::Role::CheckBox, true, on, row.name));
            switch.changed().then_some(SettingValue::On(on))
        }
        SettingField::Choice { words, get, .. } => {
            choice_ui(ui, &words(), get(settings), label).map(SettingValue::Chosen)
        }
        SettingField::Marks { words, get, .. } => {
            let mut marked = None;
            for (at, word) in words().into_iter().enumerate() {
                let mut on = get(settings, at);
                if ui.checkbox(&mut on, word).changed() {
                    marked = Some(SettingValue::Marked(at, on));
                }
            }
            marked
        }
        SettingField::Typed { hint, unit, get, .. } => {
            let width = if hint.is_empty() { NUMBER } else { FIELD };
            let typed = typed_ui(ui, sheet, row, label, (hint, width), &get(settings));
            if !unit.is_empty() {
                ui.weak(unit);
            }
            typed.map(SettingValue::Typed)
        }
        SettingField::Words { hint, get, .. } => {
            words_ui(ui, sheet, row, label, hint, get(settings))
        }
    };
    let Some(value) = changed else {
        return;
    };
    match change(io, row, value) {
        Ok(()) => drop(sheet.typed.remove(row.path)),
        Err(why) => sheet.typed.entry(row.path).or_default().problem = Some(why),
    }
}

fn choice_ui(ui: &mut Ui, words: &[&str], chosen: usize, label: Id) -> Option<usize> {
    let shown = words.get(chosen).copied().unwrap_or_default();
    let mut now = chosen;
    let combo = ComboBox::from_id_salt("choice").selected_text(shown).show_ui(ui, |ui| {
        for (at, word) in words.iter().enumerate() {
            ui.selectable_value(&mut now, at, *word);
        }
    });
    combo.response.labelled_by(label);
    (now != chosen).then_some(now)
}

/// Draws the field of a typed setting, and returns what was typed once that is complete: with Enter, or when the field
/// is left. Escape gives it up.
fn typed_ui(
    ui: &mut Ui,
    sheet: &mut SettingsSheet,
    row: &SettingRow,
    label: Id,
    (hint, width): (&str, f32),
    now: &str,
) -> Option<String> {
    let typing = sheet.typed.get(row.path);
    let mut text = typing.map_or_else(|| now.to_owned(), |typing| typing.text.clone());
    let edit = TextEdit::singleline(&mut text).id_salt("typed").hint_text(hint);
    let edit = edit.desired_width(width.min(ui.available_width() - 12.0)).margin(vec2(8.0, 5.0));
    let response = ui.add(edit).labelled_by(label);
    if response.changed() {
        let typing = sheet.typed.entry(row.path).or_default();
        *typing = Typing { text: text.clone(), problem: None };
    }
    if !response.lost_focus() || !sheet.typed.contains_key(row.path) {
        return None;
    }
    if pressed_escape(ui) {
        sheet.typed.remove(row.path);
        sheet.has_used_escape = true;
        return None;
    }
    (text != now).then_some(text).or_else(|| {
        sheet.typed.remove(row.path);
        None
    })
}

/// Draws the words of a list, each of which can be taken out, and a field for one more.
fn words_ui(
    ui: &mut Ui,
    sheet: &mut SettingsSheet,
    row: &SettingRow,
    label: Id,
    hint: &str,
    words: &[String],
) -> Option<SettingValue> {
    let mut changed = None;
    for word in words {
        let shown = one_line(word, 60);
        ui.push_id(word, |ui| {
            ui.horizontal(|ui| {
                ui.label(&shown);
                if icon_button(ui, Icon::Cross, &format!("Remove {shown}"), false).clicked() {
                    changed = Some(SettingValue::Remove(word.clone()));
                }
            });
        });
    }
    let mut text = sheet.typed.get(row.path).map_or_else(String::new, |typing| typing.text.clone());
    let edit = TextEdit::singleline(&mut text).id_salt("new word").hint_text(hint);
    let edit = edit.desired_width((FIELD - 60.0).min(ui.available_width() - 12.0));
    let response = ui.add(edit.margin(vec2(8.0, 5.0))).labelled_by(label);
    if response.changed() {
        *sheet.typed.entry(row.path).or_default() = Typing { text: text.clone(), problem: None };
    }
    if response.lost_focus() && pressed_escape(ui) && sheet.typed.remove(row.path).is_some() {
        sheet.has_used_escape = true;
        return changed;
    }
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let add = ui.add_enabled(!text.trim().is_empty(), egui::Button::new("Add"));
    if (entered && !text.trim().is_empty()) || add.clicked() {
        response.request_focus();
        changed = Some(SettingValue::Add(text));
    }
    changed
}

/// Draws the way back to the default where the setting differs from it.
fn default_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    sheet: &mut SettingsSheet,
    row: &'static SettingRow,
) {
    if row.is_default(io.state.settings) {
        return;
    }
    let name = format!("{}: back to default", row.name);
    let back = icon_button(ui, Icon::Reload, &name, false).on_hover_text("Back to default");
    if back.clicked() {
        sheet.typed.remove(row.path);
        io.act(Action::Set { setting: row.path, value: SettingValue::Default });
    }
}
