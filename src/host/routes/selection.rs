//! Serves the text that is selected in a page. Whoever may watch sees it in the picture anyway.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::error::ApiError;
use crate::host::http::body::Params;
use crate::host::state::HostState;

/// The query of the call for the selected text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SelectionQuery {
    tab_id: Option<String>,
}

pub(super) async fn read(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Params(query): Params<SelectionQuery>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    let text = session.driver.selection(query.tab_id).await?;
    Ok(Json(json!({ "text": text })))
}
