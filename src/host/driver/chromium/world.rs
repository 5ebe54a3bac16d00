//! A world of our own in every document: scripts in it see the page's elements, and the page's scripts see neither them
//! nor what they define.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::BoundedId;
use crate::host::cdp::{CallError, CdpClient};

pub(super) const WORLD: &str = "helmsight";
/// So many documents of a page are looked into; it can have any number of frames.
const MAX_DOCUMENTS: usize = 64;

/// A document of a page: the session that it is reached by, and our world in it.
pub(super) struct WorldDocument {
    pub(super) session: String,
    pub(super) context: i64,
}

#[derive(Deserialize)]
struct FrameTree {
    frame: TreeFrame,
    #[serde(default, rename = "childFrames")]
    children: Vec<Self>,
}

#[derive(Deserialize)]
struct TreeFrame {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameTreeAnswer {
    frame_tree: FrameTree,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedWorld {
    execution_context_id: i64,
}

/// Finds the documents of a page and of its frames, the page's own first. `sessions` are those of the page and of its
/// frames in other processes; each call has `within` for its answer. Fails where the page itself does not answer.
pub(super) async fn documents(
    client: &CdpClient,
    sessions: &[String],
    within: Duration,
) -> Result<Vec<WorldDocument>, CallError> {
    let mut documents = Vec::new();
    for (at, session) in sessions.iter().enumerate() {
        let tree: Result<FrameTreeAnswer, CallError> =
            client.call(Some(session), "Page.getFrameTree", json!({}), within).await;
        let tree = match tree {
            Ok(tree) => tree.frame_tree,
            Err(err) if at == 0 => return Err(err),
            // The frame is gone by now, or it hangs.
            Err(_) => continue,
        };
        let mut waiting = vec![tree];
        while let Some(FrameTree { frame, children }) = waiting.pop()
            && documents.len() < MAX_DOCUMENTS
        {
            waiting.extend(children.into_iter().rev());
            let world = json!({ "frameId": frame.id, "worldName": WORLD });
            let world: Result<CreatedWorld, CallError> =
                client.call(Some(session), "Page.createIsolatedWorld", world, within).await;
            if let Ok(CreatedWorld { execution_context_id: context }) = world {
                documents.push(WorldDocument { session: session.clone(), context });
            }
        }
    }
    Ok(documents)
}

/// `Runtime.bindingCalled`: a script of ours calls a function by which it tells something.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BindingCalled {
    /// The function's name.
    pub(super) name: BoundedId,
    /// What it tells.
    pub(super) payload: String,
    /// The world of the document whose script called.
    #[serde(rename = "executionContextId")]
    pub(super) context: i64,
}

/// Makes the calls by which every document runs `script`, which tells through the function `binding`. They have to
/// follow `Runtime.enable`.
pub(super) fn setup(binding: &str, script: &str) -> [(&'static str, Value); 2] {
    [
        ("Runtime.addBinding", json!({ "name": binding, "executionContextName": WORLD })),
        (
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script, "worldName": WORLD, "runImmediately": true }),
        ),
    ]
}
