//! Puts times into words: they count while somebody looks, and are moments otherwise, which stay true in a window that
//! is not painted.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A countdown shows every second below this, whether or not somebody looks.
const LAST_MINUTE: Duration = Duration::from_secs(60);

/// Tells whether times on screen move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockPace {
    /// Somebody touched the window lately, so times count: "no change for 23 s".
    #[default]
    Ticking,
    /// Nobody touched the window lately, so moments are shown: "no change since 06:12:40" needs no repaint to stay
    /// true.
    Still,
}

/// Everything that is needed to put a time into words.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// The time now.
    pub wall: Timestamp,
    /// The time zone in which times of day are shown.
    pub zone: &'a TimeZone,
    /// Whether times on screen move.
    pub pace: ClockPace,
}

impl Clock<'_> {
    /// Tells whether times on screen move.
    pub fn ticks(&self) -> bool {
        self.pace == ClockPace::Ticking
    }

    /// Tells when something happened that is this old now, as in "06:12:40".
    pub fn moment_ago(&self, age: Duration) -> String {
        self.moment(self.wall.checked_sub(age).unwrap_or(self.wall))
    }

    /// Tells when something will happen, as in "06:12:40".
    pub fn moment_in(&self, left: Duration) -> String {
        self.moment(self.wall.checked_add(left).unwrap_or(self.wall))
    }

    /// Tells a moment to the minute, as in "06:12", where the second is unknown or does not matter.
    pub fn minute(&self, at: Timestamp) -> String {
        self.in_words(at, "%H:%M")
    }

    /// Tells whether a countdown is shown as such, and not by the moment of its end.
    pub fn counts_down(&self, left: Duration) -> bool {
        self.ticks() || left < LAST_MINUTE
    }

    /// Returns after which time the words of a countdown change by themselves, if they do.
    pub fn countdown_changes_in(&self, left: Duration) -> Option<Duration> {
        if left.is_zero() {
            None
        } else if self.counts_down(left) {
            Some(Duration::from_nanos(u64::from(left.subsec_nanos()) + 1_000_000))
        } else {
            // The millisecond is there because the countdown counts below a minute, not at exactly one.
            Some(left - LAST_MINUTE + Duration::from_millis(1))
        }
    }

    fn moment(&self, at: Timestamp) -> String {
        self.in_words(at, "%H:%M:%S")
    }

    /// Formats a moment, with its day where that is not today.
    fn in_words(&self, at: Timestamp, format: &str) -> String {
        let at = at.to_zoned(self.zone.clone());
        let today = self.wall.to_zoned(self.zone.clone()).date();
        if at.date() == today {
            at.strftime(format).to_string()
        } else {
            at.strftime(&format!("%b %-d, {format}")).to_string()
        }
    }
}

#[cfg(test)]
impl Clock<'static> {
    /// Makes a clock that stands at 2026-01-02 03:04:05 UTC.
    pub(crate) fn fixed(pace: ClockPace) -> Self {
        Self { wall: "2026-01-02T03:04:05Z".parse().unwrap(), zone: const { &TimeZone::UTC }, pace }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn moments_are_told_with_their_day_where_it_is_another() {
        let clock = Clock::fixed(ClockPace::Still);
        assert_eq!(clock.moment_ago(25 * SECOND), "03:03:40");
        assert_eq!(clock.moment_in(55 * SECOND), "03:05:00");
        assert_eq!(clock.moment_ago(4 * 3600 * SECOND), "Jan 1, 23:04:05");
        assert_eq!(clock.minute(clock.wall), "03:04");
        assert_eq!(clock.minute(clock.wall + 24 * 3600 * SECOND), "Jan 3, 03:04");
        assert_eq!(clock.moment_ago(Duration::MAX), "03:04:05");
    }

    #[test]
    fn a_countdown_rests_until_its_last_minute() {
        let check = |pace, left_ms, counts, changes_ms: Option<u64>| {
            let (clock, left) = (Clock::fixed(pace), Duration::from_millis(left_ms));
            assert_eq!(clock.counts_down(left), counts, "{left:?}");
            let changes = changes_ms.map(Duration::from_millis);
            assert_eq!(clock.countdown_changes_in(left), changes, "{left:?}");
        };
        check(ClockPace::Ticking, 252_300, true, Some(301));
        check(ClockPace::Still, 252_300, false, Some(192_301));
        check(ClockPace::Still, 60_000, false, Some(1));
        check(ClockPace::Still, 59_999, true, Some(1_000));
        check(ClockPace::Still, 0, true, None);
        check(ClockPace::Ticking, 0, true, None);
    }
}
