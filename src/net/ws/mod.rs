//! Holds WebSocket connections with limits, pings and a clear reason at the end.

mod counted;
mod handshake;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink as _, SinkExt as _, Stream as _, StreamExt as _};
use http::HeaderMap;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use url::Url;

use self::counted::Counted;
use super::NetError;
use super::auth::Auth;
use super::error::root_cause;
use super::http::{Client, plain_words};
use crate::base::text::one_line;

pub use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Name of the query parameter that carries a token which was refused in a header.
const QUERY_TOKEN: &str = "token";

const MAX_MESSAGE: usize = 32 << 20;
const MAX_WRITE_BUFFER: usize = 4 << 20;
const READ_BUFFER: usize = 128 << 10;
const SEND_LIMIT: Duration = Duration::from_secs(10);
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// Options of a WebSocket.
#[derive(Clone, Debug, Default)]
pub struct SocketOptions {
    /// The subprotocol to offer, if any.
    pub subprotocol: Option<&'static str>,
    /// More request headers, which are sent to the first origin only.
    pub headers: HeaderMap,
    /// Whether the token goes into the query at once, without a try in a header.
    pub token_in_query: bool,
}

/// An item of a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketItem {
    /// This many bytes arrived, which is a sign of life. The item comes before what the bytes carry.
    Heard(usize),
    /// A text message arrived.
    Text(Utf8Bytes),
    /// A binary message arrived.
    Binary(Bytes),
}

/// An open WebSocket. Dropping it closes the connection without a farewell.
#[derive(Debug)]
pub struct WebSocket {
    stream: WebSocketStream<Counted<reqwest::Upgraded>>,
    subprotocol: Option<String>,
    /// Messages that wait until their bytes are told; there is at most one.
    ready: VecDeque<SocketItem>,
    over: Option<NetError>,
    timing: Timing,
    last_heard: Instant,
    last_ping: Instant,
    timer: Pin<Box<Sleep>>,
    unflushed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Timing {
    ping_every: Duration,
    dead_after: Duration,
}

const TIMING: Timing =
    Timing { ping_every: Duration::from_secs(10), dead_after: Duration::from_secs(25) };

impl WebSocket {
    /// Opens a WebSocket at `path` below the client's base. A token that is refused in a header is tried once as
    /// `?token=`.
    pub async fn connect(
        client: &Client,
        path: &str,
        options: SocketOptions,
    ) -> Result<Self, NetError> {
        let url = client.resolve(path)?;
        let in_query = client.auth().in_query(QUERY_TOKEN);
        if options.token_in_query
            && let Some(auth) = &in_query
        {
            return Self::connect_as(client, auth, url, &options).await;
        }
        match (Self::connect_as(client, client.auth(), url.clone(), &options).await, in_query) {
            (Err(NetError::Refused { status: 400 | 401 | 403, .. }), Some(auth)) => {
                Self::connect_as(client, &auth, url, &options).await
            }
            (result, _) => result,
        }
    }

    async fn connect_as(
        client: &Client,
        auth: &Auth,
        url: Url,
        options: &SocketOptions,
    ) -> Result<Self, NetError> {
        let (connection, subprotocol) = handshake::upgrade(client, auth, url, options).await?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_write_buffer_size(MAX_WRITE_BUFFER)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let stream =
            WebSocketStream::from_raw_socket(Counted::new(connection), Role::Client, Some(config))
                .await;
        let now = Instant::now();
        Ok(Self {
            stream,
            subprotocol,
            ready: VecDeque::new(),
            over: None,
            timing: TIMING,
            last_heard: now,
            last_ping: now,
            timer: Box::pin(sleep_until(now + TIMING.ping_every)),
            unflushed: false,
        })
    }

    /// Returns the subprotocol that the server chose.
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// Returns the next item. A socket does not end but fails, with the server's close code and reason. The call is
    /// cancel-safe.
    ///
    /// Pings are sent and silence is noticed only in this call, so a socket that nobody reads is not kept alive.
    pub async fn next(&mut self) -> Result<SocketItem, NetError> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Sends one text message. The call is not cancel-safe: a cancelled message may or may not be sent.
    pub async fn send(&mut self, text: String) -> Result<(), NetError> {
        if let Some(why) = &self.over {
            return Err(why.clone());
        }
        match timeout(SEND_LIMIT, self.stream.send(Message::text(text))).await {
            Ok(sent) => sent.map_err(|err| failure_of(&err)),
            Err(_elapsed) => Err(NetError::Lost("The server takes no more messages".to_owned())),
        }
    }

