//! Defines the errors for whoever starts a host, and for whoever calls its API.

use std::io;
use std::net::SocketAddr;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::driver::DriverError;

/// The reason why a host or a session could not be started.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The address can be reached from other machines, which was not allowed.
    #[error(
        "{0} can be reached from other machines, and the host's traffic is not encrypted; listen on 127.0.0.1, or add --allow-remote"
    )]
    NotLoopback(SocketAddr),
    /// The address can't be listened at.
    #[error("The host can't listen on {addr}; choose another port, or 0 for a free one")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The token can't be used.
    #[error("The token has to be 16 to 512 visible ASCII characters without spaces")]
    BadToken,
    /// The secret for webhooks can't be used.
    #[error("The webhook secret has to have 16 to 512 characters")]
    BadHookSecret,
    /// The file with the secret for webhooks can't be read.
    #[error("The webhook secret could not be read from {path}: {why}")]
    HookSecretFile {
        /// The file's path.
        path: String,
        /// The reason.
        why: String,
    },
    /// The file that remembers which webhooks were taken can't be used.
    #[error("The host can't remember in {path} which webhooks were taken: {why}")]
    HookMemory {
        /// The file's path.
        path: String,
        /// The reason.
        why: String,
    },
    /// The system has no random bytes, for this reason.
    #[error("The system gives no random numbers: {0}")]
    Random(String),
    /// The session's browser could not be started.
    #[error("{0}")]
    Launch(String),
    /// The model for chats can't be used as it was configured.
    #[error("The chat's model can't be used: {0}")]
    Chat(String),
    /// The request makes no session.
    #[error("{0}")]
    BadRequest(String),
}

/// The header by which clients that repeat failed requests by themselves are told not to.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// An answer that is an error, in the API's own shape. What may have been done all the same has a good status, since
/// clients repeat by themselves what has a bad one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    pub(crate) code: StatusCode,
    pub(crate) message: String,
    /// The shared vocabulary's word for the reason, where there is one.
    pub(crate) reason: Option<&'static str>,
}

impl ApiError {
    pub(crate) fn new(code: StatusCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None }
    }

    /// Adds a reason; one that is there already stays.
    pub(crate) fn because(mut self, reason: &'static str) -> Self {
        self.reason.get_or_insert(reason);
        self
    }

    /// Tells that a part of what was asked is done, where that is so: then no client may take it for undone.
    pub(crate) fn after_a_part(mut self, begun: bool) -> Self {
        if begun && self.code != StatusCode::OK && self.code != StatusCode::GONE {
            self.code = StatusCode::OK;
            self.message += ". A part of this is done";
        }
        self
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn no_session() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Session not found")
    }

    pub(crate) fn ended(why: &str) -> Self {
        Self::new(StatusCode::GONE, format!("the session has ended: {why}"))
    }
}

impl From<DriverError> for ApiError {
    fn from(err: DriverError) -> Self {
        let code = match &err {
            DriverError::BadRequest(_) => StatusCode::BAD_REQUEST,
            DriverError::NotFound(_) => StatusCode::NOT_FOUND,
            DriverError::Dialog(_) | DriverError::NotYet(_) => StatusCode::CONFLICT,
            DriverError::Failed(_) | DriverError::Busy(_) => StatusCode::OK,
            DriverError::Ended(_) => StatusCode::GONE,
        };
        Self::new(code, err.to_string())
    }
}

impl From<HostError> for ApiError {
    fn from(err: HostError) -> Self {
        let (code, reason) = match &err {
            HostError::Launch(_) => (StatusCode::BAD_GATEWAY, "start_failed"),
            HostError::BadRequest(_) => (StatusCode::BAD_REQUEST, "create_failed"),
            HostError::NotLoopback(_)
            | HostError::Listen { .. }
            | HostError::BadToken
            | HostError::BadHookSecret
            | HostError::HookSecretFile { .. }
            | HostError::HookMemory { .. }
            | HostError::Chat(_)
            | HostError::Random(_) => (StatusCode::INTERNAL_SERVER_ERROR, "create_failed"),
        };
        Self::new(code, err.to_string()).because(reason)
    }
}

impl ApiError {
    pub(crate) fn json(&self) -> Value {
        let mut body = json!({"status": "error", "error_message": self.message, "timestamp": Timestamp::now()});
        if let Some(reason) = self.reason {
            (body["reason"], body["details"]) = (reason.into(), self.message.clone().into());
        }
        body
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.code, Json(self.json())).into_response();
        once_only(self.code, response.headers_mut());
        response
    }
}

/// Tells clients not to repeat by themselves what was answered with an error of this status. Only what was not begun,
/// and may be possible in a moment, is worth it.
pub(crate) fn once_only(code: StatusCode, headers: &mut HeaderMap) {
    let passes = matches!(
        code,
        StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
    );
    if !passes {
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_done_is_not_repeated_by_any_client() {
        for err in [
            DriverError::BadRequest(String::new()),
            DriverError::NotFound(String::new()),
            DriverError::NotYet(String::new()),
            DriverError::Dialog(String::new()),
            DriverError::Failed(String::new()),
            DriverError::Busy(String::new()),
            DriverError::Ended(String::new()),
        ] {
            let response = ApiError::from(err).into_response();
            assert_eq!(response.headers()[SHOULD_RETRY], "false");
            assert!(!response.status().is_server_error());
        }
        for (code, told) in [(500, true), (502, true), (409, true), (408, false), (429, false)] {
            let code = StatusCode::from_u16(code).unwrap();
            let response = ApiError::new(code, "").into_response();
            assert_eq!(response.headers().contains_key(SHOULD_RETRY), told, "{code}");
        }
    }
}
