//! Holds what the parts of one attempt share: the client, what was reached so far, and the wording of failures.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::sleep;

use super::own_shots::OwnShots;
use super::{Method, end_words};
use crate::base::Backoff;
use crate::model::{Capabilities, EventKind, History, Page, SessionEvent, SessionKind, Update};
use crate::net::{Client, NetError};
use crate::protocol::computers::{Computer, PageContext, computers_of, path_segment};
use crate::session::{SessionError, SessionSink};

/// Time between two requests for the session's state when nothing suggests that it changed.
const STATE_PERIOD: Duration = Duration::from_secs(60);
/// A stream that was heard within this time proves that the server lives.
const VOUCHED_FOR: Duration = Duration::from_secs(45);
/// Path of the service's sessions.
const SESSIONS: &str = "computers";
/// Least time before one stream is asked for anew.
const LEAST_WAIT: Duration = Duration::from_millis(500);
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
            find: has_socket && is_browser,
            print: has_socket && is_browser,
            scripts: has_socket && is_browser,
            files: has_socket && is_browser,
            clipboard: has_socket && kind == SessionKind::Browser,
            requests: has_socket && kind == SessionKind::Browser,
            // The roster sets this, where there is one.
            people: false,
            // The session's description sets this.
            chat: false,
            detections: false,
        }
    }
}

/// One of a session's two streams, which fail independently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamName {
    Events,
    Pictures,
}

/// What became of a stream in this attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum StreamState {
    /// The first answer is awaited.
    #[default]
    Opening,
    Open,
    /// The service has no such stream, or nobody wants it now.
    Absent,
    /// The stream broke and is asked for anew, while the other one goes on.
    Lost,
}

#[derive(Debug, Default)]
struct StreamStates {
    events: StreamState,
    pictures: StreamState,
}

impl StreamStates {
    fn of(&mut self, name: StreamName) -> (&mut StreamState, StreamState) {
        match name {
            StreamName::Events => (&mut self.events, self.pictures),
            StreamName::Pictures => (&mut self.pictures, self.events),
        }
    }
}

