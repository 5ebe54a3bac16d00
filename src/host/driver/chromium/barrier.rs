//! What the next jobs must wait for, so that they reach the page that they mean; and the history of tabs.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{oneshot, watch};

use super::actor::Actor;
use super::address;
use super::input::PageCall;
use super::jobs::{InputReply, Taken, failed};
use crate::host::cdp::{CallError, Reply};
use crate::host::driver::{DriverError, DriverState};
use crate::model::{InputControl, MouseButton};

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// A page's answer to a move or a drop. A page that hangs must not hold the other tabs back.
const HANDLED_WITHIN: Duration = Duration::from_secs(1);
/// The first one opens with the browser itself, on a busy machine perhaps.
const TAB_WITHIN: Duration = Duration::from_secs(20);

const BLANK: &str = "about:blank";

/// What jobs waited for.
pub(super) enum Barrier {
    TabMade {
        result: Result<String, DriverError>,
        url: String,
        made: Made,
    },
    /// The new tab's page has taken all that was set up.
    TabReady {
        id: String,
        url: String,
        made: Made,
    },
    HistoryRead {
        tab_id: String,
        step: isize,
        history: Result<History, CallError>,
        taken: oneshot::Sender<Result<Taken, DriverError>>,
    },
    /// The page answered the last move, and has told whether that started a drag.
    Pulled {
        tab_id: String,
        release: InputControl,
        taken: oneshot::Sender<Result<Taken, DriverError>>,
    },
    /// A drag ended: the page takes the mouse again.
    DragEnded {
        session: String,
        calls: Vec<PageCall>,
        /// What was waited for already when that began.
        next: Option<BoxFuture<'static, Self>>,
    },
}

/// Who asked for a tab: for its id, or only to know that it is there.
pub(super) enum Made {
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
    url: String,
}

impl History {
    /// The earliest page that there is to go back to.
    fn first(&self, opened_blank: bool) -> usize {
        let begins_blank = self.entries.first().is_some_and(|entry| entry.url == BLANK);
        usize::from(opened_blank && begins_blank)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    target_id: String,
}

impl Actor {
    /// Takes one input, once it is known what it means.
    pub(super) fn take_input(
        &mut self,
        tab: Option<&str>,
        input: InputControl,
        taken: oneshot::Sender<Result<Taken, DriverError>>,
    ) {
        if let Some((tab_id, pulled)) = self.await_before(tab, &input) {
            self.barrier = Some(self.pulled(tab_id, pulled, input, taken));
            return;
        }
        // Nobody may wait for it any more.
        drop(taken.send(self.input(tab, input)));
    }

    /// Goes one `step` back or forward in a tab's history, which the browser has to tell first.
    pub(super) fn step_history(
        &mut self,
        tab: Option<&str>,
        step: isize,
        taken: oneshot::Sender<Result<Taken, DriverError>>,
    ) {
        match self.tabs.wanted(tab) {
            Ok(tab) => {
                let asked = self.parts.client.send(
                    Some(&tab.session),
                    "Page.getNavigationHistory",
                    json!({}),
                );
                let tab_id = tab.id.clone();
                self.barrier = Some(Box::pin(async move {
                    Barrier::HistoryRead { tab_id, step, history: read_history(asked).await, taken }
                }));
            }
            Err(err) => drop(taken.send(Err(err))),
        }
    }

    /// A release ends either a drag or a press: which, is known when the page has answered the moves before it.
    fn await_before(
        &mut self,
        tab: Option<&str>,
        input: &InputControl,
    ) -> Option<(String, InputReply)> {
        let InputControl::PointerUp { button, .. } = input else {
            return None;
        };
        let tab = self.tabs.wanted(tab).ok()?;
        if *button != MouseButton::Left || tab.crashed || tab.dialog.is_some() {
            return None;
        }
        let pulled = tab.pulled.take().filter(|_| tab.held.may_start_drag())?;
        Some((tab.id.clone(), pulled))
    }

    fn pulled(
        &mut self,
        tab_id: String,
        pulled: InputReply,
        release: InputControl,
        taken: oneshot::Sender<Result<Taken, DriverError>>,
    ) -> BoxFuture<'static, Barrier> {
        let session = self.tabs.by_id(&tab_id).map(|tab| tab.session.clone());
        let (client, state) = (self.parts.client.clone(), self.parts.state.subscribe());
        Box::pin(async move {
            answer_or_reason(pulled, state.clone()).await;
            // A page tells of a drag on another way than it answers a move. What it is asked next is answered on that
            // same way, so whatever there was to tell has been told by then.
            match client.send(session.as_deref(), "Page.getLayoutMetrics", json!({})) {
                Ok(reply) => answer_or_reason(reply, state).await,
                Err(err) => tracing::debug!(%err, "the page is not asked before the release"),
            }
            Barrier::Pulled { tab_id, release, taken }
        })
    }

    /// Holds the next jobs back until a drag has ended, and sends these calls then.
    pub(super) fn hold_until(&mut self, ended: InputReply, session: String, calls: Vec<PageCall>) {
        let state = self.parts.state.subscribe();
        let next = self.barrier.take();
        self.barrier = Some(Box::pin(async move {
            answer_or_reason(ended, state).await;
            Barrier::DragEnded { session, calls, next }
        }));
    }

