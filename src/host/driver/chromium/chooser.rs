//! Catches the choosers that pages open for files: they never show, and an upload answers them.

use serde::Deserialize;
use serde_json::{Value, json};

/// The chooser of an input for files that was clicked.
#[derive(Clone, Debug)]
pub(super) struct Chooser {
    /// The session of the page, or of a frame in another process.
    pub(super) session: String,
    pub(super) node: i64,
    pub(super) multiple: bool,
}

/// `Page.fileChooserOpened`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChooserOpened {
    #[serde(default)]
    mode: String,
    /// The input's node. It is missing where a script asks: that can't be answered, and the script is told so.
    backend_node_id: Option<i64>,
}

impl ChooserOpened {
    pub(super) fn chooser(self, session: &str) -> Option<Chooser> {
        Some(Chooser {
            session: session.to_owned(),
            node: self.backend_node_id?,
            multiple: self.mode == "selectMultiple",
        })
    }
}

/// Makes the call that keeps choosers from opening.
pub(super) fn intercept() -> (&'static str, Value) {
    ("Page.setInterceptFileChooserDialog", json!({ "enabled": true }))
}
