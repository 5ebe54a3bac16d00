//! `https://service/base/computers/ID`: a session named by its URL.

use anyhow::{Context as _, bail};
use http::HeaderName;
use secrecy::SecretString;
use url::Url;

use crate::app::auth_of;
use crate::net::{Auth, Client, TokenPlace};
use crate::settings::env::{self, EnvService};

/// Where a session lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUrl {
    pub base: Url,
    pub id: String,
}

impl SessionUrl {
    /// Splits `…/computers/ID[/anything]`; `None` where the URL names no session.
    pub fn parse(url: &Url) -> Option<Self> {
        let segments: Vec<&str> = url.path_segments()?.collect();
        let at = segments
            .iter()
            .rposition(|segment| *segment == "computers")?;
        let id = segments.get(at + 1).filter(|id| !id.is_empty())?;
        let mut base = url.clone();
        base.set_query(None);
        base.set_fragment(None);
        base.set_path(&segments[..at].join("/"));
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Some(Self {
            base,
            id: (*id).to_owned(),
        })
    }

    /// A client for the session's service, with the credential that the environment has for it.
    ///
    /// `HELMSIGHT_TOKEN` goes to whatever URL was named on the command line; the service's own key
    /// only where the environment's base URL (or its default) has the same origin.
    pub fn client(&self, headers: Vec<(HeaderName, SecretString)>) -> anyhow::Result<Client> {
        let auth = headers
            .into_iter()
            .fold(auth_for(&self.base), |auth, (name, value)| {
                auth.with_header(name, value)
            });
        Client::new(self.base.clone(), auth).context("Could not use this address")
    }
}

/// Reads a session URL given on the command line.
pub fn parse(text: &str) -> anyhow::Result<SessionUrl> {
    let url = Url::parse(text).with_context(|| format!("Not a URL: {text}"))?;
    match SessionUrl::parse(&url) {
        Some(session) => Ok(session),
        None => {
            bail!("This URL names no session; it should look like https://service/computers/ID")
        }
    }
}

/// The credential for `base` from the environment.
pub fn auth_for(base: &Url) -> Auth {
    if let Ok(token) = std::env::var("HELMSIGHT_TOKEN") {
        return Auth::token(base, SecretString::from(token), TokenPlace::Bearer);
    }
    let (service, _) = env::from_env(|name| std::env::var(name).ok());
    let is_same = |service: &EnvService| {
        Url::parse(&service.profile.base_url).is_ok_and(|known| known.origin() == base.origin())
    };
    match service.filter(is_same) {
        Some(EnvService {
            profile,
            key,
            headers,
        }) => auth_of(&profile, base, key, headers),
        None => Auth::none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_what_stands_before_computers() {
        for (text, base, id) in [
            ("https://a.test/computers/c1", "https://a.test/", "c1"),
            (
                "https://a.test/v1/computers/c1/events?x=1#y",
                "https://a.test/v1/",
                "c1",
            ),
            (
                "http://127.0.0.1:7700/computers/c1/",
                "http://127.0.0.1:7700/",
                "c1",
            ),
        ] {
            let session = SessionUrl::parse(&Url::parse(text).unwrap()).unwrap();
            assert_eq!((session.base.as_str(), session.id.as_str()), (base, id));
        }
        for none in [
            "https://a.test/",
            "https://a.test/computers",
            "https://a.test/computers/",
            "about:blank",
        ] {
            assert_eq!(SessionUrl::parse(&Url::parse(none).unwrap()), None);
        }
    }
}