    /// Sends a close frame, waits at most 2 s for the answer, and drops the connection.
    pub async fn close(mut self) {
        let farewell = async {
            if self.stream.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        // The connection is dropped either way.
        timeout(CLOSE_LIMIT, farewell).await.ok();
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Result<SocketItem, NetError>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Ok(item));
            }
            if let Some(why) = &self.over {
                return Poll::Ready(Err(why.clone()));
            }
            let polled = Pin::new(&mut self.stream).poll_next(cx);
            let heard = self.stream.get_mut().take_read();
            if heard > 0 {
                self.last_heard = Instant::now();
                self.ready.push_back(SocketItem::Heard(heard));
            }
            match polled {
                Poll::Ready(Some(Ok(Message::Text(text)))) => {
                    self.ready.push_back(SocketItem::Text(text))
                }
                Poll::Ready(Some(Ok(Message::Binary(data)))) => {
                    self.ready.push_back(SocketItem::Binary(data))
                }
                Poll::Ready(Some(Ok(Message::Close(frame)))) => {
                    self.over = Some(closed(frame.as_ref()));
                    // The answer to the close frame is queued. If it can't be written now, the connection is dropped
                    // without it.
                    let _best_effort = Pin::new(&mut self.stream).poll_flush(cx);
                }
                // The library answers pings and never returns raw frames.
                Poll::Ready(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => {}
                Poll::Ready(Some(Err(err))) => self.over = Some(failure_of(&err)),
                Poll::Ready(None) => self.over = Some(closed(None)),
                Poll::Pending => {
                    if let Err(why) = self.poll_upkeep(cx) {
                        self.over = Some(why);
                    } else if self.ready.is_empty() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// Pings when it is time, flushes what could not be written at once, and notices silence.
    fn poll_upkeep(&mut self, cx: &mut Context<'_>) -> Result<(), NetError> {
        let Timing { ping_every, dead_after } = self.timing;
        loop {
            if self.unflushed {
                match Pin::new(&mut self.stream).poll_flush(cx) {
                    Poll::Ready(flushed) => {
                        flushed.map_err(|err| failure_of(&err))?;
                        self.unflushed = false;
                    }
                    Poll::Pending => {}
                }
            }
            let due = (self.last_ping + ping_every).min(self.last_heard + dead_after);
            if self.timer.deadline() != due {
                self.timer.as_mut().reset(due);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            let now = Instant::now();
            if now >= self.last_heard + dead_after {
                let silence = dead_after.as_secs_f32().ceil();
                return Err(NetError::Lost(format!("The server has been silent for {silence} s")));
            }
            if now >= self.last_ping + ping_every {
                self.last_ping = now;
                // A socket that is stuck writing gets no ping; its silence will end it.
                if let Poll::Ready(ready) = Pin::new(&mut self.stream).poll_ready(cx) {
                    ready
                        .and_then(|()| {
                            Pin::new(&mut self.stream).start_send(Message::Ping(Bytes::new()))
                        })
                        .map_err(|err| failure_of(&err))?;
                    self.unflushed = true;
                }
            }
        }
    }
}

fn closed(frame: Option<&CloseFrame>) -> NetError {
    let Some(frame) = frame else {
        return NetError::Lost("The server closed the connection".to_owned());
    };
    let code = u16::from(frame.code);
    let reason = one_line(&frame.reason, 200);
    let is_status = (4400..4500).contains(&code);
    let message = match reason.is_empty() {
        true if is_status => format!("{} (close code {code})", plain_words(code - 4000)),
        true => format!("The server closed the connection ({code})"),
        false => format!("The server closed the connection ({code}: {reason})"),
    };
    if is_status { NetError::Closed { code, message } } else { NetError::Lost(message) }
}

fn failure_of(err: &Error) -> NetError {
    match err {
        Error::Capacity(_) => NetError::TooLarge { what: "message" },
        Error::ConnectionClosed | Error::AlreadyClosed => closed(None),
        Error::WriteBufferFull(_) => NetError::Lost("The server takes no more messages".to_owned()),
        Error::Io(_) | Error::Tls(_) => {
            NetError::Lost(format!("The connection broke: {}", root_cause(err)))
        }
        _ => NetError::Lost(format!("The server breaks the WebSocket rules: {}", root_cause(err))),
    }
}
