//! Knows a tab's history: the pages that it goes back and forward to.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::host::cdp::{CallError, CdpClient};

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// The address of the empty page with which every tab opens.
pub(super) const BLANK: &str = "about:blank";

/// The answer to `Page.getNavigationHistory`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TabHistory {
    current_index: usize,
    entries: Vec<HistoryEntry>,
}

#[derive(Debug, Deserialize)]
struct HistoryEntry {
    id: i64,
    url: String,
}

impl TabHistory {
    /// Returns the page to which `step` leads, if there is one.
    pub(super) fn entry(&self, step: isize, opened_blank: bool) -> Option<i64> {
        let at = self.current_index.checked_add_signed(step)?;
        let entry = self.entries.get(at).filter(|_| at >= self.first(opened_blank))?;
        Some(entry.id)
    }

    pub(super) fn can_go_back(&self, opened_blank: bool) -> bool {
        self.current_index > self.first(opened_blank)
    }

    pub(super) fn can_go_forward(&self) -> bool {
        self.current_index + 1 < self.entries.len()
    }

    /// Tells whether the first page of all was just reached, with nothing but the blank page before it.
    pub(super) fn has_only_blank_behind(&self, opened_blank: bool) -> bool {
        self.first(opened_blank) == self.current_index
            && self.current_index > 0
            && self.entries.len() == 2
    }

    /// Returns the earliest page that there is to go back to.
    fn first(&self, opened_blank: bool) -> usize {
        let begins_blank = self.entries.first().is_some_and(|entry| entry.url == BLANK);
        usize::from(opened_blank && begins_blank)
    }
}

/// Keeps at most one question about a tab's history open, and remembers one more.
#[derive(Debug, Default)]
pub(super) struct HistoryRefresh {
    pub(super) asked: bool,
    pub(super) stale: bool,
}

/// Asks a page's `session` for its history. The call is sent now, whenever the answer is awaited.
pub(super) fn read(
    client: &CdpClient,
    session: &str,
) -> impl Future<Output = Result<TabHistory, CallError>> + Send + use<> {
    let asked = client.send(Some(session), "Page.getNavigationHistory", json!({}));
    async move { asked?.within(ANSWER_WITHIN).await?.read() }
}
