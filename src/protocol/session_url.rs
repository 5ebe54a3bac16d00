//! Reads the URL that names a session: `https://service/base/computers/ID`.

use url::Url;

use super::computers::segment_text;

/// The place where a session lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUrl {
    /// The base of the service's API, with a slash at its end.
    pub base: Url,
    /// The session's id, of which nothing is encoded.
    pub id: String,
}

impl SessionUrl {
    /// Splits `…/computers/ID[/anything]`; `None` where the URL names no session.
    pub fn parse(url: &Url) -> Option<Self> {
        // People join addresses with a slash too many.
        let segments: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
        let at = segments.iter().rposition(|segment| *segment == "computers")?;
        let id = segment_text(segments.get(at + 1)?)?;
        let mut base = url.clone();
        base.set_query(None);
        base.set_fragment(None);
        base.set_path(&segments[..at].join("/"));
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Some(Self { base, id })
    }

    /// Returns the URL that names the session; `None` where the base can have nothing below it.
    pub fn url(&self) -> Option<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(["computers", &self.id]);
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_what_stands_before_computers() {
        for (text, base, id) in [
            ("https://a.test/computers/c1", "https://a.test/", "c1"),
            ("https://a.test/v1/computers/c1/events?x=1#y", "https://a.test/v1/", "c1"),
            ("http://127.0.0.1:7700/computers/c1/", "http://127.0.0.1:7700/", "c1"),
            ("http://127.0.0.1:7700//computers//c1", "http://127.0.0.1:7700/", "c1"),
            ("https://a.test/v%201/computers/a%20b%2Fc%25d", "https://a.test/v%201/", "a b/c%d"),
            ("https://a.test/computers/é b", "https://a.test/", "é b"),
        ] {
            let session = SessionUrl::parse(&Url::parse(text).unwrap()).unwrap();
            assert_eq!((session.base.as_str(), session.id.as_str()), (base, id));
            assert_eq!(SessionUrl::parse(&session.url().unwrap()), Some(session));
        }
        for none in [
            "https://a.test/",
            "https://a.test/computers",
            "https://a.test/computers/",
            "about:blank",
            "https://a.test/computers/%FF",
        ] {
            assert_eq!(SessionUrl::parse(&Url::parse(none).unwrap()), None);
        }
    }
}
