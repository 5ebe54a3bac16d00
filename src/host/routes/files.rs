//! Serves the calls that give pages files.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::PAD;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::driver::Upload;
use crate::host::error::ApiError;
use crate::host::http::body::Body;
use crate::host::session::Session;
use crate::host::state::HostState;
use crate::model::EventKind;

/// A file of 16 MiB fits into this, in Base64 and with what is around it.
pub(super) const MAX_BODY: usize = 24 << 20;
const MAX_NAME: usize = 1024;

/// The body of the call that gives a page a file, whose data is Base64.
#[derive(Deserialize)]
pub(super) struct FileWords {
    name: String,
    data: String,
    tab_id: Option<String>,
    /// The participant who gives the file; without one the agent gives it.
    #[serde(rename = "clientIndex")]
    client_index: Option<u32>,
}

pub(super) async fn upload(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Body(words): Body<FileWords>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    if words.name.is_empty() || words.name.len() > MAX_NAME {
        return Err(ApiError::bad("a file's name has 1 to 1024 bytes"));
    }
    let data = Simd::standard(PAD)
        .decode(words.data)
        .map_err(|_malformed| ApiError::bad("a file's data is Base64 with padding"))?;
    let file = Upload { name: words.name, data: data.into() };
    give(session, words.tab_id, words.client_index, file).await.map(Json)
}

async fn give(
    session: Arc<Session>,
    tab: Option<String>,
    from: Option<u32>,
    file: Upload,
) -> Result<Value, ApiError> {
    session.lifetime.touch();
    let (name, size) = (file.name.clone(), file.data.len());
    let uploading = {
        // The file is handed over under the turn, and its end is awaited without it.
        let people = &session.people;
        let asked = || json!({"action": {"type": "files", "name": name, "tab_id": tab}});
        let turn = match from {
            Some(who) => people.persons_turn(who, tab.as_deref()),
            None => people.agents_turn(tab.as_deref(), false, asked),
        };
        let _turn = turn.map_err(|parked| ApiError::new(StatusCode::CONFLICT, parked.why))?;
        session.driver.upload(tab.clone(), file)
    };
    let tab = uploading.await?;
    session.lifetime.touch();
    session
        .hub
        .broadcast(EventKind::FileUploaded, json!({"tab_id": tab, "name": name, "size": size}));
    Ok(json!({
        "status": "success",
        "request_id": session.next_request_id(),
        "executed_tab_id": tab,
        "timestamp": Timestamp::now(),
        "result": {"name": name, "size": size},
    }))
}
