//! The tasks of a host, and how they are told to end.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What every task of a host has in common. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostTasks {
    /// Every task of the host is spawned here, so that its end can be awaited.
    pub(crate) tracker: TaskTracker,
    /// No further connections, requests and sessions; what is under way may end in order.
    pub(crate) closing: CancellationToken,
    /// Everything ends now.
    pub(crate) kill: CancellationToken,
}
