//! What the picture and what is said about it are painted from.

use std::time::Instant;

use crate::model::DetectionFilter;
use crate::ui::action::{Action, NewSession};
use crate::ui::binding::Bindings;
use crate::ui::clock::Clock;
use crate::ui::state::OpenSession;

/// What helps where trying again does not: its name and what it does.
pub type Mend = (&'static str, Action);

/// Who gets mouse and keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Watching,
    Control {
        /// Whether the keyboard goes to the session too, and not to a part of our window.
        keyboard_here: bool,
    },
}

pub struct PictureProps<'a> {
    pub session: &'a OpenSession,
    pub now: Instant,
    pub clock: Clock<'a>,
    pub mode: Mode,
    pub bindings: &'a Bindings,
    /// What an input method is composing for the session.
    pub preedit: &'a str,
    /// Whether the statistics overlay is wanted.
    pub statistics: bool,
    /// What can take the place of a session that is over.
    pub successor: Option<&'a NewSession>,
    /// Which of the objects that were found have boxes.
    pub boxes: &'a DetectionFilter,
    /// What else can be done where it is not reached.
    pub mend: Option<Mend>,
}
