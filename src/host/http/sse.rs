//! Answers with `text/event-stream`: the reconnection time comes first, then the source's blocks, with a comment now
//! and then.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::base::redact;

const HEARTBEAT: Bytes = Bytes::from_static(b": heartbeat\n\n");

/// A source of a stream's blocks.
pub(crate) trait Source: Send + 'static {
    /// Returns the next block, complete with its blank line; `None` ends the stream. It is cancel-safe.
    fn next(&mut self) -> impl Future<Output = Option<Bytes>> + Send;
}

/// The times of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) retry: Duration,
    pub(crate) heartbeat: Duration,
}

/// The times that a client may ask for, in the words of the libraries that it may come from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PaceQuery {
    /// The reconnection time in seconds.
    retry: Option<f64>,
    ping: Option<f64>,
    /// The reconnection time in milliseconds.
    retry_interval: Option<u64>,
    heartbeat_interval: Option<u64>,
}

impl Pace {
    /// Takes the client's wishes over, as far as they are within reason.
    pub(crate) fn with(self, query: &PaceQuery) -> Self {
        let pick = |seconds: Option<f64>, ms: Option<u64>, default: Duration| {
            let seconds = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
            ms.map(Duration::from_millis).or(seconds).unwrap_or(default)
        };
        let hour = Duration::from_secs(3600);
        Self {
            retry: pick(query.retry, query.retry_interval, self.retry).min(hour),
            heartbeat: pick(query.ping, query.heartbeat_interval, self.heartbeat)
                .clamp(Duration::from_millis(100), hour),
        }
    }
}

pub(crate) fn response(pace: Pace, source: impl Source) -> Response {
    let mut heartbeat = tokio::time::interval_at(Instant::now() + pace.heartbeat, pace.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let first = Bytes::from(format!("retry: {}\n\n", pace.retry.as_millis()));
    let blocks =
        stream::unfold((Some(first), heartbeat, source), |(first, heartbeat, source)| async {
            match first {
                Some(first) => Some((Ok::<_, Infallible>(first), (None, heartbeat, source))),
                None => {
                    let (block, heartbeat, source) = block_or_heartbeat(heartbeat, source).await?;
                    Some((Ok(block), (None, heartbeat, source)))
                }
            }
        });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache, no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(blocks)).into_response()
}

/// Answers for a stream that could not be set up: with one `error` event, and the end.
pub(crate) fn failed(pace: Pace, message: &str) -> Response {
    struct Once(Option<Bytes>);
    impl Source for Once {
        async fn next(&mut self) -> Option<Bytes> {
            self.0.take()
        }
    }
    response(pace, Once(Some(error_block(message))))
}

pub(crate) fn error_block(message: &str) -> Bytes {
    let json = json!({"status": "error", "error_message": redact::text(message)});
    Bytes::from(format!("event: error\ndata: {json}\n\n"))
}

/// Writes an event of this one stream, which takes no id from the session.
pub(crate) fn block(json: &Value) -> Bytes {
    Bytes::from(format!("data: {json}\n\n"))
}

async fn block_or_heartbeat<S: Source>(
    mut heartbeat: Interval,
    mut source: S,
) -> Option<(Bytes, Interval, S)> {
    let block = tokio::select! {
        block = source.next() => block?,
        _ = heartbeat.tick() => HEARTBEAT,
    };
    Some((block, heartbeat, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_may_set_their_pace_in_two_dialects() {
        let pace = Pace { retry: Duration::from_secs(1), heartbeat: Duration::from_secs(30) };
        let ms = Duration::from_millis;
        for (query, retry, heartbeat) in [
            (PaceQuery::default(), ms(1000), ms(30_000)),
            (
                PaceQuery { retry: Some(2.5), ping: Some(10.0), ..PaceQuery::default() },
                ms(2500),
                ms(10_000),
            ),
            (
                PaceQuery {
                    retry_interval: Some(700),
                    heartbeat_interval: Some(45_000),
                    ..PaceQuery::default()
                },
                ms(700),
                ms(45_000),
            ),
            (
                PaceQuery { retry: Some(-1.0), ping: Some(f64::NAN), ..PaceQuery::default() },
                ms(1000),
                ms(30_000),
            ),
            (PaceQuery { ping: Some(0.0), ..PaceQuery::default() }, ms(1000), ms(100)),
        ] {
            assert_eq!(pace.with(&query), Pace { retry, heartbeat }, "{query:?}");
        }
    }
}
