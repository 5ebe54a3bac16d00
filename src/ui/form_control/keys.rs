//! The keys that an open list or picker takes.

use egui::{Event, InputState, Key, Modifiers};

/// The keys of one pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ControlKeys {
    /// So many presses of the arrow down, less those of the arrow up.
    pub(super) down: i32,
    /// So many presses of the arrow to the right, less those of the arrow to the left.
    pub(super) right: i32,
    /// So many presses of Page Down, less those of Page Up.
    pub(super) pages: i32,
    pub(super) home: bool,
    pub(super) end: bool,
    pub(super) enter: bool,
    pub(super) escape: bool,
    pub(super) tab: bool,
    /// Backspace was pressed.
    pub(super) erase: bool,
    /// The text that was typed.
    pub(super) text: String,
}

impl ControlKeys {
    /// Takes all keys of the pass.
    pub(super) fn take(input: &mut InputState) -> Self {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key) as i32;
        let mut keys = Self {
            down: count(Key::ArrowDown) - count(Key::ArrowUp),
            right: count(Key::ArrowRight) - count(Key::ArrowLeft),
            pages: count(Key::PageDown) - count(Key::PageUp),
            home: count(Key::Home) > 0,
            end: count(Key::End) > 0,
            enter: count(Key::Enter) > 0,
            escape: count(Key::Escape) > 0,
            tab: count(Key::Tab) > 0,
            erase: count(Key::Backspace) > 0,
            text: String::new(),
        };
        input.events.retain(|event| match event {
            Event::Text(text) => {
                keys.text.push_str(text);
                false
            }
            _ => true,
        });
        keys
    }

    /// Takes the arrows up and down only.
    pub(super) fn take_arrows(input: &mut InputState) -> Self {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key) as i32;
        Self { down: count(Key::ArrowDown) - count(Key::ArrowUp), ..Self::default() }
    }

    /// Returns the digits that were typed.
    pub(super) fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.text
            .chars()
            .filter_map(|letter| letter.to_digit(10).and_then(|digit| u8::try_from(digit).ok()))
    }
}
