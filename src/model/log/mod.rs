//! Keeps the session's event log, a bounded ring of rows, in which each answer is tied to its request.

mod export;
mod filter;
mod pairing;
mod row;
mod term;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

pub use export::{write_csv, write_json_lines};
pub use filter::{FilteredView, LogFilter, Synced};
pub use row::{Outcome, Pair, Row};

use super::{ConsoleLevel, Family, Phase, SessionEvent};
use pairing::OpenRequests;

const MAX_ROWS: usize = 100_000;
/// Bytes of all strings that the rows hold.
const MAX_BYTES: usize = 64 << 20;

/// The newest rows of a session's log. Older ones are evicted and counted.
#[derive(Debug)]
pub struct Log {
    /// Invariant: sequence numbers are contiguous and end at `next_seq - 1`.
    rows: VecDeque<Row>,
    next_seq: u64,
    bytes: usize,
    max_rows: usize,
    max_bytes: usize,
    per_family: BTreeMap<Family, usize>,
    per_level: BTreeMap<ConsoleLevel, usize>,
    open_requests: OpenRequests,
    /// Tells this log from any other while somebody holds a clone.
    identity: Arc<()>,
}

impl Default for Log {
    fn default() -> Self {
        Self::with_limits(MAX_ROWS, MAX_BYTES)
    }
}

impl Log {
    /// Creates a log of at most `max_rows` rows, whose strings have at most `max_bytes`. The last row is kept even
    /// where it alone passes `max_bytes`.
    pub fn with_limits(max_rows: usize, max_bytes: usize) -> Self {
        Self {
            rows: VecDeque::new(),
            next_seq: 1,
            bytes: 0,
            max_rows: max_rows.max(1),
            max_bytes,
            per_family: BTreeMap::new(),
            per_level: BTreeMap::new(),
            open_requests: OpenRequests::default(),
            identity: Arc::new(()),
        }
    }

    /// Adds a row, or counts the event in the last row where both say the same.
    pub fn push(&mut self, event: SessionEvent) {
        if let Some(last) = self.rows.back_mut().filter(|last| last.is_repeated_by(&event)) {
            last.times = last.times.saturating_add(1);
            return;
        }
        let mut row = Row::new(self.next_seq, event);
        self.pair_up(&mut row);
        self.bytes += row.bytes();
        *self.per_family.entry(row.event.family()).or_default() += 1;
        if let Some(level) = row.event.level {
            *self.per_level.entry(level).or_default() += 1;
        }
        self.rows.push_back(row);
        self.next_seq += 1;
        while self.rows.len() > self.max_rows
            || (self.bytes > self.max_bytes && self.rows.len() > 1)
        {
            self.evict();
        }
    }

    /// Returns the number of rows that are kept.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns how many rows were dropped to make room for newer ones.
    pub fn evicted(&self) -> u64 {
        self.seqs().start - 1
    }

    /// Returns the sequence numbers of the rows that are kept. The first row ever has number 1.
    pub fn seqs(&self) -> Range<u64> {
        self.next_seq - self.rows.len() as u64..self.next_seq
    }

    /// Returns the row with this number, unless it was evicted.
    pub fn get(&self, seq: u64) -> Option<&Row> {
        self.rows.get(self.index(seq)?)
    }

