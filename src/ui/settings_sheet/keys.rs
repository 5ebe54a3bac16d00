//! Draws the editor of keys: which command has which, a new key by pressing it, and the way back to the usual ones.

use egui::{Button, Event, Key, Label, RichText, Ui};

use super::{KEYS, SettingsSheet, has_words, heading_ui, line_ui};
use crate::ui::action::Action;
use crate::ui::binding::Bindings;
use crate::ui::chord::Chord;
use crate::ui::command::Command;
use crate::ui::icon::Icon;
use crate::ui::modal::problem_ui;
use crate::ui::panel_io::PanelIo;
use crate::ui::theme::Colors;
use crate::ui::widgets::{icon_button, key_cap, steady};

/// What the editor of keys keeps from pass to pass.
#[derive(Debug, Default)]
pub struct KeyEditor {
    /// The command for which a key is to be pressed.
    command: Option<Command>,
    /// The key that was pressed and is looked at in the next pass.
    pressed: Option<Chord>,
    /// A key that was pressed for a command and that another command has.
    clash: Option<KeyClash>,
    /// Why a command does not get or lose a key.
    refused: Option<(Command, String)>,
}

/// A key that two commands want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KeyClash {
    chord: Chord,
    wants: Command,
    has: Command,
}

impl KeyEditor {
    /// Tells whether the next key that is pressed is meant for a command.
    pub fn is_waiting(&self) -> bool {
        self.command.is_some()
    }

    /// Takes the keys out of the input of a pass. Escape alone ends the waiting.
    pub fn take_keys(&mut self, events: &mut Vec<Event>, bindings: &Bindings) {
        match bindings.take_chord(events) {
            Some(chord) if chord == Chord::plain(Key::Escape) => self.command = None,
            Some(chord) => self.pressed = Some(chord),
            None => (),
        }
    }
}

/// Draws the keys of all commands that match, and returns whether there were any.
pub(super) fn keys_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    sheet: &mut SettingsSheet,
    words: &[String],
) -> bool {
    settle(io, &mut sheet.keys);
    let is_shown = |command: &Command| {
        let row = command.row();
        let keys = io.bindings.labels_of(*command).join(" ");
        has_words(&format!("{} {} {} {keys} {KEYS}", row.name, row.help, command.id()), words)
    };
    let commands: Vec<_> = Command::all().filter(is_shown).collect();
    if commands.is_empty() {
        return false;
    }
    heading_ui(ui, sheet, KEYS);
    for problem in Bindings::from_settings(&io.state.settings.keys).1 {
        problem_ui(ui, &problem);
    }
    for command in commands {
        steady(ui, command.id(), |ui| command_ui(ui, io, &mut sheet.keys, command));
    }
    true
}

/// Gives the key that was pressed to its command, unless another one has it.
fn settle(io: &mut PanelIo<'_>, editor: &mut KeyEditor) {
    let (Some(chord), Some(wants)) = (editor.pressed.take(), editor.command) else {
        return;
    };
    editor.command = None;
    match io.bindings.owner(chord) {
        Some(has) if has == wants => (),
        Some(has) => editor.clash = Some(KeyClash { chord, wants, has }),
        None => add(io, editor, wants, chord),
    }
}

fn add(io: &mut PanelIo<'_>, editor: &mut KeyEditor, command: Command, chord: Chord) {
    let mut keys = io.bindings.chords_of(command).to_vec();
    keys.push(chord);
    set(io, editor, command, keys);
}

/// Asks for the keys of a command, unless it can't have them.
fn set(io: &mut PanelIo<'_>, editor: &mut KeyEditor, command: Command, keys: Vec<Chord>) -> bool {
    editor.refused = io.bindings.why_unfit(command, &keys).map(|why| {
        let name = command.name();
        (command, format!("“{name}” {why}, because it leads out of control"))
    });
    if editor.refused.is_none() {
        io.act(Action::SetKeys { command, keys: Some(keys) });
    }
    editor.refused.is_none()
}

fn command_ui(ui: &mut Ui, io: &mut PanelIo<'_>, editor: &mut KeyEditor, command: Command) {
    let row = command.row();
    line_ui(ui, row.name, row.help, |ui, _| {
        ui.horizontal_wrapped(|ui| {
            let keys = io.bindings.chords_of(command).to_vec();
            for chord in &keys {
                key_ui(ui, io, editor, command, *chord);
            }
            let is_waiting = editor.command == Some(command);
            let words = if is_waiting { "Press a key… (Escape cancels)" } else { "Add key…" };
            let add = ui.add(Button::new(words).selected(is_waiting));
            let name = format!("{}: {words}", row.name);
            add.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if add.clicked() {
                *editor = KeyEditor::default();
                editor.command = (!is_waiting).then_some(command);
            }
            if io.state.settings.keys.contains_key(command.id()) {
                let name = format!("{}: back to default", row.name);
                let back = icon_button(ui, Icon::Reload, &name, false);
                if back.on_hover_text("Back to default").clicked() {
                    *editor = KeyEditor::default();
                    io.act(Action::SetKeys { command, keys: None });
                }
            }
        });
        if let Some(clash) = editor.clash.filter(|clash| clash.wants == command) {
            clash_ui(ui, io, editor, clash);
        }
        if let Some((_, why)) = editor.refused.as_ref().filter(|(of, _)| *of == command) {
            problem_ui(ui, why);
        }
    });
}

/// Draws a key with the button that takes it away.
fn key_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    editor: &mut KeyEditor,
    command: Command,
    chord: Chord,
) {
    let label = io.bindings.label(chord);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        key_cap(ui, &label);
        let name = format!("{}: remove {label}", command.name());
        if icon_button(ui, Icon::Cross, &name, false).on_hover_text("Remove this key").clicked() {
            let keys = io.bindings.chords_of(command);
            let keys = keys.iter().copied().filter(|other| *other != chord).collect();
            set(io, editor, command, keys);
        }
    });
}

/// Says that another command has the key, and offers to take it from there.
fn clash_ui(ui: &mut Ui, io: &mut PanelIo<'_>, editor: &mut KeyEditor, clash: KeyClash) {
    let KeyClash { chord, wants, has } = clash;
    let label = io.bindings.label(chord);
    let color = Colors::of(ui.ctx()).stalled;
    let text = format!("{label} is the key of “{}”", has.name());
    ui.add(Label::new(RichText::new(text).color(color)).wrap());
    ui.horizontal_wrapped(|ui| {
        if ui.button("Take it from there").clicked() {
            editor.clash = None;
            let keys = io.bindings.chords_of(has).iter().copied();
            let left = keys.filter(|other| !other.overlaps(chord)).collect();
            if set(io, editor, has, left) {
                add(io, editor, wants, chord);
            } else {
                // The reason stands where the key was wanted.
                editor.refused = editor.refused.take().map(|(_, why)| (wants, why));
            }
        }
        if ui.button("Leave it there").clicked() {
            editor.clash = None;
        }
    });
}
