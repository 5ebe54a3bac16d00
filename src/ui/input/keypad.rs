//! Tells the keys of the keypad from their twins elsewhere on the keyboard. egui gives both one name, so whoever owns the
//! windows notes beside which one it was.

use std::collections::VecDeque;

use egui::{Event, Key};

/// More presses than this in one pass are nobody's.
const MAX_NOTES: usize = 256;

/// The presses of keys with a twin that were noted and whose input has not come yet.
#[derive(Debug, Default)]
pub struct KeypadNotes(VecDeque<TwinPress>);

/// A press of a key with a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TwinPress {
    place: Key,
    on_keypad: bool,
}

/// The presses of keys with a twin in a batch of input.
#[derive(Debug, Default)]
pub struct KeypadPlaces(Vec<(Event, bool)>);

impl KeypadNotes {
    /// Notes a press. `place` is where the key is, as egui names it.
    pub fn note(&mut self, place: Key, on_keypad: bool) {
        if self.0.len() == MAX_NOTES {
            self.0.pop_front();
        }
        self.0.push_back(TwinPress { place, on_keypad });
    }

    /// Finds the notes of a batch of input, and forgets them.
    pub fn places_of(&mut self, events: &[Event]) -> KeypadPlaces {
        let twins = events.iter().filter_map(|event| Some((event, twin(event)?)));
        let places = twins.map(|(event, place)| {
            let at = self.0.iter().position(|press| press.place == place);
            // What was noted before it never came as input.
            let press = at.and_then(|at| self.0.drain(..=at).next_back());
            (event.clone(), press.is_some_and(|press| press.on_keypad))
        });
        KeypadPlaces(places.collect())
    }
}

impl KeypadPlaces {
    /// Returns for each press of a key with a twin in `taken`, which is a part of the batch, whether it is on the
    /// keypad.
    pub fn among(self, taken: &[Event]) -> impl Iterator<Item = bool> {
        let mut places = self.0.into_iter();
        taken.iter().filter(|event| twin(event).is_some()).map(move |event| {
            places.find(|(of, _)| of == event).is_some_and(|(_, on_keypad)| on_keypad)
        })
    }
}

/// Returns the place of a press where the keyboard has two keys of that name.
pub(super) fn twin(event: &Event) -> Option<Key> {
    match event {
        Event::Key { physical_key: Some(place), pressed: true, .. } => {
            keypad_code(*place).map(|_| *place)
        }
        _ => None,
    }
}

/// Returns `KeyboardEvent.code` of the key on the keypad that egui names like another one.
pub(super) fn keypad_code(place: Key) -> Option<&'static str> {
    match place {
        Key::Num0 => Some("Numpad0"),
        Key::Num1 => Some("Numpad1"),
        Key::Num2 => Some("Numpad2"),
        Key::Num3 => Some("Numpad3"),
        Key::Num4 => Some("Numpad4"),
        Key::Num5 => Some("Numpad5"),
        Key::Num6 => Some("Numpad6"),
        Key::Num7 => Some("Numpad7"),
        Key::Num8 => Some("Numpad8"),
        Key::Num9 => Some("Numpad9"),
        Key::Enter => Some("NumpadEnter"),
        Key::Slash => Some("NumpadDivide"),
        Key::Minus => Some("NumpadSubtract"),
        Key::Period => Some("NumpadDecimal"),
        Key::Comma => Some("NumpadComma"),
        Key::Equals => Some("NumpadEqual"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;

    fn press(key: Key) -> Event {
        let modifiers = Modifiers::NONE;
        Event::Key { key, physical_key: Some(key), pressed: true, repeat: false, modifiers }
    }

    #[test]
    fn every_press_keeps_its_own_place() {
        let mut notes = KeypadNotes::default();
        // An Enter that was noted and swallowed, then both keys for 1, then one that the window took.
        for (key, on_keypad) in [
            (Key::Enter, true),
            (Key::Num1, true),
            (Key::Num1, false),
            (Key::Slash, false),
            (Key::Num2, true),
        ] {
            notes.note(key, on_keypad);
        }
        let [one, slash, two] = [Key::Num1, Key::Slash, Key::Num2].map(press);
        let batch = [one.clone(), press(Key::A), one.clone(), slash, two.clone()];
        let taken = [one.clone(), press(Key::A), one, two];
        let among: Vec<_> = notes.places_of(&batch).among(&taken).collect();
        assert_eq!(among, [true, false, true]);
        assert!(notes.0.is_empty());
        // Without a note, as where nobody looks, it is the usual key.
        assert_eq!(notes.places_of(&batch).among(&batch).collect::<Vec<_>>(), [false; 4]);
    }
}
