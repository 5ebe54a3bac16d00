//! Why a connection failed. Variants name what the caller can do about it; each prints as one plain sentence.

use std::time::Duration;

use serde_json::Value;

use crate::base::json;
use crate::base::text::{clip, one_line};
use crate::protocol::computers::error_words;

/// Longest server text that is quoted in a message.
const MAX_QUOTE: usize = 300;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// A final answer: asking again without a change would get the same.
    #[error("{message} (HTTP {status})")]
    Refused { status: u16, message: String },
    /// The server wants us to come back later.
    #[error("{message} (HTTP {status})")]
    Busy { status: u16, message: String, retry_after: Option<Duration> },
    /// Nobody answers at the address: no connection could be made.
    #[error("{0}")]
    Unreachable(String),
    /// The network failed, or the other side went away.
    #[error("{0}")]
    Lost(String),
    /// A limit was passed; the connection is dropped.
    #[error("The server sent more than is accepted for a {what}; the connection was dropped")]
    TooLarge { what: &'static str },
    /// The server answers well, and tells in its answer that it did not do what was asked for.
    #[error("{0}")]
    Declined(String),
    /// The server answers well, but the answer is not what the API says.
    #[error("{0}")]
    NotUnderstood(String),
    /// What came is not what was asked for: another media type, a coded body.
    #[error("{0}")]
    NotAStream(String),
    /// Going on would show a secret to others.
    #[error("{0}")]
    Insecure(String),
    /// An address or a header that cannot be sent.
    #[error("{0}")]
    Invalid(String),
}

impl NetError {
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unreachable(_) | Self::Lost(_) | Self::TooLarge { .. } => {
                true
            }
            Self::Refused { .. }
            | Self::Declined(_)
            | Self::NotUnderstood(_)
            | Self::NotAStream(_)
            | Self::Insecure(_)
            | Self::Invalid(_) => false,
        }
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns whether the server gave a final answer that is no use: asking again would get the same.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Declined(_) | Self::NotUnderstood(_))
    }

    /// The HTTP status of an answer that refuses or puts off what was asked for.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Busy { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// The server's words in a body of any kind: JSON by its fields, else the start of plain text.
pub(super) fn words_of(body: &[u8]) -> Option<String> {
    if let Ok(json) = json::from_slice::<Value>(body) {
        return error_words(&json);
    }
    // The body may be long: only its start is decoded.
    let start = body.trim_ascii();
    let start = &start[..start.len().min(MAX_QUOTE * 4)];
    let words = String::from_utf8_lossy(start);
    // A page of markup explains nothing on one line.
    if words.is_empty() || words.starts_with('<') {
        return None;
    }
    Some(one_line(&words, MAX_QUOTE))
}

/// The last cause of `err`, on one short line: causes may quote whole bodies.
pub(super) fn root_cause(err: &dyn std::error::Error) -> String {
    let mut cause = err;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    one_line(clip(&cause.to_string(), MAX_QUOTE * 4), MAX_QUOTE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_and_foreign_bodies_become_one_short_line() {
        let long = "x".repeat(1 << 20);
        assert_eq!(words_of(long.as_bytes()).unwrap().chars().count(), MAX_QUOTE + 1);
        let quoted = json!({ "error": long }).to_string();
        assert_eq!(words_of(quoted.as_bytes()).unwrap().chars().count(), MAX_QUOTE + 1);
        assert_eq!(words_of(b" not today \r\n").as_deref(), Some("not today"));
        assert_eq!(words_of(b"<html><body>502"), None);
        assert_eq!(words_of(b""), None);
    }

    #[test]
    fn only_what_time_can_mend_is_tried_again() {
        let busy = NetError::Busy {
            status: 503,
            message: "Busy".to_owned(),
            retry_after: Some(Duration::from_secs(7)),
        };
        assert!(busy.is_retryable());
        assert_eq!((busy.status(), busy.retry_after()), (Some(503), Some(Duration::from_secs(7))));
        assert!(NetError::Lost(String::new()).is_retryable());
        assert!(NetError::Unreachable(String::new()).is_retryable());
        assert!(NetError::TooLarge { what: "line" }.is_retryable());
        let refused = NetError::Refused { status: 410, message: "Gone".to_owned() };
        assert!(!refused.is_retryable());
        assert!(refused.is_refusal() && !busy.is_refusal());
        assert_eq!(refused.to_string(), "Gone (HTTP 410)");
        let not_understood = NetError::NotUnderstood("No list".to_owned());
        assert!(not_understood.is_refusal() && !not_understood.is_retryable());
        assert!(!NetError::Insecure(String::new()).is_retryable());
    }
}
