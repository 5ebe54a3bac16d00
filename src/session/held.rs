//! The keys and buttons that a session believes are down.

use crate::model::{Control, InputControl, KeyInput, MouseButton, PointerAt};

/// More than a person and a keyboard can hold; bounds what a faulty sender could pile up.
const MAX_KEYS: usize = 64;

/// Folded from controls in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct Held {
    keys: Vec<KeyInput>,
    /// With where the pointer was last.
    buttons: Vec<(MouseButton, PointerAt)>,
}

impl Held {
    pub(super) fn note(&mut self, control: &Control) {
        let Control::Input(input) = control else {
            return;
        };
        match input {
            InputControl::KeyDown(key) => {
                if !self.keys.iter().any(|held| is_same_key(held, key)) {
                    self.keys.push(key.clone());
                }
            }
            InputControl::KeyUp(key) => self.keys.retain(|held| !is_same_key(held, key)),
            InputControl::PointerDown { at, button, .. } => {
                self.buttons.retain(|(held, _)| held != button);
                self.buttons.push((*button, at.clone()));
            }
            InputControl::PointerUp { button, .. } => {
                self.buttons.retain(|(held, _)| held != button);
            }
            InputControl::PointerMove(at) => {
                for (_, last) in &mut self.buttons {
                    last.clone_from(at);
                }
            }
            InputControl::Wheel { .. } | InputControl::Text { .. } => (),
        }
    }

    /// Whether one more may be held down.
    pub(super) fn has_room_for(&self, control: &Control) -> bool {
        let Control::Input(InputControl::KeyDown(key)) = control else {
            return true;
        };
        self.keys.len() < MAX_KEYS || self.keys.iter().any(|held| is_same_key(held, key))
    }

    /// Whether `control` is the release of something that is down.
    pub(super) fn is_lifted_by(&self, control: &Control) -> bool {
        match control {
            Control::Input(InputControl::KeyUp(key)) => {
                self.keys.iter().any(|held| is_same_key(held, key))
            }
            Control::Input(InputControl::PointerUp { button, .. }) => {
                self.buttons.iter().any(|(held, _)| held == button)
            }
            _ => false,
        }
    }

    /// The controls that lift everything that is down, the last pressed first.
    pub(super) fn releases(&self) -> Vec<Control> {
        let buttons = self.buttons.iter().rev().map(|(button, last)| {
            let at = PointerAt { held: Vec::new(), ..last.clone() };
            InputControl::PointerUp { at, button: *button, clicks: 1 }
        });
        let keys =
            self.keys.iter().rev().map(|key| {
                InputControl::KeyUp(KeyInput { text: None, repeat: false, ..key.clone() })
            });
        buttons.chain(keys).map(Control::from).collect()
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
        let mut held = Held::default();
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
