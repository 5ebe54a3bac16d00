//! Decides about links that the desktop hands over: which may be opened without asking, and what they open.

use url::Url;

use super::cameras::camera_key;
use crate::net::Auth;
use crate::protocol::camera::{BoxFormat, CameraAddress};
use crate::protocol::link::Link;
use crate::protocol::session_url::SessionUrl;
use crate::session::backend::CameraSetup;
use crate::settings::Settings;
use crate::ui::state::{ServiceView, SessionKey};

/// So many known places are remembered; about older ones the user is asked again.
const MAX_KNOWN: usize = 200;

/// Where a link leads.
#[derive(Debug)]
pub(super) enum Destination {
    /// A camera that the settings need not know.
    Camera(Box<CameraSetup>),
    /// A session of a service that is connected to.
    Session(SessionKey),
    /// A session or a camera that the settings know. The keyring may not have answered yet.
    WhenReady(SessionKey),
    /// A session of a service that nobody knows.
    Unknown(SessionUrl),
    Page(Url),
}

/// Tells whether a link leads to a server that is connected to anyhow.
pub(super) fn is_known(link: &Link, settings: &Settings, services: &[ServiceView]) -> bool {
    let origin = link.origin();
    let services = services.iter().map(|known| &known.base_url);
    let profiles = settings.profiles.iter().map(|known| &known.base_url);
    let cameras = settings.cameras.iter().map(|known| &known.url);
    let is_same = |known: &String| Url::parse(known).is_ok_and(|url| is_origin(&url, &origin));
    settings.known_origins.contains(&origin) || services.chain(profiles).chain(cameras).any(is_same)
}

/// Remembers that the user said yes to this link's server, so that nobody is asked about it again.
pub(super) fn remember(link: &Link, settings: &mut Settings) {
    let known = &mut settings.known_origins;
    known.push(link.origin());
    let surplus = known.len().saturating_sub(MAX_KNOWN);
    known.drain(..surplus);
}

/// Finds out what a link opens. No credential goes with it but that of a service or a camera which the settings know by
/// this very address.
pub(super) fn destination(
    link: &Link,
    settings: &Settings,
    services: &[ServiceView],
) -> Destination {
    let address = link.address();
    if let Ok(camera) = CameraAddress::parse(address.as_str())
        && matches!(address.scheme(), "ws" | "wss")
    {
        camera_at(camera, settings)
    } else if let Some(session) = SessionUrl::parse(address) {
        session_at(session, settings, services)
    } else {
        Destination::Page(address.clone())
    }
}

fn camera_at(address: CameraAddress, settings: &Settings) -> Destination {
    let mut kept = settings.cameras.iter();
    let is_same = |url: &str| CameraAddress::parse(url).is_ok_and(|known| known == address);
    match kept.find(|known| is_same(&known.url)) {
        Some(known) => Destination::WhenReady(camera_key(known.name.clone())),
        None => Destination::Camera(Box::new(CameraSetup {
            name: address.name(),
            auth: Auth::none(),
            address,
            box_format: BoxFormat::default(),
            forward: None,
        })),
    }
}

fn session_at(
    SessionUrl { base, id }: SessionUrl,
    settings: &Settings,
    services: &[ServiceView],
) -> Destination {
    let is_same = |known: &str| known.trim_end_matches('/') == base.as_str().trim_end_matches('/');
    let mut services = services.iter();
    let mut profiles = settings.profiles.iter();
    if let Some(known) = services.find(|known| is_same(&known.base_url)) {
        Destination::Session(SessionKey { service: known.name.clone(), id })
    } else if let Some(known) = profiles.find(|known| is_same(&known.base_url)) {
        Destination::WhenReady(SessionKey { service: known.name.clone(), id })
    } else {
        Destination::Unknown(SessionUrl { base, id })
    }
}

fn is_origin(url: &Url, origin: &str) -> bool {
    url.origin().ascii_serialization() == origin
}

#[cfg(test)]
mod tests {
    use super::super::cameras::SERVICE as CAMERAS;
    use super::*;
    use crate::settings::{CameraProfile, ServiceProfile};

    fn link(address: &str) -> Link {
        let mut link = Url::parse("helmsight://open").unwrap();
        link.query_pairs_mut().append_pair("url", address);
        Link::parse(link.as_str()).unwrap()
    }

    fn service(name: &str, base_url: &str) -> ServiceView {
        ServiceView {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            ..ServiceView::default()
        }
    }

    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.profiles.push(ServiceProfile {
            name: "Later".to_owned(),
            base_url: "https://later.test/".to_owned(),
            ..ServiceProfile::default()
        });
        settings.cameras.push(CameraProfile {
            name: "Door".to_owned(),
            url: "ws://door.test/ws/stream/1".to_owned(),
            ..CameraProfile::default()
        });
        settings
    }

    #[test]
    fn only_places_that_are_connected_to_anyhow_are_known() {
        let mut settings = settings();
        let services = [service("Now", "https://now.test/v1")];
        for (address, known) in [
            ("https://now.test/sessions/1", true),
            ("https://later.test/", true),
            ("ws://door.test/ws/stream/2", true),
            ("http://now.test/", false),
            ("https://now.test:8443/", false),
            ("https://strange.test/", false),
        ] {
            assert_eq!(is_known(&link(address), &settings, &services), known, "{address}");
        }
        let strange = link("https://strange.test/");
        remember(&strange, &mut settings);
        assert!(is_known(&strange, &settings, &[]));
        for number in 0..MAX_KNOWN {
            remember(&link(&format!("https://{number}.test/")), &mut settings);
        }
        assert_eq!(settings.known_origins.len(), MAX_KNOWN);
        assert!(!is_known(&strange, &settings, &[]));
    }

    #[test]
    fn what_the_settings_know_is_opened_as_they_have_it() {
        let settings = settings();
        let services = [service("Now", "https://now.test/")];
        let leads_to = |address: &str| match destination(&link(address), &settings, &services) {
            Destination::Camera(setup) => format!("camera {}", setup.address.url),
            Destination::Session(key) => format!("session {}", key.path()),
            Destination::WhenReady(key) => format!("waits for {}", key.path()),
            Destination::Unknown(SessionUrl { base, id }) => format!("unknown {base} {id}"),
            Destination::Page(url) => format!("page {url}"),
        };
        for (address, expected) in [
            ("ws://door.test/ws/stream/1", format!("waits for {CAMERAS}/Door")),
            ("ws://yard.test/ws/stream/1", "camera ws://yard.test/ws/stream/1".to_owned()),
            ("https://now.test/computers/7", "session Now/7".to_owned()),
            ("https://later.test/computers/7", "waits for Later/7".to_owned()),
            ("https://new.test/computers/7", "unknown https://new.test/ 7".to_owned()),
            ("https://new.test/page", "page https://new.test/page".to_owned()),
        ] {
            assert_eq!(leads_to(address), expected, "{address}");
        }
    }
}
