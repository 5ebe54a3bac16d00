//! Finds out what a page does that sends no pictures.

use std::time::Duration;

use super::page::PageHandle;
use crate::host::driver::DriverError;
use crate::model::PageLife;

/// A page that does not answer within this time is stuck: nothing that is done to it is seen either.
const ANSWERS_WITHIN: Duration = Duration::from_millis(800);

impl PageHandle {
    /// Asks the page for the smallest thing that only the page itself can answer.
    pub(super) async fn life(&self) -> PageLife {
        match self.check() {
            // A page with a dialog stands still until it is answered.
            Err(DriverError::Dialog(_)) => return PageLife::Still,
            Err(_) => return PageLife::Stuck,
            Ok(()) => (),
        }
        let asked = self.evaluate::<bool>("document.visibilityState === 'hidden'", ANSWERS_WITHIN);
        match tokio::time::timeout(ANSWERS_WITHIN, asked).await {
            Ok(Ok(true)) => PageLife::Hidden,
            Ok(Ok(false)) => PageLife::Still,
            Ok(Err(_)) | Err(_) => PageLife::Stuck,
        }
    }
}
