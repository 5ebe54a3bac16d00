//! Shows the settings screen, where every setting of the file can be found, read and changed. What is changed holds at
//! once.

mod fields;
mod keys;
mod lists;

use std::collections::BTreeMap;

use egui::{
    Context, Frame, Id, Key, Label, Layout, Modal, RichText, ScrollArea, TextEdit, Ui, vec2,
};
use strum::IntoEnumIterator as _;

use self::fields::setting_ui;
use self::keys::{KeyEditor, keys_ui};
use self::lists::{LISTS, lists_ui};
use super::action::Action;
use super::command::Command;
use super::panel_io::PanelIo;
use super::theme::Colors;
use super::widgets::row_with_end;
use crate::settings::{SETTINGS, SettingGroup, SettingRow, SettingValue, Settings};

const WIDTH: f32 = 820.0;
/// The list of headings stands at the left of the rows where there is this much room.
const WITH_HEADINGS: f32 = 620.0;
const HEADINGS: f32 = 150.0;
const KEYS: &str = "Keys";

/// What the settings screen keeps from pass to pass.
#[derive(Debug, Default)]
pub struct SettingsSheet {
    open: bool,
    filter: String,
    /// What is typed into the field of a setting, by the setting's path, while it is not taken.
    typed: BTreeMap<&'static str, Typing>,
    keys: KeyEditor,
    /// The heading that is brought into view.
    wanted: Option<&'static str>,
    /// Whether Escape has given up what was typed, so that it does not close the screen as well.
    has_used_escape: bool,
}

/// What is typed into a setting's field.
#[derive(Debug, Default)]
struct Typing {
    text: String,
    /// Why it is not taken.
    problem: Option<String>,
}

impl SettingsSheet {
    /// Tells whether the screen is open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Opens the screen.
    pub fn open(&mut self) {
        *self = Self { open: true, ..Self::default() };
    }

    /// Returns the editor of keys while it waits for the key that a command is to have, which no command may take.
    pub fn waiting_for_key(&mut self) -> Option<&mut KeyEditor> {
        Some(&mut self.keys).filter(|keys| self.open && keys.is_waiting())
    }
}

/// Shows the settings screen while it is open.
pub fn settings_ui(ctx: &Context, io: &mut PanelIo<'_>, sheet: &mut SettingsSheet) {
    if !sheet.open {
        return;
    }
    let room = ctx.content_rect().size() - vec2(48.0, 48.0);
    let id = Id::unique("settings");
    let modal = Modal::new(id)
        .area(Modal::default_area(id).default_size(room))
        .frame(Frame::popup(&ctx.global_style()).inner_margin(18));
    let shown = modal.show(ctx, |ui| {
        ui.set_width(WIDTH.min(room.x - 40.0));
        ui.set_max_height(room.y - 40.0);
        let close = head_ui(ui, io, sheet);
        ui.separator();
        content_ui(ui, io, sheet);
        close
    });
    let stays = std::mem::take(&mut sheet.has_used_escape) || sheet.keys.is_waiting();
    if shown.inner || (!stays && shown.should_close()) {
        *sheet = SettingsSheet::default();
        // What is typed next is not for a field that is gone.
        ctx.memory_mut(|memory| {
            if let Some(focused) = memory.focused() {
                memory.surrender_focus(focused);
            }
        });
    }
}

/// Shows the title and the field to search in, and returns whether the screen has to be closed.
fn head_ui(ui: &mut Ui, io: &mut PanelIo<'_>, sheet: &mut SettingsSheet) -> bool {
    let title = |ui: &mut Ui| {
        ui.label(RichText::new("Settings").heading().strong());
    };
    let close = row_with_end(ui, title, |ui| {
        let close = ui.button("Close").clicked();
        let file = ui.button(Command::ShowSettingsFile.name());
        if file.on_hover_text(Command::ShowSettingsFile.row().help).clicked() {
            io.run(Command::ShowSettingsFile);
        }
        close
    });
    ui.add_space(2.0);
    let field = TextEdit::singleline(&mut sheet.filter)
        .id(Id::unique("settings filter"))
        .hint_text("Find a setting or a key")
        .desired_width(f32::INFINITY)
        .margin(vec2(8.0, 6.0));
    let response = ui.add(field);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label("Find a setting"));
    if ui.memory(|memory| memory.focused().is_none()) && !sheet.keys.is_waiting() {
        response.request_focus();
    }
    if response.lost_focus() && pressed_escape(ui) && !sheet.filter.is_empty() {
        sheet.filter.clear();
        sheet.has_used_escape = true;
    }
    close
}

