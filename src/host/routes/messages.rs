//! Serves the list of a session's subscribers, and messages to all, some or one of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::text::one_line;
use crate::host::error::ApiError;
use crate::host::http::body::Body;
use crate::host::http::subscriber::is_plain;
use crate::host::state::HostState;
use crate::model::EventKind;

const MAX_RECEIVERS: usize = 64;
const MAX_ORIGIN: usize = 200;

/// The body of the call that sends a message to subscribers.
#[derive(Debug, Deserialize)]
pub(super) struct NewMessage {
    data: Value,
    /// The names of the subscribers that it is for; everybody where they are absent.
    to: Option<Vec<String>>,
    /// The message's origin, in the sender's words.
    origin: Option<String>,
}

pub(super) async fn subscribers(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.session(&id)?;
    let subscribers: Vec<Value> = session
        .hub
        .subscribers()
        .into_iter()
        .map(|(name, transport)| json!({"id": name, "transport": transport}))
        .collect();
    Ok(Json(
        json!({"active": subscribers.len(), "subscribers": subscribers, "casts": session.casts.running()}),
    ))
}

pub(super) async fn send(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Body(message): Body<NewMessage>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    let to = message.to.as_deref();
    check_receivers(to)?;
    let receivers = session.hub.receivers(to).map_err(|name| {
        let why = format!("no subscriber is named {name}; GET …/subscribers lists those there are");
        ApiError::new(StatusCode::NOT_FOUND, why)
    })?;
    let origin = message.origin.as_deref().unwrap_or("api");
    let fields = json!({"data": message.data, "origin": one_line(origin, MAX_ORIGIN)});
    let sent = match to {
        None => session.hub.broadcast(EventKind::Message, fields),
        Some([one]) => session.hub.unicast(one, EventKind::Message, fields),
        Some(some) => session.hub.broadcast_some(some.to_vec(), EventKind::Message, fields),
    };
    let event = sent.ok_or_else(|| ApiError::ended("its streams are closed"))?;
    Ok(Json(json!({"status": "success", "id": event, "receivers": receivers})))
}

fn check_receivers(to: Option<&[String]>) -> Result<(), ApiError> {
    let Some(names) = to else {
        return Ok(());
    };
    // A name is remembered with the event. One that nobody can have is refused, as it could be as long as a body.
    if !names.iter().all(|name| is_plain(name)) {
        return Err(ApiError::bad("“to” names subscribers by their sessionId"));
    }
    if !(1..=MAX_RECEIVERS).contains(&names.len()) {
        return Err(ApiError::bad(format!("a message is for 1 to {MAX_RECEIVERS} subscribers")));
    }
    Ok(())
}

pub(super) async fn evict(
    State(host): State<Arc<HostState>>,
    Path((id, name)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    match host.registry.session(&id)?.hub.evict(&name) {
        0 => Err(ApiError::new(StatusCode::NOT_FOUND, "Subscriber not found")),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
