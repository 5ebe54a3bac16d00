//! Maps window events to what a session is sent. Its only state is what is held down.

use std::collections::VecDeque;
use std::time::Instant;

use egui::{Event, ImeEvent, Key};

use super::keyboard::{AltKey, KeyPress, Keyboard};
use super::keypad::twin;
use super::keys::{self, KeyName};
use super::pointer::{PointerState, PointerTarget};
use crate::model::InputControl;

/// Maps events to controls. Each letter goes one way only: as a key with its text, or as text where no key press came
/// with it.
///
/// Whatever goes down comes up by its own release, by a lost focus, or by [`InputMapper::release_all`].
#[derive(Debug)]
pub struct InputMapper {
    keyboard: Keyboard,
    pointer: PointerState,
    /// The modifiers that egui told last. Pointer moves come without any.
    told: egui::Modifiers,
    /// The text that an input method is composing and has not committed.
    preedit: String,
    /// Whether each of the next presses of a key with a twin is on the keypad.
    on_keypad: VecDeque<bool>,
}

impl Default for InputMapper {
    fn default() -> Self {
        Self::new(if cfg!(target_os = "macos") { AltKey::Composes } else { AltKey::Chords })
    }
}

impl InputMapper {
    /// Returns a mapper with nothing held down.
    pub fn new(alt: AltKey) -> Self {
        Self {
            keyboard: Keyboard::new(alt),
            pointer: PointerState::default(),
            told: egui::Modifiers::default(),
            preedit: String::new(),
            on_keypad: VecDeque::new(),
        }
    }

    /// Tells whether nothing is held down in the session.
    pub fn is_empty(&self) -> bool {
        self.keyboard.is_empty() && self.pointer.is_empty()
    }

    /// Returns the text that an input method is composing.
    pub fn preedit(&self) -> &str {
        &self.preedit
    }

    /// Notes where the pointer is when control begins.
    pub fn begin_at(&mut self, hover: Option<egui::Pos2>) {
        self.pointer.begin_at(hover);
    }

    /// Tells of each of the next presses of a key with a twin whether it is on the keypad.
    pub fn expect(&mut self, on_keypad: impl IntoIterator<Item = bool>) {
        self.on_keypad.extend(on_keypad);
    }

    /// Maps the events of one pass. `target` is the picture that the user saw when they were made; without one, the
    /// mouse does nothing.
    pub fn map(
        &mut self,
        events: &[Event],
        target: Option<PointerTarget<'_>>,
        now: Instant,
    ) -> Vec<InputControl> {
        let mut controls = Vec::new();
        let mut events = events.iter().peekable();
        while let Some(event) = events.next() {
            match event {
                Event::Key { key, physical_key, pressed: true, modifiers, .. } => {
                    self.told = *modifiers;
                    let on_keypad =
                        twin(event).is_some() && self.on_keypad.pop_front().unwrap_or_default();
                    let next = events.peek().copied();
                    let text = next.and_then(text_of).filter(|_| is_typing_key(*key));
                    controls.push(self.keyboard.press(KeyPress {
                        key: *key,
                        physical: *physical_key,
                        modifiers: *modifiers,
                        text,
                        on_keypad,
                        is_plain_alt: matches!(next, Some(Event::ModifiersChanged(told)) if told.alt),
                    }));
                    if text.is_some() {
                        events.next();
                    }
                }
                event => self.map_single(event, target, now, &mut controls),
            }
        }
        controls
    }

    /// Lifts everything that is down, as on leaving control, on a lost focus, before a reconnect and at the end.
    pub fn release_all(&mut self) -> Vec<InputControl> {
        self.told = egui::Modifiers::default();
        self.on_keypad.clear();
        let mut released = self.pointer.release_all(self.keyboard.modifiers(self.told));
        released.extend(self.release_keys());
        released
    }

    /// Lifts the keys alone, because the keyboard now goes elsewhere.
    pub fn release_keys(&mut self) -> Vec<InputControl> {
        self.preedit.clear();
        self.keyboard.release_all()
    }

    fn map_single(
        &mut self,
        event: &Event,
        target: Option<PointerTarget<'_>>,
        now: Instant,
        controls: &mut Vec<InputControl>,
    ) {
        match event {
            Event::Key { key, physical_key, pressed: false, modifiers, .. } => {
                self.told = *modifiers;
                controls.extend(self.keyboard.release(*key, *physical_key, *modifiers));
            }
            Event::ModifiersChanged(told) => {
                self.told = *told;
                controls.extend(self.keyboard.reconcile(*told));
            }
            Event::Text(text) if self.keyboard.takes_text(self.told) => {
                controls.extend(text_control(text));
            }
            Event::Paste(text) => controls.extend(text_control(text)),
            Event::Ime(ImeEvent::Commit(text)) => {
                self.preedit.clear();
                controls.extend(text_control(text));
            }
            Event::Ime(ImeEvent::Preedit { text, .. }) => self.preedit.clone_from(text),
            Event::Copy => controls.extend(self.keyboard.tap_shortcut(Key::C)),
            Event::Cut => controls.extend(self.keyboard.tap_shortcut(Key::X)),
            Event::WindowFocused(false) => controls.extend(self.release_all()),
            Event::PointerGone => self.pointer.gone(),
            Event::PointerMoved(to) => {
                let modifiers = self.keyboard.modifiers(self.told);
                controls.extend(self.pointer.moved(*to, target, modifiers));
            }
            Event::PointerButton { pos, button, pressed, modifiers } => {
                self.told = *modifiers;
                let modifiers = self.keyboard.modifiers(*modifiers);
                controls.extend(if *pressed {
                    self.pointer.pressed(*button, *pos, target, modifiers, now)
                } else {
                    self.pointer.released(*button, *pos, target, modifiers)
                });
            }
            Event::MouseWheel { unit, delta, modifiers, .. } => {
                self.told = *modifiers;
                let modifiers = self.keyboard.modifiers(*modifiers);
                controls.extend(self.pointer.wheel(*unit, *delta, target, modifiers));
            }
            // The other events are for egui: touches also come as a pointer, and pinches zoom our view.
            _ => (),
        }
    }
}

/// Tells whether text that follows this key in the same batch belongs to it. After Enter or an arrow it does not.
fn is_typing_key(key: Key) -> bool {
    matches!(keys::name(key), KeyName::Types(_))
}

fn text_of(event: &Event) -> Option<&str> {
    match event {
        Event::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn text_control(text: &str) -> Option<InputControl> {
    (!text.is_empty()).then(|| InputControl::Text { text: text.to_owned() })
}

#[cfg(test)]
mod tests;
