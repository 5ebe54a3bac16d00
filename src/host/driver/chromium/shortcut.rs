//! Has pages tell of the keys that they leave to the browser, and knows the steps of its zoom.
//!
//! Chromium takes such keys for the frame around its page, which nobody sees: it would open a tab, a dialog or its own
//! tools there, or close everything. It does so only with keys that come as [`RAW_KEY`], so pages get [`KEY`] and
//! never see a difference.

use serde_json::Value;

use super::world;
use crate::model::KeyInput;

/// The function by which a document tells of a key.
pub(super) const BINDING: &str = "helmsightShortcut";
const SCRIPT: &str = include_str!("shortcut.js");

/// The kind of a key that only the page gets.
pub(super) const KEY: &str = "keyDown";
/// The kind of a key that Chromium's own frame gets when the page leaves it alone.
pub(super) const RAW_KEY: &str = "rawKeyDown";

/// The sizes of a page in percent that a key leads to, as in Chromium.
const STEPS: [u32; 17] =
    [25, 33, 50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300, 400, 500];
/// The sizes that a page can have, in percent.
pub(super) const ZOOMS: std::ops::RangeInclusive<u32> = 25..=500;
/// The size of a page that nobody changed, in percent.
pub(super) const OWN_SIZE: u32 = 100;

/// Makes the calls that make a document tell of its keys.
pub(super) fn setup() -> [(&'static str, Value); 2] {
    world::setup(BINDING, SCRIPT)
}

/// Returns the kind with which a press is sent.
pub(super) fn kind(key: &KeyInput) -> &'static str {
    let held = key.modifiers;
    let is_menu = key.key == "ContextMenu" || (key.key == "F10" && held.shift);
    // Only then the page is asked for its context menu. Chromium's frame does nothing with these two.
    if is_menu && !held.ctrl && !held.alt && !held.meta { RAW_KEY } else { KEY }
}

/// Returns the next size up or down from `percent`.
pub(super) fn zoom_step(percent: u32, larger: bool) -> u32 {
    let next = match larger {
        true => STEPS.into_iter().find(|step| *step > percent),
        false => STEPS.into_iter().rev().find(|step| *step < percent),
    };
    next.unwrap_or(percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Modifiers;

    #[test]
    fn zoom_goes_step_by_step_to_its_ends() {
        let walk = |from, larger, steps| (0..steps).fold(from, |at, _| zoom_step(at, larger));
        assert_eq!((walk(100, true, 2), walk(100, false, 1), walk(104, false, 1)), (125, 90, 100));
        assert_eq!((walk(100, true, 50), walk(100, false, 50)), (500, 25));
    }

    #[test]
    fn only_the_keys_of_the_context_menu_reach_chromiums_frame() {
        let press = |key: &str, shift, ctrl| KeyInput {
            key: key.to_owned(),
            modifiers: Modifiers { shift, ctrl, ..Modifiers::default() },
            ..KeyInput::default()
        };
        for (key, kind_of_it) in [
            (press("ContextMenu", false, false), RAW_KEY),
            (press("F10", true, false), RAW_KEY),
            (press("F10", false, false), KEY),
            (press("F11", true, false), KEY),
            (press("W", true, true), KEY),
            (press("ContextMenu", false, true), KEY),
        ] {
            assert_eq!(kind(&key), kind_of_it, "{key:?}");
        }
    }
}
