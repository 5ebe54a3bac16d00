//! Defines the HTTP client. There is one per credential, and it limits everything that a server sends.

mod answer;
mod body;
mod cookies;
mod fetch;
mod file;
mod proxy;

#[cfg(test)]
mod proxy_tests;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use self::cookies::CookieJar;
use super::NetError;
use super::auth::Auth;
use super::error::root_cause;
use super::reach::Reach;
use super::tls::{self, Versions};

pub(super) use self::answer::{Answer, plain_words};
pub use self::body::{BodyOptions, BodyStream};
use self::fetch::not_connected;
pub(super) use self::fetch::{Fetch, HEAD_LIMIT};
pub use self::file::FileStream;
use crate::base::place::is_loopback;
use crate::base::{json, redact};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const TOTAL_LIMIT: Duration = Duration::from_secs(60);
const MAX_JSON: usize = 16 << 20;
const MAX_PICTURE: usize = 32 << 20;
const MAX_DOCUMENT: usize = 64 << 20;
const MAX_HEADERS: usize = 1_000;
const MAX_HEAD: usize = 64 << 10;

/// Talks to one service with one credential. It is cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<ClientInner>,
}

struct ClientInner {
    base: Url,
    auth: Auth,
    /// What servers hand out to know the client again, as cameras do at a login.
    cookies: CookieJar,
    /// Client without a proxy, as for this computer.
    direct: reqwest::Client,
    /// Client that uses the system's proxy.
    proxied: reqwest::Client,
    /// Client for servers that another server named. Most clients never need one.
    public: OnceLock<reqwest::Client>,
    /// Client for a login in the open, which never leaves the private network.
    private: OnceLock<reqwest::Client>,
}

