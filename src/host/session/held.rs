//! What one client holds down, so that it can be lifted when the client is gone.

use crate::model::{Held, Modifiers, MouseButton};
use crate::protocol::socket::{ClientMessage, KeyWords, PointerAt};

/// No key has a longer name; what claims to be one is not remembered.
const MAX_NAME: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct HeldMessages {
    held: Held<KeyWords>,
    /// Where the pointer was last.
    at: PointerAt,
}

impl HeldMessages {
    /// Takes note of an input on its way to the browser; `false`: too much is held to take it.
    pub(crate) fn note(&mut self, message: &ClientMessage) -> bool {
        match message {
            ClientMessage::PointerMove(at) | ClientMessage::Wheel { at, .. } => {
                self.at = at.clone()
            }
            ClientMessage::PointerDown { at, button, clicks } => {
                self.at = at.clone();
                self.held.buttons.press(*button, *clicks);
            }
            ClientMessage::PointerUp { at, button, .. } => {
                self.at = at.clone();
                self.held.buttons.release(*button);
            }
            ClientMessage::KeyDown(words) => {
                if !self.held.keys.has_room_for(words) {
                    return false;
                }
                if words.key.len().max(words.code.len()) <= MAX_NAME {
                    self.held.keys.press(KeyWords { text: None, ..words.clone() });
                }
            }
            ClientMessage::KeyUp(words) => {
                self.held.keys.release(words);
            }
            ClientMessage::Text { .. }
            | ClientMessage::Navigate { .. }
            | ClientMessage::Back
            | ClientMessage::Forward => {}
            ClientMessage::Reload
            | ClientMessage::Stop
            | ClientMessage::NewTab { .. }
            | ClientMessage::SelectTab { .. } => {}
            ClientMessage::CloseTab { .. }
            | ClientMessage::AnswerDialog { .. }
            | ClientMessage::Viewport { .. } => {}
            ClientMessage::KeepAlive
            | ClientMessage::Screencast { .. }
            | ClientMessage::Ack { .. } => {}
            ClientMessage::ReleaseAll => {}
        }
        true
    }

    /// Whether this lifts something that is down.
    pub(crate) fn holds(&self, message: &ClientMessage) -> bool {
        match message {
            ClientMessage::PointerUp { button, .. } => self.held.buttons.holds(*button),
            ClientMessage::KeyUp(words) => self.held.keys.is_released_by(words),
            _ => false,
        }
    }

    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// What lifts everything, buttons first, as a hand leaving the table would.
    pub(crate) fn release(&mut self) -> Vec<ClientMessage> {
        let mut ups = Vec::new();
        while let Some(lifted) = self.held.buttons.pop() {
            let at = PointerAt {
                held: self.buttons(),
                modifiers: Modifiers::default(),
                ..self.at.clone()
            };
            ups.push(ClientMessage::PointerUp { at, button: lifted.button, clicks: 1 });
        }
        while let Some(words) = self.held.keys.pop() {
            ups.push(ClientMessage::KeyUp(KeyWords {
                modifiers: Modifiers::default(),
                repeat: false,
                ..words
            }));
        }
        ups
    }

    /// In the order of their presses.
    pub(crate) fn buttons(&self) -> Vec<MouseButton> {
        self.held.buttons.iter().collect()
    }

    /// The modifier keys among those held.
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

    fn key(key: &str, code: &str) -> KeyWords {
        KeyWords { key: key.to_owned(), code: code.to_owned(), ..KeyWords::default() }
    }

    #[test]
    fn what_is_down_comes_up_once() {
        let mut held = HeldMessages::default();
        let at = PointerAt { x: 5.0, y: 6.0, ..PointerAt::default() };
        held.note(&ClientMessage::PointerDown {
            at: at.clone(),
            button: MouseButton::Left,
            clicks: 1,
        });
        held.note(&ClientMessage::PointerMove(PointerAt {
            x: 9.0,
            y: 6.0,
            ..PointerAt::default()
        }));
        held.note(&ClientMessage::KeyDown(key("Shift", "ShiftLeft")));
        // Pressed as `A`, lifted as `a`, because Shift went first: one physical key.
        held.note(&ClientMessage::KeyDown(key("A", "KeyA")));
        held.note(&ClientMessage::KeyUp(key("a", "KeyA")));
        assert!(held.modifiers().shift);
        let ups = held.release();
        assert!(
            matches!(&ups[0], ClientMessage::PointerUp { at, button: MouseButton::Left, .. } if at.x == 9.0)
        );
        assert_eq!(ups[1], ClientMessage::KeyUp(key("Shift", "ShiftLeft")));
        assert_eq!(ups.len(), 2);
        assert!(held.release().is_empty());
        assert_eq!(held.modifiers(), Modifiers::default());
    }

    #[test]
    fn a_flood_of_keys_is_refused() {
        let mut held = HeldMessages::default();
        let taken = (0..1000)
            .filter(|n| held.note(&ClientMessage::KeyDown(key(&n.to_string(), ""))))
            .count();
        assert_eq!(taken, 64);
        assert!(
            held.note(&ClientMessage::KeyDown(key("5", ""))),
            "a repeat of a held key is no new one"
        );
    }
}
