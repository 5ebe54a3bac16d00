//! Knows which keys and mouse buttons are pressed down, with the one rule that says which press a release belongs to.

use super::MouseButton;

/// This is more than a person and a keyboard can hold; it bounds what a faulty sender could pile up.
const MAX_KEYS: usize = 64;

/// The two words that the DOM has for a key.
pub trait KeyIdentity {
    /// Returns `KeyboardEvent.code`, the place of the key; empty where it is not told.
    fn code(&self) -> &str;
    /// Returns `KeyboardEvent.key`, what the key means. Shift and the layout may change it between press and release.
    fn key(&self) -> &str;
}

/// The keys and buttons that are down.
#[derive(Clone, Debug)]
pub struct Held<K> {
    /// The keys, in the order of their presses.
    pub keys: HeldKeys<K>,
    /// The buttons, in the order of their presses.
    pub buttons: HeldButtons,
}

/// The keys that are down, each as it was pressed.
///
/// A press and a release are of the same key if their places are equal, or, where one tells no place, if their
/// meanings are equal in whatever case. A release without a place that matches no press belongs to the last key that
/// Shift may have renamed: Shift+1 goes down as "!" and comes up as "1".
#[derive(Clone, Debug)]
pub struct HeldKeys<K> {
    /// Invariant: no two are the same key. They stand in the order of their presses.
    keys: Vec<K>,
}

/// The mouse buttons that are down.
#[derive(Clone, Debug, Default)]
pub struct HeldButtons {
    /// Invariant: no button stands here twice. They stand in the order of their presses.
    buttons: Vec<HeldButton>,
}

/// One mouse button that is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldButton {
    /// Which button it is.
    pub button: MouseButton,
    /// The number of the click that it began: 1 for a click, 2 for the second press of a double click, …
    pub clicks: u8,
}

impl<K> Default for Held<K> {
    fn default() -> Self {
        Self { keys: HeldKeys::default(), buttons: HeldButtons::default() }
    }
}

impl<K> Held<K> {
    /// Tells whether nothing is down.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.buttons.is_empty()
    }
}

impl<K> Default for HeldKeys<K> {
    fn default() -> Self {
        Self { keys: Vec::new() }
    }
}

impl<K> HeldKeys<K> {
    /// Tells whether no key is down.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the keys in the order of their presses.
    pub fn iter(&self) -> std::slice::Iter<'_, K> {
        self.keys.iter()
    }

    /// Takes out the key that was pressed last.
    pub fn pop(&mut self) -> Option<K> {
        self.keys.pop()
    }

    /// Takes out the first key for which `is_it` holds.
    pub fn take(&mut self, is_it: impl FnMut(&K) -> bool) -> Option<K> {
        let at = self.keys.iter().position(is_it)?;
        Some(self.keys.remove(at))
    }
}

impl<K: KeyIdentity> HeldKeys<K> {
    /// Notes a press. Returns `false` where the key is down already; its first press stays.
    pub fn press(&mut self, key: K) -> bool {
        let is_new = self.find(&key).is_none();
        if is_new {
            self.keys.push(key);
        }
        is_new
    }

    /// Returns the press that keeps this key down.
    pub fn get(&self, key: &impl KeyIdentity) -> Option<&K> {
        self.find(key).map(|at| &self.keys[at])
    }

    /// Takes out the press that this release belongs to.
    pub fn release(&mut self, key: &impl KeyIdentity) -> Option<K> {
        self.find_released(key).map(|at| self.keys.remove(at))
    }

    /// Tells whether this is the release of a key that is down.
    pub fn is_released_by(&self, key: &impl KeyIdentity) -> bool {
        self.find_released(key).is_some()
    }

    /// Tells whether there is room for a press of this key. A repeat always has room.
    pub fn has_room_for(&self, key: &impl KeyIdentity) -> bool {
        self.keys.len() < MAX_KEYS || self.find(key).is_some()
    }

    fn find(&self, key: &impl KeyIdentity) -> Option<usize> {
        let place = key.code();
        if !place.is_empty()
            && let Some(at) = self.keys.iter().rposition(|held| held.code() == place)
        {
            return Some(at);
        }
        let meaning = fold_case(key.key());
        self.keys.iter().rposition(|held| {
            (place.is_empty() || held.code().is_empty()) && fold_case(held.key()) == meaning
        })
    }

    fn find_released(&self, key: &impl KeyIdentity) -> Option<usize> {
        self.find(key).or_else(|| self.keys.iter().rposition(|held| may_be_renamed(held, key)))
    }
}

impl HeldButtons {
    /// Tells whether no button is down.
    pub fn is_empty(&self) -> bool {
        self.buttons.is_empty()
    }

    /// Notes a press. Returns `false` where the button is down already; its first press stays.
    pub fn press(&mut self, button: MouseButton, clicks: u8) -> bool {
        let is_new = !self.holds(button);
        if is_new {
            self.buttons.push(HeldButton { button, clicks });
        }
        is_new
    }

    /// Takes out the press that this release belongs to.
    pub fn release(&mut self, button: MouseButton) -> Option<HeldButton> {
        let at = self.buttons.iter().position(|held| held.button == button)?;
        Some(self.buttons.remove(at))
    }

    /// Tells whether the button is down.
    pub fn holds(&self, button: MouseButton) -> bool {
        self.iter().any(|held| held == button)
    }

    /// Returns the buttons in the order of their presses.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = MouseButton> {
        self.buttons.iter().map(|held| held.button)
    }

    /// Takes out the button that was pressed last.
    pub fn pop(&mut self) -> Option<HeldButton> {
        self.buttons.pop()
    }
}

