//! What the window asks of a session.

use serde::{Deserialize, Serialize};

use super::{FramePos, FrameSize, KeyIdentity, PeopleControl};

/// One thing to do in the session, in the order in which it is pushed.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    Pointer(PointerInput),
    Key(KeyInput),
    /// Text without keys: an input method's commit, a paste.
    Text(String),
    Navigate(String),
    Back,
    Forward,
    Reload,
    Stop,
    NewTab {
        url: Option<String>,
    },
    SelectTab {
        id: String,
    },
    CloseTab {
        id: String,
    },
    AnswerDialog {
        accept: bool,
        text: Option<String>,
    },
    /// Gives the page this size in CSS pixels.
    Viewport(FrameSize),
    People(PeopleControl),
}

/// Keys held with an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modifiers {
    pub alt: bool,
    pub ctrl: bool,
    pub meta: bool,
    pub shift: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MouseButton {
    Left,
    Middle,
    Right,
    Back,
    Forward,
}

/// What the pointer did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pointer {
    Move,
    /// `clicks`: 1 for a click, 2 for the second press of a double click, …
    Down {
        button: MouseButton,
        clicks: u8,
    },
    Up {
        button: MouseButton,
        clicks: u8,
    },
    /// Pixels of the picture; positive scrolls right and down.
    Wheel {
        dx: f32,
        dy: f32,
    },
}

/// A pointer action at a place in a picture of a given size.
#[derive(Clone, Debug, PartialEq)]
pub struct PointerInput {
    pub kind: Pointer,
    pub at: FramePos,
    /// The size of the picture that the user saw, so that a server that counts otherwise can convert.
    pub frame: FrameSize,
    /// Buttons down after this action.
    pub held: Vec<MouseButton>,
    pub modifiers: Modifiers,
}

/// A key going down or up, in the words of the DOM's `KeyboardEvent`.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyInput {
    pub down: bool,
    /// `KeyboardEvent.key`: "a", "é", "Enter", "ArrowLeft", …
    pub key: String,
    /// `KeyboardEvent.code`: "KeyA", "Digit1", …; empty where the keyboard does not tell.
    pub code: String,
    /// What the key types, if it types anything.
    pub text: Option<String>,
    pub modifiers: Modifiers,
    pub repeat: bool,
}

impl KeyIdentity for KeyInput {
    fn code(&self) -> &str {
        &self.code
    }

    fn key(&self) -> &str {
        &self.key
    }
}

impl Control {
    /// Whether dropping this one when the queue is full leaves something held down for ever.
    pub fn is_release(&self) -> bool {
        match self {
            Self::Pointer(input) => matches!(input.kind, Pointer::Up { .. }),
            Self::Key(input) => !input.down,
            Self::Text(_)
            | Self::Navigate(_)
            | Self::Back
            | Self::Forward
            | Self::Reload
            | Self::Stop => false,
            Self::NewTab { .. } | Self::SelectTab { .. } | Self::CloseTab { .. } => false,
            Self::AnswerDialog { .. } | Self::Viewport(_) | Self::People(_) => false,
        }
    }

    /// Whether this is user input (as against a command), stale after a reconnect.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Pointer(_) | Self::Key(_) | Self::Text(_))
    }
}
