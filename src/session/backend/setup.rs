//! What a service is made from, and what is known of a kind of server before there is one.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::net::{Auth, Client, NetError};
use crate::session::Service;

/// How long a session is kept alive without a user action, unless the settings say otherwise.
pub(super) const KEEP_ALIVE_CAP: Duration = Duration::from_secs(60 * 60);

/// All that a service may be made from. Each kind takes what it has a use for.
#[derive(Clone, Debug)]
pub struct ServiceSetup {
    pub base: Url,
    pub auth: Auth,
    /// The space whose sessions are listed; `None`: all that the key sees.
    pub space: Option<String>,
    /// The least time from one snapshot to the next, where snapshots are all that there is; `None`: the kind's usual.
    pub snapshot_period: Option<Duration>,
    /// For the session host that takes the service's webhooks, where there is one.
    pub webhooks: Option<Client>,
    /// Whether event streams are taken that are labeled as plain text or not at all.
    pub lenient_media_type: bool,
    /// How long sessions are kept alive without a user action.
    pub keep_alive_cap: Duration,
    /// What the others in a session call this window's user; `None`: what the service makes of it.
    pub user: Option<String>,
}

impl ServiceSetup {
    /// A service at `base` with what is usual for all the rest.
    pub fn new(base: Url, auth: Auth) -> Self {
        Self {
            base,
            auth,
            space: None,
            snapshot_period: None,
            webhooks: None,
            lenient_media_type: false,
            keep_alive_cap: KEEP_ALIVE_CAP,
            user: None,
        }
    }
}

/// One kind of server: what a form and the settings have to know of it, and how its service is made.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) title: &'static str,
    /// An address to start from.
    pub(super) example: &'static str,
    /// Whether the example is the address of the one public service, so that nobody need type it.
    pub(super) is_public: bool,
    /// Whether its sessions are those of a space with a number.
    pub(super) has_spaces: bool,
    /// The query parameter that usually carries the key; `None`: it goes into the `Authorization` header.
    pub(super) key_parameter: Option<&'static str>,
    pub(super) make: fn(ServiceSetup) -> Result<Arc<dyn Service>, NetError>,
}