    /// Opens a tab and holds the next jobs back until it is there, since they mean it.
    ///
    /// It opens empty and is taken to its address once it is ours: a tab that is created at an address
    /// asks for it before anything can be set up, the answers to our own start page included.
    pub(super) fn make_tab(&mut self, url: Option<String>, made: Made) {
        let url = match url
            .filter(|url| !url.trim().is_empty())
            .map(|url| address::url_of(&url))
            .transpose()
        {
            Ok(url) => url.unwrap_or_else(|| BLANK.to_owned()),
            Err(err) => return made.send(Err(err)),
        };
        let asked = self.parts.client.send(None, "Target.createTarget", json!({ "url": BLANK }));
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
                        Err(DriverError::Failed("the new tab did not open in time".to_owned()))
                    }
                }
                Err(err) => Err(failed(err, &state)),
            };
            Barrier::TabMade { result, url, made }
        }));
    }

    pub(super) fn pass(&mut self, barrier: Barrier) {
        match barrier {
            Barrier::TabMade { result, url, made } => {
                if let Ok(id) = &result
                    && let Err(err) = self.activate(id)
                {
                    tracing::debug!(%err, "the new tab is not active");
                }
                match result {
                    Ok(id) if url != BLANK => self.await_tab(id, url, made),
                    result => made.send(result),
                }
            }
            Barrier::TabReady { id, url, made } => {
                self.begin_at(&id, &url);
                made.send(Ok(id));
            }
            Barrier::HistoryRead { tab_id, step, history, taken } => {
                let result = history
                    .map_err(|err| failed(err, &self.parts.state.subscribe()))
                    .and_then(|history| self.step(&tab_id, step, &history));
                drop(taken.send(result));
            }
            Barrier::Pulled { tab_id, release, taken } => {
                // The drag may wait to be read.
                while let Ok(event) = self.parts.from_browser.try_recv() {
                    self.on_event(&event);
                }
                drop(taken.send(self.input(Some(&tab_id), release)));
            }
            Barrier::DragEnded { session, calls, next } => {
                for (method, params) in calls {
                    self.parts.client.tell(Some(&session), method, params);
                }
                self.barrier = next;
            }
        }
    }

    /// Waits until the page itself has answered: one that is left before it took what was asked of it tells
    /// nothing of what comes after.
    fn await_tab(&mut self, id: String, url: String, made: Made) {
        let Some(tab) = self.tabs.by_id(&id) else {
            return made.send(Ok(id));
        };
        let asked = self.parts.client.send(Some(&tab.session), "Page.getFrameTree", json!({}));
        self.barrier = Some(Box::pin(async move {
            if let Err(err) = async { asked?.within(TAB_WITHIN).await }.await {
                tracing::debug!(%err, "the new tab does not answer");
            }
            Barrier::TabReady { id, url, made }
        }));
    }

    /// Takes a new tab to its first address. Whether that can be loaded is told by events.
    fn begin_at(&mut self, tab_id: &str, url: &str) {
        let Some(tab) = self.tabs.by_id(tab_id) else {
            return;
        };
        tab.opened_blank = true;
        let params = json!({ "url": url });
        self.parts.client.tell(Some(&tab.session), "Page.navigate", params);
    }

    fn step(&mut self, tab_id: &str, step: isize, history: &History) -> Result<Taken, DriverError> {
        let opened_blank = self.tabs.by_id(tab_id).is_some_and(|tab| tab.opened_blank);
        let entry = history
            .current_index
            .checked_add_signed(step)
            .filter(|at| *at >= history.first(opened_blank))
            .and_then(|at| history.entries.get(at));
        match entry {
            Some(entry) => self.call(
                Some(tab_id),
                "Page.navigateToHistoryEntry",
                json!({ "entryId": entry.id }),
            ),
            None => {
                let way = if step < 0 { "back" } else { "forward" };
                Err(DriverError::BadRequest(format!("There is no page to go {way} to")))
            }
        }
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
            self.parts.client.send(Some(&tab.session), "Page.getNavigationHistory", json!({}));
        let tab_id = tab_id.to_owned();
        self.histories.push(Box::pin(async move { (tab_id, read_history(asked).await) }));
    }

    pub(super) fn on_history(&mut self, tab_id: &str, history: Option<&History>) {
        let Some(tab) = self.tabs.by_id(tab_id) else {
            return;
        };
        tab.history.asked = false;
        if let Some(history) = history {
            // The page itself must not find the way back to it either: by its script, or by a button of the mouse.
            if history.first(tab.opened_blank) == history.current_index
                && history.current_index > 0
                && history.entries.len() == 2
            {
                let client = &self.parts.client;
                client.tell(Some(&tab.session), "Page.resetNavigationHistory", json!({}));
            }
            tab.can_go_back = history.current_index > history.first(tab.opened_blank);
            tab.can_go_forward = history.current_index + 1 < history.entries.len();
        }
        if std::mem::take(&mut tab.history.stale) {
            self.refresh_history(tab_id);
        }
    }
}

/// Waits for a page's answer, or for a reason why it does not come soon.
async fn answer_or_reason(reply: impl Future + Send, mut state: watch::Receiver<DriverState>) {
    tokio::select! {
        _ = tokio::time::timeout(HANDLED_WITHIN, reply) => {}
        _ = state.wait_for(|now| now.dialog.is_some() || now.ended.is_some()) => {}
    }
}

async fn read_history(asked: Result<Reply, CallError>) -> Result<History, CallError> {
    asked?.within(ANSWER_WITHIN).await?.read()
}
