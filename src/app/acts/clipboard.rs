//! Copies and pastes between the page in front and this computer, once the user has agreed.

use egui::{Context, ViewportId};

use crate::app::App;
use crate::app::clipboard::{PasteTarget, Pasted};
use crate::app::files::AskingPage;
use crate::app::steering::send;
use crate::model::people::AGENT;
use crate::model::{Copied, InputControl, PeopleControl};
use crate::ui::action::AfterSharing;
use crate::ui::modal::Modal;
use crate::ui::state::SessionKey;

/// So many files are pasted at once.
const MAX_FILES: usize = 10;

impl App {
    /// Tells the session in front whether the clipboard is shared, and takes what its user copied in its page.
    pub(in crate::app) fn follow_clipboard(&mut self) {
        for problem in self.clipboard.take_problems() {
            self.notices.error(problem);
        }
        let steered = self.sessions.active().filter(|open| {
            self.steering.is_on()
                && open.view.capabilities.clipboard
                && open.view.people.me != AGENT
        });
        let steered =
            steered.map(|open| (open.key.clone(), open.view.people.me, open.view.shares_clipboard));
        if let Some((key, me, shares)) = &steered
            && let Some(on) = self.sharing.news(key, *me, *shares)
        {
            send(&self.sessions, PeopleControl::ShareClipboard { on }, &mut self.notices);
        }
        let front = steered.map(|(key, ..)| key);
        for (session, copied) in self.sessions.take_copied() {
            // What comes after control was left was copied for somebody who is gone.
            if front.as_ref() == Some(&session) {
                self.take_copied(&session, copied);
            }
        }
    }

    fn take_copied(&mut self, session: &SessionKey, copied: Copied) {
        let Copied { content, shared, problem } = copied;
        let Some(open) = self.sessions.by_key(session) else {
            return;
        };
        match open.view.shares_clipboard {
            Some(true) if shared => {
                if let Some(why) = problem {
                    self.notices.warn(format!("{why}, so it was not copied to this computer"));
                }
                if !content.is_empty() {
                    self.clipboard.copy(content);
                }
            }
            None if !shared => self.ask_to_share(AfterSharing::Nothing),
            // It was asked for by an answer that has changed since.
            Some(_) | None => (),
        }
    }

    /// Pastes what the clipboard holds into the page in front, or asks first whether it may.
    pub(in crate::app) fn paste_into_page(&mut self) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        match open.view.shares_clipboard {
            Some(true) => self.clipboard.ask(PasteTarget::Page(open.key.clone())),
            Some(false) => (),
            None => self.ask_to_share(AfterSharing::Paste),
        }
    }

    /// Sends what was read of the clipboard to the page for which it was asked, if that is still steered.
    pub(in crate::app) fn pasted_into_page(&mut self, session: &SessionKey, pasted: Pasted) {
        if !self.steering.is_on() || !self.sessions.is_active(session) {
            return;
        }
        match pasted {
            Pasted::Content(content) => {
                send(&self.sessions, InputControl::Paste(content), &mut self.notices);
            }
            Pasted::Files(paths) => {
                for path in paths.into_iter().take(MAX_FILES) {
                    if let Some(page) = self.sessions.active().map(AskingPage::of) {
                        self.upload(page, path);
                    }
                }
            }
            Pasted::Nothing => self.notices.warn("The clipboard holds nothing that can be pasted"),
            Pasted::Refused(why) => self.notices.error(why),
            Pasted::Text(_) => (),
        }
    }

    fn ask_to_share(&mut self, then: AfterSharing) {
        // A question that is open already is not covered.
        if let Some(open) = self.sessions.active().filter(|_| self.window.modal.is_none()) {
            let (key, name) = (open.key.clone(), open.name.clone());
            self.window.modal = Some(Modal::ShareClipboard { key, name, then });
        }
    }

    /// Takes the answer to whether the clipboard is shared with a session.
    pub(in crate::app) fn answer_sharing(
        &mut self,
        session: &SessionKey,
        share: bool,
        then: AfterSharing,
    ) {
        if let Some((open, _)) = self.sessions.pair_mut(session) {
            open.view.shares_clipboard = Some(share);
        }
        if share && then == AfterSharing::Paste && self.sessions.is_active(session) {
            self.clipboard.ask(PasteTarget::Page(session.clone()));
        }
    }

    /// Shares the clipboard with the session in front, or stops doing so.
    pub(in crate::app) fn toggle_sharing(&mut self) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        let (key, share) = (open.key.clone(), open.view.shares_clipboard != Some(true));
        self.answer_sharing(&key, share, AfterSharing::Nothing);
        self.notices.good(match share {
            true => "The clipboard is shared with this session while you have control",
            false => "The clipboard is not shared with this session",
        });
    }

    /// Asks the session in front for the text that is selected in its page.
    pub(in crate::app) fn ask_selected_in_page(&mut self) {
        let Some(key) = self.sessions.active_key() else {
            return;
        };
        match self.services.of(&key) {
            Ok(connection) => {
                self.clipboard.ask_selected_in_page(key.id, connection.service.clone());
            }
            Err(why) => self.notices.error(why),
        }
    }

    /// Copies the texts that pages had selected when they were asked.
    pub(in crate::app) fn copy_selected_in_pages(&mut self, ctx: &Context) {
        for selected in self.clipboard.take_selected_in_pages() {
            match selected {
                Ok(text) if text.is_empty() => {
                    self.notices.warn("No text is selected in the page");
                }
                Ok(text) => {
                    ctx.copy_text(text);
                    self.notices.good("The selected text is in the clipboard");
                }
                Err(why) => self.notices.error(format!("The text could not be copied: {why}")),
            }
        }
    }

    /// Types the text of the clipboard into what has the keyboard.
    pub(in crate::app) fn paste_text(&mut self) {
        self.clipboard.ask(PasteTarget::Window(ViewportId::ROOT));
    }
}
