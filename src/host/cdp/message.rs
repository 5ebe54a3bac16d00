//! Reads the protocol's envelope without building a value of what is inside.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::base::json;

/// Something that happened in the browser. Events come in order.
#[derive(Clone, Debug)]
pub struct CdpEvent {
    /// The page session that the event is about; `None` means the browser.
    pub session: Option<String>,
    /// The event's name, such as `Page.frameNavigated`.
    pub method: String,
    /// The event's parameters as JSON.
    params: Bytes,
}

impl CdpEvent {
    /// Reads the event's parameters; `None` where they can't be understood, because newer browsers may speak otherwise.
    pub fn params<T: DeserializeOwned>(&self) -> Option<T> {
        read(&self.params)
            .inspect_err(|err| tracing::debug!(method = self.method, err = %err.classify_word(), "An event of the browser is not understood"))
            .ok()
    }
}

/// Reads what the browser wrote, also where it quotes a page's text with half a surrogate pair in it.
pub(super) fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json)
        .or_else(|_odd| serde_json::from_str(&json::mended(&String::from_utf8_lossy(json))))
}

/// Any message of the browser.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    pub(super) id: Option<u64>,
    #[serde(borrow)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    pub(super) error: Option<ErrorWords>,
    #[serde(borrow, rename = "sessionId")]
    pub(super) session: Option<Cow<'a, str>>,
}

/// An error in the browser's words.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ErrorWords {
    #[serde(default)]
    pub(super) code: i64,
    #[serde(default)]
    pub(super) message: String,
}

/// The parameters of a picture, whose `data` stays in the message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameWords<'a> {
    #[serde(borrow)]
    pub(super) data: Cow<'a, str>,
    pub(super) session_id: i64,
    pub(super) metadata: FrameMetadata,
}

/// What the browser tells of a picture: its size in CSS pixels, and its time in seconds since 1970.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameMetadata {
    pub(super) device_width: f64,
    pub(super) device_height: f64,
    pub(super) timestamp: Option<f64>,
    pub(super) monotonic_timestamp: Option<f64>,
}

impl Envelope<'_> {
    pub(super) fn event(&self, message: &Bytes) -> Option<CdpEvent> {
        Some(CdpEvent {
            session: self.session.as_deref().map(str::to_owned),
            method: self.method.as_deref()?.to_owned(),
            params: self.params.map_or_else(
                || Bytes::from_static(b"{}"),
                |raw| message.slice_ref(raw.get().as_bytes()),
            ),
        })
    }
}

/// Names the kind of an error. serde_json quotes whole strings in its errors, and these are not for the log.
trait ClassifyWord {
    fn classify_word(&self) -> &'static str;
}

impl ClassifyWord for serde_json::Error {
    fn classify_word(&self) -> &'static str {
        match self.classify() {
            serde_json::error::Category::Io => "io",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Eof => "eof",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_read_and_strange_things_are_ignored() {
        let message = Bytes::from_static(br#"{"newThing":[1],"sessionId":"S\u0031","method":"Page.x","params":{"a":{"b":[1,2]}}}"#);
        let envelope: Envelope<'_> = serde_json::from_slice(&message).unwrap();
        let event = envelope.event(&message).unwrap();
        assert_eq!(
            (event.session.as_deref(), event.method.as_str(), &*event.params),
            (Some("S1"), "Page.x", &br#"{"a":{"b":[1,2]}}"#[..])
        );
        assert!(event.params::<Vec<u8>>().is_none());

        let reply: Envelope<'_> =
            serde_json::from_slice(br#"{"id":7,"error":{"code":-32000,"message":"no","data":3}}"#)
                .unwrap();
        assert_eq!((reply.id, reply.error.unwrap().message.as_str()), (Some(7), "no"));
    }

    #[test]
    fn a_frame_needs_only_what_is_used() {
        let words: FrameWords<'_> =
            serde_json::from_str(r#"{"data":"/9j/","sessionId":3,"metadata":{"deviceWidth":800,"deviceHeight":500.5,"more":1}}"#).unwrap();
        assert!(matches!(words.data, Cow::Borrowed("/9j/")));
        assert_eq!(
            (words.session_id, words.metadata.device_height, words.metadata.timestamp),
            (3, 500.5, None)
        );
    }
}
