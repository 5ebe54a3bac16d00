//! The keys that a browser takes for itself once its page has left them alone.

use serde::{Deserialize, Serialize};

/// What a key that the page left alone asks of the browser. The words are those of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortcut {
    /// Text is to be found in the page.
    Find,
    /// The next match is to be shown.
    FindNext,
    /// The match before this one is to be shown.
    FindPrevious,
    /// The page is to be printed.
    Print,
    /// Another address is to be typed.
    Address,
    /// A new tab is to be opened.
    NewTab,
    /// The page before is to be shown.
    Back,
    /// The page after is to be shown.
    Forward,
    /// The page is to be loaded again.
    Reload,
    /// The page is to stop loading.
    Stop,
    /// The page is to be larger.
    ZoomIn,
    /// The page is to be smaller.
    ZoomOut,
    /// The page is to have its own size.
    ZoomReset,
}

/// A shortcut that was pressed, with a number by which it is told from the same one pressed earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PressedShortcut {
    /// The number, which rises.
    pub seq: u64,
    /// What is asked for.
    pub shortcut: Shortcut,
}
