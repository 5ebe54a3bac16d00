//! Defines what is asked of the actor, and lets a caller wait until the browser has taken it.

use std::time::Duration;

use futures_util::FutureExt as _;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{oneshot, watch};

use super::chooser::Chooser;
use super::failure::{failed, unanswered};
use super::leave::{Departure, LeftPage};
use super::page::PageHandle;
use crate::host::cdp::{CallAnswer, CallError, Reply, SharedReply};
use crate::host::driver::{DownloadedFile, DriverError, DriverState};
use crate::model::{FoundText, FrameSize, InputControl, PageControl, TextSearch};

/// A page that takes no input for so long hangs.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// A navigation may take this long, because servers take their time.
const NAVIGATED_WITHIN: Duration = Duration::from_secs(25);
const CLOSED_WITHIN: Duration = Duration::from_secs(3);

/// A page that is given files, the chooser with which it asked, and the size in which places in it count.
pub(super) type PageForFile = (PageHandle, Option<Chooser>, FrameSize);

/// One thing to do in the browser, with the way back to whoever asked.
pub(super) enum Job {
    Input {
        tab: Option<String>,
        input: InputControl,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    Command {
        tab: Option<String>,
        command: PageControl,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    ReleaseAll {
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    ClearClipboard {
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    NewTab {
        url: Option<String>,
        made: oneshot::Sender<Result<String, DriverError>>,
    },
    Find {
        tab: Option<String>,
        search: TextSearch,
        found: oneshot::Sender<Result<FoundText, DriverError>>,
    },
    Viewport {
        tab: Option<String>,
        width: u32,
        height: u32,
        scale: Option<f64>,
        taken: oneshot::Sender<Result<TakenCalls, DriverError>>,
    },
    /// Asks for the page that is to be given a file, and for the chooser with which it asked.
    Files {
        tab: Option<String>,
        page: oneshot::Sender<Result<PageForFile, DriverError>>,
    },
    Page {
        tab: Option<String>,
        page: oneshot::Sender<Result<PageHandle, DriverError>>,
    },
    Downloads {
        list: oneshot::Sender<Result<Vec<Value>, DriverError>>,
    },
    Downloaded {
        id: String,
        file: oneshot::Sender<Result<DownloadedFile, DriverError>>,
    },
    RemoveDownload {
        id: String,
        removed: oneshot::Sender<Result<(), DriverError>>,
    },
}

/// The calls of a job that are on their way to the browser.
pub(super) enum TakenCalls {
    /// There was nothing to wait for.
    Already,
    /// The calls are input. The page's script may hold the answer back with a dialog, which is an answer, too.
    Input {
        replies: Vec<SharedReply>,
        /// The tab that takes the input; `None` stands for all of them.
        tab_id: Option<String>,
    },
    /// The call is a command that no page can hold back.
    Command(Reply),
    /// The page gives way to another one, or to itself anew.
    Leaving {
        reply: Reply,
        page: LeftPage,
        /// The address that is opened, where it is known.
        url: Option<String>,
    },
    /// The page is busy and is left once it has answered.
    Stuck {
        asked: SharedReply,
        page: LeftPage,
        way: Departure,
    },
    Closing {
        reply: Reply,
        tab_id: String,
    },
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Navigated {
    error_text: Option<String>,
    is_download: bool,
    /// The document that the navigation led to; `None` where it led to another place in the same one.
    loader_id: Option<String>,
}

impl TakenCalls {
    pub(super) async fn settled(
        self,
        mut state: watch::Receiver<DriverState>,
    ) -> Result<(), DriverError> {
        match self {
            Self::Already => Ok(()),
            Self::Input { replies, tab_id } => {
                for reply in replies {
                    unless_dialog(reply, TAKEN_WITHIN, tab_id.as_deref(), &state).await?;
                }
                Ok(())
            }
            Self::Command(reply) => {
                reply.within(TAKEN_WITHIN).await.map(drop).map_err(|err| failed(err, &state))
            }
            Self::Leaving { reply, page, url: Some(url) } => {
                opened(reply.shared(), &url, &page, &state).await
            }
            Self::Leaving { reply, url: None, .. } => {
                reply.within(TAKEN_WITHIN).await.map(drop).map_err(|err| failed(err, &state))
            }
            Self::Stuck { asked, page, way } => {
                if !page.runs(asked, &state).await {
                    return Err(page.end(&state).await);
                }
                let reply = page.leave(&way, &state)?;
                Box::pin(Self::Leaving { reply, page, url: way.url }.settled(state)).await
            }
            Self::Closing { reply, tab_id } => {
                reply.within(TAKEN_WITHIN).await.map_err(|err| failed(err, &state))?;
                // A page that asks whether to leave keeps its tab until it is answered.
                let gone = state.wait_for(|now| {
                    now.asking.contains(&tab_id)
                        || now.ended.is_some()
                        || now.tabs.iter().all(|tab| tab.tab_id != tab_id)
                });
                match tokio::time::timeout(CLOSED_WITHIN, gone).await {
                    Ok(_) => Ok(()),
                    Err(_) => Err(DriverError::Failed("the tab does not close".to_owned())),
                }
            }
        }
    }
}

/// Waits until the page gives way to the one at `url`, or is found to hang.
async fn opened(
    reply: SharedReply,
    url: &str,
    page: &LeftPage,
    state: &watch::Receiver<DriverState>,
) -> Result<(), DriverError> {
    let answer = tokio::select! {
        answer = unless_dialog(reply, NAVIGATED_WITHIN, Some(&page.tab_id), state) => answer,
        () = page.hangs(state) => return Err(page.end(state).await),
    };
    let answer = match answer {
        Ok(Some(answer)) => answer,
        Ok(None) => return Ok(()),
        Err(DriverError::Busy(_)) => return Err(slow(url)),
        Err(err) => return Err(err),
    };
    let Some(document) = navigated(answer, url)? else {
        return Ok(());
    };
    // The answer may come before the news: what is asked next is about the new page.
    let mut watched = state.clone();
    let shown = async {
        let there = |now: &DriverState| {
            now.asking.contains(&page.tab_id)
                || now.ended.is_some()
                || now.documents.contains(&document)
        };
        drop(watched.wait_for(there).await);
    };
    tokio::select! {
        () = shown => Ok(()),
        runs = page.runs_on(state) => if runs { Ok(()) } else { Err(page.end(state).await) },
    }
}

/// Waits for the answer; `None` where a dialog opened first, or where the page took its own tab away.
async fn unless_dialog(
    reply: SharedReply,
    within: Duration,
    tab_id: Option<&str>,
    state: &watch::Receiver<DriverState>,
) -> Result<Option<CallAnswer>, DriverError> {
    let asks = |now: &DriverState| match tab_id {
        Some(tab_id) => now.asking.iter().any(|asking| asking == tab_id),
        None => !now.asking.is_empty(),
    };
    let mut watched = state.clone();
    tokio::select! {
        biased;
        answer = tokio::time::timeout(within, reply) => match answer.unwrap_or(Err(CallError::Late(within))) {
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::Gone) => Ok(None),
            Err(err) => Err(unanswered(err, state)),
        },
        Ok(_) = watched.wait_for(asks) => Ok(None),
    }
}

fn slow(url: &str) -> DriverError {
    let seconds = NAVIGATED_WITHIN.as_secs();
    let url = crate::base::text::one_line(url, 200);
    DriverError::Busy(format!(
        "{url} has not answered for {seconds} s and may still be opened; look at the page before you ask again"
    ))
}

/// Returns the document that is shown from now on, where it is another one.
fn navigated(answer: CallAnswer, url: &str) -> Result<Option<String>, DriverError> {
    let Navigated { error_text, is_download, loader_id } = answer.read().unwrap_or_default();
    match error_text {
        // A navigation that the next one superseded is the user's wish and no failure.
        Some(error) if !is_download && error != "net::ERR_ABORTED" => Err(DriverError::Failed(
            format!("{} can't be opened: {error}", crate::base::text::one_line(url, 200)),
        )),
        Some(_) => Ok(None),
        None => Ok(loader_id),
    }
}
