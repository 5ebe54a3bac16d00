//! Says why a connection failed. Variants name what the caller can do about it; each prints as one plain sentence.

use std::time::Duration;

use serde_json::Value;

use super::tls;
use crate::base::json;
use crate::base::text::{clip, one_line};
use crate::protocol::computers::error_words;

/// Length of the longest server text that a message quotes, in characters.
const MAX_QUOTE: usize = 300;
/// Time to leave a server in peace that has closed a WebSocket for a reason of its own.
const AFTER_CLOSE: Duration = Duration::from_secs(5);

/// What nginx, Go, Apache and Tomcat say at a port for https to whoever speaks http.
const FOR_HTTPS: [&str; 4] = ["https port", "https server", "ssl-enabled server", "requires tls"];

/// A failed request or connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The answer is final: asking again without a change would get the same.
    #[error("{message} (HTTP {status})")]
    Refused {
        /// HTTP status of the answer.
        status: u16,
        /// One plain sentence, in the server's words if it has any.
        message: String,
    },
    /// The server asks the client to come back later.
    #[error("{message} (HTTP {status})")]
    Busy {
        /// HTTP status of the answer.
        status: u16,
        /// One plain sentence, in the server's words if it has any.
        message: String,
        /// Time that the server asks to wait, if it says.
        retry_after: Option<Duration>,
    },
    /// The server closed a WebSocket with a code from 4400 to 4499, which means what the HTTP status of the same last
    /// three digits means.
    #[error("{message}")]
    Closed {
        /// The close code.
        code: u16,
        /// One plain sentence with the code, in the server's words if it has any.
        message: String,
    },
    /// Nobody answers at the address, so no connection could be made.
    #[error("{0}")]
    Unreachable(String),
    /// The network failed, or the other side went away.
    #[error("{0}")]
    Lost(String),
    /// The server sent more than a limit allows, and the connection is dropped.
    #[error("The server sent more than is accepted for a {what}; the connection was dropped")]
    TooLarge {
        /// Name of the part that is too large, as it stands after "for a".
        what: &'static str,
    },
    /// The server answers with success, but its answer tells that it did not do what was asked for.
    #[error("{0}")]
    Declined(String),
    /// The server answers with success, but the answer is not what the API describes.
    #[error("{0}")]
    NotUnderstood(String),
    /// The answer is not what was asked for: it has another media type or a compressed body.
    #[error("{0}")]
    NotAStream(String),
    /// The server speaks https at an address of http, or the other way round.
    #[error("{0}")]
    OtherScheme(String),
    /// The server leads to an address that it must not make this computer ask.
    #[error("{0}")]
    OutOfReach(String),
    /// Going on would disclose a secret to others.
    #[error("{0}")]
    Insecure(String),
    /// An address or a header cannot be sent.
    #[error("{0}")]
    Invalid(String),
}

impl NetError {
    /// Returns whether trying again by itself may help.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unreachable(_) | Self::Lost(_) | Self::TooLarge { .. } => {
                true
            }
            Self::Closed { code, .. } => matches!(code, 4408 | 4425 | 4429),
            Self::Refused { .. }
            | Self::Declined(_)
            | Self::NotUnderstood(_)
            | Self::NotAStream(_)
            | Self::OtherScheme(_)
            | Self::OutOfReach(_)
            | Self::Insecure(_)
            | Self::Invalid(_) => false,
        }
    }

    /// Returns whether the failure may pass by itself. A server that has worked before and starts anew may refuse, know
    /// nothing yet, or answer with a page of its own; at first contact these are final.
    pub fn may_pass(&self, has_worked: bool) -> bool {
        let is_of_start = match self {
            Self::Refused { status, .. } => matches!(status, 401 | 403 | 404),
            // A session or a picture that is gone stays gone.
            Self::Closed { code, .. } => *code != 4410,
            Self::NotUnderstood(_) | Self::NotAStream(_) => true,
            _ => false,
        };
        self.is_retryable() || (has_worked && is_of_start)
    }

    /// Returns whether the server refuses the credential. Some lock out clients that repeat one.
    pub fn is_about_key(&self) -> bool {
        matches!(self.status(), Some(401 | 403))
    }

    /// Returns how long the server asked to wait, or has to be left in peace without a word about it.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            Self::Closed { .. } => Some(AFTER_CLOSE),
            _ => None,
        }
    }

    /// Returns whether the server gave a final answer that is no use: asking again would get the same.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Declined(_)
                | Self::NotUnderstood(_)
                | Self::OtherScheme(_)
                | Self::OutOfReach(_)
        )
    }

    /// Returns the HTTP status of an answer that refuses or puts off the request.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Closed { code, .. } => Some(code - 4000),
            Self::Refused { status, .. } | Self::Busy { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// Returns what to say where a server speaks the scheme `it` and not the one that its address begins with.
pub(super) fn other_scheme(it: &str) -> NetError {
    let socket = it.replace("http", "ws");
    NetError::OtherScheme(format!(
        "This is an {it} address: begin it with {it}://, or with {socket}:// for a WebSocket"
    ))
}

/// Tells whether a server says in the body of a refusal that it speaks https.
pub(super) fn is_for_https(body: &[u8]) -> bool {
    let words =
        String::from_utf8_lossy(&body[..body.len().min(MAX_QUOTE * 4)]).to_ascii_lowercase();
    FOR_HTTPS.iter().any(|known| words.contains(known))
}

/// Returns the server's message in a body of any kind: a known field of JSON, or else the start of plain text.
pub(super) fn words_of(body: &[u8]) -> Option<String> {
    if let Ok(json) = json::from_slice::<Value>(body) {
        return error_words(&json);
    }
    // The body may be long, so only its start is decoded.
    let start = body.trim_ascii();
    let start = &start[..start.len().min(MAX_QUOTE * 4)];
    let words = String::from_utf8_lossy(start);
    // A page of markup is left out, because it explains nothing on one line.
    if words.is_empty() || words.starts_with('<') {
        return None;
    }
    Some(one_line(&words, MAX_QUOTE))
}

/// Returns the last cause of `err` on one short line, because causes may quote whole bodies. A fault of TLS is put in
/// plain words, whatever it came through.
pub(super) fn root_cause(err: &(dyn std::error::Error + 'static)) -> String {
    if let Some(words) = tls::words(err) {
        return words;
    }
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

    #[test]
    fn what_a_server_says_while_it_starts_may_pass() {
        let refused = |status| NetError::Refused { status, message: String::new() };
        let closed = |code| NetError::Closed { code, message: "Busy".to_owned() };
        for (error, passes, is_retryable) in [
            (refused(404), true, false),
            (refused(401), true, false),
            (refused(403), true, false),
            (refused(204), false, false),
            (refused(400), false, false),
            (refused(410), false, false),
            (NetError::NotAStream(String::new()), true, false),
            (NetError::NotUnderstood(String::new()), true, false),
            (NetError::Lost(String::new()), true, true),
            (NetError::Insecure(String::new()), false, false),
            (closed(4404), true, false),
            (closed(4410), false, false),
            (closed(4429), true, true),
        ] {
            assert_eq!(
                (error.may_pass(true), error.may_pass(false)),
                (passes, is_retryable),
                "{error:?}"
            );
        }
        assert!(closed(4401).is_about_key() && closed(4401).retry_after() >= Some(AFTER_CLOSE));
    }
}
