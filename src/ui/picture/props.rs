//! Holds what the picture and the words about it are painted from.

use std::time::Instant;

use crate::model::DetectionFilter;
use crate::ui::action::{Action, NewSession};
use crate::ui::binding::Bindings;
use crate::ui::clock::Clock;
use crate::ui::state::OpenSession;

/// A remedy where trying again does not help: its name and what it does.
pub type Mend = (&'static str, Action);

/// Tells who gets mouse and keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureMode {
    /// The window gets them, and the session is only watched.
    Watching,
    /// The session gets the mouse.
    Control {
        /// Whether the keyboard goes to the session, too, and not to a part of our window.
        keyboard_here: bool,
    },
}

/// Everything that the picture and the words about it are painted from.
pub struct PictureProps<'a> {
    /// The session that is shown.
    pub session: &'a OpenSession,
    /// The time of this pass.
    pub now: Instant,
    /// The clock that times are told by.
    pub clock: Clock<'a>,
    /// Who gets mouse and keyboard.
    pub mode: PictureMode,
    /// Whether the picture has all the room to itself, so that no line stands under it.
    pub alone: bool,
    /// The keys that are shown on buttons.
    pub bindings: &'a Bindings,
    /// The text that an input method is composing for the session.
    pub preedit: &'a str,
    /// Whether the statistics overlay is shown.
    pub statistics: bool,
    /// The session that can take the place of one that is over.
    pub successor: Option<&'a NewSession>,
    /// The filter that tells which of the objects that were found have boxes.
    pub boxes: &'a DetectionFilter,
    /// The remedy that is offered where the session is not reached.
    pub mend: Option<Mend>,
}
