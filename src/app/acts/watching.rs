//! Begins and ends the watching of sessions, and brings sessions to the front.

use crate::app::App;
use crate::app::kept::remember_window;
use crate::app::{cameras, local_host, steering};
use crate::model::Control;
use crate::ui::state::SessionKey;

impl App {
    /// Brings a session to the front, and begins to watch it if it is not watched yet.
    pub(in crate::app) fn open(&mut self, key: SessionKey) {
        if let Some(at) = self.sessions.place_of(&key) {
            return self.show_alone(at);
        }
        let backend = match self.services.of(&key) {
            Ok(connection) => connection.service.session(&key.id),
            Err(why) => return self.notices.error(why),
        };
        let handle = self.background.watch(backend);
        self.sessions.open(key.clone(), handle);
        self.note_watched(&key);
        self.bring_to_front(self.sessions.views().len() - 1);
    }

    /// Leaves control before another session comes to the front: control does not go from one session to another.
    pub(in crate::app) fn bring_to_front(&mut self, at: usize) {
        if self.sessions.would_change_front(at) {
            self.leave_control();
            self.sessions.set_front(at);
        }
    }

    pub(in crate::app) fn select(&mut self, key: &SessionKey) {
        if let Some(at) = self.sessions.place_of(key) {
            self.bring_to_front(at);
        }
    }

    /// Shows one session in place of the wall or of another session.
    pub(in crate::app) fn show_alone(&mut self, at: usize) {
        let count = self.sessions.views().len();
        if at < count || count == 0 {
            self.sessions.leave_wall();
        }
        self.bring_to_front(at);
    }

    pub(in crate::app) fn show_wall(&mut self) {
        self.leave_control();
        self.sessions.show_wall();
        self.window.wall.wants_focus = true;
    }

    /// Closes the connection to a session and forgets what the window remembers of it. The session itself goes on.
    pub(in crate::app) fn stop_watching(&mut self, key: &SessionKey) {
        if self.sessions.is_active(key) {
            self.leave_control();
        }
        self.note_watched(key);
        let Some(closed) = self.sessions.close(key) else {
            return;
        };
        if closed.is_over {
            self.services.unlist(closed.key);
        }
        self.window.forget(key);
    }

    /// Lifts everything that is down and takes mouse and keyboard back.
    pub(in crate::app) fn leave_control(&mut self) {
        self.steering.leave(&self.sessions, &mut self.notices);
    }

    /// Sends a control to the session in front.
    pub(in crate::app) fn send(&mut self, control: impl Into<Control>) {
        steering::send(&self.sessions, control, &mut self.notices);
    }

    /// Copies what the window remembers to the settings.
    pub(in crate::app) fn remember_window(&mut self) {
        let (settings, front) = (&mut self.kept.settings, self.sessions.active_key());
        remember_window(settings, &self.window, front.as_ref(), self.sessions.on_wall());
    }

    /// Copies what the window remembers to the settings, and writes what changed.
    pub(in crate::app) fn save_settings(&mut self) {
        self.remember_window();
        let settings = &mut self.kept.settings;
        let lasts = |key: &SessionKey| {
            key.service != local_host::SERVICE && !cameras::is_passing(key, settings)
        };
        settings.last_sessions = self.sessions.for_next_time(lasts);
        if let Err(err) = self.kept.save_all() {
            self.notices.error(err.to_string());
        }
    }
}
