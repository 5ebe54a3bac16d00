//! Holds a stream to a rate by telling when its next picture may have its turn.

use std::time::{Duration, Instant};

/// The rate at which a stream's pictures are decoded: as fast as they come, unless a period is set.
#[derive(Debug, Default)]
pub(super) struct FramePace {
    /// The least time between two turns. Zero means no limit.
    period: Duration,
    next: Option<Instant>,
}

impl FramePace {
    /// Sets the rate, `None` for every picture. Returns whether it differs from the rate before.
    pub(super) fn set_rate(&mut self, per_second: Option<u32>) -> bool {
        let period = per_second
            .and_then(|rate| Duration::from_secs(1).checked_div(rate))
            .unwrap_or_default();
        std::mem::replace(&mut self.period, period) != period
    }

    /// Returns when the next turn may begin, or `None` if it may begin now.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        self.next.filter(|next| !self.period.is_zero() && *next > now)
    }

    /// Notes that a turn begins. One that comes late, as pictures do over a network, does not delay those after it:
    /// else a source as fast as the rate would lag behind by its worst delay for good.
    pub(super) fn begin(&mut self, now: Instant) {
        let earliest = now.checked_sub(self.period).unwrap_or(now);
        let planned = self.next.map_or(now, |next| next.max(earliest));
        self.next = Some(planned + self.period);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let mut pace = FramePace::default();
        let now = Instant::now();
        pace.begin(now);
        pace.begin(now);
        assert_eq!(pace.due(now), None);
    }

    #[test]
    fn a_fast_source_is_held_to_the_rate() {
        let mut pace = FramePace::default();
        assert!(pace.set_rate(Some(10)));
        assert!(!pace.set_rate(Some(10)));
        let start = Instant::now();
        let turns = (0..1000)
            .map(|at| start + ms(at))
            .filter(|now| {
                let ready = pace.due(*now).is_none();
                if ready {
                    pace.begin(*now);
                }
                ready
            })
            .count();
        assert!((10..=11).contains(&turns), "{turns}");
        assert!(pace.set_rate(None));
        assert_eq!(pace.due(start + ms(1000)), None);
    }

    #[test]
    fn one_late_picture_does_not_delay_all_that_follow() {
        let mut pace = FramePace::default();
        pace.set_rate(Some(10));
        let start = Instant::now();
        pace.begin(start);
        pace.begin(start + ms(180));
        for n in 2..20 {
            let on_time = start + ms(100 * n);
            assert_eq!(pace.due(on_time), None, "{n}");
            pace.begin(on_time);
        }
    }
}
