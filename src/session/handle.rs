//! Holds the window's end of one open session.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::attention::Attention;
use super::control::{ControlSender, Pushed};
use super::inbox::Inbox;
use crate::base::Mailbox;
use crate::model::{Control, ObjectWatch, PageFit, StatsSnapshot, Status, Traffic, Update};
use crate::recording::{Tap, Track};
use crate::video::{DecodeRequest, DecodedFrame, StreamStats};

/// Everything that the window can see of a session and do to it, without any networking. Dropping it closes the
/// session.
#[derive(Debug)]
pub struct SessionHandle {
    pub(super) status: watch::Receiver<Status>,
    pub(super) traffic: watch::Receiver<Traffic>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) decoded: Arc<Mailbox<DecodedFrame>>,
    pub(super) decode: DecodeRequest,
    pub(super) stats: Arc<StreamStats>,
    pub(super) control: ControlSender,
    pub(super) attention: watch::Sender<Attention>,
    pub(super) fit: watch::Sender<Option<PageFit>>,
    pub(super) requests: watch::Sender<bool>,
    pub(super) keep_alive: watch::Sender<Option<Instant>>,
    pub(super) objects: watch::Sender<ObjectWatch>,
    pub(super) last_user_action: watch::Sender<Instant>,
    pub(super) reconnect: Arc<Notify>,
    pub(super) tap: Arc<Tap>,
    pub(super) cancel: CancellationToken,
}

impl SessionHandle {
    /// Returns the status of the connection.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Returns when bytes and pictures last came. A hidden session asks for no pictures, so their absence says nothing
    /// about its page.
    pub fn traffic(&self) -> Traffic {
        let traffic = self.traffic.borrow().clone();
        Traffic {
            last_frame: traffic.last_frame.filter(|_| self.attention.borrow().is_visible()),
            ..traffic
        }
    }

    /// Returns the news since the last call, oldest first.
    pub fn drain(&self) -> Vec<Update> {
        self.inbox.drain()
    }

    /// Takes the newest decoded picture, if there is one that was not taken yet.
    pub fn take_frame(&self) -> Option<DecodedFrame> {
        self.decoded.take()
    }

    /// Returns the current numbers of the picture stream.
    pub fn stats(&self) -> StatsSnapshot {
        self.stats.snapshot()
    }

    /// Returns the statistics, in which the painter notes its times and every picture that was shown.
    pub fn stream_stats(&self) -> &StreamStats {
        &self.stats
    }

    /// Sends a control without blocking. A press may be refused when the queue is full; a release never is.
    pub fn push(&self, control: impl Into<Control>) -> Pushed {
        self.last_user_action.send_replace(Instant::now());
        let control = control.into();
        self.tap.sent(&control);
        self.control.push(control)
    }

    /// Sets how closely the user looks at the picture. A hidden session decodes nothing, and a tile decodes a few
    /// pictures a second.
    pub fn set_attention(&self, attention: Attention) {
        self.decode.set_max_rate(attention.max_rate());
        self.decode.set_visible(attention.is_visible());
        // A recording gets every picture as it is sent, however small or hidden it is shown.
        let attention = if self.tap.is_recording() { Attention::Focus } else { attention };
        self.attention.send_if_modified(|was| std::mem::replace(was, attention) != attention);
    }

    /// Records the session into `track` from now on, or ends that.
    pub fn record_into(&self, track: Option<Track>) {
        if track.is_some() {
            self.attention.send_replace(Attention::Focus);
        }
        self.tap.record_into(track);
    }

    /// Sets the size that the pages are to have while nobody else is in the session. It is asked for once it has not
    /// changed for a moment.
    pub fn set_fit(&self, fit: Option<PageFit>) {
        self.fit.send_if_modified(|was| std::mem::replace(was, fit) != fit);
    }

    /// Sets whether the requests of the pages are rows of the log, where the session tells them.
    pub fn set_requests(&self, on: bool) {
        self.requests.send_if_modified(|was| std::mem::replace(was, on) != on);
    }

    /// Sets how many screen pixels are drawn per pixel of the received picture, so that no larger one is decoded.
    pub fn set_shown_scale(&self, scale: f32) {
        self.decode.set_shown_scale(scale);
    }

    /// Sets whether the session is kept from its idle end. Choosing it starts the time limits anew.
    pub fn set_keep_alive(&self, on: bool) {
        let now = Instant::now();
        self.last_user_action.send_replace(now);
        self.keep_alive.send_replace(on.then_some(now));
    }

    /// Sets which objects to look for in the pictures.
    pub fn set_object_watch(&self, wanted: ObjectWatch) {
        self.objects.send_replace(wanted);
    }

    /// Connects anew at once. It ends the wait for the next attempt, replaces a connection that hangs, and tries again
    /// where the session had ended.
    pub fn reconnect_now(&self) {
        self.reconnect.notify_one();
    }
}

impl Drop for SessionHandle {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
