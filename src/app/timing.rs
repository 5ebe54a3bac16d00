//! When the window has to be painted again though nothing came: as rarely as what is shown allows, and not at all
//! once nobody has touched it for a while.

use std::time::{Duration, Instant};

use egui::Context;

use super::App;
use crate::session::Interest;
use crate::ui::clock::Pace;
use crate::ui::notices;
use crate::ui::picture::words::Words;
use crate::ui::toolbar::time_left;

/// A user who did nothing for this long does not read seconds: times are told as moments then.
const ATTENTIVE_FOR: Duration = Duration::from_secs(30);

impl App {
    /// Times tick while somebody looks; so do a text field's caret and the lists of the services.
    pub(super) fn set_pace(&mut self, ctx: &Context) {
        let pace = pace(self.last_input, self.state.now);
        if std::mem::replace(&mut self.state.pace, pace) == pace {
            return;
        }
        let ticks = pace == Pace::Ticking;
        ctx.all_styles_mut(|style| style.visuals.text_cursor.blink = ticks);
        for service in &self.services {
            service.directory.set_interest(interest(pace));
        }
    }

    pub(super) fn schedule_repaint(&self, ctx: &Context) {
        let due = [
            self.state_change_due(),
            self.stillness_due(),
            self.countdown_due(),
            self.notice_due(),
            self.statistics_due(),
        ];
        if let Some(due) = due.into_iter().flatten().min() {
            ctx.request_repaint_after(due.max(Duration::from_millis(20)));
        }
    }

    /// When time alone changes a state, such as live to idle, or the words about it.
    fn state_change_due(&self) -> Option<Duration> {
        let now = self.state.now;
        let states = self
            .state
            .open
            .iter()
            .filter_map(|open| open.condition.holds_for(&open.view.traffic, now));
        let words = self.state.active().and_then(|open| {
            Words::of(&open.condition, Duration::ZERO, self.state.clock()).changes_in
        });
        states.chain(words).min()
    }

    /// The one repaint that tells all times as moments.
    fn stillness_due(&self) -> Option<Duration> {
        let idle = self.state.now.saturating_duration_since(self.last_input);
        ATTENTIVE_FOR.checked_sub(idle)
    }

    fn countdown_due(&self) -> Option<Duration> {
        let left = time_left(&self.state, self.state.active()?)?;
        self.state.clock().countdown_changes_in(left)
    }

    fn notice_due(&self) -> Option<Duration> {
        let times = self.state.notices.iter().map(notices::expires_at);
        Some(times.min()?.saturating_duration_since(self.state.now))
    }

    fn statistics_due(&self) -> Option<Duration> {
        Some(self.stats_file.as_ref()?.due_in(self.state.now))
    }
}

/// How closely lists are followed.
pub(super) fn interest(pace: Pace) -> Interest {
    match pace {
        Pace::Ticking => Interest::Close,
        Pace::Still => Interest::Rare,
    }
}

fn pace(last_input: Instant, now: Instant) -> Pace {
    if now.saturating_duration_since(last_input) < ATTENTIVE_FOR {
        Pace::Ticking
    } else {
        Pace::Still
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
        check(0, 0, Pace::Ticking);
        check(0, 29, Pace::Ticking);
        check(0, 30, Pace::Still);
        check(0, 3600, Pace::Still);
        check(3600, 3600, Pace::Ticking);
        // Input of this pass may be younger than its `now`.
        check(5, 0, Pace::Ticking);
    }
}
