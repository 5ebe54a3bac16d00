//! Describes a key with its modifiers as plain data, which is constant in the command table and text in the settings
//! file.

use std::fmt;
use std::str::FromStr;

use egui::Key;

/// The keyboard conventions that hold. On a Mac ⌘ takes the part of Ctrl, and Control is a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// The conventions of a Mac.
    Mac,
    /// The conventions of all other systems.
    Other,
}

impl Platform {
    /// The platform that runs this.
    pub const CURRENT: Self = if cfg!(target_os = "macos") { Self::Mac } else { Self::Other };
}

/// The modifiers of a [`Chord`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mods {
    /// ⌘ on a Mac and Ctrl elsewhere, which most shortcuts use.
    pub primary: bool,
    /// The key that is labeled Ctrl or Control, on every platform.
    pub control: bool,
    /// The Alt key, which is Option on a Mac.
    pub alt: bool,
    /// The Shift key.
    pub shift: bool,
}

/// A key that is pressed together with modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    /// The key itself.
    pub key: Key,
    /// The modifiers that have to be down with it.
    pub modifiers: Mods,
}

/// The reason why a text is not a chord, as one plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChordError {
    /// The text names a key that does not exist, or that no chord can have.
    #[error("“{0}” is not a key that can be bound")]
    UnknownKey(String),
    /// The text names a modifier that does not exist.
    #[error("“{0}” is not a modifier: use ctrl, alt, shift, cmd or mod")]
    UnknownModifier(String),
    /// The text names no key.
    #[error("the key is missing")]
    Empty,
}

impl Chord {
    /// Makes a chord of `key` without modifiers.
    pub const fn plain(key: Key) -> Self {
        Self { key, modifiers: Mods { primary: false, control: false, alt: false, shift: false } }
    }

    /// Makes a chord of `key` with ⌘ on a Mac, and with Ctrl elsewhere.
    pub const fn primary(key: Key) -> Self {
        Self { key, modifiers: Mods { primary: true, control: false, alt: false, shift: false } }
    }

    /// Makes a chord of `key` with the key that is labeled Ctrl, also on a Mac.
    pub const fn control(key: Key) -> Self {
        Self { key, modifiers: Mods { primary: false, control: true, alt: false, shift: false } }
    }

    /// Adds Shift to the chord.
    pub const fn with_shift(self) -> Self {
        Self { modifiers: Mods { shift: true, ..self.modifiers }, ..self }
    }

    /// Adds Alt, or Option on a Mac, to the chord.
    pub const fn with_alt(self) -> Self {
        Self { modifiers: Mods { alt: true, ..self.modifiers }, ..self }
    }

    /// Returns the chord as `platform` tells it apart. Without ⌘ keys, both names for Ctrl are one.
    pub fn on(self, platform: Platform) -> Self {
        match platform {
            Platform::Mac => self,
            Platform::Other => {
                let Mods { primary, control, alt, shift } = self.modifiers;
                Self {
                    modifiers: Mods { primary: primary || control, control: false, alt, shift },
                    ..self
                }
            }
        }
    }

    /// Returns the chord that was pressed, in the terms of [`Chord::on`].
    pub fn pressed(key: Key, modifiers: egui::Modifiers, platform: Platform) -> Self {
        let egui::Modifiers { alt, ctrl, shift, mac_cmd, command } = modifiers;
        let modifiers = match platform {
            Platform::Mac => Mods { primary: mac_cmd || command, control: ctrl, alt, shift },
            Platform::Other => Mods { primary: ctrl || command, control: false, alt, shift },
        };
        Self { key, modifiers }
    }

    /// Tells whether pressing `pressed` means this chord. Modifiers have to agree exactly, but for Shift on keys
    /// whose symbol needs Shift on one keyboard layout and not on the next: `?`, `/`, `+`, digits.
    pub fn matches(self, pressed: Self) -> bool {
        self == pressed || (self.ignores_shift() && self.with_shift() == pressed)
    }

    /// Tells whether some key press means both chords. Both must have gone through [`Chord::on`].
    pub fn overlaps(self, other: Self) -> bool {
        self.matches(other) || other.matches(self)
    }

