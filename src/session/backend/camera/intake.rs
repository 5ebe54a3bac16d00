//! What every way to a camera shares: where its messages go, when it counts as stalled, how a failure is told.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::forward::Outgoing;
use super::{FIRST_PICTURE_LIMIT, STALL_LIMIT};
use crate::base::Mailbox;
use crate::model::{Capabilities, EventKind, SessionEvent, Update};
use crate::net::NetError;
use crate::protocol::camera::{BoxFormat, CameraMessage, binary_message, text_message};
use crate::session::{SessionError, SessionSink};

/// Rows for the camera's own words; more in one connection are noise.
const MAX_SAYINGS: usize = 100;

pub(super) struct Intake<'a> {
    sink: &'a SessionSink,
    format: BoxFormat,
    outgoing: Option<Arc<Mailbox<Outgoing>>>,
    opened_at: Option<Instant>,
    first_picture: Option<Instant>,
    last_picture: Option<Instant>,
    /// Bytes that came since the last picture: they prove nothing until there is one.
    unproven: usize,
    has_told_of_detections: bool,
    /// What the camera said last.
    said: Option<String>,
    /// What it said was wrong, and no picture came since.
    fault: Option<String>,
    sayings: usize,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        sink: &'a SessionSink,
        format: BoxFormat,
        outgoing: Option<Arc<Mailbox<Outgoing>>>,
    ) -> Self {
        Self {
            sink,
            format,
            outgoing,
            opened_at: None,
            first_picture: None,
            last_picture: None,
            unproven: 0,
            has_told_of_detections: false,
            said: None,
            fault: None,
            sayings: 0,
        }
    }

    /// The connection stands.
    pub(super) fn opened(&mut self) {
        if self.opened_at.is_none() {
            self.opened_at = Some(Instant::now());
            self.sink.connected();
            self.sink.event(SessionEvent::ours(EventKind::Connected, "Connected"));
        }
    }

    pub(super) fn heard(&mut self, bytes: usize) {
        self.unproven += bytes;
    }

    pub(super) fn text(&mut self, text: &str) {
        self.message(text_message(text, self.format, std::time::Instant::now()));
    }

    pub(super) fn binary(&mut self, data: Bytes) {
        self.message(binary_message(data, self.format, std::time::Instant::now()));
    }

    fn message(&mut self, message: CameraMessage) {
        match message {
            CameraMessage::Picture { frame, camera_id } => {
                let now = Instant::now();
                self.first_picture.get_or_insert(now);
                self.last_picture = Some(now);
                self.fault = None;
                self.sink.heard(std::mem::take(&mut self.unproven));
                self.tell_of_detections(!frame.detections.is_empty());
                if let Some(outgoing) = &self.outgoing {
                    outgoing.publish(Outgoing {
                        data: frame.data.clone(),
                        captured_at: frame.captured_at.unwrap_or_else(jiff::Timestamp::now),
                        camera_id,
                    });
                }
                self.sink.frame(frame);
            }
            CameraMessage::Damaged => self.sink.bad_frame(),
            CameraMessage::Status(words) => {
                let row = SessionEvent::ours(EventKind::CameraStatus, words);
                self.row(SessionEvent { name: "status".into(), ..row });
            }
            CameraMessage::Failed(words) => {
                self.fault = Some(words.clone());
                self.row(SessionEvent::ours(EventKind::CameraError, words));
            }
            CameraMessage::Other => (),
        }
    }

    fn tell_of_detections(&mut self, are_there: bool) {
        if are_there && !std::mem::replace(&mut self.has_told_of_detections, true) {
            self.sink.update(Update::Capabilities(Capabilities {
                detections: true,
                ..Capabilities::default()
            }));
        }
    }

    /// The camera's words, once each time they change.
    fn row(&mut self, row: SessionEvent) {
        if self.said.as_ref() != Some(&row.text) && self.sayings < MAX_SAYINGS {
            self.sayings += 1;
            self.said = Some(row.text.clone());
            self.sink.event(row);
        }
    }

    /// When the lack of pictures becomes a fault.
    pub(super) fn deadline(&self) -> Instant {
        match (self.last_picture, self.opened_at) {
            (Some(at), _) => at + STALL_LIMIT,
            (None, Some(at)) => at + FIRST_PICTURE_LIMIT,
            (None, None) => Instant::now() + FIRST_PICTURE_LIMIT,
        }
    }

    pub(super) fn stalled(&self) -> SessionError {
        let what = match (&self.fault, self.last_picture) {
            (Some(fault), _) => format!("The camera sends no pictures: {fault}"),
            (None, Some(_)) => {
                format!("The camera stalled: no picture came for {} s", STALL_LIMIT.as_secs())
            }
            (None, None) => {
                format!("No picture came within {} s of connecting", FIRST_PICTURE_LIMIT.as_secs())
            }
        };
        self.lost(what, None)
    }

    /// Whether the camera says that something is wrong and has sent no picture since.
    pub(super) fn is_at_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// What a failed connection means for the session.
    pub(super) fn failure(&self, err: &NetError) -> SessionError {
        match &self.fault {
            // What the camera said before it hung up explains more than that it did.
            Some(fault) if err.is_retryable() => {
                self.lost(format!("The camera sends no pictures: {fault}"), err.retry_after())
            }
            _ if err.is_retryable() => self.lost(err.to_string(), err.retry_after()),
            _ => SessionError::Ended(end_words(err)),
        }
    }

    fn lost(&self, what: String, retry_after: Option<Duration>) -> SessionError {
        let healthy_for = match (self.first_picture, self.last_picture) {
            (Some(first), Some(last)) => last.duration_since(first),
            _ => Duration::ZERO,
        };
        SessionError::Lost { what, retry_after, healthy_for }
    }
}

/// One sentence for an answer that is final.
fn end_words(err: &NetError) -> String {
    match err.status() {
        Some(401 | 403) => {
            format!("The camera refused the key, correct it and connect again: {err}")
        }
        Some(status @ (404 | 410)) => {
            format!("There is no camera at this address; check it (HTTP {status})")
        }
        _ => err.to_string(),
    }
}
