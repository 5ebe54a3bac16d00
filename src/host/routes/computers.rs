//! Sessions: create, list, look at, keep, end.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::{ApiError, Shared};
use crate::host::action::check_display;
use crate::host::driver::EventSink;
use crate::host::http::body::{Body, Params};
use crate::host::hub::Hub;
use crate::host::session::lifetime::{Lifetime, Limits};
use crate::host::session::people::Terms;
use crate::host::session::{Parts, Session};
use crate::host::state::config::random_hex;
use crate::host::state::registry::KEEP_ENDED;
use crate::host::{CreateRequest, SessionKind};

const MAX_URL: usize = 64 << 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CreateWords {
    kind: Option<String>,
    display: Display,
    inactivity_timeout_seconds: Option<f64>,
    idle_timeout_enabled: Option<bool>,
    max_lifetime_seconds: Option<f64>,
    /// The former names of the last two.
    auto_kill: Option<bool>,
    timeout_seconds: Option<f64>,
    /// Ours.
    start_url: Option<String>,
    proxy_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct Display {
    width: u32,
    height: u32,
    scale: f64,
}

impl Default for Display {
    fn default() -> Self {
        Self { width: 1280, height: 720, scale: 1.0 }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    #[serde(rename = "type")]
    kind: Option<String>,
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Vec<Value>>, ApiError> {
    match query.kind.as_deref() {
        None | Some("live" | "") => {
            Ok(Json(shared.registry.list().iter().map(|session| session.computer()).collect()))
        }
        // No session outlives the host.
        Some("persistent") => Ok(Json(Vec::new())),
        Some(_) => Err(ApiError::bad("type is live or persistent")),
    }
}

pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Body(words): Body<CreateWords>,
) -> Result<Json<Value>, ApiError> {
    // There is no session yet whose stream could tell of it.
    created(shared, words).await.map_err(|err| err.because("create_failed"))
}

async fn created(shared: Arc<Shared>, words: CreateWords) -> Result<Json<Value>, ApiError> {
    let request = words.request()?;
    let limits = words.limits(&shared)?;
    let Ok(permit) = shared.places.clone().try_acquire_owned() else {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many sessions are running; end one first",
        ));
    };
    // A browser that was started is never forgotten, even when the client goes away while it starts.
    let starting = shared.tracker.spawn(start(shared.clone(), request, limits, permit));
    let session = starting
        .await
        .map_err(|err| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, err.to_string()))??;
    Ok(Json(session.computer()))
}

async fn start(
    shared: Arc<Shared>,
    request: CreateRequest,
    limits: Limits,
    permit: OwnedSemaphorePermit,
) -> Result<Arc<Session>, ApiError> {
    let hub = Arc::new(Hub::new(shared.config.history_size));
    let sink: EventSink = {
        let hub = hub.clone();
        Arc::new(move |event| {
            hub.broadcast(event.kind, event.fields);
        })
    };
    hub.broadcast("session_state", json!({"state": "starting"}));
    let (kind, scale) = (request.kind, request.scale);
    let driver = (shared.factory)(request, sink).await?;
    let session = Session::new(Parts {
        id: format!("comp_{}", random_hex::<8>()?),
        kind,
        hub,
        driver,
        lifetime: Lifetime::start(limits),
        scale,
        terms: Terms {
            request: shared.config.control_request,
            implicit: shared.config.implicit_control,
        },
        tracker: shared.tracker.clone(),
        permit,
    });
    if !shared.registry.add(session.clone()) {
        session.end("the host is shutting down").await;
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "the host is shutting down"));
    }
    shared.tracker.spawn(look_after(shared.clone(), session.clone()));
    Ok(session)
}

/// A session's whole life, and the time that it is remembered after it.
async fn look_after(shared: Arc<Shared>, session: Arc<Session>) {
    tokio::select! {
        () = session.supervise() => {}
        // The host was dropped: with the last handle to its driver the browser goes, too.
        () = shared.kill.cancelled() => return,
    }
    tokio::select! {
        () = tokio::time::sleep(KEEP_ENDED) => shared.registry.forget(&session.id),
        () = shared.closing.cancelled() => {}
    }
}

pub(super) async fn retrieve(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(shared.session(&id)?.computer()))
}

pub(super) async fn keepalive(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let session = shared.live(&id)?;
    session.lifetime.touch();
    Ok(Json(session.computer()))
}

pub(super) async fn end(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.session(&id)?.end("ended by a client").await;
    Ok(StatusCode::NO_CONTENT)
}

impl CreateWords {
    fn request(&self) -> Result<CreateRequest, ApiError> {
        let kind = match self.kind.as_deref().unwrap_or("browser") {
            "browser" => SessionKind::Browser,
            "sample" => SessionKind::Sample,
            "desktop" => {
                return Err(ApiError::bad(
                    "this host has no desktop sessions; create one of kind browser",
                ));
            }
            _ => return Err(ApiError::bad("kind is browser or sample")),
        };
        let Display { width, height, scale } = self.display;
        check_display(width, height, scale)?;
        let start_url = self.start_url.clone().filter(|url| !url.is_empty());
        if start_url.as_ref().is_some_and(|url| url.len() > MAX_URL) {
            return Err(ApiError::bad("start_url is too long"));
        }
        Ok(CreateRequest {
            kind,
            width,
            height,
            scale,
            start_url,
            proxy: self.proxy_url.clone().filter(|url| !url.is_empty()),
        })
    }

    fn limits(&self, shared: &Shared) -> Result<Limits, ApiError> {
        let config = &shared.config;
        let enabled = self.idle_timeout_enabled.or(self.auto_kill).unwrap_or(true);
        let idle = match (enabled, seconds(self.inactivity_timeout_seconds)?) {
            (false, _) => None,
            (true, given) => given.or(config.idle),
        };
        let max = seconds(self.max_lifetime_seconds.or(self.timeout_seconds))?;
        // The host's own maximum is a ceiling.
        let max = max.into_iter().chain(config.max_lifetime).min();
        Ok(Limits { idle, max, watching_counts: config.watching_counts_as_activity })
    }
}

fn seconds(given: Option<f64>) -> Result<Option<Duration>, ApiError> {
    match given {
        None => Ok(None),
        Some(s) if (0.1..=31_536_000.0).contains(&s) => Ok(Some(Duration::from_secs_f64(s))),
        Some(_) => Err(ApiError::bad("a time-out is a number of seconds between 0.1 and a year")),
    }
}
