//! Binds a credential to its origin (scheme, host, port), so that it is never sent to another.

use std::fmt;

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, SEC_WEBSOCKET_PROTOCOL};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use super::NetError;
use super::login::{PasswordLogin, sensitive};
use crate::base::Place;

/// Place of the token in a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TokenPlace {
    /// The token stands in the header `Authorization: Bearer …`.
    #[default]
    Bearer,
    /// The token stands in the header of this name.
    Header(HeaderName),
    /// The token stands in the query parameter of this name. Servers write queries to their logs, so this is for
    /// servers that offer no other way.
    Query(String),
    /// The token stands as the subprotocol of a WebSocket, for servers that are made for web pages, which can set no
    /// header.
    Subprotocol,
}

/// The user's secrets for one server. It prints as `***`.
#[derive(Clone, Default)]
pub struct Auth {
    /// The origin that may get the secrets. It is `None` until a token or `Client::new` binds it.
    origin: Option<Origin>,
    token: Option<(SecretString, TokenPlace)>,
    headers: Vec<(HeaderName, SecretString)>,
    login: Option<PasswordLogin>,
}

impl Auth {
    /// Returns a credential without any secret.
    pub fn none() -> Self {
        Self::default()
    }

    /// Tells whether there is no secret in it.
    pub fn is_none(&self) -> bool {
        self.token.is_none() && self.headers.is_empty() && self.login.is_none()
    }

    /// Returns a credential whose token is bound to the origin of `origin_of`.
    pub fn token(origin_of: &Url, token: SecretString, place: TokenPlace) -> Self {
        Self {
            origin: Origin::of(origin_of),
            // The token is trimmed, because a pasted key often ends in a line break.
            token: Some((SecretString::from(token.expose_secret().trim()), place)),
            headers: Vec::new(),
            login: None,
        }
    }

    /// Returns a credential of a name and a password, which is bound to the origin of `origin_of`.
    pub fn login(origin_of: &Url, login: PasswordLogin) -> Self {
        Self { origin: Origin::of(origin_of), login: Some(login), ..Self::default() }
    }

    /// Says of a login whether it may go over an open connection, as [`PasswordLogin::in_the_open`] does. Other credentials stay.
    pub fn with_open_login(mut self, is_allowed: bool) -> Self {
        self.login = self.login.map(|login| login.in_the_open(is_allowed));
        self
    }

    /// Returns the name of a login; `None` for every other credential.
    pub fn login_name(&self) -> Option<&str> {
        self.login.as_ref().map(PasswordLogin::name)
    }

    /// Puts the token, if there is one, into another place of the requests.
    pub fn with_token_at(mut self, place: TokenPlace) -> Self {
        self.token = self.token.map(|(token, _)| (token, place));
        self
    }

