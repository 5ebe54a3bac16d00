//! Describes one row of the log: an event, its place, and the other half of its action.

use std::time::Duration;

use super::filter::search_text;
use crate::model::{EventKind, Phase, SessionEvent};

/// One row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The row's number. Numbers count from 1, and none is used again.
    pub seq: u64,
    /// The event that the row shows; the first one, where several say the same.
    pub event: SessionEvent,
    /// The other half of the action, once it is known.
    pub pair: Option<Pair>,
    /// How many events in a row say the same. Only the first one's time is kept.
    pub times: u32,
    /// The text that the filter looks through. It is made once, because each key typed looks through all rows.
    pub(super) search: Box<str>,
}

/// Ties a request or an answer to the other half of its action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Sequence number of the other half; its row may be evicted by now.
    pub other: u64,
    /// The time from request to answer.
    pub duration: Duration,
    /// Whether the action succeeded.
    pub ok: bool,
}

/// What became of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its answer did not come yet.
    Pending,
    /// It succeeded.
    Ok,
    /// It failed.
    Failed,
}

impl Row {
    pub(super) fn new(seq: u64, event: SessionEvent) -> Self {
        let search = search_text(&event);
        Self { seq, event, pair: None, times: 1, search }
    }

    /// Tells whether an event right after this row says nothing more than the row: that somebody goes on being active.
    pub(super) fn is_repeated_by(&self, event: &SessionEvent) -> bool {
        let (this, next) = (&self.event, event);
        // This event comes every second while somebody types, and would bury all others.
        next.kind == EventKind::UserActivity && (this.kind, &this.text) == (next.kind, &next.text)
    }

    /// Returns what became of the row's action; `None` for rows that are no half of one.
    pub fn outcome(&self) -> Option<Outcome> {
        let ok = match (self.pair, self.event.request.as_ref()?.phase) {
            (Some(pair), _) => pair.ok,
            (None, Phase::Answered { ok }) => ok,
            (None, Phase::Requested) => return Some(Outcome::Pending),
        };
        Some(if ok { Outcome::Ok } else { Outcome::Failed })
    }

    /// Returns the bytes of all strings that the row holds.
    pub(super) fn bytes(&self) -> usize {
        let SessionEvent { id, name, text, request, raw, .. } = &self.event;
        let ids = id.as_ref().map_or(0, String::len)
            + request.as_ref().map_or(0, |request| request.id.len());
        ids + name.len() + text.len() + raw.len() + self.search.len()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::RequestRef;

    pub(in crate::model::log) fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_767_225_600_000 + ms).unwrap()
    }

    pub(in crate::model::log) fn event(kind: EventKind, name: &str, text: &str) -> SessionEvent {
        let name = name.to_owned().into();
        SessionEvent { received_at: at(0), name, ..SessionEvent::ours(kind, text) }
    }

    pub(in crate::model::log) fn half(
        id: &str,
        phase: Phase,
        received_at: Timestamp,
        server_at: Option<Timestamp>,
    ) -> SessionEvent {
        let request = Some(RequestRef { id: id.to_owned(), phase });
        SessionEvent {
            received_at,
            server_at,
            request,
            ..event(EventKind::ActionRequest, "click", "")
        }
    }
}
