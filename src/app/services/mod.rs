//! Holds the services that are connected to, with the sessions that each lists, and folds the news of their
//! directories.

mod connect;
mod profile;

pub(crate) use self::connect::{Connector, ConnectorAnswer, FoundService};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::jobs::Background;
use super::paired::Paired;
use crate::model::SessionSummary;
use crate::session::service::{
    Directory, DirectoryHandle, DirectoryNews, DirectoryTask, Interest, NewSessionRequest, Service,
};
use crate::settings::secrets::SecretError;
use crate::ui::state::{ServiceView, SessionKey};

/// The background end of a [`ServiceView`].
pub(crate) struct Connection {
    pub service: Arc<dyn Service>,
    pub directory: DirectoryHandle,
}

impl Connection {
    /// Begins to follow what `service` lists.
    pub(crate) fn start(
        service: Arc<dyn Service>,
        interest: Interest,
        background: &Background,
    ) -> Self {
        let Background { runtime, tracker, wake, .. } = background;
        let directory = Directory::start(runtime, tracker, service.clone(), wake.clone());
        directory.set_interest(interest);
        Self { service, directory }
    }
}

/// Every service, each under a name of its own.
pub(crate) struct Services<C = Connection> {
    list: Paired<ServiceView, C>,
    /// For services that are used without the key that they may have: why it could not be read.
    unread_keys: BTreeMap<String, SecretError>,
    /// Services of the settings whose key was given with an address, and goes before the one of the keyring.
    lent_keys: BTreeSet<String>,
    /// Sessions that are over and were taken off the list. Their services go on listing them for a while.
    removed: BTreeSet<SessionKey>,
}

/// What the app has to do about news of a service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ServiceNews {
    Created(SessionKey),
    Ended(SessionKey),
    NotCreated {
        /// The name of the service that was asked.
        service: String,
        /// The reason, in words for the user.
        why: String,
    },
    /// Something else that the user asked for did not happen; the text says why.
    Failed(String),
    /// The service wants its key, which could not be read; the text says what to do.
    KeyUnread(String),
}

impl<C> Default for Services<C> {
    fn default() -> Self {
        Self {
            list: Paired::default(),
            unread_keys: BTreeMap::new(),
            lent_keys: BTreeSet::new(),
            removed: BTreeSet::new(),
        }
    }
}

impl<C> Services<C> {
    /// Returns what panels read, in the order of the list.
    pub(crate) fn views(&self) -> &[ServiceView] {
        self.list.views()
    }

    pub(crate) fn view(&self, name: &str) -> Option<&ServiceView> {
        self.views().iter().find(|view| view.name == name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.view(name).is_some()
    }

    /// Returns the background end of a service.
    pub(crate) fn connection(&self, name: &str) -> Option<&C> {
        self.list.back(self.place_of(name)?)
    }

    /// Adds a service. One of the same name is replaced, and its place is kept.
    pub(crate) fn put(&mut self, view: ServiceView, connection: C) {
        match self.place_of(&view.name).and_then(|at| self.list.pair_mut(at)) {
            Some(known) => (*known.0, *known.1) = (view, connection),
            None => self.list.push(view, connection),
        }
    }

    /// Removes a service and ends its connection. Returns what panels read of it.
    pub(crate) fn remove(&mut self, name: &str) -> Option<ServiceView> {
        self.unread_keys.remove(name);
        self.lent_keys.remove(name);
        let (view, _) = self.list.remove(self.place_of(name)?);
        Some(view)
    }

    /// Renames a service, which keeps its place: the caller replaces it under its new name next.
    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        if let Some(view) = self.place_of(old).and_then(|at| self.list.view_mut(at)) {
            new.clone_into(&mut view.name);
        }
    }

    /// Remembers that a service's key could not be read, which is told only once the service wants one.
    pub(crate) fn key_unread(&mut self, name: &str, err: SecretError) {
        self.unread_keys.insert(name.to_owned(), err);
    }

    /// Notes that the key of a service was given with an address.
    pub(crate) fn key_lent(&mut self, name: &str) {
        self.lent_keys.insert(name.to_owned());
    }

    /// Tells whether the key of a service was given with an address.
    pub(crate) fn has_lent_key(&self, name: &str) -> bool {
        self.lent_keys.contains(name)
    }

