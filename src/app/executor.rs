//! The one executor of [`Action`]s, run after drawing.

use egui::Context;

use super::App;
use super::watched::{Watched, just_opened};
use crate::model::{Control, PeopleControl};
use crate::session::{self, OpenOptions, Pushed};
use crate::ui::Action;
use crate::ui::state::{OpenSession, SessionKey};

impl App {
    pub(super) fn run_pending(&mut self, ctx: &Context) {
        // What an action asks for in turn waits for the next pass.
        for action in std::mem::take(&mut self.pending) {
            self.act(ctx, action);
        }
    }

    fn act(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Run(command) => self.run(ctx, command),
            Action::Send(Control::People(PeopleControl::Rename(name))) => self.rename_user(name),
            Action::Send(control) => self.ask_session(control),
            Action::Open(key) => self.open(key),
            Action::Select(key) => self.select(&key),
            Action::Move { session, to } => self.move_session(&session, to),
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
            Action::SaveSnapshot { place } => self.save_snapshot(place),
            Action::GiveFile(place) => self.give_file(place),
            Action::Copy(text) => ctx.copy_text(text),
            Action::SetKeepAlive(on) => self.set_keep_alive(on),
            Action::Chat(action) => self.chat(action),
            Action::Dismiss { notice } => self.state.notices.retain(|known| known.id != notice),
        }
    }

    /// What a panel asks of the session in front, or why it can't be asked now.
    fn ask_session(&mut self, control: Control) {
        match self.state.active().and_then(OpenSession::why_away) {
            Some(why) => self.warn(why),
            None => self.send(control),
        }
    }

    /// To the session in front. A press that finds the queue full is refused, and that is told.
    pub(super) fn send(&mut self, control: Control) {
        let Some(watched) = self.active_watched() else {
            return;
        };
        match watched.handle.push(control) {
            Pushed::Queued | Pushed::Coalesced => (),
            Pushed::Full => self.error(
                "The session does not keep up with the input: what was typed last did not reach it",
            ),
        }
    }

    /// Brings a session to the front, and begins to watch it if it is not watched yet.
    pub(super) fn open(&mut self, key: SessionKey) {
        if let Some(at) = self.state.open.iter().position(|open| open.key == key) {
            return self.show_alone(at);
        }
        let Some(at) = self.state.services.iter().position(|service| service.name == key.service)
        else {
            return self.error(format!("The service “{}” is not connected", key.service));
        };
        let backend = self.services[at].service.session(&key.id);
        let handle = session::open(
            self.jobs.runtime(),
            self.jobs.tracker(),
            backend,
            &self.decode,
            self.jobs.wake().clone(),
            OpenOptions::default(),
        );
        handle.set_object_watch(self.shell.objects.watch_for(&key.path()));
        self.state.open.push(just_opened(key));
        self.watched.push(Watched::new(handle));
        self.bring_to_front(self.state.open.len() - 1);
    }

    pub(super) fn bring_to_front(&mut self, at: usize) {
        if at >= self.state.open.len() || self.state.active == Some(at) {
            return;
        }
        self.leave_control();
        self.state.active = Some(at);
    }

    pub(super) fn stop_watching(&mut self, key: &SessionKey) {
        let Some(at) = self.state.open.iter().position(|open| open.key == *key) else {
            return;
        };
        if self.state.active == Some(at) {
            self.leave_control();
        }
        let stopped = self.state.open.remove(at);
        if stopped.condition.is_over() {
            self.unlist(stopped.key);
        }
        self.watched.remove(at);
        self.shell.forget(key);
        self.state.active = match self.state.active {
            Some(active) if active > at => Some(active - 1),
            Some(active) if active == at => {
                self.state.open.len().checked_sub(1).map(|last| last.min(at))
            }
            active => active,
        };
    }

    /// Takes a session that is over off its service's list.
    fn unlist(&mut self, key: SessionKey) {
        let mut services = self.state.services.iter_mut();
        if let Some(service) = services.find(|service| service.name == key.service) {
            service.sessions.retain(|session| session.id != key.id);
            self.removed.insert(key);
        }
    }

    fn end(&mut self, key: &SessionKey) {
        match self.state.services.iter().position(|service| service.name == key.service) {
            Some(at) => self.services[at].directory.end(&key.id),
            None => self.error(format!("The service “{}” is not connected", key.service)),
        }
    }

    pub(super) fn set_keep_alive(&mut self, on: bool) {
        if let Some(watched) = self.active_watched() {
            watched.handle.set_keep_alive(on);
        }
    }

    /// Lifts everything that is down and takes mouse and keyboard back.
    pub(super) fn leave_control(&mut self) {
        for control in self.input.release_all() {
            self.send(control);
        }
        self.state.control = false;
        self.give_up_entered();
    }
}
