//! Defines the browser's events and answers in its own words, as far as they are read.

use serde::Deserialize;
use serde_json::Value;

/// So many bytes of a page's text go into states and events.
pub(super) const MAX_TEXT: usize = 4096;

/// `Target.attachedToTarget`: a session of the protocol begins, with a page or something else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachedToTarget {
    pub(super) session_id: String,
    pub(super) target_info: TargetInfo,
    #[serde(default)]
    pub(super) waiting_for_debugger: bool,
}

/// `Target.targetInfoChanged`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetInfoChanged {
    pub(super) target_info: TargetInfo,
}

/// A page or another thing that the browser runs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetInfo {
    pub(super) target_id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) url: String,
    pub(super) opener_id: Option<String>,
}

/// `Target.targetDestroyed` and `Target.detachedFromTarget`, of which each names one of the two.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetGone {
    pub(super) target_id: Option<String>,
    pub(super) session_id: Option<String>,
}

/// `Target.targetCrashed`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetCrashed {
    pub(super) target_id: String,
    #[serde(default)]
    pub(super) status: String,
}

/// `Page.frameStartedNavigating`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameStarted {
    pub(super) frame_id: String,
    pub(super) url: String,
    #[serde(rename = "navigationType", default)]
    pub(super) kind: String,
}

/// `Page.frameNavigated`: a frame shows another document.
#[derive(Deserialize)]
pub(super) struct FrameNavigated {
    pub(super) frame: NavigatedFrame,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
}

/// A frame of a page; the page's own has no parent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NavigatedFrame {
    pub(super) id: String,
    pub(super) parent_id: Option<String>,
    /// The id of the document that the frame shows.
    #[serde(default)]
    pub(super) loader_id: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) url_fragment: String,
    pub(super) unreachable_url: Option<String>,
}

/// `Page.navigatedWithinDocument`: the address changed, and the document stays.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NavigatedWithin {
    pub(super) frame_id: String,
    pub(super) url: String,
}

/// `Page.frameStartedLoading` and `Page.frameStoppedLoading`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameLoading {
    pub(super) frame_id: String,
}

/// `Page.javascriptDialogOpening`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DialogOpening {
    pub(super) url: String,
    pub(super) message: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) default_prompt: String,
}

/// `Input.dragIntercepted`: a page begins a drag, which is ours to lead on.
#[derive(Deserialize)]
pub(super) struct DragIntercepted {
    /// The dragged data, which goes back to the browser as it came.
    pub(super) data: Value,
}

/// The answer to `Target.attachToTarget`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachedSession {
    pub(super) session_id: String,
}

/// The answer to `Page.captureScreenshot`.
#[derive(Deserialize)]
pub(super) struct CapturedScreenshot {
    /// The picture in Base64.
    pub(super) data: String,
}
