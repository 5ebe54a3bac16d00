//! Defines the reasons why a call to the browser has no answer.

use std::time::Duration;

/// The reason why a call to the browser has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// The browser refused the call.
    #[error("{message}")]
    Refused {
        /// The code of the error in the DevTools protocol.
        code: i64,
        /// The reason in the browser's words.
        message: String,
    },
    /// The browser did not answer within this time.
    #[error("the browser did not answer within {} s", .0.as_secs())]
    Late(Duration),
    /// Too many calls wait for the browser, which hangs.
    #[error("too many calls wait for the browser; try again when it answers")]
    Full,
    /// The page session is gone.
    #[error("the tab was closed")]
    Gone,
    /// The connection is at its end.
    #[error("the browser is gone")]
    Closed,
    /// The answer is of another shape than expected.
    #[error("the browser's answer is not understood")]
    Strange,
}
