//! The drivers of real sessions: a Chromium of its own for each, or the bundled sample.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio_util::task::TaskTracker;

use super::{Driver, EventSink, chromium, sample};
use crate::host::chromium::{LaunchError, LaunchOptions, find};
use crate::host::{CreateRequest, DriverFactory, HostConfig, HostError, SessionKind};

pub(crate) fn browsers(config: &HostConfig, tracker: TaskTracker) -> DriverFactory {
    let (browser, no_sandbox) = (config.browser.clone(), config.no_chromium_sandbox);
    Arc::new(move |request, events| {
        let (browser, tracker) = (browser.clone(), tracker.clone());
        async move {
            match request.kind {
                SessionKind::Browser => {
                    launch(request, browser, no_sandbox, events, &tracker).await
                }
                SessionKind::Sample => Ok(sample::sample(events, &tracker)),
            }
        }
        .boxed()
    })
}

async fn launch(
    request: CreateRequest,
    browser: Option<PathBuf>,
    no_sandbox: bool,
    events: EventSink,
    tracker: &TaskTracker,
) -> Result<Arc<dyn Driver>, HostError> {
    // Looked for each time: who installs one need not restart the host.
    let browser = find(browser.as_deref()).map_err(|err| HostError::Launch(err.to_string()))?;
    let CreateRequest { width, height, scale, start_url, proxy, .. } = request;
    let options = LaunchOptions { browser, no_sandbox, width, height, scale, start_url, proxy };
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
