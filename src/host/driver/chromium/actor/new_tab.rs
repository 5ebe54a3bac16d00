//! Opens tabs. The next jobs wait until a new tab is ready, since they mean it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::BrowserActor;
use super::barrier::{Barrier, Made};
use crate::host::cdp::CallError;
use crate::host::driver::DriverError;
use crate::host::driver::chromium::address;
use crate::host::driver::chromium::failure::failed;
use crate::host::driver::chromium::history::BLANK;

/// The first tab opens with the browser itself, which takes its time on a busy machine.
const TAB_WITHIN: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    target_id: String,
}

impl BrowserActor {
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

    /// Waits until the page itself has answered: one that is left before it took what was asked of it tells
    /// nothing of what comes after.
    pub(super) fn await_tab(&mut self, id: String, url: String, made: Made) {
        let Some(tab) = self.tabs.by_id(&id) else {
            return made.send(Ok(id));
        };
        let asked = self.parts.client.send(Some(&tab.session), "Page.getFrameTree", json!({}));
        self.barrier = Some(Box::pin(async move {
            if let Err(err) = async { asked?.within(TAB_WITHIN).await }.await {
                tracing::debug!(%err, "The new tab does not answer");
            }
            Barrier::TabReady { id, url, made }
        }));
    }

    /// Takes a new tab to its first address. Whether that can be loaded is told by events.
    pub(super) fn begin_at(&mut self, tab_id: &str, url: &str) {
        let Some(tab) = self.tabs.by_id(tab_id) else {
            return;
        };
        tab.opened_blank = true;
        let params = json!({ "url": url });
        self.parts.client.tell(Some(&tab.session), "Page.navigate", params);
    }
}
