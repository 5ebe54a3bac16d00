//! The keys and buttons that a session believes are down.

use crate::model::{Control, Held, KeyInput, Pointer, PointerInput};

/// Folded from controls in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct HeldControls {
    held: Held<KeyInput>,
    /// Where the pointer was last.
    pointer: Option<PointerInput>,
}

impl HeldControls {
    pub(super) fn note(&mut self, control: &Control) {
        match control {
            Control::Key(input) if input.down => {
                self.held.keys.press(input.clone());
            }
            Control::Key(input) => {
                self.held.keys.release(input);
            }
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
            Pointer::Down { button, clicks } => {
                self.held.buttons.press(button, clicks);
            }
            Pointer::Up { button, .. } => {
                self.held.buttons.release(button);
            }
            Pointer::Move => (),
            Pointer::Wheel { .. } => return,
        }
        self.pointer = Some(input.clone());
    }

    /// Whether one more may be held down.
    pub(super) fn has_room_for(&self, control: &Control) -> bool {
        let Control::Key(input) = control else {
            return true;
        };
        !input.down || self.held.keys.has_room_for(input)
    }

    /// Whether `control` is the release of something that is down.
    pub(super) fn is_lifted_by(&self, control: &Control) -> bool {
        if let Control::Key(input) = control {
            return !input.down && self.held.keys.is_released_by(input);
        }
        if let Control::Pointer(PointerInput { kind: Pointer::Up { button, .. }, .. }) = control {
            return self.held.buttons.holds(*button);
        }
        false
    }

    /// The controls that lift everything that is down, the last pressed first.
    pub(super) fn releases(&self) -> Vec<Control> {
        let buttons = self.held.buttons.iter().rev().filter_map(|button| {
            let kind = Pointer::Up { button, clicks: 1 };
            let last = self.pointer.clone()?;
            Some(Control::Pointer(PointerInput { kind, held: Vec::new(), ..last }))
        });
        let keys = self.held.keys.iter().rev().map(|key| {
            Control::Key(KeyInput { down: false, text: None, repeat: false, ..key.clone() })
        });
        buttons.chain(keys).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FramePos, FrameSize, Modifiers, MouseButton};

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
        let mut held = HeldControls::default();
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
