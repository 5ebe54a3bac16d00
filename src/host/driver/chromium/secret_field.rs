//! Finds out whether what is typed into a page is for nobody's eyes.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::world::documents;
use crate::host::cdp::CdpClient;

const SCRIPT: &str = include_str!("secret_field.js");
/// A page that does not answer within this time is taken for one with a password field.
const TOLD_WITHIN: Duration = Duration::from_millis(500);

/// The sessions by which the documents of a tab are reached: the page's own, and those of its frames in other processes.
pub(super) struct TabSessions {
    pub(super) client: CdpClient,
    pub(super) sessions: Vec<String>,
}

#[derive(Deserialize)]
struct SecretAnswer {
    result: SecretValue,
}

#[derive(Deserialize)]
struct SecretValue {
    value: bool,
}

impl TabSessions {
    /// Tells whether the focused field of any document hides what is typed, or whether that can't be told in time.
    pub(super) async fn types_secret(self) -> bool {
        tokio::time::timeout(TOLD_WITHIN, self.any_secret()).await.unwrap_or(true)
    }

    async fn any_secret(&self) -> bool {
        let Ok(documents) = documents(&self.client, &self.sessions, TOLD_WITHIN).await else {
            return true;
        };
        for document in documents {
            let params = json!({
                "expression": SCRIPT, "contextId": document.context, "returnByValue": true,
            });
            let session = Some(document.session.as_str());
            let answer: Result<SecretAnswer, _> =
                self.client.call(session, "Runtime.evaluate", params, TOLD_WITHIN).await;
            if answer.is_ok_and(|answer| answer.result.value) {
                return true;
            }
        }
        false
    }
}
