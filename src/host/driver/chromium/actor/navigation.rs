//! Takes a tab to an address, and back and forth in its history.

use serde_json::json;
use tokio::sync::oneshot;

use super::BrowserActor;
use super::barrier::Barrier;
use crate::host::driver::DriverError;
use crate::host::driver::chromium::address;
use crate::host::driver::chromium::history::{self, TabHistory};
use crate::host::driver::chromium::jobs::TakenCalls;

impl BrowserActor {
    pub(super) fn navigate(
        &mut self,
        tab: Option<&str>,
        typed: &str,
    ) -> Result<TakenCalls, DriverError> {
        let url = address::url_of(typed)?;
        let session = self.tabs.wanted(tab)?.session.clone();
        let reply =
            self.send(&session, "Page.navigate", json!({ "url": url, "transitionType": "typed" }))?;
        Ok(TakenCalls::Navigation { reply, url })
    }

    /// Goes back or forward by `step` pages once the browser has told the tab's history.
    pub(super) fn step_history(
        &mut self,
        tab: Option<&str>,
        step: isize,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        match self.tabs.wanted(tab) {
            Ok(tab) => {
                let asked = history::read(&self.parts.client, &tab.session);
                let tab_id = tab.id.clone();
                self.barrier = Some(Box::pin(async move {
                    Barrier::HistoryRead { tab_id, step, history: asked.await, taken }
                }));
            }
            Err(err) => drop(taken.send(Err(err))),
        }
    }

    /// Goes back or forward by `step` pages of this history.
    pub(super) fn step(
        &mut self,
        tab_id: &str,
        step: isize,
        history: &TabHistory,
    ) -> Result<TakenCalls, DriverError> {
        let opened_blank = self.tabs.by_id(tab_id).is_some_and(|tab| tab.opened_blank);
        match history.entry(step, opened_blank) {
            Some(entry_id) => self.call(
                Some(tab_id),
                "Page.navigateToHistoryEntry",
                json!({ "entryId": entry_id }),
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
        let asked = history::read(&self.parts.client, &tab.session);
        let tab_id = tab_id.to_owned();
        self.histories.push(Box::pin(async move { (tab_id, asked.await) }));
    }

    pub(super) fn on_history(&mut self, tab_id: &str, history: Option<&TabHistory>) {
        let Some(tab) = self.tabs.by_id(tab_id) else {
            return;
        };
        tab.history.asked = false;
        if let Some(history) = history {
            // The page itself must not find the way back to it either: by its script, or by a button of the mouse.
            if history.has_only_blank_behind(tab.opened_blank) {
                let client = &self.parts.client;
                client.tell(Some(&tab.session), "Page.resetNavigationHistory", json!({}));
            }
            tab.can_go_back = history.can_go_back(tab.opened_blank);
            tab.can_go_forward = history.can_go_forward();
        }
        if std::mem::take(&mut tab.history.stale) {
            self.refresh_history(tab_id);
        }
    }
}
