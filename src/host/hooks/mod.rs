//! Takes webhooks: services post what happened in their sessions, and whoever watches this host reads it as one stream
//! of events.
//!
//! A receiver asks for no token: services have none to send. They prove that they know the secret instead.

mod proof;
mod receive;
mod seen;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use super::error::{ApiError, HostError};
use super::http::body::Params;
use super::http::sse::{self, Pace, PaceQuery, Source};
use super::http::subscriber::EventsQuery;
use super::hub::{Hub, Next, Subscription};
use super::state::config::HostConfig;
use proof::Secret;
use seen::SeenHooks;

/// The webhooks that a host takes, and the stream on which it tells of them.
pub(crate) struct Hooks {
    /// The secret that services sign with; with `None` nothing is received.
    secret: Option<Secret>,
    hub: Arc<Hub>,
    seen: Mutex<SeenHooks>,
    /// The times of the stream, where a client does not ask for others.
    pace: Pace,
}

/// Routes the deliveries of services, which have no token.
pub(crate) fn receivers<S>(hooks: Arc<Hooks>) -> Router<S> {
    let receiver = || post(receive::receive);
    Router::new()
        .route("/hooks/{sender}", receiver())
        .route("/v1/hooks/{sender}", receiver())
        .with_state(hooks)
}

/// Routes the stream, for whoever knows the token.
pub(crate) fn routes<S>(hooks: Arc<Hooks>) -> Router<S> {
    Router::new().route("/hooks/events", get(events)).with_state(hooks)
}

async fn events(
    State(hooks): State<Arc<Hooks>>,
    Params(query): Params<EventsQuery>,
    Params(pace): Params<PaceQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let events = hooks.hub.subscribe(query.wish("sse", &headers, false)?);
    Ok(sse::response(hooks.pace.with(&pace), HookSource(events)))
}

impl Hooks {
    pub(crate) fn new(config: &HostConfig) -> Result<Self, HostError> {
        let memory = config.hook_memory.as_deref().filter(|_| config.hook_secret.is_some());
        let seen = SeenHooks::open(memory).map_err(|err| HostError::HookMemory {
            path: memory.map(|path| path.display().to_string()).unwrap_or_default(),
            why: err.to_string(),
        })?;
        Ok(Self {
            secret: config.hook_secret.as_ref().map(Secret::new),
            hub: Arc::new(Hub::starting_after(first_id(), config.history_size)),
            seen: Mutex::new(seen),
            pace: config.pace(),
        })
    }

    /// Closes the hub. Streams end after delivering what there is.
    pub(crate) fn close(&self) {
        self.hub.close();
    }
}

/// Returns the first id of this run. Subscribers outlive a run and come back with an id of an earlier one: ids of later
/// runs are larger, as long as fewer than a thousand events come in a second.
fn first_id() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}

struct HookSource(Subscription);

impl Source for HookSource {
    async fn next(&mut self) -> Option<Bytes> {
        match self.0.next().await {
            Next::Event(event) => Some(event.sse.clone()),
            Next::Gap(gap) => Some(sse::block(&gap.json())),
            Next::Coming(coming) => Some(sse::block(&coming.event)),
            Next::Passing(event) => Some(sse::block(&event)),
            Next::Evicted | Next::Closed => None,
        }
    }
}
