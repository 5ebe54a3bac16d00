//! Serves the people of a session to those who act through calls: they are participant 0, the agent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;

use crate::host::error::ApiError;
use crate::host::http::body::Body;
use crate::host::state::HostState;
use crate::model::PeopleControl;
use crate::model::people::AGENT;
use crate::protocol::socket::ServerMessage;

pub(super) async fn list(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
) -> Result<Json<ServerMessage>, ApiError> {
    Ok(Json(host.registry.session(&id)?.people.words(AGENT)))
}

/// Does for the agent what a socket's message would do, and answers with the roster as it is then.
pub(super) async fn ask(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Body(control): Body<PeopleControl>,
) -> Result<Json<ServerMessage>, ApiError> {
    let session = host.registry.live(&id)?;
    session.people.ask(AGENT, &control).map_err(|why| ApiError::new(StatusCode::CONFLICT, why))?;
    Ok(Json(session.people.words(AGENT)))
}
