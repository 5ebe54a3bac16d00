//! Names what the rules tell everybody. It is written as JSON only when it is published, under no lock of the people.

use serde_json::{Value, json};

use crate::model::EventKind;
use crate::protocol::socket::TabWords;

/// How a request for control ends without control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RequestEnd {
    /// The driver refused it.
    Refused,
    /// The driver did not answer in time.
    Expired,
}

/// What happened between the people of a session. Numbers are the indices of participants.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RulesEvent {
    Joined {
        index: u32,
        name: String,
    },
    Left {
        index: u32,
        name: String,
    },
    /// The one who drives goes on acting.
    Acts(u32),
    AsksForControl(u32),
    /// A request for control ended without control.
    RequestEnded {
        index: u32,
        end: RequestEnd,
        driver: Option<u32>,
    },
    /// Control went to somebody else, or to nobody.
    ControlPassed {
        from: Option<u32>,
        to: Option<u32>,
        /// Control came with acting, and was not asked for.
        implicit: bool,
    },
    HandsBack {
        from: u32,
        note: String,
    },
    TabPaused(EventTab),
    TabResumed(EventTab),
    AsksForTab {
        who: u32,
        tab: EventTab,
    },
    /// Control of a tab went to a participant, or with `None` to whoever will drive.
    TabGiven {
        to: Option<u32>,
        tab: EventTab,
    },
    Huddle {
        enabled: bool,
    },
    Follows {
        who: u32,
        whom: Option<u32>,
    },
    Says {
        who: u32,
        text: String,
    },
}

/// A tab as events tell of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EventTab {
    id: String,
    /// The place in the list of tabs, counted from 0; `None` where the tab is gone.
    place: Option<usize>,
    /// The participant whom the event is about, or who owns the session.
    leader: u32,
}

impl EventTab {
    pub(super) fn new(id: &str, tabs: &[TabWords], leader: u32) -> Self {
        let place = tabs.iter().position(|known| known.tab_id == id);
        Self { id: id.to_owned(), place, leader }
    }

    fn fields(&self) -> Value {
        json!({"tabIndex": self.place, "tab_id": self.id, "leaderIndex": self.leader})
    }

    /// Writes the tab's fields and one more.
    fn fields_with(&self, key: &str, index: Option<u32>) -> Value {
        let mut fields = self.fields();
        fields[key] = json!(index);
        fields
    }
}

impl RequestEnd {
    /// Returns the name that events have for it.
    fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

impl RulesEvent {
    pub(super) fn kind(&self) -> EventKind {
        match self {
            Self::Joined { .. } => EventKind::ParticipantJoined,
            Self::Left { .. } => EventKind::ParticipantLeft,
            Self::Acts(_) => EventKind::UserActivity,
            Self::AsksForControl(_) => EventKind::HostRightsRequested,
            Self::RequestEnded { .. } => EventKind::HostRightsRefused,
            Self::ControlPassed { .. } => EventKind::HostChanged,
            Self::HandsBack { .. } => EventKind::ControlReleased,
            Self::TabPaused(_) => EventKind::TabPaused,
            Self::TabResumed(_) => EventKind::TabResumed,
            Self::AsksForTab { .. } => EventKind::TabControlRequested,
            Self::TabGiven { .. } => EventKind::TabControlTransferred,
            Self::Huddle { .. } => EventKind::HuddleMode,
            Self::Follows { .. } => EventKind::HuddleFollow,
            Self::Says { .. } => EventKind::ChatMessage,
        }
    }

    /// Writes the event's fields, whose names PROTOCOL.md has.
    pub(super) fn fields(&self) -> Value {
        match self {
            Self::Joined { index, name } | Self::Left { index, name } => {
                json!({"clientIndex": index, "userData": {"name": name}})
            }
            Self::Acts(index) | Self::AsksForControl(index) => json!({"clientIndex": index}),
            Self::RequestEnded { index, end, driver } => {
                json!({"clientIndex": index, "reason": end.name(), "by": driver})
            }
            Self::ControlPassed { from, to, implicit: true } => {
                json!({"to": to, "from": from, "implicit": true})
            }
            Self::ControlPassed { from, to, implicit: false } => json!({"to": to, "from": from}),
            Self::HandsBack { from, note } => json!({"from": from, "note": note}),
            Self::TabPaused(tab) | Self::TabResumed(tab) => tab.fields(),
            Self::AsksForTab { who, tab } => tab.fields_with("clientIndex", Some(*who)),
            Self::TabGiven { to, tab } => tab.fields_with("controlIndex", *to),
            Self::Huddle { enabled } => json!({"enabled": enabled}),
            Self::Follows { who, whom } => json!({"client_index": who, "following_index": whom}),
            Self::Says { who, text } => json!({"message": text, "clientIndex": who}),
        }
    }
}