    /// Adds a header, which is kept as secret as the token and is sent to the same origin.
    pub fn with_header(mut self, name: HeaderName, value: SecretString) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Returns the headers for `url`. There are none where `url` has another origin.
    pub(super) fn headers_for(&self, url: &Url) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !self.covers(url) {
            return headers;
        }
        for (name, value) in &self.headers {
            headers.extend(sensitive(value.expose_secret()).map(|value| (name.clone(), value)));
        }
        if let Some((token, place)) = &self.token {
            let header = match place {
                TokenPlace::Bearer => {
                    Some((AUTHORIZATION, format!("Bearer {}", token.expose_secret())))
                }
                TokenPlace::Header(name) => Some((name.clone(), token.expose_secret().to_owned())),
                TokenPlace::Subprotocol => {
                    Some((SEC_WEBSOCKET_PROTOCOL, token.expose_secret().to_owned()))
                }
                TokenPlace::Query(_) => None,
            };
            headers.extend(header.and_then(|(name, value)| Some((name, sensitive(&value)?))));
        }
        headers
    }

    /// Adds the token to the query of `url`, if its place is there and `url` has the credential's origin.
    pub(super) fn add_query(&self, url: &mut Url) {
        let Some((token, TokenPlace::Query(name))) = &self.token else {
            return;
        };
        if self.covers(url) && !url.query_pairs().any(|(key, _)| key == name.as_str()) {
            url.query_pairs_mut().append_pair(name, token.expose_secret());
        }
    }

    /// Returns the same credential with the token in the query, for servers that read no header on an upgrade. Returns
    /// `None` where the token does not stand in a header.
    pub(super) fn in_query(&self, name: &str) -> Option<Self> {
        let (token, place) = self.token.as_ref()?;
        match place {
            TokenPlace::Query(_) | TokenPlace::Subprotocol => return None,
            TokenPlace::Bearer | TokenPlace::Header(_) => (),
        }
        let token = Some((token.clone(), TokenPlace::Query(name.to_owned())));
        Some(Self { token, ..self.clone() })
    }

    /// Returns the login for `url`. There is none where `url` has another origin, unless it is the same one made secure,
    /// to which many cameras redirect.
    pub(super) fn login_for(&self, url: &Url) -> Option<&PasswordLogin> {
        let secures = |own: &Origin| Origin::of(url).is_some_and(|other| other.secures(own));
        let is_own = self.covers(url) || self.origin.as_ref().is_some_and(secures);
        self.login.as_ref().filter(|_| is_own)
    }

    /// Tells whether a name and a password go over an open connection to another computer, as the user agreed.
    pub(super) fn is_open(&self) -> bool {
        self.login.is_some() && self.origin.as_ref().is_some_and(|it| !it.secure && !it.is_here())
    }

    /// Tells whether `chosen` is the token that was offered to the server of `url` as a subprotocol.
    pub(super) fn offers_subprotocol(&self, url: &Url, chosen: &str) -> bool {
        matches!(&self.token, Some((token, TokenPlace::Subprotocol)) if token.expose_secret() == chosen)
            && self.covers(url)
    }

    /// Tells whether following a redirect to `url` would carry a secret to another origin.
    pub(super) fn leaks_into(&self, url: &Url) -> bool {
        let Some((token, _)) = &self.token else {
            return false;
        };
        let token = token.expose_secret();
        !token.is_empty()
            && !self.covers(url)
            && (url.as_str().contains(token) || url.query_pairs().any(|(_, value)| value == token))
    }

    /// Binds an unbound credential to the origin of `base`. Fails where the credential could not be sent safely.
    pub(super) fn bound_to(mut self, base: &Url) -> Result<Self, NetError> {
        self.origin = self.origin.or_else(|| Origin::of(base));
        let secrets = self.token.iter().map(|(token, _)| token);
        for secret in secrets.chain(self.headers.iter().map(|(_, value)| value)) {
            if sensitive(secret.expose_secret()).is_none() {
                return Err(NetError::Invalid(
                    "The key holds characters that cannot be sent; paste it again".to_owned(),
                ));
            }
        }
        let empty = self.token.is_none() && self.headers.is_empty();
        match &self.origin {
            Some(origin)
                if self.is_open() && !self.login.iter().all(PasswordLogin::may_be_open) =>
            {
                Err(NetError::Insecure(format!(
                    "{} has no https, so others in its network could read name and password; allow that for this \
                     camera, or use https",
                    origin.host
                )))
            }
            Some(origin) if !empty && !origin.secure && !origin.is_here() => {
                Err(NetError::Insecure(format!(
                    "A key is not sent over an open connection; use https for {}",
                    origin.host
                )))
            }
            _ => Ok(self),
        }
    }

    fn covers(&self, url: &Url) -> bool {
        self.origin.is_some() && self.origin == Origin::of(url)
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("origin", &self.origin).field("secrets", &"***").finish()
    }
}

/// Scheme, host and port of a server. A WebSocket has the origin of the HTTP server that it is upgraded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    secure: bool,
    host: Host<String>,
    port: u16,
}

impl Origin {
    pub(super) fn of(url: &Url) -> Option<Self> {
        let secure = match url.scheme() {
            "http" | "ws" => false,
            "https" | "wss" => true,
            _ => return None,
        };
        Some(Self { secure, host: url.host()?.to_owned(), port: url.port_or_known_default()? })
    }

    fn is_here(&self) -> bool {
        Place::of_host(&self.host) == Place::ThisComputer
    }

