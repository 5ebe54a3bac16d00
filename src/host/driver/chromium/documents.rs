//! Reaches our world in every document of a page: its own, and those of its frames, whatever process they run in.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::failure::failed;
use super::page::PageHandle;
use super::world::WORLD;
use crate::host::cdp::CallError;
use crate::host::driver::DriverError;

/// So many documents are looked into.
const MAX_DOCUMENTS: usize = 64;
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Our world in one document.
pub(super) struct DocumentWorld {
    /// The session of the document's page, or of the frame in another process that it is in.
    pub(super) session: String,
    /// The number of our world in it.
    pub(super) context: i64,
}

#[derive(Deserialize)]
struct AskedDocument<T> {
    result: DocumentAnswer<T>,
}

#[derive(Deserialize)]
struct DocumentAnswer<T> {
    value: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameTree {
    frame_tree: FrameBranch,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameBranch {
    frame: FrameName,
    #[serde(default)]
    child_frames: Vec<Self>,
}

#[derive(Deserialize)]
struct FrameName {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IsolatedWorldOfFrame {
    execution_context_id: i64,
}

impl PageHandle {
    /// Returns our world in the page's own document, and then in those of its frames.
    pub(super) async fn documents(&self) -> Result<Vec<DocumentWorld>, DriverError> {
        self.check()?;
        let mut worlds = Vec::new();
        for session in std::iter::once(&self.session).chain(&self.frames) {
            let tree = self.client.call::<FrameTree>(
                Some(session),
                "Page.getFrameTree",
                json!({}),
                ANSWER_WITHIN,
            );
            let tree = match tree.await {
                Ok(tree) => tree,
                Err(err) if *session == self.session => return Err(failed(err, &self.state)),
                // A frame may be gone by now, and the page may not.
                Err(_gone) => continue,
            };
            for frame in frames(tree.frame_tree) {
                if worlds.len() == MAX_DOCUMENTS {
                    return Ok(worlds);
                }
                let world = json!({ "frameId": frame, "worldName": WORLD });
                let made = self.client.call::<IsolatedWorldOfFrame>(
                    Some(session),
                    "Page.createIsolatedWorld",
                    world,
                    ANSWER_WITHIN,
                );
                if let Ok(IsolatedWorldOfFrame { execution_context_id: context }) = made.await {
                    worlds.push(DocumentWorld { session: session.clone(), context });
                }
            }
        }
        Ok(worlds)
    }

    /// Evaluates an expression in one document, which may be gone by now.
    pub(super) async fn evaluate_in<T: DeserializeOwned>(
        &self,
        document: &DocumentWorld,
        expression: &str,
    ) -> Result<T, CallError> {
        let params = json!({ "expression": expression, "contextId": document.context, "returnByValue": true });
        let session = Some(document.session.as_str());
        let asked: AskedDocument<T> =
            self.client.call(session, "Runtime.evaluate", params, ANSWER_WITHIN).await?;
        Ok(asked.result.value)
    }
}

/// Returns the ids of a frame and of all within it, in the order of the page.
fn frames(branch: FrameBranch) -> Vec<String> {
    let mut waiting = vec![branch];
    let mut found = Vec::new();
    while let Some(branch) = waiting.pop() {
        found.push(branch.frame.id);
        waiting.extend(branch.child_frames.into_iter().rev());
    }
    found
}
