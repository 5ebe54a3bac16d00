//! When to fetch the session list.

use std::time::{Duration, Instant};

use crate::base::Backoff;

/// How old a list that is on screen may grow.
const PERIOD: Duration = Duration::from_secs(5);

/// Polls while somebody looks; slower where the service fails; not at all where it refuses.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    is_watched: bool,
    next: Option<Instant>,
    backoff: Backoff,
}

/// How a fetch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    Listed,
    Failed,
    /// Asking again would be wrong: some services lock out who repeats a refused key.
    Refused,
}

impl Schedule {
    /// When the next fetch is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    pub(super) fn watched(&mut self, is_watched: bool, now: Instant) {
        if is_watched != self.is_watched {
            self.is_watched = is_watched;
            self.next = is_watched.then_some(now);
        }
    }

    /// The user asks, or the list is known to have changed.
    pub(super) fn refresh(&mut self, now: Instant) {
        self.next = Some(now);
    }

    pub(super) fn started(&mut self) {
        self.next = None;
    }

    pub(super) fn fetched(&mut self, fetched: Fetched, jitter: f64, now: Instant) {
        let delay = match fetched {
            Fetched::Listed => {
                self.backoff = Backoff::default();
                PERIOD
            }
            Fetched::Failed => self.backoff.next_delay(jitter).max(PERIOD),
            Fetched::Refused => return,
        };
        // A refresh that was asked for meanwhile comes first.
        if self.is_watched && self.next.is_none() {
            self.next = Some(now + delay);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_only_while_it_is_watched() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut schedule = Schedule::default();
        assert_eq!(schedule.next(), None);
        schedule.watched(true, at(0));
        assert_eq!(schedule.next(), Some(at(0)));
        schedule.started();
        schedule.fetched(Fetched::Listed, 0.0, at(1));
        assert_eq!(schedule.next(), Some(at(6)));
        schedule.watched(false, at(2));
        assert_eq!(schedule.next(), None);
        schedule.refresh(at(3));
        schedule.started();
        schedule.fetched(Fetched::Listed, 0.0, at(4));
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn failures_slow_it_down_and_a_refusal_stops_it() {
        let now = Instant::now();
        let mut schedule = Schedule::default();
        schedule.watched(true, now);
        let mut delay = |fetched| {
            schedule.started();
            schedule.fetched(fetched, 0.0, now);
            schedule.next().map(|next| (next - now).as_secs())
        };
        let failing: Vec<_> = (0..7).filter_map(|_| delay(Fetched::Failed)).collect();
        assert_eq!(failing, [5, 5, 5, 5, 5, 8, 16]);
        assert_eq!(delay(Fetched::Listed), Some(5));
        assert_eq!(delay(Fetched::Refused), None);
    }
}
