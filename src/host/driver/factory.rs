//! Makes the drivers of sessions: a Chromium of its own for each, or the bundled sample.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;

use super::{Driver, EventSink, chromium, sample};
use crate::host::chromium::{DownloadLimits, LaunchError, LaunchOptions, find};
use crate::host::error::HostError;
use crate::host::state::config::HostConfig;

/// Makes the driver of a new session. What happens in it is reported to the sink.
pub type DriverFactory = Arc<
    dyn Fn(CreateRequest, EventSink) -> BoxFuture<'static, Result<Arc<dyn Driver>, HostError>>
        + Send
        + Sync,
>;

/// The wishes for a new session.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateRequest {
    /// Whatever drives the session.
    pub kind: DriverKind,
    /// The page's size in CSS pixels.
    pub width: u32,
    /// The page's height in CSS pixels.
    pub height: u32,
    /// Pixels of the screen for each CSS pixel.
    pub scale: f64,
    /// The first page; `None` opens the host's own start page.
    pub start_url: Option<String>,
    /// The proxy that the browser starts with, if any.
    pub proxy: Option<String>,
}

/// What drives a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriverKind {
    /// A real browser.
    Browser,
    /// The bundled sample, which needs no browser.
    Sample,
}

/// Makes the factory of a real host, with a browser of the configured kind for every session.
pub(crate) fn browsers(config: &HostConfig, tracker: TaskTracker) -> DriverFactory {
    let (browser, no_sandbox) = (config.browser.clone(), config.no_chromium_sandbox);
    let downloads = config.downloads;
    Arc::new(move |request, events| {
        let (browser, tracker) = (browser.clone(), tracker.clone());
        async move {
            match request.kind {
                DriverKind::Browser => {
                    let browser = Starting { browser, no_sandbox, downloads };
                    launch(request, browser, events, &tracker).await
                }
                DriverKind::Sample => Ok(sample::sample(events, &tracker)),
            }
        }
        .boxed()
    })
}

/// How the host starts its browsers.
struct Starting {
    browser: Option<PathBuf>,
    no_sandbox: bool,
    downloads: DownloadLimits,
}

async fn launch(
    request: CreateRequest,
    starting: Starting,
    events: EventSink,
    tracker: &TaskTracker,
) -> Result<Arc<dyn Driver>, HostError> {
    // The browser is looked for each time, so that whoever installs one need not restart the host.
    let Starting { browser, no_sandbox, downloads } = starting;
    let browser = find(browser.as_deref()).map_err(|err| HostError::Launch(err.to_string()))?;
    let CreateRequest { width, height, scale, start_url, proxy, .. } = request;
    let options =
        LaunchOptions { browser, no_sandbox, width, height, scale, start_url, proxy, downloads };
    chromium::launch(options, events, tracker).await.map_err(|err| match &err {
        LaunchError::Address(_) | LaunchError::Proxy(_) | LaunchError::SocksLogin => {
            HostError::BadRequest(err.to_string())
        }
        LaunchError::Sandbox(_)
        | LaunchError::Start { .. }
        | LaunchError::Profile(_)
        | LaunchError::Died { .. } => HostError::Launch(err.to_string()),
        LaunchError::Silent(_) | LaunchError::Refused(_) | LaunchError::Unsupported => {
            HostError::Launch(err.to_string())
        }
    })
}
