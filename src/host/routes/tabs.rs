//! Serves the tabs of a session.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::input::one;
use crate::host::action::ActionWords;
use crate::host::error::ApiError;
use crate::host::http::body::Body;
use crate::host::state::HostState;

type TabsResponse = Result<Response, ApiError>;

pub(super) async fn list(state: State<Arc<HostState>>, id: Path<String>) -> TabsResponse {
    one(state, id, ActionWords::of("list_tabs")).await
}

pub(super) async fn create(
    state: State<Arc<HostState>>,
    id: Path<String>,
    Body(mut words): Body<ActionWords>,
) -> TabsResponse {
    words.kind = "new_tab".to_owned();
    one(state, id, words).await
}

pub(super) async fn close(
    state: State<Arc<HostState>>,
    Path((id, tab)): Path<(String, String)>,
) -> TabsResponse {
    one(state, Path(id), ActionWords::of("close_tab").in_tab(tab)).await
}

pub(super) async fn switch(
    state: State<Arc<HostState>>,
    Path((id, tab)): Path<(String, String)>,
) -> TabsResponse {
    one(state, Path(id), ActionWords::of("switch_tab").in_tab(tab)).await
}
