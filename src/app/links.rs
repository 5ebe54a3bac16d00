//! Decides about links that the desktop hands over: which may be opened without asking, and what they open.

use url::Url;

use super::cameras::camera_key;
use crate::net::Auth;
use crate::protocol::camera::{BoxFormat, CameraAddress};
use crate::protocol::link::Link;
use crate::protocol::session_url::SessionUrl;
use crate::session::backend::CameraSetup;
use crate::settings::{Settings, is_same_base};
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
    let camera = CameraAddress::parse(address.as_str()).ok();
    if let Some(known) = camera.as_ref().and_then(|address| settings.camera_at(address)) {
        Destination::WhenReady(camera_key(known.name.clone()))
    } else if let Some(address) = camera
        && matches!(link.address().scheme(), "ws" | "wss")
    {
        Destination::Camera(Box::new(CameraSetup {
            name: address.name(),
            auth: Auth::none(),
            address,
            box_format: BoxFormat::default(),
            forward: None,
        }))
    } else if let Some(session) = SessionUrl::parse(address) {
        session_at(session, settings, services)
    } else {
        Destination::Page(address.clone())
    }
}

/// Finds the service of a session: one that is connected to, else one that the settings know.
pub(super) fn session_at(
    SessionUrl { base, id }: SessionUrl,
    settings: &Settings,
    services: &[ServiceView],
) -> Destination {
    let mut services = services.iter();
    if let Some(known) = services.find(|known| is_same_base(&known.base_url, &base)) {
        Destination::Session(SessionKey { service: known.name.clone(), id })
    } else if let Some(known) = settings.service_at(&base) {
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
        settings.cameras.push(CameraProfile {
            name: "Yard".to_owned(),
            url: "http://yard.test/mjpeg".to_owned(),
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
            ("WS://door.test:80/ws/stream/1", format!("waits for {CAMERAS}/Door")),
            ("http://yard.test/mjpeg", format!("waits for {CAMERAS}/Yard")),
            ("http://yard.test/other", "page http://yard.test/other".to_owned()),
            ("ws://yard.test/ws/stream/1", "camera ws://yard.test/ws/stream/1".to_owned()),
            ("https://now.test/computers/7", "session Now/7".to_owned()),
            ("https://later.test/computers/7", "waits for Later/7".to_owned()),
            ("https://LATER.test:443/computers/a%20b", "waits for Later/a b".to_owned()),
            ("https://later.test/v2/computers/7", "unknown https://later.test/v2/ 7".to_owned()),
            ("https://new.test/computers/7", "unknown https://new.test/ 7".to_owned()),
            ("https://new.test/page", "page https://new.test/page".to_owned()),
        ] {
            assert_eq!(leads_to(address), expected, "{address}");
        }
    }
}
