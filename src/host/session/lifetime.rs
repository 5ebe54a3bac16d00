//! Ends a session once nothing has happened for too long, or once it is too old.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// The limits of one session's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// A session without activity for this long ends; with `None` it never does.
    pub(crate) idle: Option<Duration>,
    pub(crate) max: Option<Duration>,
    pub(crate) watching_counts: bool,
}

/// The reason why a session's time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    Idle(Duration),
    TooOld(Duration),
}

impl Expiry {
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Idle(limit) => format!("no activity for {} s", limit.as_secs_f64()),
            Self::TooOld(limit) => {
                format!("its maximum lifetime of {} s was reached", limit.as_secs_f64())
            }
        }
    }
}

/// The clock of one session.
#[derive(Debug)]
pub(crate) struct SessionLifetime {
    limits: Limits,
    started: Instant,
    activity: Mutex<Activity>,
}

#[derive(Debug)]
struct Activity {
    last: Instant,
    last_at: Timestamp,
    watchers: usize,
}

impl SessionLifetime {
    pub(crate) fn start(limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            limits,
            started: now,
            activity: Mutex::new(Activity { last: now, last_at: Timestamp::now(), watchers: 0 }),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes note that something was done in the session, or that somebody asked to keep it.
    pub(crate) fn touch(&self) {
        self.lock().touch();
    }

    /// Takes note that somebody looks on, until the guard is dropped.
    pub(crate) fn watch(self: &Arc<Self>) -> Watching {
        self.lock().watchers += 1;
        Watching(self.clone())
    }

    pub(crate) fn last_activity_at(&self) -> Timestamp {
        self.lock().last_at
    }

    /// Returns when the session ends if nothing happens any more.
    pub(crate) fn idle_deadline(&self) -> Option<Instant> {
        let activity = self.lock();
        let watched = self.limits.watching_counts && activity.watchers > 0;
        let last = if watched { Instant::now() } else { activity.last };
        self.limits.idle.map(|limit| last + limit)
    }

    /// Returns when the session ends whatever happens.
    pub(crate) fn final_deadline(&self) -> Option<Instant> {
        self.limits.max.map(|limit| self.started + limit)
    }

    /// Waits until the session's time is up. It is cancel-safe.
    pub(crate) async fn expired(&self) -> Expiry {
        loop {
            // Deadlines only ever move away, so that it is enough to sleep to the nearest and to look again.
            let now = Instant::now();
            let (idle, last) = (self.idle_deadline(), self.final_deadline());
            if let (Some(limit), Some(at)) = (self.limits.max, last)
                && at <= now
            {
                return Expiry::TooOld(limit);
            }
            if let (Some(limit), Some(at)) = (self.limits.idle, idle)
                && at <= now
            {
                return Expiry::Idle(limit);
            }
            match idle.into_iter().chain(last).min() {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Activity {
    fn touch(&mut self) {
        self.last = Instant::now();
        self.last_at = Timestamp::now();
    }
}

/// Tells a deadline on the wall clock, for people and for JSON.
pub(crate) fn wall_clock(deadline: Instant) -> Timestamp {
    let left = deadline.saturating_duration_since(Instant::now());
    let at = Timestamp::now().saturating_add(left).unwrap_or(Timestamp::MAX);
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The guard of an open stream, while which somebody looks on.
#[derive(Debug)]
pub(crate) struct Watching(Arc<SessionLifetime>);

impl Drop for Watching {
    fn drop(&mut self) {
        let mut activity = self.0.lock();
        activity.watchers -= 1;
        if self.0.limits.watching_counts {
            activity.touch();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(120);

    fn lifetime(max: Option<u64>, watching_counts: bool) -> Arc<SessionLifetime> {
        Arc::new(SessionLifetime::start(Limits {
            idle: Some(IDLE),
            max: max.map(Duration::from_secs),
            watching_counts,
        }))
    }

    async fn end_of(lifetime: &SessionLifetime) -> (Expiry, u64) {
        let expiry = lifetime.expired().await;
        (expiry, lifetime.started.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn activity_puts_the_idle_end_off() {
        let lifetime = lifetime(None, false);
        let busy = async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            lifetime.touch();
        };
        let (end, ()) = tokio::join!(end_of(&lifetime), busy);
        assert_eq!(end, (Expiry::Idle(IDLE), 220));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_puts_the_final_end_off() {
        let lifetime = lifetime(Some(300), false);
        let busy = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_secs(100)).await;
                lifetime.touch();
            }
        };
        let (end, ()) = tokio::join!(end_of(&lifetime), busy);
        assert_eq!(end, (Expiry::TooOld(Duration::from_secs(300)), 300));
    }

    #[tokio::test(start_paused = true)]
    async fn watching_counts_only_when_configured() {
        for (counts, expected) in [(false, 120), (true, 1000 + 120)] {
            let lifetime = lifetime(None, counts);
            let watching = lifetime.watch();
            let leave = async {
                tokio::time::sleep(Duration::from_secs(1000)).await;
                drop(watching);
            };
            let (end, ()) = tokio::join!(end_of(&lifetime), leave);
            assert_eq!(end, (Expiry::Idle(IDLE), expected));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_limits_it_never_ends() {
        let lifetime =
            SessionLifetime::start(Limits { idle: None, max: None, watching_counts: false });
        let year = Duration::from_secs(365 * 86400);
        assert!(tokio::time::timeout(year, lifetime.expired()).await.is_err());
        assert_eq!((lifetime.idle_deadline(), lifetime.final_deadline()), (None, None));
    }
}
