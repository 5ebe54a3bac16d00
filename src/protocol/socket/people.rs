//! The messages about who is in the session and who drives it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PointWords, ServerMessage};
use crate::base::text::one_line;
use crate::model::{
    ChatLine, ControlRequest, FramePos, FrameSize, Participant, People, PeopleControl,
    RemotePointer,
};

/// More are not shown.
const MAX_PARTICIPANTS: usize = 100;
const MAX_NAME: usize = 60;
const MAX_SAID: usize = 2000;

/// From a participant to the host, about participants. Its `type`s are others than those of [`super::ClientMessage`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PeopleMessage {
    /// What this participant is called.
    Rename {
        name: String,
    },
    /// Where this participant points; null where it does not. Shown to the others, never sent to the page.
    Point {
        at: Option<PointWords>,
    },
    RequestControl,
    AnswerRequest {
        index: u32,
        grant: bool,
    },
    GiveControl {
        to: u32,
    },
    TakeControl,
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
    Follow {
        index: Option<u32>,
    },
    Say {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<u32>,
    },
    EndSession,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParticipantWords {
    pub index: u32,
    pub name: String,
    pub agent: bool,
    pub owner: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub following: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestWords {
    pub index: u32,
    /// RFC 3339.
    pub expires_at: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointerWords {
    pub index: u32,
    #[serde(flatten)]
    pub at: PointWords,
}

impl PeopleMessage {
    /// Whether a message of this `type` is one.
    pub fn is(kind: &str) -> bool {
        <Self as strum::VariantNames>::VARIANTS.contains(&kind)
    }
}

impl From<&PeopleControl> for PeopleMessage {
    fn from(control: &PeopleControl) -> Self {
        match control.clone() {
            PeopleControl::Rename(name) => Self::Rename { name },
            PeopleControl::Point(at) => Self::Point {
                at: at.map(|(at, frame)| PointWords {
                    x: at.x,
                    y: at.y,
                    width: frame.width,
                    height: frame.height,
                }),
            },
            PeopleControl::RequestControl => Self::RequestControl,
            PeopleControl::AnswerRequest { index, grant } => Self::AnswerRequest { index, grant },
            PeopleControl::GiveControl { to } => Self::GiveControl { to },
            PeopleControl::TakeControl => Self::TakeControl,
            PeopleControl::ReleaseControl { note } => Self::ReleaseControl { note },
            PeopleControl::PauseTab { id } => Self::PauseTab { tab_id: id },
            PeopleControl::ResumeTab { id } => Self::ResumeTab { tab_id: id },
            PeopleControl::RequestTab { id } => Self::RequestTab { tab_id: id },
            PeopleControl::GiveTab { id, to } => Self::GiveTab { tab_id: id, to },
            PeopleControl::Huddle(enabled) => Self::Huddle { enabled },
            PeopleControl::Follow(index) => Self::Follow { index },
            PeopleControl::Say { text, to } => Self::Say { text, to },
            PeopleControl::EndSession => Self::EndSession,
        }
    }
}

/// The roster that a message carries, if it is one.
pub fn people_of(message: &ServerMessage) -> Option<People> {
    let ServerMessage::People { me, participants, driver, requests, huddle } = message else {
        return None;
    };
    let participant = |words: &ParticipantWords| Participant {
        index: words.index,
        name: one_line(&words.name, MAX_NAME),
        agent: words.agent,
        owner: words.owner,
        following: words.following,
    };
    let request = |words: &RequestWords| {
        Some(ControlRequest { index: words.index, expires_at: words.expires_at.parse().ok()? })
    };
    Some(People {
        me: *me,
        participants: participants.iter().take(MAX_PARTICIPANTS).map(participant).collect(),
        driver: *driver,
        requests: requests.iter().take(MAX_PARTICIPANTS).filter_map(request).collect(),
        huddle: *huddle,
    })
}

/// The pointers that a message carries, if it does.
pub fn pointers_of(message: &ServerMessage) -> Option<Vec<RemotePointer>> {
    let ServerMessage::Pointers { pointers } = message else {
        return None;
    };
    let pointer = |words: &PointerWords| RemotePointer {
        index: words.index,
        at: FramePos { x: words.at.x, y: words.at.y },
        frame: FrameSize { width: words.at.width, height: words.at.height },
    };
    Some(pointers.iter().take(MAX_PARTICIPANTS).map(pointer).collect())
}

/// The line of talk that a message carries, if it is one.
pub fn said_of(message: &ServerMessage) -> Option<ChatLine> {
    let ServerMessage::Said { from, to, text, at } = message else {
        return None;
    };
    Some(ChatLine {
        from: *from,
        to: *to,
        text: one_line(text, MAX_SAID),
        at: at.parse().unwrap_or_else(|_| Timestamp::now()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roster_looks_like_this_on_the_wire() {
        let wire = r#"{"type":"people","me":1,"participants":[{"index":0,"name":"Agent","agent":true,"owner":false},{"index":1,"name":"Ada\n","agent":false,"owner":true,"following":0}],"driver":1,"requests":[{"index":2,"expires_at":"1970-01-01T00:00:00Z"}],"huddle":true}"#;
        let message: ServerMessage = serde_json::from_str(wire).unwrap();
        let people = people_of(&message).unwrap();
        assert_eq!(people.participants.len(), 2);
        assert_eq!(people.name_of(1), "Ada");
        assert_eq!(people.participants[1].following, Some(0));
        assert_eq!(people.requests[0].expires_at, Timestamp::UNIX_EPOCH);
        assert!(people.may_drive() && people.huddle);
    }

    #[test]
    fn what_participants_ask_looks_like_this_on_the_wire() {
        let at = (FramePos { x: 1.0, y: 2.0 }, FrameSize { width: 10, height: 20 });
        for (control, wire) in [
            (
                PeopleControl::Point(Some(at)),
                r#"{"type":"point","at":{"x":1.0,"y":2.0,"width":10,"height":20}}"#,
            ),
            (PeopleControl::Point(None), r#"{"type":"point","at":null}"#),
            (PeopleControl::TakeControl, r#"{"type":"take_control"}"#),
            (
                PeopleControl::Say { text: "hi".to_owned(), to: None },
                r#"{"type":"say","text":"hi"}"#,
            ),
        ] {
            let message = PeopleMessage::from(&control);
            assert_eq!(serde_json::to_string(&message).unwrap(), wire);
            assert_eq!(serde_json::from_str::<PeopleMessage>(wire).unwrap(), message);
        }
        assert!(PeopleMessage::is("take_control") && !PeopleMessage::is("pointer_move"));
    }
}
