//! Reads the text that is selected in a page, whichever of its frames it is in.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::failed;
use super::page::PageHandle;
use super::world::WORLD;
use crate::base::text::clip;
use crate::host::cdp::CallError;
use crate::host::driver::DriverError;
use crate::model::MAX_CLIPBOARD_TEXT;

/// So many frames are looked into.
const MAX_FRAMES: usize = 64;
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Reads a document's selection. A password is copied by no browser.
const READ: &str = "((most) => { \
    let field = document.activeElement; \
    while (field?.shadowRoot?.activeElement) field = field.shadowRoot.activeElement; \
    const typed = /^(text|search|url|tel)$/.test(field?.type) || field instanceof HTMLTextAreaElement; \
    if (field?.type === 'password') return { text: '', focused: document.hasFocus() }; \
    const text = typed && field.selectionEnd > field.selectionStart \
        ? field.value.slice(field.selectionStart, field.selectionEnd) : String(getSelection() ?? ''); \
    const within = field instanceof HTMLIFrameElement || field instanceof HTMLFrameElement; \
    return { text: text.slice(0, most), focused: document.hasFocus() && !within }; })";

#[derive(Deserialize)]
struct ReadDocument {
    result: EvaluatedSelection,
}

#[derive(Deserialize)]
struct EvaluatedSelection {
    value: DocumentSelection,
}

#[derive(Deserialize)]
struct DocumentSelection {
    text: String,
    /// The keyboard is in this very document.
    focused: bool,
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
    /// Returns the text that is selected in the document with the keyboard, or else in the first that has any.
    pub(super) async fn selection(&self) -> Result<String, DriverError> {
        self.check()?;
        let mut first = String::new();
        let sessions = std::iter::once(&self.session).chain(&self.frames);
        let mut looked = 0;
        for session in sessions {
            let tree = match self.ask::<FrameTree>(session, "Page.getFrameTree", json!({})).await {
                Ok(tree) => tree,
                // A frame may be gone by now, and the page may not.
                Err(err) if *session == self.session => return Err(failed(err, &self.state)),
                Err(_gone) => continue,
            };
            for frame in frames(tree.frame_tree) {
                looked += 1;
                if looked > MAX_FRAMES {
                    return Ok(first);
                }
                let Ok(DocumentSelection { text, focused }) = self.read(session, &frame).await
                else {
                    continue;
                };
                let text = clip(&text, MAX_CLIPBOARD_TEXT);
                if focused && !text.is_empty() {
                    return Ok(text.to_owned());
                }
                if first.is_empty() {
                    text.clone_into(&mut first);
                }
            }
        }
        Ok(first)
    }

    async fn read(&self, session: &str, frame: &str) -> Result<DocumentSelection, CallError> {
        let world = json!({ "frameId": frame, "worldName": WORLD });
        let IsolatedWorldOfFrame { execution_context_id: context } =
            self.ask(session, "Page.createIsolatedWorld", world).await?;
        let read = json!({ "expression": format!("{READ}({MAX_CLIPBOARD_TEXT})"), "contextId": context, "returnByValue": true });
        let evaluated: ReadDocument = self.ask(session, "Runtime.evaluate", read).await?;
        Ok(evaluated.result.value)
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        session: &str,
        method: &str,
        params: Value,
    ) -> Result<T, CallError> {
        self.client.call(Some(session), method, params, ANSWER_WITHIN).await
    }
}

/// Returns the ids of a frame and of all within it.
fn frames(branch: FrameBranch) -> Vec<String> {
    let mut waiting = vec![branch];
    let mut found = Vec::new();
    while let Some(branch) = waiting.pop() {
        found.push(branch.frame.id);
        waiting.extend(branch.child_frames);
    }
    found
}
