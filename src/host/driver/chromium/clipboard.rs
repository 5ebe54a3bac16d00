//! Puts content into the browser's clipboard, reads it, and hears that something was copied.
//!
//! A headless browser has a clipboard of its own in its memory, which no other session and no other program sees. What is
//! in it is reached through a hidden page of our extension: pages of the session need not be asked for a permission, and
//! whatever way they copy by, the browser tells of it.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::words::AttachedSession;
use crate::host::cdp::{CallError, CdpClient};
use crate::host::driver::CopiedContent;
use crate::model::{ClipboardContent, MAX_CLIPBOARD_IMAGE, MAX_CLIPBOARD_TEXT};

/// The function by which the hidden page tells that something was copied.
pub(super) const BINDING: &str = "helmsightCopied";
/// The hidden page's file in our extension.
pub(super) const PAGE: &str = "clipboard.html";

const SCRIPT: &str = include_str!("clipboard.js");
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const LOADED_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The clipboard of one browser. Its page is opened when it is first needed.
pub(super) struct SessionClipboard {
    client: CdpClient,
    /// The id of our extension; `None` where the browser took none.
    extension: Option<String>,
    /// The session of the hidden page. One call goes on at a time, because each may have to open the page.
    page: Mutex<Option<String>>,
}

#[derive(Deserialize)]
struct AnsweredCall<T> {
    result: AnsweredValue<T>,
}

#[derive(Deserialize)]
struct AnsweredValue<T> {
    value: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedTarget {
    target_id: String,
}

impl SessionClipboard {
    pub(super) fn new(client: CdpClient, extension: Option<String>) -> Arc<Self> {
        Arc::new(Self { client, extension, page: Mutex::default() })
    }

    /// Begins to tell of what is copied. It goes on until the browser ends.
    pub(super) async fn watch(&self) -> Result<(), String> {
        self.opened(&mut *self.page.lock().await).await.map(drop)
    }

    pub(super) async fn put(&self, content: &ClipboardContent) -> Result<(), String> {
        let content = serde_json::to_string(content).map_err(|err| err.to_string())?;
        self.call::<bool>(&format!("put({content})")).await.map(drop)
    }

    pub(super) async fn read(&self) -> Result<CopiedContent, String> {
        let mut copied: CopiedContent = self.call("read()").await?;
        copied.content.bound();
        Ok(copied)
    }

    /// Empties the clipboard, if anybody has used it.
    pub(super) async fn clear(&self) -> Result<(), String> {
        let is_used = self.page.lock().await.is_some();
        if is_used { self.call::<bool>("clear()").await.map(drop) } else { Ok(()) }
    }

    /// Calls one of our functions in the hidden page, which is opened anew where it is gone.
    async fn call<T: DeserializeOwned>(&self, call: &str) -> Result<T, String> {
        let mut page = self.page.lock().await;
        let params = json!({
            "expression": format!("helmsightClipboard.{call}"),
            "awaitPromise": true,
            "returnByValue": true,
            "userGesture": true,
        });
        let mut is_new = page.is_none();
        loop {
            let session = self.opened(&mut page).await?;
            let asked = self.client.call::<AnsweredCall<T>>(
                Some(&session),
                "Runtime.evaluate",
                &params,
                ANSWER_WITHIN,
            );
            match asked.await {
                Ok(evaluated) => return Ok(evaluated.result.value),
                Err(CallError::Gone | CallError::Refused { .. }) if !is_new => {
                    (*page, is_new) = (None, true);
                }
                // An exception has no value. It is not told, because it may quote the content.
                Err(CallError::Strange) => {
                    return Err("the browser's clipboard does not take or give it".to_owned());
                }
                Err(err) => return Err(err.to_string()),
            }
        }
    }

    /// Returns the session of the hidden page.
    async fn opened(&self, page: &mut Option<String>) -> Result<String, String> {
        if let Some(session) = page {
            return Ok(session.clone());
        }
        let Some(extension) = &self.extension else {
            return Err(
                "this browser takes no extension, so its clipboard can't be reached".to_owned()
            );
        };
        let opening = tokio::time::timeout(LOADED_WITHIN, self.open(extension));
        let session = match opening.await {
            Ok(opened) => opened.map_err(|err| err.to_string())?,
            Err(_elapsed) => return Err(CallError::Late(LOADED_WITHIN).to_string()),
        };
        *page = Some(session.clone());
        Ok(session)
    }

    async fn open(&self, extension: &str) -> Result<String, CallError> {
        let url = format!("chrome-extension://{extension}/{PAGE}");
        let params = json!({ "url": url, "hidden": true });
        let CreatedTarget { target_id } =
            self.client.call(None, "Target.createTarget", params, ANSWER_WITHIN).await?;
        let params = json!({ "targetId": target_id, "flatten": true });
        let AttachedSession { session_id: session } =
            self.client.call(None, "Target.attachToTarget", params, ANSWER_WITHIN).await?;
        // A page without the focus may not touch the clipboard.
        self.client.tell(
            Some(&session),
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        );
        self.client.tell(Some(&session), "Runtime.enable", json!({}));
        self.client.tell(Some(&session), "Runtime.addBinding", json!({ "name": BINDING }));
        let loaded = format!("document.readyState === 'complete' && location.href === '{url}'");
        while self.evaluate::<bool>(&session, &loaded).await? != Some(true) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let script = SCRIPT
            .replace("TEXT_LIMIT", &MAX_CLIPBOARD_TEXT.to_string())
            .replace("IMAGE_LIMIT", &MAX_CLIPBOARD_IMAGE.to_string());
        let tells = self.evaluate::<bool>(&session, &script).await?;
        if tells != Some(true) {
            tracing::warn!("This browser does not tell of what pages copy; a newer one does");
        }
        Ok(session)
    }

    async fn evaluate<T: DeserializeOwned>(
        &self,
        session: &str,
        expression: &str,
    ) -> Result<Option<T>, CallError> {
        // Without a gesture, the page is not told of changes.
        let params: Value =
            json!({ "expression": expression, "returnByValue": true, "userGesture": true });
        let asked = self.client.call::<AnsweredCall<T>>(
            Some(session),
            "Runtime.evaluate",
            params,
            ANSWER_WITHIN,
        );
        match asked.await {
            Ok(evaluated) => Ok(Some(evaluated.result.value)),
            // The document that was asked gives way to the one that is awaited.
            Err(CallError::Strange) => Ok(None),
            Err(err) => Err(err),
        }
    }
}
