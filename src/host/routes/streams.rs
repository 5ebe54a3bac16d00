//! Serves the two streams of a session: its events and its pictures.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::host::error::ApiError;
use crate::host::grant::{Grant, GrantRight};
use crate::host::http::body::Params;
use crate::host::http::sse::{self, PaceQuery, Source};
use crate::host::http::subscriber::EventsQuery;
use crate::host::hub::{After, Next, Subscription};
use crate::host::session::Session;
use crate::host::session::lifetime::Watching;
use crate::host::session::screencast::{Watcher, cast_options};
use crate::host::state::HostState;

/// The query of the stream of pictures.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CastQuery {
    quality: Option<u8>,
    max_width: Option<u32>,
    max_fps: Option<f32>,
}

pub(super) async fn events(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Params(query): Params<EventsQuery>,
    Params(pace): Params<PaceQuery>,
    Extension(grant): Extension<Arc<Grant>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = host.registry.session(&id)?;
    let mut wish = query.wish("sse", &headers, grant.may(GrantRight::Admin))?;
    if session.done().is_cancelled() {
        let newest = session.hub.newest();
        match wish.after {
            // The client has had the final event. This status tells an event source to stop.
            After::Id(id) if id >= newest => return Ok(StatusCode::NO_CONTENT.into_response()),
            After::Now => wish.after = After::Id(newest - 1),
            After::Id(_) | After::Unknown => {}
        }
    }
    let events = session.hub.subscribe(wish);
    Ok(sse::response(
        host.config.pace().with(&pace),
        EventSource { events, over: false, _watching: session.lifetime.watch() },
    ))
}

pub(super) async fn screencast(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Params(query): Params<CastQuery>,
    Params(pace): Params<PaceQuery>,
) -> Result<Response, ApiError> {
    let session = host.registry.live(&id)?;
    let pace = host.config.pace().with(&pace);
    let options = cast_options(query.quality, query.max_width);
    match session.casts.watch(options, query.max_fps).await {
        Ok(watcher) => {
            let done = session.done().clone();
            Ok(sse::response(
                pace,
                ScreencastSource {
                    watcher,
                    done,
                    _watching: session.lifetime.watch(),
                    _session: session,
                },
            ))
        }
        Err(err) => Ok(sse::failed(pace, &err.to_string())),
    }
}

struct EventSource {
    events: Subscription,
    over: bool,
    _watching: Watching,
}

impl Source for EventSource {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        match self.events.next().await {
            Next::Event(event) => Some(event.sse.clone()),
            Next::Gap(gap) => Some(sse::block(&gap.json())),
            Next::Coming(coming) => Some(sse::block(&coming.event)),
            Next::Passing(event) => Some(sse::block(&event)),
            Next::Evicted => {
                self.over = true;
                Some(sse::error_block("this subscriber was evicted"))
            }
            Next::Closed => None,
        }
    }
}

struct ScreencastSource {
    watcher: Watcher,
    done: CancellationToken,
    _watching: Watching,
    _session: Arc<Session>,
}

impl Source for ScreencastSource {
    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            picture = self.watcher.next() => Some(picture.sse()),
            () = self.done.cancelled() => None,
        }
    }
}
