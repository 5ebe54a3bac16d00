//! Describes what happened in a session, and the news from which the window's view of it is folded.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Capabilities, ChatLine, ChatNews, ConsoleLevel, ContextMenu, Copied, Dialog, Download,
    EventKind, FormControl, Forwarding, FoundText, FramePos, KeepAlive, Lifetime, ObjectAlert,
    Page, PagePointer, People, PeopleEvent, PictureSource, RemotePointer, Shortcut, Tab,
};

/// A group of event kinds that share one color and one filter in the log.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::EnumIter,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[strum(serialize_all = "lowercase")]
pub enum Family {
    /// The session's own state: started, idle, ending.
    Session,
    /// Actions that were requested and answered.
    Action,
    /// The output of commands.
    Output,
    /// Pages and tabs.
    Page,
    /// What pages write to their consoles.
    Console,
    /// Requests of pages that failed.
    Network,
    /// Dialogs of pages.
    Dialog,
    /// Files that go either way.
    Download,
    /// What participants do.
    People,
    /// What a detector found in the pictures.
    Object,
    /// What went wrong.
    Error,
    /// The state of our own connection: connected, a gap, lost rows.
    Stream,
    /// Well-formed events of no kind that is known here.
    Other,
}

/// Which half of an action an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The action was asked for.
    Requested,
    /// The action was answered.
    Answered {
        /// Whether it succeeded.
        ok: bool,
    },
}

/// Ties the two halves of an action together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRef {
    /// The id that both halves have.
    pub id: String,
    /// Which half this is.
    pub phase: Phase,
}

/// One thing that happened in a session, as a row of its log shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionEvent {
    /// When the event reached us.
    pub received_at: Timestamp,
    /// When the server says that it happened.
    pub server_at: Option<Timestamp>,
    /// The stream's event id, which may repeat.
    pub id: Option<String>,
    /// What the event is about.
    pub kind: EventKind,
    /// The server's name for the event, which need not be the kind's own word. It is shown, searched and exported.
    pub name: Cow<'static, str>,
    /// One line for people, already safe to show.
    pub text: String,
    /// How important a page finds what it wrote to its console.
    pub level: Option<ConsoleLevel>,
    /// The action that the event is a half of.
    pub request: Option<RequestRef>,
    /// What the event tells of people. [`super::SessionView`] takes it out when it knows the names that the text gets.
    pub people: Option<Box<PeopleEvent>>,
    /// The server's untouched JSON; empty for rows of our own.
    pub raw: Arc<str>,
}

impl SessionEvent {
    /// Creates a row of the window's own, named by the kind's word.
    pub fn ours(kind: EventKind, text: impl Into<String>) -> Self {
        Self {
            received_at: Timestamp::now(),
            server_at: None,
            id: None,
            kind,
            name: Cow::Borrowed(kind.word()),
            text: text.into(),
            level: None,
            request: None,
            people: None,
            raw: Arc::from(""),
        }
    }

    /// Returns the bytes of all strings that the event holds.
    pub fn bytes(&self) -> usize {
        let Self { id, name, text, request, raw, .. } = self;
        let ids = id.as_ref().map_or(0, String::len)
            + request.as_ref().map_or(0, |request| request.id.len());
        ids + name.len() + text.len() + raw.len()
    }

    /// Returns the color and the filter of the row.
    pub fn family(&self) -> Family {
        self.kind.family()
    }
}

/// News about a session, which [`super::SessionView::apply`] folds. A recording is a list of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// Something happened.
    Event(SessionEvent),
    /// What the session can be asked to do, told anew by each connection.
    Capabilities(Capabilities),
    /// When the session ends by itself.
    Lifetime(Lifetime),
    /// Whether the session is kept from ending for inactivity.
    KeepAlive(KeepAlive),
    /// The page in the active tab.
    Page(Page),
    /// All tabs.
    Tabs(Vec<Tab>),
    /// The dialog that is open; `None` where it is gone.
    Dialog(Option<Dialog>),
    /// The form control whose list or picker is open; `None` where it is closed.
    FormControl(Option<FormControl>),
    /// The pointer's shape and the tooltip at its place in the page.
    Pointer(PagePointer),
    /// A context menu is asked for, and the page leaves it to the window.
    ContextMenu(ContextMenu),
    /// This window's user copied something in the page.
    #[serde(skip)]
    Copied(Copied),
    /// What was searched in the page; `None` where nothing is marked any more.
    Found(Option<FoundText>),
    /// The page left a key to the browser.
    Shortcut(Shortcut),
    /// A download began or went on.
    Download(Download),
    /// Everybody who is there.
    People(People),
    /// Where all the others point; the latest counts.
    Pointers(Vec<RemotePointer>),
    /// A participant said something.
    Said(ChatLine),
    /// Something was found of which the user wants to be notified.
    ObjectAlert(ObjectAlert),
    /// What became of forwarded pictures.
    Forwarding(Forwarding),
    /// Where the pictures come from.
    PictureSource(PictureSource),
    /// Where a desktop's own pointer is, in pixels of the picture.
    Cursor(FramePos),
    /// Something is new about the chat with the session's assistant.
    Chat(ChatNews),
    /// A wish of the user was not fulfilled; the text is one plain sentence.
    Refused(String),
}
