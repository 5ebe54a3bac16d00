//! A world of our own in every document: scripts in it see the page's elements, and the page's scripts see neither them
//! nor what they define.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::BoundedId;

pub(super) const WORLD: &str = "helmsight";

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
