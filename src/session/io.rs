//! Connects a backend to its session: it takes control from here and reports here.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::attention::Attention;
use super::control::ControlReceiver;
use super::inbox::Inbox;
use super::objects::ObjectTracker;
use crate::base::{Mailbox, Published, Wake};
use crate::model::{EncodedFrame, PageFit, PageLife, SessionEvent, Status, Traffic, Update};
use crate::recording::Tap;
use crate::video::{DecodeRequest, StreamStats};

/// A backend's side of one session. It lives as long as the session is open in the window, across reconnects.
#[derive(Debug)]
pub struct BackendIo {
    /// Takes the backend's reports.
    pub sink: SessionSink,
    /// Control from the window.
    pub control: ControlReceiver,
    /// Fires when the backend has to release what it holds and return.
    pub cancel: CancellationToken,
    /// How closely the user looks at the session's picture. A backend asks for no pictures while nobody looks.
    pub attention: watch::Receiver<Attention>,
    /// The size that the pages are to have while nobody else is in the session; `None` leaves them as they are.
    pub fit: watch::Receiver<Option<PageFit>>,
    /// Whether the requests of the pages are wanted in the log.
    pub requests: watch::Receiver<bool>,
    /// Time at which the user chose to keep the session from its idle end, or `None` where they did not.
    pub keep_alive: watch::Receiver<Option<Instant>>,
    /// Time of the user's last action.
    pub last_user_action: watch::Receiver<Instant>,
}

/// Takes a backend's reports. No method blocks, because pictures and events may share one socket.
#[derive(Clone, Debug)]
pub struct SessionSink {
    pub(super) frames: Arc<Mailbox<EncodedFrame>>,
    pub(super) decode: DecodeRequest,
    pub(super) inbox: Arc<Inbox>,
    pub(super) traffic: watch::Sender<Traffic>,
    pub(super) status: watch::Sender<Status>,
    pub(super) stats: Arc<StreamStats>,
    /// Objects in the pictures. Only the backend locks it, for one picture at a time.
    pub(super) objects: Arc<Mutex<ObjectTracker>>,
    /// Takes what passes into a recording.
    pub(super) tap: Arc<Tap>,
    pub(super) wake: Wake,
}

impl SessionSink {
    /// Reports that the connection is open. What the last connection sent and could not be read says nothing of it.
    pub fn connected(&self) {
        self.traffic.send_modify(|traffic| traffic.unread = None);
        self.pictures_begin();
        self.status(Status::Connected);
    }

    /// Sets the status. Only the supervisor calls this; a backend calls `connected` and returns its end.
    pub(super) fn status(&self, status: Status) {
        self.tap.status(&status);
        self.status.send_replace(status);
        self.wake.wake();
    }

    /// Reports that this many bytes came, whatever they were.
    pub fn heard(&self, bytes: usize) {
        self.stats.add_bytes(bytes);
        let now = Instant::now();
        self.traffic.send_modify(|traffic| traffic.last_byte = Some(now));
    }

    /// Sets how long this stream may be silent before silence is a fault.
    pub fn silence_limit(&self, limit: Duration) {
        self.traffic.send_modify(|traffic| traffic.silence_limit = limit);
    }

    /// Reports a picture. The newest wins, and the one that it replaces is counted.
    pub fn frame(&self, frame: EncodedFrame) {
        self.stats.add_received();
        self.tap.picture(&frame);
        let at = frame.received_at;
        let detections = frame.detections.clone();
        self.traffic.send_modify(|traffic| traffic.receive(at));
        match self.frames.publish(frame) {
            Published::First => self.decode.ask(),
            Published::Superseded => self.stats.add_superseded(),
        }
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let news = objects.observe(at, &detections);
        drop(objects);
        news.into_iter().for_each(|update| self.update(update));
    }

    /// Reports that pictures are asked for anew.
    pub fn pictures_begin(&self) {
        self.traffic.send_modify(Traffic::begin);
    }

    /// Reports what the service says of a page that sends no pictures.
    pub fn page_is(&self, page: PageLife) {
        let is_news = |traffic: &mut Traffic| traffic.page.replace(page) != Some(page);
        if self.traffic.send_if_modified(is_news) {
            self.wake.wake();
        }
    }

    /// Waits until a picture came that is younger than `since`.
    pub async fn has_pictures(&self, since: Instant) {
        let mut traffic = self.traffic.subscribe();
        // The sender is here, so the wait ends with a picture only.
        drop(traffic.wait_for(|traffic| traffic.last_received.is_some_and(|at| at > since)).await);
    }

    /// Counts data that is no picture, in a stream of pictures. The stream goes on.
    pub fn bad_frame(&self) {
        self.stats.add_refused();
    }

    /// Counts a picture that can't be read, and tells people of it for as long as none comes that can. `why` says what
    /// came and what to do about it, as plain sentences without the last full stop.
    pub fn unread_frame(&self, why: &str) {
        self.bad_frame();
        self.pictures_are_unread(why);
    }

    /// Tells people that what was counted with [`Self::bad_frame`] was a picture after all, and why it can't be read.
    pub fn pictures_are_unread(&self, why: &str) {
        let mut is_news = false;
        self.traffic.send_modify(|traffic| is_news = traffic.refuse(why, Instant::now()));
        if is_news {
            self.wake.wake();
        }
    }

    /// Adds a row to the log.
    pub fn event(&self, event: SessionEvent) {
        self.update(Update::Event(event));
    }

    /// Reports news of the session.
    pub fn update(&self, update: Update) {
        self.tap.update(&update);
        if self.inbox.push(update) == Published::First {
            self.wake.wake();
        }
    }
}
