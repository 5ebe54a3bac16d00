//! Reads the system's clipboard and the selected text, which are another program's while that has something copied or
//! selected: it may never answer. What is copied in a page is put there, too.

mod content;
mod sharing;

pub(super) use self::sharing::Sharing;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use egui::{Pos2, ViewportId};

use super::jobs::{Background, Jobs};
use crate::base::{NoOutcome, within};
use crate::model::ClipboardContent;
use crate::session::Service;
use crate::ui::state::SessionKey;

/// Whoever waits for a paste waits no longer than this.
const LIMIT: Duration = Duration::from_secs(1);
/// So many programs that do not answer are asked in vain at once. Each question ends by itself after half a minute.
const MAX_UNANSWERED: usize = 4;

/// What came of reading the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pasted {
    /// The text that it holds, where only that was asked for.
    Text(String),
    /// All that it holds that a page can take.
    Content(ClipboardContent),
    /// The files that were copied in a file manager.
    Files(Vec<PathBuf>),
    /// It holds nothing that was asked for.
    Nothing,
    /// Nothing could be read, for this reason in words for the user.
    Refused(String),
}

/// Text that was selected in some program and asked for with the middle button.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Selected {
    /// Where the button was pressed, in points.
    pub at: Pos2,
    pub text: String,
}

/// Whoever waits for a paste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PasteTarget {
    /// The text goes to what has the keyboard in this window.
    Window(ViewportId),
    /// Everything goes to the page of this session, which is steered in the main window.
    Page(SessionKey),
}

/// The clipboard that other programs read from what was copied in a page. As long as it lives, they can.
type OwnedClipboard = Arc<Mutex<Option<arboard::Clipboard>>>;

/// Works with the system's clipboard in the background.
pub(super) struct SystemClipboard {
    jobs: Jobs<Pasted>,
    selections: Jobs<Option<Selected>>,
    copies: Jobs<Result<(), String>>,
    /// The texts that are selected in pages, which their services tell.
    selected_in_pages: Jobs<Result<String, String>>,
    held: OwnedClipboard,
    /// Whoever waits for a paste.
    awaited_by: Option<PasteTarget>,
    /// Each question that goes on has a share of it.
    questions: Arc<()>,
}

impl SystemClipboard {
    pub(super) fn new(background: &Background) -> Self {
        Self {
            jobs: Jobs::new(background),
            selections: Jobs::new(background),
            copies: Jobs::new(background),
            selected_in_pages: Jobs::new(background),
            held: OwnedClipboard::default(),
            awaited_by: None,
            questions: Arc::default(),
        }
    }

    /// Asks for what is to be pasted, unless somebody already waits for that.
    pub(super) fn ask(&mut self, target: PasteTarget) {
        if self.awaited_by.is_some() {
            return;
        }
        let of_page = matches!(target, PasteTarget::Page(_));
        self.awaited_by = Some(target);
        let question = self.questions.clone();
        self.jobs.spawn_blocking(move || {
            if !of_page {
                return asked(question, read).unwrap_or_else(|_late| Pasted::Refused(silent()));
            }
            match asked(question, content::read_all) {
                Ok(Ok(raw)) => raw.pasted(),
                Ok(Err(why)) => Pasted::Refused(why),
                Err(_late) => Pasted::Refused(silent()),
            }
        });
    }

    /// Puts what was copied in a page into the system's clipboard.
    pub(super) fn copy(&self, content: ClipboardContent) {
        let held = self.held.clone();
        self.copies.spawn_blocking(move || {
            let written = within(LIMIT, "helmsight-share", move || {
                let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                if held.is_none() {
                    let opened = arboard::Clipboard::new();
                    *held = Some(opened.map_err(|err| format!("Nothing was copied: {err}"))?);
                }
                held.as_mut().map_or(Ok(()), |clipboard| content::write(clipboard, content))
            });
            written.unwrap_or_else(|_late| {
                Err("Nothing was copied: the clipboard does not answer. Copy it again".to_owned())
            })
        });
    }

    /// Asks a session for the text that is selected in its page.
    pub(super) fn ask_selected_in_page(&self, session: String, service: Arc<dyn Service>) {
        self.selected_in_pages
            .spawn(async move { service.selection(&session).await.map_err(|err| err.to_string()) });
    }

    /// Returns the texts that pages had selected when they were asked.
    pub(super) fn take_selected_in_pages(&self) -> Vec<Result<String, String>> {
        self.selected_in_pages.take_finished()
    }

    /// Returns why copies failed since the last call, in words for the user.
    pub(super) fn take_problems(&self) -> impl Iterator<Item = String> {
        self.copies.take_finished().into_iter().filter_map(Result::err)
    }

    /// Asks for the selected text, because the middle button was pressed at `at`. Most of these clicks paste nothing, so
    /// nobody waits for it, and that it does not come is not told.
    pub(super) fn ask_selection(&mut self, at: Pos2) {
        let question = self.questions.clone();
        self.selections.spawn_blocking(move || {
            let text = asked(question, selected).ok().flatten()?;
            Some(Selected { at, text })
        });
    }

    /// Returns the selected texts that came since the last call.
    pub(super) fn take_selections(&self) -> impl Iterator<Item = Selected> {
        self.selections.take_finished().into_iter().flatten()
    }

    /// Tells whether something is to be pasted in `window` and is not there yet.
    pub(super) fn is_awaited_by(&self, window: ViewportId) -> bool {
        match &self.awaited_by {
            Some(PasteTarget::Window(waiting)) => *waiting == window,
            Some(PasteTarget::Page(_)) => window == ViewportId::ROOT,
            None => false,
        }
    }

    /// Returns what came of the question of `window`, once, and for whom.
    pub(super) fn take_for(&mut self, window: ViewportId) -> Option<(PasteTarget, Pasted)> {
        if !self.is_awaited_by(window) {
            return None;
        }
        let pasted = self.jobs.take_finished().pop()?;
        Some((self.awaited_by.take()?, pasted))
    }
}

/// Puts a question, unless too many go on.
fn asked<T: Send + 'static>(
    question: Arc<()>,
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoOutcome> {
    // One share is the reader's own, and one is this question's.
    if Arc::strong_count(&question) > MAX_UNANSWERED + 2 {
        return Err(NoOutcome::Late);
    }
    within(LIMIT, "helmsight-paste", move || {
        let answer = read();
        drop(question);
        answer
    })
}

fn silent() -> String {
    "Nothing was pasted: the program that has the clipboard does not answer. Copy the text again"
        .to_owned()
}

fn read() -> Pasted {
    match arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text()) {
        // As text fields have it.
        Ok(text) if !text.is_empty() => Pasted::Text(text.replace("\r\n", "\n")),
        Ok(_) | Err(arboard::Error::ContentNotAvailable) => Pasted::Nothing,
        Err(err) => Pasted::Refused(format!("The clipboard could not be read: {err}")),
    }
}

#[cfg(target_os = "linux")]
fn selected() -> Option<String> {
    use arboard::GetExtLinux as _;
    let mut clipboard = arboard::Clipboard::new().ok()?;
    let text = clipboard.get().clipboard(arboard::LinuxClipboardKind::Primary).text().ok()?;
    (!text.is_empty()).then_some(text)
}

/// Other systems do not paste what is merely selected.
#[cfg(not(target_os = "linux"))]
fn selected() -> Option<String> {
    None
}
