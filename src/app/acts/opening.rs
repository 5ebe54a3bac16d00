//! Opens what the user wishes in the window: a session of a service or of the host in this process, a camera, or a
//! link.

use url::Url;

use crate::app::App;
use crate::app::cameras::{camera_key, demo_camera, demo_key};
use crate::app::links::{self, Destination};
use crate::app::local_host::{self, Started, Wanted};
use crate::app::options::Target;
use crate::base::text::one_line;
use crate::host::DEMO_CAMERAS;
use crate::model::{FrameSize, SessionKind};
use crate::net::{Auth, TokenPlace};
use crate::protocol::camera::CameraAddress;
use crate::protocol::link::Link;
use crate::protocol::session_url::SessionUrl;
use crate::session::NewSessionRequest;
use crate::session::backend::CameraSetup;
use crate::ui::action::NewSession;
use crate::ui::state::{LocalBrowser, ServiceView, SessionKey};

impl App {
    /// Opens what the command line names.
    pub(in crate::app) fn open_target(&mut self, target: Target) {
        let new = self.window.new_session.clone();
        match target {
            Target::StartPage => self.open_start_page(new),
            Target::Link(text) => self.open_link(&text),
            Target::Recording(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let name = one_line(&name, 80);
                self.notices.error(format!(
                    "“{name}” was not opened: this version of Helmsight can't replay recordings yet"
                ));
            }
            Target::Page(url) => match self.known_camera(&url) {
                Some(key) => self.open_when_ready(key),
                None => self.create(NewSession { url, ..new }),
            },
            Target::Sample => self.create(NewSession { kind: SessionKind::Sample, ..new }),
            Target::Session { base, id, auth } => self.open_given(SessionUrl { base, id }, *auth),
            Target::DemoCamera => self.with_host(Wanted::DemoCamera),
            Target::Camera(setup) => match self.known_camera(setup.address.url.as_str()) {
                Some(key) => {
                    self.cameras.lend_key(&key.id, setup.auth);
                    self.list_cameras();
                    self.open_when_ready(key);
                }
                None => self.open_camera(*setup),
            },
        }
    }

    /// Returns the key of the camera that the settings have at an address.
    fn known_camera(&self, address: &str) -> Option<SessionKey> {
        let address = CameraAddress::parse(address).ok()?;
        let known = self.kept.settings.camera_at(&address)?;
        Some(camera_key(known.name.clone()))
    }

    /// Opens what the settings know, now or once the keyring has answered for it.
    fn open_when_ready(&mut self, key: SessionKey) {
        let is_awaited = self.cameras.awaits_key(&key, &self.kept.settings);
        if self.services.has(&key.service) && !is_awaited {
            self.open(key);
        } else {
            self.sessions.wait_for(key);
        }
    }

    /// Opens a session that was named by its address. All that the settings know of its service holds; only a
    /// credential that was given with the address goes before the kept one.
    fn open_given(&mut self, session: SessionUrl, auth: Auth) {
        let profile = self.kept.settings.service_at(&session.base).cloned();
        if let Some(profile) = profile.filter(|_| !auth.is_none()) {
            let auth = auth.clone().with_token_at(profile.token_place.into());
            self.services.key_lent(&profile.name);
            self.list_profile(&profile, profile.setup(session.base.clone(), auth));
        }
        let (settings, services) = (&self.kept.settings, self.services.views());
        match links::session_at(session, settings, services) {
            Destination::Session(key) => self.open(key),
            Destination::WhenReady(key) => self.open_when_ready(key),
            Destination::Unknown(SessionUrl { base, id }) => self.open_at(base, id, auth),
            Destination::Camera(_) | Destination::Page(_) => (),
        }
    }

    /// Opens the host's start page. Where no browser is found, the window's first page says so and offers the sample.
    fn open_start_page(&mut self, new: NewSession) {
        match self.host.browser() {
            LocalBrowser::Found { .. } => self.create(new),
            LocalBrowser::Missing { .. } => (),
        }
    }

    fn open_at(&mut self, base: Url, id: String, auth: Auth) {
        let service = name_of_service(&base, self.services.views());
        if !self.services.has(&service) {
            self.list_unknown(service.clone(), base, auth, false);
        }
        self.open(SessionKey { service, id });
    }

    /// Opens what a link names. A link to an unknown place waits until the user agrees.
    fn open_link(&mut self, text: &str) {
        match Link::parse(text) {
            Err(err) => self.notices.error(format!("The link was not opened: {err}")),
            Ok(link) if links::is_known(&link, &self.kept.settings, self.services.views()) => {
                self.follow(&link);
            }
            Ok(link) => self.dialogs.ask_about(link),
        }
    }

    /// Opens a link to which the user agreed, and remembers its place as known.
    pub(in crate::app) fn follow_and_remember(&mut self, link: &Link) {
        links::remember(link, &mut self.kept.settings);
        self.follow(link);
    }

