//! What a scripted server notes down and a test waits for.

use std::fmt::Debug;

use tokio::sync::watch;
use tokio::time::timeout;

use super::support::PATIENCE;

/// A list that only grows. Clones are the same list.
#[derive(Clone, Debug)]
pub(crate) struct Noted<T>(watch::Sender<Vec<T>>);

impl<T> Default for Noted<T> {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl<T: Clone + Debug> Noted<T> {
    /// Notes what `make` returns for everything that was noted before.
    pub(crate) fn add(&self, make: impl FnOnce(&[T]) -> T) {
        self.0.send_modify(|all| {
            let new = make(all);
            all.push(new);
        });
    }

    /// Returns everything that was noted, oldest first.
    pub(crate) fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }

    /// Waits until `is_so` holds for the list; fails with `what` once patience is at its end.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&[T]) -> bool) {
        let mut seen = self.0.subscribe();
        let in_time = timeout(PATIENCE, seen.wait_for(|all| is_so(all))).await.is_ok();
        assert!(in_time, "never: {what}: {:#?}", self.all());
    }
}
