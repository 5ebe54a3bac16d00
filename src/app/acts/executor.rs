//! Executes [`Action`]s, after drawing. Nothing else does.

use egui::Context;

use crate::app::App;
use crate::app::dialogs::service_form;
use crate::app::files::AskingPage;
use crate::model::log::Row;
use crate::model::people::AGENT;
use crate::model::{Control, PeopleControl};
use crate::ui::Action;
use crate::ui::action::{ChatAction, LogFormat, LogRows, NewSession, SavePlace};
use crate::ui::modal::Saving;
use crate::ui::state::{OpenSession, SessionKey};

impl App {
    /// Runs what was asked for since the last call.
    pub(in crate::app) fn run_pending(&mut self, ctx: &Context) {
        // Actions that an action asks for wait for the next pass.
        for action in std::mem::take(&mut self.pending) {
            self.act(ctx, action);
        }
    }

    fn act(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Run(command) => self.run(ctx, command),
            Action::Send(Control::People(PeopleControl::Rename { name })) => self.rename_user(name),
            Action::Send(control) => self.ask_session(control),
            Action::Open(key) => self.open(key),
            Action::Select(key) => self.select(&key),
            Action::Move { session, to } => self.sessions.shift(&session, to),
            Action::StopWatching(key) => self.stop_watching(&key),
            Action::End(key) => self.end(&key),
            Action::Create(new) => self.create_and_tell(new),
            Action::Connect(new) => self.connect(new),
            Action::EditService(name) => self.edit_service(&name),
            Action::FollowLink(link) => self.follow_and_remember(&link),
            Action::Forget { service } => self.forget_service(&service),
            Action::AddCamera(new) => self.add_camera(new),
            Action::EditCamera(name) => self.edit_camera(&name),
            Action::RemoveCamera(name) => self.remove_camera(&name),
            Action::SaveLog { format, rows, place } => self.save_log(format, rows, place),
            Action::SavePage { place } => self.save_page(place),
            Action::SaveSnapshot { place } => self.save_snapshot(place),
            Action::GiveFile(place) => self.give_file(place),
            Action::RunScript { key, script } => self.run_script(&key, script),
            Action::Label(label) => self.label(label),
            Action::ShareClipboard { session, share, then } => {
                self.answer_sharing(&session, share, then);
            }
            Action::Set { setting, value } => self.set(ctx, setting, &value),
            Action::SetKeys { command, keys } => self.set_keys(ctx, command, keys),
            Action::Quit { ask_again } => self.quit_now(ctx, ask_again),
            Action::Copy(text) => ctx.copy_text(text),
            Action::SetKeepAlive(on) => self.set_keep_alive(on),
            Action::Chat(ChatAction::Keep(keep)) => self.kept.settings.keep_chats = keep,
            Action::Chat(action) => self.chats.act(action, &self.sessions, &mut self.notices),
            Action::GoTo { session, about } => self.go_to(session, about),
            Action::MarkConcern { concern, mark } => self.concerns.mark(concern, mark),
            Action::Dismiss { notice } => self.notices.dismiss(notice),
        }
    }

    /// Sends a panel's request to the session in front, or tells why that is not possible now.
    fn ask_session(&mut self, control: Control) {
        match self.sessions.active().and_then(OpenSession::why_away) {
            Some(why) => self.notices.warn(why),
            None => self.send(control),
        }
    }

    /// Changes the user's name in every session and in the settings.
    fn rename_user(&mut self, name: String) {
        self.sessions.rename_user(&name);
        self.kept.settings.user_name = name;
    }

    fn end(&mut self, key: &SessionKey) {
        if let Err(why) = self.services.end(key) {
            self.notices.error(why);
        }
    }

    /// Creates a session. If the dialog for new sessions is open, it waits for the outcome.
    fn create_and_tell(&mut self, new: NewSession) {
        self.dialogs.begin_creation(&mut self.window.modal);
        self.create(new);
    }

    fn edit_service(&mut self, name: &str) {
        let form = service_form(name, &self.kept.settings.profiles, self.services.views());
        if let Some(form) = form {
            self.window.modal = Some(form);
        }
    }

    fn save_snapshot(&mut self, place: SavePlace) {
        let path = self.files.path_or_ask(Saving::Snapshot, place, &mut self.window.modal);
        let Some(path) = path else {
            return;
        };
        match self.sessions.active_watched().and_then(|watched| watched.source.clone()) {
            Some(source) => self.files.save_snapshot(path, source),
            None => self.notices.error("There is no picture to save yet"),
        }
    }

    /// Saves the page that is in front when its place is known.
    fn save_page(&mut self, place: SavePlace) {
        let path = self.files.path_or_ask(Saving::Page, place, &mut self.window.modal);
        let (Some(path), Some(page)) = (path, self.sessions.active().map(AskingPage::of)) else {
            return;
        };
        match self.services.of(&page.session) {
            Ok(connection) => {
                self.files.save_page(path, page, connection.service.clone());
                self.dialogs.set_busy("Saving the page as a PDF".to_owned());
            }
            Err(why) => self.notices.error(why),
        }
    }

    fn run_script(&mut self, key: &SessionKey, script: String) {
        let open = self.sessions.by_key(key);
        let from = open.map(|open| open.view.people.me).filter(|me| *me != AGENT);
        match self.services.of(key) {
            Ok(connection) => {
                let service = connection.service.clone();
                self.scripts.run(key.id.clone(), script, from, service, &mut self.window.modal);
            }
            Err(why) => self.notices.error(why),
        }
    }

    fn save_log(&mut self, format: LogFormat, rows: LogRows, place: SavePlace) {
        let what = Saving::Log(format, rows);
        let Some(path) = self.files.path_or_ask(what, place, &mut self.window.modal) else {
            return;
        };
        let Some(open) = self.sessions.active() else {
            return;
        };
        // The log is copied now and written in the background, so that what is saved is what is seen.
        let log = &mut self.window.of(&open.key).side.log;
        let rows: Vec<Row> = log.rows(&open.view.log, rows).cloned().collect();
        self.files.save_log(path, format, rows, open.view.log.len());
    }
}
