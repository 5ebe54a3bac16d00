//! Has pages tell of the form control whose list or picker is open, and chooses in it.
//!
//! Chromium draws those outside of the page's picture, where nobody sees them, and they take the keys. They are left to
//! open and close as they always do: the script in each document only watches.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::failure::failed;
use super::input::HeldInTab;
use super::place::ElementInWorld;
use super::world;
use crate::host::cdp::{CallError, CdpClient};
use crate::host::driver::{DriverError, DriverState};
use crate::model::{FormControl, KeyInput};

/// The function by which a document tells of its control.
pub(super) const BINDING: &str = "helmsightFormControl";
const SCRIPT: &str = include_str!("form_control.js");
/// A page that takes no choice for so long hangs.
const CHOSEN_WITHIN: Duration = Duration::from_secs(5);
/// So many presses of Escape close every picker, also one that is slow to open.
const ESCAPES: u32 = 10;
const BETWEEN_ESCAPES: Duration = Duration::from_millis(100);

/// The form control of a tab that was open last.
#[derive(Clone, Debug)]
pub(super) struct TabFormControl {
    pub(super) control: FormControl,
    /// It is still open. One that is closed can be chosen in all the same, by a client that was slower.
    pub(super) open: bool,
    /// The session of the page, or of a frame in another process.
    pub(super) session: String,
    /// Our world in the control's document.
    pub(super) context: i64,
}

/// What a document tells of its open control.
#[derive(Deserialize)]
pub(super) struct ToldControl {
    #[serde(flatten)]
    pub(super) control: FormControl,
    /// The control is in the page itself and in none of its frames.
    #[serde(default)]
    pub(super) top: bool,
}

