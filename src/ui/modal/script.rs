//! Draws the form for a script that is run in the page: the script, and under it what came of it.

use egui::{Key, Label, Modifiers, RichText, ScrollArea, TextEdit, TextStyle, Ui};

use super::{ModalAnswer, title_ui};
use crate::base::text::{clip, one_line};
use crate::ui::action::Action;
use crate::ui::panel_io::PanelIo;
use crate::ui::state::SessionKey;
use crate::ui::theme::Colors;
use crate::ui::widgets::{primary_button, row_with_end};

/// Lines of the script that are seen at once.
const ROWS: usize = 8;
/// Height in points of what the script returned, at most.
const OUTCOME_HEIGHT: f32 = 180.0;
/// So much of a long value is shown, in bytes. All of it can be copied.
const SHOWN: usize = 64 << 10;
/// Height in points that title, buttons and margins need.
const REST: f32 = 250.0;
/// The script's field and its outcome have this much room in points, at least.
const LEAST: f32 = 60.0;

/// A script as it is typed, and its last run.
#[derive(Debug)]
pub struct ScriptForm {
    /// The session in whose page it runs.
    pub key: SessionKey,
    /// The script.
    pub text: String,
    /// What came of it.
    pub run: ScriptRun,
    /// The scripts of this window that were run before, the newest last.
    pub earlier: Vec<String>,
}

/// What came of a script.
#[derive(Debug, PartialEq, Eq)]
pub enum ScriptRun {
    /// It was not run yet.
    NotYet,
    /// It runs; each run has a number of its own.
    Running(u64),
    /// It returned this.
    Returned(String),
    /// It failed, for this reason.
    Failed(String),
}

/// Draws the form, which stays open until it is closed.
pub(super) fn script_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    form: &mut ScriptForm,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "Run a script in the page");
    let room = (ui.ctx().content_rect().height() - REST).max(2.0 * LEAST);
    let is_pressed = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    text_ui(ui, &mut form.text, room / 2.0, is_new);
    outcome_ui(ui, &form.run, OUTCOME_HEIGHT.min(room / 2.0));
    ui.add_space(14.0);

    let is_running = matches!(form.run, ScriptRun::Running(_));
    let can_run = !is_running && !form.text.trim().is_empty();
    let mut answer = ModalAnswer::Open;
    let mut runs = is_pressed && can_run;
    let (text, earlier, run) = (&mut form.text, &form.earlier, &form.run);
    let of_result = |ui: &mut Ui| {
        earlier_ui(ui, text, earlier);
        if let ScriptRun::Returned(value) = run
            && ui.button("Copy result").clicked()
        {
            io.act(Action::Copy(value.clone()));
        }
    };
    row_with_end(ui, of_result, |ui| {
        let run = primary_button(ui, RichText::new("Run"));
        runs |= ui.add_enabled(can_run, run).on_hover_text("Ctrl+Enter").clicked();
        if ui.button("Close").clicked() {
            answer = ModalAnswer::Canceled;
        }
    });
    if runs {
        io.act(Action::RunScript { key: form.key.clone(), script: form.text.clone() });
    }
    answer
}

fn text_ui(ui: &mut Ui, text: &mut String, height: f32, is_new: bool) {
    let label = ui.label("Body of an async function").id;
    ui.add_space(4.0);
    let rows = ui.text_style_height(&TextStyle::Monospace) * ROWS as f32 + 8.0;
    ScrollArea::vertical().id_salt("script").max_height(rows.min(height)).show(ui, |ui| {
        let edit = TextEdit::multiline(text)
            .id_salt("script text")
            .code_editor()
            .desired_rows(ROWS)
            .desired_width(f32::INFINITY)
            .hint_text("return document.title");
        let field = ui.add(edit).labelled_by(label);
        if is_new {
            field.request_focus();
        }
    });
}

/// Offers the scripts that were run before.
fn earlier_ui(ui: &mut Ui, text: &mut String, earlier: &[String]) {
    ui.add_enabled_ui(!earlier.is_empty(), |ui| {
        ui.menu_button("Earlier scripts", |ui| {
            for script in earlier.iter().rev() {
                let line = script.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                if ui.button(one_line(line.trim(), 60)).clicked() {
                    text.clone_from(script);
                }
            }
        });
    });
}

fn outcome_ui(ui: &mut Ui, run: &ScriptRun, height: f32) {
    let (text, color) = match run {
        ScriptRun::NotYet => return,
        ScriptRun::Running(_) => {
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("The script runs");
            });
            return;
        }
        ScriptRun::Returned(value) => (value, ui.visuals().text_color()),
        ScriptRun::Failed(why) => (why, Colors::of(ui.ctx()).error),
    };
    ui.add_space(8.0);
    let shown = RichText::new(clip(text, SHOWN)).monospace().color(color);
    ScrollArea::vertical().id_salt("outcome").max_height(height).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.add(Label::new(shown).selectable(true).wrap());
    });
}
