//! Reads `helmsight://open?url=…` links, with which web pages and other programs ask Helmsight to open something.
//!
//! Anybody can write a link, so it carries an address and nothing else: no password, no option, no command.

use std::fmt;

use url::{Position, Url};

use crate::base::address::has_zone;
use crate::base::redact;

/// The packages register this scheme with the system.
const SCHEME: &str = "helmsight";
const MAX_LINK: usize = 8192;
const MAX_ADDRESS: usize = 2048;

/// An address that a link asks for: http, https, ws or wss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    address: Url,
}

/// The reason why a link is not followed, to be read after "The link was not opened: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The link is too long.
    #[error("it is longer than {MAX_ADDRESS} characters; give its address in the window")]
    TooLong,
    /// The link asks for something that this version does not know.
    #[error("it should look like {SCHEME}://open?url=https%3A%2F%2Fexample.com")]
    Unknown,
    /// The address is of another scheme.
    #[error("its address should begin with http, https, ws or wss")]
    Scheme,
    /// The address names an interface of this computer.
    #[error(
        "its address has a zone, such as %eth0, which is not taken; give it a name or another address"
    )]
    Zone,
    /// The address holds a name or a password.
    #[error("there is a name or a password in its address; connect to it in the window instead")]
    Credentials,
}

/// Tells whether a text is meant as a link, a good one or not.
pub fn is_link(text: &str) -> bool {
    let scheme = text.trim_start().split(':').next();
    text.contains(':') && scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
}

impl Link {
    /// Reads a link. Fails where it is not one that may be followed.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        if text.len() > MAX_LINK {
            return Err(LinkError::TooLong);
        }
        let Ok(link) = Url::parse(text) else {
            return Err(LinkError::Unknown);
        };
        let asks_to_open = link.scheme() == SCHEME
            && link[Position::BeforeUsername..Position::AfterPort].eq_ignore_ascii_case("open")
            && matches!(link.path(), "" | "/")
            && link.fragment().is_none();
        // A link that says more means something that this version does not know, or its address is not encoded.
        let mut said = link.query_pairs();
        let (true, Some((name, address)), None) = (asks_to_open, said.next(), said.next()) else {
            return Err(LinkError::Unknown);
        };
        if name != "url" {
            return Err(LinkError::Unknown);
        }
        if address.len() > MAX_ADDRESS {
            return Err(LinkError::TooLong);
        }
        let Ok(address) = Url::parse(&address) else {
            return Err(if has_zone(&address) { LinkError::Zone } else { LinkError::Scheme });
        };
        if !matches!(address.scheme(), "http" | "https" | "ws" | "wss") {
            return Err(LinkError::Scheme);
        }
        if redact::has_login(&address) {
            return Err(LinkError::Credentials);
        }
        Ok(Self { address })
    }

    /// Makes a link to an address. Fails where it could not be followed.
    pub fn to(address: &Url) -> Result<Self, LinkError> {
        Self::parse(&written(address.as_str()))
    }

    /// Returns the address that the link asks for.
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// Returns host and port, as people know them.
    pub fn host(&self) -> &str {
        &self.address[Position::BeforeHost..Position::AfterPort]
    }

    /// Returns the origin, for which a yes is remembered: another port or another scheme is another place.
    pub fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }
}

/// Writes the link as it is handed over.
impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(self.address.as_str()))
    }
}

