//! Reads a body while it arrives. Answers of a chat come so; their media types cannot be relied upon.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::Method;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::{Client, Fetch};
use crate::net::NetError;
use crate::net::tls::Versions;

/// Time limits for a streamed body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyOptions {
    /// Time limit for the head of the answer. Some servers think before they send it.
    pub head_limit: Duration,
    /// Time limit for the next bytes.
    pub idle_limit: Duration,
}

impl Default for BodyOptions {
    fn default() -> Self {
        Self { head_limit: Duration::from_secs(60), idle_limit: Duration::from_secs(120) }
    }
}

/// A body that arrives in pieces. Dropping it closes the connection. The reader has to bound its size.
pub struct BodyStream {
    stream: Pin<Box<dyn Stream<Item = Result<Bytes, NetError>> + Send>>,
    idle_limit: Duration,
}

impl BodyStream {
    pub(super) async fn open(
        client: &Client,
        method: Method,
        url: Url,
        body: Option<&Value>,
        options: BodyOptions,
    ) -> Result<Self, NetError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("text/event-stream, application/json;q=0.5, */*;q=0.1"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let answer = client
            .fetch(Fetch {
                method,
                url,
                headers,
                private: HeaderMap::new(),
                body: body.map(|body| Bytes::from(body.to_string())),
                head_limit: options.head_limit,
                versions: Versions::Http1Or2,
            })
            .await?;
        if !answer.status().is_success() {
            return Err(answer.refusal().await);
        }
        answer.refuse_coded()?;
        Ok(Self { stream: Box::pin(answer.into_stream()), idle_limit: options.idle_limit })
    }

    /// Returns the next bytes, or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, NetError> {
        match timeout(self.idle_limit, self.stream.next()).await {
            Ok(next) => next.transpose(),
            Err(_elapsed) => Err(NetError::Lost(format!(
                "The server was silent for {} s",
                self.idle_limit.as_secs()
            ))),
        }
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyStream").finish_non_exhaustive()
    }
}
