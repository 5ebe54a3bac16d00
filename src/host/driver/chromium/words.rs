//! Defines the browser's events and answers in its own words, as far as they are read.

use serde::Deserialize;
use serde_json::Value;

/// So many bytes of a page's text go into states and events.
pub(super) const MAX_TEXT: usize = 4096;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachedToTarget {
    pub(super) session_id: String,
    pub(super) target_info: TargetInfo,
    #[serde(default)]
    pub(super) waiting_for_debugger: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetInfoChanged {
    pub(super) target_info: TargetInfo,
}

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetGone {
    pub(super) target_id: Option<String>,
    pub(super) session_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetCrashed {
    pub(super) target_id: String,
    #[serde(default)]
    pub(super) status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameStarted {
    pub(super) frame_id: String,
    pub(super) url: String,
    #[serde(rename = "navigationType", default)]
    pub(super) kind: String,
}

#[derive(Deserialize)]
pub(super) struct FrameNavigated {
    pub(super) frame: NavigatedFrame,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
}

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NavigatedWithin {
    pub(super) frame_id: String,
    pub(super) url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameLoading {
    pub(super) frame_id: String,
}

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
