//! Tells why something failed, in words for whoever asked for it.

use tokio::sync::watch;

use crate::host::cdp::CallError;
use crate::host::driver::{DriverError, DriverState};

/// Makes the error of a call that failed.
pub(super) fn failed(err: CallError, state: &watch::Receiver<DriverState>) -> DriverError {
    match err {
        CallError::Closed => ended(state),
        CallError::Late(_) => DriverError::Failed(
            "The page does not respond. Reload it or open another one".to_owned(),
        ),
        CallError::Refused { message, .. } => DriverError::Failed(message),
        CallError::Gone | CallError::Full | CallError::Strange => {
            DriverError::Failed(err.to_string())
        }
    }
}

/// Makes the error of a session that is over; the reason is in its state.
pub(super) fn ended(state: &watch::Receiver<DriverState>) -> DriverError {
    DriverError::Ended(
        state.borrow().ended.clone().unwrap_or_else(|| "the browser is gone".to_owned()),
    )
}