    /// Tells whether a text field needs this press, because it types something or edits what was typed.
    pub fn belongs_to_text(self, platform: Platform) -> bool {
        let Mods { primary, control, alt, .. } = self.on(platform).modifiers;
        match platform {
            _ if primary && !control && !alt => {
                matches!(self.key, Key::A | Key::C | Key::V | Key::X | Key::Y | Key::Z)
            }
            // Option types characters on a Mac, so a chord with it belongs to the text, too.
            Platform::Mac => !primary && !control && is_typing_key(self.key),
            Platform::Other => !primary && !alt && is_typing_key(self.key),
        }
    }

    /// Returns what is printed on the keys of `platform`, such as "Ctrl+Shift+S" or "⇧⌘S".
    pub fn label(self, platform: Platform) -> String {
        let Mods { primary, control, alt, shift } = self.on(platform).modifiers;
        let names = match platform {
            Platform::Mac => [(control, "⌃"), (alt, "⌥"), (shift, "⇧"), (primary, "⌘")],
            Platform::Other => {
                [(primary, "Ctrl+"), (control, ""), (alt, "Alt+"), (shift, "Shift+")]
            }
        };
        let mut label: String =
            names.into_iter().filter(|(held, _)| *held).map(|(_, name)| name).collect();
        label.push_str(key_label(self.key));
        label
    }

    /// Returns the chord as the settings file has it, such as "mod+shift+s", which can be read again.
    pub fn setting(self) -> String {
        let Mods { primary, control, alt, shift } = self.modifiers;
        let names = [(primary, "mod+"), (control, "ctrl+"), (alt, "alt+"), (shift, "shift+")];
        let mut text: String =
            names.into_iter().filter(|(held, _)| *held).map(|(_, name)| name).collect();
        text.push_str(&self.key.name().to_lowercase());
        text
    }

    fn ignores_shift(self) -> bool {
        !self.modifiers.shift && is_symbol_or_digit(self.key)
    }
}

/// Writes the label on the platform that runs this.
impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label(Platform::CURRENT))
    }
}

/// Reads chords such as "ctrl+alt+g", "mod+s", "?" and "ctrl++" in any case. `mod` is ⌘ on a Mac and Ctrl elsewhere.
impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let text = text.trim();
        let (modifiers, key) = match text.strip_suffix('+') {
            Some("") => ("", "+"),
            Some(before) => (before.strip_suffix('+').ok_or(ChordError::Empty)?, "+"),
            None => text.rsplit_once('+').unwrap_or(("", text)),
        };
        let mut chord = Self::plain(key_from_text(key.trim())?);
        for modifier in modifiers.split('+').map(str::trim).filter(|name| !name.is_empty()) {
            let held = &mut chord.modifiers;
            match modifier.to_ascii_lowercase().as_str() {
                "mod" | "cmd" | "command" | "super" | "⌘" => held.primary = true,
                "ctrl" | "control" | "⌃" => held.control = true,
                "alt" | "option" | "⌥" => held.alt = true,
                "shift" | "⇧" => held.shift = true,
                _ => return Err(ChordError::UnknownModifier(modifier.to_owned())),
            }
        }
        Ok(chord)
    }
}

fn key_from_text(text: &str) -> Result<Key, ChordError> {
    if text.is_empty() {
        return Err(ChordError::Empty);
    }
    let alias = match text.to_ascii_lowercase().as_str() {
        "esc" => Some(Key::Escape),
        "return" => Some(Key::Enter),
        "del" => Some(Key::Delete),
        "ins" => Some(Key::Insert),
        "pgup" => Some(Key::PageUp),
        "pgdn" | "pgdown" => Some(Key::PageDown),
        _ => Key::from_name(text),
    };
    alias
        .or_else(|| Key::ALL.iter().copied().find(|key| key.name().eq_ignore_ascii_case(text)))
        .filter(|key| is_bindable(*key))
        .ok_or_else(|| ChordError::UnknownKey(text.to_owned()))
}

