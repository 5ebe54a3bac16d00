//! The services whose sessions are listed: the host in this process, the environment's, and the profiles'.

use std::sync::Arc;

use http::HeaderName;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::App;
use super::dialogs::not_connected;
use super::jobs::Outcome;
use super::local_host::{self, Wanted};
use super::profile::profile_of;
use super::timing::interest;
use crate::model::{FrameSize, SessionKind};
use crate::net::{Auth, Client};
use crate::session::{
    Directory, DirectoryHandle, DirectoryNews, NewSessionRequest, Probed, Service, ServiceKind,
    ServiceSetup, service_of,
};
use crate::settings::secrets::{self, SecretError};
use crate::settings::{Profile, WatchedSession, env, service_address};
use crate::ui::action::{NewService, NewSession};
use crate::ui::state::{ServiceView, SessionKey};

/// What a directory calls the listing; it is told at the service, not in the corner.
const LIST: &str = "list the sessions";
/// This one is told in the dialog that asked for it.
const CREATE: &str = "create a session";

/// The background end of a [`ServiceView`]; the two lists run in parallel.
pub(super) struct Listed {
    pub service: Arc<dyn Service>,
    pub directory: DirectoryHandle,
}

impl App {
    /// Lists the environment's service and the profiles'; keys come from the keyring, which may block.
    pub(super) fn connect_known_services(&mut self) {
        let (service, problems) = env::from_env(|name| std::env::var(name).ok());
        for problem in problems {
            self.error(problem);
        }
        if let Some(service) = service {
            self.connect_profile(service.profile.clone(), Ok(service.key), service.headers, None);
        }
        for profile in self.settings.profiles.clone() {
            self.jobs.spawn_blocking(move || {
                let key = match Url::parse(&profile.base_url) {
                    Ok(base) => secrets::get(&base),
                    // Told below, where the address is read again.
                    Err(_) => Ok(None),
                };
                let webhooks = profile.webhook_host();
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
            self.error(format!("No webhooks of “{}”: {why}", profile.name));
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
                .error(format!("The address of “{}” in the settings is not a URL", profile.name));
        };
        let key = key.unwrap_or_else(|err| {
            // Whether it has one is not known: told once the service wants it.
            self.unread_keys.insert(profile.name.clone(), err);
            None
        });
        let auth = profile.auth(&base, key, headers);
        let setup = ServiceSetup { webhooks, ..profile.setup(base, auth) };
        self.add_profile(&profile, setup);
    }

    /// Lists the sessions of the service that `profile` describes.
    fn add_profile(&mut self, profile: &Profile, setup: ServiceSetup) {
        if profile.agent_tasks {
            self.chats.takes_tasks(&profile.name);
        }
        self.add(profile.name.clone(), profile.kind, setup, false);
    }

    /// Lists the sessions of a service that has no profile.
    pub(super) fn add_service(&mut self, name: String, base: Url, auth: Auth, local: bool) {
        self.add(name, ServiceKind::Computers, ServiceSetup::new(base, auth), local);
    }

    fn add(&mut self, name: String, kind: ServiceKind, setup: ServiceSetup, local: bool) {
        let base_url = setup.base.to_string();
        let setup = ServiceSetup {
            keep_alive_cap: self.settings.keep_alive_cap(),
            user: Some(self.settings.shown_name()),
            ..setup
        };
        let service = match service_of(kind, setup) {
            Ok(service) => service,
            Err(err) => return self.error(not_connected(&base_url, &err)),
        };
        let caution = (local && self.browser.no_sandbox)
            .then(|| "Chromium runs without its sandbox".to_owned());
        let view = ServiceView { name, caution, base_url, local, ..ServiceView::default() };
        self.list_service(view, service);
    }

    /// Shows a service's sessions from now on; one of the same name is replaced.
    pub(super) fn list_service(&mut self, view: ServiceView, service: Arc<dyn Service>) {
        let directory = Directory::start(
            self.jobs.runtime(),
            self.jobs.tracker(),
            service.clone(),
            self.jobs.wake().clone(),
        );
        directory.set_interest(interest(self.state.pace));
        let listed = Listed { service, directory };
        let at = self.state.services.iter().position(|known| known.name == view.name);
        match at {
            Some(at) => {
                self.state.services[at] = view;
                self.services[at] = listed;
            }
            None => {
                self.state.services.push(view);
                self.services.push(listed);
            }
        }
        self.reopen_awaited();
    }

    /// What was watched at the last time, once its service is known; what the user chose meanwhile stays in front.
    pub(super) fn reopen_awaited(&mut self) {
        let front = self.state.active().map(|open| open.key.clone());
        for WatchedSession { service, id } in std::mem::take(&mut self.awaited) {
            if self.state.services.iter().any(|known| known.name == service) {
                self.reopen(SessionKey { service, id });
            } else {
                self.awaited.push(WatchedSession { service, id });
            }
        }
        if let Some(front) = front.and_then(|key| self.place_of(&key)) {
            self.bring_to_front(front);
        }
    }

    /// At its old place among the others, whichever service was known first; the wall stays.
    fn reopen(&mut self, key: SessionKey) {
        if self.place_of(&key).is_some() {
            return;
        }
        self.open(key.clone());
        let rank = |key: &SessionKey| {
            let mut remembered = self.remembered.iter();
            remembered.position(|one| one.service == key.service && one.id == key.id)
        };
        let own = rank(&key);
        let mut open = self.state.open.iter();
        let after = open.position(|open| rank(&open.key) > own);
        if let Some(to) = after.filter(|_| own.is_some()) {
            self.move_session(&key, to);
        }
    }

    /// Checks address and key, then keeps them: the profile in the settings, the key in the keyring.
    pub(super) fn connect(&mut self, new: NewService) {
        let trial = self.begin_check();
        let base = match service_address(&new.base_url) {
            Ok(base) => base,
            Err(why) => return self.check_failed(trial, why),
        };
        let key = SecretString::from(new.key.as_str());
        let replaces = new.replaces.clone();
        let profile = profile_of(new, &base, &self.settings.profiles);
        let name = profile.name.clone();
        let given = (!key.expose_secret().is_empty()).then(|| key.clone());
        let keeps_key = replaces.is_some() && given.is_none();
        let runtime = self.jobs.runtime().clone();
        self.jobs.spawn(async move {
            let kept = keeps_key.then(|| base.clone());
            // What can't be read is asked for by the service itself.
            let read = move || secrets::get(&kept?).ok().flatten();
            let kept = runtime.spawn_blocking(read).await.unwrap_or_default();
            let auth = profile.auth(&base, given.or(kept), Vec::new());
            let setup = profile.setup(base.clone(), auth);
            let probed = match service_of(profile.kind, setup.clone()) {
                Ok(service) => service.probe().await,
                Err(err) => Err(err),
            };
            let mut webhooks = Ok(None);
            if let Ok(Probed::Found(_)) = probed {
                let profile = profile.clone();
                let found = runtime.spawn_blocking(move || profile.webhook_host()).await;
                webhooks = found.unwrap_or_else(|err| Err(err.to_string()));
            }
            Box::new(move |app: &mut Self| {
                if !app.awaits(trial) {
                    return;
                }
                match probed {
                    Ok(Probed::Found(_)) => {
                        app.check_passed(trial);
                        let webhooks = app.webhooks_or_why_not(&profile, webhooks);
                        let setup = ServiceSetup { webhooks, ..setup };
                        app.keep_service(profile, setup, key, replaces);
                    }
                    Ok(Probed::Elsewhere(other)) => app.check_failed(
                        trial,
                        format!(
                            "{name} answers at {other} and not at {base}: connect to that address"
                        ),
                    ),
                    Err(err) => app.check_failed(trial, not_connected(&name, &err)),
                }
            }) as Outcome
        });
    }

    fn keep_service(
        &mut self,
        profile: Profile,
        setup: ServiceSetup,
        key: SecretString,
        replaces: Option<String>,
    ) {
        let old_name = replaces.unwrap_or_else(|| profile.name.clone());
        self.unread_keys.remove(&old_name);
        self.unread_keys.remove(&profile.name);
        let watched = self.leave_service(&old_name);
        if old_name != profile.name {
            self.rename_service(&old_name, &profile.name);
        }
        let base = setup.base.clone();
        self.add_profile(&profile, setup);
        self.return_to_service(&profile.name, watched);
        self.good(format!("Connected to {}", profile.name));
        let profiles = &mut self.settings.profiles;
        let is_it = |known: &Profile| known.name == profile.name || known.name == old_name;
        let at = profiles.iter().position(is_it).unwrap_or(profiles.len());
        profiles.retain(|known| !is_it(known));
        profiles.insert(at, profile);
        if !key.expose_secret().is_empty() {
            self.keep_key(base, key);
        }
    }

    /// The list keeps its place; it is replaced by that of the new name next.
    fn rename_service(&mut self, old: &str, new: &str) {
        let mut services = self.state.services.iter_mut();
        if let Some(service) = services.find(|service| service.name == old) {
            new.clone_into(&mut service.name);
        }
    }

    pub(super) fn keep_key(&mut self, base: Url, key: SecretString) {
        self.jobs.spawn_blocking(move || {
            let kept = secrets::set(&base, &key);
            Box::new(move |app: &mut Self| {
                if let Err(err) = kept {
                    app.error(format!("The key is known until Helmsight is closed, because the keyring can't keep it ({err})"));
                }
            }) as Outcome
        });
    }

    pub(super) fn forget_service(&mut self, name: &str) {
        let Some(at) = self.state.services.iter().position(|service| service.name == name) else {
            return;
        };
        self.unread_keys.remove(name);
        let base = self.state.services.remove(at).base_url;
        self.services.remove(at);
        self.settings.profiles.retain(|profile| profile.name != name);
        if let Ok(base) = Url::parse(&base) {
            self.forget_key(base);
        }
    }

    /// Unless something else in the settings has its key at that server, too.
    pub(super) fn forget_key(&mut self, base: Url) {
        if self.settings.uses_key_of(&base) {
            return;
        }
        self.jobs.spawn_blocking(move || {
            let forgotten = secrets::delete(&base);
            Box::new(move |app: &mut Self| {
                if let Err(err) = forgotten {
                    app.error(format!("The key could not be removed from the keyring: {err}"));
                }
            }) as Outcome
        });
    }

    /// Folds what the services told since the last pass.
    pub(super) fn drain_services(&mut self) {
        for at in 0..self.services.len() {
            for news in self.services[at].directory.take_news() {
                self.apply_news(at, news);
            }
        }
    }

    fn apply_news(&mut self, at: usize, news: DirectoryNews) {
        if let DirectoryNews::Failed { wants_key: true, .. } = &news {
            self.tell_unread_key(at);
        }
        let service = &mut self.state.services[at];
        match news {
            DirectoryNews::Listed(sessions) => {
                service.problem = None;
                service.wants_key = false;
                service.sessions = sessions;
                // A browser of ours that was closed is gone: nothing to choose there.
                if service.local {
                    service.sessions.retain(|session| !session.ended);
                }
                // Nor in what the user took off the list, until its service forgets it.
                let (name, sessions) = (&service.name, &mut service.sessions);
                self.removed.retain(|key| {
                    key.service != *name || sessions.iter().any(|session| session.id == key.id)
                });
                let is_removed = |id: &str| {
                    let mut removed = self.removed.iter();
                    removed.any(|key| key.service == *name && key.id == id)
                };
                sessions.retain(|session| !(session.ended && is_removed(&session.id)));
            }
            DirectoryNews::Created(session) => {
                let key = SessionKey { service: service.name.clone(), id: session.id.clone() };
                if !service.sessions.iter().any(|known| known.id == session.id) {
                    service.sessions.push(session);
                }
                self.created();
                self.open(key);
            }
            DirectoryNews::Ended(id) => {
                service.sessions.retain(|session| session.id != id);
                let key = SessionKey { service: service.name.clone(), id };
                self.stop_watching(&key);
                self.good("The session has ended");
            }
            DirectoryNews::Failed { what: LIST, why, wants_key } => {
                service.problem = Some(why);
                service.wants_key = wants_key;
            }
            DirectoryNews::Failed { what: CREATE, why, .. } => {
                self.creation_failed(format!("Could not {CREATE}: {why}"))
            }
            DirectoryNews::Failed { what, why, .. } => {
                self.state.busy = None;
                self.error(format!("Could not {what}: {why}"));
            }
        }
    }

    fn tell_unread_key(&mut self, at: usize) {
        let name = &self.state.services[at].name;
        if let Some(err) = self.unread_keys.remove(name) {
            self.error(format!(
                "The key of “{name}” could not be read ({err}): connect to it again to give it"
            ));
        }
    }

    /// Creates a session; for one on this machine the host is started first.
    pub(super) fn create(&mut self, new: NewSession) {
        self.state.busy = Some(match new.service {
            None => "Starting the browser".to_owned(),
            Some(_) => "Creating the session".to_owned(),
        });
        let name = new.service.clone().unwrap_or_else(|| local_host::SERVICE.to_owned());
        if let Some(at) = self.state.services.iter().position(|service| service.name == name) {
            return self.services[at].directory.create(request_of(&new));
        }
        self.with_host(Wanted::Session(new));
    }
}

fn request_of(new: &NewSession) -> NewSessionRequest {
    // The sample shows what was recorded, and an empty address is the service's own start page.
    let has_page = new.kind != SessionKind::Sample && !new.url.is_empty();
    let url = has_page.then(|| new.url.clone());
    NewSessionRequest {
        kind: new.kind,
        size: Some(FrameSize { width: new.width, height: new.height }),
        url: url.clone().filter(|_| new.service.is_some()),
        start_url: url.filter(|_| new.service.is_none()),
    }
}
