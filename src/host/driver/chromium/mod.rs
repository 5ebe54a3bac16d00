//! Drives a real Chromium over its debugging pipe.
//!
//! One task, the [`actor`], owns everything that is known of the browser. Calls reach it as jobs in one queue, so they
//! go to the browser in the order in which they are made; what the browser says comes in a second queue. It never
//! waits for an answer: whoever made the call does.

mod actor;
mod address;
mod cast;
mod chooser;
mod clipboard;
mod console;
mod documents;
mod downloads;
mod extension;
mod failure;
mod file_drop;
mod find_text;
mod flood;
mod form_control;
mod history;
mod input;
mod jobs;
mod leave;
mod network;
mod page;
mod page_life;
mod place;
mod pointed;
mod script;
mod secret_field;
mod selection;
mod shortcut;
mod start_page;
mod tabs;
mod title;
mod uploads;
mod words;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{
    CastGuard, CastOptions, CastSink, CopiedContent, Driver, DriverError, DriverState, EventSink,
    ShotFormat, Upload,
};
use crate::host::cdp::{CallError, CdpClient};
use crate::host::chromium::{self, Launched, Proxy};
use crate::model::{
    FoundText, FramePoint, InputControl, PageControl, PageLife, PageScript, ScriptValue, TextSearch,
};
use actor::BrowserActor;
use clipboard::SessionClipboard;
use extension::Extension;
use failure::ended;
use jobs::{Job, TakenCalls};
use page::PageHandle;
use uploads::Uploads;

pub use crate::host::chromium::{LaunchError, LaunchOptions};
pub use start_page::START_URL;

/// So many jobs may wait for the browser. More mean that it hangs.
const JOBS: usize = 1024;
/// A cold start takes less than this, on a busy machine, too.
const START_WITHIN: Duration = Duration::from_secs(20);
/// The browser's process has this long to end after its pipe.
const END_WITHIN: Duration = Duration::from_secs(2);

/// Starts a browser and opens its first page. The browser ends with [`Driver::close`], with the last handle to the
/// driver, and with this process.
pub async fn launch(
    mut options: LaunchOptions,
    events: EventSink,
    tracker: &TaskTracker,
) -> Result<Arc<dyn Driver>, LaunchError> {
    let start_url = match options.start_url.take() {
        Some(typed) => {
            address::url_of(&typed).map_err(|err| LaunchError::Address(err.to_string()))?
        }
        None => START_URL.to_owned(),
    };
    let Launched { mut process, profile, commands, messages } =
        chromium::launch(&options, tracker)?;
    let (client, from_browser) = CdpClient::start(messages, commands, actor::is_wanted, tracker);
    let downloads = profile.downloads();
    let greeted = tokio::time::timeout(START_WITHIN, greet(&client, &downloads)).await;
    match greeted {
        Ok(Ok(())) => {}
        Ok(Err(CallError::Closed)) => {
            let status = match tokio::time::timeout(END_WITHIN, process.ended()).await {
                Ok(Ok(status)) => match chromium::killed_by(status) {
                    Some(signal) => format!("killed by {signal}"),
                    None => status.to_string(),
                },
                Ok(Err(err)) => err.to_string(),
                Err(_elapsed) => "it closed its pipe".to_owned(),
            };
            return Err(LaunchError::died(status, process.all_words().await));
        }
        Ok(Err(err)) => return Err(LaunchError::Refused(err.to_string())),
        Err(_elapsed) => return Err(LaunchError::Silent(START_WITHIN)),
    }

    let proxy = options.proxy.as_deref().map(Proxy::parse).transpose()?;
    let uploads = Arc::new(Uploads::new(profile.uploads()));
    let (extension, id) = extended(&client, &profile, proxy.as_ref()).await?;
    let clipboard = SessionClipboard::new(client.clone(), id);
    let (to_actor, jobs) = mpsc::channel(JOBS);
    let size = crate::model::FrameSize { width: options.width, height: options.height };
    let (state, state_seen) = watch::channel(DriverState {
        width: size.width,
        height: size.height,
        ..DriverState::default()
    });
    let (active, active_seen) = watch::channel(None);
    let tells_requests = Arc::<AtomicBool>::default();
    let (closing, finished) = (CancellationToken::new(), CancellationToken::new());
    let actor = BrowserActor::new(actor::ActorParts {
        client: client.clone(),
        clipboard: clipboard.clone(),
        process,
        profile,
        from_browser,
        jobs,
        events,
        state,
        active,
        size,
        scale: options.scale,
        download_limits: options.downloads,
        tells_requests: tells_requests.clone(),
        closing: closing.clone(),
        finished: finished.clone(),
    });
    tracker.spawn(actor.run());
    let driver = ChromiumDriver {
        jobs: to_actor,
        state: state_seen,
        active: active_seen,
        client,
        clipboard,
        extension: Arc::new(Mutex::new(extension)),
        uploads,
        printer: Arc::default(),
        tells_requests,
        closing,
        finished,
        tracker: tracker.clone(),
    };
    // Events tell whether the page can be loaded. The session stands either way.
    if let Err(err) = driver.new_tab(Some(start_url)).await {
        driver.close().await;
        return Err(LaunchError::Refused(err.to_string()));
    }
    Ok(Arc::new(driver))
}