/// Tells whether a key can be part of a chord. Modifiers alone are none, and the copy, cut and paste keys never arrive
/// as key presses.
pub(super) fn is_bindable(key: Key) -> bool {
    !matches!(
        key,
        Key::Copy
            | Key::Cut
            | Key::Paste
            | Key::ShiftLeft
            | Key::ShiftRight
            | Key::ControlLeft
            | Key::ControlRight
            | Key::AltLeft
            | Key::AltRight
            | Key::SuperLeft
            | Key::SuperRight
            | Key::CapsLock
            | Key::NumLock
            | Key::Fn
    )
}

fn is_symbol_or_digit(key: Key) -> bool {
    let label = key_label(key);
    label.chars().count() == 1 && !label.chars().all(char::is_alphabetic)
}

/// Tells whether a key puts a character into a text field, moves in it, or deletes from it.
fn is_typing_key(key: Key) -> bool {
    const NAMED: [Key; 16] = [
        Key::Space,
        Key::Enter,
        Key::Tab,
        Key::Escape,
        Key::Backspace,
        Key::Delete,
        Key::Insert,
        Key::Home,
        Key::End,
        Key::PageUp,
        Key::PageDown,
        Key::ArrowLeft,
        Key::ArrowRight,
        Key::ArrowUp,
        Key::ArrowDown,
        Key::IntlBackslash,
    ];
    key_label(key).chars().count() == 1 || NAMED.contains(&key)
}

