//! Names egui's keys as the DOM's `KeyboardEvent` does.

use egui::Key;

use super::keypad::keypad_code;

/// What `KeyboardEvent.key` is for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// The name says what the key does; it types nothing.
    Named(&'static str),
    /// The character that the key types without Shift; letters are lower case.
    Types(char),
}

impl KeyName {
    /// Returns `KeyboardEvent.key`. With `shift` a letter is upper case.
    pub fn with_shift(self, shift: bool) -> String {
        match self {
            Self::Named(name) => name.to_owned(),
            Self::Types(c) if shift => c.to_ascii_uppercase().to_string(),
            Self::Types(c) => c.to_string(),
        }
    }
}

/// A modifier, as far as its key alone tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModifierKey {
    /// Either Shift.
    Shift,
    /// Either Ctrl.
    Control,
    /// The left Alt, which is Option on a Mac.
    Alt,
    /// The right Alt, which is AltGr on most layouts outside the US.
    AltRight,
    /// Either Super or Windows key, or ⌘ on a Mac.
    Meta,
}

impl ModifierKey {
    /// Returns the modifier that `key` is, if it is one.
    pub fn of(key: Key) -> Option<Self> {
        match key {
            Key::ShiftLeft | Key::ShiftRight => Some(Self::Shift),
            Key::ControlLeft | Key::ControlRight => Some(Self::Control),
            Key::AltLeft => Some(Self::Alt),
            Key::AltRight => Some(Self::AltRight),
            Key::SuperLeft | Key::SuperRight => Some(Self::Meta),
            _ => None,
        }
    }
}

/// Returns `KeyboardEvent.code` of the key at `physical`, or a likely one for `logical` where the place is not told.
pub fn code(logical: Key, physical: Option<Key>) -> &'static str {
    match (logical, physical) {
        // Only a numpad without NumLock has these keys on a digit. egui drops the location, and this brings it back.
        (
            Key::ArrowDown
            | Key::ArrowLeft
            | Key::ArrowRight
            | Key::ArrowUp
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown
            | Key::Insert
            | Key::Clear,
            Some(digit),
        ) => keypad_code(digit).unwrap_or_else(|| code_at(digit)),
        (_, place) => code_at(place.unwrap_or(logical)),
    }
}

