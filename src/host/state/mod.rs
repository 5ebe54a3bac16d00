//! Holds what the routes of a host share: how it was started, its sessions and its tasks.
//!
//! The host's own locks (of the door, the grants, the registry, what chats remember, the webhooks seen) are each taken alone, and none is
//! held while a session is asked for anything that locks. The order of a session's locks is in `session::people`.

pub(crate) mod config;
pub(crate) mod registry;
pub(crate) mod tasks;

use std::sync::Arc;

use tokio::sync::Semaphore;
use url::Url;

use super::action::perform::ActionAnswer;
use super::driver::factory::DriverFactory;
use super::grant::GrantBook;
use super::once::OnceByKey;
use config::HostConfig;
use registry::SessionRegistry;
use tasks::HostTasks;

/// The state that every route can reach. Cameras, chats and webhooks are not in it: their routes have a state of their
/// own.
pub(crate) struct HostState {
    pub(crate) base_url: Url,
    pub(crate) config: HostConfig,
    pub(crate) factory: DriverFactory,
    pub(crate) grants: Arc<GrantBook>,
    pub(crate) registry: Arc<SessionRegistry>,
    /// The actions that were asked for under a key, which is one of its session.
    pub(crate) acts: OnceByKey<ActionAnswer>,
    /// There is one permit for each session that may live at a time.
    pub(crate) session_permits: Arc<Semaphore>,
    pub(crate) tasks: HostTasks,
}
