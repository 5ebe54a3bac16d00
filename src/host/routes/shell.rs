//! Calls that this host refuses, each in the shape that its clients parse.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::input::one;
use super::{ApiError, Shared};
use crate::host::action::ActionWords;

/// Always 200: failure is a line of the answer.
pub(super) async fn exec(state: State<Arc<Shared>>, id: Path<String>) -> Response {
    let why = refusal(state, id).await;
    let line = json!({"type": "error", "code": "unsupported", "message": why.message});
    ([(header::CONTENT_TYPE, "application/x-ndjson")], format!("{line}\n")).into_response()
}

pub(super) async fn exec_sync(
    state: State<Arc<Shared>>,
    id: Path<String>,
) -> (StatusCode, Json<Value>) {
    let why = refusal(state, id).await;
    let answer = json!({"status": "error", "error_message": why.message, "exit_code": -1, "stdout": "", "stderr": why.message});
    (why.code, Json(answer))
}

/// Refused as an action, so that it is on the event stream, too.
async fn refusal(state: State<Arc<Shared>>, id: Path<String>) -> ApiError {
    match one(state, id, ActionWords::of("exec")).await {
        Ok(_) => ApiError::new(StatusCode::FORBIDDEN, crate::host::action::perform::NO_SHELL),
        Err(err) => err,
    }
}
