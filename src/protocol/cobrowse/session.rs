//! Reads descriptions of sessions, and tells what happened from the difference of two of them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Dialect;
use crate::base::text::one_line;
use crate::model::{SessionKind, SessionSummary};

/// A list has at most so many sessions.
const MAX_SESSIONS: usize = 500;
const MAX_TEXT: usize = 200;

/// A session as a service describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceSession {
    /// The session as lists show it.
    pub summary: SessionSummary,
    /// The number of people in the session, where the service tells it.
    pub participants: Option<u64>,
    /// The address at which a person opens the session in a browser.
    pub link: Option<String>,
}

/// Reads the list in an answer, whatever it is wrapped in.
pub fn sessions_of(dialect: Dialect, answer: &Value) -> Option<Vec<SpaceSession>> {
    let wrapped = ["sessions", "results", "data"].iter().find_map(|key| answer[*key].as_array());
    let list = answer.as_array().or(wrapped)?;
    Some(
        list.iter()
            .take(MAX_SESSIONS)
            .filter_map(|session| SpaceSession::read(dialect, session))
            .collect(),
    )
}

/// Reads the session that was just made.
pub fn created(dialect: Dialect, answer: &Value) -> Option<SpaceSession> {
    SpaceSession::read(dialect, answer)
}

impl SpaceSession {
    /// Reads one description; `None` where it has no id.
    pub fn read(dialect: Dialect, session: &Value) -> Option<Self> {
        let session = [&session["session"], session].into_iter().find(|value| value.is_object())?;
        let text = |keys: &[&str]| {
            keys.iter()
                .find_map(|key| session[*key].as_str())
                .filter(|text| !text.is_empty())
                .map(|text| one_line(text, MAX_TEXT))
        };
        let id = ["session_id", "sessionId", "id"]
            .iter()
            .find_map(|key| match &session[*key] {
                Value::String(id) => Some(id.clone()),
                Value::Number(id) => Some(id.to_string()),
                _ => None,
            })
            .filter(|id| !id.is_empty() && id.len() <= 256)?;
        let is_active = ["active_session", "active", "is_active"]
            .iter()
            .find_map(|key| session[*key].as_bool());
        let has_end =
            ["ended_at", "end_time", "endedAt"].iter().any(|key| session[*key].is_string());
        let state = text(&["status", "state"]).unwrap_or_else(|| {
            match is_active {
                Some(false) => "ended",
                _ if has_end => "ended",
                _ => "active",
            }
            .to_owned()
        });
        let link = match dialect {
            Dialect::Webfuse => text(&["link", "session_link"]),
            Dialect::Surfly => text(&["leader_link", "viewer_link", "follower_link"]),
        };
        let participants = ["participants", "participants_count", "viewers_count", "viewers"]
            .iter()
            .find_map(|key| match &session[*key] {
                Value::Array(people) => Some(people.len() as u64),
                value => value.as_u64(),
            });
        let time = ["created_at", "createdAt", "start_time", "started_at"]
            .iter()
            .find_map(|key| session[*key].as_str()?.parse::<Timestamp>().ok());
        Some(Self {
            summary: SessionSummary {
                ended: is_over(&state) || is_active == Some(false) || has_end,
                id,
                kind: SessionKind::Browser,
                state,
                created_at: time,
                title: text(&["title", "name"]),
                url: text(&["start_url", "startUrl", "url"]),
            },
            participants,
            link,
        })
    }
}

fn is_over(state: &str) -> bool {
    matches!(
        state.to_ascii_lowercase().as_str(),
        "ended" | "closed" | "finished" | "terminated" | "expired" | "completed"
    )
}

