//! Pastes into pages and empties the clipboard, in order with all other input.

use serde_json::json;
use tokio::sync::oneshot;

use super::BrowserActor;
use super::barrier::Barrier;
use super::commands::not_crashed;
use crate::host::cdp::CdpEvent;
use crate::host::driver::DriverError;
use crate::host::driver::chromium::clipboard;
use crate::host::driver::chromium::input::{Calls, paste_keys};
use crate::host::driver::chromium::jobs::TakenCalls;
use crate::host::driver::chromium::world::BindingCalled;
use crate::model::ClipboardContent;

impl BrowserActor {
    /// Puts the content into the browser's clipboard, and pastes it once it is there. The next jobs wait meanwhile.
    pub(super) fn paste(
        &mut self,
        tab: Option<&str>,
        content: ClipboardContent,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let page = self.tabs.wanted(tab).and_then(|tab| {
            not_crashed(tab)?;
            tab.no_dialog()?;
            Ok(tab.id.clone())
        });
        match page {
            Ok(tab_id) => {
                let clipboard = self.parts.clipboard.clone();
                self.barrier = Some(Box::pin(async move {
                    let result = clipboard.put(&content).await;
                    Barrier::ClipboardSet { tab_id, content, result, taken }
                }));
            }
            // The answer is dropped where nobody waits for it any more.
            Err(err) => drop(taken.send(Err(err))),
        }
    }

    /// Pastes by the keys of the page's system, so that the page gets what it gets from a hand. Where the clipboard takes
    /// nothing, the text is typed.
    pub(super) fn paste_now(
        &mut self,
        tab_id: &str,
        content: &ClipboardContent,
        result: Result<(), String>,
    ) -> Result<TakenCalls, DriverError> {
        let calls = match (result, &content.text) {
            (Ok(()), _) => paste_keys(),
            (Err(why), Some(text)) => {
                tracing::debug!(why, "a text is typed, because it can't be pasted");
                vec![("Input.insertText", json!({ "text": text }))]
            }
            (Err(why), None) => {
                return Err(DriverError::Failed(format!(
                    "Nothing was pasted: {why}. Give the page a file instead"
                )));
            }
        };
        self.send_input(Some(tab_id), |_| Calls { ending: Vec::new(), calls })
    }

    pub(super) fn clear_clipboard(
        &mut self,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    ) {
        let clipboard = self.parts.clipboard.clone();
        self.barrier = Some(Box::pin(async move {
            Barrier::ClipboardCleared { result: clipboard.clear().await, taken }
        }));
    }

    /// Takes what a session tells that is no page's and no frame's: the clipboard's.
    pub(super) fn on_hidden_page_event(&mut self, event: &CdpEvent) -> Option<()> {
        if event.method != "Runtime.bindingCalled" {
            return None;
        }
        let called: BindingCalled = event.params()?;
        if called.name.as_str() != clipboard::BINDING {
            return None;
        }
        self.copies += 1;
        Some(())
    }
}
