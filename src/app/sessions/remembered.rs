//! Remembers what was watched at the last time, and what waits until its service is known.

use super::OpenSessions;
use crate::settings::WatchedSession;
use crate::ui::state::SessionKey;

/// The sessions of the last time, which are opened again as soon as their services are known.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// The sessions that were watched at the last time, in order.
    last: Vec<SessionKey>,
    /// The sessions whose service is not known yet.
    awaited: Vec<SessionKey>,
}

impl<H> OpenSessions<H> {
    /// Lets everything that was watched at the last time wait for its service.
    pub(crate) fn reopen(&mut self, last: Vec<WatchedSession>) {
        let last =
            last.into_iter().map(|WatchedSession { service, id }| SessionKey { service, id });
        let last: Vec<_> = last.collect();
        self.remembered = Remembered { awaited: last.clone(), last };
    }

    /// Lets `session` wait until its service is known.
    pub(crate) fn wait_for(&mut self, session: SessionKey) {
        self.remembered.awaited.push(session);
    }

    /// Takes the sessions that can be opened now, because `is_known` holds for them.
    pub(crate) fn take_ready(&mut self, is_known: impl Fn(&SessionKey) -> bool) -> Vec<SessionKey> {
        let awaited = std::mem::take(&mut self.remembered.awaited);
        let (ready, awaited) = awaited.into_iter().partition(is_known);
        self.remembered.awaited = awaited;
        ready
    }

    /// Returns the place that restores the old order among those that are open, whichever service was known first;
    /// `None` means the end.
    pub(crate) fn old_place_of(&self, session: &SessionKey) -> Option<usize> {
        let rank = |key: &SessionKey| self.remembered.last.iter().position(|one| one == key);
        let own = rank(session)?;
        self.views().iter().position(|open| rank(&open.key) > Some(own))
    }

    /// Returns what the settings keep for the next time: the open sessions that last, and those that still wait.
    pub(crate) fn for_next_time(&self, lasts: impl Fn(&SessionKey) -> bool) -> Vec<WatchedSession> {
        let open = self.views().iter().map(|open| &open.key).filter(|key| lasts(key));
        let all = open.chain(&self.remembered.awaited);
        all.map(|key| WatchedSession { service: key.service.clone(), id: key.id.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{key, watching};
    use super::*;

    fn last(ids: &[&str]) -> Vec<WatchedSession> {
        let one = |id: &&str| {
            let SessionKey { service, id } = key(id);
            WatchedSession { service, id }
        };
        ids.iter().map(one).collect()
    }

    #[test]
    fn a_session_waits_for_its_service_and_is_not_forgotten_meanwhile() {
        let mut sessions = watching(&["z", "passing"]);
        sessions.reopen(last(&["a", "b"]));
        let other = SessionKey { service: "other".to_owned(), id: "c".to_owned() };
        sessions.wait_for(other.clone());
        assert_eq!(sessions.take_ready(|_| false), []);
        assert_eq!(sessions.take_ready(|key| key.service == "other"), [other]);
        assert_eq!(sessions.for_next_time(|key| key.id != "passing"), last(&["z", "a", "b"]));
        assert_eq!(sessions.take_ready(|_| true), [key("a"), key("b")]);
        assert_eq!(sessions.for_next_time(|_| false), []);
    }

    #[test]
    fn whichever_service_is_known_first_the_old_order_comes_back() {
        for (open, opened, place) in [
            (&["b", "c"][..], "a", Some(0)),
            (&["a", "c"], "b", Some(1)),
            (&["a", "b"], "c", None),
            (&["c", "new"], "b", Some(0)),
            (&["a"], "new", None),
        ] {
            let mut sessions = watching(open);
            sessions.reopen(last(&["a", "b", "c"]));
            assert_eq!(sessions.old_place_of(&key(opened)), place, "{open:?}");
        }
    }
}