/// Returns the label of a key. It is a word where no font that is always there has egui's own symbol.
fn key_label(key: Key) -> &'static str {
    match key {
        Key::ArrowLeft => "Left",
        Key::ArrowRight => "Right",
        Key::ArrowUp => "Up",
        Key::ArrowDown => "Down",
        Key::Minus => "-",
        Key::Quote => "'",
        Key::PageUp => "Page Up",
        Key::PageDown => "Page Down",
        Key::BrowserBack => "Browser Back",
        Key::BrowserForward => "Browser Forward",
        Key::BrowserRefresh => "Browser Refresh",
        Key::BrowserStop => "Browser Stop",
        other => other.symbol_or_name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let ctrl_alt_g = Chord::control(Key::G).with_alt();
        for (text, chord) in [
            ("ctrl+alt+g", Ok(ctrl_alt_g)),
            (" Ctrl + Alt + G ", Ok(ctrl_alt_g)),
            ("mod+s", Ok(Chord::primary(Key::S))),
            ("⇧+⌘+S", Ok(Chord::primary(Key::S).with_shift())),
            ("i", Ok(Chord::plain(Key::I))),
            ("?", Ok(Chord::plain(Key::Questionmark))),
            ("/", Ok(Chord::plain(Key::Slash))),
            ("+", Ok(Chord::plain(Key::Plus))),
            ("ctrl++", Ok(Chord::control(Key::Plus))),
            ("ctrl+plus", Ok(Chord::control(Key::Plus))),
            ("-", Ok(Chord::plain(Key::Minus))),
            ("shift+esc", Ok(Chord::plain(Key::Escape).with_shift())),
            ("pagedown", Ok(Chord::plain(Key::PageDown))),
            ("alt+left", Ok(Chord::plain(Key::ArrowLeft).with_alt())),
            ("f11", Ok(Chord::plain(Key::F11))),
            ("", Err(ChordError::Empty)),
            ("ctrl+", Err(ChordError::Empty)),
            ("hyper+x", Err(ChordError::UnknownModifier("hyper".to_owned()))),
            ("ctrl+wheel", Err(ChordError::UnknownKey("wheel".to_owned()))),
            ("shiftleft", Err(ChordError::UnknownKey("shiftleft".to_owned()))),
        ] {
            assert_eq!(text.parse(), chord, "{text}");
        }
    }

    #[test]
    fn labels_follow_the_platform_and_can_be_read_back() {
        for (chord, other, mac) in [
            (Chord::primary(Key::S).with_shift(), "Ctrl+Shift+S", "⇧⌘S"),
            (Chord::control(Key::G).with_alt(), "Ctrl+Alt+G", "⌃⌥G"),
            (Chord::plain(Key::ArrowLeft).with_alt(), "Alt+Left", "⌥Left"),
            (Chord::primary(Key::Plus), "Ctrl++", "⌘+"),
            (Chord::primary(Key::PageDown), "Ctrl+Page Down", "⌘Page Down"),
        ] {
            assert_eq!(chord.label(Platform::Other), other);
            assert_eq!(chord.label(Platform::Mac), mac);
        }
        let again: Chord = Chord::primary(Key::Plus).label(Platform::Other).parse().unwrap();
        assert!(again.on(Platform::Other).overlaps(Chord::primary(Key::Plus).on(Platform::Other)));
    }

    #[test]
    fn every_chord_can_be_read_back_from_the_settings() {
        for &key in Key::ALL.iter().filter(|key| is_bindable(**key)) {
            for chord in [
                Chord::plain(key),
                Chord::primary(key).with_shift(),
                Chord::control(key).with_alt(),
            ] {
                assert_eq!(chord.setting().parse(), Ok(chord), "{}", chord.setting());
            }
        }
        assert_eq!(Chord::primary(Key::PageDown).with_shift().setting(), "mod+shift+pagedown");
    }

    #[test]
    fn modifiers_have_to_agree_but_for_the_shift_of_a_symbol() {
        let press = |key, modifiers| Chord::pressed(key, modifiers, Platform::Other);
        let ctrl_shift = egui::Modifiers::CTRL | egui::Modifiers::SHIFT;
        for (chord, pressed, matches) in [
            (Chord::primary(Key::Q), press(Key::Q, egui::Modifiers::CTRL), true),
            (Chord::primary(Key::Q), press(Key::Q, ctrl_shift), false),
            (Chord::primary(Key::Q), press(Key::Q, ctrl_shift | egui::Modifiers::ALT), false),
            (Chord::plain(Key::I), press(Key::I, egui::Modifiers::NONE), true),
            (Chord::plain(Key::I), press(Key::I, egui::Modifiers::SHIFT), false),
            // On the US layout `?` is Shift+/. On the German one it is Shift+ß, and `/` is Shift+7. French digits need
            // Shift.
            (
                Chord::plain(Key::Questionmark),
                press(Key::Questionmark, egui::Modifiers::SHIFT),
                true,
            ),
            (Chord::plain(Key::Slash), press(Key::Slash, egui::Modifiers::SHIFT), true),
            (Chord::plain(Key::Plus), press(Key::Plus, egui::Modifiers::NONE), true),
            (Chord::primary(Key::Plus), press(Key::Plus, ctrl_shift), true),
            (Chord::plain(Key::Num6), press(Key::Num6, egui::Modifiers::SHIFT), true),
            (Chord::plain(Key::Plus), press(Key::Plus, ctrl_shift), false),
            (Chord::plain(Key::ArrowLeft), press(Key::ArrowLeft, egui::Modifiers::SHIFT), false),
        ] {
            assert_eq!(
                chord.on(Platform::Other).matches(pressed),
                matches,
                "{chord:?} {pressed:?}"
            );
        }
    }

    #[test]
    fn control_and_command_differ_only_on_a_mac() {
        let (control, primary) = (Chord::control(Key::Tab), Chord::primary(Key::Tab));
        assert!(control.on(Platform::Other).overlaps(primary.on(Platform::Other)));
        assert!(!control.on(Platform::Mac).overlaps(primary.on(Platform::Mac)));
        let command = egui::Modifiers { mac_cmd: true, command: true, ..Default::default() };
        assert!(primary.matches(Chord::pressed(Key::Tab, command, Platform::Mac)));
        assert!(!primary.matches(Chord::pressed(Key::Tab, egui::Modifiers::CTRL, Platform::Mac)));
    }

    #[test]
    fn a_text_field_keeps_what_types_or_edits() {
        for (chord, belongs) in [
            (Chord::plain(Key::I), true),
            (Chord::plain(Key::Questionmark), true),
            (Chord::plain(Key::ArrowLeft), true),
            (Chord::plain(Key::Escape), true),
            (Chord::primary(Key::V), true),
            (Chord::primary(Key::K), false),
            (Chord::plain(Key::F5), false),
            (Chord::control(Key::G).with_alt(), false),
        ] {
            assert_eq!(chord.belongs_to_text(Platform::Other), belongs, "{chord}");
            assert_eq!(chord.belongs_to_text(Platform::Mac), belongs, "{chord} on a Mac");
        }
    }
}
