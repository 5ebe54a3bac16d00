//! Tells the requests of pages to those who asked for them. They are many and small, so they have no ids, push nothing
//! out of the history, and are kept only until whoever asked has read them.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::{EventRing, Hub, Subscription};
use crate::base::redact;
use crate::model::EventKind;

/// So many wait for a slow reader, who is told how many it missed.
pub(super) const MAX_PASSING: usize = 512;

/// The last events that are told once, with their numbers.
#[derive(Debug, Default)]
pub(super) struct PassingEvents {
    waiting: VecDeque<(u64, Value)>,
    end: u64,
}

impl PassingEvents {
    /// Returns the number of the event that comes next.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    fn push(&mut self, event: Value) {
        self.waiting.push_back((self.end, event));
        self.end += 1;
        if self.waiting.len() > MAX_PASSING {
            self.waiting.pop_front();
        }
    }

    /// Returns the next event from the number `wanted` on, which is put behind it.
    pub(super) fn next(&self, wanted: &mut Option<u64>) -> Option<Value> {
        let from = (*wanted)?;
        let (number, event) = self.waiting.iter().find(|(number, _)| *number >= from)?;
        *wanted = Some(number + 1);
        let mut event = event.clone();
        if *number > from {
            let before = event["left_out"].as_u64().unwrap_or_default();
            event["left_out"] = (number - from + before).into();
        }
        Some(event)
    }
}

impl Hub {
    /// Tells those of a request of a page who asked for that, once and without an id.
    pub(crate) fn pass(&self, kind: EventKind, mut fields: Value) {
        redact::json(&mut fields);
        fields["type"] = kind.word().into();
        fields["timestamp"] = Timestamp::now().to_string().into();
        let mut ring = self.lock();
        if ring.closed {
            return;
        }
        ring.passing.push(fields);
        drop(ring);
        self.wake();
    }

    /// Returns a watch on whether anybody wants to be told of the requests of pages.
    pub(crate) fn wants_requests(&self) -> watch::Receiver<bool> {
        self.wants_requests.subscribe()
    }

    /// Tells whether anybody still wants requests, after a subscriber changed its mind, came or went.
    pub(super) fn count_wishes(&self, ring: &mut EventRing) {
        let wanted = ring.subscribers.values().any(|subscriber| subscriber.requests);
        if !wanted {
            ring.passing.waiting.clear();
        }
        self.wants_requests.send_if_modified(|was| std::mem::replace(was, wanted) != wanted);
    }
}

impl Subscription {
    /// Tells from now on of the requests of pages, or no longer.
    pub(crate) fn want_requests(&mut self, on: bool) {
        let hub = self.hub.clone();
        let mut ring = hub.lock();
        self.passing = on.then(|| ring.passing.end());
        if let Some(subscriber) = ring.subscribers.get_mut(&self.key) {
            subscriber.requests = on;
        }
        hub.count_wishes(&mut ring);
    }
}
