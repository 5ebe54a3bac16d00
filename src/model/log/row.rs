//! One row of the log: an event, its place, and the other half of its action.

use std::time::Duration;

use super::filter::search_text;
use crate::model::{EventKind, Phase, SessionEvent};

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Counts from 1 and is never used again.
    pub seq: u64,
    pub event: SessionEvent,
    pub pair: Option<Pair>,
    /// How many events say so, one right after the other. Their times but for the first are not kept.
    pub times: u32,
    /// What the filter looks through: made once, because typing looks through all rows.
    pub(super) search: Box<str>,
}

/// The other half of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its sequence number; the row may be evicted by now.
    pub other: u64,
    pub duration: Duration,
    pub ok: bool,
}

/// What became of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pending,
    Ok,
    Failed,
}

impl Row {
    pub(super) fn new(seq: u64, event: SessionEvent) -> Self {
        let search = search_text(&event);
        Self { seq, event, pair: None, times: 1, search }
    }

    /// Whether an event right after this row says nothing more than it: that somebody goes on being active.
    pub(super) fn says(&self, event: &SessionEvent) -> bool {
        let (this, next) = (&self.event, event);
        // It comes every second while somebody types, and would bury all else.
        next.kind == EventKind::UserActivity && (this.kind, &this.text) == (next.kind, &next.text)
    }

    /// `None` for rows that are no half of an action.
    pub fn outcome(&self) -> Option<Outcome> {
        let ok = match (self.pair, self.event.request.as_ref()?.phase) {
            (Some(pair), _) => pair.ok,
            (None, Phase::Answered { ok }) => ok,
            (None, Phase::Requested) => return Some(Outcome::Pending),
        };
        Some(if ok { Outcome::Ok } else { Outcome::Failed })
    }

    /// Of all strings that it holds.
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
