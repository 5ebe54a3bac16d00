//! Names keys in the words of the REST actions.

use crate::model::{KeyInput, Modifiers};

/// Returns the modifier that a key is, if it is one.
pub(super) fn modifier(key: &str) -> Option<&'static str> {
    match key {
        "Control" => Some("ctrl"),
        "Shift" => Some("shift"),
        "Alt" => Some("alt"),
        "Meta" => Some("meta"),
        _ => None,
    }
}

pub(super) fn modifier_names(modifiers: Modifiers) -> Vec<&'static str> {
    let Modifiers { alt, ctrl, meta, shift } = modifiers;
    [("ctrl", ctrl), ("alt", alt), ("shift", shift), ("meta", meta)]
        .into_iter()
        .filter_map(|(name, held)| held.then_some(name))
        .collect()
}

/// Returns what the key types, unless a modifier makes it a command. AltGr looks like Ctrl with Alt.
pub(super) fn typed(input: &KeyInput) -> Option<&str> {
    let Modifiers { alt, ctrl, meta, .. } = input.modifiers;
    let text = input
        .text
        .as_deref()
        .filter(|text| !text.is_empty() && !text.contains(char::is_control))?;
    (ctrl == alt && !meta).then_some(text)
}

/// Returns the API's word for a key, if it has one.
pub(super) fn key_name(input: &KeyInput) -> Option<String> {
    let key = input.key.as_str();
    let mut chars = key.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        // A chord names the key, not the letter that another layout has on it.
        let latin =
            || input.code.strip_prefix("Key").filter(|_| !only.is_ascii()).map(str::to_lowercase);
        return Some(if only == ' ' {
            "space".to_owned()
        } else {
            latin().unwrap_or_else(|| key.to_lowercase())
        });
    }
    let named = match key {
        "Enter" | "Escape" | "Tab" | "Backspace" | "Delete" | "Insert" | "Home" | "End"
        | "PageUp" | "PageDown" => true,
        "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" => true,
        _ => key
            .strip_prefix('F')
            .and_then(|n| n.parse::<u8>().ok())
            .is_some_and(|n| (1..=24).contains(&n)),
    };
    named.then(|| key.to_lowercase())
}
