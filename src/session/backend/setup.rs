//! Describes what a service is made from, and what is known of a kind of server before there is one.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::net::{Auth, Client, NetError};
use crate::session::Service;

/// Time that a session is kept alive without a user action, unless the settings say otherwise.
pub(super) const KEEP_ALIVE_CAP: Duration = Duration::from_secs(60 * 60);

/// All that a service may be made from. Each kind takes what it uses.
#[derive(Clone, Debug)]
pub struct ServiceSetup {
    /// Address of the service.
    pub base: Url,
    /// Credential for the service.
    pub auth: Auth,
    /// The space whose sessions are listed. `None` means all sessions that the key may see.
    pub space: Option<String>,
    /// Least time between two snapshots, for services without a stream of pictures. `None` means the default of the
    /// kind.
    pub snapshot_period: Option<Duration>,
    /// Client for the session host that takes the service's webhooks, where there is one.
    pub webhooks: Option<Client>,
    /// Whether event streams may be labeled as plain text or not at all.
    pub lenient_media_type: bool,
    /// Time that sessions are kept alive without a user action.
    pub keep_alive_cap: Duration,
    /// Name by which others in a session know this window's user. `None` leaves the name to the service.
    pub user: Option<String>,
}

impl ServiceSetup {
    /// Returns the setup of a service at `base` with defaults for all the rest.
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

/// What forms and settings have to know of a kind of server, and how its service is made.
#[derive(Debug)]
pub(super) struct KindSpec {
    /// Name that the window shows.
    pub(super) title: &'static str,
    /// Example of an address to start from.
    pub(super) example: &'static str,
    /// Whether the example is the address of the one public service, so that nobody need type it.
    pub(super) is_public: bool,
    /// Whether its sessions are those of a space with a number.
    pub(super) has_spaces: bool,
    /// The query parameter that usually carries the key; `None`: it goes into the `Authorization` header.
    pub(super) key_parameter: Option<&'static str>,
    /// Makes a service of this kind.
    pub(super) make: fn(ServiceSetup) -> Result<Arc<dyn Service>, NetError>,
}
