//! Keyboard to session: a name for every press, text where it types, and exactly one up for every down.

use egui::Key;

use super::keys::{self, KeyName, ModifierKey};
use crate::model::{InputControl, KeyInput, Modifiers};

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
    /// Invariant: exactly the keys the session believes are down, in order of their presses.
    held: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    /// Ups are paired with downs by place: by the time of the up, the modifiers may have changed what the key means.
    place: Place,
    key: String,
    code: &'static str,
    modifier: Option<ModifierKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    At(Key),
    /// The keyboard does not tell the place; this is what the key meant when it went down.
    Unknown(Key),
}

impl Place {
    fn of(key: Key, physical: Option<Key>) -> Self {
        physical.map_or(Self::Unknown(key), Self::At)
    }
}

impl Keyboard {
    pub fn new(alt: AltKey) -> Self {
        Self { alt, held: Vec::new() }
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

    pub fn press(&mut self, press: Press<'_>) -> InputControl {
        let place = Place::of(press.key, press.physical);
        let mut modifiers = self.modifiers(press.modifiers);
        let modifier = ModifierKey::of(press.key).filter(|_| !is_alt_graph(press));
        if let Some(modifier) = modifier {
            set(&mut modifiers, modifier, true);
        }
        let text = press.text.filter(|_| self.types(modifiers));
        if text.is_some() && self.alt == AltKey::Composes {
            modifiers.alt = false;
        }
        let code = keys::code(press.key, press.physical);
        let (key, repeat) = match self.held.iter().find(|held| held.place == place) {
            // The name of the first press stays, so that servers that go by name see it come up again.
            Some(held) => (held.key.clone(), true),
            None => (name(press, modifiers), false),
        };
        if !repeat {
            let key = key.clone();
            self.held.push(Held { place, key, code, modifier });
        }
        InputControl::KeyDown(KeyInput {
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
    ) -> Option<InputControl> {
        let place = Place::of(key, physical);
        let index = self
            .held
            .iter()
            .position(|held| held.place == place)
            .or_else(|| self.renamed(place))?;
        Some(self.up(index, self.modifiers(told)))
    }

    /// Whether text that comes without a key press is meant to be typed.
    pub fn takes_text(&self, told: egui::Modifiers) -> bool {
        self.types(self.modifiers(told))
    }

    /// Ctrl, or ⌘ on a Mac, with a letter: for what egui made a command of before it could be seen as keys.
    pub fn tap_shortcut(&mut self, letter: Key) -> Vec<InputControl> {
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
    pub fn reconcile(&mut self, told: egui::Modifiers) -> Vec<InputControl> {
        let is_up = |modifier: ModifierKey| match modifier {
            ModifierKey::Shift => !told.shift,
            ModifierKey::Control => !told.ctrl,
            ModifierKey::Alt => !told.alt,
            // As AltGr it is no modifier to egui; as Super it is none on Linux.
            ModifierKey::AltRight | ModifierKey::Meta => false,
        };
        let mut released = Vec::new();
        while let Some(index) = self.held.iter().position(|held| held.modifier.is_some_and(is_up)) {
            released.push(self.up(index, self.modifiers(told)));
        }
        released
    }

    /// Last down, first up: keys before the modifiers they were pressed with.
    pub fn release_all(&mut self) -> Vec<InputControl> {
        let mut released = Vec::new();
        while let Some(last) = self.held.len().checked_sub(1) {
            let mut modifiers = Modifiers::default();
            for modifier in self.held.iter().filter_map(|held| held.modifier) {
                set(&mut modifiers, modifier, true);
            }
            released.push(self.up(last, modifiers));
        }
        released
    }

    fn up(&mut self, index: usize, mut modifiers: Modifiers) -> InputControl {
        let Held { key, code, modifier, .. } = self.held.remove(index);
        if let Some(modifier) = modifier {
            set(&mut modifiers, modifier, self.holds(modifier));
        }
        InputControl::KeyUp(KeyInput {
            key,
            code: code.to_owned(),
            text: None,
            modifiers,
            repeat: false,
        })
    }

    /// Which held key an unknown release may be of: Shift+1 goes down as "!" and comes up as "1".
    fn renamed(&self, place: Place) -> Option<usize> {
        match place {
            Place::At(_) => None,
            Place::Unknown(_) => self
                .held
                .iter()
                .rposition(|held| matches!(held.place, Place::Unknown(key) if types(key))),
        }
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

fn types(key: Key) -> bool {
    matches!(keys::name(key), KeyName::Types(_))
}

fn set(modifiers: &mut Modifiers, modifier: ModifierKey, down: bool) {
    match modifier {
        ModifierKey::Shift => modifiers.shift = down,
        ModifierKey::Control => modifiers.ctrl = down,
        ModifierKey::Alt | ModifierKey::AltRight => modifiers.alt = down,
        ModifierKey::Meta => modifiers.meta = down,
    }
}
