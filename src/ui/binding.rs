//! Decides which keys run which commands: those of the table, changed by the settings. Finds them among key events.

use std::collections::BTreeMap;

use egui::{Event, Key};

use super::chord::{Chord, Platform, is_bindable};
use super::command::{Command, Scope};
use crate::base::alike;

/// Tells what else could want a key press.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyContext {
    /// Whether keyboard and mouse go to the session.
    pub control: bool,
    /// Whether a text field has the focus.
    pub typing: bool,
    /// Whether a dialog, the palette or the help sheet lies over the window.
    pub modal: bool,
}

/// The keys that are in force.
///
/// Invariant: no key press means two commands, and [`Command::ReleaseControl`] has a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings {
    platform: Platform,
    keys: BTreeMap<Command, Vec<Chord>>,
}

impl Default for Bindings {
    fn default() -> Self {
        Self::from_settings(&BTreeMap::new()).0
    }
}

impl Bindings {
    /// Returns the defaults with the `[keys]` table of the settings over them, and what is wrong with that table, in
    /// sentences.
    pub fn from_settings(table: &BTreeMap<String, Vec<String>>) -> (Self, Vec<String>) {
        Self::for_platform(Platform::CURRENT, table)
    }

    /// Does the same as [`Self::from_settings`] for the keyboard conventions of `platform`.
    pub fn for_platform(
        platform: Platform,
        table: &BTreeMap<String, Vec<String>>,
    ) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut chosen = read_table(platform, table, &mut problems);
        if let Some(why) =
            chosen.get(&Command::ReleaseControl).and_then(|keys| unfit_for_release(keys, platform))
        {
            problems.push(format!(
                "Release keyboard {why}: it keeps {}. Change release_control under [keys]",
                default_label(Command::ReleaseControl, platform)
            ));
            chosen.remove(&Command::ReleaseControl);
        }
        let mut bindings = Self { platform, keys: BTreeMap::new() };
        // The way out comes first, then what the user chose, then the defaults. The earlier command keeps a key that
        // two want.
        bindings.give(
            Command::ReleaseControl,
            chosen.remove(&Command::ReleaseControl),
            &mut problems,
        );
        for (&command, keys) in &chosen {
            bindings.give(command, Some(keys.clone()), &mut problems);
        }
        for command in
            Command::all().filter(|c| *c != Command::ReleaseControl && !chosen.contains_key(c))
        {
            bindings.give(command, None, &mut problems);
        }
        (bindings, problems)
    }

    /// Returns the label of the key to show beside a command, such as "Ctrl+K", if it has one.
    pub fn chord_of(&self, command: Command) -> Option<String> {
        self.chords_of(command).first().map(|chord| chord.label(self.platform))
    }

    /// Returns the labels of all keys of a command.
    pub fn labels_of(&self, command: Command) -> Vec<String> {
        self.chords_of(command).iter().map(|chord| chord.label(self.platform)).collect()
    }

    /// Returns all keys of a command. The first is the one that is shown.
    pub fn chords_of(&self, command: Command) -> &[Chord] {
        self.keys.get(&command).map_or(&[], Vec::as_slice)
    }

    /// Takes the presses that mean a command out of `events` (the raw input of a pass, or egui's input state), with the
    /// text they would have typed. Returns the commands in order.
    pub fn consume(&self, events: &mut Vec<Event>, context: KeyContext) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut kept = Vec::with_capacity(events.len());
        let mut rest = std::mem::take(events).into_iter().peekable();
        while let Some(event) = rest.next() {
            let typed = rest.peek().filter(|_| is_press(&event)).and_then(text_of);
            let Some((command, repeat)) = self.meaning(&event, typed, context) else {
                kept.push(event);
                continue;
            };
            if typed.is_some() {
                // Otherwise the `/` that opened the filter field would be its first character.
                rest.next();
            }
            if !repeat || command.row().repeats {
                commands.push(command);
            }
        }
        *events = kept;
        commands
    }

    /// Takes all key presses out of `events`, with the text that they would have typed, and returns the chord of the
    /// first one that a command can have.
    pub fn take_chord(&self, events: &mut Vec<Event>) -> Option<Chord> {
        let typed = |at: usize| events.get(at + 1).and_then(text_of);
        let chords = events.iter().enumerate().map(|(at, event)| self.pressed(event, typed(at)));
        let chord = chords.flatten().map(|(chord, _)| chord).find(|chord| is_bindable(chord.key));
        let is_key = |event: &Event| {
            is_press(event)
                || matches!(event, Event::Text(_) | Event::Copy | Event::Cut | Event::Paste(_))
        };
        events.retain(|event| !is_key(event));
        chord
    }

    /// Returns the command that has a chord, if any has.
    pub fn owner(&self, chord: Chord) -> Option<Command> {
        let has = |chords: &Vec<Chord>| chords.iter().any(|other| other.overlaps(chord));
        self.keys.iter().find(|(_, chords)| has(chords)).map(|(command, _)| *command)
    }

    /// Returns the label of a chord on this keyboard, such as "Ctrl+K".
    pub fn label(&self, chord: Chord) -> String {
        chord.label(self.platform)
    }

    /// Returns why a command can't have exactly these keys, to be read after its name; `None` where it can.
    pub fn why_unfit(&self, command: Command, keys: &[Chord]) -> Option<&'static str> {
        let is_way_out = command == Command::ReleaseControl;
        is_way_out.then(|| unfit_for_release(keys, self.platform)).flatten()
    }

    /// Tells whether a press, which types `typed`, means a command.
    pub fn means_any(&self, event: &Event, typed: Option<&str>, context: KeyContext) -> bool {
        self.meaning(event, typed, context).is_some()
    }

    fn meaning(
        &self,
        event: &Event,
        typed: Option<&str>,
        context: KeyContext,
    ) -> Option<(Command, bool)> {
        let (pressed, repeat) = self.pressed(event, typed)?;
        let live = |command: Command, chord: Chord| {
            context.allows(command.row().scope)
                && !(context.typing && !context.control && chord.belongs_to_text(self.platform))
        };
        let (command, _) = self
            .keys
            .iter()
            .flat_map(|(command, chords)| chords.iter().map(|chord| (*command, *chord)))
            .find(|(command, chord)| chord.matches(pressed) && live(*command, *chord))?;
        Some((command, repeat))
    }

    /// Returns the chord of a press, and whether it repeats because the key is held down.
    fn pressed(&self, event: &Event, typed: Option<&str>) -> Option<(Chord, bool)> {
        match event {
            Event::Key { key, pressed: true, repeat, modifiers, .. } => {
                // The text knows the layout best, because some keys have a name for their place only.
                let key = typed.and_then(symbol).unwrap_or(*key);
                Some((Chord::pressed(key, *modifiers, self.platform), *repeat))
            }
            // A symbol may come without a key press, as from an input method.
            Event::Text(text) => Some((Chord::plain(symbol(text)?), false)),
            // These three events reach us in place of their key presses.
            Event::Copy => Some((Chord::primary(Key::C), false)),
            Event::Cut => Some((Chord::primary(Key::X), false)),
            Event::Paste(_) => Some((Chord::primary(Key::V), false)),
            _ => None,
        }
    }

    /// Gives `command` those of its keys that are still free, and reports the others.
    fn give(&mut self, command: Command, chosen: Option<Vec<Chord>>, problems: &mut Vec<String>) {
        let platform = self.platform;
        let wanted = chosen
            .unwrap_or_else(|| command.row().keys.iter().map(|key| key.on(platform)).collect());
        let mut free: Vec<Chord> = Vec::new();
        for chord in wanted {
            match self.owner(chord) {
                Some(owner) => problems.push(format!(
                    "{} is taken by “{}”, so “{}” does not have it. Change {} or {} under [keys]",
                    chord.label(platform),
                    owner.name(),
                    command.name(),
                    owner.id(),
                    command.id()
                )),
                None if free.contains(&chord) => (),
                None => free.push(chord),
            }
        }
        self.keys.insert(command, free);
    }
}

