//! Reads and writes the dialects of co-browsing services (Webfuse's RPC, Surfly's REST). There is no I/O here.
//!
//! Neither has a stream of pictures or events for a program that is no browser: snapshots are polled, and what
//! happened is told by the difference of two descriptions of a session.

mod calls;
mod session;

use std::time::Instant;

use serde_json::{Value, json};

pub use calls::{RpcActions, RpcCall};
pub use session::{SpaceSession, changes, created, end_of, sessions_of};

use super::computers::{CastMessage, cast_message, error_words, page_address, path_segment};
use crate::model::EncodedFrame;

/// A call may take this long, as the service documents it.
pub const CALL_LIMIT_MS: u64 = 15_000;

/// A service, under the name that it has in addresses and events, too.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::EnumString, strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
pub enum Dialect {
    /// `rpc.webfuse.com` has sessions, and calls that act in the page while a person has the session open.
    Webfuse,
    /// `surfly.com/v2` has sessions and their screenshots. They can't be steered.
    Surfly,
}

impl Dialect {
    /// Returns the path of the list of sessions, relative to the base as the user gives it.
    pub fn list_path(self, space: Option<&str>) -> String {
        match (self, space) {
            (Self::Webfuse, None) => "api/v1/sessions".to_owned(),
            (Self::Webfuse, Some(space)) => {
                format!("api/v1/sessions?space_id={}", path_segment(space))
            }
            (Self::Surfly, _) => "sessions/?active_session=true".to_owned(),
        }
    }

    /// Returns the path at which a session is made.
    pub fn create_path(self) -> &'static str {
        match self {
            Self::Webfuse => "api/v1/sessions",
            Self::Surfly => "sessions/",
        }
    }

    /// Makes the body of the call that makes a session, at `url` where the service can open one.
    pub fn create_body(self, url: Option<&str>) -> Value {
        match (self, url) {
            (Self::Webfuse, _) => json!({ "metadata": {} }),
            (Self::Surfly, Some(url)) => json!({ "url": page_address(url) }),
            (Self::Surfly, None) => json!({}),
        }
    }

    /// Returns the path of one session's description.
    pub fn session_path(self, id: &str) -> String {
        match self {
            Self::Webfuse => format!("api/v1/sessions/{}", path_segment(id)),
            Self::Surfly => format!("sessions/{}/", path_segment(id)),
        }
    }

    /// Returns the path of the call that ends a session.
    pub fn end_path(self, id: &str) -> String {
        match self {
            Self::Webfuse => format!("api/v1/sessions/{}/end", path_segment(id)),
            Self::Surfly => format!("sessions/{}/end/", path_segment(id)),
        }
    }

    /// Tells whether a session can be steered.
    pub fn can_be_steered(self) -> bool {
        match self {
            Self::Webfuse => true,
            Self::Surfly => false,
        }
    }
}

/// Returns the path of the calls that act in a session's page.
pub fn rpc_path(id: &str) -> String {
    format!("rpc/{}/call", path_segment(id))
}

/// Returns the result of a call; the error is the sentence that says why there is none.
pub fn rpc_result(answer: &Value) -> Result<&Value, String> {
    match answer["status"].as_str() {
        Some("timeout") => {
            Err("Nobody has the session open in a browser, where it would be done".to_owned())
        }
        Some("error" | "failed") => {
            Err(error_words(answer).unwrap_or_else(|| "The service gives no reason".to_owned()))
        }
        _ => Ok(answer.get("result").unwrap_or(answer)),
    }
}

/// Reads the picture in the result of `take_gui_snapshot`, in whatever form it is. The error names what is in its place.
pub fn snapshot(result: &Value, received_at: Instant) -> Result<EncodedFrame, String> {
    let nested = ["snapshot", "image", "data"].iter().find_map(|key| {
        let value = &result[*key];
        (value.is_string() || value.is_object()).then_some(value)
    });
    let picture = nested.unwrap_or(result);
    match cast_message("message", &picture.to_string(), received_at) {
        CastMessage::Picture(frame) => Ok(frame),
        CastMessage::Damaged(what) => Err(what),
        CastMessage::Video
        | CastMessage::Cursor(_)
        | CastMessage::Failed(_)
        | CastMessage::Unknown => Err("no picture".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &str = "iVBORw0KGgo=";

    #[test]
    fn snapshots_come_in_many_shapes() {
        let now = Instant::now();
        let address = format!("data:image/png;base64,{PNG}");
        for result in [
            json!(PNG),
            json!(address),
            json!({ "image": PNG }),
            json!({ "data": address }),
            json!({ "snapshot": PNG }),
            json!({ "snapshot": { "data": PNG } }),
        ] {
            assert!(snapshot(&result, now).is_ok(), "{result}");
        }
        for result in [json!(null), json!({}), json!("?"), json!({ "image": 3 })] {
            assert!(snapshot(&result, now).is_err(), "{result}");
        }
    }

    #[test]
    fn a_call_says_what_came_of_it() {
        let ok = json!({ "status": "success", "result": { "a": 1 } });
        assert_eq!(rpc_result(&ok), Ok(&json!({ "a": 1 })));
        let error = json!({ "status": "error", "error": "No such element" });
        assert_eq!(rpc_result(&error), Err("No such element".to_owned()));
        assert!(rpc_result(&json!({ "status": "timeout" })).is_err());
    }

    #[test]
    fn an_id_of_a_server_cannot_reach_another_path() {
        assert_eq!(Dialect::Webfuse.end_path("../x"), "api/v1/sessions/..%2Fx/end");
        assert_eq!(rpc_path("a/b"), "rpc/a%2Fb/call");
        assert_eq!(Dialect::Webfuse.list_path(Some("4&2")), "api/v1/sessions?space_id=4%262");
    }
}
