//! Lists what the panel beside the picture can show. The panel itself is in `side`.

use super::state::OpenSession;
use crate::settings::SidePanel;

impl SidePanel {
    /// Returns the title on the panel's tabs.
    pub fn title(self) -> &'static str {
        match self {
            Self::Log => "Log",
            Self::Chat => "Chat",
            Self::People => "People",
            Self::Objects => "Objects",
        }
    }

    /// Returns why `open` has nothing to show there, in words for people; `None` where it has something.
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

    /// Tells whether `open` has anything to show there.
    pub fn is_in(self, open: &OpenSession) -> bool {
        self.why_not_in(open).is_none()
    }

    /// Returns what is shown of `open` where this is wanted, which is the log where the session has no such part.
    pub fn shown_of(self, open: &OpenSession) -> Self {
        if self.is_in(open) { self } else { Self::Log }
    }
}
