//! Reads a session as the service describes it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::words::{bounded, text_at};
use crate::base::text::one_line;
use crate::model::{ChatOffer, Lifetime, SessionKind, SessionSummary};
use crate::protocol::time::timestamp;

/// The description of a session. Every field of it but the id is optional on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Computer {
    /// The session as lists show it.
    pub summary: SessionSummary,
    /// The session's limits of time.
    pub lifetime: Lifetime,
    /// The path or URL of the socket that takes control, if the description has one.
    pub control_endpoint: Option<String>,
    /// The place where the session's assistant takes questions, and whether it takes tasks.
    pub chat: ChatOffer,
    /// The reason why the session is over, in one sentence, if it is.
    pub ended: Option<String>,
}

impl Computer {
    /// Reads one description; `None` where it has no id.
    pub fn read(value: &Value) -> Option<Self> {
        let id = ["id", "computer_id", "session_id"]
            .iter()
            .find_map(|key| value[*key].as_str().filter(|id| !id.is_empty()))?;
        let ended = ended_words(value);
        let kind = match text_at(value, &["kind", "type"]) {
            Some("desktop") => SessionKind::Desktop,
            Some("sample") => SessionKind::Sample,
            _ => SessionKind::Browser,
        };
        let shown = |key: &str| {
            value[key].as_str().filter(|text| !text.is_empty()).map(|text| bounded(text, 4096))
        };
        let endpoint =
            |name: &str| value["endpoints"][name].as_str().map(|text| bounded(text, 4096));
        Some(Self {
            summary: SessionSummary {
                id: bounded(id, 256),
                kind,
                ended: ended.is_some(),
                state: state_word(value),
                created_at: timestamp(&value["created_at"]),
                title: shown("title"),
                url: shown("url"),
            },
            lifetime: lifetime(value),
            control_endpoint: endpoint("control"),
            chat: ChatOffer {
                messages: endpoint("chat"),
                tasks: value["endpoints"]["tasks"].is_string(),
            },
            ended,
        })
    }
}

/// Returns why a session is over, in one sentence, if a description, a status or an event of its state says that it is.
pub fn ended_words(value: &Value) -> Option<String> {
    let state = state_word(value);
    if !is_ended(&state) {
        return None;
    }
    let reason = text_at(
        value,
        &["reason", "ended_reason", "termination_reason", "why", "message", "error_message"],
    );
    Some(match reason {
        Some(reason) => format!("The session has ended: {}", one_line(reason, 300)),
        None => format!("The session has ended ({state})"),
    })
}

/// A list has at most so many sessions.
const MAX_COMPUTERS: usize = 5000;

/// Reads the session list, bare or wrapped. Entries without an id are passed over.
pub fn computers_of(value: &Value) -> Option<Vec<Computer>> {
    let list = value.as_array().or_else(|| {
        ["computers", "sessions", "data", "items"].iter().find_map(|key| value[*key].as_array())
    })?;
    Some(list.iter().filter_map(Computer::read).take(MAX_COMPUTERS).collect())
}

fn state_word(value: &Value) -> String {
    one_line(text_at(value, &["status", "state"]).unwrap_or_default(), 64)
}

/// Tells whether a status word says that the session is over. Unknown words do not.
fn is_ended(word: &str) -> bool {
    const ENDED: [&str; 12] = [
        "terminated",
        "released",
        "closed",
        "completed",
        "failed",
        "error",
        "timed_out",
        "stopped",
        "not_found",
        "ended",
        "expired",
        "crashed",
    ];
    ENDED.contains(&word.to_ascii_lowercase().replace('-', "_").as_str())
}

