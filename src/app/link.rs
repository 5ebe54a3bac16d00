//! Links and files that the desktop hands over: who may be connected to without asking, and what then opens.

use std::path::Path;

use url::Url;

use super::App;
use super::cameras::SERVICE as CAMERAS;
use super::window::Target;
use crate::base::text::one_line;
use crate::net::Auth;
use crate::protocol::camera::{BoxFormat, CameraAddress};
use crate::protocol::link::Link;
use crate::protocol::session_url::SessionUrl;
use crate::session::backend::CameraSetup;
use crate::settings::WatchedSession;
use crate::ui::action::NewSession;
use crate::ui::modal::Modal;
use crate::ui::state::SessionKey;

/// Older ones are forgotten, and asked about again.
const MAX_KNOWN: usize = 200;

impl App {
    /// Opens what a link names; one to a place that is not known waits for a yes.
    pub(super) fn open_link(&mut self, text: &str) {
        match Link::parse(text) {
            Err(err) => self.error(format!("The link was not opened: {err}")),
            Ok(link) if self.is_known(&link) => self.follow(&link),
            Ok(link) => self.asked_links.push_back(link),
        }
    }

    /// Puts the next question, one at a time.
    pub(super) fn ask_about_links(&mut self) {
        if self.shell.modal.is_none()
            && let Some(link) = self.asked_links.pop_front()
        {
            self.shell.modal = Some(Modal::ConfirmLink(link));
        }
    }

    /// After a yes.
    pub(super) fn follow_and_remember(&mut self, link: &Link) {
        let known = &mut self.settings.known_origins;
        known.push(link.origin());
        let surplus = known.len().saturating_sub(MAX_KNOWN);
        known.drain(..surplus);
        self.follow(link);
    }

    pub(super) fn refuse_recording(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = one_line(&name, 80);
        self.error(format!(
            "“{name}” was not opened: this version of Helmsight can't replay recordings yet"
        ));
    }

    fn is_known(&self, link: &Link) -> bool {
        let origin = link.origin();
        let settings = &self.settings;
        let services = self.state.services.iter().map(|known| &known.base_url);
        let profiles = settings.profiles.iter().map(|known| &known.base_url);
        let cameras = settings.cameras.iter().map(|known| &known.url);
        let is_same = |known: &String| Url::parse(known).is_ok_and(|url| is_origin(&url, &origin));
        settings.known_origins.contains(&origin)
            || services.chain(profiles).chain(cameras).any(is_same)
    }

    /// Without any credential but that of a service or a camera which the settings know by this very address.
    fn follow(&mut self, link: &Link) {
        let address = link.address();
        if let Ok(camera) = CameraAddress::parse(address.as_str())
            && matches!(address.scheme(), "ws" | "wss")
        {
            self.follow_to_camera(camera);
        } else if let Some(session) = SessionUrl::parse(address) {
            self.follow_to_session(session);
        } else {
            self.create(NewSession { url: address.to_string(), ..self.shell.new_session.clone() });
        }
    }

    fn follow_to_camera(&mut self, address: CameraAddress) {
        let mut kept = self.settings.cameras.iter();
        let is_same = |url: &str| CameraAddress::parse(url).is_ok_and(|known| known == address);
        match kept.find(|known| is_same(&known.url)) {
            Some(known) => self.open_when_ready(CAMERAS.to_owned(), known.name.clone()),
            None => self.open_camera(CameraSetup {
                name: address.name(),
                auth: Auth::none(),
                address,
                box_format: BoxFormat::default(),
                forward: None,
            }),
        }
    }

    fn follow_to_session(&mut self, SessionUrl { base, id }: SessionUrl) {
        let is_same =
            |known: &str| known.trim_end_matches('/') == base.as_str().trim_end_matches('/');
        let mut services = self.state.services.iter();
        let mut profiles = self.settings.profiles.iter();
        if let Some(known) = services.find(|known| is_same(&known.base_url)) {
            let service = known.name.clone();
            self.open(SessionKey { service, id });
        } else if let Some(known) = profiles.find(|known| is_same(&known.base_url)) {
            self.open_when_ready(known.name.clone(), id);
        } else {
            let auth = Auth::none();
            self.open_target(Target::Session { base, id, auth });
        }
    }

    /// The keyring may not have answered yet.
    fn open_when_ready(&mut self, service: String, id: String) {
        self.awaited.push(WatchedSession { service, id });
        self.reopen_awaited();
    }
}

fn is_origin(url: &Url, origin: &str) -> bool {
    url.origin().ascii_serialization() == origin
}
