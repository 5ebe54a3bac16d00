//! Does one job after the other. A job that has to wait for the browser holds the next ones back.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::json;
use tokio::sync::{oneshot, watch};

use super::BrowserActor;
use super::barrier::Barrier;
use crate::host::cdp::SharedReply;
use crate::host::driver::chromium::failure::failed;
use crate::host::driver::chromium::history::BLANK;
use crate::host::driver::chromium::input::PageCall;
use crate::host::driver::chromium::jobs::TakenCalls;
use crate::host::driver::{DriverError, DriverState};
use crate::model::{InputControl, MouseButton};

/// A page has this long to answer a move or a drop, because one that hangs must not hold the other tabs back.
const HANDLED_WITHIN: Duration = Duration::from_secs(1);

impl BrowserActor {
    /// Takes one input once it is known what it means.
    pub(super) fn take_input(
        &mut self,
        tab: Option<&str>,
        input: InputControl,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let input = match input {
            InputControl::Paste(content) => return self.paste(tab, content, taken),
            input => input,
        };
        // What was pressed is lifted where it is down, whatever tab has come up since.
        let holding = self.tabs.holding(tab, &input).map(str::to_owned);
        let tab = holding.as_deref().or(tab);
        if let Some((tab_id, pulled)) = self.await_before(tab, &input) {
            self.barrier = Some(self.pulled(tab_id, pulled, input, taken));
            return;
        }
        // The answer is dropped where nobody waits for it any more.
        drop(taken.send(self.input(tab, input)));
    }

    /// Waits before a release until it is known whether it ends a drag or a press, and whether the press has brought up
    /// another tab, which would swallow it: the page has to answer what came before.
    fn await_before(
        &mut self,
        tab: Option<&str>,
        input: &InputControl,
    ) -> Option<(String, SharedReply)> {
        let tab = self.tabs.wanted(tab).ok()?;
        // A page that owes an answer from the last time is not waited for again.
        let owes = |reply: &SharedReply| reply.clone().now_or_never().is_none();
        if tab.crashed || tab.dialog.is_some() || tab.awaited.as_ref().is_some_and(owes) {
            return None;
        }
        let pressed = match input {
            InputControl::PointerUp { .. } | InputControl::KeyUp(_) => tab.pressed.take(),
            _ => return None,
        };
        let pulls = matches!(input, InputControl::PointerUp { button: MouseButton::Left, .. })
            && tab.held.may_start_drag();
        let awaited = tab.pulled.take_if(|_| pulls).or(pressed.filter(owes))?;
        tab.awaited = Some(awaited.clone());
        Some((tab.id.clone(), awaited))
    }

    fn pulled(
        &mut self,
        tab_id: String,
        pulled: SharedReply,
        release: InputControl,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) -> BoxFuture<'static, Barrier> {
        let session = self.tabs.by_id(&tab_id).map(|tab| tab.session.clone());
        let (client, state) = (self.parts.client.clone(), self.parts.state.subscribe());
        Box::pin(async move {
            answer_or_reason(pulled, state.clone()).await;
            // A page tells of a drag on another way than it answers a move. What it is asked next is answered on that
            // same way, so whatever there was to tell has been told by then.
            match client.send(session.as_deref(), "Page.getLayoutMetrics", json!({})) {
                Ok(reply) => answer_or_reason(reply, state).await,
                Err(err) => {
                    tracing::debug!(%err, "The page could not be asked whether it drags, before a release")
                }
            }
            Barrier::Pulled { tab_id, release, taken }
        })
    }

    /// Holds the next jobs back until a drag has ended, and sends these calls then.
    pub(super) fn hold_until(&mut self, ended: SharedReply, session: String, calls: Vec<PageCall>) {
        let state = self.parts.state.subscribe();
        let next = self.barrier.take();
        self.barrier = Some(Box::pin(async move {
            answer_or_reason(ended, state).await;
            Barrier::DragEnded { session, calls, next }
        }));
    }

    pub(super) fn pass(&mut self, barrier: Barrier) {
        match barrier {
            Barrier::TabMade { result, url, made } => {
                if let Ok(id) = &result
                    && let Err(err) = self.activate(id)
                {
                    tracing::debug!(%err, "The new tab could not be brought to the front");
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
                match history.map_err(|err| failed(err, &self.parts.state.subscribe())) {
                    Ok(history) => self.step(&tab_id, step, &history, taken),
                    Err(err) => drop(taken.send(Err(err))),
                }
            }
            Barrier::Pulled { tab_id, release, taken } => {
                // The drag may wait to be read.
                while let Ok(event) = self.parts.from_browser.try_recv() {
                    self.on_event(&event);
                }
                drop(taken.send(self.input(Some(&tab_id), release)));
            }
            Barrier::Searched(searched) => self.searched(searched),
            Barrier::Chosen { result, taken } => {
                drop(taken.send(result.map(|()| TakenCalls::Already)));
            }
            Barrier::ClipboardSet { tab_id, content, result, taken } => {
                drop(taken.send(self.paste_now(&tab_id, &content, result)));
            }
            Barrier::ClipboardCleared { result, taken } => {
                let result = result.map_err(DriverError::Failed);
                drop(taken.send(result.map(|()| TakenCalls::Already)));
            }
            Barrier::Asked { page, way, asked, taken } => {
                let result = match asked.clone().now_or_never() {
                    Some(_answer) => self.depart(page, way),
                    None => Ok(TakenCalls::Stuck { asked, page, way }),
                };
                drop(taken.send(result));
            }
            Barrier::DragEnded { session, calls, next } => {
                for (method, params) in calls {
                    self.parts.client.tell(Some(&session), method, params);
                }
                self.barrier = next;
            }
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