    /// Forgets that a service's key could not be read, because the user has given one.
    pub(crate) fn key_given(&mut self, name: &str) {
        self.unread_keys.remove(name);
    }

    /// Takes a session that is over off its service's list, until the service itself forgets it.
    pub(crate) fn unlist(&mut self, session: SessionKey) {
        if let Some(view) = self.place_of(&session.service).and_then(|at| self.list.view_mut(at)) {
            view.sessions.retain(|listed| listed.id != session.id);
            self.removed.insert(session);
        }
    }

    pub(crate) fn close_all(&mut self) {
        self.list.clear();
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        self.views().iter().position(|view| view.name == name)
    }

    /// Folds one piece of news into what panels read, and returns what the app has to do about it.
    fn fold(&mut self, at: usize, news: DirectoryNews) -> Vec<ServiceNews> {
        let Some(view) = self.list.view_mut(at) else {
            return Vec::new();
        };
        match news {
            DirectoryNews::Listed(sessions) => {
                view.problem = None;
                view.wants_key = false;
                view.sessions = sessions;
                // A browser on this computer that was closed is gone, so there is nothing to choose.
                if view.local {
                    view.sessions.retain(|session| !session.ended);
                }
                // The same holds for what the user took off the list, until its service forgets it.
                hide_removed(&view.name, &mut view.sessions, &mut self.removed);
                Vec::new()
            }
            DirectoryNews::Created(session) => {
                let key = SessionKey { service: view.name.clone(), id: session.id.clone() };
                if !view.sessions.iter().any(|known| known.id == session.id) {
                    view.sessions.push(session);
                }
                vec![ServiceNews::Created(key)]
            }
            DirectoryNews::Ended(id) => {
                view.sessions.retain(|session| session.id != id);
                vec![ServiceNews::Ended(SessionKey { service: view.name.clone(), id })]
            }
            DirectoryNews::Failed { task, why, wants_key } => {
                let unread = wants_key.then(|| self.unread_keys.remove(&view.name)).flatten();
                let unread = unread.map(|err| {
                    let name = &view.name;
                    let text = format!("The key of “{name}” could not be read ({err}): connect to it again to give it");
                    ServiceNews::KeyUnread(text)
                });
                let words = format!("Could not {task}: {why}");
                let failed = match task {
                    // This is told at the service, not in the corner.
                    DirectoryTask::List => {
                        view.problem = Some(why);
                        view.wants_key = wants_key;
                        None
                    }
                    // The dialog that asked for the session tells it.
                    DirectoryTask::Create => {
                        Some(ServiceNews::NotCreated { service: view.name.clone(), why: words })
                    }
                    DirectoryTask::OpenStartPage | DirectoryTask::End => {
                        Some(ServiceNews::Failed(words))
                    }
                };
                unread.into_iter().chain(failed).collect()
            }
        }
    }
}

impl Services {
    /// Folds what the services told since the last call, and returns what the app has to do about it.
    pub(crate) fn take_news(&mut self) -> Vec<ServiceNews> {
        let pairs = self.list.pairs().enumerate();
        let told: Vec<_> = pairs
            .flat_map(|(at, (_, connection))| {
                connection.directory.take_news().into_iter().map(move |news| (at, news))
            })
            .collect();
        told.into_iter().flat_map(|(at, news)| self.fold(at, news)).collect()
    }

    /// Tells the directories how closely they are looked at.
    pub(crate) fn set_interest(&self, interest: Interest) {
        for (_, connection) in self.list.pairs() {
            connection.directory.set_interest(interest);
        }
    }

    /// Fetches all lists now.
    pub(crate) fn refresh(&self) {
        self.list.pairs().for_each(|(_, connection)| connection.directory.refresh());
    }

    /// Fetches the list of a session's service now.
    pub(crate) fn refresh_of(&self, session: &SessionKey) {
        if let Some(connection) = self.connection(&session.service) {
            connection.directory.refresh();
        }
    }

    /// Asks a service for a session. Returns whether there is such a service.
    pub(crate) fn create(&self, service: &str, request: NewSessionRequest) -> bool {
        let connection = self.connection(service);
        connection.map(|connection| connection.directory.create(request)).is_some()
    }

    /// Asks a session's service to end the session. An error tells the user that the service is not connected.
    pub(crate) fn end(&self, session: &SessionKey) -> Result<(), String> {
        self.of(session).map(|connection| connection.directory.end(&session.id))
    }

