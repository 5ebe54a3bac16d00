//! A limit for calls that can't be canceled.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Why a call gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoOutcome {
    /// It has not come to an end within the limit.
    Late,
    /// It panicked, or no thread could be started for it.
    Failed,
}

/// Runs `work` on a thread of its own, called `name`. Past the limit nobody waits for the thread, and its result is
/// dropped; it ends with the process at the latest.
pub fn within<T: Send + 'static>(
    limit: Duration,
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoOutcome> {
    let (done, result) = sync_channel(1);
    let run = move || {
        // The send fails past the limit, when nobody listens any more.
        drop(done.send(work()));
    };
    if std::thread::Builder::new().name(name.to_owned()).spawn(run).is_err() {
        return Err(NoOutcome::Failed);
    }
    result.recv_timeout(limit).map_err(|err| match err {
        RecvTimeoutError::Timeout => NoOutcome::Late,
        RecvTimeoutError::Disconnected => NoOutcome::Failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_does_not_end_is_given_up_and_a_panic_is_no_outcome() {
        let (open, shut) = sync_channel::<()>(1);
        let stuck = within(Duration::from_millis(20), "stuck", move || {
            assert!(shut.recv().is_err());
        });
        assert_eq!(stuck, Err(NoOutcome::Late));
        drop(open);
        let limit = Duration::from_secs(60);
        assert_eq!(within(limit, "quick", || 7), Ok(7));
        let failed: Result<(), _> = within(limit, "failing", || panic!("on purpose"));
        assert_eq!(failed, Err(NoOutcome::Failed));
    }
}