/// Tells whether Shift could turn the one key into the other. It can't for two letters, of which it only changes the
/// case.
fn may_be_renamed(a: &impl KeyIdentity, b: &impl KeyIdentity) -> bool {
    let typed = |key: &str| key.chars().next().filter(|c| key.len() == c.len_utf8());
    match (typed(a.key()), typed(b.key())) {
        (Some(one), Some(other)) => {
            let no_place = a.code().is_empty() && b.code().is_empty();
            no_place && !(one.is_alphabetic() && other.is_alphabetic())
        }
        _ => false,
    }
}

/// Returns a text that is equal for all forms of one letter.
///
/// Upper case between two lower cases folds what has no single letter there ("ẞ", "ß" and "SS"). The dotted and the
/// dotless i of Turkish fold into one: a wrong match lifts a key too early, while a missed one leaves it down.
fn fold_case(key: &str) -> String {
    key.to_lowercase().to_uppercase().to_lowercase().replace("i\u{307}", "i")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place and a meaning.
    type Words = (&'static str, &'static str);

    impl KeyIdentity for Words {
        fn code(&self) -> &str {
            self.0
        }

        fn key(&self) -> &str {
            self.1
        }
    }

    #[test]
    fn a_release_finds_its_press() {
        for (down, up, is_it) in [
            // The place decides where both tell it.
            (("KeyA", "A"), ("KeyA", "a"), true),
            (("Digit1", "!"), ("Digit1", "1"), true),
            (("ShiftLeft", "Shift"), ("ShiftRight", "Shift"), false),
            (("Digit1", "1"), ("Numpad1", "1"), false),
            (("KeyQ", "a"), ("KeyA", "a"), false),
            // The meaning decides elsewhere, in whatever case.
            (("", "A"), ("", "a"), true),
            (("", "É"), ("", "é"), true),
            (("", "é"), ("", "É"), true),
            (("", "ẞ"), ("", "ß"), true),
            (("", "ß"), ("", "ẞ"), true),
            (("", "İ"), ("", "i"), true),
            (("", "I"), ("", "ı"), true),
            (("", "Σ"), ("", "ς"), true),
            (("", "Ф"), ("", "ф"), true),
            (("", "Enter"), ("", "Enter"), true),
            (("", "Shift"), ("", "Control"), false),
            (("KeyA", "A"), ("", "a"), true),
            (("", "A"), ("KeyA", "a"), true),
            (("KeyA", "a"), ("", "b"), false),
            // Shift may have given a key without a place another meaning.
            (("", "!"), ("", "1"), true),
            (("", "?"), ("", "ß"), true),
            (("", "a"), ("", "b"), false),
            (("", "Tab"), ("", "1"), false),
            (("", "1"), ("", "Tab"), false),
            (("Digit1", "!"), ("", "1"), false),
            (("", "!"), ("Digit1", "1"), false),
        ] {
            let mut held = HeldKeys::default();
            assert!(held.press(down));
            assert_eq!(held.is_released_by(&up), is_it, "{down:?} {up:?}");
            assert_eq!(held.release(&up), is_it.then_some(down), "{down:?} {up:?}");
            assert_eq!(held.is_empty(), is_it);
        }
    }

    #[test]
    fn of_several_keys_the_nearest_match_comes_up() {
        let keys = [("Digit1", "1"), ("Numpad1", "1"), ("", "x"), ("", "!")];
        for (up, lifted) in [
            (("Digit1", "!"), keys[0]),
            (("", "1"), keys[1]),
            (("", "X"), keys[2]),
            (("", "?"), keys[3]),
        ] {
            let mut held = HeldKeys::default();
            assert!(keys.iter().all(|key| held.press(*key)));
            assert_eq!(held.release(&up), Some(lifted));
            assert_eq!(held.iter().count(), keys.len() - 1);
        }
    }

    #[test]
    fn a_repeat_is_no_second_press() {
        let mut held = HeldKeys::default();
        assert!(held.press(("KeyA", "a")));
        assert!(!held.press(("KeyA", "A")));
        assert_eq!(held.get(&("KeyA", "A")), Some(&("KeyA", "a")));
        // A press of another key that types is not a repeat.
        assert!(held.press(("", "!")) && held.press(("", "1")));
        assert_eq!(held.pop(), Some(("", "1")));
        assert_eq!(held.take(|key| key.0 == "KeyA"), Some(("KeyA", "a")));
        assert_eq!(held.iter().collect::<Vec<_>>(), [&("", "!")]);
    }

    #[test]
    fn keys_are_bounded_where_the_holder_asks() {
        const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let key = |n: usize| (&LETTERS[n..=n], "");
        let mut held = HeldKeys::default();
        for n in 0..MAX_KEYS {
            assert!(held.has_room_for(&key(n)));
            held.press(key(n));
        }
        assert!(held.has_room_for(&key(5)));
        assert!(!held.has_room_for(&("KeyA", "a")));
    }

    #[test]
    fn a_button_is_down_once() {
        let mut held = HeldButtons::default();
        assert!(held.press(MouseButton::Left, 2) && !held.press(MouseButton::Left, 1));
        assert!(held.press(MouseButton::Right, 1));
        assert!(held.iter().eq([MouseButton::Left, MouseButton::Right]));
        assert_eq!(held.release(MouseButton::Left).map(|held| held.clicks), Some(2));
        assert_eq!(held.release(MouseButton::Left), None);
        assert_eq!(held.pop().map(|held| held.button), Some(MouseButton::Right));
        assert!(held.is_empty());
    }
}