/// Asks the browser to tell of its tabs and downloads, and to hold new tabs until they are ours.
async fn greet(client: &CdpClient, downloads: &std::path::Path) -> Result<(), CallError> {
    let calls = [
        ("Target.setDiscoverTargets", json!({ "discover": true, "filter": [{ "type": "page" }] })),
        (
            "Browser.setDownloadBehavior",
            json!({ "behavior": "allowAndName", "downloadPath": downloads, "eventsEnabled": true }),
        ),
        (
            "Target.setAutoAttach",
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": [{ "type": "page" }] }),
        ),
    ];
    for (method, params) in calls {
        client.call::<Value>(None, method, params, START_WITHIN).await?;
    }
    Ok(())
}

/// Gives the browser our extension, and returns its id. Without it everything works but proxies with a login, a change
/// of proxy, and the clipboard.
async fn extended(
    client: &CdpClient,
    profile: &chromium::Profile,
    proxy: Option<&Proxy>,
) -> Result<(Extension, Option<String>), LaunchError> {
    let mut extension = Extension::new(client.clone(), profile);
    let id = extension.install().await.inspect_err(|why| {
        tracing::warn!(why, "The browser took no extension, so its proxy can't be changed and its clipboard not shared");
    });
    // A proxy without a login is on the command line.
    if let Some(proxy) = proxy.filter(|proxy| proxy.has_login()) {
        let set = extension.set_proxy(proxy).await;
        set.map_err(|why| LaunchError::Refused(format!("it can't log in at the proxy: {why}")))?;
    }
    Ok((extension, id.ok()))
}

struct ChromiumDriver {
    jobs: mpsc::Sender<Job>,
    state: watch::Receiver<DriverState>,
    /// The id of the active tab.
    active: watch::Receiver<Option<String>>,
    client: CdpClient,
    clipboard: Arc<SessionClipboard>,
    extension: Arc<Mutex<Extension>>,
    uploads: Arc<Uploads>,
    /// One page is printed at a time, because what is printed is large.
    printer: Arc<Mutex<()>>,
    /// Whether every request of the pages is told.
    tells_requests: Arc<AtomicBool>,
    closing: CancellationToken,
    finished: CancellationToken,
    tracker: TaskTracker,
}

impl ChromiumDriver {
    /// Puts a job in the queue now, not when the answer is awaited: that is what keeps the order.
    fn queue<T: Send + 'static>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, DriverError>>) -> Job,
    ) -> BoxFuture<'static, Result<T, DriverError>> {
        let (answer, answered) = oneshot::channel();
        let queued = self.jobs.try_send(job(answer));
        let state = self.state.clone();
        async move {
            match queued {
                Ok(()) => answered.await.unwrap_or_else(|_dropped| Err(ended(&state))),
                Err(mpsc::error::TrySendError::Full(_)) => Err(DriverError::Failed(
                    "The browser does not keep up with what is asked of it. Wait a moment and try again".to_owned(),
                )),
                Err(mpsc::error::TrySendError::Closed(_)) => Err(ended(&state)),
            }
        }
        .boxed()
    }

    fn take(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<TakenCalls, DriverError>>) -> Job,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        let taken = self.queue(job);
        let state = self.state.clone();
        async move { taken.await?.settled(state).await }.boxed()
    }

    fn page(&self, tab: Option<String>) -> BoxFuture<'static, Result<PageHandle, DriverError>> {
        self.queue(|page| Job::Page { tab, page })
    }
}

impl Drop for ChromiumDriver {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

impl Driver for ChromiumDriver {
    fn input(
        &self,
        tab: Option<String>,
        input: InputControl,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.take(|taken| Job::Input { tab, input, taken })
    }

    fn command(
        &self,
        tab: Option<String>,
        command: PageControl,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.take(|taken| Job::Command { tab, command, taken })
    }

    fn release_all(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        self.take(|taken| Job::ReleaseAll { taken })
    }

    fn screenshot(
        &self,
        tab: Option<String>,
        format: ShotFormat,
    ) -> BoxFuture<'static, Result<Bytes, DriverError>> {
        let page = self.page(tab);
        async move { page.await?.screenshot(format).await }.boxed()
    }

