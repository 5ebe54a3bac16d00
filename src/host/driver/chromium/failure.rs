//! Tells why something failed, in words for whoever asked for it.

use tokio::sync::watch;

use crate::base::text::one_line;
use crate::host::cdp::CallError;
use crate::host::driver::{DriverError, DriverState};
use crate::protocol::socket::DialogWords;

/// So much of a dialog's message is quoted.
const MAX_SAID: usize = 200;

/// Makes the error of a call that failed.
pub(super) fn failed(err: CallError, state: &watch::Receiver<DriverState>) -> DriverError {
    match err {
        CallError::Closed => ended(state),
        CallError::Late(within) => DriverError::Busy(format!(
            "The page is busy: it has not answered for {} s. Wait, reload it or open another one",
            within.as_secs()
        )),
        CallError::Refused { message, .. } => DriverError::Failed(message),
        CallError::Gone | CallError::Full | CallError::Strange => {
            DriverError::Failed(err.to_string())
        }
    }
}

/// Makes the error of an act that a page was given, and has not answered.
pub(super) fn unanswered(err: CallError, state: &watch::Receiver<DriverState>) -> DriverError {
    match err {
        CallError::Late(within) => DriverError::Busy(format!(
            "The page is busy: it has not answered for {} s. This was given to it and may still be done, so look at \
             the page before you ask again",
            within.as_secs()
        )),
        err => failed(err, state),
    }
}

/// Makes the error of whatever can't reach a page because of its dialog.
pub(super) fn dialog_error(dialog: &DialogWords) -> DriverError {
    let kind = match dialog.kind.as_str() {
        "beforeunload" => "asks whether it may be left".to_owned(),
        kind => format!("shows a dialog ({})", one_line(kind, 20)),
    };
    let said = one_line(&dialog.message, MAX_SAID);
    let said = if said.is_empty() { said } else { format!(": “{said}”") };
    DriverError::Dialog(format!("The page {kind}{said}. Answer it first"))
}

/// Makes the error of a session that is over; the reason is in its state.
pub(super) fn ended(state: &watch::Receiver<DriverState>) -> DriverError {
    DriverError::Ended(
        state.borrow().ended.clone().unwrap_or_else(|| "the browser is gone".to_owned()),
    )
}
