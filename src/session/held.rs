//! The keys and buttons that a session believes are down.

use crate::model::{Control, KeyInput, MouseButton, Pointer, PointerInput};

/// More than a person and a keyboard can hold; bounds what a faulty sender could pile up.
const MAX_KEYS: usize = 64;

/// Folded from controls in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct Held {
    keys: Vec<KeyInput>,
    /// With where the pointer was last.
    buttons: Vec<(MouseButton, PointerInput)>,
}

impl Held {
    pub(super) fn note(&mut self, control: &Control) {
        match control {
            Control::Key(input) if input.down => {
                if !self.keys.iter().any(|held| is_same_key(held, input)) {
                    self.keys.push(input.clone());
                }
            }
            Control::Key(input) => self.keys.retain(|held| !is_same_key(held, input)),
            Control::Pointer(input) => self.note_pointer(input),
            Control::Text(_)
            | Control::Navigate(_)
            | Control::Back
            | Control::Forward
            | Control::Reload
            | Control::Stop
            | Control::NewTab { .. }
            | Control::SelectTab { .. }
            | Control::CloseTab { .. }
            | Control::AnswerDialog { .. }
            | Control::Viewport(_)
            | Control::People(_) => (),
        }
    }

    fn note_pointer(&mut self, input: &PointerInput) {
        match input.kind {
            Pointer::Down { button, .. } => {
                self.buttons.retain(|(held, _)| *held != button);
                self.buttons.push((button, input.clone()));
            }
            Pointer::Up { button, .. } => self.buttons.retain(|(held, _)| *held != button),
            Pointer::Move => {
                for (_, last) in &mut self.buttons {
                    *last = input.clone();
                }
            }
            Pointer::Wheel { .. } => (),
        }
    }

    /// Whether one more may be held down.
    pub(super) fn has_room_for(&self, control: &Control) -> bool {
        let Control::Key(input) = control else {
            return true;
        };
        !input.down
            || self.keys.len() < MAX_KEYS
            || self.keys.iter().any(|held| is_same_key(held, input))
    }

    /// Whether `control` is the release of something that is down.
    pub(super) fn is_lifted_by(&self, control: &Control) -> bool {
        if let Control::Key(input) = control {
            return !input.down && self.keys.iter().any(|held| is_same_key(held, input));
        }
        if let Control::Pointer(PointerInput { kind: Pointer::Up { button, .. }, .. }) = control {
            return self.buttons.iter().any(|(held, _)| held == button);
        }
        false
    }

    /// The controls that lift everything that is down, the last pressed first.
    pub(super) fn releases(&self) -> Vec<Control> {
        let buttons = self.buttons.iter().rev().map(|(button, last)| {
            let kind = Pointer::Up { button: *button, clicks: 1 };
            Control::Pointer(PointerInput { kind, held: Vec::new(), ..last.clone() })
        });
        let keys = self.keys.iter().rev().map(|key| {
            Control::Key(KeyInput { down: false, text: None, repeat: false, ..key.clone() })
        });
        buttons.chain(keys).collect()
    }
}

/// The physical key where both tell it: Shift may have changed the letter in between.
fn is_same_key(a: &KeyInput, b: &KeyInput) -> bool {
    if a.code.is_empty() || b.code.is_empty() {
        a.key.to_lowercase() == b.key.to_lowercase()
    } else {
        a.code == b.code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FramePos, FrameSize, Modifiers};

    fn key(down: bool, key: &str, code: &str) -> Control {
        let (key, code) = (key.to_owned(), code.to_owned());
        Control::Key(KeyInput {
            down,
            key,
            code,
            text: None,
            modifiers: Modifiers::default(),
            repeat: false,
        })
    }

    fn pointer(kind: Pointer, x: f32) -> Control {
        let frame = FrameSize { width: 100, height: 100 };
        let at = FramePos { x, y: 0.0 };
        Control::Pointer(PointerInput {
            kind,
            at,
            frame,
            held: Vec::new(),
            modifiers: Modifiers::default(),
        })
    }

    #[test]
    fn everything_down_is_lifted_where_the_pointer_is() {
        let mut held = Held::default();
        let left = MouseButton::Left;
        for control in [
            key(true, "Shift", "ShiftLeft"),
            key(true, "A", "KeyA"),
            key(true, "A", "KeyA"),
            key(true, "b", ""),
            pointer(Pointer::Down { button: left, clicks: 2 }, 1.0),
            pointer(Pointer::Move, 9.0),
            key(false, "a", "KeyA"),
            key(false, "B", ""),
        ] {
            held.note(&control);
        }
        let up = pointer(Pointer::Up { button: left, clicks: 1 }, 9.0);
        assert_eq!(held.releases(), [up.clone(), key(false, "Shift", "ShiftLeft")]);
        assert!(held.is_lifted_by(&up) && !held.is_lifted_by(&key(false, "a", "KeyA")));
        for release in held.releases() {
            held.note(&release);
        }
        assert!(held.releases().is_empty());
    }
}
