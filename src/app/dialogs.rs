//! Keeps what dialogs wait for, what waits to be asked in one, and the long job that is under way.

use std::collections::VecDeque;

use super::notices::Notices;
use crate::net::NetError;
use crate::protocol::link::Link;
use crate::settings::ServiceProfile;
use crate::ui::modal::{Check, ConnectForm, Modal};
use crate::ui::state::ServiceView;

/// What dialogs wait for and what waits for them. The open dialog itself is in the window's state.
#[derive(Debug, Default)]
pub(super) struct Dialogs {
    last_trial: u64,
    /// The long job in words, such as "Starting Chromium".
    busy: Option<String>,
    /// Links to places that are not known, about which the user is asked in turn.
    links: VecDeque<Link>,
}

impl Dialogs {
    pub(super) fn busy(&self) -> Option<&str> {
        self.busy.as_deref()
    }

    /// Notes in words which long job is under way.
    pub(super) fn set_busy(&mut self, what: impl Into<String>) {
        self.busy = Some(what.into());
    }

    pub(super) fn set_idle(&mut self) {
        self.busy = None;
    }

    /// Lets a link wait until the user is asked about it.
    pub(super) fn ask_about(&mut self, link: Link) {
        self.links.push_back(link);
    }

    /// Asks the next question that waits, unless a dialog is open.
    pub(super) fn ask_next(&mut self, modal: &mut Option<Modal>) {
        if modal.is_none() {
            *modal = self.links.pop_front().map(Modal::ConfirmLink);
        }
    }

    /// Begins a trial for which the dialog in front waits. Returns its number.
    pub(super) fn begin_trial(&mut self, modal: &mut Option<Modal>) -> u64 {
        self.last_trial += 1;
        if let Some(check) = modal.as_mut().and_then(Modal::check) {
            *check = Check::Running(self.last_trial);
        }
        self.last_trial
    }

    /// Notes that a session is asked for. Its dialog waits for it, if it is open.
    pub(super) fn begin_creation(&mut self, modal: &mut Option<Modal>) {
        if matches!(modal, Some(Modal::NewSession(_))) {
            self.begin_trial(modal);
        }
    }

    /// Closes the dialog that asked for a session, which exists now.
    pub(super) fn created(&mut self, modal: &mut Option<Modal>) {
        self.busy = None;
        if creation(modal).is_some() {
            *modal = None;
        }
    }

    /// Tells why there is no session, in the dialog that waits for it, else in the corner.
    pub(super) fn not_created(
        &mut self,
        why: String,
        modal: &mut Option<Modal>,
        notices: &mut Notices,
    ) {
        self.busy = None;
        match creation(modal) {
            Some(check) => {
                tracing::warn!("{why}");
                *check = Check::Failed(why);
            }
            None => notices.error(why),
        }
    }
}

/// Returns the trial for which the dialog in front waits, if it has this number. A user who closed the dialog wants
/// nothing any more.
pub(super) fn awaited(modal: &mut Option<Modal>, trial: u64) -> Option<&mut Check> {
    let check = modal.as_mut().and_then(Modal::check);
    check.filter(|check| **check == Check::Running(trial))
}

/// Tells in the dialog why its trial failed. The dialog keeps what was typed.
pub(super) fn trial_failed(modal: &mut Option<Modal>, trial: u64, why: String) {
    if let Some(check) = awaited(modal, trial) {
        tracing::warn!("{why}");
        *check = Check::Failed(why);
    }
}

/// Returns the form for a service, filled with what is known. The key is not copied into it.
pub(super) fn service_form(
    name: &str,
    profiles: &[ServiceProfile],
    services: &[ServiceView],
) -> Option<Modal> {
    let known = profiles.iter().find(|profile| profile.name == name).cloned();
    // A service of the environment or the command line has no profile; the form lets the user keep it.
    let profile = known.or_else(|| {
        let view = services.iter().find(|service| service.name == name)?;
        Some(ServiceProfile {
            name: view.name.clone(),
            base_url: view.base_url.clone(),
            ..ServiceProfile::default()
        })
    })?;
    Some(Modal::Connect(ConnectForm {
        replaces: Some(profile.name.clone()),
        name: profile.name,
        kind: profile.kind,
        base_url: profile.base_url,
        space: profile.space,
        ..ConnectForm::default()
    }))
}

