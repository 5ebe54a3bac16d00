//! Translates the keyboard for a session: every press has a name, it has text where it types, and exactly one up
//! follows every down.

use egui::Key;

use super::keypad::keypad_code;
use super::keys::{self, KeyName, ModifierKey};
use crate::model::{HeldKeys, InputControl, KeyIdentity, KeyInput, Modifiers};

/// What Alt (Option on a Mac) does with a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AltKey {
    /// Alt makes a shortcut of the letter, which is not typed.
    Chords,
    /// Alt types another character, as on a Mac.
    Composes,
}

/// A key press as egui tells it.
#[derive(Clone, Copy, Debug)]
pub struct KeyPress<'a> {
    /// The key by what it means on the layout in use.
    pub key: Key,
    /// The key by its place on a US keyboard, where the place is told.
    pub physical: Option<Key>,
    /// The modifiers that are down.
    pub modifiers: egui::Modifiers,
    /// The text that came with the press.
    pub text: Option<&'a str>,
    /// Whether the key is on the keypad, where the keyboard has two of its name.
    pub on_keypad: bool,
    /// Whether the right Alt, if it is the key, is known to be a plain Alt and not AltGr.
    pub is_plain_alt: bool,
}

/// The keyboard as the session knows it.
#[derive(Debug)]
pub struct Keyboard {
    alt: AltKey,
    /// Invariant: exactly the keys the session believes are down.
    held: HeldKeys<SentKey>,
}

/// A key that went down, with the names under which the session was told so.
#[derive(Debug)]
struct SentKey {
    identity: WindowKey,
    key: String,
    code: &'static str,
    modifier: Option<ModifierKey>,
}

/// A key as the window knows it.
///
/// It goes by its place and not by the code that the session is told, because on a numpad Shift changes that code, too.
#[derive(Debug)]
struct WindowKey {
    place: Option<Key>,
    meaning: String,
}

impl WindowKey {
    fn of(key: Key, physical: Option<Key>) -> Self {
        let meaning = match keys::name(key) {
            KeyName::Types(c) => c.to_string(),
            // Named keys go by egui's name, because the left Shift is not the right one.
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
    /// Returns a keyboard on which nothing is down.
    pub fn new(alt: AltKey) -> Self {
        Self { alt, held: HeldKeys::default() }
    }

    /// Tells whether no key is down for the session.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Translates modifiers for the session. Linux tells the Super key as a key only, never as a modifier.
    pub fn modifiers(&self, told: egui::Modifiers) -> Modifiers {
        Modifiers {
            alt: told.alt,
            ctrl: told.ctrl,
            meta: told.mac_cmd || self.holds(ModifierKey::Meta),
            shift: told.shift,
        }
    }

    /// Translates a press, or the repeat of a key that is held down.
    pub fn press(&mut self, press: KeyPress<'_>) -> InputControl {
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
            // The names of the first press stay, so that servers that go by them see the key come up again.
            Some(held) => (held.key.clone(), held.code, true),
            None => (name(press, modifiers), code(press), false),
        };
        if !repeat {
            let key = key.clone();
            self.held.press(SentKey { identity, key, code, modifier });
        }
        InputControl::KeyDown(KeyInput {
            key,
            code: code.to_owned(),
            text: text.map(str::to_owned),
            modifiers,
            repeat,
        })
    }

    /// Translates a release. Returns `None` for a key that never went down for the session.
    pub fn release(
        &mut self,
        key: Key,
        physical: Option<Key>,
        told: egui::Modifiers,
    ) -> Option<InputControl> {
        let released = self.held.release(&WindowKey::of(key, physical))?;
        Some(self.up(released, self.modifiers(told)))
    }

    /// Tells whether text that comes without a key press is meant to be typed.
    pub fn takes_text(&self, told: egui::Modifiers) -> bool {
        self.types(self.modifiers(told))
    }

    /// Taps Ctrl (⌘ on a Mac) with a letter, for what egui turned into a command before it could be seen as keys.
    pub fn tap_shortcut(&mut self, letter: Key) -> Vec<InputControl> {
        let (modifier, key, told) = match self.alt {
            AltKey::Chords => (ModifierKey::Control, Key::ControlLeft, egui::Modifiers::CTRL),
            AltKey::Composes => (ModifierKey::Meta, Key::SuperLeft, egui::Modifiers::MAC_CMD),
        };
        let press = |key| KeyPress {
            key,
            physical: Some(key),
            modifiers: told,
            text: None,
            on_keypad: false,
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

    /// Lifts the modifiers whose release was missed, now that egui says that they are up.
    pub fn reconcile(&mut self, told: egui::Modifiers) -> Vec<InputControl> {
        let is_up = |modifier: ModifierKey| match modifier {
            ModifierKey::Shift => !told.shift,
            ModifierKey::Control => !told.ctrl,
            ModifierKey::Alt => !told.alt,
            // egui does not count AltGr as a modifier, nor Super on Linux.
            ModifierKey::AltRight | ModifierKey::Meta => false,
        };
        let mut released = Vec::new();
        while let Some(missed) = self.held.take(|held| held.modifier.is_some_and(is_up)) {
            released.push(self.up(missed, self.modifiers(told)));
        }
        released
    }

    /// Lifts every key. The last that went down comes up first, so keys do before the modifiers they were pressed with.
    pub fn release_all(&mut self) -> Vec<InputControl> {
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

    /// Makes the control that tells the release of a key that is no longer among the held.
    fn up(&self, released: SentKey, mut modifiers: Modifiers) -> InputControl {
        let SentKey { key, code, modifier, .. } = released;
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

fn code(press: KeyPress<'_>) -> &'static str {
    let keypad = press.physical.filter(|_| press.on_keypad).and_then(keypad_code);
    keypad.unwrap_or_else(|| keys::code(press.key, press.physical))
}

fn name(press: KeyPress<'_>, modifiers: Modifiers) -> String {
    if is_alt_graph(press) {
        return "AltGraph".to_owned();
    }
    match (press.text, keys::name(press.key)) {
        (Some(text), _) => text.to_owned(),
        // A letter key that types nothing, not even in a shortcut, is a dead key that waits for the next one.
        (None, KeyName::Types(c))
            if c != ' ' && !modifiers.ctrl && !modifiers.alt && !modifiers.meta =>
        {
            "Dead".to_owned()
        }
        (None, name) => name.with_shift(modifiers.shift),
    }
}

fn is_alt_graph(press: KeyPress<'_>) -> bool {
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