/// Returns the code of each key of egui, taken as a place on the keyboard. There is no `_` arm, because a new key has
/// to be thought about.
fn code_at(key: Key) -> &'static str {
    match key {
        Key::ArrowDown => "ArrowDown",
        Key::ArrowLeft => "ArrowLeft",
        Key::ArrowRight => "ArrowRight",
        Key::ArrowUp => "ArrowUp",
        Key::Escape => "Escape",
        Key::Tab => "Tab",
        Key::Backspace => "Backspace",
        Key::Enter => "Enter",
        Key::Insert => "Insert",
        Key::Delete => "Delete",
        Key::Home => "Home",
        Key::End => "End",
        Key::PageUp => "PageUp",
        Key::PageDown => "PageDown",
        Key::Copy => "Copy",
        Key::Cut => "Cut",
        Key::Paste => "Paste",
        Key::Space => "Space",
        Key::Colon | Key::Semicolon => "Semicolon",
        Key::Comma => "Comma",
        Key::Backslash | Key::Pipe => "Backslash",
        Key::Slash | Key::Questionmark => "Slash",
        Key::Exclamationmark | Key::Num1 => "Digit1",
        Key::OpenBracket | Key::OpenCurlyBracket => "BracketLeft",
        Key::CloseBracket | Key::CloseCurlyBracket => "BracketRight",
        Key::Backtick => "Backquote",
        Key::Minus => "Minus",
        Key::Period => "Period",
        Key::Plus => "NumpadAdd",
        Key::Equals => "Equal",
        Key::Quote => "Quote",
        Key::Num0 => "Digit0",
        Key::Num2 => "Digit2",
        Key::Num3 => "Digit3",
        Key::Num4 => "Digit4",
        Key::Num5 => "Digit5",
        Key::Num6 => "Digit6",
        Key::Num7 => "Digit7",
        Key::Num8 => "Digit8",
        Key::Num9 => "Digit9",
        Key::A => "KeyA",
        Key::B => "KeyB",
        Key::C => "KeyC",
        Key::D => "KeyD",
        Key::E => "KeyE",
        Key::F => "KeyF",
        Key::G => "KeyG",
        Key::H => "KeyH",
        Key::I => "KeyI",
        Key::J => "KeyJ",
        Key::K => "KeyK",
        Key::L => "KeyL",
        Key::M => "KeyM",
        Key::N => "KeyN",
        Key::O => "KeyO",
        Key::P => "KeyP",
        Key::Q => "KeyQ",
        Key::R => "KeyR",
        Key::S => "KeyS",
        Key::T => "KeyT",
        Key::U => "KeyU",
        Key::V => "KeyV",
        Key::W => "KeyW",
        Key::X => "KeyX",
        Key::Y => "KeyY",
        Key::Z => "KeyZ",
        Key::F1 => "F1",
        Key::F2 => "F2",
        Key::F3 => "F3",
        Key::F4 => "F4",
        Key::F5 => "F5",
        Key::F6 => "F6",
        Key::F7 => "F7",
        Key::F8 => "F8",
        Key::F9 => "F9",
        Key::F10 => "F10",
        Key::F11 => "F11",
        Key::F12 => "F12",
        Key::F13 => "F13",
        Key::F14 => "F14",
        Key::F15 => "F15",
        Key::F16 => "F16",
        Key::F17 => "F17",
        Key::F18 => "F18",
        Key::F19 => "F19",
        Key::F20 => "F20",
        Key::F21 => "F21",
        Key::F22 => "F22",
        Key::F23 => "F23",
        Key::F24 => "F24",
        Key::F25 => "F25",
        Key::F26 => "F26",
        Key::F27 => "F27",
        Key::F28 => "F28",
        Key::F29 => "F29",
        Key::F30 => "F30",
        Key::F31 => "F31",
        Key::F32 => "F32",
        Key::F33 => "F33",
        Key::F34 => "F34",
        Key::F35 => "F35",
        Key::BrowserBack => "BrowserBack",
        Key::BrowserForward => "BrowserForward",
        Key::BrowserRefresh => "BrowserRefresh",
        Key::BrowserSearch => "BrowserSearch",
        Key::BrowserHome => "BrowserHome",
        Key::BrowserFavorites => "BrowserFavorites",
        Key::BrowserStop => "BrowserStop",
        Key::MediaPlayPause => "MediaPlayPause",
        Key::MediaTrackNext => "MediaTrackNext",
        Key::MediaTrackPrevious => "MediaTrackPrevious",
        Key::MediaStop => "MediaStop",
        Key::AudioVolumeMute => "AudioVolumeMute",
        Key::AudioVolumeDown => "AudioVolumeDown",
        Key::AudioVolumeUp => "AudioVolumeUp",
        Key::LaunchMail => "LaunchMail",
        Key::LaunchApp1 => "LaunchApp1",
        Key::LaunchApp2 => "LaunchApp2",
        Key::ShiftLeft => "ShiftLeft",
        Key::ShiftRight => "ShiftRight",
        Key::ControlLeft => "ControlLeft",
        Key::ControlRight => "ControlRight",
        Key::AltLeft => "AltLeft",
        Key::AltRight => "AltRight",
        Key::SuperLeft => "MetaLeft",
        Key::SuperRight => "MetaRight",
        Key::IntlBackslash => "IntlBackslash",
        Key::CapsLock => "CapsLock",
        Key::NumLock => "NumLock",
        Key::ScrollLock => "ScrollLock",
        Key::PrintScreen => "PrintScreen",
        Key::Pause => "Pause",
        Key::Menu => "ContextMenu",
        Key::Fn => "Fn",
        Key::Eject => "Eject",
        Key::Help => "Help",
        Key::Power => "Power",
        Key::Sleep => "Sleep",
        Key::Clear => "NumpadClear",
    }
}

