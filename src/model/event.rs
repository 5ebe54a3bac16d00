//! What happened in a session, and the news from which the window's picture of it is folded.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Capabilities, ChatLine, ChatNews, Dialog, Download, EventKind, Forwarding, FramePos, KeepAlive,
    Lifetime, ObjectAlert, Page, People, PeopleEvent, PictureSource, RemotePointer, Tab,
};

/// Which color and which filter a row of the log belongs to.
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
    /// Actions requested and answered.
    Action,
    /// Output of commands.
    Output,
    Page,
    Console,
    Network,
    Dialog,
    Download,
    People,
    /// What a detector found in the pictures.
    Object,
    Error,
    /// Our own connection: connected, gap, lost rows.
    Stream,
    /// Well-formed but of no kind we know.
    Other,
}

/// Which half of an action an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Requested,
    Answered { ok: bool },
}

/// Ties the two halves of an action together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRef {
    pub id: String,
    pub phase: Phase,
}

/// One row of the session's log.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionEvent {
    /// When it reached us.
    pub received_at: Timestamp,
    /// When the server says it happened.
    pub server_at: Option<Timestamp>,
    /// The stream's event id; may repeat.
    pub id: Option<String>,
    pub kind: EventKind,
    /// What the server calls it, which need not be the kind's own word; shown, searched and exported.
    pub name: Cow<'static, str>,
    /// One line for people, already safe to show.
    pub text: String,
    pub request: Option<RequestRef>,
    /// What it tells of people, until the names are known that its text gets: [`super::SessionView`] takes it.
    pub people: Option<Box<PeopleEvent>>,
    /// The untouched server JSON, or empty for rows of our own.
    pub raw: Arc<str>,
}

impl SessionEvent {
    /// A row of the window's own, named by the kind's word.
    pub fn ours(kind: EventKind, text: impl Into<String>) -> Self {
        Self {
            received_at: Timestamp::now(),
            server_at: None,
            id: None,
            kind,
            name: Cow::Borrowed(kind.word()),
            text: text.into(),
            request: None,
            people: None,
            raw: Arc::from(""),
        }
    }

    /// The color and the filter of the row.
    pub fn family(&self) -> Family {
        self.kind.family()
    }
}

/// News about a session. `SessionView::apply` folds them; a recording is a list of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    Event(SessionEvent),
    Capabilities(Capabilities),
    Lifetime(Lifetime),
    KeepAlive(KeepAlive),
    Page(Page),
    Tabs(Vec<Tab>),
    /// `None`: the dialog is gone.
    Dialog(Option<Dialog>),
    Download(Download),
    People(People),
    /// Where the others point; the latest counts.
    Pointers(Vec<RemotePointer>),
    Said(ChatLine),
    /// Something was found of which the user wants to be told.
    ObjectAlert(ObjectAlert),
    Forwarding(Forwarding),
    PictureSource(PictureSource),
    /// Where a desktop's own pointer is, in pixels of the picture.
    Cursor(FramePos),
    Chat(ChatNews),
    /// Something that the user asked for did not happen; one plain sentence.
    Refused(String),
}
