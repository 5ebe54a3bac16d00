//! Keeps the window's time: what it is now, whether somebody looks, and when the window has to be painted again
//! although nothing came. It is painted as rarely as its content allows, and not at all once nobody has touched it for
//! a while.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::repaint_pace::RepaintPace;
use crate::model::concern::end_words_change_in;
use crate::session::Interest;
use crate::ui::AppState;
use crate::ui::clock::ClockPace;
use crate::ui::notices;
use crate::ui::picture::words::Words;
use crate::ui::state::ConcernMark;
use crate::ui::toolbar::time_left;

/// A user who did nothing for this long does not read seconds: times are told as moments then.
const ATTENTIVE_FOR: Duration = Duration::from_secs(30);
/// Nothing is repainted more often than this because of time alone.
const LEAST_WAIT: Duration = Duration::from_millis(20);

/// The times that everything in one pass uses, and who looks at them.
pub(super) struct WindowClock {
    /// When the pass began.
    pub now: Instant,
    pub wall: Timestamp,
    /// The time zone in which times of day are shown.
    pub zone: TimeZone,
    /// The pace at which times on screen move.
    pub pace: ClockPace,
    /// The pace at which the background side may have the window painted.
    pub repaints: RepaintPace,
    /// The moment of the last input, which decides how fine the times on screen need to be.
    last_input: Instant,
}

impl WindowClock {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            now,
            wall: Timestamp::now(),
            zone: TimeZone::system(),
            pace: ClockPace::default(),
            repaints: RepaintPace::new(now),
            last_input: now,
        }
    }

    /// Notes that the user touched keyboard or mouse.
    pub(super) fn touched(&mut self) {
        self.last_input = Instant::now();
    }

    /// Begins a pass. Returns the pace where it differs from the last one.
    pub(super) fn tick(&mut self) -> Option<ClockPace> {
        self.now = Instant::now();
        self.wall = Timestamp::now();
        let pace = pace(self.last_input, self.now);
        (std::mem::replace(&mut self.pace, pace) != pace).then_some(pace)
    }

    /// Returns how closely the lists of sessions are followed.
    pub(super) fn interest(&self) -> Interest {
        match self.pace {
            ClockPace::Ticking => Interest::Close,
            ClockPace::Still => Interest::Rare,
        }
    }

    /// Returns how long the window may stay as it is if nothing comes. `statistics` tells when the figures' file is
    /// due.
    pub(super) fn repaint_due(
        &self,
        state: &AppState<'_>,
        statistics: Option<Duration>,
    ) -> Option<Duration> {
        let due = [
            state_change_due(state),
            self.stillness_due(),
            countdown_due(state),
            notice_due(state),
            concern_due(state),
            statistics,
        ];
        Some(due.into_iter().flatten().min()?.max(LEAST_WAIT))
    }

    /// Returns the wait until the one repaint that shows all times as moments.
    fn stillness_due(&self) -> Option<Duration> {
        let idle = self.now.saturating_duration_since(self.last_input);
        ATTENTIVE_FOR.checked_sub(idle)
    }
}

/// Returns when time alone changes a state, such as live to idle, or the words about it.
fn state_change_due(state: &AppState<'_>) -> Option<Duration> {
    let open = state.open.iter();
    let states = open.filter_map(|open| open.condition.holds_for(&open.view.traffic, state.now));
    let words = state.active().and_then(|open| Words::of_session(open, state.clock()).changes_in);
    states.chain(words).min()
}

fn countdown_due(state: &AppState<'_>) -> Option<Duration> {
    let left = time_left(state, state.active()?)?;
    state.clock().countdown_changes_in(left)
}

fn notice_due(state: &AppState<'_>) -> Option<Duration> {
    let next = state.notices.iter().map(notices::expires_at).min()?;
    Some(next.saturating_duration_since(state.now))
}

/// Returns when time alone makes something concern somebody: a session's end comes near, or what was put off is due.
fn concern_due(state: &AppState<'_>) -> Option<Duration> {
    let open = state.open.iter().filter(|open| !open.condition.is_away());
    let ends = open.filter_map(|open| end_words_change_in(&open.view, state.wall));
    let snoozed = state.concerns.iter().filter_map(|concern| match concern.mark {
        ConcernMark::Snoozed(until) => {
            Some(Duration::try_from(until.duration_since(state.wall)).unwrap_or_default())
        }
        ConcernMark::Open | ConcernMark::Seen => None,
    });
    ends.chain(snoozed).min()
}

fn pace(last_input: Instant, now: Instant) -> ClockPace {
    if now.saturating_duration_since(last_input) < ATTENTIVE_FOR {
        ClockPace::Ticking
    } else {
        ClockPace::Still
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_still_when_nobody_looks_and_tick_at_once_when_somebody_does() {
        let start = Instant::now();
        let check = |input_s, now_s, wanted| {
            let at = |s| start + Duration::from_secs(s);
            assert_eq!(pace(at(input_s), at(now_s)), wanted, "{input_s} {now_s}");
        };
        check(0, 0, ClockPace::Ticking);
        check(0, 29, ClockPace::Ticking);
        check(0, 30, ClockPace::Still);
        check(0, 3600, ClockPace::Still);
        check(3600, 3600, ClockPace::Ticking);
        // Input of this pass may be younger than its `now`.
        check(5, 0, ClockPace::Ticking);
    }
}
