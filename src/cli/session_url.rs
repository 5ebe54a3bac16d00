//! Finds sessions that are named on the command line, and the credentials that the environment has for them.

use std::sync::Arc;

use anyhow::Context as _;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::SecretString;
use url::Url;

use crate::base::address::words_for_none;
use crate::base::{TypedAddress, redact};
use crate::net::{Auth, NetError, TokenPlace, scheme};
use crate::protocol::session_url::SessionUrl;
use crate::session::{Service, ServiceKind, service_of};
use crate::settings::env::{self, EnvService};
use crate::settings::{self, ServiceProfile, Store, secrets};

/// A session that was named on the command line.
#[derive(Clone, Debug)]
pub struct NamedSession {
    session: SessionUrl,
    /// Whether the scheme was missing, so that it is a guess.
    is_guessed: bool,
}

impl NamedSession {
    /// Returns the session's address, with the scheme that its server speaks where it was named without one.
    pub async fn settled(self) -> SessionUrl {
        let Self { session: SessionUrl { base, id }, is_guessed } = self;
        SessionUrl { base: scheme::settle(TypedAddress { url: base, is_guessed }).await, id }
    }

    /// Does the same outside of a runtime, which blocks for up to 10 s where the scheme is missing.
    pub fn settled_now(self) -> SessionUrl {
        if self.is_guessed
            && let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build()
        {
            return runtime.block_on(self.settled());
        }
        self.session
    }

    /// Tells whether the session's address is one of the web.
    pub fn is_web(&self) -> bool {
        matches!(self.session.base.scheme(), "http" | "https")
    }
}

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
            tracing::warn!("The kept key of this service could not be read: {err}");
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
pub fn parse(text: &str) -> Result<NamedSession, String> {
    let named = TypedAddress::read(text).and_then(|TypedAddress { url, is_guessed }| {
        Some(NamedSession { session: SessionUrl::parse(&url)?, is_guessed })
    });
    named.ok_or_else(|| {
        let shown = redact::address(text);
        let help =
            format!("“{shown}” names no session; it should look like https://service/computers/ID");
        words_for_none(text, help)
    })
}

/// Reads the address of a server given on the command line. The error is one sentence.
pub fn server(text: &str) -> Result<Url, String> {
    let read = TypedAddress::read(text).map(|address| address.url);
    read.ok_or_else(|| words_for_none(text, "it should look like https://api.example.com"))
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
