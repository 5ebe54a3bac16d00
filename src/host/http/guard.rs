//! Decides who may call: only those who show a token that is granted it, and no web page may by way of its visitor's
//! browser, unless its origin is allowed.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{self, AsHeaderName, HeaderValue};
use http::uri::Authority;
use http::{HeaderMap, Method, StatusCode};

use super::door::DoorPlace;
use super::origins::{self, AllowedOrigin};
use crate::host::error::ApiError;
use crate::host::grant::{Grant, GrantBook, GrantNeed};

/// The name that every route has for the session's id in its path.
const SESSION: &str = "id";

/// What decides whether a request may pass: the grants, and the names by which this host is reached.
pub(crate) struct Guard {
    grants: Arc<GrantBook>,
    port: u16,
    remote: bool,
    origins: Vec<AllowedOrigin>,
}

/// What a call asks for at the door.
#[derive(Clone)]
pub(crate) struct CallGate {
    pub(crate) guard: Arc<Guard>,
    pub(crate) need: GrantNeed,
    /// A browser can't send this call a header, so that the query may carry the token.
    pub(crate) by_query: bool,
}

impl Guard {
    /// With `remote`, clients may name any IP address of this machine. A name other than `localhost` is never accepted,
    /// because names are what a rebinding page controls.
    pub(crate) fn new(
        grants: Arc<GrantBook>,
        port: u16,
        remote: bool,
        origins: Vec<AllowedOrigin>,
    ) -> Self {
        Self { grants, port, remote, origins }
    }

    /// Refuses requests that a web page of another origin may have caused, and returns what allows a page that may.
    fn check_site(&self, request: &Request) -> Result<Option<&AllowedOrigin>, ApiError> {
        let refuse = |what: &str| {
            Err(ApiError::new(StatusCode::FORBIDDEN, format!("this host is not for {what}")))
        };
        let headers = request.headers();
        let named =
            request.uri().authority().is_none_or(|authority| self.is_ours(authority.as_str()));
        if !named || !single(headers, header::HOST).is_some_and(|host| self.is_ours(host)) {
            return refuse("requests to another name; use its address as it was printed");
        }
        if headers.contains_key(header::ORIGIN) {
            let origin = single(headers, header::ORIGIN).unwrap_or_default();
            let ours = origin.strip_prefix("http://").is_some_and(|host| self.is_ours(host));
            if !ours {
                let allowed = origins::allowing(&self.origins, origin);
                return match allowed {
                    Some(_) => Ok(allowed),
                    None => refuse("web pages of other origins; allow one with --allow-origin"),
                };
            }
        }
        let fetched = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if fetched.is_some_and(|site| site != b"same-origin" && site != b"none") {
            return refuse("web pages of other sites");
        }
        Ok(None)
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

    /// Returns the grant of the token that a request shows.
    fn grant_of(&self, request: &Request, by_query: bool) -> Result<Arc<Grant>, ApiError> {
        let headers = request.headers();
        let grant = if headers.contains_key(header::AUTHORIZATION) {
            let token = single(headers, header::AUTHORIZATION).and_then(bearer_token);
            token.and_then(|token| self.grants.find(token))
        } else if by_query && request.method() == Method::GET {
            query_token(request).and_then(|token| self.grants.find(&token))
        } else {
            None
        };
        grant.ok_or_else(|| {
            ApiError::new(StatusCode::UNAUTHORIZED, "the key is missing, wrong or no longer valid")
        })
    }
}

impl CallGate {
    /// Returns the grant by which a request may pass; `session` is the id that its path names.
    fn check(&self, request: &Request, session: Option<&str>) -> Result<Arc<Grant>, ApiError> {
        let grant = self.guard.grant_of(request, self.by_query)?;
        if let Some(place) = request.extensions().get::<DoorPlace>()
            && !place.token_shown()
        {
            let why = "this host has no connection free";
            return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, why));
        }
        if grant.covers(self.need, session) {
            return Ok(grant);
        }
        let why = "the key gives no right to this call; ask for a grant with more rights";
        Err(ApiError::new(StatusCode::FORBIDDEN, why))
    }
}

/// The outermost layer: it sees every request, whether its route is known or not.
pub(crate) async fn same_site(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = guard.check_site(&request);
    let mut response = match &allowed {
        Ok(Some(_)) if origins::is_preflight(&request) => origins::preflight(request.headers()),
        Ok(_) => next.run(request).await,
        Err(err) => err.clone().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(Some(origin)) = allowed {
        origin.allow(headers);
    }
    if !guard.origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// This layer guards every route that tells or does anything.
pub(crate) async fn admit(
    State(gate): State<CallGate>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let session = params.iter().find(|(name, _)| *name == SESSION).map(|(_, id)| id);
    match gate.check(&request, session) {
        Ok(grant) => {
            request.extensions_mut().insert(grant.clone());
            grant.while_it_lasts(next.run(request)).await
        }
        Err(err) => refused(err),
    }
}

fn refused(err: ApiError) -> Response {
    let is_unknown = err.code == StatusCode::UNAUTHORIZED;
    let mut response = err.into_response();
    if is_unknown {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Returns the text of a header that is there exactly once.
pub(super) fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
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
    use crate::host::grant::GrantRight;
    use crate::host::state::tasks::HostTasks;
    use axum::body::Body;
    use secrecy::SecretString;

    const TOKEN: &str = "0123456789abcdef";

    fn guard(remote: bool) -> Guard {
        let grants = GrantBook::new(&SecretString::from(TOKEN), HostTasks::default()).unwrap();
        let origins = vec!["http://dash.test:3000".parse().unwrap()];
        Guard::new(Arc::new(grants), 8123, remote, origins)
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
            ("origin", "http://dash.test:3000", true),
            ("origin", "http://dash.test", false),
            ("origin", "https://dash.test:3000", false),
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
        let bearer = |token: &str| format!("Bearer {token}");
        let in_query = "/?token=0123456789abcdef";
        for (uri, headers, by_query, ok) in [
            ("/", vec![("authorization", bearer(TOKEN))], false, true),
            ("/", vec![("authorization", format!("bearer {TOKEN}"))], false, true),
            ("/", vec![("authorization", bearer("0123456789abcdeX"))], false, false),
            ("/", vec![("authorization", bearer("0123456789abcde"))], false, false),
            ("/", vec![("authorization", bearer("0123456789abcdef0"))], false, false),
            ("/", vec![("authorization", bearer(""))], false, false),
            ("/", vec![("authorization", TOKEN.to_owned())], false, false),
            ("/", vec![], false, false),
            (in_query, vec![], false, false),
            (in_query, vec![("upgrade", "websocket".to_owned())], false, false),
            (in_query, vec![], true, true),
            (in_query, vec![("authorization", bearer("wrong"))], true, false),
            ("/?token=0123456789abcdee", vec![], true, false),
        ] {
            let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let need = GrantNeed { right: Some(GrantRight::Drive), whole_host: false };
            let gate = CallGate { guard: Arc::new(guard(false)), need, by_query };
            let mut request = request(uri, &headers);
            assert_eq!(gate.check(&request, Some("a")).is_ok(), ok, "{uri} {headers:?}");
            *request.method_mut() = Method::POST;
            let ok = ok && !headers.is_empty();
            assert_eq!(gate.check(&request, Some("a")).is_ok(), ok, "POST {uri} {headers:?}");
        }
    }
}
