//! Knows what one client holds down, so that it can be lifted when the client is gone.

use crate::model::{Held, InputControl, KeyInput, Modifiers, MouseButton, PointerAt};

/// What one client holds down, in the words in which it pressed it.
#[derive(Debug, Default)]
pub(crate) struct HeldMessages {
    held: Held<KeyInput>,
    /// The place where the pointer was last.
    at: PointerAt,
}

impl HeldMessages {
    /// Takes note of an input on its way to the browser; `false` where too much is held to take it.
    pub(crate) fn note(&mut self, input: &InputControl) -> bool {
        match input {
            InputControl::PointerMove(at) | InputControl::Wheel { at, .. } => self.at = at.clone(),
            InputControl::PointerDown { at, button, clicks } => {
                self.at = at.clone();
                self.held.buttons.press(*button, *clicks);
            }
            InputControl::PointerUp { at, button, .. } => {
                self.at = at.clone();
                self.held.buttons.release(*button);
            }
            InputControl::KeyDown(words) => {
                if !self.held.keys.has_room_for(words) {
                    return false;
                }
                self.held.keys.press(KeyInput { text: None, ..words.clone() });
            }
            InputControl::KeyUp(words) => {
                self.held.keys.release(words);
            }
            InputControl::Text { .. } | InputControl::Paste(_) => {}
        }
        true
    }

    /// Tells whether this input lifts something that is down.
    pub(crate) fn holds(&self, input: &InputControl) -> bool {
        match input {
            InputControl::PointerUp { button, .. } => self.held.buttons.holds(*button),
            InputControl::KeyUp(words) => self.held.keys.is_released_by(words),
            _ => false,
        }
    }

    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Returns the inputs that lift everything, buttons first, as a hand leaving the table would.
    pub(crate) fn release(&mut self) -> Vec<InputControl> {
        let mut ups = Vec::new();
        while let Some(lifted) = self.held.buttons.pop() {
            let at = PointerAt {
                held: self.buttons(),
                modifiers: Modifiers::default(),
                ..self.at.clone()
            };
            ups.push(InputControl::PointerUp { at, button: lifted.button, clicks: 1 });
        }
        while let Some(words) = self.held.keys.pop() {
            ups.push(InputControl::KeyUp(KeyInput {
                modifiers: Modifiers::default(),
                repeat: false,
                ..words
            }));
        }
        ups
    }

    /// Returns the buttons that are down, in the order of their presses.
    pub(crate) fn buttons(&self) -> Vec<MouseButton> {
        self.held.buttons.iter().collect()
    }

    /// Returns the modifier keys among those held.
    pub(crate) fn modifiers(&self) -> Modifiers {
        let down = |key: &str| self.held.keys.iter().any(|words| words.key == key);
        Modifiers {
            alt: down("Alt"),
            ctrl: down("Control"),
            meta: down("Meta"),
            shift: down("Shift"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str, code: &str) -> KeyInput {
        KeyInput { key: key.to_owned(), code: code.to_owned(), ..KeyInput::default() }
    }

    #[test]
    fn what_is_down_comes_up_once() {
        let mut held = HeldMessages::default();
        let at = PointerAt { x: 5.0, y: 6.0, ..PointerAt::default() };
        held.note(&InputControl::PointerDown {
            at: at.clone(),
            button: MouseButton::Left,
            clicks: 1,
        });
        held.note(&InputControl::PointerMove(PointerAt { x: 9.0, y: 6.0, ..PointerAt::default() }));
        held.note(&InputControl::KeyDown(key("Shift", "ShiftLeft")));
        // The key is pressed as `A` and lifted as `a`, because Shift went first: it is one physical key.
        held.note(&InputControl::KeyDown(key("A", "KeyA")));
        held.note(&InputControl::KeyUp(key("a", "KeyA")));
        assert!(held.modifiers().shift);
        let ups = held.release();
        assert!(
            matches!(&ups[0], InputControl::PointerUp { at, button: MouseButton::Left, .. } if at.x == 9.0)
        );
        assert_eq!(ups[1], InputControl::KeyUp(key("Shift", "ShiftLeft")));
        assert_eq!(ups.len(), 2);
        assert!(held.release().is_empty());
        assert_eq!(held.modifiers(), Modifiers::default());
    }

    #[test]
    fn a_flood_of_keys_is_refused() {
        let mut held = HeldMessages::default();
        let taken = (0..1000)
            .filter(|n| held.note(&InputControl::KeyDown(key(&n.to_string(), ""))))
            .count();
        assert_eq!(taken, 64);
        assert!(
            held.note(&InputControl::KeyDown(key("5", ""))),
            "a repeat of a held key is no new one"
        );
    }
}
