//! Remembers what was opened, what has ended, and what the user says of sessions.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::{cameras, local_host};
use crate::model::Condition;
use crate::settings::{EndedSession, RecentSession, SessionLabel};
use crate::ui::state::SessionKey;

impl App {
    /// Gives watched sessions the names that the user gave them, and notes those that have ended.
    pub(in crate::app) fn follow_sessions(&mut self) {
        self.sessions.give_names(&self.kept.memory);
        let over = self.sessions.views().iter().filter_map(|open| match &open.condition {
            Condition::Ended { why } => Some((open.key.clone(), why.clone())),
            _ => None,
        });
        let over: Vec<_> = over.collect();
        for (key, why) in over {
            self.note_end(&key, &why);
        }
        self.follow_reach();
        let open: BTreeSet<_> = self.sessions.views().iter().map(|open| &open.key).collect();
        self.ended.retain(|key| open.contains(key));
    }

    /// Fetches the list of a service anew once a session of it is reached or lost, so that the list says the same as the
    /// session itself.
    fn follow_reach(&mut self) {
        for open in self.sessions.views() {
            let changed = match open.condition.is_away() {
                true => self.reached.remove(&open.key),
                false => self.reached.insert(open.key.clone()),
            };
            if changed {
                self.services.refresh_of(&open.key);
            }
        }
        let sessions = &self.sessions;
        self.reached.retain(|key| sessions.place_of(key).is_some());
    }

    /// Keeps what the user says of a session.
    pub(in crate::app) fn label(&mut self, label: SessionLabel) {
        self.kept.memory.set_label(label);
        self.sessions.give_names(&self.kept.memory);
        self.save_settings();
    }

    /// Notes that a watched session has ended, once.
    pub(in crate::app) fn note_end(&mut self, key: &SessionKey, how: &str) {
        let Some(open) = self.sessions.by_key(key) else {
            return;
        };
        // What a camera or the sample shows is over for the window only.
        if cameras::is_passing(key, &self.kept.settings) || !self.ended.insert(key.clone()) {
            return;
        }
        let page = open.view.active_tab().map_or(&open.view.page.url, |tab| &tab.url);
        self.kept.memory.note_end(EndedSession {
            service: key.service.clone(),
            id: key.id.clone(),
            title: open.name.clone(),
            address: page.clone(),
            at: self.clock.wall,
            how: if how.is_empty() { "Ended".to_owned() } else { how.to_owned() },
        });
    }

    /// Notes that the sessions of this window's own host end with it.
    pub(in crate::app) fn note_ends_with_window(&mut self) {
        let views = self.sessions.views().iter();
        let ours = views.filter(|open| open.key.service == local_host::SERVICE);
        let ours: Vec<_> = ours.map(|open| open.key.clone()).collect();
        for key in ours {
            self.note_end(&key, "Ended with the window");
        }
    }

    /// Notes that a session is watched that may still be there the next time.
    pub(in crate::app) fn note_watched(&mut self, key: &SessionKey) {
        let lasts = key.service != local_host::SERVICE && key.service != cameras::SERVICE;
        let Some(open) = self.sessions.by_key(key).filter(|_| lasts) else {
            return;
        };
        if open.condition.is_over() {
            return;
        }
        let listed = self.services.view(&key.service);
        let listed = listed.and_then(|view| view.sessions.iter().find(|it| it.id == key.id));
        let listed = listed.and_then(|session| session.title.clone());
        let is_named = open.name != key.id;
        let title = if is_named { open.name.clone() } else { listed.unwrap_or_default() };
        let (service, id) = (key.service.clone(), key.id.clone());
        self.kept.memory.note_session(RecentSession { service, id, title });
    }

    /// Forgets what was opened and what has ended.
    pub(in crate::app) fn clear_history(&mut self) {
        self.kept.memory.forget();
        self.save_settings();
        self.notices.good("What was opened and what has ended is forgotten");
    }
}