    /// Returns all rows, oldest first.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.rows.iter()
    }

    /// Returns the rows from number `seq` on, oldest first.
    pub fn rows_from(&self, seq: u64) -> impl ExactSizeIterator<Item = &Row> {
        let skipped = seq.saturating_sub(self.seqs().start).min(self.rows.len() as u64);
        self.rows.range(skipped as usize..)
    }

    /// Returns how many of the rows are of this family.
    pub fn count(&self, family: Family) -> usize {
        self.per_family.get(&family).copied().unwrap_or_default()
    }

    /// Returns how many of the rows are of this level of the console.
    pub fn count_level(&self, level: ConsoleLevel) -> usize {
        self.per_level.get(&level).copied().unwrap_or_default()
    }

    fn index(&self, seq: u64) -> Option<usize> {
        usize::try_from(seq.checked_sub(self.seqs().start)?).ok()
    }

    fn pair_up(&mut self, row: &mut Row) {
        let Some(request) = &row.event.request else {
            return;
        };
        match request.phase {
            Phase::Requested => self.open_requests.insert(&request.id, row.seq),
            Phase::Answered { ok } => {
                let Some(asked) = self.open_requests.remove(&request.id) else {
                    return;
                };
                let Some(index) = self.index(asked) else {
                    return;
                };
                let Some(request_row) = self.rows.get_mut(index) else {
                    return;
                };
                let duration = pairing::duration(&request_row.event, &row.event);
                request_row.pair = Some(Pair { other: row.seq, duration, ok });
                row.pair = Some(Pair { other: asked, duration, ok });
            }
        }
    }

    fn evict(&mut self) {
        let Some(row) = self.rows.pop_front() else {
            return;
        };
        self.bytes -= row.bytes();
        *self.per_family.entry(row.event.family()).or_default() -= 1;
        if let Some(level) = row.event.level {
            *self.per_level.entry(level).or_default() -= 1;
        }
        if let Some(request) = &row.event.request {
            self.open_requests.forget(&request.id, row.seq);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::row::tests::{at, event, half};
    use super::*;
    use crate::model::EventKind;

    fn log(events: impl IntoIterator<Item = SessionEvent>) -> Log {
        let mut log = Log::default();
        events.into_iter().for_each(|event| log.push(event));
        log
    }

    #[test]
    fn who_goes_on_being_active_has_one_row_until_something_happens() {
        let active = |who: &str| event(EventKind::UserActivity, "user_activity", who);
        let log = log([
            active("Ada"),
            active("Ada"),
            active("Bob"),
            active("Bob"),
            event(EventKind::Console, "log", "x"),
            event(EventKind::Console, "log", "x"),
            active("Bob"),
        ]);
        let rows: Vec<_> = log.rows().map(|row| (&*row.event.text, row.times)).collect();
        assert_eq!(rows, [("Ada", 2), ("Bob", 2), ("x", 1), ("x", 1), ("Bob", 1)]);
        assert_eq!(log.count(Family::People), 3);
    }

    #[test]
    fn the_oldest_rows_make_room_and_numbers_stay() {
        let mut log = Log::with_limits(3, usize::MAX);
        for n in 1..=5 {
            log.push(event(EventKind::Console, "log", &format!("line {n}")));
        }
        assert_eq!((log.len(), log.evicted(), log.seqs()), (3, 2, 3..6));
        assert_eq!(log.get(2), None);
        assert_eq!(log.get(3).unwrap().event.text, "line 3");
        assert_eq!(log.get(6), None);
        assert_eq!(log.rows_from(5).map(|row| row.seq).collect::<Vec<_>>(), [5]);
        assert_eq!(log.rows_from(0).len(), 3);
        assert_eq!(log.rows_from(99).len(), 0);
        assert_eq!((log.count(Family::Console), log.count(Family::Page)), (3, 0));
    }

    #[test]
    fn text_is_bounded_too_but_the_newest_row_stays() {
        let mut log = Log::with_limits(100, 10_000);
        for _ in 0..50 {
            log.push(SessionEvent {
                raw: "x".repeat(1000).into(),
                ..event(EventKind::Unknown, "big", "")
            });
            assert!(log.bytes <= 10_000, "{}", log.bytes);
        }
        assert!((5..10).contains(&log.len()), "{}", log.len());
        log.push(SessionEvent {
            raw: "x".repeat(20_000).into(),
            ..event(EventKind::Unknown, "huge", "")
        });
        assert_eq!(log.seqs(), 51..52);
        log.push(event(EventKind::Unknown, "small", ""));
        assert_eq!(log.seqs(), 52..53);
        assert_eq!(log.bytes, log.rows().map(Row::bytes).sum::<usize>());
    }

    #[test]
    fn answers_are_tied_to_their_requests() {
        use Phase::{Answered, Requested};
        let log = log([
            half("a", Requested, at(1_000), Some(at(5_000))),
            half("b", Requested, at(1_100), None),
            half("a", Answered { ok: true }, at(1_900), Some(at(5_250))),
            half("b", Answered { ok: false }, at(1_400), Some(at(9_999))),
            half("a", Answered { ok: true }, at(2_000), None),
            half("c", Requested, at(2_100), None),
        ]);
        let pairs: Vec<_> = log
            .rows()
            .map(|row| row.pair.map(|pair| (pair.other, pair.duration.as_millis(), pair.ok)))
            .collect();
        // `a` is timed by the server's clock and `b` by ours, because only one half of it has a server's time.
        let expected = [
            Some((3, 250, true)),
            Some((4, 300, false)),
            Some((1, 250, true)),
            Some((2, 300, false)),
        ];
        assert_eq!(pairs[..4], expected);
        assert_eq!(pairs[4..], [None, None], "a second answer and an open request");
        let outcomes: Vec<_> = log.rows().map(Row::outcome).collect();
        let expected = [
            Outcome::Ok,
            Outcome::Failed,
            Outcome::Ok,
            Outcome::Failed,
            Outcome::Ok,
            Outcome::Pending,
        ];
        assert_eq!(outcomes, expected.map(Some));
    }

    #[test]
    fn an_id_that_is_used_again_pairs_with_the_newer_request() {
        let requested = |ms| half("a", Phase::Requested, at(ms), None);
        let log = log([
            requested(0),
            requested(100),
            half("a", Phase::Answered { ok: true }, at(150), None),
        ]);
        assert_eq!(log.get(1).unwrap().outcome(), Some(Outcome::Pending));
        assert_eq!(log.get(2).unwrap().pair.unwrap().other, 3);
    }

    #[test]
    fn a_request_that_was_evicted_is_forgotten() {
        let mut log = Log::with_limits(1, usize::MAX);
        log.push(half("a", Phase::Requested, at(0), None));
        log.push(event(EventKind::Console, "log", "in between"));
        assert_eq!(log.open_requests.len(), 0);
        log.push(half("a", Phase::Answered { ok: true }, at(9), None));
        assert_eq!(log.get(3).unwrap().pair, None);
    }
}
