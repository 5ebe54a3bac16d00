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
use crate::model::{EventKind, FramePoint};

/// A file of 16 MiB fits into this, in Base64 and with what is around it.
pub(super) const MAX_BODY: usize = 24 << 20;
const MAX_NAME: usize = 1024;
/// So many files are dropped at once.
const MAX_FILES: usize = 20;

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

/// The body of the call that drops files on a page.
#[derive(Deserialize)]
pub(super) struct DropWords {
    files: Vec<DroppedFileWords>,
    x: f32,
    y: f32,
    /// The size of the picture in which the place counts; with 0 it counts in CSS pixels.
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    tab_id: Option<String>,
    #[serde(rename = "clientIndex")]
    client_index: Option<u32>,
}

/// A dropped file, whose data is Base64.
#[derive(Deserialize)]
pub(super) struct DroppedFileWords {
    name: String,
    data: String,
}

pub(super) async fn drop_files(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Body(words): Body<DropWords>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    let DropWords { files, x, y, width, height, tab_id, client_index } = words;
    if files.is_empty() || files.len() > MAX_FILES {
        return Err(ApiError::bad(format!("1 to {MAX_FILES} files are dropped at once")));
    }
    if !x.is_finite() || !y.is_finite() {
        return Err(ApiError::bad("x and y are finite numbers"));
    }
    let files = files.into_iter().map(|file| read_file(file.name, file.data));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    let at = FramePoint { x, y, width, height };
    give(session, tab_id, client_index, files, Some(at)).await.map(Json)
}

fn read_file(name: String, data: String) -> Result<Upload, ApiError> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(ApiError::bad("a file's name has 1 to 1024 bytes"));
    }
    let data = Simd::standard(PAD)
        .decode(data)
        .map_err(|_malformed| ApiError::bad("a file's data is Base64 with padding"))?;
    Ok(Upload { name, data: data.into() })
}

pub(super) async fn upload(
    State(host): State<Arc<HostState>>,
    Path(id): Path<String>,
    Body(words): Body<FileWords>,
) -> Result<Json<Value>, ApiError> {
    let session = host.registry.live(&id)?;
    let file = read_file(words.name, words.data)?;
    give(session, words.tab_id, words.client_index, vec![file], None).await.map(Json)
}

/// Gives the page files: one as it asks for it, or any number at a place.
async fn give(
    session: Arc<Session>,
    tab: Option<String>,
    from: Option<u32>,
    mut files: Vec<Upload>,
    at: Option<FramePoint>,
) -> Result<Value, ApiError> {
    session.lifetime.touch();
    let told: Vec<_> = files.iter().map(|file| (file.name.clone(), file.data.len())).collect();
    let kind = if at.is_some() { "drop" } else { "files" };
    let names = told.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let giving = {
        // The files are handed over under the turn, and their end is awaited without it.
        let people = &session.people;
        let asked = || json!({"action": {"type": kind, "name": names, "tab_id": tab}});
        let turn = match from {
            Some(who) => people.persons_turn(who, tab.as_deref()),
            None => people.agents_turn(tab.as_deref(), false, asked),
        };
        let _turn = turn.map_err(|parked| ApiError::new(StatusCode::CONFLICT, parked.why))?;
        match at {
            Some(at) => session.driver.drop_files(tab.clone(), files, at),
            None => session.driver.upload(tab.clone(), files.remove(0)),
        }
    };
    let tab = giving.await?;
    session.lifetime.touch();
    for (name, size) in &told {
        let fields = json!({"tab_id": tab, "name": name, "size": size});
        session.hub.broadcast(EventKind::FileUploaded, fields);
    }
    let size: usize = told.iter().map(|(_, size)| size).sum();
    Ok(json!({
        "status": "success",
        "request_id": session.next_request_id(),
        "executed_tab_id": tab,
        "timestamp": Timestamp::now(),
        "result": {"name": names, "size": size},
    }))
}
