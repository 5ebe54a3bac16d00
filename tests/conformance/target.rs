//! What is put to the test: a service, how to reach it, and what may be expected of it.

use helmsight::host::{Host, HostConfig, chromium};
use helmsight::model::{FrameSize, SessionKind, SessionSummary};
use helmsight::net::{Auth, Client, TokenPlace};
use helmsight::session::{ComputersService, NewSessionRequest};
use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::runtime::Handle;
use url::Url;

use crate::dialect::Dialect;
use crate::relay::Relay;
use crate::service::Service;

pub(crate) const TOKEN: &str = "sk_0123456789abcdef_conformance";

pub(crate) struct Target {
    pub(crate) name: String,
    /// The server itself.
    pub(crate) base: Url,
    pub(crate) token: String,
    pub(crate) request: NewSessionRequest,
    /// Whether its pages do what they are asked; a recording does not.
    pub(crate) acts: bool,
    /// Whether every path works with and without `/v1`.
    pub(crate) both_forms: bool,
    /// Between the client and the server.
    pub(crate) relay: Relay,
    _server: Server,
}

enum Server {
    Ours(#[expect(dead_code, reason = "kept running")] Service),
    Host(#[expect(dead_code, reason = "kept running")] Host),
    Elsewhere,
}

impl Target {
    pub(crate) async fn service(dialect: Dialect) -> Self {
        let service = Service::start(dialect, TOKEN).await;
        let (name, base) = (format!("service, {}", dialect.name), service.base.clone());
        Self::new(name, base, TOKEN, SessionKind::Browser, Server::Ours(service)).await
    }

    pub(crate) async fn sample_host() -> Self {
        let name = "host with the sample";
        Self::host_with(name, SessionKind::Sample, HostConfig::default()).await
    }

    pub(crate) async fn host_with(name: &str, kind: SessionKind, config: HostConfig) -> Self {
        let config =
            HostConfig { no_chromium_sandbox: chromium::sandbox_problem().is_some(), ..config };
        let host = Host::start(config, &Handle::current()).await.unwrap();
        let base = host.base_url().clone();
        let token = host.token().expose_secret().to_owned();
        Self::new(name.to_owned(), base, &token, kind, Server::Host(host)).await
    }

    /// `None`: there is no browser to test with.
    pub(crate) async fn browser_host() -> Option<Self> {
        match chromium::find(None) {
            Ok(_) => (),
            Err(err) if std::env::var("REQUIRE_CHROMIUM").is_ok_and(|value| value == "1") => {
                panic!("{err}")
            }
            Err(err) => {
                eprintln!("SKIPPED: {err}");
                return None;
            }
        }
        let name = "host with a browser";
        Some(Self::host_with(name, SessionKind::Browser, HostConfig::default()).await)
    }

    /// The service at `CONFORMANCE_URL`, with the key in `CONFORMANCE_TOKEN`.
    pub(crate) async fn elsewhere() -> Option<Self> {
        let Ok(url) = std::env::var("CONFORMANCE_URL") else {
            eprintln!("SKIPPED: set CONFORMANCE_URL");
            return None;
        };
        let base: Url = url.parse().expect("CONFORMANCE_URL is an address");
        // The relay speaks no TLS: put a reverse proxy in front of such a service.
        assert_eq!(base.scheme(), "http", "CONFORMANCE_URL begins with http:");
        let token = std::env::var("CONFORMANCE_TOKEN").unwrap_or_default();
        Some(Self::new(url, base, &token, SessionKind::Browser, Server::Elsewhere).await)
    }

    async fn new(name: String, base: Url, token: &str, kind: SessionKind, server: Server) -> Self {
        // Another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            name,
            relay: Relay::start(&base).await,
            base,
            token: token.to_owned(),
            request: NewSessionRequest {
                kind,
                size: Some(FrameSize { width: 640, height: 360 }),
                ..NewSessionRequest::default()
            },
            acts: kind == SessionKind::Browser,
            both_forms: matches!(server, Server::Host(_)),
            _server: server,
        }
    }

    pub(crate) fn auth(&self, base: &Url) -> Auth {
        Auth::token(base, SecretString::from(self.token.as_str()), TokenPlace::Bearer)
    }

    /// To the server itself.
    pub(crate) fn direct(&self) -> Client {
        Client::new(self.base.clone(), self.auth(&self.base)).unwrap()
    }

    /// Through the relay.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.relay.base.clone(), self.auth(&self.relay.base)).unwrap()
    }

    pub(crate) async fn create(&self) -> SessionSummary {
        let client = ComputersService::new(self.direct());
        client.create(&self.request).await.unwrap()
    }

    pub(crate) async fn end(&self, id: &str) {
        ComputersService::new(self.direct()).end(id).await.unwrap();
    }

    /// Status and body, without our client in between; `Null` where the body is not JSON.
    pub(crate) async fn raw(&self, method: Method, path: &str, token: &str) -> (u16, Value) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.request(method, self.base.join(path).unwrap()).bearer_auth(token);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}