    /// Tells whether `self` is the same server as the open `other`, but secure.
    pub(super) fn secures(&self, other: &Self) -> bool {
        let is_usual = self.port == 443 && other.port == 80;
        self.secure
            && !other.secure
            && self.host == other.host
            && (is_usual || self.port == other.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn key_for(origin: &str, place: TokenPlace) -> Auth {
        Auth::token(&url(origin), SecretString::from("sk_1\n"), place)
            .with_header(HeaderName::from_static("x-org"), SecretString::from("secret org"))
    }

    #[test]
    fn only_the_own_origin_gets_anything() {
        let auth = key_for("https://api.test/v1", TokenPlace::Bearer);
        for (target, expected) in [
            ("https://api.test/other?x=1", 2),
            ("https://API.test:443/", 2),
            ("wss://api.test/ws", 2),
            ("http://api.test/", 0),
            ("https://api.test:8443/", 0),
            ("https://sub.api.test/", 0),
            ("https://api.test.evil/", 0),
            ("ftp://api.test/", 0),
        ] {
            assert_eq!(auth.headers_for(&url(target)).len(), expected, "{target}");
        }
        let headers = auth.headers_for(&url("https://api.test/"));
        assert_eq!(headers[AUTHORIZATION], "Bearer sk_1");
        assert!(headers.values().all(http::header::HeaderValue::is_sensitive));
    }

    #[test]
    fn a_token_in_the_query_stays_with_its_origin_too() {
        let auth = key_for("https://api.test", TokenPlace::Bearer).in_query("token").unwrap();
        let mut own = url("wss://api.test/ws?a=b");
        auth.add_query(&mut own);
        auth.add_query(&mut own);
        assert_eq!(own.as_str(), "wss://api.test/ws?a=b&token=sk_1");
        let mut other = url("wss://cdn.test/ws");
        auth.add_query(&mut other);
        assert_eq!(other.as_str(), "wss://cdn.test/ws");
        assert_eq!(auth.headers_for(&own).len(), 1);
        assert!(auth.leaks_into(&url("https://evil.test/?copy=sk_1")));
        assert!(!auth.leaks_into(&own));
    }

    #[test]
    fn open_connections_carry_keys_on_this_computer_only() {
        for (base, fine) in [
            ("http://127.0.0.1:9", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:9", true),
            ("ws://localhost:9", true),
            ("http://app.localhost", true),
            ("https://far.test", true),
            ("http://far.test", false),
            ("ws://192.168.1.5", false),
            ("http://127.0.0.1.far.test", false),
            ("http://localhost.far.test", false),
        ] {
            let base = url(base);
            let bound = key_for(base.as_str(), TokenPlace::Bearer).bound_to(&base);
            assert_eq!(bound.is_ok(), fine, "{base}");
            assert!(Auth::none().bound_to(&base).is_ok());
        }
    }

    #[test]
    fn headers_without_a_token_are_bound_as_well() {
        let base = url("https://api.test");
        let auth = Auth::none()
            .with_header(HeaderName::from_static("x-api-key"), SecretString::from("k"))
            .bound_to(&base)
            .unwrap();
        assert_eq!(auth.headers_for(&base).len(), 1);
        assert_eq!(auth.headers_for(&url("https://other.test")).len(), 0);
        let broken = Auth::token(&base, SecretString::from("a\nb"), TokenPlace::Bearer);
        assert!(matches!(broken.bound_to(&base), Err(NetError::Invalid(_))));
    }

    #[test]
    fn a_login_goes_in_the_open_only_where_that_is_allowed() {
        let login = || PasswordLogin::new("me".to_owned(), SecretString::from("hunter2"));
        for (base, is_fine, is_open) in [
            ("http://127.0.0.1:9", true, false),
            ("https://far.test", true, false),
            ("http://192.168.1.5", false, true),
            ("ws://cam.local", false, true),
        ] {
            let base = url(base);
            assert_eq!(Auth::login(&base, login()).bound_to(&base).is_ok(), is_fine, "{base}");
            let allowed = Auth::login(&base, login().in_the_open(true)).bound_to(&base).unwrap();
            assert_eq!(allowed.is_open(), is_open, "{base}");
            assert!(allowed.login_for(&base).is_some());
            assert!(allowed.login_for(&url("https://other.test")).is_none());
        }
        let own = url("http://cam.local/video");
        let login = Auth::login(&own, login());
        assert!(login.login_for(&url("https://cam.local/video")).is_some());
        assert!(login.login_for(&url("https://cam.local:8443/video")).is_none());
        let own = url("https://cam.local/video");
        let login = Auth::login(&own, PasswordLogin::new("me".to_owned(), SecretString::from("x")));
        assert!(login.login_for(&url("http://cam.local/video")).is_none());
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?}", key_for("https://api.test", TokenPlace::Bearer));
        assert!(!printed.contains("sk_1") && !printed.contains("secret org"), "{printed}");
    }
}
