//! This is the embedded session host: it drives a real Chromium and serves it in the computers API.
//!
//! PROTOCOL.md beside this file has the routes, the events and the socket's messages.

mod action;
mod bundled;
mod camera;
pub mod cdp;
mod chat;
pub mod chromium;
pub mod driver;
mod error;
mod grant;
mod hooks;
mod http;
mod hub;
pub mod keys;
mod once;
mod random;
mod routes;
mod session;
mod socket;
mod state;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use url::Url;

pub use camera::DEMO_CAMERAS;
pub use chat::config::ChatConfig;
pub use chromium::DownloadLimits;
pub use driver::factory::{CreateRequest, DriverFactory, DriverKind};
pub use error::HostError;
pub use http::origins::{AllowedOrigin, AnswerHeader};
pub use state::config::{HostConfig, MAX_HISTORY};

use camera::Cameras;
use chat::HostChats;
use driver::factory;
use grant::GrantBook;
use hooks::Hooks;
use http::door::Door;
use http::guard::Guard;
use http::repeats::Repeats;
use http::{listen, server};
use once::OnceByKey;
use routes::HostServices;
use state::HostState;
use state::registry::SessionRegistry;
use state::tasks::HostTasks;

/// A host has at most so many sessions. Browsers are heavy, and more at once is a mistake somewhere.
const MAX_SESSIONS: usize = 16;
/// Everything may take this long to end in order.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// A running host. Dropping it ends it at once; [`Host::shutdown`] ends it in order.
pub struct Host {
    base_url: Url,
    token: SecretString,
    registry: Arc<SessionRegistry>,
    hooks: Arc<Hooks>,
    tasks: HostTasks,
}

impl Host {
    /// Starts a host on `rt` that launches a browser for every session. Fails where the configuration or the address
    /// can't be used.
    pub async fn start(config: HostConfig, rt: &Handle) -> Result<Self, HostError> {
        let tasks = HostTasks::default();
        let factory = factory::browsers(&config, tasks.tracker.clone());
        Self::listen(config, factory, tasks, rt)
    }

    /// Starts a host whose sessions `factory` drives.
    pub async fn start_with(
        config: HostConfig,
        factory: DriverFactory,
        rt: &Handle,
    ) -> Result<Self, HostError> {
        Self::listen(config, factory, HostTasks::default(), rt)
    }

    fn listen(
        config: HostConfig,
        factory: DriverFactory,
        tasks: HostTasks,
        rt: &Handle,
    ) -> Result<Self, HostError> {
        let config = config.checked()?;
        let token = config.token_or_random()?;
        let (listeners, addr) = {
            let _entered = rt.enter();
            listen::bind(config.listen, config.ipv6_too)?
        };
        let base_url = base_url(addr);
        let grants = Arc::new(GrantBook::new(&token, tasks.clone())?);
        let guard = Arc::new(Guard::new(
            grants.clone(),
            addr.port(),
            !addr.ip().is_loopback(),
            config.allow_origins.clone(),
        ));
        let registry = Arc::new(SessionRegistry::default());
        let chats = HostChats::new(config.chat.as_ref(), registry.clone(), tasks.clone())?;
        let services = HostServices {
            cameras: Arc::new(Cameras::new(tasks.clone())),
            chats: Arc::new(chats),
            hooks: Arc::new(Hooks::new(&config)?),
        };
        let state = Arc::new(HostState {
            base_url: base_url.clone(),
            config,
            factory,
            grants,
            registry: registry.clone(),
            acts: OnceByKey::default(),
            session_permits: Arc::new(Semaphore::new(MAX_SESSIONS)),
            tasks: tasks.clone(),
        });
        let server = server::Server { door: Door::default(), tasks: tasks.clone() };
        let repeats = Arc::new(Repeats::new(tasks.tracker.clone()));
        let router = routes::router(state, &services, guard, &repeats);
        for listener in listeners {
            tasks.tracker.spawn_on(server.clone().run(listener, router.clone()), rt);
        }
        Ok(Self { base_url, token, registry, hooks: services.hooks, tasks })
    }

    /// Returns the address at which the host is reached, with a slash at the end.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Returns the token that every request has to carry.
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Takes no more requests, ends the sessions, and lets streams have their final event. This takes 5 s at most.
    pub async fn shutdown(self) {
        self.tasks.closing.cancel();
        self.hooks.close();
        let sessions = self.registry.close();
        let in_order = async {
            join_all(sessions.iter().map(|session| session.end("the host is shutting down"))).await;
            self.tasks.tracker.close();
            self.tasks.tracker.wait().await;
        };
        if tokio::time::timeout(SHUTDOWN, in_order).await.is_err() {
            tracing::warn!("The host did not end in time, so what was left is cut off");
        }
        self.tasks.kill.cancel();
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.tasks.closing.cancel();
        self.tasks.kill.cancel();
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
