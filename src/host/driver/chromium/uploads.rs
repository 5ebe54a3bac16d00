//! Keeps files that are sent to the session, and gives them to the pages that ask for them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::chooser::Chooser;
use super::downloads::MAX_NAME;
use super::failure::failed;
use super::page::PageHandle;
use crate::base::text::file_name;
use crate::host::driver::{DriverError, Upload};

const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// All files that a session is sent have at most so many bytes together.
const MAX_BYTES: u64 = 256 << 20;

/// The session's folder of files for pages.
pub(super) struct Uploads {
    folder: PathBuf,
    files: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Deserialize)]
struct FoundInput {
    result: FoundObject,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundObject {
    object_id: Option<String>,
}

impl Uploads {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, files: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    pub(super) async fn give(
        &self,
        page: &PageHandle,
        chooser: Option<Chooser>,
        file: Upload,
    ) -> Result<(), DriverError> {
        page.check()?;
        let (session, mut params) = match chooser {
            Some(chooser) => (chooser.session, json!({ "backendNodeId": chooser.node })),
            None => (page.session.clone(), json!({ "objectId": Self::input_of(page).await? })),
        };
        params["files"] = json!([self.keep(file).await?]);
        let taken = page.client.call::<Value>(
            Some(&session),
            "DOM.setFileInputFiles",
            params,
            TAKEN_WITHIN,
        );
        taken.await.map(drop).map_err(|err| failed(err, &page.state))
    }

    /// Finds the page's focused input for files, or else its first.
    async fn input_of(page: &PageHandle) -> Result<String, DriverError> {
        const FIND: &str = "document.activeElement?.matches('input[type=file]') ? document.activeElement : \
            document.querySelector('input[type=file]:not([disabled])')";
        let found: FoundInput =
            page.call("Runtime.evaluate", json!({ "expression": FIND }), TAKEN_WITHIN).await?;
        found.result.object_id.ok_or_else(|| {
            DriverError::BadRequest(
                "The page has no input for files. Open one that does".to_owned(),
            )
        })
    }

    /// Keeps a file in a folder of its own, because pages see its name.
    pub(super) async fn keep(&self, file: Upload) -> Result<PathBuf, DriverError> {
        let size = file.data.len() as u64;
        if self.bytes.fetch_add(size, Ordering::Relaxed) + size > MAX_BYTES {
            self.bytes.fetch_sub(size, Ordering::Relaxed);
            return Err(DriverError::BadRequest(
                "The session was sent 256 MiB of files already. Create a new one".to_owned(),
            ));
        }
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.join(number.to_string());
        let path = folder.join(file_name(&file.name, MAX_NAME));
        let written = async {
            tokio::fs::create_dir(&folder).await?;
            tokio::fs::write(&path, &file.data).await
        };
        match written.await {
            Ok(()) => Ok(path),
            Err(err) => Err(DriverError::Failed(format!(
                "The file can't be kept: {err}. Free some space and try again"
            ))),
        }
    }
}
