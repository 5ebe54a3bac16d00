//! Decides when to fetch the session list.

use std::time::{Duration, Instant};

use crate::base::Backoff;

/// Greatest age of a list that the user looks at.
const PERIOD: Duration = Duration::from_secs(5);
/// Greatest age of a list that is on the screen while the user is away.
const RARE_PERIOD: Duration = Duration::from_secs(60);
/// Least time between two tries of a key that is refused, because some services lock out clients that repeat one.
const KEY_PERIOD: Duration = Duration::from_secs(90);

/// How closely the user looks at a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interest {
    /// Nobody looks at the list.
    #[default]
    None,
    /// The list is on the screen, but the user seems to be away.
    Rare,
    /// The user looks at the list.
    Close,
}

impl Interest {
    fn period(self) -> Option<Duration> {
        match self {
            Self::None => None,
            Self::Rare => Some(RARE_PERIOD),
            Self::Close => Some(PERIOD),
        }
    }
}

/// Polls while somebody looks, slower where the service fails, and not at all where it refuses.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    interest: Interest,
    next: Option<Instant>,
    /// Whether the service refused, so that only the user may ask again.
    is_refused: bool,
    backoff: Backoff,
}

/// End of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    Listed,
    Failed,
    /// A key that worked is refused. It is tried again, but not often.
    KeyRefused,
    /// The service refused, and asking again would be wrong, because some services lock out clients that repeat a
    /// refused key.
    Refused,
}

impl Schedule {
    /// Returns the time of the next fetch.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    pub(super) fn interest(&mut self, interest: Interest, now: Instant) {
        if std::mem::replace(&mut self.interest, interest) == interest {
            return;
        }
        self.next = match interest {
            _ if self.is_refused => None,
            Interest::None => None,
            // The list is as fresh as was wanted until now.
            Interest::Rare => Some(now + RARE_PERIOD),
            Interest::Close => Some(now),
        };
    }

    /// Makes a fetch due at once, because the user asks or the list is known to have changed.
    pub(super) fn refresh(&mut self, now: Instant) {
        self.is_refused = false;
        self.next = Some(now);
    }

    pub(super) fn started(&mut self) {
        self.next = None;
    }

    pub(super) fn fetched(&mut self, fetched: Fetched, jitter: f64, now: Instant) {
        let period = self.interest.period();
        self.is_refused = fetched == Fetched::Refused;
        let delay = match fetched {
            Fetched::Listed => {
                self.backoff = Backoff::default();
                period.unwrap_or(PERIOD)
            }
            Fetched::Failed => self.backoff.next_delay(jitter).max(period.unwrap_or(PERIOD)),
            Fetched::KeyRefused => self.backoff.next_delay(jitter).max(KEY_PERIOD),
            Fetched::Refused => return,
        };
        // A refresh that was asked for during the fetch comes first.
        if period.is_some() && self.next.is_none() {
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
        schedule.interest(Interest::Close, at(0));
        assert_eq!(schedule.next(), Some(at(0)));
        schedule.started();
        schedule.fetched(Fetched::Listed, 0.0, at(1));
        assert_eq!(schedule.next(), Some(at(6)));
        schedule.interest(Interest::None, at(2));
        assert_eq!(schedule.next(), None);
        schedule.refresh(at(3));
        schedule.started();
        schedule.fetched(Fetched::Listed, 0.0, at(4));
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn polls_rarely_where_nobody_is_there_and_at_once_when_somebody_comes() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut schedule = Schedule::default();
        schedule.interest(Interest::Close, at(0));
        schedule.started();
        schedule.fetched(Fetched::Listed, 0.0, at(1));
        schedule.interest(Interest::Rare, at(2));
        assert_eq!(schedule.next(), Some(at(62)));
        schedule.started();
        schedule.fetched(Fetched::Listed, 0.0, at(63));
        assert_eq!(schedule.next(), Some(at(123)));
        schedule.interest(Interest::Close, at(70));
        assert_eq!(schedule.next(), Some(at(70)));
    }

    #[test]
    fn failures_slow_it_down_and_a_refusal_stops_it() {
        let now = Instant::now();
        let mut schedule = Schedule::default();
        schedule.interest(Interest::Close, now);
        let mut delay = |fetched| {
            schedule.started();
            schedule.fetched(fetched, 0.0, now);
            schedule.next().map(|next| (next - now).as_secs())
        };
        let failing: Vec<_> = (0..7).filter_map(|_| delay(Fetched::Failed)).collect();
        assert_eq!(failing, [5, 5, 5, 5, 5, 8, 16]);
        assert_eq!(delay(Fetched::Listed), Some(5));
        assert_eq!(delay(Fetched::KeyRefused), Some(90));
        assert_eq!(delay(Fetched::Refused), None);
        schedule.interest(Interest::Rare, now);
        schedule.interest(Interest::Close, now);
        assert_eq!(schedule.next(), None, "coming back is no reason to ask again");
        schedule.refresh(now);
        assert_eq!(schedule.next(), Some(now));
    }
}
