//! Describes what is known of a session beside its pictures and its log.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a session shows, which decides what can be done in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionKind {
    /// A browser with its pages.
    #[default]
    Browser,
    /// A whole desktop.
    Desktop,
    /// The bundled sample: recorded pictures without a browser behind them.
    Sample,
    /// Pictures with detections. A camera can't be steered.
    Camera,
}

/// One entry of a service's list of sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionSummary {
    /// The session's id at its service.
    pub id: String,
    /// What the session shows.
    pub kind: SessionKind,
    /// The service's own word for the state; the set is open.
    pub state: String,
    /// Whether `state` says that the session is over.
    pub ended: bool,
    /// When the session was created, where the service tells.
    pub created_at: Option<Timestamp>,
    /// The title of the session or of its page, where the service tells.
    pub title: Option<String>,
    /// The address of the session's page, where the service tells.
    pub url: Option<String>,
}

/// What a session can be asked to do. Controls for the rest are hidden, never dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// Clicks, drags and the wheel reach the session.
    pub clicks: bool,
    /// Pointer moves reach the session (hover, free drags). Without this a drag is one action.
    pub pointer_moves: bool,
    /// Keys and text reach the session.
    pub keys: bool,
    /// Pages can be opened by their addresses.
    pub navigation: bool,
    /// Whether pages can be gone back and forward to.
    pub history: History,
    /// Tabs can be opened, selected and closed.
    pub tabs: bool,
    /// The dialogs of pages can be answered.
    pub dialogs: bool,
    /// The page can be given another size.
    pub viewport: bool,
    /// Texts can be found in the page.
    pub find: bool,
    /// Pages can be printed.
    pub print: bool,
    /// Scripts can be run in pages.
    pub scripts: bool,
    /// The page can be given files.
    pub files: bool,
    /// The clipboard can be shared with the page, and the text that is selected in it can be read.
    pub clipboard: bool,
    /// Whether it tells the requests of its pages where they are asked for.
    pub requests: bool,
    /// Several people can be there at once, one of whom drives.
    pub people: bool,
    /// Something answers questions and takes tasks.
    pub chat: bool,
    /// Pictures come with what was found in them.
    pub detections: bool,
}

/// Whether pages can be gone back and forward to, reloaded and stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// They can't.
    #[default]
    None,
    /// They can by the browser's own key chords. The session does not tell which pages there are to go to.
    Chords,
    /// They can by commands, and the session tells whether there is a page to go back or forward to.
    Told,
}

/// When the session ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifetime {
    /// When inactivity ends it, unless something happens.
    pub idle_expires_at: Option<Timestamp>,
    /// When it ends whatever happens.
    pub expires_at: Option<Timestamp>,
    /// The time without activity after which it ends.
    pub idle_limit: Option<Duration>,
}

impl Lifetime {
    /// Returns the earlier of the two ends.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match (self.idle_expires_at, self.expires_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Whether the session is kept from ending for inactivity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepAlive {
    /// It is not kept alive.
    #[default]
    Off,
    /// It is kept alive.
    On {
        /// The time between two signs of life.
        period: Duration,
    },
    /// Its user did nothing for as long as the cap allows, so the window asks whether to go on.
    Paused,
}

/// Where the pictures come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureSource {
    /// The session sends pictures.
    #[default]
    Stream,
    /// The session sends video that is not decoded, so screenshots are asked for.
    Screenshots,
    /// No picture is asked for until the user does something.
    Paused,
    /// The service gives no pictures.
    Unavailable,
}

/// What became of the pictures that are sent on to another system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Forwarding {
    /// Pictures that got through.
    pub sent: u64,
    /// Pictures that did not.
    pub failed: u64,
    /// One plain sentence about the last failure; `None` once a picture gets through again.
    pub last_error: Option<String>,
}

/// The page in the active tab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// The page's address.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// Whether the page is being loaded.
    pub loading: bool,
    /// Whether there is a page to go back to.
    pub can_go_back: bool,
    /// Whether there is a page to go forward to.
    pub can_go_forward: bool,
    /// How large the page is shown, in percent of its own size; 0 where that is not known.
    pub zoom: u32,
}

/// One tab of the session's browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tab {
    /// The tab's id, which commands name.
    pub id: String,
    /// The address of its page.
    pub url: String,
    /// The title of its page.
    pub title: String,
    /// Whether this is the tab that is shown.
    pub active: bool,
    /// Index of the participant who paused it. Input to a paused tab is refused.
    pub paused_by: Option<u32>,
    /// Index of the participant to whom control of this tab was given, whoever drives the rest.
    pub controller: Option<u32>,
    /// Whether its page opened a file chooser that nobody has answered yet.
    pub wants_file: bool,
    /// Whether its page crashed and was not loaded again.
    pub crashed: bool,
    /// Whether the scripts of its page answer nothing.
    pub hangs: bool,
}

/// The kinds of dialogs that a page can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialogKind {
    /// A message that is only to be acknowledged.
    Alert,
    /// A question that is answered by yes or no.
    Confirm,
    /// A question that is answered by a text.
    Prompt,
    /// The question whether to leave a page that holds unsaved work.
    BeforeUnload,
}

/// A page's dialog that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialog {
    /// What kind of answer it waits for.
    pub kind: DialogKind,
    /// What the page says.
    pub message: String,
    /// The text that a prompt is filled with at first.
    pub default_text: String,
    /// Address of the page that asks, shown so that nobody takes its words for ours.
    pub url: String,
}

/// How a download stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadState {
    /// The file is coming in.
    Running,
    /// The file is complete.
    Done,
    /// The download was called off or failed.
    Canceled,
}

/// One file that the session's browser downloads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// The download's id within its session.
    pub id: String,
    /// Where the file comes from.
    pub url: String,
    /// The name that the browser gives the file.
    pub file_name: String,
    /// Bytes that have come so far.
    pub received: u64,
    /// Bytes of the whole file, where the server tells.
    pub total: Option<u64>,
    /// How the download stands.
    pub state: DownloadState,
    /// The reason why the host called it off, where it did.
    pub reason: Option<String>,
}
