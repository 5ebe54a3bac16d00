//! Holds what the parts of one attempt share: the client, what was reached so far, and the wording of failures.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::sleep;

use super::{Method, end_words};
use crate::model::{Capabilities, EventKind, History, Page, SessionEvent, SessionKind, Update};
use crate::net::{Client, NetError};
use crate::protocol::computers::{Computer, PageContext};
use crate::session::{SessionError, SessionSink};

/// Time between two requests for the session's state when nothing suggests that it changed.
const STATE_PERIOD: Duration = Duration::from_secs(60);
/// A stream that was heard within this time proves that the server lives.
const VOUCHED_FOR: Duration = Duration::from_secs(45);
const RETRY_RANGE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Way by which control reaches the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlPath {
    Socket,
    Rest,
}

impl ControlPath {
    pub(super) fn capabilities(self, kind: SessionKind) -> Capabilities {
        let is_browser = kind != SessionKind::Desktop;
        let has_socket = self == Self::Socket;
        Capabilities {
            clicks: true,
            pointer_moves: has_socket,
            keys: true,
            navigation: is_browser,
            history: match (is_browser, has_socket) {
                (false, _) => History::None,
                (true, false) => History::Chords,
                (true, true) => History::Told,
            },
            tabs: is_browser,
            dialogs: has_socket && is_browser,
            viewport: is_browser,
            files: has_socket && is_browser,
            // The roster sets this, where there is one.
            people: false,
            // The session's description sets this.
            chat: false,
            detections: false,
        }
    }
}

pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) sink: &'a SessionSink,
    pub(super) control: ControlPath,
    /// Whether the streams may be labeled as plain text or not at all.
    pub(super) lenient_media_type: bool,
    /// Signal to fetch the session's state soon, because something suggests that it changed.
    pub(super) doubt: Notify,
    base: String,
    has_events: AtomicBool,
    has_pictures: AtomicBool,
    connected_at: OnceLock<Instant>,
    /// The server's `retry:` in milliseconds. It is 0 where the server has no wish.
    retry: AtomicU64,
    page: Mutex<Page>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(client: &'a Client, base: String, sink: &'a SessionSink) -> Self {
        Self {
            client,
            sink,
            control: ControlPath::Rest,
            lenient_media_type: false,
            doubt: Notify::new(),
            base,
            has_events: AtomicBool::new(false),
            has_pictures: AtomicBool::new(false),
            connected_at: OnceLock::new(),
            retry: AtomicU64::new(0),
            page: Mutex::default(),
        }
    }

    /// Returns the path of the session itself.
    pub(super) fn session(&self) -> &str {
        &self.base
    }

    /// Returns the path of `rest` below the session.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.base)
    }

    /// Notes that the event stream is open, or that there is none.
    pub(super) fn events_are_open(&self) {
        self.has_events.store(true, Ordering::Relaxed);
        self.tell_if_connected();
    }

    /// Notes that the screencast is open, or that nobody wants it.
    pub(super) fn pictures_are_open(&self) {
        self.has_pictures.store(true, Ordering::Relaxed);
        self.tell_if_connected();
    }

    fn tell_if_connected(&self) {
        let is_connected =
            self.has_events.load(Ordering::Relaxed) && self.has_pictures.load(Ordering::Relaxed);
        if is_connected && self.connected_at.set(Instant::now()).is_ok() {
            self.sink.connected();
            self.sink.event(SessionEvent::ours(EventKind::Connected, "Connected"));
        }
    }

    pub(super) fn wishes_retry_after(&self, wish: Duration) {
        let (least, most) = RETRY_RANGE;
        self.retry.store(wish.clamp(least, most).as_millis() as u64, Ordering::Relaxed);
    }

    /// Returns what a failed connection means for the session.
    pub(super) fn failure(&self, err: &NetError) -> SessionError {
        if err.is_retryable() {
            self.lost(err.to_string(), err.retry_after())
        } else {
            Self::over(err)
        }
    }

    pub(super) fn over(err: &NetError) -> SessionError {
        match err.status() {
            Some(404 | 410) => SessionError::Over(end_words(err)),
            _ => SessionError::Ended(end_words(err)),
        }
    }

    pub(super) fn lost(&self, what: String, retry_after: Option<Duration>) -> SessionError {
        let wish = || {
            Some(self.retry.load(Ordering::Relaxed)).filter(|ms| *ms > 0).map(Duration::from_millis)
        };
        let last_byte = self.sink.traffic.borrow().last_byte;
        let healthy_for = match (self.connected_at.get(), last_byte) {
            (Some(since), Some(last)) => last.saturating_duration_since(*since),
            _ => Duration::ZERO,
        };
        SessionError::Lost { what, retry_after: retry_after.or_else(wish), healthy_for }
    }

    /// Fetches the session's description. A session that is over is an error.
    pub(super) async fn fetch_state(&self) -> Result<Computer, SessionError> {
        let answer = self
            .client
            .json(Method::GET, &self.base, None)
            .await
            .map_err(|err| self.failure(&err))?;
        let Some(computer) = Computer::read(&answer) else {
            return Err(SessionError::Ended(
                "The service's answer does not describe a session".to_owned(),
            ));
        };
        if let Some(why) = computer.ended {
            return Err(SessionError::Over(why));
        }
        self.sink.update(Update::Lifetime(computer.lifetime));
        Ok(computer)
    }

    /// Fetches the state regularly and when there is doubt. The answer proves that a silent session is alive.
    pub(super) async fn watch_state(&self) -> SessionError {
        loop {
            tokio::select! {
                () = sleep(STATE_PERIOD) => (),
                () = self.doubt.notified() => (),
            }
            match self.fetch_state().await {
                Ok(_) => (),
                // A failed request is ignored while the streams prove that the server lives.
                Err(error) if error.is_retryable() && self.was_heard_lately() => (),
                Err(error) => return error,
            }
        }
    }

    fn was_heard_lately(&self) -> bool {
        self.sink.traffic.borrow().last_byte.is_some_and(|at| at.elapsed() < VOUCHED_FOR)
    }

    /// Reports the page that events and answers tell. A session with a socket tells its page there, and in more detail.
    pub(super) fn page_is(&self, context: PageContext) {
        if self.control == ControlPath::Socket {
            return;
        }
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same_url = page.url == context.url;
        let title = context
            .title
            .unwrap_or_else(|| if is_same_url { page.title.clone() } else { String::new() });
        let new = Page { url: context.url, title, ..Page::default() };
        if *page != new {
            *page = new.clone();
            self.sink.update(Update::Page(new));
        }
    }
}
