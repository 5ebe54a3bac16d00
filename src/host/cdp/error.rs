//! Defines why a call to the browser has no answer.

use std::time::Duration;

/// The reason why a call to the browser has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    #[error("{message}")]
    Refused { code: i64, message: String },
    #[error("the browser did not answer within {} s", .0.as_secs())]
    Late(Duration),
    #[error("the browser takes no more calls")]
    Full,
    #[error("the tab was closed")]
    Gone,
    #[error("the browser is gone")]
    Closed,
    #[error("the browser's answer is not understood")]
    Strange,
}
