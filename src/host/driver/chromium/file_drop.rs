//! Drops files on a place in a page, as a hand does that brings them from a file manager.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::chooser::Chooser;
use super::failure::failed;
use super::page::PageHandle;
use super::uploads::Uploads;
use crate::host::driver::{DriverError, Upload};
use crate::model::FramePos;

const DRAG: &str = "Input.dispatchDragEvent";
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// A page may need some time to say that it takes what is over it.
const LOOKS: u32 = 10;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Watches whether the page takes what is dragged over it. A drop that it does not take for itself would show the file in
/// the browser, with its path on the host.
const WATCH: &str = "(() => { \
    const drop = globalThis.helmsightDrop ??= {}; \
    const isField = (event) => { \
        const field = event.composedPath()[0]; \
        return field instanceof HTMLInputElement && field.type === 'file' && !field.disabled; }; \
    if (!drop.watched) { \
        drop.watched = true; \
        addEventListener('dragover', (event) => { if (drop.on) [drop.over, drop.field] = [event, isField(event)]; }, true); \
        addEventListener('drop', (event) => { if (drop.on && !isField(event)) event.preventDefault(); }, true); } \
    [drop.on, drop.over, drop.field] = [true, undefined, false]; return true; })()";
const TAKES: &str = "helmsightDrop.field || !!helmsightDrop.over?.defaultPrevented";
const END: &str = "helmsightDrop.on = false";

impl Uploads {
    /// Gives files to the chooser that waits, or drops them at a place of the page.
    pub(super) async fn drop_at(
        &self,
        page: &PageHandle,
        chooser: Option<Chooser>,
        files: Vec<Upload>,
        at: FramePos,
    ) -> Result<(), DriverError> {
        page.check()?;
        if let Some(chooser) = &chooser
            && !chooser.multiple
            && files.len() > 1
        {
            return Err(DriverError::BadRequest(
                "The page asks for one file; drop that one alone".to_owned(),
            ));
        }
        let mut paths = Vec::new();
        for file in files {
            paths.push(self.keep(file).await?);
        }
        match chooser {
            Some(chooser) => {
                let params = json!({ "backendNodeId": chooser.node, "files": paths });
                let set = page.client.call::<Value>(
                    Some(&chooser.session),
                    "DOM.setFileInputFiles",
                    params,
                    TAKEN_WITHIN,
                );
                set.await.map(drop).map_err(|err| failed(err, &page.state))
            }
            None => drop_on(page, &paths, at).await,
        }
    }
}

async fn drop_on(page: &PageHandle, paths: &[PathBuf], at: FramePos) -> Result<(), DriverError> {
    let documents = page.documents().await?;
    for document in &documents {
        drop(page.evaluate_in::<bool>(document, WATCH).await);
    }
    let data = json!({ "items": [], "files": paths, "dragOperationsMask": 1 });
    let drag = async |kind: &str| {
        let params = json!({ "type": kind, "x": at.x, "y": at.y, "data": data });
        page.call::<Value>(DRAG, params, TAKEN_WITHIN).await.map(drop)
    };
    drag("dragEnter").await?;
    let mut takes = false;
    for _ in 0..LOOKS {
        drag("dragOver").await?;
        for document in &documents {
            takes |= page.evaluate_in::<bool>(document, TAKES).await.unwrap_or_default();
        }
        if takes {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let dropped = drag(if takes { "drop" } else { "dragCancel" }).await;
    for document in &documents {
        drop(page.evaluate_in::<bool>(document, END).await);
    }
    dropped?;
    if takes {
        return Ok(());
    }
    Err(DriverError::BadRequest(
        "Nothing takes files at this place; drop them on the page's field for files, or where it says so"
            .to_owned(),
    ))
}
