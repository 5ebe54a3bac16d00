//! Keeps a session from its idle end, if the user chose so and is still there.

use std::time::{Duration, Instant};

use http::Method;
use tokio::sync::watch;
use tokio::time::sleep;

use super::attempt::{Attempt, ControlPath};
use crate::model::{EventKind, KeepAlive, SessionEvent, Update};
use crate::protocol::computers::ended_words;
use crate::session::{Attention, SessionError};

/// Default idle limit of the API, for services that tell none.
const DEFAULT_IDLE_LIMIT: Duration = Duration::from_secs(120);
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(40);
/// Longest period while nobody sees the session. Fewer calls do then, as long as the idle limit leaves three tries.
const LONGEST_HIDDEN: Duration = Duration::from_secs(60);
/// Time after which the user has to choose again, however active they are, because a session costs money.
pub(super) const HARD_STOP: Duration = Duration::from_secs(4 * 60 * 60);

/// The wish to keep a session alive, and its limits.
pub(super) struct Keeper {
    pub(super) idle_limit: Option<Duration>,
    /// Time without a user action after which keeping alive stops and the user is asked.
    pub(super) cap: Duration,
    /// Time since the choice after which keeping alive stops and the user is asked.
    pub(super) hard_stop: Duration,
    /// Time at which the user chose to keep the session alive, if they did.
    pub(super) chosen: watch::Receiver<Option<Instant>>,
    pub(super) attention: watch::Receiver<Attention>,
    pub(super) last_user_action: watch::Receiver<Instant>,
}

impl Keeper {
    /// Runs until the session turns out to be over.
    pub(super) async fn run(mut self, attempt: &Attempt<'_>) -> SessionError {
        let mut told = None;
        let mut tell = |state: KeepAlive| {
            if told.replace(state) != Some(state) {
                attempt.sink.update(Update::KeepAlive(state));
            }
        };
        let mut has_failed = false;
        loop {
            let state = self.state();
            tell(state);
            let KeepAlive::On { period } = state else {
                self.user().await;
                continue;
            };
            match keep(attempt).await {
                KeepAliveEnd::Alive => has_failed = false,
                KeepAliveEnd::Unknown(why) => {
                    if !std::mem::replace(&mut has_failed, true) {
                        let text = format!("Keep-alive failed and is tried again: {why}");
                        attempt.sink.event(SessionEvent::ours(EventKind::KeepAlive, text));
                    }
                }
                KeepAliveEnd::Over(error) => return error,
            }
            tokio::select! {
                () = sleep(period) => (),
                () = turned_off(&mut self.chosen) => (),
            }
        }
    }

    fn state(&mut self) -> KeepAlive {
        let idle = self.last_user_action.borrow_and_update().elapsed();
        match *self.chosen.borrow_and_update() {
            None => KeepAlive::Off,
            Some(at) if idle >= self.cap || at.elapsed() >= self.hard_stop => KeepAlive::Paused,
            Some(_) => KeepAlive::On {
                period: period(self.idle_limit, self.attention.borrow().is_visible()),
            },
        }
    }

    /// Waits until the user does something.
    async fn user(&mut self) {
        let gone = tokio::select! {
            changed = self.chosen.changed() => changed.is_err(),
            changed = self.last_user_action.changed() => changed.is_err(),
        };
        if gone {
            // The window's end is gone, so the session is being closed.
            std::future::pending().await
        }
    }
}

async fn turned_off(chosen: &mut watch::Receiver<Option<Instant>>) {
    if chosen.wait_for(Option::is_none).await.is_err() {
        std::future::pending().await
    }
}

/// Returns the time between two calls: it leaves three tries before the session would end, and is long enough not to be
/// a burden.
fn period(idle_limit: Option<Duration>, is_visible: bool) -> Duration {
    let longest = if is_visible { LONGEST } else { LONGEST_HIDDEN };
    (idle_limit.unwrap_or(DEFAULT_IDLE_LIMIT) / 3).clamp(SHORTEST, longest)
}

enum KeepAliveEnd {
    Alive,
    Unknown(String),
    Over(SessionError),
}

async fn keep(attempt: &Attempt<'_>) -> KeepAliveEnd {
    match attempt.client.json(Method::POST, &attempt.path("keepalive"), None).await {
        Ok(answer) => {
            if let Some(why) = ended_words(&answer) {
                return KeepAliveEnd::Over(SessionError::Over(why));
            }
            // The form of the answer is not published, so the new end is read from the session's state.
            if attempt.control == ControlPath::Rest {
                attempt.doubt.notify_one();
            }
            KeepAliveEnd::Alive
        }
        Err(err)
            if matches!(err.status(), Some(401 | 403 | 404 | 409 | 410))
                && !attempt.may_pass(&err) =>
        {
            KeepAliveEnd::Over(Attempt::over(&err))
        }
        Err(err) => {
            // The session's state will tell whether it is over.
            attempt.doubt.notify_one();
            KeepAliveEnd::Unknown(err.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_for_an_idle_user_and_after_hours_whatever_the_user_does() {
        let ago = |minutes: u64| Instant::now().checked_sub(Duration::from_secs(60 * minutes));
        let check = |chosen: Option<u64>, acted, wanted| {
            // A machine that was started a moment ago has no earlier instants.
            let Some(acted) = ago(acted) else { return };
            let chosen = match chosen.map(ago) {
                None => None,
                Some(Some(at)) => Some(at),
                Some(None) => return,
            };
            let mut keeper = Keeper {
                idle_limit: None,
                cap: Duration::from_secs(60 * 60),
                hard_stop: HARD_STOP,
                chosen: watch::channel(chosen).1,
                attention: watch::channel(Attention::Focus).1,
                last_user_action: watch::channel(acted).1,
            };
            assert_eq!(keeper.state(), wanted, "{chosen:?} {acted:?}");
        };
        let on = KeepAlive::On { period: Duration::from_secs(40) };
        check(None, 0, KeepAlive::Off);
        check(Some(0), 0, on);
        check(Some(59), 59, on);
        check(Some(60), 60, KeepAlive::Paused);
        check(Some(239), 0, on);
        check(Some(240), 0, KeepAlive::Paused);
    }

    #[test]
    fn the_period_follows_the_idle_limit() {
        for (limit, seconds, hidden) in [
            (None, 40, 40),
            (Some(120), 40, 40),
            (Some(150), 40, 50),
            (Some(3600), 40, 60),
            (Some(60), 20, 20),
            (Some(3), 5, 5),
        ] {
            for (is_visible, seconds) in [(true, seconds), (false, hidden)] {
                assert_eq!(
                    period(limit.map(Duration::from_secs), is_visible),
                    Duration::from_secs(seconds),
                    "{limit:?} {is_visible}"
                );
            }
        }
    }
}
