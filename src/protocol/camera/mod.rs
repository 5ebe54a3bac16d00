//! Reads what cameras send: pictures with what was found in them, as JSON or bare. There is no I/O here.
//!
//! No standard says how: every field is read by the names that are in use, and what can't be read is passed over.

mod address;
mod boxes;
#[cfg(test)]
mod tests;

use std::time::Instant;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use self::boxes::{FoundDetections, declared_size, detections};
use super::computers::error_words;
use super::media::{known_name, name_of};
use super::payload::{Fields, is_payload, is_picture_field, name_of_text, picture};
use crate::base::json;
use crate::base::text::one_line;
use crate::model::{EncodedFrame, ImageFormat};

pub use address::{AddressLogin, CameraAddress, CameraDialect, forward_base};
pub use boxes::{BoxFormat, UnreadDetections};

/// A status line is shown up to so many characters.
const MAX_WORDS: usize = 300;
/// A message without a picture that is longer than this has nothing to say to people.
const MAX_SPEECH: usize = 64 << 10;
const MAX_ID: usize = 120;

const WRAPPERS: [&str; 5] = ["data", "params", "payload", "frame", "image"];
const METADATA: &str = "metadata";
const IDS: [&str; 4] = ["camera_id", "cameraId", "camera", "source"];

/// One message of a camera.
#[derive(Debug)]
pub enum CameraMessage {
    /// A picture.
    Picture {
        /// The picture with its detections.
        frame: EncodedFrame,
        /// The camera's own name for itself, where it tells one.
        camera_id: Option<String>,
        /// The detections that could not be read, where there are any.
        unread: Option<UnreadDetections>,
    },
    /// What is in a picture's place is of no format that is shown. Its name stands after "what comes is".
    Damaged(String),
    /// The camera tells its status, in one line that is safe to show.
    Status(String),
    /// The camera tells what is wrong, in one line that is safe to show.
    Failed(String),
    /// The message is something else, such as an answer to our greeting.
    Other,
}

/// Reads a text message: JSON, or a line for people.
pub fn text_message(text: &str, format: BoxFormat, received_at: Instant) -> CameraMessage {
    let text = json::document_text(text);
    let text = text.as_ref();
    if !text.starts_with('{') {
        let bare_text = text.trim_matches('"');
        if let Some((found, data)) = picture(bare_text) {
            return bare(found, data, received_at);
        }
        if is_payload(bare_text) {
            return CameraMessage::Damaged(name_of_text(bare_text));
        }
        let is_json = json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        return match (one_line(text, MAX_WORDS), known_name(text.as_bytes())) {
            (words, _) if words.is_empty() || is_json => CameraMessage::Other,
            (_, Some(name)) => CameraMessage::Damaged(name.to_owned()),
            (words, None) => CameraMessage::Status(words),
        };
    }
    let mut space = String::new();
    let Some(outer) = Fields::read(text, &mut space, is_known) else {
        return CameraMessage::Damaged("JSON that is not whole".to_owned());
    };
    let inner = WRAPPERS.iter().find_map(|key| outer.object(key));
    // The objects are read from the picture's own one outward.
    let objects: Vec<&Fields<'_>> = inner.iter().chain([&outer]).collect();
    let metadata: Vec<Fields<'_>> = objects.iter().filter_map(|at| at.object(METADATA)).collect();
    let scopes: Vec<&Fields<'_>> = objects.iter().copied().chain(&metadata).collect();
    let Some((found, data)) = objects.iter().find_map(|at| at.picture()) else {
        return match objects.iter().find_map(|at| at.unread_picture()) {
            Some(what) => CameraMessage::Damaged(what),
            None => speech(text),
        };
    };
    let size = scopes.iter().find_map(|at| declared_size(at));
    let FoundDetections { detections, unread } =
        scopes.iter().find_map(|at| detections(at, format, size)).unwrap_or_default();
    CameraMessage::Picture {
        frame: EncodedFrame {
            format: found,
            data,
            viewport: None,
            captured_at: scopes.iter().find_map(|at| at.time()),
            received_at,
            detections,
        },
        camera_id: scopes.iter().find_map(|at| camera_id(at)),
        unread,
    }
}

/// Reads a binary message: one picture, or text that was sent as bytes.
pub fn binary_message(data: Bytes, format: BoxFormat, received_at: Instant) -> CameraMessage {
    if let Some(found) = ImageFormat::sniff(&data) {
        return bare(found, data, received_at);
    }
    // Bad bytes are replaced, because one should not cost a whole message.
    let text = String::from_utf8_lossy(&data);
    if json::document_text(&text).starts_with('{') {
        text_message(&text, format, received_at)
    } else {
        CameraMessage::Damaged(name_of(&data))
    }
}

/// Makes the message of a picture of which nothing is told.
fn bare(format: ImageFormat, data: Bytes, received_at: Instant) -> CameraMessage {
    let frame = EncodedFrame::bare(format, data, received_at);
    CameraMessage::Picture { frame, camera_id: None, unread: None }
}

/// Makes the message that asks a server of bare JPEGs to begin.
pub fn ask_for_jpegs() -> String {
    json!({"type": "mjpeg"}).to_string()
}

/// Makes the body that forwards a picture.
pub fn forwarded(data: &[u8], captured_at: Timestamp, camera_id: &str) -> Value {
    json!({
        "streamName": "webcam",
        "streamType": "frame",
        "frame": BASE64_STANDARD.encode(data),
        "timestamp": captured_at.as_millisecond(),
        "camera_id": camera_id,
    })
}

fn is_known(key: &str) -> bool {
    is_picture_field(key)
        || WRAPPERS.contains(&key)
        || IDS.contains(&key)
        || key == METADATA
        || boxes::is_known(key)
}

fn camera_id(fields: &Fields<'_>) -> Option<String> {
    IDS.iter().find_map(|key| {
        let id = match fields.value(key)? {
            Value::String(text) => one_line(text.trim(), MAX_ID),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!id.is_empty()).then_some(id)
    })
}

fn speech(text: &str) -> CameraMessage {
    if text.len() > MAX_SPEECH {
        return CameraMessage::Other;
    }
    let Ok(body) = json::from_str::<Value>(text) else {
        return CameraMessage::Other;
    };
    let said = ["message", "value", "status", "text", "data"]
        .iter()
        .find_map(|key| body[*key].as_str())
        .map(|said| one_line(said.trim(), MAX_WORDS))
        .filter(|said| !said.is_empty());
    let is_error = body["type"] == "error"
        || body["status"] == "error"
        || !body["error"].is_null()
        || !body["error_message"].is_null();
    match (is_error, error_words(&body).or(said)) {
        (true, words) => {
            CameraMessage::Failed(words.unwrap_or_else(|| "no reason given".to_owned()))
        }
        (false, Some(words)) => CameraMessage::Status(words),
        (false, None) => CameraMessage::Other,
    }
}
