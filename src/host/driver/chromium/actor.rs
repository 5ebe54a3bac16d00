//! The task that owns the browser: takes jobs in order, folds events into the session's state.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::address;
use super::downloads::Downloads;
use super::flood::Flood;
use super::jobs::{Job, Taken, failed};
use super::page::PageHandle;
use super::tabs::{Tab, Tabs};
use crate::host::cdp::{CallError, Client, Event, Reply};
use crate::host::chromium::{Process, Profile};
use crate::host::driver::{DriverError, DriverEvent, DriverState, EventSink};
use crate::model::{FrameSize, Modifiers, MouseButton};
use crate::protocol::socket::ClientMessage;

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const TAB_WITHIN: Duration = Duration::from_secs(10);
/// For a browser that was asked to close.
const CLOSE_GRACE: Duration = Duration::from_secs(1);
const SIZES: std::ops::RangeInclusive<u32> = 16..=8192;
const SCALES: std::ops::RangeInclusive<f64> = 0.25..=4.0;

pub(super) struct Parts {
    pub(super) client: Client,
    pub(super) process: Process,
    pub(super) profile: Profile,
    pub(super) from_browser: mpsc::Receiver<Event>,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) events: EventSink,
    pub(super) state: watch::Sender<DriverState>,
    pub(super) active: watch::Sender<Option<String>>,
    pub(super) size: FrameSize,
    pub(super) scale: f64,
    pub(super) closing: CancellationToken,
    pub(super) finished: CancellationToken,
}

pub(super) struct Actor {
    pub(super) parts: Parts,
    pub(super) tabs: Tabs,
    pub(super) downloads: Downloads,
    pub(super) flood: Flood,
    /// The last press, for as long as it may be what opens a tab in the background.
    pub(super) last_press: Option<(MouseButton, Modifiers)>,
    /// Something that the next jobs must wait for, so that they reach the tab that they mean.
    barrier: Option<BoxFuture<'static, Barrier>>,
    histories: FuturesUnordered<BoxFuture<'static, (String, Result<History, CallError>)>>,
}

/// What jobs waited for.
enum Barrier {
    TabMade {
        result: Result<String, DriverError>,
        made: Made,
    },
    HistoryRead {
        tab_id: String,
        step: isize,
        history: Result<History, CallError>,
        taken: oneshot::Sender<Result<Taken, DriverError>>,
    },
}

/// Who asked for a tab: for its id, or only to know that it is there.
enum Made {
    Id(oneshot::Sender<Result<String, DriverError>>),
    Taken(oneshot::Sender<Result<Taken, DriverError>>),
}

impl Made {
    fn send(self, result: Result<String, DriverError>) {
        // Nobody may wait for it any more.
        match self {
            Self::Id(made) => drop(made.send(result)),
            Self::Taken(taken) => drop(taken.send(result.map(|_id| Taken::Already))),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    current_index: usize,
    entries: Vec<HistoryEntry>,
}

#[derive(Debug, Deserialize)]
struct HistoryEntry {
    id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    target_id: String,
}

impl Actor {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts,
            tabs: Tabs::default(),
            downloads: Downloads::default(),
            flood: Flood::new(Instant::now()),
            last_press: None,
            barrier: None,
            histories: FuturesUnordered::new(),
        }
    }

