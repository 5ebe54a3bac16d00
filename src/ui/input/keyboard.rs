//! Keyboard to session: a name for every press, text where it types, and exactly one up for every down.

use egui::Key;

use super::keys::{self, KeyName, ModifierKey};
use crate::model::{Control, HeldKeys, KeyIdentity, KeyInput, Modifiers};

/// What Alt, or Option, does with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AltKey {
    /// Makes a shortcut of it: the letter is not typed.
    Chords,
    /// Types another character, as on a Mac.
    Composes,
}

/// A key press as egui tells it.
#[derive(Clone, Copy, Debug)]
pub struct Press<'a> {
    pub key: Key,
    pub physical: Option<Key>,
    pub modifiers: egui::Modifiers,
    /// The text that came with it.
    pub text: Option<&'a str>,
    /// Whether the right Alt, if it is the key, is known to be a plain Alt and not AltGr.
    pub is_plain_alt: bool,
}

/// What the session believes of the keyboard.
#[derive(Debug)]
pub struct Keyboard {
    alt: AltKey,
    /// Invariant: exactly the keys the session believes are down.
    held: HeldKeys<SentKey>,
}

/// A key that went down, with the words that the session was told.
#[derive(Debug)]
struct SentKey {
    identity: WindowKey,
    key: String,
    code: &'static str,
    modifier: Option<ModifierKey>,
}

/// A key as the window knows it.
///
/// By its place and not by the code that the session is told: on a numpad, Shift changes that code, too.
#[derive(Debug)]
struct WindowKey {
    place: Option<Key>,
    meaning: String,
}

impl WindowKey {
    fn of(key: Key, physical: Option<Key>) -> Self {
        let meaning = match keys::name(key) {
            KeyName::Types(c) => c.to_string(),
            // The left Shift is not the right one.
            KeyName::Named(_) => key.name().to_owned(),
        };
        Self { place: physical, meaning }
    }
}

impl KeyIdentity for WindowKey {
    fn code(&self) -> &str {
        self.place.map_or("", Key::name)
    }

    fn key(&self) -> &str {
        &self.meaning
    }
}

impl KeyIdentity for SentKey {
    fn code(&self) -> &str {
        self.identity.code()
    }

    fn key(&self) -> &str {
        self.identity.key()
    }
}

