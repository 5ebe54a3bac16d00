//! This is the task that owns the browser: it takes jobs in order, and folds events into the session's state.

mod barrier;
mod clipboard;
mod commands;
mod events;
mod finds;
mod form_controls;
mod navigation;
mod new_tab;
mod perform;
mod pointing;
mod pulse;
mod shortcuts;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, FuturesUnordered};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::host::cdp::{CallError, CdpClient, CdpEvent, Reply};
use crate::host::chromium::{DownloadLimits, Process, Profile, ending};
use crate::host::driver::chromium::clipboard::SessionClipboard;
use crate::host::driver::chromium::downloads::Downloads;
use crate::host::driver::chromium::failure::failed;
use crate::host::driver::chromium::flood::Flood;
use crate::host::driver::chromium::history::TabHistory;
use crate::host::driver::chromium::input::Calls;
use crate::host::driver::chromium::jobs::Job;
use crate::host::driver::chromium::tabs::Tabs;
use crate::host::driver::{DriverError, DriverEvent, DriverState, EventSink};
use crate::model::{EventKind, FrameSize, Modifiers, MouseButton, PageControl, PressedShortcut};
pub(super) use barrier::SearchAnswer;
use barrier::{Barrier, Made};
pub(super) use events::is_wanted;
use form_controls::PlacedControl;
use pointing::PlacedMenu;
use pulse::Beat;

/// A browser that was asked to close has this long for it.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// What the actor is made from.
pub(super) struct ActorParts {
    pub(super) client: CdpClient,
    pub(super) clipboard: Arc<SessionClipboard>,
    pub(super) process: Process,
    pub(super) profile: Profile,
    pub(super) from_browser: mpsc::Receiver<CdpEvent>,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) events: EventSink,
    pub(super) state: watch::Sender<DriverState>,
    pub(super) active: watch::Sender<Option<String>>,
    pub(super) size: FrameSize,
    pub(super) scale: f64,
    pub(super) download_limits: DownloadLimits,
    /// Whether every request of the pages is told.
    pub(super) tells_requests: Arc<AtomicBool>,
    pub(super) closing: CancellationToken,
    pub(super) finished: CancellationToken,
}

/// The owner of the browser, with everything that it knows of it.
pub(super) struct BrowserActor {
    parts: ActorParts,
    tabs: Tabs,
    downloads: Downloads,
    flood: Flood,
    /// The flood of requests, which may not keep anything else from being told.
    requests: Flood,
    /// So many times something was copied.
    copies: u64,
    /// The last press, for as long as it may be what opens a tab in the background.
    last_press: Option<(MouseButton, Modifiers)>,
    /// The barrier that the next jobs must wait for, so that they reach the tab that they mean.
    barrier: Option<BoxFuture<'static, Barrier>>,
    /// The context menus that keys opened, whose places in the page are looked up.
    menu_placings: FuturesOrdered<BoxFuture<'static, PlacedMenu>>,
    /// So many context menus were asked for.
    menus: u64,
    /// What keys that pages left alone ask of their tabs. It goes before the next job.
    own_commands: VecDeque<(String, PageControl)>,
    /// The last key that a page left alone.
    shortcut: Option<PressedShortcut>,
    histories: FuturesUnordered<BoxFuture<'static, (String, Result<TabHistory, CallError>)>>,
    /// The form controls in frames, whose places in the page are looked up.
    placings: FuturesOrdered<BoxFuture<'static, PlacedControl>>,
    /// What is awaited to know whether the page that is shown runs.
    pulse: BoxFuture<'static, Beat>,
}

impl BrowserActor {
    pub(super) fn new(parts: ActorParts) -> Self {
        Self {
            downloads: Downloads::new(parts.download_limits),
            parts,
            tabs: Tabs::default(),
            flood: Flood::new(Instant::now()),
            requests: Flood::new(Instant::now()),
            copies: 0,
            last_press: None,
            barrier: None,
            menu_placings: FuturesOrdered::new(),
            menus: 0,
            own_commands: VecDeque::new(),
            shortcut: None,
            histories: FuturesUnordered::new(),
            placings: FuturesOrdered::new(),
            pulse: pulse::rest(),
        }
    }

    pub(super) async fn run(mut self) {
        let why = loop {
            if self.barrier.is_none()
                && let Some((tab, command)) = self.own_commands.pop_front()
            {
                // Nobody waits for the answer: the page and its state show what came of it.
                self.command(Some(&tab), command, oneshot::channel().0);
                self.publish();
                continue;
            }
            tokio::select! {
                event = self.parts.from_browser.recv() => match event {
                    Some(event) => self.on_event(&event),
                    None => break self.cause_of_death().await,
                },
                passed = async { self.barrier.as_mut().expect("checked by the condition").await }, if self.barrier.is_some() => {
                    self.barrier = None;
                    self.pass(passed);
                }
                Some((tab_id, history)) = self.histories.next(), if !self.histories.is_empty() => self.on_history(&tab_id, history.ok().as_ref()),
                Some(placed) = self.placings.next(), if !self.placings.is_empty() => self.on_placed(placed),
                Some(placed) = self.menu_placings.next(), if !self.menu_placings.is_empty() => self.on_menu_placed(placed),
                beat = &mut self.pulse => self.on_beat(beat),
                job = self.parts.jobs.recv(), if self.barrier.is_none() => match job {
                    Some(job) => self.start(job),
                    None => break "it was closed".to_owned(),
                },
                () = self.parts.closing.cancelled() => break "it was closed".to_owned(),
            }
            self.publish();
        };
        self.finish(why).await;
    }

