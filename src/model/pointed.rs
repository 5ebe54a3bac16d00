//! What is under the pointer in a page, which browsers show outside of the page.

use serde::{Deserialize, Serialize};

use super::{FormRect, FrameSize};
use crate::base::{BoundedText, PageText};

/// The shape of the pointer and the tooltip at the place where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagePointer {
    /// The shape as CSS names it, such as `pointer` or `text`.
    pub cursor: BoundedText<32>,
    /// The tooltip; empty where there is none.
    #[serde(default)]
    pub tooltip: PageText,
}

/// What a context menu is about, where the page leaves it to the browser to open one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContextMenu {
    /// The menu's number, which rises.
    pub seq: u64,
    /// The address of the link; empty where there is none.
    pub link: PageText,
    /// The address of the picture; empty where there is none.
    pub image: PageText,
    /// The text that is selected; empty where none is.
    pub selection: BoundedText<{ 32 << 10 }>,
    /// What is under the pointer takes text.
    pub editable: bool,
    /// The place of the pointer, or the element that a key opened the menu of.
    pub rect: FormRect,
    /// The size of the viewport in which the place counts, in CSS pixels.
    pub page: FrameSize,
}
