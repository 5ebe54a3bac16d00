//! Defines what the host tells of who is in the session and who drives it. What they ask for is a `PeopleControl`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ServerMessage;
use crate::base::text::one_line;
use crate::model::{ChatLine, ControlRequest, Participant, People, RemotePointer};

/// So many participants are shown at the most.
const MAX_PARTICIPANTS: usize = 100;
const MAX_NAME: usize = 60;
const MAX_TYPED: usize = 40;
const MAX_SAID: usize = 2000;

/// A participant in the words of the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParticipantWords {
    /// The participant's index; 0 is the agent's.
    pub index: u32,
    /// The participant's name.
    pub name: String,
    /// The participant is the agent.
    pub agent: bool,
    /// The participant owns the session.
    pub owner: bool,
    /// The index of the participant whom this one follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub following: Option<u32>,
}

/// A request for control in the words of the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestWords {
    /// The index of the participant who asks.
    pub index: u32,
    /// The time at which the request ends, by RFC 3339.
    pub expires_at: String,
}

/// Returns the roster that a message tells of, if it does.
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

/// Returns the pointers that a message tells of, if it does.
pub fn pointers_of(message: &ServerMessage) -> Option<Vec<RemotePointer>> {
    let ServerMessage::Pointers { pointers } = message else {
        return None;
    };
    Some(pointers.iter().take(MAX_PARTICIPANTS).cloned().map(shown).collect())
}

/// Returns the pointer with a text that is safe to show.
fn shown(mut pointer: RemotePointer) -> RemotePointer {
    if let Some(act) = &mut pointer.act {
        act.text = one_line(act.text.as_str(), MAX_TYPED).into();
    }
    pointer
}

/// Returns the line of talk that a message tells of, if it does.
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
    use crate::model::{FramePoint, PeopleControl};
    use crate::protocol::socket::ClientMessage;

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
        let at = FramePoint { x: 1.0, y: 2.0, width: 10, height: 20 };
        for (control, wire) in [
            (
                PeopleControl::Point { at: Some(at) },
                r#"{"type":"point","at":{"x":1.0,"y":2.0,"width":10,"height":20}}"#,
            ),
            (PeopleControl::Point { at: None }, r#"{"type":"point","at":null}"#),
            (PeopleControl::TakeControl, r#"{"type":"take_control"}"#),
            (
                PeopleControl::Say { text: "hi".to_owned(), to: None },
                r#"{"type":"say","text":"hi"}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&control).unwrap(), wire);
            assert_eq!(serde_json::from_str::<PeopleControl>(wire).unwrap(), control);
            let message = ClientMessage::from(control);
            assert_eq!(serde_json::to_string(&message).unwrap(), wire);
            assert_eq!(serde_json::from_str::<ClientMessage>(wire).unwrap(), message);
        }
    }
}
