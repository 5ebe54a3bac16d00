//! Decides whether and when a session is tried again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::base::Backoff;
use crate::model::EventKind;
use crate::session::SessionError;

/// Longest wait that a server may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);
/// Number of panics within [`PANIC_WINDOW`] after which the session is given up.
const MAX_PANICS: usize = 3;
const PANIC_WINDOW: Duration = Duration::from_secs(60);

/// What follows from the end of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Retry { after: Duration, why: String },
    End { why: String, over: bool },
}

impl Verdict {
    pub(super) fn why(&self) -> &str {
        match self {
            Self::Retry { why, .. } | Self::End { why, .. } => why,
        }
    }

    pub(super) fn kind(&self) -> EventKind {
        match self {
            Self::Retry { .. } => EventKind::Lost,
            Self::End { .. } => EventKind::Ended,
        }
    }
}

/// Decides whether and when to try again.
#[derive(Debug, Default)]
pub(super) struct Policy {
    pub(super) backoff: Backoff,
    /// Times of the backend's panics within the window.
    panics: VecDeque<Instant>,
    /// The last reason that was logged, so that an hour of the same failure is one row.
    told: Option<String>,
}

impl Policy {
    pub(super) fn after_error(&mut self, error: SessionError, jitter: f64) -> Verdict {
        match error {
            SessionError::Lost { what, retry_after, healthy_for, key_refused } => {
                if !healthy_for.is_zero() {
                    self.told = None;
                }
                self.backoff.connection_was_healthy_for(healthy_for);
                let wish = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
                let delay = match key_refused {
                    true => self.backoff.next_delay_of_key(jitter),
                    false => self.backoff.next_delay(jitter),
                };
                Verdict::Retry { after: delay.max(wish), why: what }
            }
            SessionError::Ended(why) => Verdict::End { why, over: false },
            SessionError::Over(why) => Verdict::End { why, over: true },
        }
    }

    pub(super) fn after_panic(&mut self, message: &str, now: Instant, jitter: f64) -> Verdict {
        self.panics.retain(|at| now.saturating_duration_since(*at) < PANIC_WINDOW);
        self.panics.push_back(now);
        let why = format!("Something went wrong inside Helmsight: {message}");
        if self.panics.len() >= MAX_PANICS {
            self.panics.clear();
            return Verdict::End { why, over: false };
        }
        Verdict::Retry { after: self.backoff.next_delay(jitter), why }
    }

    pub(super) fn is_news(&mut self, verdict: &Verdict) -> bool {
        let is_news = self.told.as_deref() != Some(verdict.why());
        self.told = Some(verdict.why().to_owned());
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(healthy: u64, retry_after: Option<u64>) -> SessionError {
        SessionError::Lost {
            what: "gone".to_owned(),
            retry_after: retry_after.map(Duration::from_secs),
            healthy_for: Duration::from_secs(healthy),
            key_refused: false,
        }
    }

    #[test]
    fn delays_follow_health_and_the_servers_wish() {
        let mut policy = Policy::default();
        let mut delay = |error| match policy.after_error(error, 0.0) {
            Verdict::Retry { after, .. } => after.as_millis(),
            Verdict::End { why, .. } => panic!("{why}"),
        };
        assert_eq!(
            [delay(lost(0, None)), delay(lost(0, None)), delay(lost(0, None))],
            [0, 500, 1000]
        );
        assert_eq!(delay(lost(11, None)), 0);
        assert_eq!(delay(lost(0, Some(7))), 7_000);
        assert_eq!(delay(lost(0, Some(86_400))), 300_000);
    }

    #[test]
    fn three_panics_in_a_minute_are_the_end() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut policy = Policy::default();
        let mut ends =
            |seconds| matches!(policy.after_panic("x", at(seconds), 0.0), Verdict::End { .. });
        assert_eq!(
            [ends(0), ends(30), ends(61), ends(85), ends(200)],
            [false, false, false, true, false]
        );
    }

    #[test]
    fn the_same_failure_is_told_once() {
        let mut policy = Policy::default();
        let mut told = |error| {
            let verdict = policy.after_error(error, 0.0);
            policy.is_news(&verdict)
        };
        assert_eq!(
            [told(lost(0, None)), told(lost(0, None)), told(lost(1, None))],
            [true, false, true]
        );
    }
}
