//! Finds the ways to services: it reads keys and tries addresses, and only a service that answers is connected to.

use http::HeaderName;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::profile::profile_of;
use crate::app::dialogs::not_connected;
use crate::app::jobs::{Background, Jobs};
use crate::net::{Client, NetError, scheme};
use crate::session::{Probed, ServiceSetup, service_of};
use crate::settings::env::EnvService;
use crate::settings::secrets::{self, SecretError};
use crate::settings::{ServiceProfile, is_same_base, service_address};
use crate::ui::action::NewService;

/// Reads keys and tries addresses in the background.
pub(crate) struct Connector {
    jobs: Jobs<ConnectorAnswer>,
}

/// The outcome of a job.
pub(crate) enum ConnectorAnswer {
    /// The keyring has answered for a service of the settings.
    Known {
        profile: ServiceProfile,
        key: Result<Option<SecretString>, SecretError>,
        /// Headers of the environment.
        headers: Vec<(HeaderName, SecretString)>,
        webhooks: Result<Option<Client>, String>,
    },
    /// The service that the user wants to connect to has answered, or `result` says in words why it has not.
    Tried { trial: u64, result: Result<Box<FoundService>, String> },
}

/// A service that answered and is to be kept.
pub(crate) struct FoundService {
    pub profile: ServiceProfile,
    pub setup: ServiceSetup,
    /// The key that was typed; empty where none was.
    pub key: SecretString,
    /// The former name of a service that was changed.
    pub replaces: Option<String>,
    /// The session host that takes the profile's webhooks, or why there is none.
    pub webhooks: Result<Option<Client>, String>,
}

impl Connector {
    pub(crate) fn new(background: &Background) -> Self {
        Self { jobs: Jobs::new(background) }
    }

    /// Takes the outcomes of jobs since the last call.
    pub(crate) fn take_answers(&self) -> Vec<ConnectorAnswer> {
        self.jobs.take_finished()
    }

    /// Reads the keys of the settings' services in the background, because the keyring may block. The service that the
    /// environment names may be one of them: then its key and headers go before what is kept, and all else that the
    /// settings know holds.
    pub(crate) fn read_keys(&self, profiles: &[ServiceProfile], environment: Option<&EnvService>) {
        for profile in profiles.iter().cloned() {
            let base = Url::parse(&profile.base_url).ok();
            let is_it = |env: &&EnvService| {
                base.as_ref().is_some_and(|base| is_same_base(&env.profile.base_url, base))
            };
            let env = environment.filter(is_it).cloned();
            self.jobs.spawn_blocking(move || {
                let (env_key, headers) = env.map_or((None, Vec::new()), |it| (it.key, it.headers));
                let key = match (env_key, &base) {
                    (Some(key), _) => Ok(Some(key)),
                    (None, Some(base)) => secrets::get(base),
                    // A wrong address is told where it is read again.
                    (None, None) => Ok(None),
                };
                let webhooks = profile.webhook_host();
                ConnectorAnswer::Known { profile, key, headers, webhooks }
            });
        }
    }