/// Makes the calls that make a document tell of its controls.
pub(super) fn setup() -> [(&'static str, Value); 2] {
    world::setup(BINDING, SCRIPT)
}

#[derive(Deserialize)]
struct EvaluatedResult {
    result: EvaluatedObject,
    #[serde(default, rename = "exceptionDetails")]
    thrown: Option<Value>,
}

#[derive(Deserialize)]
struct EvaluatedObject {
    #[serde(default)]
    value: Value,
}

/// The way in which a choice is made, as the control's document plans it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ChoicePlan {
    error: Option<String>,
    by: ChoiceBy,
    /// Chromium's own list or picker is open and has to close first.
    open: bool,
    /// The keys start at the first option, because none is chosen.
    home: bool,
    /// So many options further down, or up where it is negative.
    steps: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChoiceBy {
    /// Keys in Chromium's own list, so that the page sees what it sees from a hand.
    Keys,
    /// Typed text.
    Text,
    /// A script, for what no keys can do.
    #[default]
    Set,
}

/// A choice that is being made in a tab.
pub(super) struct FormChoice {
    pub(super) client: CdpClient,
    pub(super) state: watch::Receiver<DriverState>,
    /// The session of the page, which takes the keys.
    pub(super) page: String,
    pub(super) control: TabFormControl,
    pub(super) values: Vec<String>,
}

impl TabFormControl {
    /// Returns the control's element, as its document finds it.
    pub(super) fn element(&self) -> ElementInWorld {
        let id = json!(self.control.id);
        ElementInWorld {
            session: self.session.clone(),
            context: self.context,
            expression: format!("helmsightControls.element({id})"),
        }
    }
}

impl FormChoice {
    /// Chooses the values, and returns once the page has them.
    pub(super) async fn make(self) -> Result<(), DriverError> {
        let plan: ChoicePlan = serde_json::from_value(self.ask("plan").await?).unwrap_or_default();
        if let Some(error) = plan.error {
            return Err(DriverError::BadRequest(format!("nothing is chosen: {error}")));
        }
        match plan.by {
            ChoiceBy::Keys => {
                self.press(&list_keys(plan.home, plan.steps)).await?;
                if self.ask("done").await? == Value::Bool(true) {
                    return Ok(());
                }
                self.set(true).await
            }
            ChoiceBy::Text => {
                self.ask("select").await?;
                let text = self.values.first().map_or("", String::as_str);
                self.tell("Input.insertText", json!({ "text": text })).await?;
                self.ask("taken").await.map(drop)
            }
            ChoiceBy::Set => self.set(plan.open).await,
        }
    }

    /// Sets the values by a script. What is open is closed first, as whoever leaves it without a choice closes it.
    async fn set(&self, open: bool) -> Result<(), DriverError> {
        if open {
            self.leave().await?;
        }
        match self.ask("set").await? {
            Value::Bool(true) => Ok(()),
            _ => Err(DriverError::Failed("the control is gone".to_owned())),
        }
    }

    /// Closes what is open by Escape. A picker that opens just now may miss the first press.
    async fn leave(&self) -> Result<(), DriverError> {
        for _ in 0..ESCAPES {
            self.press(&["Escape"]).await?;
            if self.ask("closed").await? == Value::Bool(true) {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_ESCAPES).await;
        }
        Err(DriverError::Failed("the page's picker does not close".to_owned()))
    }

    async fn press(&self, keys: &[&str]) -> Result<(), DriverError> {
        let mut hand = HeldInTab::default();
        let mut calls = Vec::new();
        for key in keys {
            let text = (*key == "Enter").then(|| "\r".to_owned());
            let key = KeyInput {
                key: (*key).to_owned(),
                code: (*key).to_owned(),
                text,
                ..KeyInput::default()
            };
            calls.extend([hand.key_down(&key), hand.key_up(&key)]);
        }
        let mut last = None;
        for (method, params) in calls {
            let sent = self.client.send(Some(&self.page), method, params);
            last = Some(sent.map_err(|err| failed(err, &self.state))?);
        }
        match last {
            Some(reply) => {
                reply.within(CHOSEN_WITHIN).await.map(drop).map_err(|err| failed(err, &self.state))
            }
            None => Ok(()),
        }
    }

    async fn tell(&self, method: &'static str, params: Value) -> Result<(), DriverError> {
        let told = self.client.call::<Value>(Some(&self.page), method, params, CHOSEN_WITHIN);
        told.await.map(drop).map_err(|err| failed(err, &self.state))
    }

    /// Calls one of our functions in the control's document with the control's id and the values.
    async fn ask(&self, function: &str) -> Result<Value, DriverError> {
        let call = json!([self.control.control.id, self.values]);
        let params = json!({
            "expression": format!("helmsightControls.{function}(...{call})"),
            "contextId": self.control.context,
            "returnByValue": true,
        });
        let evaluated: EvaluatedResult = self
            .client
            .call(Some(&self.control.session), "Runtime.evaluate", params, CHOSEN_WITHIN)
            .await
            .map_err(|err| match err {
                // The document with our world in it is gone.
                CallError::Refused { .. } => {
                    DriverError::BadRequest("The control is gone".to_owned())
                }
                err => failed(err, &self.state),
            })?;
        match evaluated.thrown {
            Some(thrown) => {
                tracing::debug!(%thrown, "a choice is not made");
                Err(DriverError::Failed("the page does not let its control be used".to_owned()))
            }
            None => Ok(evaluated.result.value),
        }
    }
}

/// Returns the keys that go to an option in Chromium's own list and choose it.
fn list_keys(home: bool, steps: i64) -> Vec<&'static str> {
    let mut keys = Vec::new();
    if home {
        keys.push("Home");
    }
    let arrow = if steps < 0 { "ArrowUp" } else { "ArrowDown" };
    keys.extend(std::iter::repeat_n(arrow, usize::try_from(steps.unsigned_abs()).unwrap_or(0)));
    keys.push("Enter");
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_to_the_option_and_choose_it() {
        assert_eq!(list_keys(false, 0), ["Enter"]);
        assert_eq!(list_keys(false, -2), ["ArrowUp", "ArrowUp", "Enter"]);
        assert_eq!(list_keys(true, 1), ["Home", "ArrowDown", "Enter"]);
    }
}
