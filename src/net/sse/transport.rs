//! Puts the HTTP client, the checks on the answer and the byte filter under the SSE parser.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use launchdarkly_sdk_transport::{ByteStream, HttpTransport, ResponseFuture, TransportError};
use sync_wrapper::{SyncFuture, SyncStream};
use url::Url;

use super::SseOptions;
use super::clean::{Cleaner, Notes};
use crate::net::NetError;
use crate::net::http::{Client, Fetch, HEAD_LIMIT};
use crate::net::tls::Versions;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Filter of one connection. The byte stream that feeds it and the reader that takes its notes share it.
#[derive(Debug)]
pub(super) struct Tap {
    cleaner: Cleaner,
    heard: usize,
}

impl Tap {
    pub(super) fn new(last_id: Option<&str>) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { cleaner: Cleaner::new(last_id), heard: 0 }))
    }

    /// Returns the number of bytes heard and the notes taken since the last call.
    pub(super) fn take(tap: &Mutex<Self>) -> (usize, Notes) {
        let mut tap = lock(tap);
        (std::mem::take(&mut tap.heard), tap.cleaner.take_notes())
    }
}

fn lock(tap: &Mutex<Tap>) -> MutexGuard<'_, Tap> {
    // A poisoned lock is taken all the same: one task polls both sides, and a panic there ends the stream anyway.
    tap.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The transport under the parser: each request of the parser's is one connection.
#[derive(Clone)]
pub(super) struct Transport {
    pub(super) client: Client,
    pub(super) options: SseOptions,
    pub(super) tap: Arc<Mutex<Tap>>,
}

impl HttpTransport for Transport {
    fn request(&self, request: Request<Option<Bytes>>) -> ResponseFuture {
        let transport = self.clone();
        Box::pin(SyncFuture::new(async move {
            transport.open(request).await.map_err(TransportError::new)
        }))
    }
}

impl Transport {
    async fn open(self, request: Request<Option<Bytes>>) -> Result<Response<ByteStream>, NetError> {
        let url = Url::parse(&request.uri().to_string())
            .map_err(|err| NetError::Invalid(format!("The address cannot be used: {err}")))?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(id) = self.options.last_event_id.as_deref().filter(|id| !id.is_empty()) {
            let id = HeaderValue::from_bytes(id.as_bytes()).map_err(|_invalid| {
                NetError::Invalid("The last event id cannot be sent".to_owned())
            })?;
            headers.insert(LAST_EVENT_ID, id);
        }
        let response = self
            .client
            .fetch(Fetch {
                method: Method::GET,
                url,
                headers,
                private: self.options.headers.clone(),
                body: None,
                head_limit: HEAD_LIMIT,
                versions: Versions::Http1Or2,
            })
            .await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Err(NetError::Refused {
                status: 204,
                message: "The server says that this stream is over".to_owned(),
            });
        }
        if response.status() != StatusCode::OK {
            return Err(response.refusal().await);
        }
        response.refuse_coded()?;
        check_media_type(response.headers(), self.options.lenient_media_type)?;
        let body: ByteStream = Box::pin(CleanBody::new(Box::pin(response.into_stream()), self.tap));
        Ok(Response::new(body))
    }
}

fn check_media_type(headers: &HeaderMap, lenient: bool) -> Result<(), NetError> {
    let header = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let essence = header.as_deref().map(|value| value.split(';').next().unwrap_or_default().trim());
    let fine = match essence {
        Some(essence) if essence.eq_ignore_ascii_case("text/event-stream") => true,
        Some(essence) => {
            lenient && (essence.is_empty() || essence.eq_ignore_ascii_case("text/plain"))
        }
        None => lenient,
    };
    if fine {
        return Ok(());
    }
    let found = crate::base::text::one_line(essence.unwrap_or("no media type"), 80);
    Err(NetError::NotAStream(format!(
        "This address answers with {found} instead of an event stream; check the address"
    )))
}

/// The cleaned body, which has at most one event per item.
pub(super) struct CleanBody<S> {
    /// Bytes that were received and not yet cleaned.
    raw: Bytes,
    /// The body is wrapped, because the parser requires its transport to be `Sync`.
    body: SyncStream<S>,
    tap: Arc<Mutex<Tap>>,
}

impl<S: Stream> CleanBody<S> {
    pub(super) fn new(body: S, tap: Arc<Mutex<Tap>>) -> Self {
        Self { raw: Bytes::new(), body: SyncStream::new(body), tap }
    }
}

impl<S: Stream<Item = Result<Bytes, NetError>> + Unpin> Stream for CleanBody<S> {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.raw.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(chunk)) => this.raw = chunk,
                Some(Err(err)) => return Poll::Ready(Some(Err(TransportError::new(err)))),
                None => return Poll::Ready(None),
            }
            lock(&this.tap).heard += this.raw.len();
        }
        let cleaned = lock(&this.tap).cleaner.clean(&mut this.raw);
        match cleaned {
            Ok(cleaned) if cleaned.is_empty() => {
                // There is nothing for the parser, which would ask again at once. The reader has to tell the heartbeat
                // first.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Ok(cleaned) => Poll::Ready(Some(Ok(cleaned))),
            Err(overflow) => {
                Poll::Ready(Some(Err(TransportError::new(NetError::TooLarge { what: overflow.0 }))))
            }
        }
    }
}
