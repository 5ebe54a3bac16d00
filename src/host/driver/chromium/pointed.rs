//! Has pages tell what is under the pointer: the pointer's shape, the tooltip, and what a context menu is about.

use serde::Deserialize;
use serde_json::{Value, json};

use super::world::{self, WORLD};
use crate::base::BoundedText;
use crate::model::ContextMenu;

/// The function by which a document tells that Chromium would open its context menu.
pub(super) const MENU_BINDING: &str = "helmsightContextMenu";
/// The function by which a document tells the pointer's shape and the tooltip.
pub(super) const POINTER_BINDING: &str = "helmsightPointer";
const SCRIPT: &str = include_str!("pointed.js");
/// Finds the element that the last context menu is about.
pub(super) const MENU_ELEMENT: &str = "helmsightPointed.element()";

/// Makes the calls that make a document tell what is under the pointer.
pub(super) fn setup() -> [(&'static str, Value); 3] {
    let [menu, script] = world::setup(MENU_BINDING, SCRIPT);
    let binding = json!({ "name": POINTER_BINDING, "executionContextName": WORLD });
    [menu, ("Runtime.addBinding", binding), script]
}

/// What a document tells of a context menu.
#[derive(Deserialize)]
pub(super) struct ToldMenu {
    link: BoundedText<4096>,
    image: BoundedText<4096>,
    selection: BoundedText<{ 32 << 10 }>,
    editable: bool,
    /// It was asked for by a key, so that it belongs beside its element and not to the pointer.
    pub(super) by_key: bool,
}

impl ToldMenu {
    /// Makes the menu of this number, whose place is not known yet.
    pub(super) fn menu(self, seq: u64) -> ContextMenu {
        let Self { link, image, selection, editable, by_key: _ } = self;
        ContextMenu { seq, link, image, selection, editable, ..ContextMenu::default() }
    }
}