    pub(super) async fn run(mut self) {
        self.emit("session_state", json!({ "state": "running" }));
        let why = loop {
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

    pub(super) fn emit(&self, kind: &'static str, fields: Value) {
        (self.parts.events)(DriverEvent { kind, fields });
    }

    /// Sends a call to a page's session.
    pub(super) fn send(
        &self,
        session: &str,
        method: &str,
        params: Value,
    ) -> Result<Reply, DriverError> {
        self.parts
            .client
            .send(Some(session), method, params)
            .map_err(|err| failed(err, &self.parts.state.subscribe()))
    }

    /// Makes a tab the active one, here and in the browser.
    pub(super) fn activate(&mut self, id: &str) -> Result<Reply, DriverError> {
        if self.tabs.active_id() != Some(id) {
            self.tabs.activate(id);
            if let Some(tab) = self.tabs.by_id(id) {
                let fields = tab.fields("activated");
                self.emit("tab", fields);
            }
        }
        let sent = self
            .parts
            .client
            .send(None, "Target.activateTarget", json!({ "targetId": id }));
        sent.map_err(|err| failed(err, &self.parts.state.subscribe()))
    }

    pub(super) fn metrics(&self) -> Value {
        let FrameSize { width, height } = self.parts.size;
        json!({ "width": width, "height": height, "deviceScaleFactor": self.parts.scale, "mobile": false })
    }

    /// Asks for a tab's history, once at a time.
    pub(super) fn refresh_history(&mut self, tab_id: &str) {
        let Some(tab) = self.tabs.by_id(tab_id) else {
            return;
        };
        if std::mem::replace(&mut tab.history.asked, true) {
            tab.history.stale = true;
            return;
        }
        let asked =
            self.parts
                .client
                .send(Some(&tab.session), "Page.getNavigationHistory", json!({}));
        let tab_id = tab_id.to_owned();
        self.histories
            .push(Box::pin(async move { (tab_id, read_history(asked).await) }));
    }

    fn on_history(&mut self, tab_id: &str, history: Option<&History>) {
        let Some(tab) = self.tabs.by_id(tab_id) else {
            return;
        };
        tab.history.asked = false;
        if let Some(history) = history {
            tab.can_go_back = history.current_index > 0;
            tab.can_go_forward = history.current_index + 1 < history.entries.len();
        }
        if std::mem::take(&mut tab.history.stale) {
            self.refresh_history(tab_id);
        }
    }

    fn start(&mut self, job: Job) {
        match job {
            Job::Perform {
                tab,
                message,
                taken,
            } => self.perform(tab.as_deref(), message, taken),
            Job::NewTab { url, made } => self.make_tab(url, Made::Id(made)),
            Job::Viewport {
                tab,
                width,
                height,
                scale,
                taken,
            } => drop(taken.send(self.resize(tab.as_deref(), width, height, scale))),
            Job::Page { tab, page } => drop(page.send(self.page(tab.as_deref()))),
        }
    }

    fn perform(
        &mut self,
        tab: Option<&str>,
        message: ClientMessage,
        taken: oneshot::Sender<Result<Taken, DriverError>>,
    ) {
        let step = match message {
            ClientMessage::NewTab { url } => return self.make_tab(url, Made::Taken(taken)),
            ClientMessage::Back => -1,
            ClientMessage::Forward => 1,
            message => {
                // Nobody may wait for it any more.
                drop(taken.send(self.act(tab, message)));
                return;
            }
        };
        match self.tabs.wanted(tab) {
            Ok(tab) => {
                let asked = self.parts.client.send(
                    Some(&tab.session),
                    "Page.getNavigationHistory",
                    json!({}),
                );
                let tab_id = tab.id.clone();
                self.barrier = Some(Box::pin(async move {
                    Barrier::HistoryRead {
                        tab_id,
                        step,
                        history: read_history(asked).await,
                        taken,
                    }
                }));
            }
            Err(err) => drop(taken.send(Err(err))),
        }
    }

    /// Everything that needs no waiting on our side.
    fn act(&mut self, tab: Option<&str>, message: ClientMessage) -> Result<Taken, DriverError> {
        let size = self.parts.size;
        match message {
            ClientMessage::PointerMove(at) => {
                self.input(tab, |tab| vec![tab.held.pointer_move(&at, size)])
            }
            ClientMessage::PointerDown { at, button, clicks } => {
                self.last_press = Some((button, at.modifiers));
                self.input(tab, |tab| {
                    vec![tab.held.pointer_down(&at, button, clicks, size)]
                })
            }
            ClientMessage::PointerUp { at, button, clicks } => self.input(tab, |tab| {
                vec![tab.held.pointer_up(&at, button, clicks, size)]
            }),
            ClientMessage::Wheel { at, dx, dy } => {
                self.input(tab, |tab| vec![tab.held.wheel(&at, dx, dy, size)])
            }
            ClientMessage::KeyDown(key) => {
                self.last_press = None;
                self.input(tab, |tab| vec![tab.held.key_down(&key)])
            }
            ClientMessage::KeyUp(key) => self.input(tab, |tab| vec![tab.held.key_up(&key)]),
            ClientMessage::Text { text } => {
                self.input(tab, |_| vec![("Input.insertText", json!({ "text": text }))])
            }
            ClientMessage::ReleaseAll => self.release_all(),
            ClientMessage::Navigate { url } => self.navigate(tab, &url),
            ClientMessage::Reload => self.command(tab, "Page.reload", json!({})),
            ClientMessage::Stop => self.command(tab, "Page.stopLoading", json!({})),
            ClientMessage::SelectTab { tab_id } => {
                let id = self.tabs.wanted(Some(&tab_id))?.id.clone();
                self.activate(&id).map(Taken::Command)
            }
            ClientMessage::CloseTab { tab_id } => self.close_tab(&tab_id),
            ClientMessage::AnswerDialog { accept, text } => self.answer_dialog(accept, text),
            ClientMessage::Viewport { width, height } => self.resize(tab, width, height, None),
            // Business of the host, or of `perform`, which have done it already.
            ClientMessage::KeepAlive
            | ClientMessage::Screencast { .. }
            | ClientMessage::Ack { .. } => Ok(Taken::Already),
            ClientMessage::NewTab { .. } | ClientMessage::Back | ClientMessage::Forward => {
                Ok(Taken::Already)
            }
        }
    }

    fn input(
        &mut self,
        tab: Option<&str>,
        calls: impl FnOnce(&mut Tab) -> Vec<super::input::PageCall>,
    ) -> Result<Taken, DriverError> {
        let tab = self.tabs.wanted(tab)?;
        if tab.crashed {
            return Err(DriverError::Failed(
                "the page has crashed. Reload it to go on".to_owned(),
            ));
        }
        let calls = calls(tab);
        let session = tab.session.clone();
        calls
            .into_iter()
            .map(|(method, params)| self.send(&session, method, params))
            .collect::<Result<_, _>>()
            .map(Taken::Input)
    }

    fn release_all(&mut self) -> Result<Taken, DriverError> {
        let calls: Vec<_> = self
            .tabs
            .iter_mut()
            .map(|tab| (tab.session.clone(), tab.held.release_all()))
            .collect();
        let sent = calls.into_iter().flat_map(|(session, calls)| {
            calls.into_iter().map(move |call| (session.clone(), call))
        });
        sent.map(|(session, (method, params))| self.send(&session, method, params))
            .collect::<Result<_, _>>()
            .map(Taken::Input)
    }

    fn command(
        &mut self,
        tab: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Taken, DriverError> {
        let session = self.tabs.wanted(tab)?.session.clone();
        self.send(&session, method, params).map(Taken::Command)
    }

    fn navigate(&mut self, tab: Option<&str>, typed: &str) -> Result<Taken, DriverError> {
        let url = address::url_of(typed)?;
        let session = self.tabs.wanted(tab)?.session.clone();
        let reply = self.send(
            &session,
            "Page.navigate",
            json!({ "url": url, "transitionType": "typed" }),
        )?;
        Ok(Taken::Navigation { reply, url })
    }

    fn close_tab(&mut self, id: &str) -> Result<Taken, DriverError> {
        let tab_id = self.tabs.wanted(Some(id))?.id.clone();
        if self.tabs.len() == 1 {
            return Err(DriverError::BadRequest(
                "The last tab can't be closed. End the session instead".to_owned(),
            ));
        }
        let sent =
            self.parts
                .client
                .send(None, "Target.closeTarget", json!({ "targetId": tab_id }));
        let reply = sent.map_err(|err| failed(err, &self.parts.state.subscribe()))?;
        Ok(Taken::Closing { reply, tab_id })
    }

    fn answer_dialog(&mut self, accept: bool, text: Option<String>) -> Result<Taken, DriverError> {
        let Some(tab) = self.tabs.asking() else {
            return Err(DriverError::BadRequest(
                "There is no dialog to answer".to_owned(),
            ));
        };
        let mut params = json!({ "accept": accept });
        if let Some(text) = text {
            params["promptText"] = json!(text);
        }
        let session = tab.session.clone();
        self.send(&session, "Page.handleJavaScriptDialog", params)
            .map(Taken::Command)
    }

    /// One size for all tabs, as in one window.
    fn resize(
        &mut self,
        tab: Option<&str>,
        width: u32,
        height: u32,
        scale: Option<f64>,
    ) -> Result<Taken, DriverError> {
        let wanted = self.tabs.wanted(tab)?.session.clone();
        let scale = scale.unwrap_or(self.parts.scale);
        if !SIZES.contains(&width) || !SIZES.contains(&height) || !SCALES.contains(&scale) {
            return Err(DriverError::BadRequest(format!(
                "A page can't be {width} × {height} at scale {scale}: sides go from {} to {}, scales from {} to {}",
                SIZES.start(),
                SIZES.end(),
                SCALES.start(),
                SCALES.end()
            )));
        }
        (self.parts.size, self.parts.scale) = (FrameSize { width, height }, scale);
        let mut reply = None;
        for tab in self.tabs.iter() {
            let sent = self.send(
                &tab.session,
                "Emulation.setDeviceMetricsOverride",
                self.metrics(),
            )?;
            if tab.session == wanted {
                reply = Some(sent);
            }
        }
        Ok(reply.map_or(Taken::Already, Taken::Command))
    }

    fn page(&mut self, tab: Option<&str>) -> Result<PageHandle, DriverError> {
        let (client, state, scale) = (
            self.parts.client.clone(),
            self.parts.state.subscribe(),
            self.parts.scale,
        );
        let active = self.tabs.active_id().map(str::to_owned);
        let tab = self.tabs.wanted(tab)?;
        let blocked = if tab.crashed {
            Some("the page has crashed. Reload it to go on")
        } else if tab.dialog.is_some() {
            Some("the page shows a dialog. Answer it first")
        } else {
            None
        };
        Ok(PageHandle {
            client,
            session: tab.session.clone(),
            state,
            tab_id: tab.id.clone(),
            url: tab.url.clone(),
            title: tab.title.clone(),
            is_main: active.as_deref() == Some(&tab.id),
            scale,
            blocked,
        })
    }

    /// Opens a tab and holds the next jobs back until it is there, since they mean it.
    fn make_tab(&mut self, url: Option<String>, made: Made) {
        let url = match url
            .filter(|url| !url.trim().is_empty())
            .map(|url| address::url_of(&url))
            .transpose()
        {
            Ok(url) => url.unwrap_or_else(|| "about:blank".to_owned()),
            Err(err) => return made.send(Err(err)),
        };
        let asked = self
            .parts
            .client
            .send(None, "Target.createTarget", json!({ "url": url }));
        let mut state = self.parts.state.subscribe();
        self.barrier = Some(Box::pin(async move {
            let created: Result<Created, CallError> =
                async { asked?.within(TAB_WITHIN).await?.read() }.await;
            let result = match created {
                Ok(Created { target_id }) => {
                    let there = state.wait_for(|state| {
                        state.ended.is_some()
                            || state.tabs.iter().any(|tab| tab.tab_id == target_id)
                    });
                    let there = tokio::time::timeout(TAB_WITHIN, there)
                        .await
                        .is_ok_and(|there| there.is_ok());
                    if there {
                        Ok(target_id)
                    } else {
                        Err(DriverError::Failed(
                            "the new tab did not open in time".to_owned(),
                        ))
                    }
                }
                Err(err) => Err(failed(err, &state)),
            };
            Barrier::TabMade { result, made }
        }));
    }

    fn pass(&mut self, barrier: Barrier) {
        match barrier {
            Barrier::TabMade { result, made } => {
                if let Ok(id) = &result
                    && let Err(err) = self.activate(&id.clone())
                {
                    tracing::debug!(%err, "the new tab is not active");
                }
                made.send(result);
            }
            Barrier::HistoryRead {
                tab_id,
                step,
                history,
                taken,
            } => {
                let result = history
                    .map_err(|err| failed(err, &self.parts.state.subscribe()))
                    .and_then(|history| self.step(&tab_id, step, &history));
                drop(taken.send(result));
            }
        }
    }

    fn step(&mut self, tab_id: &str, step: isize, history: &History) -> Result<Taken, DriverError> {
        let entry = history
            .current_index
            .checked_add_signed(step)
            .and_then(|at| history.entries.get(at));
        match entry {
            Some(entry) => self.command(
                Some(tab_id),
                "Page.navigateToHistoryEntry",
                json!({ "entryId": entry.id }),
            ),
            None => {
                let way = if step < 0 { "back" } else { "forward" };
                Err(DriverError::BadRequest(format!(
                    "There is no page to go {way} to"
                )))
            }
        }
    }

    fn publish(&self) {
        let FrameSize { width, height } = self.parts.size;
        let mut new = DriverState {
            width,
            height,
            ..DriverState::default()
        };
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

    /// The pipe closed: usually the browser ended.
    async fn cause_of_death(&mut self) -> String {
        match tokio::time::timeout(CLOSE_GRACE, self.parts.process.ended()).await {
            Ok(Ok(status)) => {
                let words = self.parts.process.all_words().await;
                match words.lines().last() {
                    Some(last) => format!(
                        "the browser quit ({status}). It said: {}",
                        crate::base::text::one_line(last, 300)
                    ),
                    None => format!("the browser quit ({status})"),
                }
            }
            Ok(Err(err)) => format!("the browser can't be watched: {err}"),
            Err(_) => "the browser closed its pipe".to_owned(),
        }
    }

    async fn finish(self, why: String) {
        let Parts {
            client,
            mut process,
            profile,
            state,
            jobs,
            events,
            finished,
            ..
        } = self.parts;
        state.send_modify(|state| {
            state.loading = false;
            state.dialog = None;
            state.ended = Some(why.clone());
        });
        // Jobs that still wait learn from this that the session is over.
        drop(jobs);
        events(DriverEvent {
            kind: "session_state",
            fields: json!({ "state": "ended", "reason": why }),
        });
        client.tell(None, "Browser.close", json!({}));
        process.end(CLOSE_GRACE).await;
        client.close();
        let removed = tokio::task::spawn_blocking(move || profile.remove()).await;
        if let Ok(Err(err)) = removed {
            tracing::warn!(%err, "the browser's profile is removed at the next start");
        }
        finished.cancel();
    }
}

async fn read_history(asked: Result<Reply, CallError>) -> Result<History, CallError> {
    asked?.within(ANSWER_WITHIN).await?.read()
}
