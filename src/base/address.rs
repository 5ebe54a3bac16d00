//! Reads addresses as people type them, where the scheme may be missing.

use url::Url;

use super::Place;

/// An address that somebody typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedAddress {
    /// The address, complete.
    pub url: Url,
    /// Whether the scheme was missing, so that it is a guess: http on this computer and in its network, else https.
    pub is_guessed: bool,
}

impl TypedAddress {
    /// Reads what was typed. It is `None` where that is no address.
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if has_scheme(typed) {
            return Some(Self { url: Url::parse(typed).ok()?, is_guessed: false });
        }
        if typed.starts_with(['/', '.']) || typed.contains(char::is_whitespace) {
            return None;
        }
        let near = Url::parse(&format!("http://{typed}")).ok()?;
        let url = match Place::of(&near)? {
            Place::ThisComputer | Place::OwnNetwork | Place::Special => near,
            // A port that is usual for http would be lost in the address that is read already.
            Place::Internet => Url::parse(&format!("https://{typed}")).ok()?,
        };
        Some(Self { url, is_guessed: true })
    }
}

/// Tells whether an address begins with a scheme. `localhost:80` does not.
pub fn has_scheme(typed: &str) -> bool {
    let scheme = typed.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Returns what is to be said of a text that is no address: that zones are not taken, or else `otherwise`.
pub fn words_for_none(typed: &str, otherwise: impl Into<String>) -> String {
    if has_zone(typed) {
        return "An address with a zone, such as %eth0, is not taken: give the computer's name or an address of it \
                without a zone"
            .to_owned();
    }
    otherwise.into()
}

/// Tells whether the host of an address names an interface of this computer, as in `[fe80::1%eth0]`.
pub fn has_zone(typed: &str) -> bool {
    let rest = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split_once('%').is_some_and(|(address, _)| address.matches(':').count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scheme_is_guessed_by_the_place() {
        for (typed, url) in [
            ("127.0.0.1:7788", Some("http://127.0.0.1:7788/")),
            (" localhost:9/v1 ", Some("http://localhost:9/v1")),
            ("[::1]:9", Some("http://[::1]:9/")),
            ("192.168.1.5", Some("http://192.168.1.5/")),
            ("nas.local/x?u=http://y", Some("http://nas.local/x?u=http://y")),
            ("camera:81", Some("http://camera:81/")),
            ("me:word@camera", Some("http://me:word@camera/")),
            ("api.test", Some("https://api.test/")),
            ("8.8.8.8:80", Some("https://8.8.8.8:80/")),
            ("api.test:80", Some("https://api.test:80/")),
            ("", None),
            ("foo bar", None),
            ("/etc", None),
            ("mailto:x", None),
        ] {
            let read = TypedAddress::read(typed);
            assert!(read.iter().all(|read| read.is_guessed), "{typed}");
            assert_eq!(read.map(|read| read.url.to_string()).as_deref(), url, "{typed}");
        }
        for whole in ["http://api.test/", "https://localhost/", "ws://a.test/"] {
            let read = TypedAddress::read(whole).unwrap();
            assert_eq!((read.url.as_str(), read.is_guessed), (whole, false));
        }
        assert_eq!(TypedAddress::read("http://"), None);
    }

    #[test]
    fn a_zone_is_named() {
        for (typed, is_named) in [
            ("http://[fe80::1%25eth0]:81/x", true),
            ("[fe80::1%eth0]", true),
            ("fe80::1%eth0", true),
            ("ws://me:word@[fe80::1%3]/", true),
            ("http://a%20b/", false),
            ("http://me:a%20b@x y/", false),
            ("nonsense", false),
        ] {
            assert_eq!(words_for_none(typed, "no").contains("zone"), is_named, "{typed}");
        }
    }
}
