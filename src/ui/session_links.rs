//! Makes the addresses under which others find a session: its page's or camera's own, and a link for Helmsight.

use url::Url;

use super::state::{AppState, SessionKey};
use crate::base::redact;
use crate::protocol::link::Link;
use crate::protocol::session_url::SessionUrl;
use crate::settings::ServiceKind;

const NO_ADDRESS: &str = "This session shows no page with an address";

/// Returns the address of what the session shows: of its page, else of its camera. A password is hidden.
pub fn address_of(state: &AppState<'_>, key: &SessionKey) -> Result<String, &'static str> {
    let address = if state.is_camera(key) {
        camera_address(state, key)
    } else {
        let watched =
            state.open.iter().find(|open| open.key == *key).map(|open| {
                open.view.active_tab().map_or(&open.view.page.url, |tab| &tab.url).clone()
            });
        watched.or_else(|| listed_address(state, key))
    };
    let address = address.filter(|address| !address.is_empty()).ok_or(NO_ADDRESS)?;
    Ok(redact::address(&address).into_owned())
}

/// Returns a link that opens the session, or says why there is none.
pub fn link_of(state: &AppState<'_>, key: &SessionKey) -> Result<String, &'static str> {
    let address = if state.is_camera(key) {
        let address = camera_address(state, key).ok_or("The settings do not know this camera")?;
        without_login(Url::parse(&address).ok()).ok_or("This camera has no address of the web")?
    } else {
        session_address(state, key).ok_or("This service gives its sessions no addresses")?
    };
    let link = Link::to(&address).ok().ok_or("No link can hold this address")?;
    Ok(link.to_string())
}

fn session_address(state: &AppState<'_>, key: &SessionKey) -> Option<Url> {
    let mut profiles = state.settings.profiles.iter();
    let kind = profiles.find(|profile| profile.name == key.service).map(|profile| profile.kind);
    let service = state.services.iter().find(|service| service.name == key.service)?;
    // A service without a profile was given by the address of one of its sessions, or is the host of this process.
    (kind.unwrap_or_default() == ServiceKind::Computers).then_some(())?;
    let base = without_login(Url::parse(&service.base_url).ok())?;
    SessionUrl { base, id: key.id.clone() }.url()
}

fn camera_address(state: &AppState<'_>, key: &SessionKey) -> Option<String> {
    let mut cameras = state.settings.cameras.iter();
    cameras.find(|camera| camera.name == key.id).map(|camera| camera.url.clone())
}

fn listed_address(state: &AppState<'_>, key: &SessionKey) -> Option<String> {
    let service = state.services.iter().find(|service| service.name == key.service)?;
    service.sessions.iter().find(|session| session.id == key.id)?.url.clone()
}

fn without_login(url: Option<Url>) -> Option<Url> {
    let mut url = url?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}