    fn pdf(&self, tab: Option<String>) -> BoxFuture<'static, Result<Bytes, DriverError>> {
        let page = self.page(tab);
        let printer = self.printer.clone();
        async move {
            let page = page.await?;
            let _turn = printer.lock().await;
            page.pdf().await
        }
        .boxed()
    }

    fn html(&self, tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        let page = self.page(tab);
        async move { page.await?.html().await }.boxed()
    }

    fn run_script(
        &self,
        tab: Option<String>,
        script: PageScript,
    ) -> BoxFuture<'static, Result<ScriptValue, DriverError>> {
        let page = self.page(tab);
        async move { page.await?.run_script(&script).await }.boxed()
    }

    fn page_context(&self, tab: Option<String>) -> BoxFuture<'static, Result<Value, DriverError>> {
        let page = self.page(tab);
        async move { Ok(page.await?.context().await) }.boxed()
    }

    fn new_tab(&self, url: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        self.queue(|made| Job::NewTab { url, made })
    }

    fn types_secret(&self, tab: Option<String>) -> BoxFuture<'static, bool> {
        let page = self.queue(|page| Job::Page { tab, page });
        Box::pin(async move {
            match page.await {
                Ok(page) => page.types_secret().await,
                Err(_) => true,
            }
        })
    }

    fn tell_requests(&self, on: bool) {
        self.tells_requests.store(on, Ordering::Relaxed);
    }

    fn page_life(&self) -> BoxFuture<'static, PageLife> {
        let page = self.queue(|page| Job::Page { tab: None, page });
        Box::pin(async move {
            match page.await {
                Ok(page) => page.life().await,
                Err(_) => PageLife::Stuck,
            }
        })
    }

    fn find(
        &self,
        tab: Option<String>,
        search: TextSearch,
    ) -> BoxFuture<'static, Result<FoundText, DriverError>> {
        self.queue(|found| Job::Find { tab, search, found })
    }

    fn set_viewport(
        &self,
        tab: Option<String>,
        width: u32,
        height: u32,
        scale: f64,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        self.take(|taken| Job::Viewport { tab, width, height, scale: Some(scale), taken })
    }

    fn upload(
        &self,
        tab: Option<String>,
        file: Upload,
    ) -> BoxFuture<'static, Result<String, DriverError>> {
        let page = self.queue(|page| Job::Files { tab, page });
        let uploads = self.uploads.clone();
        async move {
            let (page, chooser, _) = page.await?;
            uploads.give(&page, chooser, file).await?;
            Ok(page.tab_id)
        }
        .boxed()
    }

    fn drop_files(
        &self,
        tab: Option<String>,
        files: Vec<Upload>,
        at: FramePoint,
    ) -> BoxFuture<'static, Result<String, DriverError>> {
        let page = self.queue(|page| Job::Files { tab, page });
        let uploads = self.uploads.clone();
        async move {
            let (page, chooser, viewport) = page.await?;
            uploads.drop_at(&page, chooser, files, at.in_frame(viewport)).await?;
            Ok(page.tab_id)
        }
        .boxed()
    }

    fn watch_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        let clipboard = self.clipboard.clone();
        async move { clipboard.watch().await.map_err(DriverError::Failed) }.boxed()
    }

    fn copied(&self) -> BoxFuture<'static, Result<CopiedContent, DriverError>> {
        let clipboard = self.clipboard.clone();
        async move { clipboard.read().await.map_err(DriverError::Failed) }.boxed()
    }

    fn clear_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>> {
        self.take(|taken| Job::ClearClipboard { taken })
    }

    fn selection(&self, tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>> {
        let page = self.page(tab);
        async move { page.await?.selection().await }.boxed()
    }

    fn change_proxy(&self, url: String) -> BoxFuture<'static, Result<(), DriverError>> {
        let (extension, state) = (self.extension.clone(), self.state.clone());
        async move {
            let proxy =
                Proxy::parse(&url).map_err(|err| DriverError::BadRequest(err.to_string()))?;
            let set = extension.lock().await.set_proxy(&proxy).await;
            if state.borrow().ended.is_some() {
                return Err(ended(&state));
            }
            set.map_err(|why| {
                DriverError::Failed(format!(
                    "The browser did not change its proxy: {why}. Create a new session with proxy_url"
                ))
            })
        }
        .boxed()
    }

    fn cast(
        &self,
        options: CastOptions,
        sink: CastSink,
    ) -> BoxFuture<'static, Result<CastGuard, DriverError>> {
        if self.state.borrow().ended.is_some() {
            return std::future::ready(Err(ended(&self.state))).boxed();
        }
        let stop = CancellationToken::new();
        let cast = cast::TabScreencast {
            client: self.client.clone(),
            options,
            sink,
            active: self.active.clone(),
            state: self.state.clone(),
        };
        self.tracker.spawn(cast.run(stop.clone()));
        std::future::ready(Ok(CastGuard(Box::new(stop.drop_guard())))).boxed()
    }

    fn state(&self) -> watch::Receiver<DriverState> {
        self.state.clone()
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.closing.cancel();
        self.finished.clone().cancelled_owned().boxed()
    }
}
