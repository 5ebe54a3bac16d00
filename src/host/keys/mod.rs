//! Finds keys by name: by the DOM's words and by the computers API's, it tells what Chromium wants to know of them.

pub(crate) mod chords;
mod table;

use crate::model::KeyInput;
use table::KEYS;

/// One key of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct TableKey {
    /// `KeyboardEvent.code`.
    pub code: &'static str,
    /// `KeyboardEvent.key`, on a US layout.
    pub key: &'static str,
    /// `KeyboardEvent.key` while Shift is held, on a US layout.
    pub shifted: &'static str,
    /// `windowsVirtualKeyCode`, without which editing keys do nothing.
    pub virtual_key: u16,
    /// The part of the keyboard in which the key is.
    pub location: Location,
}

/// The part of the keyboard in which a key is: `KeyboardEvent.location`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// The key exists once, or nothing tells which it is.
    Standard = 0,
    /// The key is the left one of two.
    Left = 1,
    /// The key is the right one of two.
    Right = 2,
    /// The key is on the number pad.
    Numpad = 3,
}

/// Returns virtual key code and location of a key on whatever layout; `None` where neither word says anything.
///
/// The place on the keyboard goes before the meaning, but for letters: Ctrl+Z is where the layout has its Z.
pub fn lookup(code: &str, key: &str) -> Option<(u16, Location)> {
    let by_key = || KEYS.iter().find(|known| known.key == key || known.shifted == key);
    let by_code = KEYS.iter().find(|known| known.code == code);
    let letter = key.len() == 1 && key.starts_with(|c: char| c.is_ascii_alphabetic());
    let pad_without_num_lock = by_code
        .is_some_and(|known| known.location == Location::Numpad && known.key != key)
        && key.len() > 1;
    let location = by_code.map(|known| known.location);
    let found = if letter || pad_without_num_lock {
        by_key().or(by_code)
    } else {
        by_code.or_else(by_key)
    }?;
    Some((found.virtual_key, location.unwrap_or(found.location)))
}

/// Returns the key that the computers API means by `name`: a word, whatever its case, or any single character. `None`
/// for words that nobody knows.
pub fn from_rest_name(name: &str) -> Option<KeyInput> {
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Some(from_character(character));
    }
    let word: String = name
        .trim()
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .collect::<String>()
        .to_lowercase();
    let code = match word.as_str() {
        "shift" => "ShiftLeft",
        "ctrl" | "control" => "ControlLeft",
        "alt" | "option" => "AltLeft",
        "meta" | "cmd" | "command" | "super" | "win" | "windows" => "MetaLeft",
        "enter" | "return" => "Enter",
        "esc" => "Escape",
        "del" => "Delete",
        "ins" => "Insert",
        "up" => "ArrowUp",
        "down" => "ArrowDown",
        "left" => "ArrowLeft",
        "right" => "ArrowRight",
        "pgup" => "PageUp",
        "pgdn" | "pgdown" => "PageDown",
        "spacebar" => "Space",
        "menu" => "ContextMenu",
        "plus" => return Some(from_character('+')),
        "minus" => return Some(from_character('-')),
        word => word,
    };
    let known = KEYS.iter().find(|known| known.code.eq_ignore_ascii_case(code))?;
    Some(known.words(false))
}

fn from_character(character: char) -> KeyInput {
    let text = match character {
        '\n' | '\r' => {
            return KeyInput {
                key: "Enter".to_owned(),
                code: "Enter".to_owned(),
                text: Some("\r".to_owned()),
                ..KeyInput::default()
            };
        }
        '\t' => {
            return KeyInput {
                key: "Tab".to_owned(),
                code: "Tab".to_owned(),
                ..KeyInput::default()
            };
        }
        character => character.to_string(),
    };
    let known = KEYS.iter().find_map(|known| {
        (known.key == text)
            .then(|| known.words(false))
            .or_else(|| (known.shifted == text).then(|| known.words(true)))
    });
    known.unwrap_or_else(|| KeyInput { key: text.clone(), text: Some(text), ..KeyInput::default() })
}

impl TableKey {
    fn words(&self, shifted: bool) -> KeyInput {
        let key = if shifted { self.shifted } else { self.key };
        let text = match key {
            "Enter" => Some("\r".to_owned()),
            key if key.chars().count() == 1 => Some(key.to_owned()),
            _ => None,
        };
        KeyInput { key: key.to_owned(), code: self.code.to_owned(), text, ..KeyInput::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_place_and_letters_by_meaning() {
        for (code, key, virtual_key, location) in [
            ("KeyA", "a", 65, Location::Standard),
            // A German keyboard has Z where a US one has Y.
            ("KeyY", "z", 90, Location::Standard),
            // A French keyboard types & with the 1 key.
            ("Digit1", "&", 49, Location::Standard),
            ("Digit2", "é", 50, Location::Standard),
            ("ArrowLeft", "ArrowLeft", 37, Location::Standard),
            ("", "ArrowLeft", 37, Location::Standard),
            ("ShiftRight", "Shift", 16, Location::Right),
            ("Numpad4", "4", 100, Location::Numpad),
            ("Numpad4", "ArrowLeft", 37, Location::Numpad),
            ("NumpadEnter", "Enter", 13, Location::Numpad),
            ("NumpadDecimal", ",", 110, Location::Numpad),
            ("F24", "F24", 135, Location::Standard),
            ("", "?", 191, Location::Standard),
        ] {
            assert_eq!(lookup(code, key), Some((virtual_key, location)), "{code} {key}");
        }
        assert_eq!(lookup("", "ß"), None);
        assert_eq!(lookup("Unidentified", "Dead"), None);
    }

    #[test]
    fn the_words_of_the_api_are_understood() {
        for (name, key, code, text) in [
            ("ctrl", "Control", "ControlLeft", None),
            ("SHIFT", "Shift", "ShiftLeft", None),
            ("meta", "Meta", "MetaLeft", None),
            ("arrowleft", "ArrowLeft", "ArrowLeft", None),
            ("pageup", "PageUp", "PageUp", None),
            ("page_down", "PageDown", "PageDown", None),
            ("enter", "Enter", "Enter", Some("\r")),
            ("space", " ", "Space", Some(" ")),
            ("backspace", "Backspace", "Backspace", None),
            ("f11", "F11", "F11", None),
            ("a", "a", "KeyA", Some("a")),
            ("A", "A", "KeyA", Some("A")),
            ("%", "%", "Digit5", Some("%")),
            ("é", "é", "", Some("é")),
            ("1", "1", "Digit1", Some("1")),
            ("\n", "Enter", "Enter", Some("\r")),
        ] {
            let words = from_rest_name(name).unwrap();
            assert_eq!(
                (words.key.as_str(), words.code.as_str(), words.text.as_deref()),
                (key, code, text),
                "{name}"
            );
        }
        assert!(from_rest_name("hyperdrive").is_none() && from_rest_name("").is_none());
    }

    #[test]
    fn no_place_is_listed_twice() {
        for (n, key) in KEYS.iter().enumerate() {
            assert!(!KEYS[..n].iter().any(|earlier| earlier.code == key.code), "{}", key.code);
        }
    }
}