    /// Tries address and key in the background; `trial` comes back with the answer. An error says what is wrong with
    /// the address.
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
            // A service that is known at this very address keeps its key, too.
            let is_kept = replaces.is_some()
                || profiles.iter().any(|known| {
                    known.name == profile.name && is_same_base(&known.base_url, &base)
                });
            let given = (!key.expose_secret().is_empty()).then(|| key.clone());
            let kept = (is_kept && given.is_none()).then(|| base.clone());
            // A key that can't be read is no failure here: a service that wants one says so itself.
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

/// Tells whether the service of this name is at `base`. An error is for the user.
fn is_there(name: &str, base: &Url, probed: Result<Probed, NetError>) -> Result<(), String> {
    match probed {
        Ok(Probed::Found(_)) => Ok(()),
        Ok(Probed::Elsewhere(other)) => {
            Err(format!("{name} answers at {other} and not at {base}: connect to that address"))
        }
        Err(err) => Err(not_connected(name, &err)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::jobs::tests::{background, outcome};
    use crate::net::scripted::{Scripted, reply};
    use crate::session::ServiceKind;
    use crate::session::support::Wakes;

    fn connector() -> (Connector, Wakes) {
        let wakes = Wakes::default();
        (Connector::new(&background(&tokio::runtime::Handle::current(), &wakes)), wakes)
    }

    /// A service with a key, so that the keyring of whoever runs this is not asked.
    fn new(base_url: &str) -> NewService {
        NewService {
            name: "Ours".to_owned(),
            base_url: base_url.to_owned(),
            kind: ServiceKind::Computers,
            space: String::new(),
            key: "typed-key".to_owned(),
            replaces: None,
        }
    }

    /// Tries a service that gives this answer. Returns what came of trial 7, and the head of the request.
    async fn tried(status: &str, body: &str) -> (Result<Box<FoundService>, String>, String) {
        let answer = reply(status, "Content-Type: application/json\r\n", body);
        let server = Scripted::always(answer).await;
        let (connector, wakes) = connector();
        connector.try_out(new(server.url.as_str()), 7, &[]).unwrap();
        match outcome(&wakes, || connector.take_answers()).await {
            ConnectorAnswer::Tried { trial: 7, result } => (result, server.heads()[0].clone()),
            _ => panic!("another answer"),
        }
    }

    #[tokio::test]
    async fn a_service_that_answers_is_found_with_its_key() {
        let (result, head) = tried("200 OK", "[]").await;
        let found = result.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((found.profile.name.as_str(), found.replaces.as_deref()), ("Ours", None));
        assert_eq!(found.key.expose_secret(), "typed-key");
        assert_eq!(found.profile.base_url, found.setup.base.as_str());
        assert!(head.contains("typed-key"), "{head}");
    }

    #[tokio::test]
    async fn a_service_that_refuses_is_not_found_and_it_is_told_why() {
        for (status, body) in [("401 Unauthorized", "{}"), ("200 OK", "<html>")] {
            let (result, _) = tried(status, body).await;
            let why = result.err().expect("it is not found");
            assert!(why.starts_with("Could not connect to Ours: "), "{why}");
            assert!(!why.contains("typed-key"), "{why}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_told_at_once_and_not_tried() {
        let (connector, _) = connector();
        assert!(connector.try_out(new("a b://c"), 1, &[]).is_err());
        assert!(connector.jobs.background().tracker.is_empty());
    }

    #[tokio::test]
    async fn a_profile_without_a_server_is_known_without_a_key() {
        let (connector, wakes) = connector();
        let name = "Ours".to_owned();
        connector.read_keys(&[ServiceProfile { name, ..ServiceProfile::default() }], None);
        match outcome(&wakes, || connector.take_answers()).await {
            ConnectorAnswer::Known { profile, key, .. } => {
                assert_eq!((profile.name.as_str(), key.unwrap().is_none()), ("Ours", true));
            }
            ConnectorAnswer::Tried { .. } => panic!("nothing was tried"),
        }
    }

    #[tokio::test]
    async fn the_environments_key_goes_before_the_kept_one_at_the_same_address_only() {
        let (connector, wakes) = connector();
        let known = ServiceProfile {
            name: "Ours".to_owned(),
            base_url: "https://a.test/v1".to_owned(),
            ..ServiceProfile::default()
        };
        let base_url = "https://A.test:443/v1/".to_owned();
        let environment = EnvService {
            profile: ServiceProfile { base_url, ..ServiceProfile::default() },
            key: Some(SecretString::from("env-key")),
            headers: Vec::new(),
        };
        connector.read_keys(std::slice::from_ref(&known), Some(&environment));
        match outcome(&wakes, || connector.take_answers()).await {
            ConnectorAnswer::Known { profile, key, .. } => {
                assert_eq!(profile, known, "all else that the settings know holds");
                assert_eq!(key.unwrap().unwrap().expose_secret(), "env-key");
            }
            ConnectorAnswer::Tried { .. } => panic!("another answer"),
        }
    }
}