impl KeyContext {
    fn allows(self, scope: Scope) -> bool {
        match scope {
            Scope::Control => self.control,
            scope => scope >= self.needed_scope(),
        }
    }

    fn needed_scope(self) -> Scope {
        if self.control {
            Scope::Always
        } else if self.modal {
            Scope::Dialog
        } else if self.typing {
            Scope::Text
        } else {
            Scope::Window
        }
    }
}

/// Turns egui's own shortcuts for zoom and quitting off, because they look at no context and can't be changed.
pub fn silence_built_in_shortcuts(ctx: &egui::Context) {
    ctx.options_mut(|options| {
        options.zoom_with_keyboard = false;
        options.quit_shortcuts.clear();
    });
}

fn read_table(
    platform: Platform,
    table: &BTreeMap<String, Vec<String>>,
    problems: &mut Vec<String>,
) -> BTreeMap<Command, Vec<Chord>> {
    let mut chosen = BTreeMap::new();
    for (id, texts) in table {
        let Ok(command) = id.parse::<Command>() else {
            let next = match nearest(id) {
                Some(command) => format!("did you mean {}?", command.id()),
                None => "the keyboard help lists the names of all".to_owned(),
            };
            problems.push(format!("There is no command “{id}” for [keys]: {next}"));
            continue;
        };
        let mut chords = Vec::new();
        for text in texts {
            match text.parse::<Chord>() {
                Ok(chord) => chords.push(chord.on(platform)),
                Err(why) => problems.push(format!("The key “{text}” of {id} can't be used: {why}")),
            }
        }
        // An empty list takes the keys away, but a list of mistakes does not.
        if texts.is_empty() || !chords.is_empty() {
            chosen.insert(command, chords);
        }
    }
    chosen
}

