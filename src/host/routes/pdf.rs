//! Serves the call that prints a page.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

use crate::host::driver::DriverError;
use crate::host::error::ApiError;
use crate::host::http::body::Params;
use crate::host::state::HostState;

/// The query of the call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PrintOptions {
    /// The tab whose page is printed; the active one where it is left out.
    tab_id: Option<String>,
}

pub(super) async fn print(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Params(options): Params<PrintOptions>,
) -> Result<Response, ApiError> {
    let session = host.registry.live(&id)?;
    session.lifetime.touch();
    let printed = session.driver.pdf(options.tab_id).await;
    session.lifetime.touch();
    // The answer is a file, so that nobody takes words for one.
    let pdf = printed.map_err(|err| match err {
        DriverError::Failed(why) => ApiError::new(StatusCode::BAD_GATEWAY, why),
        DriverError::Busy(why) => ApiError::new(StatusCode::GATEWAY_TIMEOUT, why),
        err => err.into(),
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, pdf).into_response())
}