/// What all parts of one attempt to reach a session share.
pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) sink: &'a SessionSink,
    pub(super) control: ControlPath,
    /// Whether the streams may be labeled as plain text or not at all.
    pub(super) lenient_media_type: bool,
    /// Signal to fetch the session's state soon, because something suggests that it changed.
    pub(super) doubt: Notify,
    pub(super) own_shots: OwnShots,
    id: &'a str,
    base: String,
    /// Whether the session has worked in this attempt or an earlier one. What a server answers while it starts is no
    /// end then.
    has_worked: &'a AtomicBool,
    streams: Mutex<StreamStates>,
    connected_at: OnceLock<Instant>,
    /// The server's `retry:` in milliseconds. It is 0 where the server has no wish.
    retry: AtomicU64,
    page: Mutex<Page>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        client: &'a Client,
        id: &'a str,
        has_worked: &'a AtomicBool,
        sink: &'a SessionSink,
    ) -> Self {
        Self {
            client,
            sink,
            control: ControlPath::Rest,
            lenient_media_type: false,
            doubt: Notify::new(),
            own_shots: OwnShots::default(),
            id,
            base: format!("{SESSIONS}/{}", path_segment(id)),
            has_worked,
            streams: Mutex::default(),
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

    /// Notes what became of a stream. The session is connected once there is an answer for each of the two.
    pub(super) fn stream_is(&self, name: StreamName, state: StreamState) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let (own, other) = streams.of(name);
        let was = std::mem::replace(own, state);
        drop(streams);
        let are_both_answered = state != StreamState::Opening && other != StreamState::Opening;
        if are_both_answered && self.connected_at.set(Instant::now()).is_ok() {
            self.has_worked.store(true, Ordering::Relaxed);
            self.sink.connected();
            self.sink.event(SessionEvent::ours(EventKind::Connected, "Connected"));
        } else if name == StreamName::Pictures && was == StreamState::Lost {
            self.sink.connected();
            self.sink.event(SessionEvent::ours(EventKind::Connected, "Pictures come again"));
        }
    }

    /// Returns how long to wait before a broken stream is asked for anew, while the other one goes on; `None` where
    /// that is no use, or nothing goes on and all has to be opened anew. `healthy_for` is how long the stream had been
    /// open.
    pub(super) fn wait_without(
        &self,
        name: StreamName,
        err: &NetError,
        backoff: &mut Backoff,
        healthy_for: Duration,
    ) -> Option<Duration> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let (own, other) = streams.of(name);
        if other != StreamState::Open || !self.may_pass(err) {
            return None;
        }
        *own = StreamState::Lost;
        drop(streams);
        // The session's state tells whether the stream is gone together with the session.
        self.doubt.notify_one();
        backoff.connection_was_healthy_for(healthy_for);
        let delay = match err.is_about_key() {
            true => backoff.next_delay_of_key(0.5),
            false => backoff.next_delay(0.5),
        };
        let wish = err.retry_after().or_else(|| self.retry_wish()).unwrap_or_default();
        // Where the whole connection is lost, the other stream tells it within this time.
        Some(delay.max(wish).max(LEAST_WAIT))
    }

    pub(super) fn wishes_retry_after(&self, wish: Duration) {
        let (least, most) = RETRY_RANGE;
        self.retry.store(wish.clamp(least, most).as_millis() as u64, Ordering::Relaxed);
    }

    /// Returns what a failed connection means for the session.
    pub(super) fn failure(&self, err: &NetError) -> SessionError {
        match self.may_pass(err) {
            true => SessionError::Lost {
                what: err.to_string(),
                retry_after: err.retry_after().or_else(|| self.retry_wish()),
                healthy_for: self.healthy_for(),
                key_refused: err.is_about_key(),
            },
            false => Self::over(err),
        }
    }

    /// Tells whether a failure passes by itself. At first contact only the network's do.
    pub(super) fn may_pass(&self, err: &NetError) -> bool {
        err.may_pass(self.has_worked.load(Ordering::Relaxed))
    }

    pub(super) fn over(err: &NetError) -> SessionError {
        match err.status() {
            Some(404 | 410) => SessionError::Over(end_words(err)),
            _ => SessionError::Ended(end_words(err)),
        }
    }

    pub(super) fn lost(&self, what: String, retry_after: Option<Duration>) -> SessionError {
        SessionError::Lost {
            what,
            retry_after: retry_after.or_else(|| self.retry_wish()),
            healthy_for: self.healthy_for(),
            key_refused: false,
        }
    }

    fn retry_wish(&self) -> Option<Duration> {
        Some(self.retry.load(Ordering::Relaxed)).filter(|ms| *ms > 0).map(Duration::from_millis)
    }

    fn healthy_for(&self) -> Duration {
        let last_byte = self.sink.traffic.borrow().last_byte;
        match (self.connected_at.get(), last_byte) {
            (Some(since), Some(last)) => last.saturating_duration_since(*since),
            _ => Duration::ZERO,
        }
    }

    /// Fetches the session's description. A session that is over is an error.
    pub(super) async fn fetch_state(&self) -> Result<Computer, SessionError> {
        let answer = match self.client.json(Method::GET, &self.base, None).await {
            Ok(answer) => answer,
            Err(err) if err.status() == Some(404) && self.is_missing_in_list().await => {
                return Err(Self::over(&err));
            }
            Err(err) => return Err(self.failure(&err)),
        };
        let Some(computer) = Computer::read(&answer) else {
            let why = "The service's answer does not describe a session".to_owned();
            return Err(self.failure(&NetError::NotUnderstood(why)));
        };
        if let Some(why) = computer.ended {
            return Err(SessionError::Over(why));
        }
        self.sink.update(Update::Lifetime(computer.lifetime));
        Ok(computer)
    }

    /// Tells whether the service lists its sessions and this one, which has worked, is not among them. A service that
    /// only starts has no list yet.
    async fn is_missing_in_list(&self) -> bool {
        if !self.has_worked.load(Ordering::Relaxed) {
            return false;
        }
        let listed = self.client.json(Method::GET, SESSIONS, None).await;
        let listed = listed.ok().and_then(|answer| computers_of(&answer));
        listed.is_some_and(|listed| listed.iter().all(|it| it.summary.id != self.id))
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
