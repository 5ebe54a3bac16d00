//! Lets what is typed wait until it is known who gets it: a key or a click may move the keyboard, and that shows only
//! once the window was painted.

use egui::{Event, Key, RawInput};

/// The input that waits for its turn.
#[derive(Debug, Default)]
pub(super) struct Turns {
    held: Vec<Event>,
}

impl Turns {
    /// Tells whether input waits for the next pass.
    pub(super) fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// Puts what waited before the new input, and takes out again what has no turn yet: whatever is typed after the
    /// first event that `moves` the keyboard. Of each event `moves` is told the text that it types, too.
    pub(super) fn deal(
        &mut self,
        raw: &mut RawInput,
        moves: impl Fn(&Event, Option<&str>) -> bool,
    ) {
        self.give_back(raw);
        let mut has_moved = false;
        let mut types = false;
        let turn = raw.events.iter().enumerate().position(|(at, event)| {
            let its_text = std::mem::take(&mut types) && matches!(event, Event::Text(_));
            if its_text {
                return false;
            }
            if has_moved && is_typed(event) {
                return true;
            }
            let text = match raw.events.get(at + 1) {
                Some(Event::Text(text)) if is_press(event) => Some(text.as_str()),
                _ => None,
            };
            types = text.is_some();
            has_moved |= moves(event, text);
            false
        });
        if let Some(turn) = turn {
            self.held = raw.events.split_off(turn);
            self.keep_focus(raw);
        }
    }

    /// Puts an event before everything that waits.
    pub(super) fn put_first(&mut self, event: Event) {
        self.held.insert(0, event);
    }

    /// Takes out everything that is typed or clicked, because something that comes before it is not there yet.
    pub(super) fn hold(&mut self, raw: &mut RawInput) {
        self.give_back(raw);
        let acts =
            |event: &mut Event| is_typed(event) || matches!(event, Event::PointerButton { .. });
        self.held = raw.events.extract_if(.., acts).collect();
    }

    fn give_back(&mut self, raw: &mut RawInput) {
        self.held.append(&mut raw.events);
        raw.events = std::mem::take(&mut self.held);
    }

    /// The window still has the focus, or still lacks it, where the change is among what waits.
    fn keep_focus(&self, raw: &mut RawInput) {
        let change = self.held.iter().find_map(|event| match event {
            Event::WindowFocused(focused) => Some(*focused),
            _ => None,
        });
        raw.focused = change.map_or(raw.focused, |focused| !focused);
    }
}

/// Tells whether an event may move the keyboard whatever the keys mean: a click gives the focus, and these three keys
/// close dialogs and leave fields.
pub(super) fn moves_anyhow(event: &Event) -> bool {
    match event {
        Event::Key { key, pressed: true, .. } => {
            matches!(key, Key::Escape | Key::Enter | Key::Tab)
        }
        Event::PointerButton { pressed: false, .. } => true,
        _ => false,
    }
}

/// Tells whether an event comes from a key.
pub(super) fn is_key(event: &Event) -> bool {
    matches!(event, Event::Key { .. })
}

fn is_press(event: &Event) -> bool {
    matches!(event, Event::Key { pressed: true, .. })
}

fn is_typed(event: &Event) -> bool {
    matches!(
        event,
        Event::Key { .. }
            | Event::Text(_)
            | Event::Copy
            | Event::Cut
            | Event::Paste(_)
            | Event::PasteImage(_)
            | Event::Ime(_)
    )
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, PointerButton, Pos2};

    use super::*;

    fn press(key: Key) -> Event {
        let modifiers = Modifiers::NONE;
        Event::Key { key, physical_key: Some(key), pressed: true, repeat: false, modifiers }
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    fn click() -> Event {
        Event::PointerButton {
            pos: Pos2::ZERO,
            button: PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        }
    }

    /// What each pass gets of a batch where F6 is a command and “/” is one by its text.
    fn passes(batch: Vec<Event>) -> Vec<Vec<Event>> {
        let mut turns = Turns::default();
        let mut raw = RawInput { events: batch, ..RawInput::default() };
        let mut dealt = Vec::new();
        loop {
            turns.deal(&mut raw, |event, text| {
                moves_anyhow(event)
                    || matches!(event, Event::Key { key: Key::F6, pressed: true, .. })
                    || text == Some("/")
            });
            dealt.push(std::mem::take(&mut raw.events));
            if !turns.is_waiting() {
                return dealt;
            }
        }
    }

    #[test]
    fn what_is_typed_after_a_key_that_moves_the_keyboard_waits_for_the_next_pass() {
        for (batch, passes_wanted) in [
            (vec![press(Key::I), text("i"), press(Key::T), text("t")], vec![4]),
            (vec![press(Key::F6), press(Key::I), text("i")], vec![1, 2]),
            (vec![press(Key::Slash), text("/"), press(Key::I), text("i")], vec![2, 2]),
            (vec![press(Key::Escape), press(Key::I), text("i")], vec![1, 2]),
            (vec![press(Key::Enter), text("\u{e9}")], vec![2]),
            (vec![click(), Event::PointerGone, text("a"), click()], vec![2, 2]),
            (vec![press(Key::Tab), press(Key::Tab), press(Key::A)], vec![1, 1, 1]),
            (vec![press(Key::Escape)], vec![1]),
            (Vec::new(), vec![0]),
        ] {
            let dealt = passes(batch.clone());
            let sizes: Vec<_> = dealt.iter().map(Vec::len).collect();
            assert_eq!(sizes, passes_wanted, "{batch:?}");
            assert_eq!(dealt.concat(), batch, "nothing is lost, and the order stays");
        }
    }

    #[test]
    fn the_focus_is_lost_when_that_has_its_turn() {
        let mut turns = Turns::default();
        let events = vec![press(Key::Escape), press(Key::I), Event::WindowFocused(false)];
        let mut raw = RawInput { events, focused: false, ..RawInput::default() };
        turns.deal(&mut raw, |event, _| moves_anyhow(event));
        assert!(raw.focused && raw.events.len() == 1);
        let mut next = RawInput { focused: false, ..RawInput::default() };
        turns.deal(&mut next, |_, _| false);
        assert!(!next.focused && next.events.len() == 2);
    }

    #[test]
    fn only_what_acts_waits_for_something_that_comes_before_it() {
        let mut turns = Turns::default();
        let moved = Event::PointerMoved(Pos2::ZERO);
        let events = vec![press(Key::A), moved.clone(), text("a"), click()];
        let mut raw = RawInput { events, ..RawInput::default() };
        turns.hold(&mut raw);
        assert_eq!(raw.events, [moved]);
        let mut next = RawInput { events: vec![press(Key::B)], ..RawInput::default() };
        turns.deal(&mut next, |_, _| false);
        assert_eq!(next.events, [press(Key::A), text("a"), click(), press(Key::B)]);
    }
}
