//! Lets pages tell their titles whenever they change. The browser itself tells them only when it happens to navigate.

use serde::Deserialize;
use serde_json::{Value, json};

/// The script runs in a world of its own beside the page's scripts, which can neither see nor disturb it.
const WORLD: &str = "helmsight";
const BINDING: &str = "helmsightTitle";

/// The script watches only the few nodes that make a title, never the whole document.
const SCRIPT: &str = "(() => {
  if (window.parent !== window) return;
  let last;
  const tell = () => {
    if (document.title === last || typeof helmsightTitle !== 'function') return;
    last = document.title;
    helmsightTitle(last.slice(0, 4096));
  };
  const observer = new MutationObserver(() => { watch(); tell(); });
  const watch = () => {
    observer.disconnect();
    const title = document.querySelector('head > title, title');
    for (const node of [document, document.documentElement, document.head]) if (node) observer.observe(node, { childList: true });
    if (title) observer.observe(title, { childList: true, characterData: true, subtree: true });
  };
  const again = () => { last = undefined; watch(); tell(); };
  addEventListener('DOMContentLoaded', again);
  addEventListener('pageshow', again);
  again();
})()";

/// `Runtime.bindingCalled`: a page's script called a function of ours.
#[derive(Deserialize)]
pub(super) struct BindingCalled {
    name: String,
    payload: String,
}

impl BindingCalled {
    /// Returns the new title.
    pub(super) fn title(self) -> Option<String> {
        (self.name == BINDING).then_some(self.payload)
    }
}

/// Makes the calls that make a page tell its titles. They have to follow `Runtime.enable`.
pub(super) fn setup() -> [(&'static str, Value); 2] {
    [
        ("Runtime.addBinding", json!({ "name": BINDING, "executionContextName": WORLD })),
        (
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": SCRIPT, "worldName": WORLD, "runImmediately": true }),
        ),
    ]
}
