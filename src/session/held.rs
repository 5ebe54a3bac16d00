//! Tracks the keys and buttons that a session believes are down.

use crate::model::{Control, Held, InputControl, KeyInput, PointerAt};

/// The keys and buttons that are down after the controls that were sent, in their order.
#[derive(Debug, Default)]
pub(super) struct HeldControls {
    held: Held<KeyInput>,
    /// Last place of the pointer.
    pointer: Option<PointerAt>,
}

impl HeldControls {
    pub(super) fn note(&mut self, control: &Control) {
        let Control::Input(input) = control else {
            return;
        };
        match input {
            InputControl::PointerMove(at) => self.pointer = Some(at.clone()),
            InputControl::PointerDown { at, button, clicks } => {
                self.held.buttons.press(*button, *clicks);
                self.pointer = Some(at.clone());
            }
            InputControl::PointerUp { at, button, .. } => {
                self.held.buttons.release(*button);
                self.pointer = Some(at.clone());
            }
            InputControl::KeyDown(key) => {
                self.held.keys.press(key.clone());
            }
            InputControl::KeyUp(key) => {
                self.held.keys.release(key);
            }
            InputControl::Wheel { .. } | InputControl::Text { .. } | InputControl::Paste(_) => (),
        }
    }

    /// Tells whether `control` may hold down one more.
    pub(super) fn has_room_for(&self, control: &Control) -> bool {
        match control {
            Control::Input(InputControl::KeyDown(key)) => self.held.keys.has_room_for(key),
            _ => true,
        }
    }

    /// Tells whether `control` is the release of something that is down.
    pub(super) fn is_lifted_by(&self, control: &Control) -> bool {
        match control {
            Control::Input(InputControl::KeyUp(key)) => self.held.keys.is_released_by(key),
            Control::Input(InputControl::PointerUp { button, .. }) => {
                self.held.buttons.holds(*button)
            }
            _ => false,
        }
    }

    /// Returns the controls that release everything that is down, the last pressed first.
    pub(super) fn releases(&self) -> Vec<Control> {
        let buttons = self.held.buttons.iter().rev().filter_map(|button| {
            let at = PointerAt { held: Vec::new(), ..self.pointer.clone()? };
            Some(InputControl::PointerUp { at, button, clicks: 1 })
        });
        let keys =
            self.held.keys.iter().rev().map(|key| {
                InputControl::KeyUp(KeyInput { text: None, repeat: false, ..key.clone() })
            });
        buttons.chain(keys).map(Control::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MouseButton;

    fn key(down: bool, key: &str, code: &str) -> Control {
        let (key, code) = (key.to_owned(), code.to_owned());
        let key = KeyInput { key, code, ..KeyInput::default() };
        if down { InputControl::KeyDown(key).into() } else { InputControl::KeyUp(key).into() }
    }

    fn at(x: f32) -> PointerAt {
        PointerAt { x, width: 100, height: 100, ..PointerAt::default() }
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
            InputControl::PointerDown { at: at(1.0), button: left, clicks: 2 }.into(),
            InputControl::PointerMove(at(9.0)).into(),
            key(false, "a", "KeyA"),
            key(false, "B", ""),
        ] {
            held.note(&control);
        }
        let up = Control::from(InputControl::PointerUp { at: at(9.0), button: left, clicks: 1 });
        assert_eq!(held.releases(), [up.clone(), key(false, "Shift", "ShiftLeft")]);
        assert!(held.is_lifted_by(&up) && !held.is_lifted_by(&key(false, "a", "KeyA")));
        for release in held.releases() {
            held.note(&release);
        }
        assert!(held.releases().is_empty());
    }
}
