//! Finds sessions that are named on the command line, and the credentials that the environment has for them.

use std::sync::Arc;

use anyhow::Context as _;
use http::HeaderName;
use secrecy::SecretString;
use url::Url;

use crate::net::{Auth, NetError, TokenPlace};
use crate::protocol::session_url::SessionUrl;
use crate::session::{Service, ServiceKind, ServiceSetup, service_of};
use crate::settings::env::{self, EnvService};

/// Returns the session's service, with the credential that the environment has for it.
///
/// `HELMSIGHT_TOKEN` goes to whatever URL was named on the command line; the service's own key only where the
/// environment's base URL (or its default) has the same origin.
pub fn service(
    session: &SessionUrl,
    headers: Vec<(HeaderName, SecretString)>,
) -> anyhow::Result<Arc<dyn Service>> {
    let auth = headers
        .into_iter()
        .fold(auth_for(&session.base), |auth, (name, value)| auth.with_header(name, value));
    // Session URLs are addresses of the computers API.
    let setup = ServiceSetup::new(session.base.clone(), auth);
    service_of(ServiceKind::Computers, setup).context("Could not use this address")
}

/// Reads a session URL given on the command line. The error is one sentence.
pub fn parse(text: &str) -> Result<SessionUrl, String> {
    let session = Url::parse(text).ok().and_then(|url| SessionUrl::parse(&url));
    session.ok_or_else(|| {
        format!("“{text}” names no session; it should look like https://service/computers/ID")
    })
}

/// Returns what to do about a refusal, as the end of its sentence.
pub fn advice(refusal: &NetError) -> &'static str {
    match refusal.status() {
        Some(401 | 403) => "; give the key for this address in HELMSIGHT_TOKEN",
        _ => "",
    }
}

/// Returns the credential that the environment has for `base`.
pub fn auth_for(base: &Url) -> Auth {
    if let Ok(token) = std::env::var("HELMSIGHT_TOKEN") {
        return Auth::token(base, SecretString::from(token), TokenPlace::Bearer);
    }
    let (service, _) = env::from_env(|name| std::env::var(name).ok());
    let is_same = |service: &EnvService| {
        Url::parse(&service.profile.base_url).is_ok_and(|known| known.origin() == base.origin())
    };
    match service.filter(is_same) {
        Some(EnvService { profile, key, headers }) => profile.auth(base, key, headers),
        None => Auth::none(),
    }
}