fn content_ui(ui: &mut Ui, io: &mut PanelIo<'_>, sheet: &mut SettingsSheet) {
    let height = ui.available_height();
    if ui.available_width() < WITH_HEADINGS {
        return rows_ui(ui, io, sheet, height);
    }
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(HEADINGS);
            headings_ui(ui, sheet);
        });
        ui.separator();
        ui.vertical(|ui| rows_ui(ui, io, sheet, height));
    });
}

/// Shows all headings, each of which brings its rows into view.
fn headings_ui(ui: &mut Ui, sheet: &mut SettingsSheet) {
    let groups = SettingGroup::iter().map(SettingGroup::title);
    for title in groups.chain([LISTS, KEYS]) {
        let heading = egui::Button::selectable(false, title).wrap();
        if ui.add(heading).clicked() {
            sheet.filter.clear();
            sheet.wanted = Some(title);
        }
    }
}

fn rows_ui(ui: &mut Ui, io: &mut PanelIo<'_>, sheet: &mut SettingsSheet, height: f32) {
    let scroll = ScrollArea::vertical()
        .id_salt("settings rows")
        .auto_shrink(false)
        .max_height(height)
        .min_scrolled_height(height.min(80.0));
    scroll.show(ui, |ui| {
        // The bar lies beside the fields and not over them.
        ui.set_max_width(ui.available_width() - 14.0);
        let words = words_of(&sheet.filter);
        let mut found = false;
        for group in SettingGroup::iter() {
            let is_in = |row: &&SettingRow| row.group == group && matches(row, &words);
            let mut rows = SETTINGS.iter().filter(is_in).peekable();
            if rows.peek().is_none() {
                continue;
            }
            found = true;
            heading_ui(ui, sheet, group.title());
            for row in rows {
                setting_ui(ui, io, sheet, row);
            }
        }
        found |= lists_ui(ui, io, sheet, &words);
        found |= keys_ui(ui, io, sheet, &words);
        if !found {
            ui.add_space(12.0);
            ui.weak("No setting matches");
        }
    });
}

fn heading_ui(ui: &mut Ui, sheet: &mut SettingsSheet, title: &'static str) {
    ui.add_space(8.0);
    let color = Colors::of(ui.ctx()).accent;
    let heading = ui.label(RichText::new(title).strong().color(color));
    if sheet.wanted == Some(title) {
        sheet.wanted = None;
        heading.scroll_to_me(Some(egui::Align::TOP));
    }
    ui.add_space(2.0);
}

/// Draws a line: name and help at the left, and `content` beside or, where it is narrow, below. `content` receives the
/// id of the name.
fn line_ui(ui: &mut Ui, name: &str, help: &str, content: impl FnOnce(&mut Ui, Id)) {
    let names = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let id = ui.add(Label::new(name).wrap()).id;
        ui.add(Label::new(RichText::new(help).small().color(Colors::of(ui.ctx()).weak)).wrap());
        id
    };
    let width = ui.available_width();
    if width < 400.0 {
        let id = ui.vertical(names).inner;
        content(ui, id);
    } else {
        let half = (width - 16.0) / 2.0;
        ui.horizontal_top(|ui| {
            let layout = Layout::top_down(egui::Align::Min);
            let names = ui.allocate_ui_with_layout(vec2(half, 0.0), layout, |ui| {
                ui.set_width(half);
                names(ui)
            });
            ui.vertical(|ui| content(ui, names.inner));
        });
    }
    ui.add_space(6.0);
}

/// Asks to change a setting, and returns why that can't be.
fn change(
    io: &mut PanelIo<'_>,
    row: &'static SettingRow,
    value: SettingValue,
) -> Result<(), String> {
    let mut trial: Settings = io.state.settings.clone();
    row.set(&mut trial, &value)?;
    io.act(Action::Set { setting: row.path, value });
    Ok(())
}

fn pressed_escape(ui: &Ui) -> bool {
    ui.input(|input| input.key_pressed(Key::Escape))
}

fn words_of(filter: &str) -> Vec<String> {
    filter.split_whitespace().map(str::to_lowercase).collect()
}

fn has_words(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn matches(row: &SettingRow, words: &[String]) -> bool {
    let text = format!("{} {} {} {}", row.name, row.help, row.path, row.group.title());
    has_words(&text, words)
}

#[cfg(test)]
mod tests;
