//! Keeps a session from its idle end, where the user chose so and is still there.

use std::time::{Duration, Instant};

use http::Method;
use tokio::sync::watch;
use tokio::time::sleep;

use super::attempt::{Attempt, ControlPath};
use crate::model::{Family, KeepAlive, SessionEvent, Update};
use crate::protocol::computers::ended_words;
use crate::session::SessionError;

/// The default idle limit of the API, for services that tell none.
const DEFAULT_IDLE_LIMIT: Duration = Duration::from_secs(120);
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(40);

pub(super) struct Keeper {
    pub(super) idle_limit: Option<Duration>,
    /// How long without a user action; then the user is asked.
    pub(super) cap: Duration,
    pub(super) chosen: watch::Receiver<bool>,
    pub(super) last_user_action: watch::Receiver<Instant>,
}

impl Keeper {
    /// Runs until the session turns out to be over.
    pub(super) async fn run(mut self, attempt: &Attempt<'_>) -> SessionError {
        let period = period(self.idle_limit);
        let mut told = None;
        let mut tell = |state: KeepAlive| {
            if told.replace(state) != Some(state) {
                attempt.sink.update(Update::KeepAlive(state));
            }
        };
        let mut has_failed = false;
        loop {
            let is_chosen = *self.chosen.borrow_and_update();
            let idle = self.last_user_action.borrow_and_update().elapsed();
            if !is_chosen || idle >= self.cap {
                tell(if is_chosen {
                    KeepAlive::Paused
                } else {
                    KeepAlive::Off
                });
                self.user().await;
                continue;
            }
            tell(KeepAlive::On { period });
            match keep(attempt).await {
                Kept::Alive => has_failed = false,
                Kept::Unknown(why) => {
                    if !std::mem::replace(&mut has_failed, true) {
                        let text = format!("Keep-alive failed and is tried again: {why}");
                        attempt
                            .sink
                            .event(SessionEvent::ours(Family::Error, "keep_alive", text));
                    }
                }
                Kept::Over(error) => return error,
            }
            tokio::select! {
                () = sleep(period) => (),
                () = turned_off(&mut self.chosen) => (),
            }
        }
    }

    /// Waits for the user to do something.
    async fn user(&mut self) {
        let gone = tokio::select! {
            changed = self.chosen.changed() => changed.is_err(),
            changed = self.last_user_action.changed() => changed.is_err(),
        };
        if gone {
            // The window's end is gone: the session is being closed.
            std::future::pending().await
        }
    }
}

async fn turned_off(chosen: &mut watch::Receiver<bool>) {
    if chosen.wait_for(|chosen| !chosen).await.is_err() {
        std::future::pending().await
    }
}

/// Three tries before the session would end, seldom enough not to be a burden.
fn period(idle_limit: Option<Duration>) -> Duration {
    (idle_limit.unwrap_or(DEFAULT_IDLE_LIMIT) / 3).clamp(SHORTEST, LONGEST)
}

enum Kept {
    Alive,
    Unknown(String),
    Over(SessionError),
}

async fn keep(attempt: &Attempt<'_>) -> Kept {
    match attempt
        .client
        .json(Method::POST, &attempt.path("keepalive"), None)
        .await
    {
        Ok(answer) => {
            if let Some(why) = ended_words(&answer) {
                return Kept::Over(SessionError::Ended(why));
            }
            // The answer's form is not published: the new end is read where it is.
            if attempt.control == ControlPath::Rest {
                attempt.doubt.notify_one();
            }
            Kept::Alive
        }
        Err(err) if matches!(err.status(), Some(401 | 403 | 404 | 409 | 410)) => {
            Kept::Over(Attempt::over(&err))
        }
        Err(err) => Kept::Unknown(err.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_follows_the_idle_limit() {
        for (limit, seconds) in [
            (None, 40),
            (Some(120), 40),
            (Some(3600), 40),
            (Some(60), 20),
            (Some(3), 5),
        ] {
            assert_eq!(
                period(limit.map(Duration::from_secs)),
                Duration::from_secs(seconds),
                "{limit:?}"
            );
        }
    }
}
