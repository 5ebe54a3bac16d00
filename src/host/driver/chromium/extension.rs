//! Loads our extension into the browser. DevTools can neither change a running browser's proxy nor decline all that
//! asks for a name and a password nor use the clipboard, and extensions can do all of it.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::clipboard;
use super::words::AttachedSession;
use crate::host::cdp::{CallError, CdpClient};
use crate::host::chromium::{Profile, Proxy};

const FILES: [(&str, &str); 3] = [
    ("manifest.json", include_str!("../../../../assets/extension/manifest.json")),
    ("worker.js", include_str!("../../../../assets/extension/worker.js")),
    (clipboard::PAGE, include_str!("../../../../assets/extension/clipboard.html")),
];

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const SET_WITHIN: Duration = Duration::from_secs(15);
/// The extension's script is there so soon after it was loaded, or else it sleeps.
const STARTED_WITHIN: Duration = Duration::from_millis(600);
/// The extension may hold up the start of a session for this long.
const LISTENS_WITHIN: Duration = Duration::from_millis(1500);
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// Our extension in one browser.
pub(super) struct Extension {
    client: CdpClient,
    folder: PathBuf,
    /// The session of its script, once it has set a proxy: while that is open it does not sleep, and loading it
    /// again would let pages past the proxy for a moment.
    worker: Option<String>,
}

#[derive(Deserialize)]
struct Loaded {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    target_infos: Vec<ExtensionTarget>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtensionTarget {
    target_id: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EvaluatedScript {
    result: ScriptResult,
    exception_details: Option<Value>,
}

#[derive(Deserialize)]
struct ScriptResult {
    /// The result: true once the proxy is set, and anything of an error.
    #[serde(default)]
    value: Value,
}

impl Extension {
    pub(super) fn new(client: CdpClient, profile: &Profile) -> Self {
        Self { client, folder: profile.extension(), worker: None }
    }

    /// Puts the extension into the browser, where it declines login prompts from then on. Returns its id.
    pub(super) async fn install(&self) -> Result<String, String> {
        for (name, text) in FILES {
            let written = tokio::fs::write(self.folder.join(name), text).await;
            written.map_err(|err| err.to_string())?;
        }
        match self.load().await {
            Ok(id) => {
                self.listens().await;
                Ok(id)
            }
            Err(err) => Err(err.to_string()),
        }
    }

    /// Waits for a while until the script has run: what asks for a login before that is shown as an error of the
    /// browser's.
    async fn listens(&self) {
        let params = json!({ "expression": "Boolean(globalThis.setProxy)", "returnByValue": true });
        let run = async {
            let worker = self.attach().await?;
            loop {
                let session = Some(worker.as_str());
                let asked = self
                    .client
                    .call::<EvaluatedScript>(session, "Runtime.evaluate", &params, ANSWER_WITHIN)
                    .await?;
                if asked.result.value == true {
                    break;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            // The session is left, because while somebody looks on the script would not sleep.
            let params = json!({ "sessionId": worker });
            self.client.tell(None, "Target.detachFromTarget", params);
            Ok::<(), CallError>(())
        };
        match tokio::time::timeout(LISTENS_WITHIN, run).await {
            Ok(Ok(())) => {}
            Ok(Err(err)) => tracing::debug!(%err, "The extension could not be woken"),
            Err(_elapsed) => tracing::debug!("The extension did not start in time"),
        }
    }

    /// Leads the browser through this proxy from now on.
    pub(super) async fn set_proxy(&mut self, proxy: &Proxy) -> Result<(), String> {
        let (setting, login) = proxy.words();
        // The session may be there before its script has run.
        let params = json!({ "expression": format!("globalThis.setProxy?.({setting}, {login})"), "awaitPromise": true, "returnByValue": true });
        let set = async {
            loop {
                let worker = match self.worker.take() {
                    Some(worker) => worker,
                    None => self.attach().await?,
                };
                let asked = self.client.call::<EvaluatedScript>(
                    Some(&worker),
                    "Runtime.evaluate",
                    &params,
                    ANSWER_WITHIN,
                );
                match asked.await {
                    Ok(answer) => {
                        self.worker = Some(worker);
                        if answer.result.value == true || answer.exception_details.is_some() {
                            return Ok(answer.exception_details);
                        }
                    }
                    // The script ended meanwhile.
                    Err(CallError::Gone | CallError::Refused { .. }) => {}
                    Err(err) => return Err(err),
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let refused = match tokio::time::timeout(SET_WITHIN, set).await {
            Ok(Ok(refused)) => refused,
            Ok(Err(err)) => return Err(err.to_string()),
            Err(_elapsed) => return Err(CallError::Late(SET_WITHIN).to_string()),
        };
        // The details are not told, because they may quote the login.
        refused.map_or(Ok(()), |_details| Err("it refused the setting".to_owned()))
    }

    async fn load(&self) -> Result<String, CallError> {
        let params = json!({ "path": self.folder });
        let loaded: Loaded =
            self.client.call(None, "Extensions.loadUnpacked", params, ANSWER_WITHIN).await?;
        Ok(loaded.id)
    }

    /// Attaches a session to the script, which is started where it sleeps.
    async fn attach(&self) -> Result<String, CallError> {
        let target = loop {
            match tokio::time::timeout(STARTED_WITHIN, self.running()).await {
                Ok(found) => break found?,
                Err(_elapsed) => drop(self.load().await?),
            }
        };
        let params = json!({ "targetId": target, "flatten": true });
        let attached: AttachedSession =
            self.client.call(None, "Target.attachToTarget", params, ANSWER_WITHIN).await?;
        Ok(attached.session_id)
    }

    /// Waits for the target of the script. Pages' own workers have other schemes, and there is no other extension.
    async fn running(&self) -> Result<String, CallError> {
        let params = json!({ "filter": [{ "type": "service_worker" }] });
        loop {
            let Targets { target_infos } =
                self.client.call(None, "Target.getTargets", &params, ANSWER_WITHIN).await?;
            let ours = |target: &ExtensionTarget| {
                target.url.starts_with("chrome-extension://") && target.url.ends_with("/worker.js")
            };
            if let Some(target) = target_infos.into_iter().find(ours) {
                return Ok(target.target_id);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
