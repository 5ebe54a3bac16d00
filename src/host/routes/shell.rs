//! Refuses the calls that this host does not offer, each in the shape that its clients parse.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::input::one;
use crate::host::action::ActionWords;
use crate::host::error::ApiError;
use crate::host::state::HostState;

/// Answers with 200 always, because a failure is a line of the answer.
pub(super) async fn exec(state: State<Arc<HostState>>, id: Path<String>) -> Response {
    let why = refusal(state, id).await;
    let line = json!({"type": "error", "code": "unsupported", "message": why.message});
    ([(header::CONTENT_TYPE, "application/x-ndjson")], format!("{line}\n")).into_response()
}

pub(super) async fn exec_sync(
    state: State<Arc<HostState>>,
    id: Path<String>,
) -> (StatusCode, Json<Value>) {
    let why = refusal(state, id).await;
    let answer = json!({"status": "error", "error_message": why.message, "exit_code": -1, "stdout": "", "stderr": why.message});
    (why.code, Json(answer))
}

/// Refuses the call as an action, so that the refusal is on the event stream, too.
async fn refusal(state: State<Arc<HostState>>, id: Path<String>) -> ApiError {
    match one(state, id, ActionWords::of("exec")).await {
        Ok(_) => ApiError::new(StatusCode::FORBIDDEN, crate::host::action::perform::NO_SHELL),
        Err(err) => err,
    }
}
