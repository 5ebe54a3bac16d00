//! Limits how much one participant may say at once. These rules are pure.

use std::time::Duration;

use tokio::time::Instant;

/// A participant may say so much at once, and one more after each period.
#[derive(Debug)]
pub(super) struct Budget {
    most: u32,
    period: Duration,
    left: u32,
    since: Instant,
}

/// One participant's budgets.
#[derive(Debug)]
pub(super) struct Budgets {
    pub(super) say: Budget,
    pub(super) point: Budget,
    pub(super) ask: Budget,
}

impl Budget {
    pub(super) fn new(most: u32, period: Duration, now: Instant) -> Self {
        Self { most, period, left: most, since: now }
    }

    /// Spends one, and tells whether it was within the budget.
    pub(super) fn spend(&mut self, now: Instant) -> bool {
        let periods = now.saturating_duration_since(self.since).as_nanos() / self.period.as_nanos();
        let periods = u32::try_from(periods).unwrap_or(u32::MAX);
        if periods >= self.most {
            (self.left, self.since) = (self.most, now);
        } else {
            self.left = (self.left + periods).min(self.most);
            self.since += self.period * periods;
        }
        let within = self.left > 0;
        self.left = self.left.saturating_sub(1);
        within
    }
}

impl Budgets {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            say: Budget::new(10, Duration::from_secs(1), now),
            // Mice send their place up to some hundred times a second.
            point: Budget::new(250, Duration::from_millis(4), now),
            ask: Budget::new(30, Duration::from_millis(200), now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_comes_back_with_time_and_never_grows() {
        let start = Instant::now();
        let mut budget = Budget::new(2, Duration::from_secs(1), start);
        for (ms, within) in [
            (0, true),
            (0, true),
            (900, false),
            (1000, true),
            (1900, false),
            (2100, true),
            (2200, false),
            (60_000, true),
            (60_000, true),
            (60_000, false),
        ] {
            assert_eq!(budget.spend(start + Duration::from_millis(ms)), within, "{ms}");
        }
    }
}
