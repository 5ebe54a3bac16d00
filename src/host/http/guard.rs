//! Decides who may call: only those who know the token may, and no web page may by way of its visitor's browser.

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{self, AsHeaderName, HeaderValue};
use http::uri::Authority;
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};

use crate::host::error::ApiError;

/// The path of a camera's moving picture ends so.
const MOVING: &str = "/stream.mjpeg";

/// What decides whether a request may pass: the token, and the names by which this host is reached.
#[derive(Debug)]
pub(crate) struct Guard {
    token: SecretString,
    port: u16,
    remote: bool,
}

impl Guard {
    /// With `remote`, clients may name any IP address of this machine. A name other than `localhost` is never accepted,
    /// because names are what a rebinding page controls.
    pub(crate) fn new(token: SecretString, port: u16, remote: bool) -> Self {
        Self { token, port, remote }
    }

    /// Refuses requests that a web page of another origin may have caused.
    fn check_site(&self, request: &Request) -> Result<(), ApiError> {
        let refuse = |what: &str| {
            Err(ApiError::new(StatusCode::FORBIDDEN, format!("this host is not for {what}")))
        };
        let headers = request.headers();
        let named =
            request.uri().authority().is_none_or(|authority| self.is_ours(authority.as_str()));
        if !named || !single(headers, header::HOST).is_some_and(|host| self.is_ours(host)) {
            return refuse("requests to another name; use its address as it was printed");
        }
        if headers.contains_key(header::ORIGIN)
            && !single(headers, header::ORIGIN)
                .and_then(|o| o.strip_prefix("http://"))
                .is_some_and(|host| self.is_ours(host))
        {
            return refuse("web pages of other origins");
        }
        let fetched = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if fetched.is_some_and(|site| site != b"same-origin" && site != b"none") {
            return refuse("web pages of other sites");
        }
        Ok(())
    }

    /// Tells whether a `host:port` is how this host is reached.
    fn is_ours(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else {
            return false;
        };
        if authority.as_str().contains('@') || authority.port_u16().unwrap_or(80) != self.port {
            return false;
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        match bare.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || self.remote,
            Err(_) => host.eq_ignore_ascii_case("localhost"),
        }
    }

    fn check_token(&self, request: &Request) -> Result<(), ApiError> {
        let bearer = single(request.headers(), header::AUTHORIZATION).and_then(bearer_token);
        let known = match bearer {
            Some(token) => self.knows(token),
            // A browser can give neither a WebSocket nor a picture headers, so that the query may carry the token there,
            // and only there.
            None if is_upgrade(request.headers()) || request.uri().path().ends_with(MOVING) => {
                query_token(request).is_some_and(|token| self.knows(&token))
            }
            None => false,
        };
        if known {
            Ok(())
        } else {
            Err(ApiError::new(StatusCode::UNAUTHORIZED, "the key is missing or wrong"))
        }
    }

    /// Compares in a time that does not tell where the difference is.
    fn knows(&self, given: &str) -> bool {
        let token = self.token.expose_secret().as_bytes();
        let difference = token
            .iter()
            .zip(given.as_bytes().iter().chain(std::iter::repeat(&0)))
            .fold(0, |d, (a, b)| d | black_box(a ^ b));
        black_box(difference) == 0 && token.len() == given.len()
    }
}

/// The outermost layer: it sees every request, whether its route is known or not.
pub(crate) async fn same_site(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.check_site(&request) {
        Ok(()) => next.run(request).await,
        Err(err) => err.into_response(),
    };
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// This layer guards every route that tells or does anything.
pub(crate) async fn token(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    match guard.check_token(&request) {
        Ok(()) => next.run(request).await,
        Err(err) => {
            let mut response = err.into_response();
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
    }
}

pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Returns the text of a header that is there exactly once.
fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn query_token(request: &Request) -> Option<String> {
    let query = request.uri().query()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const TOKEN: &str = "0123456789abcdef";

    fn guard(remote: bool) -> Guard {
        Guard::new(SecretString::from(TOKEN), 8123, remote)
    }

    fn request(uri: &str, headers: &[(&'static str, &str)]) -> Request {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    #[test]
    fn only_our_own_names_at_our_own_port() {
        for (host, local, remote) in [
            ("127.0.0.1:8123", true, true),
            ("127.9.9.9:8123", true, true),
            ("localhost:8123", true, true),
            ("LocalHost:8123", true, true),
            ("[::1]:8123", true, true),
            ("127.0.0.1", false, false),
            ("127.0.0.1:80", false, false),
            ("0.0.0.0:8123", false, true),
            ("192.168.1.5:8123", false, true),
            ("evil.test:8123", false, false),
            ("localhost.evil.test:8123", false, false),
            ("127.0.0.1.evil.test:8123", false, false),
            ("user@127.0.0.1:8123", false, false),
            ("", false, false),
        ] {
            let request = request("/computers", &[("host", host)]);
            assert_eq!(guard(false).check_site(&request).is_ok(), local, "{host}");
            assert_eq!(guard(true).check_site(&request).is_ok(), remote, "{host} from outside");
        }
        let ours = ("host", "127.0.0.1:8123");
        assert!(guard(false).check_site(&request("/", &[])).is_err());
        assert!(guard(false).check_site(&request("/", &[ours, ours])).is_err());
        assert!(guard(false).check_site(&request("http://evil.test:8123/", &[ours])).is_err());
    }

    #[test]
    fn no_foreign_origin() {
        for (name, value, ok) in [
            ("origin", "http://127.0.0.1:8123", true),
            ("origin", "http://localhost:8123", true),
            ("origin", "http://localhost:9999", false),
            ("origin", "https://localhost:8123", false),
            ("origin", "http://evil.test", false),
            ("origin", "null", false),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
        ] {
            let request = request("/", &[("host", "127.0.0.1:8123"), (name, value)]);
            assert_eq!(guard(false).check_site(&request).is_ok(), ok, "{name}: {value}");
        }
    }

    #[test]
    fn the_token_and_nothing_like_it() {
        let upgrade = ("upgrade", "websocket");
        let bearer = |token: &str| format!("Bearer {token}");
        for (uri, headers, ok) in [
            ("/", vec![("authorization", bearer(TOKEN))], true),
            ("/", vec![("authorization", format!("bearer {TOKEN}"))], true),
            ("/", vec![("authorization", bearer("0123456789abcdeX"))], false),
            ("/", vec![("authorization", bearer("0123456789abcde"))], false),
            ("/", vec![("authorization", bearer("0123456789abcdef0"))], false),
            ("/", vec![("authorization", bearer(""))], false),
            ("/", vec![("authorization", TOKEN.to_owned())], false),
            ("/", vec![], false),
            ("/?token=0123456789abcdef", vec![], false),
            ("/cameras/demo/stream.mjpeg?token=0123456789abcdef", vec![], true),
            ("/cameras/demo/stream.mjpeg?token=0123456789abcdee", vec![], false),
            ("/?token=0123456789abcdef", vec![(upgrade.0, upgrade.1.to_owned())], true),
            ("/?token=0123456789abcdee", vec![(upgrade.0, upgrade.1.to_owned())], false),
        ] {
            let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            assert_eq!(
                guard(false).check_token(&request(uri, &headers)).is_ok(),
                ok,
                "{uri} {headers:?}"
            );
        }
    }
}
