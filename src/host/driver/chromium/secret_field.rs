//! Finds out whether what is typed into a page is for nobody's eyes.

use std::time::Duration;

use super::page::PageHandle;

const SCRIPT: &str = include_str!("secret_field.js");
/// A page that does not answer within this time is taken for one with a field that hides what is typed.
const TOLD_WITHIN: Duration = Duration::from_millis(500);

impl PageHandle {
    /// Tells whether the focused field of any document hides what is typed, or whether that can't be told in time.
    pub(super) async fn types_secret(&self) -> bool {
        tokio::time::timeout(TOLD_WITHIN, self.any_secret_field()).await.unwrap_or(true)
    }

    async fn any_secret_field(&self) -> bool {
        let Ok(documents) = self.documents().await else {
            return true;
        };
        for document in &documents {
            // A document that is gone by now has no field any more.
            if self.evaluate_in::<bool>(document, SCRIPT).await.is_ok_and(|hides| hides) {
                return true;
            }
        }
        false
    }
}