impl Client {
    /// Makes a client for `base`, to whose origin an unbound `auth` is bound. Fails where the address cannot be used or
    /// the credential could not be sent safely.
    pub fn new(base: Url, auth: Auth) -> Result<Self, NetError> {
        let base = usable(base)?;
        let auth = auth.bound_to(&base)?;
        let direct = build(Versions::Http1Or2, ProxyUse::Never, Reach::Anywhere)?;
        let proxied = build(Versions::Http1Or2, ProxyUse::System, Reach::Anywhere)?;
        let (cookies, public, private) = Default::default();
        let inner = ClientInner { base, auth, cookies, direct, proxied, public, private };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns a client with the same credential for another address of its server.
    pub fn at(&self, base: Url) -> Result<Self, NetError> {
        Self::new(base, self.inner.auth.clone())
    }

    /// Tells whether both share one address and one credential.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Returns the address that paths are relative to.
    pub fn base(&self) -> &Url {
        &self.inner.base
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.inner.auth
    }

    /// Sends a request and reads JSON; an empty answer is `Null`. `path` is relative to the base, or a whole URL.
    pub async fn json(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, NetError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, */*;q=0.5"));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.map(|body| Bytes::from(body.to_string()));
        let bytes = self.whole(method, path, headers, body, MAX_JSON, "JSON answer").await?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Value::Null);
        }
        json::document_of(&bytes).map_err(|err| {
            NetError::NotUnderstood(format!("The answer is not JSON: {}", root_cause(&err)))
        })
    }

    /// Sends a request once and hands over the answer's body as it arrives, whatever its media type.
    pub async fn stream(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        options: BodyOptions,
    ) -> Result<BodyStream, NetError> {
        BodyStream::open(self, method, self.resolve(path)?, body, options).await
    }

    /// Fetches a picture.
    pub async fn bytes(&self, path: &str) -> Result<Bytes, NetError> {
        self.whole(Method::GET, path, HeaderMap::new(), None, MAX_PICTURE, "picture").await
    }

    /// Fetches a document that is printed.
    pub async fn document(&self, path: &str) -> Result<Bytes, NetError> {
        self.whole(Method::GET, path, HeaderMap::new(), None, MAX_DOCUMENT, "document").await
    }

    /// Sends one request with this client's credential.
    pub(super) async fn fetch(&self, request: Fetch) -> Result<Answer, NetError> {
        self.fetch_as(&self.inner.auth, request).await
    }

    /// Fetches one whole body of at most `max` bytes within the total time.
    async fn whole(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Option<Bytes>,
        max: usize,
        what: &'static str,
    ) -> Result<Bytes, NetError> {
        let url = self.resolve(path)?;
        let request = Fetch {
            method,
            url,
            headers,
            private: HeaderMap::new(),
            body,
            // The head has the total time, because the answer to an action such as a navigation may take long.
            head_limit: TOTAL_LIMIT,
            versions: Versions::Http1Or2,
        };
        timeout(TOTAL_LIMIT, async {
            let answer = self.fetch(request).await?;
            if !answer.status().is_success() {
                return Err(answer.refusal().await);
            }
            answer.refuse_coded()?;
            answer.body(max, what).await
        })
        .await
        .unwrap_or_else(|_elapsed| Err(no_answer_within(TOTAL_LIMIT)))
    }

    /// Returns `path` below the base, or `path` itself if it is a whole URL.
    pub(super) fn resolve(&self, path: &str) -> Result<Url, NetError> {
        let mut base = self.inner.base.clone();
        if path.is_empty() {
            return Ok(base);
        }
        if !base.path().ends_with('/') {
            let folder = format!("{}/", base.path());
            base.set_path(&folder);
        }
        let url = base
            .join(path)
            .map_err(|err| NetError::Invalid(format!("The address cannot be used: {err}")))?;
        usable(url)
    }

    /// Sends one request. Fails where the user's server must not lead to its address.
    async fn execute(
        &self,
        request: reqwest::Request,
        versions: Versions,
    ) -> Result<reqwest::Response, NetError> {
        let url = request.url().clone();
        let mut reach = Reach::of(&self.inner.base, &url)?;
        if reach == Reach::Anywhere && url.scheme() == "http" && self.inner.auth.is_open() {
            reach = Reach::OwnNetwork;
            reach.check(&url)?;
        }
        let proxy = match reach {
            Reach::OwnNetwork => None,
            _ if is_loopback(&url) => None,
            Reach::Anywhere | Reach::Internet => proxy::of(&url)?,
        };
        if let Some(proxy) = &proxy {
            reach.check_for_proxy(&url).await?;
            let passes_pages = proxy.uri().scheme_str().is_some_and(|it| it.starts_with("http"));
            if versions == Versions::Http1 && url.scheme() == "http" && passes_pages {
                return proxy::through_tunnel(proxy, request).await;
            }
        }
        let wire = self.wire(versions, proxy.is_some(), reach)?;
        wire.execute(request).await.map_err(|err| not_connected(&err, &url, proxy.as_ref()))
    }

    fn wire(
        &self,
        versions: Versions,
        is_proxied: bool,
        reach: Reach,
    ) -> Result<reqwest::Client, NetError> {
        let proxy = if is_proxied { ProxyUse::System } else { ProxyUse::Never };
        match (versions, proxy, reach) {
            (Versions::Http1Or2, ProxyUse::System, _) => Ok(self.inner.proxied.clone()),
            (Versions::Http1Or2, ProxyUse::Never, Reach::Anywhere) => Ok(self.inner.direct.clone()),
            (Versions::Http1Or2, ProxyUse::Never, Reach::Internet | Reach::OwnNetwork) => {
                let kept = match reach {
                    Reach::OwnNetwork => &self.inner.private,
                    _ => &self.inner.public,
                };
                if let Some(client) = kept.get() {
                    return Ok(client.clone());
                }
                let client = build(versions, proxy, reach)?;
                Ok(kept.get_or_init(|| client).clone())
            }
            // The client is not kept, because an upgraded connection leaves its pool.
            (Versions::Http1, ..) => build(versions, proxy, reach),
        }
    }
}

impl fmt::Debug for Client {
    /// Prints the origin only, because the address may hold a token, too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.inner.base.host_str().unwrap_or_default()).finish()
    }
}

fn no_answer_within(limit: Duration) -> NetError {
    NetError::Lost(format!("The server did not answer within {} s", limit.as_secs()))
}

/// Returns `url` with `http` or `https` in the place of `ws` or `wss`. Fails for other schemes and where the address
/// holds a password.
fn usable(mut url: Url) -> Result<Url, NetError> {
    let scheme = upgraded_from(url.scheme());
    if scheme.is_none() && !matches!(url.scheme(), "http" | "https") {
        return Err(NetError::Invalid(format!(
            "Addresses begin with http or https, not with {}",
            url.scheme()
        )));
    }
    if redact::has_login(&url) {
        return Err(NetError::Invalid(
            "A password does not belong in the address; use a header".to_owned(),
        ));
    }
    if let Some(scheme) = scheme {
        url.set_scheme(scheme).expect("one special scheme may replace another");
    }
    url.set_fragment(None);
    Ok(url)
}

/// Returns the scheme of the request from which a WebSocket with this scheme is upgraded.
fn upgraded_from(scheme: &str) -> Option<&'static str> {
    match scheme {
        "ws" => Some("http"),
        "wss" => Some("https"),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ProxyUse {
    Never,
    System,
}

fn build(versions: Versions, proxy: ProxyUse, reach: Reach) -> Result<reqwest::Client, NetError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(versions))
        .user_agent(concat!("helmsight/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_LIMIT)
        .tcp_nodelay(true)
        // Cameras write heads that no standard allows any more, or never did.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEAD as u32);
    builder = match proxy {
        // The session host closes an idle connection after 5 s. A connection that was idle for nearly as long could
        // break under a request.
        ProxyUse::Never => builder.no_proxy().pool_idle_timeout(Duration::from_secs(2)),
        ProxyUse::System => builder,
    };
    // A proxy is found by its name, too, and may be anywhere.
    if proxy == ProxyUse::Never && reach != Reach::Anywhere {
        builder = builder.dns_resolver(reach);
    }
    builder = match versions {
        Versions::Http1Or2 => builder,
        Versions::Http1 => builder.http1_only(),
    };
    builder.build().map_err(|err| {
        NetError::Invalid(format!("The network cannot be set up: {}", root_cause(&err)))
    })
}