fn lifetime(value: &Value) -> Lifetime {
    let seconds = |keys: &[&str]| {
        let value = keys.iter().find_map(|key| value[*key].as_f64())?;
        Duration::try_from_secs_f64(value).ok().filter(|limit| !limit.is_zero())
    };
    let after = |start: &str, limit: Option<Duration>| {
        let start: Timestamp = timestamp(&value[start])?;
        start.checked_add(SignedDuration::try_from(limit?).ok()?).ok()
    };
    let never_idle = value["idle_timeout_enabled"] == Value::Bool(false);
    let idle_limit = seconds(&["inactivity_timeout_seconds"]).filter(|_| !never_idle);
    let max_lifetime = seconds(&["max_lifetime_seconds", "timeout_seconds"]);
    Lifetime {
        idle_expires_at: timestamp(&value["idle_expires_at"])
            .filter(|_| !never_idle)
            .or_else(|| after("last_activity_at", idle_limit)),
        expires_at: timestamp(&value["expires_at"]).or_else(|| after("created_at", max_lifetime)),
        idle_limit,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_full_description_is_read() {
        let computer = Computer::read(&json!({
            "id": "comp_1f2e", "kind": "desktop", "status": "running", "created_at": "2026-05-01T10:00:00Z",
            "expires_at": "2026-05-01T11:00:00Z", "idle_expires_at": "2026-05-01T10:02:00Z",
            "last_activity_at": "2026-05-01T10:00:00Z", "max_lifetime_seconds": 3600,
            "inactivity_timeout_seconds": 120, "idle_timeout_enabled": true, "url": "https://a.test/", "title": "",
            "endpoints": {"control": "/computers/comp_1f2e/ws", "screencast": "/computers/comp_1f2e/screencast", "chat": "/chats/7"},
        }))
        .unwrap();
        assert_eq!(
            computer,
            Computer {
                summary: SessionSummary {
                    id: "comp_1f2e".to_owned(),
                    kind: SessionKind::Desktop,
                    state: "running".to_owned(),
                    ended: false,
                    created_at: at("2026-05-01T10:00:00Z"),
                    title: None,
                    url: Some("https://a.test/".to_owned()),
                },
                lifetime: Lifetime {
                    idle_expires_at: at("2026-05-01T10:02:00Z"),
                    expires_at: at("2026-05-01T11:00:00Z"),
                    idle_limit: Some(Duration::from_secs(120)),
                },
                control_endpoint: Some("/computers/comp_1f2e/ws".to_owned()),
                chat: ChatOffer { messages: Some("/chats/7".to_owned()), tasks: false },
                ended: None,
            }
        );
    }

    #[test]
    fn a_bare_description_is_read() {
        assert_eq!(Computer::read(&json!({"status": "running"})), None);
        assert_eq!(Computer::read(&json!({"id": "", "session_id": ""})), None);
        let computer = Computer::read(&json!({"id": "c"})).unwrap();
        assert_eq!((computer.summary.ended, computer.lifetime), (false, Lifetime::default()));
    }

    #[test]
    fn ends_are_worked_out_where_they_are_not_told() {
        let computer = Computer::read(&json!({
            "id": "c", "created_at": "2026-05-01T10:00:00Z", "last_activity_at": "2026-05-01T10:10:00Z",
            "inactivity_timeout_seconds": 60, "timeout_seconds": 1800,
        }));
        let lifetime = computer.unwrap().lifetime;
        assert_eq!(
            (lifetime.idle_expires_at, lifetime.expires_at),
            (at("2026-05-01T10:11:00Z"), at("2026-05-01T10:30:00Z"))
        );
        let unlimited = Computer::read(&json!({
            "id": "c", "idle_expires_at": "2026-05-01T10:02:00Z", "inactivity_timeout_seconds": 60, "idle_timeout_enabled": false,
        }));
        assert_eq!(unlimited.unwrap().lifetime, Lifetime::default());
    }

    #[test]
    fn status_words_are_an_open_set() {
        for word in ["terminated", "RELEASED", "timed-out", "failed", "stopped"] {
            assert!(is_ended(word), "{word}");
        }
        for word in ["ready", "running", "RUNNING", "PENDING", "started", "idle", "", "dreaming"] {
            assert!(!is_ended(word), "{word}");
        }
        for (value, words) in [
            (json!({"status": "terminated"}), Some("The session has ended (terminated)")),
            (json!({"state": "terminated", "reason": "idle"}), Some("The session has ended: idle")),
            (json!({"status": "running", "reason": "asked"}), None),
            (json!(null), None),
        ] {
            assert_eq!(ended_words(&value).as_deref(), words, "{value}");
        }
    }

    #[test]
    fn lists_come_bare_or_wrapped() {
        let ids = |value: Value| {
            computers_of(&value)
                .map(|list| list.into_iter().map(|c| c.summary.id).collect::<Vec<_>>())
        };
        assert_eq!(
            ids(json!([{"id": "a"}, {"no": "id"}, {"id": "b"}])),
            Some(vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(ids(json!({"computers": [{"id": "a"}]})), Some(vec!["a".to_owned()]));
        assert_eq!(ids(json!({"html": "login"})), None);
    }
}
