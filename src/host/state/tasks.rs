//! Owns the tasks of a host and tells them to end.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tracker and the signals that every task of a host has in common. It is cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostTasks {
    /// Every task of the host is spawned here, so that its end can be awaited.
    pub(crate) tracker: TaskTracker,
    /// Once this fires, the host takes no further connections, requests and sessions; what is under way may end in
    /// order.
    pub(crate) closing: CancellationToken,
    /// Once this fires, everything ends at once.
    pub(crate) kill: CancellationToken,
}
