//! Reads from a request who subscribes to events, and where they want to begin.

use http::HeaderMap;
use serde::Deserialize;

use crate::host::error::ApiError;
use crate::host::hub::{After, SubscriberWish};

const MAX_NAME: usize = 64;

/// The query of a stream of events.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EventsQuery {
    #[serde(rename = "lastEventId", alias = "evs_last_event_id", alias = "last_event_id")]
    last_event_id: Option<String>,
    #[serde(rename = "historySize", alias = "history_size")]
    history_size: Option<usize>,
    #[serde(rename = "sessionId", alias = "session_id")]
    session_id: Option<String>,
    /// The requests of pages are told, too.
    requests: bool,
}

impl EventsQuery {
    /// Returns where to begin. The header goes before the query, which some clients can set only once.
    fn after(&self, headers: &HeaderMap) -> After {
        let header = headers
            .get("last-event-id")
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        match header.or_else(|| self.last_event_id.clone()) {
            None => After::Now,
            Some(id) if id.is_empty() => After::Now,
            Some(id) => id.trim().parse().map_or(After::Unknown, After::Id),
        }
    }

    /// Returns what the subscriber asks for; `owns` where it owns what is told.
    pub(crate) fn wish(
        &self,
        transport: &'static str,
        headers: &HeaderMap,
        owns: bool,
    ) -> Result<SubscriberWish, ApiError> {
        let (name, after, history) = (self.name()?, self.after(headers), self.history_size);
        Ok(SubscriberWish { name, transport, after, history, owns, requests: self.requests })
    }

    /// Returns the subscriber's own name; an error where it is not a plain one.
    pub(crate) fn name(&self) -> Result<Option<String>, ApiError> {
        match &self.session_id {
            Some(name) if is_plain(name) => Ok(Some(name.clone())),
            Some(_) => Err(ApiError::bad(
                "sessionId is 1 to 64 letters, digits, dots, dashes and underscores",
            )),
            None => Ok(None),
        }
    }
}

/// Tells whether a subscriber may have this name.
pub(crate) fn is_plain(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_plain)
}