    /// Returns the service that has the session. An error tells the user that it is not connected.
    pub(crate) fn of(&self, session: &SessionKey) -> Result<&Connection, String> {
        let name = &session.service;
        self.connection(name).ok_or_else(|| format!("The service “{name}” is not connected"))
    }
}

/// Hides the sessions in `removed` that are over, and forgets those that `service` no longer lists.
fn hide_removed(
    service: &str,
    sessions: &mut Vec<SessionSummary>,
    removed: &mut BTreeSet<SessionKey>,
) {
    removed.retain(|key| {
        key.service != service || sessions.iter().any(|session| session.id == key.id)
    });
    let is_removed = |id: &str| removed.iter().any(|key| key.service == service && key.id == id);
    sessions.retain(|session| !(session.ended && is_removed(&session.id)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes services of these names, without a connection to any.
    fn services(names: &[&str]) -> Services<()> {
        let mut services = Services::default();
        for name in names {
            services.put(ServiceView { name: (*name).to_owned(), ..ServiceView::default() }, ());
        }
        services
    }

    fn key(id: &str) -> SessionKey {
        SessionKey { service: "cloud".to_owned(), id: id.to_owned() }
    }

    fn summary(id: &str, ended: bool) -> SessionSummary {
        SessionSummary { id: id.to_owned(), ended, ..SessionSummary::default() }
    }

    fn listed(services: &Services<()>) -> Vec<&str> {
        let view = services.view("cloud").unwrap();
        view.sessions.iter().map(|session| session.id.as_str()).collect()
    }

    #[test]
    fn a_service_keeps_its_place_under_another_name() {
        let mut services = services(&["a", "b", "c"]);
        services.rename("b", "new");
        services.put(
            ServiceView {
                name: "new".to_owned(),
                base_url: "https://new.test".to_owned(),
                ..ServiceView::default()
            },
            (),
        );
        services.remove("a");
        let names: Vec<_> = services.views().iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["new", "c"]);
        assert_eq!(services.view("new").unwrap().base_url, "https://new.test");
        assert!(!services.has("b") && services.connection("c").is_some());
    }

    #[test]
    fn a_session_that_was_taken_off_the_list_comes_back_only_alive() {
        let mut services = services(&["other", "cloud"]);
        let list = |ended| DirectoryNews::Listed(vec![summary("1", ended), summary("2", true)]);
        assert_eq!(services.fold(1, list(true)), []);
        assert_eq!(listed(&services), ["1", "2"]);
        services.unlist(key("1"));
        assert_eq!(listed(&services), ["2"]);
        services.fold(1, list(true));
        assert_eq!(listed(&services), ["2"]);
        services.fold(1, list(false));
        assert_eq!(listed(&services), ["1", "2"]);
        // Once its service has forgotten it, nothing is hidden any more.
        services.fold(1, DirectoryNews::Listed(Vec::new()));
        services.fold(1, list(true));
        assert_eq!(listed(&services), ["1", "2"]);
    }

    #[test]
    fn sessions_come_and_go_with_the_news() {
        let mut services = services(&["cloud"]);
        let created = DirectoryNews::Created(summary("1", false));
        assert_eq!(services.fold(0, created.clone()), [ServiceNews::Created(key("1"))]);
        services.fold(0, created);
        assert_eq!(listed(&services), ["1"]);
        let ended = DirectoryNews::Ended("1".to_owned());
        assert_eq!(services.fold(0, ended), [ServiceNews::Ended(key("1"))]);
        assert_eq!(listed(&services), [""; 0]);
    }

    #[test]
    fn a_key_that_was_not_read_is_told_once_and_only_where_one_is_wanted() {
        let mut services = services(&["cloud"]);
        let failed = |wants_key| DirectoryNews::Failed {
            task: DirectoryTask::List,
            why: "Refused".to_owned(),
            wants_key,
        };
        services.key_unread("cloud", SecretError::Unavailable("locked".to_owned()));
        assert_eq!(services.fold(0, failed(false)), []);
        assert!(!services.view("cloud").unwrap().wants_key);
        let told = services.fold(0, failed(true));
        assert!(matches!(&told[..], [ServiceNews::KeyUnread(text)] if text.contains("“cloud”")));
        assert_eq!(services.fold(0, failed(true)), []);
        assert!(services.view("cloud").unwrap().wants_key);
    }
}
