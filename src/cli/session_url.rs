//! Finds sessions that are named on the command line, and the credentials that the environment has for them.

use std::sync::Arc;

use anyhow::Context as _;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::SecretString;
use url::Url;

use crate::net::{Auth, NetError, TokenPlace};
use crate::protocol::session_url::SessionUrl;
use crate::session::{Service, ServiceKind, service_of};
use crate::settings::env::{self, EnvService};
use crate::settings::{self, ServiceProfile, Store, secrets};

/// Returns the session's service, with all that the settings know of it and a credential. May block for the keyring.
///
/// `HELMSIGHT_TOKEN` goes to whatever URL was named on the command line; the service's own key only where the
/// environment's base URL (or its default) has the same origin; the key that the keyring has only where the settings
/// have this very address.
pub fn service(
    session: &SessionUrl,
    headers: Vec<(HeaderName, SecretString)>,
) -> anyhow::Result<Arc<dyn Service>> {
    let base = &session.base;
    let dir = settings::config_dir(|name| std::env::var(name).ok());
    let settings = dir.map(|dir| Store::look(&dir)).unwrap_or_default();
    // Session URLs are addresses of the computers API.
    let usual = ServiceProfile { kind: ServiceKind::Computers, ..ServiceProfile::default() };
    let known = settings.service_at(base);
    let profile = known.unwrap_or(&usual);
    let says_otherwise = headers.iter().any(|(name, _)| *name == AUTHORIZATION);
    let auth = match given_token() {
        Some(token) => profile.auth(base, Some(token), Vec::new()),
        None => auth_for(base),
    };
    let auth = if known.is_some() && auth.is_none() && !says_otherwise {
        // A service that wants a key which can't be read says so itself.
        let kept = secrets::get(base).unwrap_or_else(|err| {
            tracing::warn!("the key of {base} could not be read: {err}");
            None
        });
        profile.auth(base, kept, Vec::new())
    } else {
        auth
    };
    let auth = headers.into_iter().fold(auth, |auth, (name, value)| auth.with_header(name, value));
    service_of(profile.kind, profile.setup(base.clone(), auth))
        .context("Could not use this address")
}

/// Returns the token that the environment has for the addresses of the command line.
pub fn given_token() -> Option<SecretString> {
    std::env::var("HELMSIGHT_TOKEN").ok().map(SecretString::from)
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
    if let Some(token) = given_token() {
        return Auth::token(base, token, TokenPlace::Bearer);
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
