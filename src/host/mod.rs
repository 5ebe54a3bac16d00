//! The embedded session host: drives a real Chromium and serves it in the computers API.
//!
//! PROTOCOL.md beside this file has the routes, the events and the socket's messages.

mod action;
mod camera;
pub mod cdp;
mod chat;
pub mod chromium;
pub mod driver;
mod error;
mod hooks;
mod http;
mod hub;
pub mod keys;
mod recording;
mod redact;
mod routes;
mod session;
mod socket;
mod state;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

pub use camera::DEMO_CAMERAS;
pub use chat::ChatConfig;
pub use error::HostError;
pub use state::config::HostConfig;

use camera::Cameras;
use driver::{Driver, EventSink, factory};
use hooks::Hooks;
use http::guard::Guard;
use http::{listen, server};
use routes::Shared;
use state::registry::Registry;

/// Browsers are heavy; more at once than this is a mistake somewhere.
const MAX_SESSIONS: usize = 16;
/// How long everything may take to end in order.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// Makes the driver of a new session. What happens in it is reported to the sink.
pub type DriverFactory = Arc<
    dyn Fn(CreateRequest, EventSink) -> BoxFuture<'static, Result<Arc<dyn Driver>, HostError>>
        + Send
        + Sync,
>;

/// What a new session should be.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateRequest {
    pub kind: SessionKind,
    /// The page's size in CSS pixels.
    pub width: u32,
    pub height: u32,
    pub scale: f64,
    /// `None`: the host's own start page.
    pub start_url: Option<String>,
    pub proxy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// A real browser.
    Browser,
    /// The bundled sample, which needs none.
    Sample,
}

/// A running host. Dropping it ends it at once; [`Host::shutdown`] ends it in order.
#[derive(Debug)]
pub struct Host {
    base_url: Url,
    token: SecretString,
    shared: Arc<Shared>,
    closing: CancellationToken,
    kill: CancellationToken,
    tracker: TaskTracker,
}

impl Host {
    /// Starts a host on `rt` that launches a browser for every session.
    pub async fn start(config: HostConfig, rt: &Handle) -> Result<Self, HostError> {
        let tracker = TaskTracker::new();
        let factory = factory::browsers(&config, tracker.clone());
        Self::listen(config, factory, tracker, rt)
    }

    /// Starts a host whose sessions `factory` drives.
    pub async fn start_with(
        config: HostConfig,
        factory: DriverFactory,
        rt: &Handle,
    ) -> Result<Self, HostError> {
        Self::listen(config, factory, TaskTracker::new(), rt)
    }

    fn listen(
        config: HostConfig,
        factory: DriverFactory,
        tracker: TaskTracker,
        rt: &Handle,
    ) -> Result<Self, HostError> {
        let config = config.checked()?;
        let token = config.token_or_random()?;
        let (listeners, addr) = {
            let _entered = rt.enter();
            listen::bind(config.listen, config.ipv6_too)?
        };
        let base_url = base_url(addr);
        let guard = Arc::new(Guard::new(token.clone(), addr.port(), !addr.ip().is_loopback()));
        let chats = chat::Chats::new(config.chat.as_ref())?;
        let (closing, kill) = (CancellationToken::new(), CancellationToken::new());
        let shared = Arc::new(Shared {
            base_url: base_url.clone(),
            cameras: Cameras::new(),
            hooks: Hooks::new(&config),
            config,
            factory,
            registry: Registry::default(),
            chats,
            places: Arc::new(Semaphore::new(MAX_SESSIONS)),
            tracker: tracker.clone(),
            closing: closing.clone(),
            kill: kill.clone(),
        });
        let server = server::Server {
            places: Arc::new(Semaphore::new(server::MAX_CONNECTIONS)),
            closing: closing.clone(),
            kill: kill.clone(),
            tracker: tracker.clone(),
        };
        let router = routes::router(shared.clone(), guard);
        for listener in listeners {
            tracker.spawn_on(server.clone().run(listener, router.clone()), rt);
        }
        Ok(Self { base_url, token, shared, closing, kill, tracker })
    }

    /// Where it is reached, with a slash at the end.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// What every request has to carry.
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Takes no more requests, ends the sessions, lets streams have their final event; done within 5 s.
    pub async fn shutdown(self) {
        self.closing.cancel();
        self.shared.hooks.close();
        let sessions = self.shared.registry.close();
        let in_order = async {
            join_all(sessions.iter().map(|session| session.end("the host is shutting down"))).await;
            self.tracker.close();
            self.tracker.wait().await;
        };
        if tokio::time::timeout(SHUTDOWN, in_order).await.is_err() {
            tracing::warn!("the host did not end in time; what was left is cut off");
        }
        self.kill.cancel();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.closing.cancel();
        self.kill.cancel();
    }
}

fn base_url(addr: std::net::SocketAddr) -> Url {
    let ip = match addr.ip() {
        ip if ip.is_unspecified() && ip.is_ipv4() => std::net::Ipv4Addr::LOCALHOST.into(),
        ip if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let addr = std::net::SocketAddr::new(ip, addr.port());
    Url::parse(&format!("http://{addr}/")).expect("an address makes a URL")
}
