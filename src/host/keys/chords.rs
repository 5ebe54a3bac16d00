//! Turns the key names of the REST API into keys to press.

use super::from_rest_name;
use crate::model::{KeyInput, Modifiers};

/// Returns the key of this name while these modifiers are held; `None` for a name that nobody knows.
pub(crate) fn key(name: &str, modifiers: Modifiers) -> Option<KeyInput> {
    let shifted = (modifiers.shift && name.len() == 1).then(|| name.to_ascii_uppercase());
    let mut words = from_rest_name(shifted.as_deref().unwrap_or(name))?;
    words.modifiers = modifiers;
    if modifiers.ctrl || modifiers.alt || modifiers.meta {
        // A chord types nothing.
        words.text = None;
    }
    Some(words)
}

/// Splits a chord into the names of its keys: `["ctrl", "c"]`, and `"ctrl+c"` in one piece.
pub(crate) fn names(keys: &[String]) -> Vec<String> {
    keys.iter().flat_map(|key| split(key)).collect()
}

fn split(key: &str) -> Vec<String> {
    if key.chars().count() == 1 || !key.contains('+') {
        return vec![key.to_owned()];
    }
    // `ctrl++` is Ctrl with the plus key.
    let (head, plus) = match key.strip_suffix("++") {
        Some(head) => (head, Some("+".to_owned())),
        None => (key, None),
    };
    head.split('+').map(|part| part.trim().to_owned()).chain(plus).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_types_by_what_is_held() {
        let shift = Modifiers { shift: true, ..Modifiers::default() };
        let ctrl = Modifiers { ctrl: true, ..Modifiers::default() };
        for (name, modifiers, expected) in [
            ("a", Modifiers::default(), Some(("a", Some("a")))),
            ("a", shift, Some(("A", Some("A")))),
            ("c", ctrl, Some(("c", None))),
            ("shift", shift, Some(("Shift", None))),
            ("hyperdrive", Modifiers::default(), None),
        ] {
            let words = key(name, modifiers);
            let got = words.as_ref().map(|w| (w.key.as_str(), w.text.as_deref()));
            assert_eq!(got, expected, "{name}");
        }
    }

    #[test]
    fn chords_come_in_one_piece_or_in_many() {
        for (keys, expected) in [
            (vec!["ctrl", "c"], vec!["ctrl", "c"]),
            (vec!["ctrl+shift+t"], vec!["ctrl", "shift", "t"]),
            (vec!["+"], vec!["+"]),
            (vec!["ctrl++"], vec!["ctrl", "+"]),
        ] {
            let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
            assert_eq!(names(&keys), expected);
        }
    }
}
