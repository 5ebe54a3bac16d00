//! Defines what is asked of the actor, and lets a caller wait until the browser has taken it.

use std::time::Duration;

use futures_util::future::{FutureExt as _, Shared};
use serde::Deserialize;
use tokio::sync::{oneshot, watch};

use super::chooser::Chooser;
use super::failure::failed;
use super::page::PageHandle;
use crate::host::cdp::{CallAnswer, CallError, Reply};
use crate::host::driver::{DriverError, DriverState};
use crate::model::{InputControl, PageControl};

/// A page that takes no input for so long hangs.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// A navigation may take this long, because servers take their time.
const NAVIGATED_WITHIN: Duration = Duration::from_secs(30);
/// The news of a new document come within this of the answer.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);
const CLOSED_WITHIN: Duration = Duration::from_secs(3);

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
    NewTab {
        url: Option<String>,
        made: oneshot::Sender<Result<String, DriverError>>,
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
        page: oneshot::Sender<Result<(PageHandle, Option<Chooser>), DriverError>>,
    },
    Page {
        tab: Option<String>,
        page: oneshot::Sender<Result<PageHandle, DriverError>>,
    },
}

/// The answer to an input, for whoever made it and for the release that must come after it.
pub(super) type InputReply = Shared<Reply>;

/// The calls of a job that are on their way to the browser.
pub(super) enum TakenCalls {
    /// There was nothing to wait for.
    Already,
    /// The calls are input. The page's script may hold the answer back with a dialog, which is an answer, too.
    Input(Vec<InputReply>),
    /// The call is a command that no page can hold back.
    Command(Reply),
    Navigation {
        reply: Reply,
        url: String,
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
            Self::Input(replies) => {
                for reply in replies {
                    unless_dialog(reply, TAKEN_WITHIN, &mut state).await?;
                }
                Ok(())
            }
            Self::Command(reply) => {
                reply.within(TAKEN_WITHIN).await.map(drop).map_err(|err| failed(err, &state))
            }
            Self::Navigation { reply, url } => {
                let answer = unless_dialog(reply.shared(), NAVIGATED_WITHIN, &mut state).await?;
                let Some(answer) = answer else {
                    return Ok(());
                };
                if let Some(document) = navigated(answer, &url)? {
                    // The answer may come before the news: what is asked next is about the new page.
                    let shown = state.wait_for(|now| {
                        now.dialog.is_some()
                            || now.ended.is_some()
                            || now.documents.contains(&document)
                    });
                    if tokio::time::timeout(SHOWN_WITHIN, shown).await.is_err() {
                        tracing::debug!("The browser does not tell of the page that was opened");
                    }
                }
                Ok(())
            }
            Self::Closing { reply, tab_id } => {
                reply.within(TAKEN_WITHIN).await.map_err(|err| failed(err, &state))?;
                // A page that asks whether to leave keeps its tab until it is answered.
                let gone = state.wait_for(|now| {
                    now.dialog.is_some()
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

/// Waits for the answer; `None` where a dialog opened first, or where the page took its own tab away.
async fn unless_dialog(
    reply: InputReply,
    within: Duration,
    state: &mut watch::Receiver<DriverState>,
) -> Result<Option<CallAnswer>, DriverError> {
    let mut watched = state.clone();
    tokio::select! {
        biased;
        answer = tokio::time::timeout(within, reply) => match answer.unwrap_or(Err(CallError::Late(within))) {
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::Gone) => Ok(None),
            Err(err) => Err(failed(err, state)),
        },
        Ok(_) = watched.wait_for(|now| now.dialog.is_some()) => Ok(None),
    }
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
