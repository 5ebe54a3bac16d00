//! Holds the next jobs back, so that they reach the page that they mean.

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::host::cdp::{CallError, SharedReply};
use crate::host::driver::DriverError;
use crate::host::driver::chromium::history::TabHistory;
use crate::host::driver::chromium::input::PageCall;
use crate::host::driver::chromium::jobs::TakenCalls;
use crate::host::driver::chromium::leave::{Departure, LeftPage};
use crate::model::{ClipboardContent, FoundText, InputControl, TextSearch};

/// The thing that jobs waited for.
pub(super) enum Barrier {
    TabMade {
        result: Result<String, DriverError>,
        url: String,
        made: Made,
    },
    /// The new tab's page has taken all that was set up.
    TabReady {
        id: String,
        url: String,
        made: Made,
    },
    HistoryRead {
        tab_id: String,
        step: isize,
        history: Result<TabHistory, CallError>,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    /// The page answered the last move, and has told whether that started a drag.
    Pulled {
        tab_id: String,
        release: InputControl,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    /// A choice in a form control was made, or could not be.
    Chosen {
        result: Result<(), DriverError>,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    /// The browser's clipboard holds what is to be pasted, or takes it not.
    ClipboardSet {
        tab_id: String,
        content: ClipboardContent,
        result: Result<(), String>,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    /// The clipboard is empty, or could not be emptied.
    ClipboardCleared {
        result: Result<(), String>,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    /// A text was searched in a tab, or could not be.
    Searched(SearchedTab),
    /// The page has answered before it is left, or it is busy.
    Asked {
        page: LeftPage,
        way: Departure,
        asked: SharedReply,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    /// A drag ended: the page takes the mouse again.
    DragEnded {
        session: String,
        calls: Vec<PageCall>,
        /// The barrier that was there already when this one began.
        next: Option<BoxFuture<'static, Self>>,
    },
}

/// The way back to whoever asked for a tab: for its id, or only to know that it is there.
pub(super) enum Made {
    Id(oneshot::Sender<Result<String, DriverError>>),
    TakenCalls(oneshot::Sender<Result<TakenCalls, DriverError>>),
}

impl Made {
    /// Answers whoever asked.
    pub(super) fn send(self, result: Result<String, DriverError>) {
        // The answer is dropped where nobody waits for it any more.
        match self {
            Self::Id(made) => drop(made.send(result)),
            Self::TakenCalls(taken) => drop(taken.send(result.map(|_id| TakenCalls::Already))),
        }
    }
}

/// The outcome of a search in a tab.
pub(super) struct SearchedTab {
    pub(super) tab_id: String,
    pub(super) search: TextSearch,
    pub(super) result: Result<Option<FoundText>, DriverError>,
    pub(super) answer: SearchAnswer,
}

/// The way back to whoever searched: for what was found, or only to know that it is marked.
pub(in crate::host::driver::chromium) enum SearchAnswer {
    Found(oneshot::Sender<Result<FoundText, DriverError>>),
    TakenCalls(oneshot::Sender<Result<TakenCalls, DriverError>>),
}

impl SearchAnswer {
    /// Answers whoever searched.
    pub(super) fn send(self, result: Result<Option<FoundText>, DriverError>) {
        // The answer is dropped where nobody waits for it any more.
        match self {
            Self::Found(found) => drop(found.send(result.map(Option::unwrap_or_default))),
            Self::TakenCalls(taken) => drop(taken.send(result.map(|_| TakenCalls::Already))),
        }
    }
}
