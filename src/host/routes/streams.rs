//! The two streams of a session: its events and its pictures.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{ApiError, Shared};
use crate::host::driver::CastOptions;
use crate::host::http::body::Params;
use crate::host::http::sse::{self, Pace, PaceQuery, Source};
use crate::host::hub::{After, Next, Subscription};
use crate::host::session::Session;
use crate::host::session::lifetime::Watching;
use crate::host::session::screencast::Watcher;

pub(crate) const QUALITY: u8 = 80;
const MAX_NAME: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EventsQuery {
    #[serde(rename = "lastEventId", alias = "evs_last_event_id", alias = "last_event_id")]
    last_event_id: Option<String>,
    #[serde(rename = "historySize", alias = "history_size")]
    pub(crate) history_size: Option<usize>,
    #[serde(rename = "sessionId", alias = "session_id")]
    session_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CastQuery {
    quality: Option<u8>,
    max_width: Option<u32>,
    max_fps: Option<f32>,
}

pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Params(query): Params<EventsQuery>,
    Params(pace): Params<PaceQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = shared.session(&id)?;
    let mut after = query.after(&headers);
    if session.done().is_cancelled() {
        let newest = session.hub.newest();
        match after {
            // It has had the final event: this status tells an event source to stop.
            After::Id(id) if id >= newest => return Ok(StatusCode::NO_CONTENT.into_response()),
            After::Now => after = After::Id(newest - 1),
            After::Id(_) | After::Unknown => {}
        }
    }
    let events = session.hub.subscribe(query.name()?, "sse", after, query.history_size);
    Ok(sse::response(
        shared.pace(&pace),
        Events { events, over: false, _watching: session.lifetime.watch() },
    ))
}

pub(super) async fn screencast(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Params(query): Params<CastQuery>,
    Params(pace): Params<PaceQuery>,
) -> Result<Response, ApiError> {
    let session = shared.live(&id)?;
    let pace = shared.pace(&pace);
    let options = cast_options(query.quality, query.max_width);
    match session.casts.watch(options, query.max_fps).await {
        Ok(watcher) => {
            let done = session.done().clone();
            Ok(sse::response(
                pace,
                Pictures { watcher, done, _watching: session.lifetime.watch(), _session: session },
            ))
        }
        Err(err) => Ok(sse::failed(pace, &err.to_string())),
    }
}

pub(crate) fn cast_options(quality: Option<u8>, max_width: Option<u32>) -> CastOptions {
    CastOptions {
        quality: quality.unwrap_or(QUALITY).clamp(1, 100),
        max_width: max_width.map(|width| width.clamp(16, 7680)),
    }
}

impl EventsQuery {
    /// The header goes before the query, which some clients can set only once.
    pub(crate) fn after(&self, headers: &HeaderMap) -> After {
        let header = headers
            .get("last-event-id")
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        match header.or_else(|| self.last_event_id.clone()) {
            None => After::Now,
            Some(id) if id.is_empty() => After::Now,
            Some(id) => id.trim().parse().map_or(After::Unknown, After::Id),
        }
    }

    /// The subscriber's own name, if it is a plain one.
    pub(crate) fn name(&self) -> Result<Option<String>, ApiError> {
        match &self.session_id {
            Some(name) if is_plain(name) => Ok(Some(name.clone())),
            Some(_) => Err(ApiError::bad(
                "sessionId is 1 to 64 letters, digits, dots, dashes and underscores",
            )),
            None => Ok(None),
        }
    }
}

/// Whether a subscriber may have this name.
pub(super) fn is_plain(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_plain)
}

impl Shared {
    pub(crate) fn pace(&self, query: &PaceQuery) -> Pace {
        Pace { retry: self.config.retry, heartbeat: self.config.heartbeat }.with(query)
    }
}

struct Events {
    events: Subscription,
    over: bool,
    _watching: Watching,
}

impl Source for Events {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        match self.events.next().await {
            Next::Event(event) => Some(event.sse.clone()),
            Next::Gap(gap) => Some(sse::block(&gap.json())),
            Next::Evicted => {
                self.over = true;
                Some(sse::error_block("this subscriber was evicted"))
            }
            Next::Closed => None,
        }
    }
}

struct Pictures {
    watcher: Watcher,
    done: CancellationToken,
    _watching: Watching,
    _session: Arc<Session>,
}

impl Source for Pictures {
    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            picture = self.watcher.next() => Some(picture.sse()),
            () = self.done.cancelled() => None,
        }
    }
}
