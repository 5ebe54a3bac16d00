//! Finds sessions that are named on the command line, and the credentials that the environment has for them.

use std::sync::Arc;

use anyhow::Context as _;
use http::HeaderName;
use secrecy::SecretString;
use url::Url;

use crate::base::address::words_for_none;
use crate::base::{TypedAddress, redact};
use crate::net::{Auth, NetError, TokenPlace, scheme};
use crate::protocol::session_url::SessionUrl;
use crate::session::{Service, ServiceKind, ServiceSetup, service_of};
use crate::settings::env::{self, EnvService};

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