/// Returns the name of a key when no text comes with it.
pub fn name(key: Key) -> KeyName {
    use KeyName::{Named, Types};
    match key {
        Key::ArrowDown => Named("ArrowDown"),
        Key::ArrowLeft => Named("ArrowLeft"),
        Key::ArrowRight => Named("ArrowRight"),
        Key::ArrowUp => Named("ArrowUp"),
        Key::Escape => Named("Escape"),
        Key::Tab => Named("Tab"),
        Key::Backspace => Named("Backspace"),
        Key::Enter => Named("Enter"),
        Key::Insert => Named("Insert"),
        Key::Delete => Named("Delete"),
        Key::Home => Named("Home"),
        Key::End => Named("End"),
        Key::PageUp => Named("PageUp"),
        Key::PageDown => Named("PageDown"),
        Key::Copy => Named("Copy"),
        Key::Cut => Named("Cut"),
        Key::Paste => Named("Paste"),
        Key::Space => Types(' '),
        Key::Colon => Types(':'),
        Key::Comma => Types(','),
        Key::Backslash => Types('\\'),
        Key::Slash => Types('/'),
        Key::Pipe => Types('|'),
        Key::Questionmark => Types('?'),
        Key::Exclamationmark => Types('!'),
        Key::OpenBracket => Types('['),
        Key::CloseBracket => Types(']'),
        Key::OpenCurlyBracket => Types('{'),
        Key::CloseCurlyBracket => Types('}'),
        Key::Backtick => Types('`'),
        Key::Minus => Types('-'),
        Key::Period => Types('.'),
        Key::Plus => Types('+'),
        Key::Equals => Types('='),
        Key::Semicolon => Types(';'),
        Key::Quote => Types('\''),
        Key::Num0 => Types('0'),
        Key::Num1 => Types('1'),
        Key::Num2 => Types('2'),
        Key::Num3 => Types('3'),
        Key::Num4 => Types('4'),
        Key::Num5 => Types('5'),
        Key::Num6 => Types('6'),
        Key::Num7 => Types('7'),
        Key::Num8 => Types('8'),
        Key::Num9 => Types('9'),
        Key::A => Types('a'),
        Key::B => Types('b'),
        Key::C => Types('c'),
        Key::D => Types('d'),
        Key::E => Types('e'),
        Key::F => Types('f'),
        Key::G => Types('g'),
        Key::H => Types('h'),
        Key::I => Types('i'),
        Key::J => Types('j'),
        Key::K => Types('k'),
        Key::L => Types('l'),
        Key::M => Types('m'),
        Key::N => Types('n'),
        Key::O => Types('o'),
        Key::P => Types('p'),
        Key::Q => Types('q'),
        Key::R => Types('r'),
        Key::S => Types('s'),
        Key::T => Types('t'),
        Key::U => Types('u'),
        Key::V => Types('v'),
        Key::W => Types('w'),
        Key::X => Types('x'),
        Key::Y => Types('y'),
        Key::Z => Types('z'),
        Key::F1 => Named("F1"),
        Key::F2 => Named("F2"),
        Key::F3 => Named("F3"),
        Key::F4 => Named("F4"),
        Key::F5 => Named("F5"),
        Key::F6 => Named("F6"),
        Key::F7 => Named("F7"),
        Key::F8 => Named("F8"),
        Key::F9 => Named("F9"),
        Key::F10 => Named("F10"),
        Key::F11 => Named("F11"),
        Key::F12 => Named("F12"),
        Key::F13 => Named("F13"),
        Key::F14 => Named("F14"),
        Key::F15 => Named("F15"),
        Key::F16 => Named("F16"),
        Key::F17 => Named("F17"),
        Key::F18 => Named("F18"),
        Key::F19 => Named("F19"),
        Key::F20 => Named("F20"),
        Key::F21 => Named("F21"),
        Key::F22 => Named("F22"),
        Key::F23 => Named("F23"),
        Key::F24 => Named("F24"),
        Key::F25 => Named("F25"),
        Key::F26 => Named("F26"),
        Key::F27 => Named("F27"),
        Key::F28 => Named("F28"),
        Key::F29 => Named("F29"),
        Key::F30 => Named("F30"),
        Key::F31 => Named("F31"),
        Key::F32 => Named("F32"),
        Key::F33 => Named("F33"),
        Key::F34 => Named("F34"),
        Key::F35 => Named("F35"),
        Key::BrowserBack => Named("BrowserBack"),
        Key::BrowserForward => Named("BrowserForward"),
        Key::BrowserRefresh => Named("BrowserRefresh"),
        Key::BrowserSearch => Named("BrowserSearch"),
        Key::BrowserHome => Named("BrowserHome"),
        Key::BrowserFavorites => Named("BrowserFavorites"),
        Key::BrowserStop => Named("BrowserStop"),
        Key::MediaPlayPause => Named("MediaPlayPause"),
        Key::MediaTrackNext => Named("MediaTrackNext"),
        Key::MediaTrackPrevious => Named("MediaTrackPrevious"),
        Key::MediaStop => Named("MediaStop"),
        Key::AudioVolumeMute => Named("AudioVolumeMute"),
        Key::AudioVolumeDown => Named("AudioVolumeDown"),
        Key::AudioVolumeUp => Named("AudioVolumeUp"),
        Key::LaunchMail => Named("LaunchMail"),
        Key::LaunchApp1 => Named("LaunchApplication1"),
        Key::LaunchApp2 => Named("LaunchApplication2"),
        Key::ShiftLeft | Key::ShiftRight => Named("Shift"),
        Key::ControlLeft | Key::ControlRight => Named("Control"),
        Key::AltLeft | Key::AltRight => Named("Alt"),
        Key::SuperLeft | Key::SuperRight => Named("Meta"),
        // This is the key to the right of the left Shift, as most layouts that have it label it.
        Key::IntlBackslash => Types('<'),
        Key::CapsLock => Named("CapsLock"),
        Key::NumLock => Named("NumLock"),
        Key::ScrollLock => Named("ScrollLock"),
        Key::PrintScreen => Named("PrintScreen"),
        Key::Pause => Named("Pause"),
        Key::Menu => Named("ContextMenu"),
        Key::Fn => Named("Fn"),
        Key::Eject => Named("Eject"),
        Key::Help => Named("Help"),
        Key::Power => Named("Power"),
        Key::Sleep => Named("Standby"),
        Key::Clear => Named("Clear"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_has_a_code_and_a_name() {
        for &key in Key::ALL {
            let code = code(key, None);
            assert!(code.starts_with(|c: char| c.is_ascii_uppercase()), "{key:?}: {code}");
            assert!(code.chars().all(|c| c.is_ascii_alphanumeric()), "{key:?}: {code}");
            match name(key) {
                KeyName::Named(name) => assert!(name.len() > 1, "{key:?}"),
                KeyName::Types(c) => assert!(!c.is_ascii_uppercase() && !c.is_control(), "{key:?}"),
            }
        }
    }

    #[test]
    fn no_two_places_share_a_code() {
        // These keys are symbols and not places, so egui reports them as logical keys only.
        let symbols = [
            Key::Colon,
            Key::Pipe,
            Key::Questionmark,
            Key::Exclamationmark,
            Key::OpenCurlyBracket,
            Key::CloseCurlyBracket,
        ];
        let places = Key::ALL.iter().filter(|key| !symbols.contains(key));
        let mut seen = BTreeSet::new();
        for &key in places {
            assert!(seen.insert(code(key, Some(key))), "{key:?} shares {}", code(key, Some(key)));
        }
    }

    #[test]
    fn names_and_codes_are_those_of_the_dom() {
        let check = |logical, physical, wanted_code: &str, wanted_name: &str| {
            assert_eq!(code(logical, physical), wanted_code, "{logical:?}");
            assert_eq!(name(logical).with_shift(false), wanted_name, "{logical:?}");
        };
        check(Key::A, Some(Key::Q), "KeyQ", "a");
        check(Key::Num1, Some(Key::Num1), "Digit1", "1");
        check(Key::Plus, Some(Key::Plus), "NumpadAdd", "+");
        check(Key::Plus, Some(Key::CloseBracket), "BracketRight", "+");
        check(Key::ArrowLeft, Some(Key::Num4), "Numpad4", "ArrowLeft");
        check(Key::ArrowLeft, Some(Key::ArrowLeft), "ArrowLeft", "ArrowLeft");
        check(Key::Space, None, "Space", " ");
        check(Key::SuperRight, None, "MetaRight", "Meta");
        check(Key::Menu, None, "ContextMenu", "ContextMenu");
        check(Key::Sleep, None, "Sleep", "Standby");
        check(Key::LaunchApp2, None, "LaunchApp2", "LaunchApplication2");
        assert_eq!(name(Key::W).with_shift(true), "W");
    }
}
