//! What is known of a session beside its pictures and its log.

use std::time::Duration;

use jiff::Timestamp;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionKind {
    #[default]
    Browser,
    Desktop,
    /// The bundled sample: recorded pictures, no browser behind them.
    Sample,
    /// Pictures with detections; it can't be steered.
    Camera,
}

/// One line of the session list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionSummary {
    pub id: String,
    pub kind: SessionKind,
    /// The service's own word; an open set.
    pub state: String,
    /// Whether `state` says that it is over.
    pub ended: bool,
    pub created_at: Option<Timestamp>,
    pub title: Option<String>,
    pub url: Option<String>,
}

/// What a session can be asked to do: controls for the rest are hidden, never dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    pub clicks: bool,
    /// Pointer moves reach the session (hover, free drags); without it a drag is one action.
    pub pointer_moves: bool,
    pub keys: bool,
    pub navigation: bool,
    pub history: History,
    pub tabs: bool,
    pub dialogs: bool,
    pub viewport: bool,
    /// The page can be given files.
    pub files: bool,
    /// Several people at once, one of whom drives.
    pub people: bool,
    /// Something answers questions and takes tasks.
    pub chat: bool,
    /// Pictures come with what was found in them.
    pub detections: bool,
}

/// Whether pages can be gone back and forward to, loaded again and stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum History {
    #[default]
    None,
    /// As the browser's own key chords: what there is to go to is not told.
    Chords,
    /// As such, and what there is to go to is told.
    Told,
}

/// When the session ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// When inactivity ends it, unless something happens.
    pub idle_expires_at: Option<Timestamp>,
    /// When it ends whatever happens.
    pub expires_at: Option<Timestamp>,
    pub idle_limit: Option<Duration>,
}

impl Lifetime {
    /// The earlier of the two ends.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match (self.idle_expires_at, self.expires_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Whether the session is being kept from its idle end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepAlive {
    #[default]
    Off,
    On {
        period: Duration,
    },
    /// The cap without user action was reached: it asks.
    Paused,
}

/// How the pictures are come by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PictureSource {
    #[default]
    Stream,
    /// The session sends video that is not decoded, so screenshots are asked for.
    Screenshots,
    /// None is asked for until the user does something.
    Paused,
    /// The service gives none.
    Unavailable,
}

/// What became of the pictures that are sent on to another system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarding {
    pub sent: u64,
    pub failed: u64,
    /// One plain sentence, until one gets through again.
    pub last_error: Option<String>,
}

/// The page in the active tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub url: String,
    pub title: String,
    pub loading: bool,
    pub can_go_back: bool,
    pub can_go_forward: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tab {
    pub id: String,
    pub url: String,
    pub title: String,
    pub active: bool,
    /// Index of the participant who paused it: input to it is refused.
    pub paused_by: Option<u32>,
    /// Index of the participant to whom control of this tab was given, whoever drives the rest.
    pub controller: Option<u32>,
    /// Its page opened a file chooser that nobody has answered yet.
    pub wants_file: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogKind {
    Alert,
    Confirm,
    Prompt,
    BeforeUnload,
}

/// A page's dialog that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    pub kind: DialogKind,
    pub message: String,
    pub default_text: String,
    /// The page that asks, shown so that nobody takes its words for ours.
    pub url: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadState {
    Running,
    Done,
    Canceled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    pub id: String,
    pub url: String,
    pub file_name: String,
    pub received: u64,
    pub total: Option<u64>,
    pub state: DownloadState,
}
