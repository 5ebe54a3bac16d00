//! Takes in what a camera sends, whatever the transport: it sorts the messages, knows when the camera counts as
//! stalled, and words failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::forward::Outgoing;
use super::{FIRST_PICTURE_LIMIT, STALL_LIMIT};
use crate::base::Mailbox;
use crate::model::{Capabilities, EventKind, SessionEvent, Update};
use crate::net::NetError;
use crate::protocol::camera::{
    BoxFormat, CameraMessage, UnreadDetections, binary_message, text_message,
};
use crate::session::{SessionError, SessionSink};

/// Most log rows for the camera's own messages in one connection. More are noise.
const MAX_SAYINGS: usize = 100;
/// What to do where a camera sends something else than pictures.
const ADVICE: &str = "Give the address of its MJPEG stream or of its JPEG pictures";

/// What one connection to a camera needs to sort its messages.
pub(super) struct Intake<'a> {
    sink: &'a SessionSink,
    format: BoxFormat,
    has_login: bool,
    outgoing: Option<Arc<Mailbox<Outgoing>>>,
    /// Whether a picture came in this connection or an earlier one. What a camera answers while it starts is no end
    /// then.
    has_worked: &'a AtomicBool,
    opened_at: Option<Instant>,
    first_picture: Option<Instant>,
    last_picture: Option<Instant>,
    /// Time and name of the last thing in a picture's place that is no picture, if none came since that is one.
    unread: Option<(Instant, String)>,
    /// Number of bytes since the last picture. They prove no life until a picture comes.
    unproven: usize,
    has_told_of_detections: bool,
    /// The camera's last message.
    said: Option<String>,
    /// The fault that the camera told, if no picture came since.
    fault: Option<String>,
    sayings: usize,
    is_resumed: bool,
    unread_detections: usize,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        sink: &'a SessionSink,
        format: BoxFormat,
        has_login: bool,
        outgoing: Option<Arc<Mailbox<Outgoing>>>,
        has_worked: &'a AtomicBool,
    ) -> Self {
        Self {
            sink,
            format,
            has_login,
            outgoing,
            has_worked,
            opened_at: None,
            first_picture: None,
            last_picture: None,
            unread: None,
            unproven: 0,
            has_told_of_detections: false,
            said: None,
            fault: None,
            sayings: 0,
            is_resumed: false,
            unread_detections: 0,
        }
    }

    /// Makes the intake of a camera to which the connection was given up while nobody looked. The log does not tell of
    /// it.
    pub(super) fn resumed(
        sink: &'a SessionSink,
        format: BoxFormat,
        has_login: bool,
        has_worked: &'a AtomicBool,
    ) -> Self {
        Self { is_resumed: true, ..Self::new(sink, format, has_login, None, has_worked) }
    }

    /// Notes that the connection is open.
    pub(super) fn opened(&mut self) {
        if self.opened_at.is_none() {
            self.opened_at = Some(Instant::now());
            self.sink.connected();
            if !self.is_resumed {
                self.sink.event(SessionEvent::ours(EventKind::Connected, "Connected"));
            }
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
            CameraMessage::Picture { frame, camera_id, unread } => {
                let now = Instant::now();
                self.first_picture.get_or_insert(now);
                self.last_picture = Some(now);
                self.fault = None;
                self.unread = None;
                self.has_worked.store(true, Ordering::Relaxed);
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
                if let Some(unread) = unread {
                    self.tell_of_unread(&unread);
                }
            }
            CameraMessage::Damaged(what) => {
                self.sink.heard(std::mem::take(&mut self.unproven));
                self.sink.unread_frame(&format!("what comes is {what}. {ADVICE}"));
                self.unread = Some((Instant::now(), what));
            }
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

    /// Logs detections that can't be read: the first, and again whenever there are ten times as many.
    fn tell_of_unread(&mut self, unread: &UnreadDetections) {
        let before = self.unread_detections;
        self.unread_detections += unread.count;
        let is_news = before == 0 || before.ilog10() < self.unread_detections.ilog10();
        if is_news {
            let text = match self.unread_detections {
                1 => format!("A detection can't be read: {}", unread.first),
                all => format!("{all} detections can't be read so far, such as {}", unread.first),
            };
            self.sink.event(SessionEvent::ours(EventKind::CameraError, text));
        }
    }

    /// Logs the camera's message, once each time it changes.
    fn row(&mut self, row: SessionEvent) {
        if self.said.as_ref() != Some(&row.text) && self.sayings < MAX_SAYINGS {
            self.sayings += 1;
            self.said = Some(row.text.clone());
            self.sink.event(row);
        }
    }

    /// Returns the time at which the lack of pictures becomes a fault.
    ///
    /// Where no picture of the connection could be read, another connection would bring the same, so it is enough that
    /// something comes in their place.
    pub(super) fn deadline(&self) -> Instant {
        match (self.last_picture, self.opened_at) {
            (Some(at), _) => at + STALL_LIMIT,
            (None, Some(opened)) => {
                let unread = self.unread.as_ref().map(|(at, _)| *at + STALL_LIMIT);
                (opened + FIRST_PICTURE_LIMIT).max(unread.unwrap_or(opened))
            }
            (None, None) => Instant::now() + FIRST_PICTURE_LIMIT,
        }
    }

    pub(super) fn stalled(&self) -> SessionError {
        let what = match (&self.fault, self.last_picture) {
            (Some(fault), _) => format!("The camera sends no pictures: {fault}"),
            (None, _) if let Some((_, what)) = &self.unread => {
                format!("Pictures can't be read: what comes is {what}. {ADVICE}")
            }
            (None, Some(_)) => {
                format!("The camera stalled: no picture came for {} s", STALL_LIMIT.as_secs())
            }
            (None, None) => {
                format!("No picture came within {} s of connecting", FIRST_PICTURE_LIMIT.as_secs())
            }
        };
        self.lost(what, None, false)
    }

    /// Tells whether the camera says that something is wrong and has sent no picture since.
    pub(super) fn is_at_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// Returns what a failed connection means for the session.
    pub(super) fn failure(&self, err: &NetError) -> SessionError {
        if !err.may_pass(self.has_worked.load(Ordering::Relaxed)) {
            return SessionError::Ended(end_words(err, self.has_login));
        }
        let what = match &self.fault {
            // The camera's message from before the end explains more than the end itself.
            Some(fault) => format!("The camera sends no pictures: {fault}"),
            None => err.to_string(),
        };
        self.lost(what, err.retry_after(), err.is_about_key())
    }

    fn lost(&self, what: String, retry_after: Option<Duration>, key_refused: bool) -> SessionError {
        let healthy_for = match (self.first_picture, self.last_picture) {
            (Some(first), Some(last)) => last.duration_since(first),
            _ => Duration::ZERO,
        };
        SessionError::Lost { what, retry_after, healthy_for, key_refused }
    }
}

/// Returns one sentence for an answer that is final.
fn end_words(err: &NetError, has_login: bool) -> String {
    match err.status() {
        Some(401 | 403) if has_login => {
            format!(
                "The camera refused the name or the password, correct them and connect again: {err}"
            )
        }
        Some(401) => format!(
            "The camera refused the key, correct it or give a name and a password, and connect again: {err}"
        ),
        Some(403) => {
            format!("The camera refused the key, correct it and connect again: {err}")
        }
        Some(status @ (404 | 410)) if !matches!(err, NetError::Closed { .. }) => {
            format!("There is no camera at this address; check it (HTTP {status})")
        }
        _ => err.to_string(),
    }
}
