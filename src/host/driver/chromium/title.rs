//! Lets pages tell their titles whenever they change. The browser itself tells them only when it happens to navigate.

use serde_json::Value;

use super::world;

/// The function by which a document tells its title.
pub(super) const BINDING: &str = "helmsightTitle";

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

/// Makes the calls that make a page tell its titles.
pub(super) fn setup() -> [(&'static str, Value); 2] {
    world::setup(BINDING, SCRIPT)
}
