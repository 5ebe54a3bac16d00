//! Knows whether the page that is shown hangs: it is asked from time to time whether its scripts run, which costs next to
//! nothing.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::BrowserActor;
use crate::host::cdp::{Reply, SharedReply};

/// The page is asked again so long after its last answer.
const ASKED_EVERY: Duration = Duration::from_secs(3);
/// A page that answers nothing for so long hangs.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// What came of the question whether a page runs.
pub(super) enum Beat {
    /// It is time to ask.
    Due,
    /// The page of this tab did not answer in time. Its answer may still come.
    Missed(String, SharedReply),
    /// The page of this tab answered, or it is gone.
    Heard(String),
}

/// Waits until it is time to ask.
pub(super) fn rest() -> BoxFuture<'static, Beat> {
    async {
        tokio::time::sleep(ASKED_EVERY).await;
        Beat::Due
    }
    .boxed()
}

async fn in_time(tab: String, answer: SharedReply) -> Beat {
    match tokio::time::timeout(ANSWERS_WITHIN, answer.clone()).await {
        Ok(_) => Beat::Heard(tab),
        Err(_) => Beat::Missed(tab, answer),
    }
}

impl BrowserActor {
    pub(super) fn on_beat(&mut self, beat: Beat) {
        self.pulse = match beat {
            Beat::Due => self.ask_page().unwrap_or_else(rest),
            Beat::Missed(id, answer) => {
                if let Some(tab) = self.tabs.by_id(&id) {
                    // A dialog holds the page, and it says so itself.
                    tab.hangs = tab.dialog.is_none() && !tab.crashed;
                }
                // One question is enough, but a tab that is shown meanwhile has to be asked, too.
                match self.tabs.active_id() == Some(id.as_str()) {
                    true => in_time(id, answer).boxed(),
                    false => rest(),
                }
            }
            Beat::Heard(id) => {
                if let Some(tab) = self.tabs.by_id(&id) {
                    tab.hangs = false;
                }
                rest()
            }
        };
    }

    /// Asks the page that is shown whether its scripts run; `None` where it can't answer now for a reason that is known.
    fn ask_page(&mut self) -> Option<BoxFuture<'static, Beat>> {
        let id = self.tabs.active_id()?.to_owned();
        let tab = self.tabs.by_id(&id)?;
        if tab.crashed || tab.dialog.is_some() {
            tab.hangs = false;
            return None;
        }
        let params = json!({ "expression": "0" });
        let asked = self.parts.client.send(Some(&tab.session), "Runtime.evaluate", params);
        let answer = asked.ok().map(Reply::shared)?;
        Some(in_time(id, answer).boxed())
    }
}
