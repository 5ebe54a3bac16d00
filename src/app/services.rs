//! The services whose sessions are listed: the host in this process, the environment's, and the profiles'.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::App;
use super::dialogs::{awaited, not_connected, trial_failed};
use super::profile::profile_of;
use crate::net::{Auth, Client, NetError, TokenPlace};
use crate::protocol::cobrowse::Dialect;
use crate::session::backend::CobrowseService;
use crate::session::service::{Probed, Service, ServiceClient};
use crate::settings::secrets::{self, SecretError};
use crate::settings::{Profile, env, service_address};
use crate::ui::action::NewService;
use crate::ui::state::{ServiceView, SessionKey};

const SPACE_HEADER: HeaderName = HeaderName::from_static("x-space-id");

/// What a finished job does to the app, on the window's thread.
pub(super) type Outcome = Box<dyn FnOnce(&mut App) + Send>;

impl App {
    /// Lists the environment's service and the profiles'; keys come from the keyring, which may block.
    pub(super) fn connect_known_services(&mut self) {
        let (service, problems) = env::from_env(|name| std::env::var(name).ok());
        for problem in problems {
            self.notices.error(problem);
        }
        if let Some(service) = service {
            self.connect_profile(service.profile.clone(), Ok(service.key), service.headers, None);
        }
        for profile in self.kept.settings.profiles.clone() {
            self.jobs.spawn_blocking(move || {
                let key = match Url::parse(&profile.base_url) {
                    Ok(base) => secrets::get(&base),
                    // Told below, where the address is read again.
                    Err(_) => Ok(None),
                };
                let webhooks = webhooks_of(&profile);
                Box::new(move |app: &mut Self| {
                    let webhooks = app.webhooks_or_why_not(&profile, webhooks);
                    app.connect_profile(profile, key, Vec::new(), webhooks);
                }) as Outcome
            });
        }
    }

    fn webhooks_or_why_not(
        &mut self,
        profile: &Profile,
        webhooks: Result<Option<Client>, String>,
    ) -> Option<Client> {
        webhooks.unwrap_or_else(|why| {
            self.notices.error(format!("No webhooks of “{}”: {why}", profile.name));
            None
        })
    }

    fn connect_profile(
        &mut self,
        profile: Profile,
        key: Result<Option<SecretString>, SecretError>,
        headers: Vec<(HeaderName, SecretString)>,
        webhooks: Option<Client>,
    ) {
        let Ok(base) = Url::parse(&profile.base_url) else {
            return self
                .notices
                .error(format!("The address of “{}” in the settings is not a URL", profile.name));
        };
        let key = key.unwrap_or_else(|err| {
            // Whether it has one is not known: told once the service wants it.
            self.services.key_unread(&profile.name, err);
            None
        });
        let auth = auth_of(&profile, &base, key, headers);
        self.add_profile(&profile, base, auth, webhooks);
    }

    /// Lists the sessions of the service that `profile` describes.
    fn add_profile(&mut self, profile: &Profile, base: Url, auth: Auth, webhooks: Option<Client>) {
        let name = profile.name.clone();
        if profile.agent_tasks {
            self.chats.takes_tasks(&name);
        }
        let Some(dialect) = profile.kind.cobrowse() else {
            return self.add_computers(profile, base, auth, false);
        };
        match cobrowse_service(profile, dialect, base.clone(), auth) {
            Ok(service) => {
                let service = match webhooks {
                    Some(client) => service.with_webhooks(client),
                    None => service,
                };
                let view =
                    ServiceView { name, base_url: base.to_string(), ..ServiceView::default() };
                self.list_service(view, Arc::new(service));
            }
            Err(err) => self.notices.error(not_connected(base.as_str(), &err)),
        }
    }

    /// Lists the sessions of a service that has no profile.
    pub(super) fn add_service(&mut self, name: String, base: Url, auth: Auth, local: bool) {
        let profile = Profile { name, ..Profile::default() };
        self.add_computers(&profile, base, auth, local);
    }

    fn add_computers(&mut self, profile: &Profile, base: Url, auth: Auth, local: bool) {
        let client = match Client::new(base.clone(), auth) {
            Ok(client) => client,
            Err(err) => return self.notices.error(not_connected(base.as_str(), &err)),
        };
        let cap = self.kept.settings.keep_alive_cap();
        let service = ServiceClient::new(client)
            .with_keep_alive_cap(cap)
            .with_lenient_media_type(profile.lenient_media_type)
            .with_user(self.kept.settings.shown_name());
        let caution = (local && self.host.options().no_sandbox)
            .then(|| "Chromium runs without its sandbox".to_owned());
        let view = ServiceView {
            name: profile.name.clone(),
            caution,
            base_url: base.to_string(),
            local,
            ..ServiceView::default()
        };
        self.list_service(view, Arc::new(service));
    }

