//! Reads the system's clipboard and the selected text, which are another program's while that has something copied or
//! selected: it may never answer.

use std::sync::Arc;
use std::time::Duration;

use egui::{Pos2, ViewportId};

use super::jobs::{Background, Jobs};
use crate::base::{NoOutcome, within};

/// Whoever waits for a paste waits no longer than this.
const LIMIT: Duration = Duration::from_secs(1);
/// So many programs that do not answer are asked in vain at once. Each question ends by itself after half a minute.
const MAX_UNANSWERED: usize = 4;

/// What came of reading the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pasted {
    /// The text that it holds.
    Text(String),
    /// It holds no text.
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

/// Reads both in the background.
pub(super) struct ClipboardReader {
    jobs: Jobs<Pasted>,
    selections: Jobs<Option<Selected>>,
    /// The window whose user waits for a paste.
    awaited_by: Option<ViewportId>,
    /// Each question that goes on has a share of it.
    questions: Arc<()>,
}

impl ClipboardReader {
    pub(super) fn new(background: &Background) -> Self {
        Self {
            jobs: Jobs::new(background),
            selections: Jobs::new(background),
            awaited_by: None,
            questions: Arc::default(),
        }
    }

    /// Asks for the text to paste in `window`, unless somebody already waits for one.
    pub(super) fn ask(&mut self, window: ViewportId) {
        if self.awaited_by.is_some() {
            return;
        }
        self.awaited_by = Some(window);
        let question = self.questions.clone();
        self.jobs.spawn_blocking(move || {
            asked(question, read).unwrap_or_else(|_late| Pasted::Refused(silent()))
        });
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

    /// Tells whether `window` asked for the text and it is not there yet.
    pub(super) fn is_awaited_by(&self, window: ViewportId) -> bool {
        self.awaited_by == Some(window)
    }

    /// Returns what came of the question of `window`, once.
    pub(super) fn take_for(&mut self, window: ViewportId) -> Option<Pasted> {
        if !self.is_awaited_by(window) {
            return None;
        }
        let pasted = self.jobs.take_finished().pop()?;
        self.awaited_by = None;
        Some(pasted)
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
