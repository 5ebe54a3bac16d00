//! When the background side may have the window painted again: at once, or on the wall together with what others bring.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Not "now", which paints twice when it is asked for from another thread.
const AT_ONCE: Duration = Duration::from_micros(1);

/// Between two passes on the wall that only bring new pictures: many sessions send them at different moments.
const PERIOD: Duration = Duration::from_millis(66);
/// Where painting is slow, it may take this share of the time, as long as pictures don't grow too old.
const PAINT_SHARE: u32 = 3;
const LONGEST_PERIOD: Duration = Duration::from_millis(130);

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

    /// The last pass took this long: how soon may news have the next one?
    pub(super) fn pass_took(&self, took: Duration, on_wall: bool, now: Instant) {
        let period = (took * PAINT_SHARE).clamp(PERIOD, LONGEST_PERIOD);
        self.hold_until(on_wall.then(|| now + period));
    }

    /// No pass for news alone before `at`; `None`: whenever there is some.
    fn hold_until(&self, at: Option<Instant>) {
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

    #[test]
    fn a_wall_that_is_slow_to_paint_is_painted_less_often_and_one_session_at_once() {
        let start = Instant::now();
        let pace = RepaintPace::new(start);
        let ms = Duration::from_millis;
        for (took, wait) in [(ms(1), PERIOD), (ms(30), ms(90)), (ms(500), LONGEST_PERIOD)] {
            pace.pass_took(took, true, start);
            assert_eq!(pace.wait(start), wait);
        }
        pace.pass_took(ms(30), false, start);
        assert_eq!(pace.wait(start), AT_ONCE);
    }
}
