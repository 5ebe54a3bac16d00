//! Describes who is in a session, who drives it, and what they say to each other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::FramePoint;
use crate::base::BoundedText;

/// The index of the participant who acts through the service's calls: the agent, which is there from the start.
pub const AGENT: u32 = 0;

/// Everybody in a session. The latest roster counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct People {
    /// This window's own index.
    pub me: u32,
    /// The participants in the order of their indices, the agent first.
    pub participants: Vec<Participant>,
    /// Index of the participant whose input counts. With `None`, whoever acts first drives.
    pub driver: Option<u32>,
    /// The requests for control that wait for the driver's answer.
    pub requests: Vec<ControlRequest>,
    /// Whether followers are taken along when the participant whom they follow changes tabs.
    pub huddle: bool,
}

/// One participant of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Participant {
    /// The participant's number, which is never used again within the session.
    pub index: u32,
    /// What the others call the participant.
    pub name: String,
    /// Whether this is a program that acts through the service's calls.
    pub agent: bool,
    /// Whether this one may take control without being asked, and end the session.
    pub owner: bool,
    /// Index of the participant whom this one follows.
    pub following: Option<u32>,
}

/// A participant would like to drive. Without an answer the request lapses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlRequest {
    /// Index of the participant who asks.
    pub index: u32,
    /// When the request lapses.
    pub expires_at: Timestamp,
}

/// Where another participant points, and what they did there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemotePointer {
    /// Index of the participant.
    pub index: u32,
    /// The place in the picture.
    #[serde(flatten)]
    pub at: FramePoint,
    /// The last thing that they did a moment ago; `None` where they only point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<PointerAct>,
}

/// One thing that a participant did in the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointerAct {
    /// It rises with each act of the participant, so that two alike are told apart.
    pub n: u32,
    /// What it was.
    pub kind: PointerActKind,
    /// What was typed, as the log tells it; empty where that is not told.
    #[serde(default)]
    pub text: BoundedText<80>,
}

/// What a participant did in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointerActKind {
    /// A button was pressed.
    Press,
    /// The page was scrolled.
    Scroll,
    /// Something was typed.
    Type,
}

/// One line of the talk between participants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatLine {
    /// Index of the participant who says it.
    pub from: u32,
    /// Index of the only participant who gets it; `None` for everybody.
    pub to: Option<u32>,
    /// What is said, already safe to show.
    pub text: String,
    /// When it was said.
    pub at: Timestamp,
}

/// What one participant asks of the others.
#[derive(
    Clone, Debug, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PeopleControl {
    /// Gives this participant another name.
    Rename {
        /// The new name.
        name: String,
    },
    /// Tells where this participant's pointer is. It is shown to the others and never sent to the page.
    Point {
        /// The place in the picture; `None` where the pointer is not over it.
        at: Option<FramePoint>,
    },
    /// Asks the driver for control. It is granted at once where nobody drives.
    RequestControl,
    /// Answers a request for control.
    AnswerRequest {
        /// Index of the participant who asked.
        index: u32,
        /// Whether the answer is yes.
        grant: bool,
    },
    /// Gives control to another participant.
    GiveControl {
        /// Index of the participant who gets it.
        to: u32,
    },
    /// Takes control without asking: from the agent, which is parked, or as the owner from anybody.
    TakeControl,
    /// Hands control back, with a note for whoever goes on.
    ReleaseControl {
        /// What is said with it; empty for nothing.
        #[serde(default)]
        note: String,
    },
    /// Makes a tab refuse all input.
    PauseTab {
        /// Id of the tab.
        tab_id: String,
    },
    /// Lets a paused tab take input again.
    ResumeTab {
        /// Id of the tab.
        tab_id: String,
    },
    /// Asks for control of one tab.
    RequestTab {
        /// Id of the tab.
        tab_id: String,
    },
    /// Gives control of one tab to a participant.
    GiveTab {
        /// Id of the tab.
        tab_id: String,
        /// Index of the participant who gets it.
        to: u32,
    },
    /// Begins or ends the huddle.
    Huddle {
        /// Whether followers change tabs together.
        enabled: bool,
    },
    /// Follows another participant.
    Follow {
        /// Index of the participant to follow; `None` for nobody any longer.
        index: Option<u32>,
    },
    /// Says something to the others.
    Say {
        /// What is said.
        text: String,
        /// Index of the only participant who gets it; `None` for everybody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<u32>,
    },
    /// Asks to be told what this participant copies in the page while they have control.
    ShareClipboard {
        /// Whether what was copied is told; otherwise only that something was.
        on: bool,
    },
    /// Ends the session for everybody, which is the owner's right.
    EndSession,
}

impl People {
    /// Returns the participant of this index, who may have left.
    pub fn participant(&self, index: u32) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.index == index)
    }

    /// Returns the name of a participant, or the index in words for one who is not there.
    pub fn name_of(&self, index: u32) -> String {
        match self.participant(index) {
            Some(participant) => participant.name.clone(),
            None => format!("Participant {index}"),
        }
    }

    /// Tells whether this window's user may do what the driver and the owner may do: give control, and answer who
    /// asks.
    pub fn may_decide(&self) -> bool {
        self.may_drive() || self.participant(self.me).is_some_and(|me| me.owner)
    }

    /// Tells whether this window's input counts, or would if it came first.
    pub fn may_drive(&self) -> bool {
        self.driver.is_none_or(|driver| driver == self.me)
    }
}