    fn emit(&self, kind: EventKind, fields: Value) {
        (self.parts.events)(DriverEvent { kind, fields });
    }

    /// Sends a call to a page's session.
    fn send(&self, session: &str, method: &str, params: Value) -> Result<Reply, DriverError> {
        self.parts
            .client
            .send(Some(session), method, params)
            .map_err(|err| failed(err, &self.parts.state.subscribe()))
    }

    /// Makes a tab the active one, here and in the browser.
    fn activate(&mut self, id: &str) -> Result<Reply, DriverError> {
        if self.tabs.active_id() != Some(id) {
            self.leave_drag();
            self.tabs.activate(id);
            if let Some(tab) = self.tabs.by_id(id) {
                let fields = tab.fields("activated");
                self.emit(EventKind::Tab, fields);
            }
        }
        let sent = self.parts.client.send(None, "Target.activateTarget", json!({ "targetId": id }));
        sent.map_err(|err| failed(err, &self.parts.state.subscribe()))
    }

    /// Lets go of what is dragged in the active tab, because it can't be dropped once another tab is shown.
    fn leave_drag(&mut self) {
        let active = self.tabs.active_id().map(str::to_owned);
        let Some(tab) = active.and_then(|id| self.tabs.by_id(&id)) else {
            return;
        };
        let calls = Calls { ending: tab.held.cancel_drag(), calls: Vec::new() };
        let session = tab.session.clone();
        if let Err(err) = self.deliver(&session, calls) {
            tracing::debug!(%err, "A drag could not be ended");
        }
    }

    /// Makes the emulated screen of a page that is shown at `percent`.
    fn metrics(&self, percent: u32) -> Value {
        shortcuts::metrics(self.parts.size, self.parts.scale, percent)
    }

    fn start(&mut self, job: Job) {
        match job {
            Job::Input { tab, input, taken } => self.take_input(tab.as_deref(), input, taken),
            Job::Command { tab, command, taken } => self.command(tab.as_deref(), command, taken),
            Job::ReleaseAll { taken } => drop(taken.send(self.release_all())),
            Job::ClearClipboard { taken } => self.clear_clipboard(taken),
            Job::NewTab { url, made } => self.make_tab(url, Made::Id(made)),
            Job::Find { tab, search, found } => {
                self.find(tab.as_deref(), search, SearchAnswer::Found(found))
            }
            Job::Viewport { tab, width, height, scale, taken } => {
                drop(taken.send(self.resize(tab.as_deref(), width, height, scale)))
            }
            Job::Files { tab, page } => drop(page.send(self.page_for_file(tab.as_deref()))),
            Job::Page { tab, page } => drop(page.send(self.page(tab.as_deref()))),
        }
    }

    fn publish(&self) {
        let FrameSize { width, height } = self.parts.size;
        let shortcut = self.shortcut;
        let mut new =
            DriverState { width, height, shortcut, copies: self.copies, ..DriverState::default() };
        self.tabs.describe(&mut new);
        self.parts.state.send_if_modified(|state| {
            let changed = *state != new;
            if changed {
                *state = new;
            }
            changed
        });
        let active = self.tabs.active_id();
        self.parts.active.send_if_modified(|was| {
            let changed = was.as_deref() != active;
            if changed {
                *was = active.map(str::to_owned);
            }
            changed
        });
    }

    /// Finds out why the pipe closed: usually the browser ended.
    async fn cause_of_death(&mut self) -> String {
        match tokio::time::timeout(CLOSE_GRACE, self.parts.process.ended()).await {
            Ok(Ok(status)) => {
                let words = self.parts.process.all_words().await;
                ending(status, &words)
            }
            Ok(Err(err)) => format!("the browser can't be watched: {err}"),
            Err(_) => "the browser closed its pipe".to_owned(),
        }
    }

    async fn finish(self, why: String) {
        let ActorParts { client, mut process, profile, state, jobs, events, finished, .. } =
            self.parts;
        state.send_modify(|state| {
            state.loading = false;
            state.dialog = None;
            state.form_control = None;
            state.found = None;
            state.asking.clear();
            state.ended = Some(why.clone());
        });
        // Jobs that still wait learn from this that the session is over.
        drop(jobs);
        events(DriverEvent {
            kind: EventKind::SessionState,
            fields: json!({ "state": "ended", "reason": why }),
        });
        client.tell(None, "Browser.close", json!({}));
        process.end(CLOSE_GRACE).await;
        client.close();
        let removed = tokio::task::spawn_blocking(move || profile.remove()).await;
        if let Ok(Err(err)) = removed {
            tracing::warn!(%err, "The browser's profile could not be removed; the next start tries again");
        }
        finished.cancel();
    }
}
