//! What can stand in the panel beside the picture. The panel itself is in `side`.

use super::state::OpenSession;
use crate::settings::SidePanel;

impl SidePanel {
    /// What it is called on the tabs of the panel.
    pub fn title(self) -> &'static str {
        match self {
            Self::Log => "Log",
            Self::Chat => "Chat",
            Self::People => "People",
            Self::Objects => "Objects",
        }
    }

    /// Why `open` has nothing to show there, in words for people; `None`: it has.
    pub fn why_not_in(self, open: &OpenSession) -> Option<&'static str> {
        let can = open.view.capabilities;
        let (is_there, words) = match self {
            Self::Log => return None,
            Self::Chat => (can.chat || open.view.chat.is_there(), "Nobody answers in this session"),
            Self::People => (can.people, "This session does not tell who is in it"),
            Self::Objects => (can.detections, "Nothing looks for objects in this session"),
        };
        (!is_there).then_some(words)
    }

    /// Whether `open` has anything to show there.
    pub fn is_in(self, open: &OpenSession) -> bool {
        self.why_not_in(open).is_none()
    }

    /// What is shown of `open` where this is wanted: the log where the session has no such thing.
    pub fn shown_of(self, open: &OpenSession) -> Self {
        if self.is_in(open) { self } else { Self::Log }
    }
}
