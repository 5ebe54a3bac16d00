//! Reads what co-browsing services post to a webhook, in the words of our event log.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::cobrowse::Dialect;
use crate::base::json;
use crate::model::EventKind;

/// One event of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// The event's kind: [`EventKind::Hook`] where it has none of its own.
    pub kind: EventKind,
    /// The service's own word for the event.
    pub category: String,
    /// The service's number of the event, the same when it is sent again.
    pub sequence: String,
    /// The id of the session that the event is about, where it tells one.
    pub session_id: Option<String>,
    /// The time at which the service made the event, where it tells one.
    pub created_at: Option<Timestamp>,
    /// The event's own fields.
    pub data: Value,
}

/// The reason why a webhook's body is no event.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The body is not JSON of the known shape.
    #[error("the event is not JSON of this service's shape: {0}")]
    Shape(#[from] serde_json::Error),
    /// The event has no number.
    #[error("the event's sequence_id is not a number or a text")]
    Sequence,
    /// The event's time can't be read.
    #[error("the event's created_at is not a time with its offset")]
    Time,
}

#[derive(Deserialize)]
struct HookEnvelope {
    #[serde(alias = "type")]
    category: String,
    sequence_id: Value,
    created_at: Option<String>,
    #[serde(default)]
    data: Value,
}

impl Dialect {
    /// Tells whether the service signs what it sends.
    pub fn signs(self) -> bool {
        match self {
            Self::Webfuse => true,
            Self::Surfly => false,
        }
    }

    /// Reads one event. It has a date if its sender dates events.
    pub fn read(self, json: &[u8]) -> Result<Hook, HookError> {
        let envelope: HookEnvelope = json::from_slice(json)?;
        let sequence = match envelope.sequence_id {
            Value::Number(number) => number.to_string(),
            Value::String(text) if !text.is_empty() => text,
            _ => return Err(HookError::Sequence),
        };
        let created_at = match (envelope.created_at, self) {
            (Some(time), _) => Some(time.parse().ok().ok_or(HookError::Time)?),
            (None, Self::Webfuse) => return Err(HookError::Time),
            (None, Self::Surfly) => None,
        };
        Ok(Hook {
            kind: self.kind(&envelope.category),
            session_id: session_id(&envelope.data),
            category: envelope.category,
            sequence,
            created_at,
            data: envelope.data,
        })
    }

    fn kind(self, category: &str) -> EventKind {
        match (self, category) {
            (Self::Webfuse, "space.session.started") | (Self::Surfly, "session.started") => {
                EventKind::SessionStarted
            }
            (Self::Webfuse, "space.session.ended") | (Self::Surfly, "session.ended") => {
                EventKind::SessionEnded
            }
            (Self::Surfly, "session.queued") => EventKind::SessionQueued,
            (Self::Webfuse, "space.session.participant_joined") => EventKind::ParticipantJoined,
            (Self::Webfuse, "space.session.participant_left") => EventKind::ParticipantLeft,
            _ => EventKind::Hook,
        }
    }
}

/// Finds the session's id, which is flat in the data or in a session of its own.
fn session_id(data: &Value) -> Option<String> {
    let id = data.get("session_id").or_else(|| data.get("session")?.get("id"))?;
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(sender: Dialect, event: Value) -> Result<Hook, HookError> {
        sender.read(event.to_string().as_bytes())
    }

    #[test]
    fn services_words_become_ours() {
        for (sender, category, kind) in [
            (Dialect::Webfuse, "space.session.started", "session_started"),
            (Dialect::Webfuse, "space.session.ended", "session_ended"),
            (Dialect::Webfuse, "space.session.participant_joined", "participant_joined"),
            (Dialect::Webfuse, "space.session.participant_left", "participant_left"),
            (Dialect::Webfuse, "company.user.added", "hook"),
            (Dialect::Webfuse, "session.started", "hook"),
            (Dialect::Surfly, "session.queued", "session_queued"),
            (Dialect::Surfly, "session.started", "session_started"),
            (Dialect::Surfly, "session.ended", "session_ended"),
            (Dialect::Surfly, "space.session.ended", "hook"),
        ] {
            let word = if sender.signs() { "category" } else { "type" };
            let event = json!({word: category, "sequence_id": 1, "created_at": "2025-02-07T17:06:51.197164+00:00", "data": {}});
            let hook = read(sender, event).unwrap();
            assert_eq!((hook.kind.word(), &*hook.category), (kind, category));
        }
    }

    #[test]
    fn ids_and_times_are_found_where_they_stand() {
        let hook = read(
            Dialect::Webfuse,
            json!({"category": "space.session.started", "created_at": "2025-02-07T17:06:51+01:00",
                "data": {"session": {"id": 77}}, "sequence_id": "a-1", "more": true}),
        )
        .unwrap();
        assert_eq!((hook.session_id.as_deref(), &*hook.sequence), (Some("77"), "a-1"));
        assert_eq!(hook.created_at, Some("2025-02-07T16:06:51Z".parse().unwrap()));
        let event =
            json!({"sequence_id": 12, "type": "session.ended", "data": {"session_id": "s"}});
        let hook = read(Dialect::Surfly, event.clone()).unwrap();
        assert_eq!(
            (hook.session_id.as_deref(), &*hook.sequence, hook.created_at),
            (Some("s"), "12", None)
        );
        assert!(matches!(read(Dialect::Webfuse, event), Err(HookError::Time)));
    }

    #[test]
    fn other_shapes_are_refused() {
        for event in [
            json!([]),
            json!({}),
            json!({"type": "session.ended"}),
            json!({"type": 1, "sequence_id": 1}),
            json!({"type": "session.ended", "sequence_id": {}}),
            json!({"type": "session.ended", "sequence_id": ""}),
            json!({"type": "session.ended", "sequence_id": 1, "created_at": "yesterday"}),
        ] {
            assert!(read(Dialect::Surfly, event.clone()).is_err(), "{event}");
        }
        assert!(Dialect::Surfly.read(b"{\"type\":").is_err());
    }
}
