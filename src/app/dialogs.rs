//! What dialogs wait for, and the form for a service that is known.

use super::App;
use crate::net::NetError;
use crate::settings::Profile;
use crate::ui::action::NewSession;
use crate::ui::modal::{Check, ConnectForm, Modal};
use crate::ui::state::SessionKey;

/// Sessions of one service that are watched, to be watched anew.
pub(super) struct WatchedThere {
    front: Option<SessionKey>,
    places: Vec<(usize, SessionKey)>,
}

impl App {
    /// The number of a trial that the dialog in front waits for.
    pub(super) fn begin_check(&mut self) -> u64 {
        self.next_check += 1;
        if let Some(check) = self.shell.modal.as_mut().and_then(Modal::check) {
            *check = Check::Running(self.next_check);
        }
        self.next_check
    }

    /// Whether its dialog is still open: who closed it wants nothing any more.
    pub(super) fn awaits(&mut self, trial: u64) -> bool {
        let check = self.shell.modal.as_mut().and_then(Modal::check);
        check.is_some_and(|check| *check == Check::Running(trial))
    }

    /// Told in the dialog, which keeps what was typed.
    pub(super) fn check_failed(&mut self, trial: u64, why: String) {
        if self.awaits(trial)
            && let Some(check) = self.shell.modal.as_mut().and_then(Modal::check)
        {
            tracing::warn!("{why}");
            *check = Check::Failed(why);
        }
    }

    pub(super) fn check_passed(&mut self, trial: u64) {
        if self.awaits(trial) {
            self.shell.modal = None;
        }
    }

    /// As the dialog for new sessions asks, if it is open.
    pub(super) fn create_and_tell(&mut self, new: NewSession) {
        if matches!(self.shell.modal, Some(Modal::NewSession(_))) {
            self.begin_check();
        }
        self.create(new);
    }

    /// There is a session: the dialog that asked for it has done its work.
    pub(super) fn created(&mut self) {
        self.state.busy = None;
        if self.creation().is_some() {
            self.shell.modal = None;
        }
    }

    /// Told in the dialog that waits for the session, else in the corner.
    pub(super) fn creation_failed(&mut self, why: String) {
        self.state.busy = None;
        match self.creation() {
            Some(check) => {
                tracing::warn!("{why}");
                *check = Check::Failed(why);
            }
            None => self.error(why),
        }
    }

    fn creation(&mut self) -> Option<&mut Check> {
        match &mut self.shell.modal {
            Some(Modal::NewSession(form)) => Some(&mut form.check).filter(|it| it.is_running()),
            _ => None,
        }
    }

    /// Opens the form, filled with what is known; the key stays where it is.
    pub(super) fn edit_service(&mut self, name: &str) {
        let mut profiles = self.settings.profiles.iter();
        let known = profiles.find(|profile| profile.name == name).cloned();
        let mut services = self.state.services.iter();
        // Of the environment or the command line: here it can be kept.
        let profile = known.or_else(|| {
            let view = services.find(|service| service.name == name)?;
            Some(Profile {
                name: view.name.clone(),
                base_url: view.base_url.clone(),
                ..Profile::default()
            })
        });
        if let Some(profile) = profile {
            self.shell.modal = Some(Modal::Connect(ConnectForm {
                replaces: Some(profile.name.clone()),
                name: profile.name,
                kind: profile.kind,
                base_url: profile.base_url,
                space: profile.space,
                ..ConnectForm::default()
            }));
        }
    }

    /// Stops watching what `service` has: it is watched with credentials that are no longer those.
    pub(super) fn leave_service(&mut self, service: &str) -> WatchedThere {
        let open = self.state.open.iter().enumerate();
        let places: Vec<_> = open
            .filter(|(_, open)| open.key.service == service)
            .map(|(at, open)| (at, open.key.clone()))
            .collect();
        let front = self.state.active().map(|open| open.key.clone());
        for (_, key) in &places {
            self.stop_watching(key);
        }
        WatchedThere { front, places }
    }

    /// Watches it anew, each at its place.
    pub(super) fn return_to_service(&mut self, service: &str, watched: WatchedThere) {
        let WatchedThere { mut front, places } = watched;
        let on_wall = self.state.on_wall;
        for (place, old) in places {
            let key = SessionKey { service: service.to_owned(), id: old.id.clone() };
            self.open(key.clone());
            self.move_session(&key, place);
            if front.as_ref() == Some(&old) {
                front = Some(key);
            }
        }
        if let Some(front) = front.and_then(|key| self.place_of(&key)) {
            self.bring_to_front(front);
        }
        self.state.on_wall = on_wall;
    }
}

/// Network errors that say it themselves are not told twice.
pub(super) fn not_connected(name: &str, err: &NetError) -> String {
    let why = err.to_string();
    match why.starts_with("Could not connect") {
        true => why,
        false => format!("Could not connect to {name}: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_it_could_not_connect_is_said_once() {
        let lost = NetError::Lost("Could not connect to localhost:9: refused".to_owned());
        assert_eq!(not_connected("localhost", &lost), lost.to_string());
        let other = NetError::Invalid("No".to_owned());
        assert_eq!(not_connected("x", &other), "Could not connect to x: No");
    }
}