    /// Checks address and key, then keeps them: the profile in the settings, the key in the keyring.
    pub(super) fn connect(&mut self, new: NewService) {
        let trial = self.dialogs.begin_trial(&mut self.shell.modal);
        let base = match service_address(&new.base_url) {
            Ok(base) => base,
            Err(why) => return trial_failed(&mut self.shell.modal, trial, why),
        };
        let key = SecretString::from(new.key.as_str());
        let replaces = new.replaces.clone();
        let profile = profile_of(new, &base, &self.kept.settings.profiles);
        let name = profile.name.clone();
        let given = (!key.expose_secret().is_empty()).then(|| key.clone());
        let keeps_key = replaces.is_some() && given.is_none();
        let runtime = self.background.runtime.clone();
        self.jobs.spawn(async move {
            let kept = keeps_key.then(|| base.clone());
            // What can't be read is asked for by the service itself.
            let read = move || secrets::get(&kept?).ok().flatten();
            let kept = runtime.spawn_blocking(read).await.unwrap_or_default();
            let auth = auth_of(&profile, &base, given.or(kept), Vec::new());
            let probed = probe(&profile, &base, &auth).await;
            let mut webhooks = Ok(None);
            if let Ok(Probed::Found(_)) = probed {
                let profile = profile.clone();
                let found = runtime.spawn_blocking(move || webhooks_of(&profile)).await;
                webhooks = found.unwrap_or_else(|err| Err(err.to_string()));
            }
            Box::new(move |app: &mut Self| {
                let modal = &mut app.shell.modal;
                if awaited(modal, trial).is_none() {
                    return;
                }
                match probed {
                    Ok(Probed::Found(_)) => {
                        *modal = None;
                        let webhooks = app.webhooks_or_why_not(&profile, webhooks);
                        app.keep_service(profile, base, auth, key, replaces, webhooks);
                    }
                    Ok(Probed::Elsewhere(other)) => trial_failed(
                        modal,
                        trial,
                        format!(
                            "{name} answers at {other} and not at {base}: connect to that address"
                        ),
                    ),
                    Err(err) => trial_failed(modal, trial, not_connected(&name, &err)),
                }
            }) as Outcome
        });
    }

    fn keep_service(
        &mut self,
        profile: Profile,
        base: Url,
        auth: Auth,
        key: SecretString,
        replaces: Option<String>,
        webhooks: Option<Client>,
    ) {
        let old_name = replaces.unwrap_or_else(|| profile.name.clone());
        self.services.key_given(&old_name);
        self.services.key_given(&profile.name);
        let watched = self.leave_service(&old_name);
        if old_name != profile.name {
            self.services.rename(&old_name, &profile.name);
        }
        self.add_profile(&profile, base.clone(), auth, webhooks);
        self.return_to_service(&profile.name, watched);
        self.notices.good(format!("Connected to {}", profile.name));
        let profiles = &mut self.kept.settings.profiles;
        let is_it = |known: &Profile| known.name == profile.name || known.name == old_name;
        let at = profiles.iter().position(is_it).unwrap_or(profiles.len());
        profiles.retain(|known| !is_it(known));
        profiles.insert(at, profile);
        if !key.expose_secret().is_empty() {
            self.kept.keep_key(base, key);
        }
    }

    pub(super) fn forget_service(&mut self, name: &str) {
        let Some(view) = self.services.remove(name) else {
            return;
        };
        self.kept.settings.profiles.retain(|profile| profile.name != name);
        if let Ok(base) = Url::parse(&view.base_url) {
            self.kept.forget_key(base);
        }
    }

    /// Stops watching what `service` has: it is watched with credentials that are no longer those.
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

    /// Watches it anew, each at its place.
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

/// Sessions of one service that are watched, to be watched anew.
struct WatchedThere {
    front: Option<SessionKey>,
    places: Vec<(usize, SessionKey)>,
}

/// Looks whether `base` is the service that `profile` says.
async fn probe(profile: &Profile, base: &Url, auth: &Auth) -> Result<Probed, NetError> {
    match profile.kind.cobrowse() {
        None => ServiceClient::probe(base, auth).await,
        Some(dialect) => {
            let service = cobrowse_service(profile, dialect, base.clone(), auth.clone())?;
            Service::list(&service).await.map(Probed::Found)
        }
    }
}

fn cobrowse_service(
    profile: &Profile,
    dialect: Dialect,
    base: Url,
    auth: Auth,
) -> Result<CobrowseService, NetError> {
    let space = (!profile.space.is_empty()).then(|| profile.space.clone());
    let service = CobrowseService::new(Client::new(base, auth)?, dialect, space);
    Ok(match u64::from(profile.snapshot_seconds) {
        0 => service,
        seconds => service.with_snapshot_period(Duration::from_secs(seconds)),
    })
}

/// For the session host that takes the profile's webhooks; with its token, which is in the keyring. May block.
fn webhooks_of(profile: &Profile) -> Result<Option<Client>, String> {
    if profile.webhooks.is_empty() {
        return Ok(None);
    }
    let base = Url::parse(&profile.webhooks)
        .map_err(|err| format!("“{}” in the settings is not a URL ({err})", profile.webhooks))?;
    let token = secrets::get(&base).map_err(|err| err.to_string())?;
    let auth = token.map_or_else(Auth::none, |token| Auth::token(&base, token, TokenPlace::Bearer));
    Client::new(base, auth).map(Some).map_err(|err| err.to_string())
}

/// The credential of a profile, bound to its address.
pub fn auth_of(
    profile: &Profile,
    base: &Url,
    key: Option<SecretString>,
    headers: Vec<(HeaderName, SecretString)>,
) -> Auth {
    let place = match profile.token_place.query_name() {
        None => TokenPlace::Bearer,
        Some(name) => TokenPlace::Query(name.to_owned()),
    };
    let auth = key.map_or_else(Auth::none, |key| Auth::token(base, key, place));
    let space = (profile.kind.has_spaces() && !profile.space.is_empty())
        .then(|| (SPACE_HEADER, SecretString::from(profile.space.clone())));
    headers.into_iter().chain(space).fold(auth, |auth, (name, value)| auth.with_header(name, value))
}