/// Tells what happened between two descriptions of one session, in the words of the services' own events. `before` is
/// `None` for the first description.
pub fn changes(before: Option<&SpaceSession>, now: &SpaceSession) -> Vec<Value> {
    let mut events = Vec::new();
    if before.is_none() && !now.summary.ended {
        let mut started = json!({ "type": "session_started" });
        if let Some(link) = &now.link {
            started["link"] = link.as_str().into();
        }
        events.push(started);
    }
    let people = |session: &SpaceSession| session.participants.unwrap_or_default();
    let (had, has) = (before.map_or(0, people), people(now));
    // The newest indexes are named, because the service does not tell who they are.
    for index in had..has.min(had.saturating_add(100)) {
        events.push(json!({ "type": "participant_joined", "clientIndex": index }));
    }
    for index in (has..had.min(has.saturating_add(100))).rev() {
        events.push(json!({ "type": "participant_left", "clientIndex": index }));
    }
    let place = |session: &SpaceSession| session.summary.url.clone();
    if let (Some(before), Some(url)) = (before, place(now))
        && place(before).as_ref() != Some(&url)
    {
        events.push(json!({ "type": "relocate", "url": url }));
    }
    if now.summary.ended && before.is_none_or(|before| !before.summary.ended) {
        events.push(end_of(now));
    }
    events
}

/// Makes the event that the session has ended, and where it was last.
pub fn end_of(last: &SpaceSession) -> Value {
    let mut ended = json!({ "type": "session_ended" });
    if let Some(url) = &last.summary.url {
        ended["final_location"] = url.as_str().into();
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_many_shapes() {
        for list in [
            json!([{"session_id": "a"}]),
            json!({"sessions": [{"session_id": "a"}, 3, {}]}),
            json!({"results": [{"id": "a"}]}),
            json!({"data": [{"sessionId": "a", "status": "active"}]}),
        ] {
            let sessions = sessions_of(Dialect::Webfuse, &list).unwrap();
            assert_eq!(sessions.len(), 1, "{list}");
            assert_eq!(sessions[0].summary.id, "a");
            assert!(!sessions[0].summary.ended);
        }
        assert_eq!(sessions_of(Dialect::Surfly, &json!({"detail": "no"})), None);
    }

    #[test]
    fn each_dialect_has_its_link() {
        let webfuse = json!({"session_id": "s", "link": "https://a.test/s"});
        let surfly = json!({"session_id": "s", "leader_link": "https://b.test/l", "viewer_link": "https://b.test/v", "pin": "1234"});
        let link = |dialect, json: &Value| created(dialect, json).unwrap().link;
        assert_eq!(link(Dialect::Webfuse, &webfuse).as_deref(), Some("https://a.test/s"));
        assert_eq!(link(Dialect::Surfly, &surfly).as_deref(), Some("https://b.test/l"));
    }

    #[test]
    fn differences_become_events() {
        let read = |json: Value| SpaceSession::read(Dialect::Surfly, &json).unwrap();
        let kinds = |before: Option<&SpaceSession>, now: &SpaceSession| {
            let words = changes(before, now);
            words.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let first = read(
            json!({"session_id": "s", "viewers_count": 1, "url": "https://a.test", "viewer_link": "https://b.test/v"}),
        );
        assert_eq!(changes(None, &first)[0]["link"], "https://b.test/v");
        let second = read(json!({"session_id": "s", "viewers_count": 3, "url": "https://b.test"}));
        let ended = read(
            json!({"session_id": "s", "viewers_count": 0, "url": "https://b.test", "active_session": false}),
        );
        assert_eq!(kinds(None, &first), ["session_started", "participant_joined"]);
        assert_eq!(kinds(Some(&first), &first), [""; 0]);
        assert_eq!(
            kinds(Some(&first), &second),
            ["participant_joined", "participant_joined", "relocate"]
        );
        assert_eq!(
            kinds(Some(&second), &ended),
            ["participant_left", "participant_left", "participant_left", "session_ended"]
        );
        assert_eq!(kinds(Some(&ended), &ended), [""; 0]);
    }

    #[test]
    fn a_lying_count_is_no_flood() {
        let lie = SpaceSession { participants: Some(u64::MAX), ..SpaceSession::default() };
        assert!(changes(None, &lie).len() <= 101);
    }
}
