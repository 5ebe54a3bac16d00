//! Keeps servers from sending this computer around in its own network.
//!
//! The user names one server. An address that this server sends, be it a redirect, a link to a picture or the place of
//! a socket, is asked only where it is of the same server or public and secure. Names are judged by the addresses that
//! they stand for, in the very look-up that the connection is made from.

use std::error::Error;
use std::fmt;

use reqwest::dns::{Name, Resolve, Resolving};
use url::{Host, Url};

use super::NetError;
use super::auth::Origin;
use crate::base::Place;

/// Which addresses a connection may be made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The user named the server, so it may be anywhere.
    Anywhere,
    /// Another server named this one, so it has to be on the internet.
    Internet,
    /// What is sent can be read on its way, so it has to stay in a private network.
    OwnNetwork,
}

/// A name stands for no address that may be connected to. It prints as the sentence for the user.
#[derive(Debug)]
struct NoneInReach {
    name: String,
    reach: Reach,
}

impl Reach {
    /// Returns what may be asked for `url` by a client that the user gave `base`. Fails where the address itself tells
    /// that it may not be asked at all.
    pub(super) fn of(base: &Url, url: &Url) -> Result<Self, NetError> {
        let (Some(named), Some(other)) = (Origin::of(base), Origin::of(url)) else {
            return Ok(Self::Internet);
        };
        if named == other || other.secures(&named) {
            return Ok(Self::Anywhere);
        }
        let host = url.host_str().unwrap_or_default();
        if url.scheme() != "https" {
            return Err(NetError::OutOfReach(format!(
                "The server leads to {host} without https, and no other server is asked so; if that is meant, use that \
                 address instead"
            )));
        }
        if Place::of(url) != Some(Place::Internet) {
            return Err(NetError::OutOfReach(Self::Internet.words(host)));
        }
        Ok(Self::Internet)
    }

    fn admits(self, place: Place) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Internet => place == Place::Internet,
            Self::OwnNetwork => matches!(place, Place::ThisComputer | Place::OwnNetwork),
        }
    }

    /// Judges a numeric address, which is never looked up.
    pub(super) fn check(self, url: &Url) -> Result<(), NetError> {
        match (url.host(), Place::of(url)) {
            (Some(Host::Ipv4(_) | Host::Ipv6(_)), Some(place)) if !self.admits(place) => {
                Err(NetError::OutOfReach(self.words(url.host_str().unwrap_or_default())))
            }
            _ => Ok(()),
        }
    }

    fn words(self, host: &str) -> String {
        match self {
            Self::Anywhere => format!("{host} has no address"),
            Self::Internet => format!(
                "The server leads to {host}, which is not on the internet but on this computer or in its network; if \
                 that is meant, use that address instead"
            ),
            Self::OwnNetwork => format!(
                "{host} is not in a private network, and name and password go elsewhere by https only; use https"
            ),
        }
    }

    /// Looks the name in `url` up for a connection that a proxy makes. What only the proxy can find is left to it.
    pub(super) async fn check_for_proxy(self, url: &Url) -> Result<(), NetError> {
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        let Ok(found) = tokio::net::lookup_host((name, 0)).await else { return Ok(()) };
        let mut found = found.map(|address| Place::of_ip(address.ip()));
        match found.all(|place| self.admits(place)) {
            true => Ok(()),
            false => Err(NetError::OutOfReach(self.words(name))),
        }
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let within: Vec<_> =
                found.filter(|address| reach.admits(Place::of_ip(address.ip()))).collect();
            if within.is_empty() {
                return Err(NoneInReach { name: name.as_str().to_owned(), reach }.into());
            }
            Ok(Box::new(within.into_iter()) as Box<dyn Iterator<Item = _> + Send>)
        })
    }
}

/// Returns the sentence for a look-up that found nothing to connect to, if that is why `err` came.
pub(super) fn out_of_reach(err: &(dyn Error + 'static)) -> Option<NetError> {
    let mut cause = Some(err);
    while let Some(err) = cause {
        if let Some(none) = err.downcast_ref::<NoneInReach>() {
            return Some(NetError::OutOfReach(none.to_string()));
        }
        cause = err.source();
    }
    None
}

impl fmt::Display for NoneInReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reach.words(&self.name))
    }
}

impl Error for NoneInReach {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_asked_on_the_internet_and_securely() {
        let url = |text: &str| Url::parse(text).unwrap();
        for (base, other, reach) in [
            ("http://10.0.0.5:8080/v1", "http://10.0.0.5:8080/x", Some(Reach::Anywhere)),
            ("ws://10.0.0.5:8080/v1", "http://10.0.0.5:8080/x", Some(Reach::Anywhere)),
            ("http://nas.local/", "https://nas.local/", Some(Reach::Anywhere)),
            ("http://nas.local:8080/", "https://nas.local:8080/", Some(Reach::Anywhere)),
            ("https://api.test/", "https://cdn.test/x", Some(Reach::Internet)),
            ("https://api.test/", "https://8.8.8.8/x", Some(Reach::Internet)),
            ("https://api.test/", "https://api.test:8443/x", Some(Reach::Internet)),
            ("http://nas.local:8080/", "https://nas.local/", None),
            ("https://api.test/", "http://cdn.test/x", None),
            ("https://api.test/", "https://127.0.0.1/x", None),
            ("https://api.test/", "https://[::ffff:10.0.0.1]/x", None),
            ("https://api.test/", "https://2130706433/x", None),
            ("https://api.test/", "https://169.254.169.254/latest", None),
            ("https://api.test/", "https://router/x", None),
            ("https://api.test/", "https://nas.local/x", None),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", None),
            ("http://127.0.0.1:1/", "https://127.0.0.1:2/", None),
            ("http://localhost:1/", "http://127.0.0.1:1/", None),
        ] {
            let found = Reach::of(&url(base), &url(other));
            assert_eq!(found.as_ref().ok(), reach.as_ref(), "{base} {other}: {found:?}");
            if let Err(why) = found {
                assert!(
                    matches!(&why, NetError::OutOfReach(why) if why.contains("use that address"))
                );
            }
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_its_addresses() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(Reach::Anywhere.resolve(name()).await.is_ok());
        let Err(none) = Reach::Internet.resolve(name()).await else { panic!("in reach") };
        assert!(matches!(out_of_reach(&*none), Some(NetError::OutOfReach(_))), "{none}");
        let url = Url::parse("https://localhost/").unwrap();
        assert!(Reach::OwnNetwork.resolve(name()).await.is_ok());
        for (place, is_own) in [("10.0.0.5", true), ("[fd00::1]", true), ("8.8.8.8", false)] {
            let url = Url::parse(&format!("http://{place}/")).unwrap();
            assert_eq!(Reach::OwnNetwork.check(&url).is_ok(), is_own, "{place}");
        }
        assert!(Reach::Internet.check_for_proxy(&url).await.is_err());
        let unknown = Url::parse("https://nowhere.invalid/").unwrap();
        assert!(Reach::Internet.check_for_proxy(&unknown).await.is_ok());
    }
}
