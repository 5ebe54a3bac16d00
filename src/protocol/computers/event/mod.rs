//! Reads a session's event stream: rows of the log, and what they say about the session itself.

mod people;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use self::text::text;
use super::action::{PageContext, is_error};
use super::computer::ended_words;
use super::words::text_at;
use crate::base::json;
use crate::base::text::{clip, one_line};
use crate::model::{ConsoleLevel, EventKind, Family, Phase, RequestRef, SessionEvent};
use crate::protocol::time::timestamp;

/// The text of a row has at most so many characters.
const MAX_CHARS: usize = 512;
/// Larger events are cut and kept unread.
const MAX_JSON: usize = 1 << 20;
/// An event without a name gets this one.
const UNNAMED: &str = "raw";

/// One event, and its meaning beyond its row in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct EventNews {
    /// The event as a row of the log.
    pub event: SessionEvent,
    /// The page as it is now, where the event tells of it.
    pub page: Option<PageContext>,
    /// The reason why the session is over, in one sentence, if it is.
    pub ended: Option<String>,
    /// Whether the event is about a screenshot: it asks for one, or answers with one.
    pub is_screenshot: bool,
}

/// Reads one event. Nothing is refused: what is not understood becomes a row under the name that it came with. `name`
/// is the stream's name for it, "message" where it has none.
pub fn event_news(name: &str, data: &str, id: &str, received_at: Timestamp) -> EventNews {
    let json = if data.len() <= MAX_JSON { json::document(data).ok() } else { None };
    // What is said about numbers has their own characters, because a reader looks for these.
    let as_written = json.as_ref().and_then(|_| json::as_written(data));
    let name = name_of(name, json.as_ref());
    let kind = EventKind::of(&name);
    let body = json.as_ref().unwrap_or(&Value::Null);
    let told = people::people_event(kind, body);
    let text = match (&told, as_written.as_ref().or(json.as_ref())) {
        // These words lack names. Whoever knows the roster makes better ones.
        (Some(told), _) => told.text(&BTreeMap::new(), None),
        (None, Some(body)) => people::words(kind, body)
            .or_else(|| people::second_name_words(body))
            .unwrap_or_else(|| text(kind.family(), body, data, name != UNNAMED)),
        (None, None) => data.to_owned(),
    };
    let event = SessionEvent {
        received_at,
        server_at: ["timestamp", "ts", "time", "created_at"]
            .iter()
            .find_map(|key| timestamp(&body[*key])),
        id: (!id.is_empty()).then(|| id.to_owned()),
        text: one_line(&text, MAX_CHARS),
        level: level(kind, body),
        request: request(kind, body),
        people: told.map(Box::new),
        raw: Arc::from(clip(data, MAX_JSON)),
        kind,
        name: name.into(),
    };
    EventNews {
        page: page(&event, body),
        // Only the session's own event tells its end, because a "status" may be that of anything.
        ended: ended_words(body).filter(|_| event.name.starts_with("session")),
        is_screenshot: is_screenshot(body),
        event,
    }
}

/// Returns the name of an event: the stream's own, then the fields in use for it, then what the fields betray.
fn name_of(name: &str, json: Option<&Value>) -> String {
    if !name.is_empty() && name != "message" {
        return one_line(name, 64);
    }
    let Some(body) = json else {
        return UNNAMED.to_owned();
    };
    let told = text_at(body, &["type", "event", "event_type", "kind", "category"]);
    let betrayed = || match body {
        body if !body["is_stderr"].is_null() => "output",
        body if !body["status"].is_null() && !body["request_id"].is_null() => "action_response",
        body if !body["action"].is_null() => "action_request",
        _ => UNNAMED,
    };
    one_line(told.unwrap_or_else(betrayed), 64)
}

fn request(kind: EventKind, body: &Value) -> Option<RequestRef> {
    let id = body["request_id"].as_str()?;
    let phase = match kind {
        EventKind::ActionResponse => Phase::Answered { ok: !is_error(body) },
        EventKind::ActionRequest => Phase::Requested,
        // A service may name the event after the action. The fields tell the kind then.
        _ if !body["is_stderr"].is_null() => return None,
        _ if !body["status"].is_null() => Phase::Answered { ok: !is_error(body) },
        _ if !body["action"].is_null() => Phase::Requested,
        _ => return None,
    };
    Some(RequestRef { id: clip(id, 256).to_owned(), phase })
}

fn level(kind: EventKind, body: &Value) -> Option<ConsoleLevel> {
    let is_console = kind.family() == Family::Console;
    is_console.then(|| ConsoleLevel::of(text_at(body, &["level", "severity"]).unwrap_or_default()))
}

fn is_screenshot(body: &Value) -> bool {
    let action = &body["action"];
    let asks = action == "screenshot" || text_at(action, &["type", "name"]) == Some("screenshot");
    let pictures = ["image_url", "screenshot_url", "screenshot_base64"];
    asks || text_at(&body["result"], &pictures).is_some()
}

fn page(event: &SessionEvent, body: &Value) -> Option<PageContext> {
    let is_elsewhere = body["is_main_frame"] == Value::Bool(false)
        || matches!(event.kind, EventKind::Tab | EventKind::TabActivated);
    let own =
        || PageContext::read(body).filter(|_| event.family() == Family::Page && !is_elsewhere);
    PageContext::read(&body["page_context"]).or_else(own)
}

#[cfg(test)]
mod tests;
