//! Lists services and cameras, and watches again the sessions that waited for one of them.

use std::sync::Arc;

use url::Url;

use crate::app::App;
use crate::app::cameras;
use crate::app::dialogs::not_connected;
use crate::app::services::Connection;
use crate::net::Auth;
use crate::session::{Service, ServiceKind, ServiceSetup, service_of};
use crate::settings::ServiceProfile;
use crate::ui::state::{ServiceView, SessionKey};

impl App {
    /// Lists the sessions of the service that `profile` describes.
    pub(in crate::app) fn list_profile(&mut self, profile: &ServiceProfile, setup: ServiceSetup) {
        if profile.agent_tasks {
            self.chats.takes_tasks(&profile.name);
        }
        self.list(profile.name.clone(), profile.kind, setup, false);
    }

    /// Lists the sessions of a service that has no profile. `local` is true for the host of this process.
    pub(in crate::app) fn list_unknown(
        &mut self,
        name: String,
        base: Url,
        auth: Auth,
        local: bool,
    ) {
        self.list(name, ServiceKind::Computers, ServiceSetup::new(base, auth), local);
    }

    fn list(&mut self, name: String, kind: ServiceKind, setup: ServiceSetup, local: bool) {
        let base_url = setup.base.to_string();
        let settings = &self.kept.settings;
        let setup = ServiceSetup {
            keep_alive_cap: settings.keep_alive_cap(),
            user: Some(settings.shown_name()),
            ..setup
        };
        let service = match service_of(kind, setup) {
            Ok(service) => service,
            Err(err) => return self.notices.error(not_connected(&base_url, &err)),
        };
        let caution = (local && self.host.options().no_sandbox)
            .then(|| "Chromium runs without its sandbox".to_owned());
        let view = ServiceView { name, caution, base_url, local, ..ServiceView::default() };
        self.list_service(view, service);
    }

    /// Shows a service's sessions from now on. The service replaces one of the same name.
    fn list_service(&mut self, view: ServiceView, service: Arc<dyn Service>) {
        let connection = Connection::start(service, self.clock.interest(), &self.background);
        self.services.put(view, connection);
        self.reopen_awaited();
    }

    /// Opens the sessions that were watched in the last run and whose service is known by now. The session that the
    /// user chose meanwhile stays in front, and the wall stays.
    pub(in crate::app) fn reopen_awaited(&mut self) {
        let front = self.sessions.active_key();
        let (services, cameras, settings) = (&self.services, &self.cameras, &self.kept.settings);
        let is_known =
            |key: &SessionKey| services.has(&key.service) && !cameras.awaits_key(key, settings);
        for key in self.sessions.take_ready(is_known) {
            if self.sessions.place_of(&key).is_some() {
                continue;
            }
            let place = self.sessions.old_place_of(&key);
            self.open(key.clone());
            if let Some(place) = place {
                self.sessions.shift(&key, place);
            }
        }
        if let Some(front) = front {
            self.select(&front);
        }
    }

    /// Lists the cameras as they are now; without any, their service goes.
    pub(in crate::app) fn list_cameras(&mut self) {
        match self.cameras.service(|url| self.host.is_at(url)) {
            Some((view, service)) => self.list_service(view, service),
            None => drop(self.services.remove(cameras::SERVICE)),
        }
    }
}