fn written(address: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("url", address);
    format!("{SCHEME}://open?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<String, LinkError> {
        Link::parse(text).map(|link| link.address().to_string())
    }

    #[test]
    fn an_address_is_taken_out_of_a_link() {
        for (link, wanted) in [
            (
                "helmsight://open?url=https%3A%2F%2Fexample.com%2Fa%3Fb%3D1%26c%3D2%23d",
                "https://example.com/a?b=1&c=2#d",
            ),
            ("helmsight://open/?url=http://localhost:3000", "http://localhost:3000/"),
            ("HELMSIGHT://OPEN?url=wss%3A%2F%2Fcamera%2Fws", "wss://camera/ws"),
            ("helmsight://open?url=ws://camera:7103/ws/stream/1", "ws://camera:7103/ws/stream/1"),
        ] {
            assert!(is_link(link), "{link}");
            assert_eq!(address(link).as_deref(), Ok(wanted), "{link}");
        }
    }

    #[test]
    fn a_link_that_is_made_leads_to_its_address_again() {
        for address in ["https://a.test/computers/a%20b", "ws://b.test:7103/x?y=1&z=2#t"] {
            let url = Url::parse(address).unwrap();
            let made = Link::to(&url).unwrap().to_string();
            assert_eq!(Link::parse(&made).unwrap().address(), &url, "{made}");
        }
        let secret = Url::parse("https://me:hunter2@a.test/").unwrap();
        assert_eq!(Link::to(&secret), Err(LinkError::Credentials));
        assert_eq!(Link::to(&Url::parse("tcp://a.test:1").unwrap()), Err(LinkError::Scheme));
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        use LinkError::{Credentials, Scheme, TooLong, Unknown};
        let long = format!("helmsight://open?url=https://a.test/{}", "a".repeat(MAX_ADDRESS));
        let very_long = format!("helmsight://open?x={}", "%41".repeat(MAX_LINK));
        for (link, wanted) in [
            ("helmsight://open", Unknown),
            ("helmsight://open?", Unknown),
            ("helmsight:open?url=https://a.test", Unknown),
            ("helmsight://run?url=https://a.test", Unknown),
            ("helmsight://open/x?url=https://a.test", Unknown),
            ("helmsight://me@open?url=https://a.test", Unknown),
            ("helmsight://open:80?url=https://a.test", Unknown),
            ("helmsight://open?url=https://a.test#x", Unknown),
            ("helmsight://open?address=https://a.test", Unknown),
            // The address is not encoded, so that nobody knows whose `c` this is.
            ("helmsight://open?url=https://a.test/?b=1&c=2", Unknown),
            ("helmsight://open?url=https://a.test&no_sandbox=1", Unknown),
            ("https://open?url=https://a.test", Unknown),
            ("helmsight://open?url=", Scheme),
            ("helmsight://open?url=example.com", Scheme),
            ("helmsight://open?url=file:///etc/passwd", Scheme),
            ("helmsight://open?url=javascript:alert(1)", Scheme),
            ("helmsight://open?url=chrome://settings", Scheme),
            ("helmsight://open?url=helmsight://open?url=https://a.test", Scheme),
            ("helmsight://open?url=https://me@a.test", Credentials),
            ("helmsight://open?url=https%3A%2F%2Fme%3Asecret%40a.test", Credentials),
            ("helmsight://open?url=wss://:secret@a.test", Credentials),
            (&long, TooLong),
            (&very_long, TooLong),
        ] {
            assert_eq!(address(link), Err(wanted), "{link}");
        }
    }

    #[test]
    fn a_yes_is_for_one_place() {
        let link = |address: &str| Link::parse(&format!("helmsight://open?url={address}")).unwrap();
        assert_eq!(link("https://A.test:443/x").origin(), "https://a.test");
        assert_eq!(link("http://a.test/x").origin(), "http://a.test");
        assert_eq!(link("ws://a.test:7103/x").origin(), "ws://a.test:7103");
        assert_eq!(link("ws://a.test:7103/x").host(), "a.test:7103");
        // Letters that only look like others are shown as what they are.
        assert_eq!(link("https://ex\u{430}mple.com").host(), "xn--exmple-4nf.com");
    }

    #[test]
    fn only_our_scheme_makes_a_link() {
        assert!(is_link("helmsight:"));
        for other in ["helmsight", "helmsight.example", "https://a.test/helmsight:", ""] {
            assert!(!is_link(other), "{other}");
        }
    }
}
