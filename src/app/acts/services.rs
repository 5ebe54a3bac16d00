//! Connects to services, changes them and forgets them.

use http::HeaderName;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::app::App;
use crate::app::dialogs::{awaited, trial_failed};
use crate::app::services::{ConnectorAnswer, FoundService};
use crate::net::Client;
use crate::session::ServiceSetup;
use crate::settings::ServiceProfile;
use crate::settings::env::{self, EnvService};
use crate::settings::secrets::SecretError;
use crate::ui::action::NewService;
use crate::ui::state::SessionKey;

impl App {
    /// Lists the service of the environment and those of the profiles. Their keys come from the keyring, which may
    /// block.
    pub(in crate::app) fn connect_known_services(&mut self) {
        let (service, problems) = env::from_env(|name| std::env::var(name).ok());
        for problem in problems {
            self.notices.error(problem);
        }
        let profiles = &self.kept.settings.profiles;
        self.connector.read_keys(profiles, service.as_ref());
        let is_unknown = |service: &EnvService| {
            Url::parse(&service.profile.base_url)
                .is_ok_and(|base| self.kept.settings.service_at(&base).is_none())
        };
        if let Some(EnvService { profile, key, headers }) = service.filter(is_unknown) {
            self.connect_profile(profile, Ok(key), headers, None);
        }
    }

    /// Takes what the keyring and the services that are tried have answered.
    pub(in crate::app) fn settle_connections(&mut self) {
        for answer in self.connector.take_answers() {
            match answer {
                ConnectorAnswer::Known { profile, key, headers, webhooks } => {
                    let webhooks = self.webhooks_or_why_not(&profile, webhooks);
                    if !self.services.has_lent_key(&profile.name) {
                        self.connect_profile(profile, key, headers, webhooks);
                    }
                }
                ConnectorAnswer::Tried { trial, result } => {
                    let modal = &mut self.window.modal;
                    match result {
                        Ok(_) if awaited(modal, trial).is_none() => (),
                        Ok(found) => {
                            *modal = None;
                            self.keep_service(*found);
                        }
                        Err(why) => trial_failed(modal, trial, why),
                    }
                }
            }
        }
    }

    fn webhooks_or_why_not(
        &mut self,
        profile: &ServiceProfile,
        webhooks: Result<Option<Client>, String>,
    ) -> Option<Client> {
        webhooks.unwrap_or_else(|why| {
            self.notices
                .error(format!("The webhooks of “{}” can't be followed: {why}", profile.name));
            None
        })
    }

    fn connect_profile(
        &mut self,
        profile: ServiceProfile,
        key: Result<Option<SecretString>, SecretError>,
        headers: Vec<(HeaderName, SecretString)>,
        webhooks: Option<Client>,
    ) {
        let Ok(base) = Url::parse(&profile.base_url) else {
            let name = &profile.name;
            let why = format!("The address of “{name}” in the settings is not a URL");
            return self.notices.error(why);
        };
        let key = key.unwrap_or_else(|err| {
            self.services.key_unread(&profile.name, err);
            None
        });
        let auth = profile.auth(&base, key, headers);
        let setup = ServiceSetup { webhooks, ..profile.setup(base, auth) };
        self.list_profile(&profile, setup);
    }

    /// Checks address and key, then keeps the profile in the settings and the key in the keyring.
    pub(in crate::app) fn connect(&mut self, new: NewService) {
        let trial = self.dialogs.begin_trial(&mut self.window.modal);
        if let Err(why) = self.connector.try_out(new, trial, &self.kept.settings.profiles) {
            trial_failed(&mut self.window.modal, trial, why);
        }
    }

    fn keep_service(&mut self, found: FoundService) {
        let FoundService { profile, setup, key, replaces, webhooks } = found;
        let webhooks = self.webhooks_or_why_not(&profile, webhooks);
        let setup = ServiceSetup { webhooks, ..setup };
        let old_name = replaces.unwrap_or_else(|| profile.name.clone());
        self.services.key_given(&old_name);
        self.services.key_given(&profile.name);
        let watched = self.leave_service(&old_name);
        if old_name != profile.name {
            self.services.rename(&old_name, &profile.name);
        }
        let base = setup.base.clone();
        self.list_profile(&profile, setup);
        self.return_to_service(&profile.name, watched);
        self.notices.good(format!("Connected to {}", profile.name));
        let profiles = &mut self.kept.settings.profiles;
        let is_it = |known: &ServiceProfile| known.name == profile.name || known.name == old_name;
        let at = profiles.iter().position(is_it).unwrap_or(profiles.len());
        profiles.retain(|known| !is_it(known));
        profiles.insert(at, profile);
        if !key.expose_secret().is_empty() {
            self.kept.keep_key(base, key);
        }
    }

    /// Removes a service from the list, the settings and the keyring.
    pub(in crate::app) fn forget_service(&mut self, name: &str) {
        let Some(view) = self.services.remove(name) else {
            return;
        };
        self.kept.settings.profiles.retain(|profile| profile.name != name);
        if let Ok(base) = Url::parse(&view.base_url) {
            self.kept.forget_key(base);
        }
    }

    /// Stops watching the sessions of `service`, because their connections use credentials that no longer hold.
    fn leave_service(&mut self, service: &str) -> WatchedThere {
        let open = self.sessions.views().iter().enumerate();
        let places: Vec<_> = open
            .filter(|(_, open)| open.key.service == service)
            .map(|(at, open)| (at, open.key.clone()))
            .collect();
        let front = self.sessions.active_key();
        for (_, key) in &places {
            self.stop_watching(key);
        }
        WatchedThere { front, places }
    }

    /// Watches the sessions of a service anew, each at its place.
    fn return_to_service(&mut self, service: &str, watched: WatchedThere) {
        let WatchedThere { mut front, places } = watched;
        let on_wall = self.sessions.on_wall();
        for (place, old) in places {
            let key = SessionKey { service: service.to_owned(), id: old.id.clone() };
            self.open(key.clone());
            self.sessions.shift(&key, place);
            if front.as_ref() == Some(&old) {
                front = Some(key);
            }
        }
        if let Some(front) = front {
            self.select(&front);
        }
        self.sessions.set_on_wall(on_wall);
    }
}

/// The watched sessions of one service that are to be watched anew.
struct WatchedThere {
    front: Option<SessionKey>,
    places: Vec<(usize, SessionKey)>,
}
