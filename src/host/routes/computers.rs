//! Serves the calls that create, list, describe, keep and end sessions.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use crate::host::action::check_display;
use crate::host::driver::EventSink;
use crate::host::driver::factory::{CreateRequest, DriverKind};
use crate::host::error::ApiError;
use crate::host::grant::GrantReach;
use crate::host::http::body::{Body, Params};
use crate::host::hub::Hub;
use crate::host::random::random_hex;
use crate::host::session::lifetime::{Limits, SessionLifetime};
use crate::host::session::people::Terms;
use crate::host::session::{Parts, Session};
use crate::host::state::HostState;
use crate::host::state::registry::KEEP_ENDED;
use crate::model::{EventKind, FrameSize};

const MAX_URL: usize = 64 << 10;

/// The body of the call that creates a session.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CreateWords {
    kind: Option<String>,
    display: Option<Display>,
    inactivity_timeout_seconds: Option<f64>,
    idle_timeout_enabled: Option<bool>,
    max_lifetime_seconds: Option<f64>,
    /// These are the former names of the two fields before.
    auto_kill: Option<bool>,
    timeout_seconds: Option<f64>,
    /// This field is the host's own.
    start_url: Option<String>,
    proxy_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Display {
    width: Option<u32>,
    height: Option<u32>,
    scale: Option<f64>,
}

/// The query of the call that lists sessions.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    #[serde(rename = "type")]
    kind: Option<String>,
}

pub(super) async fn list(
    State(host): State<Arc<HostState>>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Vec<Value>>, ApiError> {
    match query.kind.as_deref() {
        None | Some("live" | "") => {
            Ok(Json(host.registry.list().iter().map(|session| session.computer()).collect()))
        }
        // The list is empty, because no session outlives the host.
        Some("persistent") => Ok(Json(Vec::new())),
        Some(_) => Err(ApiError::bad("type is live or persistent")),
    }
}

pub(super) async fn create(
    State(host): State<Arc<HostState>>,
    Body(words): Body<CreateWords>,
) -> Result<Json<Value>, ApiError> {
    // The caller alone is told, because there is no session yet whose stream could tell of it.
    created(host, words).await.map_err(|err| err.because("create_failed"))
}

async fn created(host: Arc<HostState>, words: CreateWords) -> Result<Json<Value>, ApiError> {
    let request = words.request(host.config.size)?;
    let limits = words.limits(&host)?;
    let Ok(permit) = host.session_permits.clone().try_acquire_owned() else {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many sessions are running; end one first",
        ));
    };
    Ok(Json(start(host, request, limits, permit).await?.computer()))
}

async fn start(
    host: Arc<HostState>,
    request: CreateRequest,
    limits: Limits,
    permit: OwnedSemaphorePermit,
) -> Result<Arc<Session>, ApiError> {
    let hub = Arc::new(Hub::new(host.config.history_size));
    let sink: EventSink = {
        let hub = hub.clone();
        Arc::new(move |event| match event.kind {
            EventKind::NetworkRequest => hub.pass(event.kind, event.fields),
            _ => drop(hub.broadcast(event.kind, event.fields)),
        })
    };
    hub.broadcast(EventKind::SessionState, json!({"state": "starting"}));
    let (kind, scale) = (request.kind, request.scale);
    let driver = (host.factory)(request, sink).await?;
    let session = Session::new(Parts {
        id: format!("comp_{}", random_hex::<8>()?),
        kind,
        hub,
        driver,
        lifetime: SessionLifetime::start(limits),
        scale,
        allows_scripts: host.config.allows_scripts,
        terms: Terms {
            request: host.config.control_request,
            implicit: host.config.implicit_control,
        },
        tracker: host.tasks.tracker.clone(),
        permit,
    });
    if !host.registry.add(session.clone()) {
        session.end("the host is shutting down").await;
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "the host is shutting down"));
    }
    host.tasks.tracker.spawn(look_after(host.clone(), session.clone()));
    Ok(session)
}

/// Lives through a session's whole life, and through the time that it is remembered after it.
async fn look_after(host: Arc<HostState>, session: Arc<Session>) {
    let id = session.id.clone();
    // What looks after a session that lives is boxed, so that nothing of it waits until the session is forgotten.
    let supervised = Box::pin(async move { session.supervise().await });
    tokio::select! {
        () = supervised => {}
        // The host was dropped. The browser goes with the last handle to its driver.
        () = host.tasks.kill.cancelled() => return,
    }
    host.registry.has_ended();
    tokio::select! {
        () = tokio::time::sleep(KEEP_ENDED) => {
            host.registry.forget(&id);
            host.grants.end(|grant| grant.reach == GrantReach::Session(id.clone()));
        }
        () = host.tasks.closing.cancelled() => {}
    }
}

pub(super) async fn retrieve(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(host.registry.session(&id)?.computer()))
}

pub(super) async fn keepalive(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    session.lifetime.touch();
    Ok(Json(session.computer()))
}

pub(super) async fn end(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    host.registry.session(&id)?.end("ended by a client").await;
    Ok(StatusCode::NO_CONTENT)
}

impl CreateWords {
    fn request(&self, usual: FrameSize) -> Result<CreateRequest, ApiError> {
        let kind = match self.kind.as_deref().unwrap_or("browser") {
            "browser" => DriverKind::Browser,
            "sample" => DriverKind::Sample,
            "desktop" => {
                return Err(ApiError::bad(
                    "this host has no desktop sessions; create one of kind browser instead",
                ));
            }
            _ => return Err(ApiError::bad("kind is browser or sample")),
        };
        let (width, height, scale) = match &self.display {
            Some(display) => (display.width, display.height, display.scale),
            None => (None, None, None),
        };
        let (width, height) = (width.unwrap_or(usual.width), height.unwrap_or(usual.height));
        let scale = scale.unwrap_or(1.0);
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

    fn limits(&self, host: &HostState) -> Result<Limits, ApiError> {
        let config = &host.config;
        let enabled = self.idle_timeout_enabled.or(self.auto_kill).unwrap_or(true);
        let idle = match (enabled, seconds(self.inactivity_timeout_seconds)?) {
            (false, _) => None,
            (true, given) => given.or(config.idle),
        };
        let max = seconds(self.max_lifetime_seconds.or(self.timeout_seconds))?;
        // A client's wish does not go beyond the host's own maximum.
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