/// Returns the trial of the dialog for new sessions, where one is under way.
fn creation(modal: &mut Option<Modal>) -> Option<&mut Check> {
    match modal {
        Some(Modal::NewSession(form)) => Some(&mut form.check).filter(|it| it.is_running()),
        _ => None,
    }
}

/// Says that connecting to `name` failed, but only once: some errors say so themselves.
pub(super) fn not_connected(name: &str, err: &NetError) -> String {
    match err {
        NetError::Unreachable(why) => why.clone(),
        _ => format!("Could not connect to {name}: {err}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SessionKind;
    use crate::ui::action::NewSession;

    fn new_session() -> Option<Modal> {
        let new = NewSession {
            service: None,
            kind: SessionKind::Browser,
            width: 1280,
            height: 720,
            fits: false,
            url: String::new(),
        };
        Some(Modal::NewSession(new.into()))
    }

    #[test]
    fn links_are_asked_about_in_turn() {
        let link = |page| {
            let text = format!("helmsight://open?url=https%3A%2F%2Fa.test%2F{page}");
            Link::parse(&text).unwrap()
        };
        let mut dialogs = Dialogs::default();
        let mut modal = Some(Modal::Messages);
        dialogs.ask_about(link(1));
        dialogs.ask_about(link(2));
        dialogs.ask_next(&mut modal);
        assert!(matches!(modal, Some(Modal::Messages)));
        for page in [1, 2] {
            modal = None;
            dialogs.ask_next(&mut modal);
            assert!(matches!(&modal, Some(Modal::ConfirmLink(asked)) if *asked == link(page)));
        }
        modal = None;
        dialogs.ask_next(&mut modal);
        assert!(modal.is_none());
    }

    #[test]
    fn that_it_could_not_connect_is_said_once() {
        let lost = NetError::Unreachable("Could not connect to localhost:9: refused".to_owned());
        assert_eq!(not_connected("localhost", &lost), lost.to_string());
        let other = NetError::Invalid("No".to_owned());
        assert_eq!(not_connected("x", &other), "Could not connect to x: No");
    }

    #[test]
    fn only_the_dialog_that_still_waits_is_answered() {
        let mut dialogs = Dialogs::default();
        let mut modal = Some(Modal::Connect(ConnectForm::default()));
        let old = dialogs.begin_trial(&mut modal);
        let new = dialogs.begin_trial(&mut modal);
        assert!(awaited(&mut modal, old).is_none());
        trial_failed(&mut modal, old, "Too late".to_owned());
        assert!(awaited(&mut modal, new).is_some());
        trial_failed(&mut modal, new, "Refused".to_owned());
        let check = modal.as_mut().and_then(Modal::check);
        assert_eq!(check, Some(&mut Check::Failed("Refused".to_owned())));
        assert!(awaited(&mut modal, new).is_none());
        assert!(awaited(&mut None, new).is_none());
    }

    #[test]
    fn a_session_closes_the_dialog_that_asked_for_it_and_no_other() {
        let (mut dialogs, mut notices) = (Dialogs::default(), Notices::default());
        let mut modal = new_session();
        dialogs.set_busy("Creating the session");
        // A session that a button asked for comes while somebody types.
        dialogs.created(&mut modal);
        assert!(modal.is_some() && dialogs.busy().is_none());
        dialogs.begin_creation(&mut modal);
        dialogs.not_created("No".to_owned(), &mut modal, &mut notices);
        assert!(notices.shown().is_empty());
        dialogs.not_created("No".to_owned(), &mut modal, &mut notices);
        assert_eq!(notices.shown().len(), 1);
        dialogs.begin_creation(&mut modal);
        dialogs.created(&mut modal);
        assert!(modal.is_none());
    }
}
