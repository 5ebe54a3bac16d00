//! Work that takes a while, and its results on the way back to the window.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::App;
use crate::base::Wake;

/// What a finished job does to the app, on the window's thread.
pub(super) type Outcome = Box<dyn FnOnce(&mut App) + Send>;

/// Runs jobs on the background runtime. Each user action starts at most a few: the list is short by nature.
#[derive(Clone)]
pub(super) struct Jobs {
    runtime: Handle,
    tracker: TaskTracker,
    finished: Arc<Mutex<Vec<Outcome>>>,
    wake: Wake,
}

impl Jobs {
    pub(super) fn new(runtime: Handle, tracker: TaskTracker, wake: Wake) -> Self {
        Self { runtime, tracker, finished: Arc::default(), wake }
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(super) fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    pub(super) fn wake(&self) -> &Wake {
        &self.wake
    }

    /// Runs `job`, then its outcome on the window's thread.
    pub(super) fn spawn(&self, job: impl Future<Output = Outcome> + Send + 'static) {
        let this = self.clone();
        self.tracker.spawn_on(async move { this.finish(job.await) }, &self.runtime);
    }

    /// The same for work that blocks: files, the keyring.
    pub(super) fn spawn_blocking(&self, job: impl FnOnce() -> Outcome + Send + 'static) {
        let this = self.clone();
        self.tracker.spawn_blocking_on(move || this.finish(job()), &self.runtime);
    }

    /// A job of the window's own that may outlive it and is ended with the runtime.
    pub(super) fn spawn_detached(&self, job: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(job);
    }

    pub(super) fn take_finished(&self) -> Vec<Outcome> {
        std::mem::take(&mut *self.finished.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn finish(&self, outcome: Outcome) {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
        self.wake.wake();
    }
}
