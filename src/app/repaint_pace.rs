//! When the background side may have the window painted again: at once, or on the wall together with what others bring.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Not "now", which paints twice when it is asked for from another thread.
const AT_ONCE: Duration = Duration::from_micros(1);

/// Shared by the window, which sets it, and by all that wake the window.
#[derive(Clone, Debug)]
pub(super) struct RepaintPace {
    start: Instant,
    /// Microseconds from `start`.
    not_before: Arc<AtomicU64>,
}

impl RepaintPace {
    pub(super) fn new(start: Instant) -> Self {
        Self { start, not_before: Arc::default() }
    }

    /// No pass for news alone before `at`; `None`: whenever there is some.
    pub(super) fn hold_until(&self, at: Option<Instant>) {
        let since_start = |at: Instant| at.saturating_duration_since(self.start).as_micros() as u64;
        self.not_before.store(at.map_or(0, since_start), Ordering::Relaxed);
    }

    /// For a wake at `now`: how long it has to wait.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let not_before = Duration::from_micros(self.not_before.load(Ordering::Relaxed));
        let left = not_before.saturating_sub(now.saturating_duration_since(self.start));
        left.max(AT_ONCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_wait_for_the_next_pass_and_no_longer() {
        let start = Instant::now();
        let pace = RepaintPace::new(start);
        let ms = Duration::from_millis;
        assert_eq!(pace.wait(start + ms(5)), AT_ONCE);
        pace.hold_until(Some(start + ms(70)));
        assert_eq!(pace.wait(start + ms(5)), ms(65));
        assert_eq!(pace.wait(start + ms(70)), AT_ONCE);
        pace.hold_until(None);
        assert_eq!(pace.wait(start + ms(5)), AT_ONCE);
    }
}
