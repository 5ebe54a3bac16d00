//! When the window has to be painted again though nothing came: as rarely as what is shown allows.

use std::time::Duration;

use egui::Context;

use super::App;
use crate::ui::notices;
use crate::ui::picture::words::Words;
use crate::ui::toolbar::time_left;

/// A user who did nothing for this long does not read seconds.
const ATTENTIVE_FOR: Duration = Duration::from_secs(30);
/// Then clocks on screen move in these steps, so that an idle window costs next to nothing.
const CALM_STEP: Duration = Duration::from_secs(10);
/// Under this much time every second counts, whoever looks.
const LAST_MINUTE: Duration = Duration::from_secs(60);

impl App {
    pub(super) fn schedule_repaint(&self, ctx: &Context) {
        let due = [
            self.state_change_due(),
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
            let changes_in = Words::of(&open.condition, Duration::ZERO).changes_in?;
            Some(if self.is_attentive() {
                changes_in
            } else {
                changes_in.max(CALM_STEP)
            })
        });
        states.chain(words).min()
    }

    fn countdown_due(&self) -> Option<Duration> {
        let left = time_left(&self.state, self.state.active()?)?;
        if left.is_zero() {
            return None;
        }
        let to_full_second = Duration::from_nanos(u64::from(left.subsec_nanos()) + 1_000_000);
        Some(if self.is_attentive() || left < LAST_MINUTE {
            to_full_second
        } else {
            CALM_STEP
        })
    }

    fn notice_due(&self) -> Option<Duration> {
        let times = self.state.notices.iter().filter_map(notices::expires_at);
        Some(times.min()?.saturating_duration_since(self.state.now))
    }

    fn statistics_due(&self) -> Option<Duration> {
        Some(self.stats_file.as_ref()?.due_in(self.state.now))
    }

    fn is_attentive(&self) -> bool {
        self.state.now.saturating_duration_since(self.last_input) < ATTENTIVE_FOR
    }
}
