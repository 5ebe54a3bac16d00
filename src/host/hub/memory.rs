//! Keeps what a hub remembers: the newest events, and of what somebody does all the time only the last.

use std::collections::VecDeque;
use std::sync::Arc;

use super::HubEvent;

/// All remembered events have at most so many bytes together; the oldest go first.
pub(super) const MAX_BYTES: usize = 8 << 20;

/// The events that a hub remembers, bounded in number and bytes.
#[derive(Debug, Default)]
pub(super) struct EventMemory {
    /// The events in the order of their ids. An id between two of them belongs to an event of which a newer one says
    /// the same.
    events: VecDeque<Arc<HubEvent>>,
    /// The id of the last event that had to make room; 0 before the first.
    lost: u64,
    bytes: usize,
}

impl EventMemory {
    /// Keeps `event`, and at most `most` events with it.
    pub(super) fn keep(&mut self, event: HubEvent, most: usize) {
        if let Some(active) = event.active {
            // This event comes every second while somebody types, and would push out all others.
            let says_so = |known: &Arc<HubEvent>| known.active == Some(active);
            if let Some(at) = self.events.iter().rposition(says_so) {
                self.forget(at);
            }
        }
        self.bytes += event.sse.len();
        self.events.push_back(Arc::new(event));
        while self.events.len() > 1 && (self.events.len() > most || self.bytes > MAX_BYTES) {
            self.lost = self.forget(0).unwrap_or(self.lost);
        }
    }

    fn forget(&mut self, at: usize) -> Option<u64> {
        let event = self.events.remove(at)?;
        self.bytes -= event.sse.len();
        Some(event.id)
    }

    /// Returns the last id that nobody can be told any more.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Returns the events with this id and later ones, oldest first.
    pub(super) fn since(&self, id: u64) -> impl DoubleEndedIterator<Item = &Arc<HubEvent>> {
        let at = self.events.partition_point(|event| event.id < id);
        self.events.range(at..)
    }

    /// Returns the id of the first of the last `count` events.
    pub(super) fn first_of(&self, count: usize) -> Option<u64> {
        let at = self.events.len().saturating_sub(count);
        self.events.get(at).map(|event| event.id)
    }

    #[cfg(test)]
    pub(super) fn size(&self) -> (usize, usize) {
        (self.events.len(), self.bytes)
    }
}
