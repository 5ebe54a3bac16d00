//! Waits until the background side says that there is something to look at.

use std::sync::Arc;
use std::time::Duration;

use helmsight::base::Wake;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// The longest wait for anything. A stall takes five seconds, and the machine has other work, too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The wakes that the window would get.
#[derive(Clone, Default)]
pub(crate) struct Wakes(Arc<Notify>);

impl Wakes {
    /// Returns the wake to hand to the background side.
    pub(crate) fn wake(&self) -> Wake {
        let notify = self.0.clone();
        Wake::new(move || notify.notify_one())
    }

    /// Looks now and after each wake until `look` finds something; returns `None` once patience is at its end.
    pub(crate) async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look() {
                return Some(found);
            }
            timeout_at(deadline, self.0.notified()).await.ok()?;
        }
    }
}