impl Keyboard {
    pub fn new(alt: AltKey) -> Self {
        Self { alt, held: HeldKeys::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Modifiers in the session's words. Linux never tells the Super key but as a key.
    pub fn modifiers(&self, told: egui::Modifiers) -> Modifiers {
        Modifiers {
            alt: told.alt,
            ctrl: told.ctrl,
            meta: told.mac_cmd || self.holds(ModifierKey::Meta),
            shift: told.shift,
        }
    }

    pub fn press(&mut self, press: Press<'_>) -> Control {
        let identity = WindowKey::of(press.key, press.physical);
        let mut modifiers = self.modifiers(press.modifiers);
        let modifier = ModifierKey::of(press.key).filter(|_| !is_alt_graph(press));
        if let Some(modifier) = modifier {
            set(&mut modifiers, modifier, true);
        }
        let text = press.text.filter(|_| self.types(modifiers));
        if text.is_some() && self.alt == AltKey::Composes {
            modifiers.alt = false;
        }
        let (key, code, repeat) = match self.held.get(&identity) {
            // The words of the first press stay, so that servers that go by them see it come up again.
            Some(held) => (held.key.clone(), held.code, true),
            None => (name(press, modifiers), keys::code(press.key, press.physical), false),
        };
        if !repeat {
            let key = key.clone();
            self.held.press(SentKey { identity, key, code, modifier });
        }
        Control::Key(KeyInput {
            down: true,
            key,
            code: code.to_owned(),
            text: text.map(str::to_owned),
            modifiers,
            repeat,
        })
    }

    /// `None` for a key that never went down for the session.
    pub fn release(
        &mut self,
        key: Key,
        physical: Option<Key>,
        told: egui::Modifiers,
    ) -> Option<Control> {
        let released = self.held.release(&WindowKey::of(key, physical))?;
        Some(self.up(released, self.modifiers(told)))
    }

    /// Whether text that comes without a key press is meant to be typed.
    pub fn takes_text(&self, told: egui::Modifiers) -> bool {
        self.types(self.modifiers(told))
    }

    /// Ctrl, or ⌘ on a Mac, with a letter: for what egui made a command of before it could be seen as keys.
    pub fn tap_shortcut(&mut self, letter: Key) -> Vec<Control> {
        let (modifier, key, told) = match self.alt {
            AltKey::Chords => (ModifierKey::Control, Key::ControlLeft, egui::Modifiers::CTRL),
            AltKey::Composes => (ModifierKey::Meta, Key::SuperLeft, egui::Modifiers::MAC_CMD),
        };
        let press = |key| Press {
            key,
            physical: Some(key),
            modifiers: told,
            text: None,
            is_plain_alt: false,
        };
        let was_held = self.holds(modifier);
        let mut tapped = Vec::new();
        if !was_held {
            tapped.push(self.press(press(key)));
        }
        tapped.push(self.press(press(letter)));
        tapped.extend(self.release(letter, Some(letter), told));
        if !was_held {
            tapped.extend(self.release(key, Some(key), told));
        }
        tapped
    }

    /// Lifts modifiers whose release was missed, as egui now says that they are up.
    pub fn reconcile(&mut self, told: egui::Modifiers) -> Vec<Control> {
        let is_up = |modifier: ModifierKey| match modifier {
            ModifierKey::Shift => !told.shift,
            ModifierKey::Control => !told.ctrl,
            ModifierKey::Alt => !told.alt,
            // As AltGr it is no modifier to egui; as Super it is none on Linux.
            ModifierKey::AltRight | ModifierKey::Meta => false,
        };
        let mut released = Vec::new();
        while let Some(missed) = self.held.take(|held| held.modifier.is_some_and(is_up)) {
            released.push(self.up(missed, self.modifiers(told)));
        }
        released
    }

    /// Last down, first up: keys before the modifiers they were pressed with.
    pub fn release_all(&mut self) -> Vec<Control> {
        let mut released = Vec::new();
        while let Some(last) = self.held.pop() {
            let mut modifiers = Modifiers::default();
            for modifier in self.held.iter().filter_map(|held| held.modifier) {
                set(&mut modifiers, modifier, true);
            }
            released.push(self.up(last, modifiers));
        }
        released
    }

    /// Tells the release of what is no longer among the held.
    fn up(&self, released: SentKey, mut modifiers: Modifiers) -> Control {
        let SentKey { key, code, modifier, .. } = released;
        if let Some(modifier) = modifier {
            set(&mut modifiers, modifier, self.holds(modifier));
        }
        Control::Key(KeyInput {
            down: false,
            key,
            code: code.to_owned(),
            text: None,
            modifiers,
            repeat: false,
        })
    }

    fn types(&self, modifiers: Modifiers) -> bool {
        let chord = modifiers.alt && self.alt == AltKey::Chords;
        !chord && !modifiers.ctrl && !modifiers.meta
    }

    fn holds(&self, modifier: ModifierKey) -> bool {
        let same = |held: ModifierKey| match modifier {
            ModifierKey::Alt | ModifierKey::AltRight => {
                matches!(held, ModifierKey::Alt | ModifierKey::AltRight)
            }
            ModifierKey::Shift | ModifierKey::Control | ModifierKey::Meta => held == modifier,
        };
        self.held.iter().any(|held| held.modifier.is_some_and(same))
    }
}

fn name(press: Press<'_>, modifiers: Modifiers) -> String {
    if is_alt_graph(press) {
        return "AltGraph".to_owned();
    }
    match (press.text, keys::name(press.key)) {
        (Some(text), _) => text.to_owned(),
        // A letter key that types nothing, not even in a shortcut, waits for the next one.
        (None, KeyName::Types(c))
            if c != ' ' && !modifiers.ctrl && !modifiers.alt && !modifiers.meta =>
        {
            "Dead".to_owned()
        }
        (None, name) => name.with_shift(modifiers.shift),
    }
}

fn is_alt_graph(press: Press<'_>) -> bool {
    ModifierKey::of(press.key) == Some(ModifierKey::AltRight)
        && !press.is_plain_alt
        && !press.modifiers.alt
}

fn set(modifiers: &mut Modifiers, modifier: ModifierKey, down: bool) {
    match modifier {
        ModifierKey::Shift => modifiers.shift = down,
        ModifierKey::Control => modifiers.ctrl = down,
        ModifierKey::Alt | ModifierKey::AltRight => modifiers.alt = down,
        ModifierKey::Meta => modifiers.meta = down,
    }
}