/// Returns the command that was probably meant: one that shares a word with `typed`, else one that differs in few
/// letters.
fn nearest(typed: &str) -> Option<Command> {
    let typed = typed.to_lowercase().replace([' ', '-'], "_");
    let words = |id: &str| id.split('_').map(str::to_owned).collect::<Vec<_>>();
    let wanted = words(&typed);
    let has_words = |command: &Command| {
        let known = words(command.id());
        wanted.iter().all(|word| known.contains(word))
    };
    if let Some(command) = Command::all().find(has_words) {
        return Some(command);
    }
    alike::nearest(&typed, Command::all().map(Command::id))?.parse().ok()
}

fn unfit_for_release(keys: &[Chord], platform: Platform) -> Option<&'static str> {
    if keys.is_empty() {
        Some("can't be without a key")
    } else if keys.iter().any(|key| key.belongs_to_text(platform)) {
        Some("can't have a key that types or edits text")
    } else {
        None
    }
}

fn default_label(command: Command, platform: Platform) -> String {
    command.row().keys.first().map(|key| key.label(platform)).unwrap_or_default()
}

fn is_press(event: &Event) -> bool {
    matches!(event, Event::Key { pressed: true, .. })
}

fn text_of(event: &Event) -> Option<&str> {
    match event {
        Event::Text(text) => Some(text),
        _ => None,
    }
}