    fn follow(&mut self, link: &Link) {
        match links::destination(link, &self.kept.settings, self.services.views()) {
            Destination::Camera(setup) => self.open_camera(*setup),
            Destination::Session(key) => self.open(key),
            Destination::WhenReady(key) => self.open_when_ready(key),
            Destination::Unknown(SessionUrl { base, id }) => self.open_at(base, id, Auth::none()),
            Destination::Page(url) => {
                let new = self.window.new_session.clone();
                self.create(NewSession { url: url.into(), ..new });
            }
        }
    }

    /// Creates a session. For one on this machine, it starts the host first.
    pub(in crate::app) fn create(&mut self, new: NewSession) {
        if new.kind != SessionKind::Sample {
            self.kept.memory.note_address(&new.url);
        }
        self.dialogs.set_busy(match new.service {
            None => "Starting the browser",
            Some(_) => "Creating the session",
        });
        let name = new.service.as_deref().unwrap_or(local_host::SERVICE);
        if self.services.create(name, request_of(&new)) {
            self.fits.asked(name, &new);
        } else {
            self.with_host(Wanted::Session(new));
        }
    }

    /// Does what needs the host, and starts the host first where it does not run yet.
    pub(in crate::app) fn with_host(&mut self, wanted: Wanted) {
        if let Some(wanted) = self.host.wait_for(wanted, &self.kept.settings.host) {
            self.on_host(wanted);
        }
    }

    /// Lists the host of this process, which has started, and does what waited for it.
    pub(in crate::app) fn host_started(&mut self, started: Started) {
        if let Some(problem) = &started.problem {
            self.notices.error(problem.clone());
        }
        match self.host.settle(started) {
            Ok(waiting) => {
                if let Some(host) = self.host.running() {
                    let base = host.base_url().clone();
                    let auth = Auth::token(&base, host.token().clone(), TokenPlace::Bearer);
                    self.list_unknown(local_host::SERVICE.to_owned(), base, auth, true);
                }
                waiting.into_iter().for_each(|wanted| self.on_host(wanted));
            }
            Err(err) => self.not_created(format!("The local host could not start: {err}")),
        }
    }

    /// Does what waited for the host, which runs now.
    fn on_host(&mut self, wanted: Wanted) {
        match wanted {
            Wanted::Session(new) if self.services.has(local_host::SERVICE) => self.create(new),
            Wanted::DemoCamera if self.host.running().is_some() => self.open_demo_camera(),
            Wanted::Session(_) | Wanted::DemoCamera => {
                self.not_created("The local host is gone; start Helmsight again".to_owned());
            }
        }
    }

    /// Lets the dialog that asked for a session tell why there is none.
    pub(in crate::app) fn not_created(&mut self, why: String) {
        self.dialogs.not_created(why, &mut self.window.modal, &mut self.notices);
    }

    /// Watches a camera of the command line. The settings do not keep it.
    fn open_camera(&mut self, setup: CameraSetup) {
        let key = self.cameras.add_passing(setup, &self.kept.settings);
        self.list_cameras();
        self.open(key);
    }

    /// Watches a demo camera of the host in this process, and prefers one that is not watched yet.
    fn open_demo_camera(&mut self) {
        let Some(host) = self.host.running() else {
            return;
        };
        let is_free = |number: &usize| self.sessions.place_of(&demo_key(*number)).is_none();
        let number = (1..=DEMO_CAMERAS).find(is_free).unwrap_or(1);
        match demo_camera(number, host.base_url(), host.token().clone()) {
            Ok(setup) => self.open_camera(setup),
            Err(why) => self.notices.error(format!("The demo camera can't be watched: {why}")),
        }
    }
}

/// Returns the address's host name, with its port where another service has that name.
fn name_of_service(base: &Url, services: &[ServiceView]) -> String {
    let host = base.host_str().unwrap_or("Service").to_owned();
    match services.iter().find(|service| service.name == host) {
        Some(other)
            if other.base_url.trim_end_matches('/') != base.as_str().trim_end_matches('/') =>
        {
            format!("{host}:{}", base.port_or_known_default().unwrap_or_default())
        }
        Some(_) | None => host,
    }
}

fn request_of(new: &NewSession) -> NewSessionRequest {
    // The sample shows what was recorded, and an empty address stands for the service's own start page.
    let has_page = new.kind != SessionKind::Sample && !new.url.is_empty();
    let url = has_page.then(|| new.url.clone());
    NewSessionRequest {
        kind: new.kind,
        size: Some(FrameSize { width: new.width, height: new.height }),
        url: url.clone().filter(|_| new.service.is_some()),
        start_url: url.filter(|_| new.service.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_services_on_one_host_have_two_names() {
        let known = [ServiceView {
            name: "a.test".to_owned(),
            base_url: "https://a.test/v1/".to_owned(),
            ..ServiceView::default()
        }];
        for (base, name) in [
            ("https://a.test/v1", "a.test"),
            ("https://a.test/v2", "a.test:443"),
            ("http://a.test:7700/", "a.test:7700"),
            ("https://b.test/", "b.test"),
        ] {
            assert_eq!(name_of_service(&base.parse().unwrap(), &known), name);
        }
    }
}
