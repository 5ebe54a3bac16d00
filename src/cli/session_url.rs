//! Finds sessions that are named on the command line, and the credentials that the environment has for them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::SecretString;
use url::Url;

use crate::base::address::words_for_none;
use crate::base::text::one_line;
use crate::base::{TypedAddress, alike, redact};
use crate::model::SessionSummary;
use crate::net::{Auth, NetError, TokenPlace, scheme};
use crate::protocol::session_url::SessionUrl;
use crate::session::{Service, ServiceKind, service_of};
use crate::settings::env::{self, EnvService};
use crate::settings::{self, ServiceProfile, Settings, Store, secrets};

/// A service has so long to tell which sessions it has.
const TELLS_WITHIN: Duration = Duration::from_secs(5);
/// So many sessions are named where none is like the one that was meant.
const NAMED_OTHERS: usize = 5;

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
    let settings = dir.map(|dir| Store::<Settings>::look(&dir)).unwrap_or_default();
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

/// Returns which sessions there are where one is not, as the end of the sentence that says so. The service has a few
/// seconds to tell.
pub async fn others(service: &dyn Service, id: &str, refusal: &NetError) -> String {
    if refusal.status() != Some(404) {
        return String::new();
    }
    match tokio::time::timeout(TELLS_WITHIN, service.list()).await {
        Ok(Ok(sessions)) => others_in_words(id, &sessions),
        // The refusal itself was told.
        Ok(Err(_)) | Err(_) => String::new(),
    }
}

fn others_in_words(id: &str, sessions: &[SessionSummary]) -> String {
    let ids = || sessions.iter().map(|session| session.id.as_str());
    let titles = sessions.iter().filter_map(|session| session.title.as_deref());
    let by_title = || {
        let title = alike::nearest(id, titles)?;
        let session = sessions.iter().find(|it| it.title.as_deref() == Some(title))?;
        Some(session.id.as_str())
    };
    if let Some(meant) = alike::nearest(id, ids()).or_else(by_title) {
        return format!("; did you mean {}?", one_line(meant, 80));
    }
    let named: Vec<_> = ids().take(NAMED_OTHERS).map(|id| one_line(id, 80)).collect();
    let more = if sessions.len() > named.len() { " and others" } else { "" };
    match named.is_empty() {
        true => "; the service has no sessions now".to_owned(),
        false => format!("; its sessions are {}{more}", named.join(", ")),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_is_not_there_leads_to_those_that_are() {
        let session = |id: &str, title: Option<&str>| SessionSummary {
            id: id.to_owned(),
            title: title.map(str::to_owned),
            ..SessionSummary::default()
        };
        let all = [session("a1b2c3", None), session("x9", Some("Shop"))];
        for (typed, words) in [
            ("a1b2", "; did you mean a1b2c3?"),
            ("a1b3c2", "; did you mean a1b2c3?"),
            ("shop", "; did you mean x9?"),
            ("nothing-like-it", "; its sessions are a1b2c3, x9"),
        ] {
            assert_eq!(others_in_words(typed, &all), words);
        }
        assert_eq!(others_in_words("x", &[]), "; the service has no sessions now");
        let many: Vec<_> = (10..20).map(|n| session(&format!("s{n}"), None)).collect();
        assert!(others_in_words("zzzz", &many).ends_with("s14 and others"));
    }
}
