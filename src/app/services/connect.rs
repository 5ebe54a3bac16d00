//! The ways to services: keys are read, addresses are tried, and only what answers is connected to.

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::profile::profile_of;
use crate::app::dialogs::not_connected;
use crate::app::jobs::{Background, Jobs};
use crate::net::{Client, NetError, scheme};
use crate::session::{Probed, ServiceSetup, service_of};
use crate::settings::secrets::{self, SecretError};
use crate::settings::{ServiceProfile, service_address};
use crate::ui::action::NewService;

/// Reads keys and tries addresses in the background.
pub(crate) struct Connector {
    jobs: Jobs<ConnectorAnswer>,
}

/// What came of a job.
pub(crate) enum ConnectorAnswer {
    /// The keyring has answered for a service of the settings.
    Known {
        profile: ServiceProfile,
        key: Result<Option<SecretString>, SecretError>,
        webhooks: Result<Option<Client>, String>,
    },
    /// A service has answered that the user wants to connect to, or it has not.
    Tried { trial: u64, result: Result<Box<FoundService>, String> },
}

/// A service that answered, to be kept.
pub(crate) struct FoundService {
    pub profile: ServiceProfile,
    pub setup: ServiceSetup,
    /// Empty where none was given.
    pub key: SecretString,
    /// The name so far of a service that was changed.
    pub replaces: Option<String>,
    /// The session host that takes the profile's webhooks, or why there is none.
    pub webhooks: Result<Option<Client>, String>,
}

impl Connector {
    pub(crate) fn new(background: &Background) -> Self {
        Self { jobs: Jobs::new(background) }
    }

    /// What came of jobs since the last call.
    pub(crate) fn take_answers(&self) -> Vec<ConnectorAnswer> {
        self.jobs.take_finished()
    }

    /// Reads the keys of what the settings know, which may block.
    pub(crate) fn read_keys(&self, profiles: &[ServiceProfile]) {
        for profile in profiles.iter().cloned() {
            self.jobs.spawn_blocking(move || {
                let key = match Url::parse(&profile.base_url) {
                    Ok(base) => secrets::get(&base),
                    // Told where the address is read again.
                    Err(_) => Ok(None),
                };
                let webhooks = profile.webhook_host();
                ConnectorAnswer::Known { profile, key, webhooks }
            });
        }
    }

    /// Tries address and key. An error says what is wrong with the address.
    pub(crate) fn try_out(
        &self,
        new: NewService,
        trial: u64,
        profiles: &[ServiceProfile],
    ) -> Result<(), String> {
        let address = service_address(&new.base_url)?;
        let key = SecretString::from(new.key.as_str());
        let replaces = new.replaces.clone();
        let profiles = profiles.to_vec();
        let runtime = self.jobs.background().runtime.clone();
        self.jobs.spawn(async move {
            // Nothing but this try goes out before the scheme is known, least of all the key.
            let base = scheme::settle(address).await;
            let profile = profile_of(new, &base, &profiles);
            let given = (!key.expose_secret().is_empty()).then(|| key.clone());
            let kept = (replaces.is_some() && given.is_none()).then(|| base.clone());
            // What can't be read is asked for by the service itself.
            let read = move || secrets::get(&kept?).ok().flatten();
            let kept = runtime.spawn_blocking(read).await.unwrap_or_default();
            let auth = profile.auth(&base, given.or(kept), Vec::new());
            let setup = profile.setup(base.clone(), auth);
            let probed = match service_of(profile.kind, setup.clone()) {
                Ok(service) => service.probe().await,
                Err(err) => Err(err),
            };
            let name = &profile.name;
            if let Err(why) = is_there(name, &base, probed) {
                return ConnectorAnswer::Tried { trial, result: Err(why) };
            }
            let of = profile.clone();
            let webhooks = runtime.spawn_blocking(move || of.webhook_host()).await;
            let webhooks = webhooks.unwrap_or_else(|err| Err(err.to_string()));
            let found = FoundService { profile, setup, key, replaces, webhooks };
            ConnectorAnswer::Tried { trial, result: Ok(Box::new(found)) }
        });
        Ok(())
    }
}

/// Whether the service of this name is at `base`, or what to tell the user.
fn is_there(name: &str, base: &Url, probed: Result<Probed, NetError>) -> Result<(), String> {
    match probed {
        Ok(Probed::Found(_)) => Ok(()),
        Ok(Probed::Elsewhere(other)) => {
            Err(format!("{name} answers at {other} and not at {base}: connect to that address"))
        }
        Err(err) => Err(not_connected(name, &err)),
    }
}
