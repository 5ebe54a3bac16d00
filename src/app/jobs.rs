//! Runs work that takes a while in the background, and hands its outcomes to whoever asked for it.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::base::Wake;
use crate::session::{self, Backend, OpenOptions, SessionHandle};
use crate::video::DecodePool;

/// What work in the background needs: where it runs, how it wakes the window, and who decodes pictures.
#[derive(Clone)]
pub(super) struct Background {
    pub runtime: Handle,
    /// What runs in it is waited for before the program ends.
    pub tracker: TaskTracker,
    pub wake: Wake,
    pub decode: Arc<DecodePool>,
}

impl Background {
    /// Begins to watch the session that `backend` leads to.
    pub(super) fn watch(&self, backend: impl Backend) -> SessionHandle {
        let Self { runtime, tracker, wake, decode } = self;
        session::open(runtime, tracker, backend, decode, wake.clone(), OpenOptions::default())
    }
}

/// The jobs of one part of the app, each of which ends in an outcome of that part's own type.
///
/// The list of outcomes needs no bound, because a user's action starts a few jobs at most.
pub(super) struct Jobs<O> {
    background: Background,
    finished: Arc<Mutex<Vec<O>>>,
}

impl<O: Send + 'static> Jobs<O> {
    pub(super) fn new(background: &Background) -> Self {
        Self { background: background.clone(), finished: Arc::default() }
    }

    pub(super) fn background(&self) -> &Background {
        &self.background
    }

    /// Runs `job`, whose outcome is among [`Self::take_finished`] afterwards.
    pub(super) fn spawn(&self, job: impl Future<Output = O> + Send + 'static) {
        let finish = self.finish();
        let Background { runtime, tracker, .. } = &self.background;
        tracker.spawn_on(async move { finish(job.await) }, runtime);
    }

    /// Runs a job that blocks, such as work on files and with the keyring.
    pub(super) fn spawn_blocking(&self, job: impl FnOnce() -> O + Send + 'static) {
        let finish = self.finish();
        let Background { runtime, tracker, .. } = &self.background;
        tracker.spawn_blocking_on(move || finish(job()), runtime);
    }

    /// Takes the outcomes since the last call, in the order in which the jobs ended.
    pub(super) fn take_finished(&self) -> Vec<O> {
        std::mem::take(&mut *self.finished.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn finish(&self) -> impl FnOnce(O) + Send + 'static {
        let (finished, wake) = (self.finished.clone(), self.background.wake.clone());
        move |outcome| {
            finished.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
            wake.wake();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::session::support::Wakes;

    /// Makes a background on this runtime, whose wakes the test gets.
    pub(in crate::app) fn background(runtime: &Handle, wakes: &Wakes) -> Background {
        Background {
            runtime: runtime.clone(),
            tracker: TaskTracker::new(),
            wake: wakes.wake(),
            decode: Arc::new(DecodePool::new(1).unwrap()),
        }
    }

    /// Waits for the next outcome. `take` takes what has come since its last call.
    pub(in crate::app) async fn outcome<O>(wakes: &Wakes, mut take: impl FnMut() -> Vec<O>) -> O {
        let one = wakes.until(|| {
            let mut outcomes = take();
            assert!(outcomes.len() < 2, "there is more than one outcome");
            outcomes.pop()
        });
        one.await.expect("an outcome comes in time")
    }

    #[tokio::test]
    async fn whoever_asked_is_woken_and_gets_each_outcome_once() {
        let wakes = Wakes::default();
        let jobs = Jobs::new(&background(&Handle::current(), &wakes));
        jobs.spawn(async { 1 });
        assert_eq!(outcome(&wakes, || jobs.take_finished()).await, 1);
        jobs.spawn_blocking(|| 2);
        assert_eq!(outcome(&wakes, || jobs.take_finished()).await, 2);
        assert!(jobs.take_finished().is_empty());
    }
}