/// Returns the key that one typed symbol names. Letters and digits are left to their key presses.
fn symbol(text: &str) -> Option<Key> {
    let mut chars = text.chars();
    let (first, rest) = (chars.next()?, chars.next());
    (rest.is_none() && first.is_ascii_punctuation()).then(|| Key::from_name(text))?
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;

    const WATCHING: KeyContext = KeyContext { control: false, typing: false, modal: false };
    const TYPING: KeyContext = KeyContext { typing: true, ..WATCHING };
    const CONTROL: KeyContext = KeyContext { control: true, ..WATCHING };
    const MODAL: KeyContext = KeyContext { modal: true, ..WATCHING };

    fn press(key: Key, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
    }

    fn table(rows: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        rows.iter()
            .map(|(id, keys)| ((*id).to_owned(), keys.iter().map(|&k| k.to_owned()).collect()))
            .collect()
    }

    fn other(rows: &[(&str, &[&str])]) -> (Bindings, Vec<String>) {
        Bindings::for_platform(Platform::Other, &table(rows))
    }

    fn run(events: &[Event], context: KeyContext) -> (Vec<Command>, usize) {
        let mut events = events.to_vec();
        let commands = other(&[]).0.consume(&mut events, context);
        (commands, events.len())
    }

    #[test]
    fn keys_run_their_commands_where_these_are_live() {
        let ctrl_alt = Modifiers::CTRL | Modifiers::ALT;
        for (key, modifiers, context, command) in [
            (Key::I, Modifiers::NONE, WATCHING, Some(Command::ArmControl)),
            (Key::I, Modifiers::NONE, TYPING, None),
            (Key::I, Modifiers::NONE, MODAL, None),
            (Key::I, Modifiers::NONE, CONTROL, None),
            (Key::K, Modifiers::CTRL, WATCHING, Some(Command::Palette)),
            (Key::K, Modifiers::CTRL, TYPING, Some(Command::Palette)),
            (Key::K, Modifiers::CTRL, MODAL, Some(Command::Palette)),
            (Key::K, Modifiers::CTRL, CONTROL, None),
            (Key::K, Modifiers::CTRL | Modifiers::SHIFT, WATCHING, None),
            (Key::W, Modifiers::CTRL, CONTROL, None),
            (Key::W, Modifiers::CTRL, TYPING, None),
            (Key::N, Modifiers::CTRL, MODAL, None),
            (Key::G, ctrl_alt, CONTROL, Some(Command::ReleaseControl)),
            (Key::G, ctrl_alt, WATCHING, Some(Command::ReleaseControl)),
            (Key::G, ctrl_alt | Modifiers::SHIFT, CONTROL, None),
            (Key::Questionmark, Modifiers::SHIFT, WATCHING, Some(Command::Help)),
            (Key::Questionmark, Modifiers::SHIFT, TYPING, None),
            (Key::F1, Modifiers::NONE, TYPING, Some(Command::Help)),
            (Key::Slash, Modifiers::SHIFT, WATCHING, Some(Command::FocusLogFilter)),
            (Key::F, Modifiers::CTRL, TYPING, Some(Command::FocusLogFilter)),
            (Key::Escape, Modifiers::SHIFT, TYPING, None),
        ] {
            let (commands, left) = run(&[press(key, modifiers)], context);
            assert_eq!(
                commands,
                command.into_iter().collect::<Vec<_>>(),
                "{key:?} {modifiers:?} {context:?}"
            );
            assert_eq!(left, usize::from(command.is_none()));
        }
    }

    #[test]
    fn the_text_goes_with_its_key() {
        let slash =
            [press(Key::Slash, Modifiers::NONE), Event::Text("/".to_owned()), Event::PointerGone];
        assert_eq!(run(&slash, WATCHING), (vec![Command::FocusLogFilter], 1));
        assert_eq!(run(&slash, TYPING), (vec![], 3));
        // One layout's key has a name for its place only, and an input method sends no key at all.
        let placed = [press(Key::Slash, Modifiers::SHIFT), Event::Text("?".to_owned())];
        assert_eq!(run(&placed, WATCHING), (vec![Command::Help], 0));
        assert_eq!(run(&[Event::Text("?".to_owned())], WATCHING), (vec![Command::Help], 0));
        assert_eq!(run(&[Event::Text("i".to_owned())], WATCHING), (vec![], 1));
        assert_eq!(run(&[Event::Text("?".to_owned())], TYPING), (vec![], 1));
    }

    #[test]
    fn a_held_key_repeats_only_what_may_be_repeated() {
        let held = |key| Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: true,
            modifiers: Modifiers::NONE,
        };
        assert_eq!(run(&[held(Key::Plus)], WATCHING), (vec![Command::ZoomIn], 0));
        assert_eq!(run(&[held(Key::K)], WATCHING), (vec![], 0));
    }

    #[test]
    fn releases_are_left_alone() {
        let up = Event::Key {
            key: Key::I,
            physical_key: None,
            pressed: false,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        assert_eq!(run(&[up], WATCHING), (vec![], 1));
    }

    #[test]
    fn copy_and_paste_can_be_bound_and_stay_with_text_fields() {
        let (bindings, problems) = other(&[("copy_row", &["ctrl+c"])]);
        assert_eq!(problems, [""; 0]);
        assert_eq!(bindings.consume(&mut vec![Event::Copy], WATCHING), [Command::CopyRow]);
        assert_eq!(bindings.consume(&mut vec![Event::Copy], TYPING), []);
    }

    #[test]
    fn settings_change_keys_and_mistakes_are_told() {
        assert_eq!(
            other(&[]),
            (Bindings { platform: Platform::Other, ..Bindings::default() }, vec![])
        );

        let (bindings, problems) = other(&[("arm_control", &["ctrl+enter", "j"]), ("quit", &[])]);
        assert_eq!(bindings.labels_of(Command::ArmControl), ["Ctrl+Enter", "J"]);
        assert_eq!(bindings.chord_of(Command::Quit), None);
        assert_eq!(problems, [""; 0]);

        let (bindings, problems) =
            other(&[("fly", &["f"]), ("help", &["hyper+h", "f12"]), ("quit", &["q+w"])]);
        assert_eq!(bindings.chord_of(Command::Help).as_deref(), Some("F12"));
        assert_eq!(bindings.chord_of(Command::Quit).as_deref(), Some("Ctrl+Q"));
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn the_name_that_was_probably_meant_is_told() {
        for (typed, wanted) in [
            ("chat", "did you mean toggle_chat?"),
            ("new-tab", "did you mean new_tab?"),
            ("arm_contrl", "did you mean arm_control?"),
            ("nonsense_cmd", "lists the names of all"),
        ] {
            let (_, problems) = other(&[(typed, &["f12"])]);
            assert!(problems[0].contains(wanted), "{problems:?}");
        }
    }

    #[test]
    fn in_a_clash_the_choice_of_the_user_wins_and_the_loser_is_named() {
        let (bindings, problems) = other(&[("save_snapshot", &["ctrl+s"])]);
        assert_eq!(bindings.chord_of(Command::SaveSnapshot).as_deref(), Some("Ctrl+S"));
        assert_eq!(bindings.chord_of(Command::SaveLog), None);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("Ctrl+S") && problems[0].contains("save_log"), "{problems:?}");

        let (bindings, problems) = other(&[("save_snapshot", &["x"]), ("save_log", &["x"])]);
        assert_eq!(
            bindings.labels_of(Command::SaveSnapshot).len()
                + bindings.labels_of(Command::SaveLog).len(),
            1
        );
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn the_way_out_can_be_moved_but_never_lost() {
        let keys = |rows: &[(&str, &[&str])]| {
            let (bindings, problems) = other(rows);
            (bindings.labels_of(Command::ReleaseControl).join(" "), problems.len())
        };
        assert_eq!(
            keys(&[("release_control", &["ctrl+shift+f12"])]),
            ("Ctrl+Shift+F12".to_owned(), 0)
        );
        assert_eq!(keys(&[("release_control", &[])]), ("Ctrl+Alt+G".to_owned(), 1));
        assert_eq!(keys(&[("release_control", &["nonsense"])]), ("Ctrl+Alt+G".to_owned(), 1));
        assert_eq!(keys(&[("release_control", &["g"])]), ("Ctrl+Alt+G".to_owned(), 1));
        assert_eq!(keys(&[("quit", &["ctrl+alt+g"])]), ("Ctrl+Alt+G".to_owned(), 1));
    }
}
