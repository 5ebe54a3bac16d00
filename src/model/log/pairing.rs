//! Knows which requests still wait for their answer, and how long an answer took.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::model::SessionEvent;

const MAX_OPEN: usize = 4096;
/// Longer ids are not remembered: no honest server sends them.
const MAX_ID: usize = 256;

/// The requests without an answer, by id. The oldest is forgotten when there are too many.
#[derive(Debug, Default)]
pub(super) struct OpenRequests {
    by_id: HashMap<String, u64>,
    /// The requests, oldest first. Entries that were answered since stay here until their turn comes.
    order: VecDeque<(u64, String)>,
}

impl OpenRequests {
    /// Remembers the request of the row `seq`.
    pub(super) fn insert(&mut self, id: &str, seq: u64) {
        if id.len() > MAX_ID {
            return;
        }
        self.by_id.insert(id.to_owned(), seq);
        self.order.push_back((seq, id.to_owned()));
        while self.order.len() > MAX_OPEN {
            let Some((seq, id)) = self.order.pop_front() else {
                return;
            };
            self.forget(&id, seq);
        }
    }

    /// Takes out the newest request of this id.
    pub(super) fn remove(&mut self, id: &str) -> Option<u64> {
        self.by_id.remove(id)
    }

    /// Drops this very request, not a newer one of the same id.
    pub(super) fn forget(&mut self, id: &str, seq: u64) {
        if self.by_id.get(id) == Some(&seq) {
            self.by_id.remove(id);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }
}

/// Returns the time from request to answer: by the server's clock if it timed both, else by ours. It is never
/// negative, although clocks jump.
pub(super) fn duration(request: &SessionEvent, answer: &SessionEvent) -> Duration {
    let between = |from: Timestamp, to: Timestamp| Duration::try_from(to.duration_since(from)).ok();
    let server = request.server_at.zip(answer.server_at).and_then(|(from, to)| between(from, to));
    server.or_else(|| between(request.received_at, answer.received_at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::{at, half};
    use super::*;
    use crate::model::Phase;

    #[test]
    fn open_requests_are_bounded() {
        let mut open = OpenRequests::default();
        for n in 0..MAX_OPEN as u64 + 10 {
            open.insert(&n.to_string(), n);
        }
        assert_eq!((open.len(), open.order.len()), (MAX_OPEN, MAX_OPEN));
        assert_eq!(open.remove("9"), None);
        assert_eq!(open.remove("10"), Some(10));
        open.insert(&"x".repeat(MAX_ID + 1), 0);
        assert_eq!(open.len(), MAX_OPEN - 1);
        for n in 0..3 * MAX_OPEN as u64 {
            open.insert("same", n);
            assert_eq!(open.remove("same"), Some(n));
        }
        assert_eq!((open.len(), open.order.len()), (0, MAX_OPEN));
    }

    #[test]
    fn durations_survive_clocks_that_jump() {
        let request = |server| half("a", Phase::Requested, at(1_000), server);
        let answer =
            |received, server| half("a", Phase::Answered { ok: true }, at(received), server);
        for (request, answer, ms) in [
            (request(Some(at(50))), answer(9_000, Some(at(75))), 25),
            (request(Some(at(50))), answer(1_030, Some(at(20))), 30),
            (request(None), answer(1_040, Some(at(20))), 40),
            (request(None), answer(900, None), 0),
        ] {
            assert_eq!(duration(&request, &answer), Duration::from_millis(ms));
        }
    }
}
