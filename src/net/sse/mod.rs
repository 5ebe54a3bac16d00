//! Reads server-sent events. Each [`SseStream`] is one connection; the caller decides when to try again.
//!
//! The parser is that of `eventsource-client`, on a transport of this module that cleans and bounds its input.

mod clean;
mod idle;
mod transport;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use eventsource_client::{BoxStream, Client as _, ClientBuilder, Error, ReconnectOptions, SSE};
use http::HeaderMap;
use tokio::time::{Instant, Sleep, sleep_until};
use url::Url;

use self::idle::Cadence;
use self::transport::{Tap, Transport};
use super::NetError;
use super::http::Client;

pub use self::idle::IdleLimit;

/// Options of an event stream.
#[derive(Clone, Debug, Default)]
pub struct SseOptions {
    /// The stream resumes after the event with this id. Events without an id carry it on.
    pub last_event_id: Option<String>,
    /// Whether `text/plain` and a missing media type are accepted, too.
    pub lenient_media_type: bool,
    /// Time that the stream may be silent.
    pub idle_limit: IdleLimit,
    /// More request headers, which are sent to the first origin only.
    pub headers: HeaderMap,
}

/// An item of an event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SseItem {
    /// The server answered with a stream.
    Open,
    /// This many bytes arrived, comments included, which is a sign of life. The item comes before what the bytes carry.
    Heard(usize),
    /// The stream may be silent for this long from now on.
    IdleLimit(Duration),
    /// The server wishes for this time between attempts, which is not clamped.
    Retry(Duration),
    /// The server sent an event.
    Event {
        /// Type of the event, which is `message` if the server did not say.
        kind: String,
        /// Data of the event, whose lines are joined by LF.
        data: String,
        /// The last id that the server sent. It is empty if there was none.
        id: String,
    },
}

/// One connection to an event stream. Dropping it closes the connection.
pub struct SseStream {
    /// The parsed events. It is `None` once the connection is over.
    events: Option<BoxStream<Result<SSE, Error>>>,
    tap: Arc<Mutex<Tap>>,
    /// Items to return next: at most one event, and the notes of its bytes.
    ready: VecDeque<SseItem>,
    over: NetError,
    sendable_id: Option<String>,
    cadence: Cadence,
    last_heard: Instant,
    /// Timer of the silence limit, which starts once the server has answered.
    silence: Option<Pin<Box<Sleep>>>,
}

impl SseStream {
    /// Begins an event stream at `path` below the client's base. The first call of [`Self::next`] connects, and fails
    /// where the address cannot be used.
    pub fn open(client: &Client, path: &str, mut options: SseOptions) -> Self {
        let url = client.resolve(path);
        options.last_event_id = options.last_event_id.filter(|id| !id.is_empty());
        let tap = Tap::new(options.last_event_id.as_deref());
        let (sendable_id, idle_limit) = (options.last_event_id.clone(), options.idle_limit);
        let transport = Transport { client: client.clone(), options, tap: Arc::clone(&tap) };
        let (events, over) = match url.and_then(|url| events(&url, transport)) {
            Ok(events) => (Some(events), NetError::Lost("The stream is over".to_owned())),
            Err(err) => (None, err),
        };
        Self {
            events,
            tap,
            ready: VecDeque::new(),
            over,
            sendable_id,
            cadence: Cadence::new(idle_limit),
            last_heard: Instant::now(),
            silence: None,
        }
    }

    /// Returns the next item. A stream does not end but fails, with [`NetError::Lost`] if the server closed it. The
    /// call is cancel-safe.
    pub async fn next(&mut self) -> Result<SseItem, NetError> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Returns the id to resume from after the items that were returned so far. It is the last id that has at most 4
    /// KiB and no control characters.
    pub fn sendable_id(&self) -> Option<&str> {
        self.sendable_id.as_deref()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<SseItem, NetError>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Ok(item));
            }
            let Some(events) = &mut self.events else {
                return Poll::Ready(Err(self.over.clone()));
            };
            let polled = events.as_mut().poll_next(cx);
            self.take_notes();
            match polled {
                Poll::Ready(Some(Ok(SSE::Connected(_)))) => {
                    self.last_heard = Instant::now();
                    self.arm();
                    self.ready.push_back(SseItem::Open);
                }
                Poll::Ready(Some(Ok(SSE::Event(event)))) => self.ready.push_back(SseItem::Event {
                    kind: event.event_type,
                    data: event.data,
                    id: event.id.unwrap_or_default(),
                }),
                // The filter lets no comments through.
                Poll::Ready(Some(Ok(SSE::Comment(_)))) => {}
                Poll::Ready(Some(Err(err))) => self.end(failure_of(&err)),
                Poll::Ready(None) => self.end(failure_of(&Error::Eof)),
                Poll::Pending if self.ready.is_empty() => match self.poll_silence(cx) {
                    Poll::Ready(limit) => self.end(NetError::Lost(format!(
                        "The server has been silent for {} s",
                        limit.as_secs_f32().ceil()
                    ))),
                    Poll::Pending => return Poll::Pending,
                },
                Poll::Pending => {}
            }
        }
    }

    fn take_notes(&mut self) {
        let (heard, notes) = Tap::take(&self.tap);
        if heard > 0 {
            self.last_heard = Instant::now();
            self.ready.push_back(SseItem::Heard(heard));
        }
        if notes.comment
            && let Some(limit) = self.cadence.beat(self.last_heard)
        {
            self.arm();
            self.ready.push_back(SseItem::IdleLimit(limit));
        }
        self.ready.extend(notes.retry.map(SseItem::Retry));
        if let Some(id) = notes.sendable_id {
            self.sendable_id = id;
        }
    }

    fn arm(&mut self) {
        self.silence =
            self.cadence.limit().map(|limit| Box::pin(sleep_until(self.last_heard + limit)));
    }

    /// Is ready once nothing was heard for the limit. The timer is moved only when it fires, not for every chunk.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some(limit) = self.cadence.limit() else {
            return Poll::Pending;
        };
        let Some(silence) = &mut self.silence else {
            return Poll::Pending;
        };
        while silence.as_mut().poll(cx).is_ready() {
            let due = self.last_heard + limit;
            if due <= Instant::now() {
                return Poll::Ready(limit);
            }
            silence.as_mut().reset(due);
        }
        Poll::Pending
    }

    fn end(&mut self, why: NetError) {
        self.events = None;
        self.over = why;
    }
}

impl std::fmt::Debug for SseStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SseStream").field("open", &self.events.is_some()).finish_non_exhaustive()
    }
}

fn events(url: &Url, transport: Transport) -> Result<BoxStream<Result<SSE, Error>>, NetError> {
    let builder = ClientBuilder::for_url(url.as_str())
        .map_err(|err| NetError::Invalid(format!("The address cannot be used: {err}")))?;
    let once = ReconnectOptions::reconnect(false).build();
    Ok(builder.reconnect(once).redirect_limit(0).build_with_transport(transport).stream())
}

fn failure_of(err: &Error) -> NetError {
    match err {
        Error::Transport(err) => match err.inner().downcast_ref::<NetError>() {
            Some(err) => err.clone(),
            None => NetError::Lost(err.to_string()),
        },
        Error::Eof | Error::UnexpectedEof => {
            NetError::Lost("The server closed the stream".to_owned())
        }
        _ => NetError::Lost(format!("The stream cannot be read: {err}")),
    }
}
