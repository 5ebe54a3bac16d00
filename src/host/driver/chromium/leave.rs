//! Leaves pages. One that hangs does not give way to another one: it is ended, so that its tab can be used again.

use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;

use super::failure::{ended, failed};
use crate::host::cdp::{CallError, CdpClient, Reply, SharedReply};
use crate::host::driver::{DriverError, DriverState};

/// A page that answers nothing for so long hangs.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// A page that was left has so long to give way before it is asked whether it still runs.
const ASKED_AFTER: Duration = Duration::from_secs(2);
/// A page's process is gone within this.
const ENDED_WITHIN: Duration = Duration::from_secs(2);

/// The page that is to give way to another.
pub(super) struct LeftPage {
    pub(super) client: CdpClient,
    pub(super) session: String,
    pub(super) tab_id: String,
    /// The page's address.
    pub(super) url: String,
    pub(super) crashed: bool,
}

/// The call that leads away from a page.
pub(super) struct Departure {
    pub(super) method: &'static str,
    pub(super) params: Value,
    /// The address that it leads to, where that is known.
    pub(super) url: Option<String>,
}

impl LeftPage {
    /// Makes the call.
    pub(super) fn leave(
        &self,
        way: &Departure,
        state: &watch::Receiver<DriverState>,
    ) -> Result<Reply, DriverError> {
        let sent = self.client.send(Some(&self.session), way.method, &way.params);
        sent.map_err(|err| failed(err, state))
    }

    /// Asks the page whether its scripts run; `None` where it needs not be asked, because the way leads to another
    /// process anyway. A browser can end a page only before it is about to show another one in the same process.
    pub(super) fn ask(&self, way: &Departure) -> Option<SharedReply> {
        let elsewhere = way.url.as_deref().is_some_and(|url| are_apart(&self.url, url));
        if self.crashed || elsewhere {
            return None;
        }
        let params = json!({ "expression": "0" });
        let asked = self.client.send(Some(&self.session), "Runtime.evaluate", params);
        asked.ok().map(Reply::shared)
    }

    /// Waits for the page's answer. A dialog holds it back and is no hang.
    pub(super) async fn runs(
        &self,
        asked: SharedReply,
        state: &watch::Receiver<DriverState>,
    ) -> bool {
        let mut state = state.clone();
        let asks = |now: &DriverState| now.asking.contains(&self.tab_id);
        tokio::select! {
            answer = tokio::time::timeout(ANSWERS_WITHIN, asked) => answer.is_ok(),
            _ = state.wait_for(asks) => true,
        }
    }

    /// Waits until the page is found to hang, which may be never.
    pub(super) async fn hangs(&self, state: &watch::Receiver<DriverState>) {
        while self.runs_on(state).await {}
    }

    /// Tells, after a while, whether the page runs still.
    pub(super) async fn runs_on(&self, state: &watch::Receiver<DriverState>) -> bool {
        tokio::time::sleep(ASKED_AFTER).await;
        let params = json!({ "expression": "0" });
        match self.client.send(Some(&self.session), "Runtime.evaluate", params) {
            Ok(asked) => self.runs(asked.shared(), state).await,
            Err(_gone) => true,
        }
    }

    /// Ends the page's process, or else its tab, and makes the error that tells so.
    pub(super) async fn end(&self, state: &watch::Receiver<DriverState>) -> DriverError {
        let session = Some(self.session.as_str());
        let ending = self.client.call::<Value>(session, "Page.crash", json!({}), ENDED_WITHIN);
        match ending.await {
            Err(CallError::Closed) => ended(state),
            Err(CallError::Gone) => DriverError::Failed(
                "The page hung and did not give way, so it was ended. Open the address again"
                    .to_owned(),
            ),
            ending => {
                tracing::debug!(?ending, "A page that hangs is ended with its tab");
                let target = json!({ "targetId": self.tab_id });
                self.client.tell(None, "Target.closeTarget", target);
                DriverError::Failed(
                    "The page hung and did not give way, so its tab was closed. Open the address \
                     again"
                        .to_owned(),
                )
            }
        }
    }
}

/// Tells whether two addresses are of different sites for sure, which are never shown by one process.
fn are_apart(from: &str, to: &str) -> bool {
    let site = |url: &str| {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        match url.host()? {
            // Whatever the owners of names are, two of one site end alike.
            url::Host::Domain(name) => {
                let labels: Vec<&str> = name.rsplit('.').take(2).collect();
                Some(labels.join("."))
            }
            address => Some(address.to_string()),
        }
    };
    matches!((site(from), site(to)), (Some(from), Some(to)) if from != to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_apart_only_for_sure() {
        for (from, to, apart) in [
            ("https://a.test/", "https://b.test/", true),
            ("https://www.a.test/x", "https://shop.a.test/", false),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", false),
            ("http://127.0.0.1/", "http://localhost/", true),
            ("https://a.co.uk/", "https://b.co.uk/", false),
            ("https://a.test/", "about:blank", false),
            ("data:text/html,", "https://a.test/", false),
        ] {
            assert_eq!(are_apart(from, to), apart, "{from} {to}");
        }
    }
}
