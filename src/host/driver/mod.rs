//! Defines what drives a hosted session: a real Chromium, or the bundled sample.

pub mod chromium;
pub(crate) mod factory;
pub mod sample;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;

use crate::model::{
    ClipboardContent, ContextMenu, EventKind, FormControl, FoundText, FramePoint, InputControl,
    PageControl, PageLife, PagePointer, PageScript, PressedShortcut, ScriptValue, TextSearch,
};
use crate::protocol::socket::{DialogWords, TabWords};

/// A call that the browser does not answer within this long has failed.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The one way in which routes and sockets act on a session. REST actions are composed of these primitives
/// (a click is a move, a press and a release), so that there is one input path.
pub trait Driver: Send + Sync + 'static {
    /// Gives `tab` (`None`: the active one) one input and returns when the browser has taken it.
    /// Inputs and commands are carried out in the order in which the calls are made, even when nobody awaits the
    /// earlier ones.
    fn input(
        &self,
        tab: Option<String>,
        input: InputControl,
    ) -> BoxFuture<'static, Result<(), DriverError>>;

    /// Carries out one page command in `tab` (`None`: the active one), in order with the inputs, and returns when the
    /// browser has taken it.
    fn command(
        &self,
        tab: Option<String>,
        command: PageControl,
    ) -> BoxFuture<'static, Result<(), DriverError>>;

    /// Lifts every key and button that is held down in any tab, in order with the inputs.
    fn release_all(&self) -> BoxFuture<'static, Result<(), DriverError>>;

    /// Takes a picture of the page now, as JPEG (with a quality) or PNG.
    fn screenshot(
        &self,
        tab: Option<String>,
        format: ShotFormat,
    ) -> BoxFuture<'static, Result<Bytes, DriverError>>;

    /// Prints the page to a PDF.
    fn pdf(&self, tab: Option<String>) -> BoxFuture<'static, Result<Bytes, DriverError>>;

    /// Reads the document's current HTML.
    fn html(&self, tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>>;

    /// Tells where the page is and how far it is scrolled: the `page_context` of an action's answer.
    fn page_context(&self, tab: Option<String>) -> BoxFuture<'static, Result<Value, DriverError>>;

    /// Opens a tab and returns its id.
    fn new_tab(&self, url: Option<String>) -> BoxFuture<'static, Result<String, DriverError>>;

    /// Tells whether what is typed now is for nobody's eyes, because the focused field hides it, or whether that can't
    /// be told. A driver without fields has none that do.
    fn types_secret(&self, _tab: Option<String>) -> BoxFuture<'static, bool> {
        Box::pin(async { false })
    }

    /// Tells of every request of the pages from now on, or no longer. A driver without pages has none to tell.
    fn tell_requests(&self, _on: bool) {}

    /// Tells what the page of the active tab does. A driver without a page of its own has one that is still.
    fn page_life(&self) -> BoxFuture<'static, PageLife> {
        Box::pin(async { PageLife::Still })
    }

    /// Searches a text in a page, marks all matches, and shows the next one.
    fn find(
        &self,
        tab: Option<String>,
        search: TextSearch,
    ) -> BoxFuture<'static, Result<FoundText, DriverError>>;

    /// Runs a script in the page's own world, in order with the inputs.
    fn run_script(
        &self,
        tab: Option<String>,
        script: PageScript,
    ) -> BoxFuture<'static, Result<ScriptValue, DriverError>>;

    /// Gives the page a size in CSS pixels and a scale factor.
    fn set_viewport(
        &self,
        tab: Option<String>,
        width: u32,
        height: u32,
        scale: f64,
    ) -> BoxFuture<'static, Result<(), DriverError>>;

    /// Gives a page a file: to the chooser that it opened, else to its focused or first input for files. Returns the
    /// tab.
    fn upload(
        &self,
        tab: Option<String>,
        file: Upload,
    ) -> BoxFuture<'static, Result<String, DriverError>>;

    /// Drops files at a place in a page, or gives them to the chooser that it opened. Returns the tab.
    fn drop_files(
        &self,
        tab: Option<String>,
        files: Vec<Upload>,
        at: FramePoint,
    ) -> BoxFuture<'static, Result<String, DriverError>>;

    /// Begins to count in the state how often something is copied in the session.
    fn watch_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>>;

    /// Reads what was copied last.
    fn copied(&self) -> BoxFuture<'static, Result<CopiedContent, DriverError>>;

    /// Empties the clipboard, in order with the inputs.
    fn clear_clipboard(&self) -> BoxFuture<'static, Result<(), DriverError>>;

    /// Reads the text that is selected in the page or in one of its frames; empty where none is. It is cut after as
    /// much as a clipboard carries.
    fn selection(&self, tab: Option<String>) -> BoxFuture<'static, Result<String, DriverError>>;

    /// Leads the browser through another proxy from now on; with `direct://` through none.
    fn change_proxy(&self, url: String) -> BoxFuture<'static, Result<(), DriverError>>;

    /// Streams pictures of the active tab into `sink` until the guard is dropped. It follows tab switches.
    fn cast(
        &self,
        options: CastOptions,
        sink: CastSink,
    ) -> BoxFuture<'static, Result<CastGuard, DriverError>>;

    /// Returns a watch on the session's latest state.
    fn state(&self) -> watch::Receiver<DriverState>;

    /// Ends the browser and removes its profile. It may be called again.
    fn close(&self) -> BoxFuture<'static, ()>;
}

