//! Serves what is fetched without a token: the start page, and screenshots under their unguessable names.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};

use crate::host::error::ApiError;
use crate::host::state::HostState;

const START: &str = include_str!("../../../assets/pages/start.html");

/// The page loads nothing: everything is in the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; frame-ancestors 'none'";

/// Serves the start page, which is static and without secrets.
pub(super) async fn start() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(START)).into_response()
}

pub(super) async fn screenshot(
    State(host): State<Arc<HostState>>,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    // The words are the same whether the session or the picture is missing.
    let missing = || ApiError::new(StatusCode::NOT_FOUND, "Screenshot not found");
    let session = host.registry.find(&id).ok_or_else(missing)?;
    let picture = session.shots.find(&name).ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")], picture)
        .into_response())
}
