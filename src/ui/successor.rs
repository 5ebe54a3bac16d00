//! Offers another session in the place of one that is over.

use super::action::NewSession;
use super::state::{AppState, OpenSession};
use crate::base::text::one_line;
use crate::model::SessionKind;

/// An address on a button has at most this many characters.
const MAX_PLACE: usize = 40;

/// Returns a new session at the address of `open`, in the size of new sessions; `None` where its service creates none.
pub fn successor(
    state: &AppState<'_>,
    usual: &NewSession,
    open: &OpenSession,
) -> Option<NewSession> {
    let mut services = state.services.iter();
    let service = services.find(|service| service.name == open.key.service && !service.cameras)?;
    let mut listed = service.sessions.iter();
    let kind = listed
        .find(|session| session.id == open.key.id)
        .map_or(SessionKind::Browser, |session| session.kind);
    let mut url = open.view.page.url.clone();
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        url.clear();
    }
    Some(NewSession {
        service: (!service.local).then(|| service.name.clone()),
        kind,
        url,
        ..usual.clone()
    })
}

/// Returns the words on the button, such as "New session at example.com/cart".
pub fn words(new: &NewSession) -> String {
    let place = match new.url.split_once("://") {
        Some((_, place)) => one_line(place.trim_end_matches('/'), MAX_PLACE),
        None => return "New session".to_owned(),
    };
    format!("New session at {place}")
}
