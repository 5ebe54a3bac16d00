//! Lets web pages of one's own read what a host tells, and adds one's own headers to its answers.

use std::str::FromStr;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// A browser may remember for so many seconds what it was allowed.
const REMEMBERED: &str = "600";
/// Headers that say how an answer is to be read. They are the host's own.
const RESERVED: &[HeaderName] = &[
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::DATE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::WWW_AUTHENTICATE,
];

/// Pages that may call a host from a browser: those of one origin, or all. They need a token like everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// All pages. They never get what a browser knows of its user, such as cookies.
    Any,
    /// The pages of this origin, as browsers write it.
    Named(HeaderValue),
}

/// A header for every answer of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHeader(HeaderName, HeaderValue);

impl FromStr for AllowedOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let why = || "an origin, such as http://localhost:3000, or *".to_owned();
        let url = Url::parse(text).map_err(|_malformed| why())?;
        let is_bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let origin = url.origin();
        if !is_bare || !origin.is_tuple() {
            return Err(why());
        }
        let origin = origin.ascii_serialization();
        HeaderValue::try_from(origin).map(Self::Named).map_err(|_malformed| why())
    }
}

impl FromStr for AnswerHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let why = || "a header, such as “Cache-Control: no-store”".to_owned();
        let (name, value) = text.split_once(':').ok_or_else(why)?;
        let name: HeaderName = name.trim().parse().map_err(|_malformed| why())?;
        let value: HeaderValue = value.trim().parse().map_err(|_malformed| why())?;
        if name.as_str().starts_with("access-control-") {
            return Err(format!("{name} is set by --allow-origin; name the page's origin there"));
        }
        if RESERVED.contains(&name) || name.as_str().starts_with("sec-") {
            return Err(format!("{name} is the host's own; leave it out"));
        }
        Ok(Self(name, value))
    }
}

/// Adds the headers to an answer. They take the place of those that the host would send under these names.
pub(crate) fn add_headers(headers: &[AnswerHeader], answer: &mut HeaderMap) {
    for AnswerHeader(name, _) in headers {
        answer.remove(name);
    }
    for AnswerHeader(name, value) in headers {
        answer.append(name, value.clone());
    }
}

/// Returns what allows pages of `origin` to call; `None` for an origin that is not in the list.
pub(crate) fn allowing<'a>(list: &'a [AllowedOrigin], origin: &str) -> Option<&'a AllowedOrigin> {
    let named =
        |allowed: &&AllowedOrigin| matches!(allowed, AllowedOrigin::Named(name) if name == origin);
    list.iter().find(named).or_else(|| list.iter().find(|allowed| **allowed == AllowedOrigin::Any))
}

/// Tells whether a browser asks by this request what a page may ask for.
pub(crate) fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Answers a browser that asks what a page of an allowed origin may ask for: every call, with every header of its own.
pub(crate) fn preflight(asked: &HeaderMap) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let headers = answer.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    // `*` would not cover Authorization.
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let usual = || HeaderValue::from_static("authorization, content-type, last-event-id");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or_else(usual));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBERED));
    if asked.contains_key("access-control-request-private-network") {
        let name = HeaderName::from_static("access-control-allow-private-network");
        headers.insert(name, HeaderValue::from_static("true"));
    }
    answer
}

impl AllowedOrigin {
    /// Lets the page read the answer.
    pub(crate) fn allow(&self, headers: &mut HeaderMap) {
        match self {
            // Never with credentials.
            Self::Any => {
                let any = HeaderValue::from_static("*");
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
            }
            Self::Named(origin) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                let yes = HeaderValue::from_static("true");
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for (text, named) in [
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("HTTPS://Dash.Example/", Some("https://dash.example")),
            ("https://dash.example:443", Some("https://dash.example")),
            ("https://dash.example/page", None),
            ("https://me@dash.example", None),
            ("dash.example", None),
            ("localhost:3000", None),
            ("file:///home", None),
            ("null", None),
            ("", None),
        ] {
            let origin = text.parse().ok();
            let expected = named.map(|name| AllowedOrigin::Named(HeaderValue::from_static(name)));
            assert_eq!(origin, expected, "{text}");
        }
        assert_eq!("*".parse(), Ok(AllowedOrigin::Any));
    }

    #[test]
    fn a_header_is_a_name_and_a_value_and_not_one_of_ours() {
        for (text, ok) in [
            ("X-Custom-Header: streaming-api", true),
            ("Cache-Control:no-store", true),
            ("X-Empty:", true),
            ("no colon", false),
            (": value", false),
            ("Bad Name: value", false),
            ("X-Split: a\r\nb", false),
            ("Content-Length: 0", false),
            ("Access-Control-Allow-Origin: *", false),
            ("Access-Control-Allow-Credentials: true", false),
        ] {
            assert_eq!(text.parse::<AnswerHeader>().is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn own_headers_take_the_place_of_the_hosts() {
        let mut answer = HeaderMap::new();
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let own = ["Cache-Control: no-store", "X-A: 1", "X-A: 2"].map(|text| text.parse().unwrap());
        add_headers(&own, &mut answer);
        assert_eq!(answer[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.get_all("x-a").iter().collect::<Vec<_>>(), ["1", "2"]);
    }
}
