//! The people of a session, for those who act through calls: they are participant 0, the agent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;

use super::{ApiError, Shared};
use crate::host::http::body::Body;
use crate::model::people::AGENT;
use crate::protocol::socket::{PeopleMessage, ServerMessage};

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<ServerMessage>, ApiError> {
    Ok(Json(shared.session(&id)?.people.words(AGENT)))
}

/// What a socket would send, sent by the agent; answered with the roster as it is then.
pub(super) async fn ask(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Body(message): Body<PeopleMessage>,
) -> Result<Json<ServerMessage>, ApiError> {
    let session = shared.live(&id)?;
    session.people.ask(AGENT, &message).map_err(|why| ApiError::new(StatusCode::CONFLICT, why))?;
    Ok(Json(session.people.words(AGENT)))
}