/// The sink to which a driver reports what happens: the session's event stream.
pub type EventSink = Arc<dyn Fn(DriverEvent) + Send + Sync>;

/// Something that happened by itself in the session.
#[derive(Clone, Debug, PartialEq)]
pub struct DriverEvent {
    /// The event's kind.
    pub kind: EventKind,
    /// The event's fields, a JSON object. The hub adds `type` and `timestamp` and hides the passwords of addresses.
    pub fields: Value,
}

/// A file for a page.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The file's name, as pages see it.
    pub name: String,
    /// The file's bytes.
    pub data: Bytes,
}

/// What was copied in a session.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CopiedContent {
    /// The content, without what is too large.
    pub content: ClipboardContent,
    /// The reason why something is missing, in words; empty where nothing is.
    pub problem: String,
}

/// The sink that takes pictures. It must not wait.
pub type CastSink = Arc<dyn Fn(CastFrame) + Send + Sync>;

/// Stops the screencast when dropped.
pub struct CastGuard(pub Box<dyn Send + Sync>);

/// The wishes for a screencast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CastOptions {
    /// JPEG quality, from 1 to 100.
    pub quality: u8,
    /// The picture is scaled down to this width; `None` keeps the viewport's.
    pub max_width: Option<u32>,
}

/// One picture of a screencast.
#[derive(Clone, Debug)]
pub struct CastFrame {
    /// The picture as JPEG.
    pub data: Bytes,
    /// The page's size in CSS pixels.
    pub width: u32,
    /// The page's height in CSS pixels.
    pub height: u32,
    /// The time of the picture, in Unix seconds.
    pub timestamp: f64,
}

/// The format of a screenshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShotFormat {
    /// A JPEG.
    Jpeg {
        /// The quality, from 1 to 100.
        quality: u8,
    },
    /// A PNG.
    Png,
}

/// What is known of the session without asking the browser. Addresses stand here with their passwords, which are hidden
/// on every way out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DriverState {
    /// The address of the active tab.
    pub url: String,
    /// The title of the active tab.
    pub title: String,
    /// The active tab is loading.
    pub loading: bool,
    /// The active tab has a page to go back to.
    pub can_go_back: bool,
    /// The active tab has a page to go forward to.
    pub can_go_forward: bool,
    /// All tabs, in the order of their opening.
    pub tabs: Vec<TabWords>,
    /// The driver's names of the documents that the tabs show: a new one for every page that is opened.
    pub documents: Vec<String>,
    /// The dialog that a page has open, if there is one.
    pub dialog: Option<DialogWords>,
    /// The form control of the active tab whose list or picker is open, if there is one.
    pub form_control: Option<FormControl>,
    /// The pointer's shape and the tooltip where the pointer is in the active tab.
    pub pointer: Option<PagePointer>,
    /// The last context menu that was asked for in the active tab and that its page did not open itself.
    pub context_menu: Option<ContextMenu>,
    /// So many times something was copied since the clipboard is watched.
    pub copies: u64,
    /// What was searched in the active tab, and what was found, while it is marked.
    pub found: Option<FoundText>,
    /// How large the page of the active tab is shown, in percent of its own size; 0 where that is not known.
    pub zoom: u32,
    /// The last key that a page left to the browser.
    pub shortcut: Option<PressedShortcut>,
    /// The tabs that have a dialog open.
    pub asking: Vec<String>,
    /// The page's width in CSS pixels.
    pub width: u32,
    /// The page's height in CSS pixels.
    pub height: u32,
    /// The reason why the browser is gone, once it is.
    pub ended: Option<String>,
}

/// The reason why a driver did not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DriverError {
    /// The caller is at fault: the tab is unknown, the URL is malformed, the tab is the last. HTTP answers 400 or 404.
    #[error("{0}")]
    BadRequest(String),
    /// A dialog is open in the page, and nothing reaches the page before it is answered. HTTP answers 409.
    #[error("{0}")]
    Dialog(String),
    /// The browser refused or failed. Whatever was asked may have been done in part.
    #[error("{0}")]
    Failed(String),
    /// The page or the browser does not answer in time. Whatever was asked may still be done.
    #[error("{0}")]
    Busy(String),
    /// The browser is gone. HTTP answers 410.
    #[error("the session has ended: {0}")]
    Ended(String),
}

impl DriverError {
    /// Makes the error of a call that was not answered within [`ANSWER_WITHIN`].
    pub(crate) fn no_answer() -> Self {
        let seconds = ANSWER_WITHIN.as_secs();
        Self::Busy(format!(
            "The browser is busy and did not answer within {seconds} s; this may still be done, so look at the page \
             before you ask again"
        ))
    }
}
