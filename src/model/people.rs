//! Who is in a session, who drives it, and what they say to each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::FramePoint;

/// The index of whoever acts through the service's calls: the agent, which is there from the start.
pub const AGENT: u32 = 0;

/// Everybody in a session; the latest counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// This window's own index.
    pub me: u32,
    /// In the order of their indices, the agent first.
    pub participants: Vec<Participant>,
    /// Index of the one whose input counts; `None`: whoever acts first.
    pub driver: Option<u32>,
    /// Who waits for the driver's answer.
    pub requests: Vec<ControlRequest>,
    /// Whether followers are taken along when the one whom they follow changes tabs.
    pub huddle: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Participant {
    /// Never used again within a session.
    pub index: u32,
    pub name: String,
    /// Whether it is a program that acts through the service's calls.
    pub agent: bool,
    /// May take control without being asked, and end the session.
    pub owner: bool,
    /// Index of the one whom this one follows.
    pub following: Option<u32>,
}

/// Somebody would like to drive. Without an answer it lapses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRequest {
    pub index: u32,
    pub expires_at: Timestamp,
}

/// Where another participant points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemotePointer {
    pub index: u32,
    #[serde(flatten)]
    pub at: FramePoint,
}

/// One line of the talk between participants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatLine {
    pub from: u32,
    /// `None`: to everybody.
    pub to: Option<u32>,
    /// Already safe to show.
    pub text: String,
    pub at: Timestamp,
}

/// What one participant asks of the others.
#[derive(
    Clone, Debug, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PeopleControl {
    /// How this participant is called from now on.
    Rename {
        name: String,
    },
    /// Where this participant's pointer is; `None`: not over the picture. It is shown to the others and never sent to
    /// the page.
    Point {
        at: Option<FramePoint>,
    },
    /// Asks the driver for control; granted at once where nobody drives.
    RequestControl,
    AnswerRequest {
        index: u32,
        grant: bool,
    },
    GiveControl {
        to: u32,
    },
    /// Takes control without asking: from the agent, which is parked, or as the owner from anybody.
    TakeControl,
    /// Hands control back, with a note for whoever goes on.
    ReleaseControl {
        #[serde(default)]
        note: String,
    },
    PauseTab {
        tab_id: String,
    },
    ResumeTab {
        tab_id: String,
    },
    RequestTab {
        tab_id: String,
    },
    GiveTab {
        tab_id: String,
        to: u32,
    },
    Huddle {
        enabled: bool,
    },
    /// `index`: `None` to follow nobody any longer.
    Follow {
        index: Option<u32>,
    },
    /// `to`: `None` for everybody.
    Say {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<u32>,
    },
    /// Ends the session for everybody; the owner's right.
    EndSession,
}

impl People {
    pub fn participant(&self, index: u32) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.index == index)
    }

    pub fn name_of(&self, index: u32) -> String {
        match self.participant(index) {
            Some(participant) => participant.name.clone(),
            None => format!("Participant {index}"),
        }
    }

    /// Whether this window's user may do what is the driver's and the owner's to do: give control, answer who asks.
    pub fn may_decide(&self) -> bool {
        self.may_drive() || self.participant(self.me).is_some_and(|me| me.owner)
    }

    /// Whether this window's input counts, or would if it came first.
    pub fn may_drive(&self) -> bool {
        self.driver.is_none_or(|driver| driver == self.me)
    }
}
