//! Takes a tab to an address, and back and forth in its history.

use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;

use super::BrowserActor;
use super::barrier::Barrier;
use crate::host::driver::DriverError;
use crate::host::driver::chromium::address;
use crate::host::driver::chromium::history::{self, TabHistory};
use crate::host::driver::chromium::jobs::TakenCalls;
use crate::host::driver::chromium::leave::{Departure, LeftPage};

/// A page that runs answers within this.
const ANSWERS_AT_ONCE: Duration = Duration::from_millis(300);

impl BrowserActor {
    pub(super) fn navigate(
        &mut self,
        tab: Option<&str>,
        typed: &str,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let way = address::url_of(typed).map(|url| Departure {
            method: "Page.navigate",
            params: json!({ "url": url, "transitionType": "typed" }),
            url: Some(url),
        });
        match way {
            Ok(way) => self.leave(tab, way, taken),
            Err(err) => drop(taken.send(Err(err))),
        }
    }

    /// Leaves a page once it has answered that it runs. The next jobs wait for that only as long as nobody notices.
    pub(super) fn leave(
        &mut self,
        tab: Option<&str>,
        way: Departure,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let page = match self.left_page(tab) {
            Ok(page) => page,
            Err(err) => return drop(taken.send(Err(err))),
        };
        match page.ask(&way) {
            Some(asked) => {
                self.barrier = Some(Box::pin(async move {
                    // One that does not answer at once is waited for elsewhere.
                    drop(tokio::time::timeout(ANSWERS_AT_ONCE, asked.clone()).await);
                    Barrier::Asked { page, way, asked, taken }
                }));
            }
            None => drop(taken.send(self.depart(page, way))),
        }
    }

    /// Leaves a page now.
    pub(super) fn depart(&self, page: LeftPage, way: Departure) -> Result<TakenCalls, DriverError> {
        let reply = page.leave(&way, &self.parts.state.subscribe())?;
        Ok(TakenCalls::Leaving { reply, page, url: way.url })
    }

    /// Returns the page that is about to be left; an error where its dialog keeps it.
    fn left_page(&mut self, tab: Option<&str>) -> Result<LeftPage, DriverError> {
        let client = self.parts.client.clone();
        let tab = self.tabs.wanted(tab)?;
        tab.no_dialog()?;
        let (session, tab_id) = (tab.session.clone(), tab.id.clone());
        Ok(LeftPage {
            client,
            session,
            tab_id,
            url: tab.url.as_str().to_owned(),
            crashed: tab.crashed,
        })
    }

    /// Goes back or forward by `step` pages once the browser has told the tab's history.
    pub(super) fn step_history(
        &mut self,
        tab: Option<&str>,
        step: isize,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        match self.left_page(tab) {
            Ok(LeftPage { client, session, tab_id, .. }) => {
                let asked = history::read(&client, &session);
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
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let opened_blank = self.tabs.by_id(tab_id).is_some_and(|tab| tab.opened_blank);
        match history.entry(step, opened_blank) {
            Some(entry_id) => {
                let way = Departure {
                    method: "Page.navigateToHistoryEntry",
                    params: json!({ "entryId": entry_id }),
                    url: None,
                };
                self.leave(Some(tab_id), way, taken);
            }
            None => {
                let way = if step < 0 { "back" } else { "forward" };
                let why = format!("there is no page to go {way} to");
                drop(taken.send(Err(DriverError::BadRequest(why))));
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
