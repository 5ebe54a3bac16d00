//! Decides when news from the background may have the window painted: at once, or on the wall together with other news.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The shortest wait. It is not zero, because a repaint "now" that another thread asks for paints twice.
const AT_ONCE: Duration = Duration::from_micros(1);

/// The least time between two passes on the wall that only bring new pictures, because many sessions send them at
/// different moments.
const PERIOD: Duration = Duration::from_millis(16);
/// Slow painting takes at most one part in so many of the time, as long as pictures don't grow too old.
const PAINT_SHARE: u32 = 3;
/// The most time between two passes on the wall, however slow painting is.
const LONGEST_PERIOD: Duration = Duration::from_millis(130);

/// The time before which news alone don't paint. The window sets it, and all that wake the window read it.
#[derive(Clone, Debug)]
pub(super) struct RepaintPace {
    start: Instant,
    /// Microseconds since `start`.
    not_before: Arc<AtomicU64>,
}

impl RepaintPace {
    pub(super) fn new(start: Instant) -> Self {
        Self { start, not_before: Arc::default() }
    }

    /// Sets when news may have the next pass; the last one `took` so long.
    pub(super) fn pass_took(&self, took: Duration, on_wall: bool, now: Instant) {
        let period = (took * PAINT_SHARE).clamp(PERIOD, LONGEST_PERIOD);
        self.hold_until(on_wall.then(|| now + period));
    }

    /// Holds passes for news alone until `at`; with `None` they come whenever there is some.
    fn hold_until(&self, at: Option<Instant>) {
        let since_start = |at: Instant| at.saturating_duration_since(self.start).as_micros() as u64;
        self.not_before.store(at.map_or(0, since_start), Ordering::Relaxed);
    }

    /// Returns how long a wake at `now` has to wait.
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
