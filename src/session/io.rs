//! What a backend is handed: where its values go, where control comes from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::attention::Attention;
use super::control::ControlReceiver;
use super::inbox::Inbox;
use super::objects::ObjectTracker;
use crate::base::{Mailbox, Published, Wake};
use crate::model::{EncodedFrame, SessionEvent, Status, Traffic, Update};
use crate::video::{DecodeRequest, StreamStats};

/// A backend's side of one session. Lives as long as the session is open in the window, across reconnects.
#[derive(Debug)]
pub struct BackendIo {
    pub sink: SessionSink,
    pub control: ControlReceiver,
    pub cancel: CancellationToken,
    /// How closely the session's picture is looked at; where nobody watches, no pictures are asked for.
    pub attention: watch::Receiver<Attention>,
    /// When the user chose to keep the session from its idle end; `None`: not chosen.
    pub keep_alive: watch::Receiver<Option<Instant>>,
    /// When the user last did something.
    pub last_user_action: watch::Receiver<Instant>,
}

/// Where a backend reports. Every method is non-blocking, because pictures and events may share one socket.
#[derive(Clone, Debug)]
pub struct SessionSink {
    pub(super) frames: Arc<Mailbox<EncodedFrame>>,
    pub(super) decode: DecodeRequest,
    pub(super) inbox: Arc<Inbox>,
    pub(super) traffic: watch::Sender<Traffic>,
    pub(super) status: watch::Sender<Status>,
    pub(super) stats: Arc<StreamStats>,
    /// Locked for one picture at a time, and by the backend only.
    pub(super) objects: Arc<Mutex<ObjectTracker>>,
    pub(super) wake: Wake,
}

impl SessionSink {
    /// The connection stands.
    pub fn connected(&self) {
        self.status(Status::Connected);
    }

    /// For the supervisor; a backend says `connected` and returns its end.
    pub(super) fn status(&self, status: Status) {
        self.status.send_replace(status);
        self.wake.wake();
    }

    /// Bytes were heard, whatever they were.
    pub fn heard(&self, bytes: usize) {
        self.stats.add_bytes(bytes);
        let now = Instant::now();
        self.traffic.send_modify(|traffic| traffic.last_byte = Some(now));
    }

    /// How long this stream may be silent before silence is a fault.
    pub fn silence_limit(&self, limit: Duration) {
        self.traffic.send_modify(|traffic| traffic.silence_limit = limit);
    }

    /// A picture. Newest wins; what it replaces is counted.
    pub fn frame(&self, frame: EncodedFrame) {
        self.stats.add_received();
        let at = frame.received_at;
        let detections = frame.detections.clone();
        self.traffic.send_modify(|traffic| traffic.last_frame = Some(at));
        match self.frames.publish(frame) {
            Published::First => self.decode.ask(),
            Published::Superseded => self.stats.add_superseded(),
        }
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let news = objects.observe(at, &detections);
        drop(objects);
        news.into_iter().for_each(|update| self.update(update));
    }

    /// Something came in a picture's place that is none; counted, and the stream goes on.
    pub fn bad_frame(&self) {
        self.stats.add_refused();
    }

    /// A row for the log.
    pub fn event(&self, event: SessionEvent) {
        self.update(Update::Event(event));
    }

    /// News of the session.
    pub fn update(&self, update: Update) {
        if self.inbox.push(update) == Published::First {
            self.wake.wake();
        }
    }
}
