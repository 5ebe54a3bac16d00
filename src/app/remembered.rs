//! Remembers what was watched at the last time, and what waits until its service is known.

use crate::settings::WatchedSession;
use crate::ui::state::{OpenSession, SessionKey};

/// The sessions of the last time, which are opened again as soon as their services are known.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// The sessions that were watched at the last time, in order.
    last: Vec<SessionKey>,
    /// The sessions whose service is not known yet.
    awaited: Vec<SessionKey>,
}

impl Remembered {
    /// Lets everything that was watched at the last time wait for its service.
    pub(super) fn reopening(last: Vec<WatchedSession>) -> Self {
        let last: Vec<_> = last
            .into_iter()
            .map(|WatchedSession { service, id }| SessionKey { service, id })
            .collect();
        Self { awaited: last.clone(), last }
    }

    /// Lets `session` wait until its service is known.
    pub(super) fn wait_for(&mut self, session: SessionKey) {
        self.awaited.push(session);
    }

    /// Takes the sessions that can be opened now, because their service is known.
    pub(super) fn take_ready(&mut self, is_known: impl Fn(&str) -> bool) -> Vec<SessionKey> {
        let awaited = std::mem::take(&mut self.awaited);
        let (ready, awaited) = awaited.into_iter().partition(|key| is_known(&key.service));
        self.awaited = awaited;
        ready
    }

    /// Returns the place that restores the old order among those that are open, whichever service was known first;
    /// `None` means the end.
    pub(super) fn place_for(&self, session: &SessionKey, open: &[OpenSession]) -> Option<usize> {
        let rank = |key: &SessionKey| self.last.iter().position(|one| one == key);
        let own = rank(session)?;
        open.iter().position(|open| rank(&open.key) > Some(own))
    }

    /// Returns what the settings keep for the next time: the sessions that are `open`, and those that still wait.
    pub(super) fn for_next_time<'a>(
        &'a self,
        open: impl Iterator<Item = &'a SessionKey>,
    ) -> Vec<WatchedSession> {
        let all = open.chain(&self.awaited);
        all.map(|key| WatchedSession { service: key.service.clone(), id: key.id.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sessions::tests::{key, watching};
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
        let mut remembered = Remembered::reopening(last(&["a", "b"]));
        let other = SessionKey { service: "other".to_owned(), id: "c".to_owned() };
        remembered.wait_for(other.clone());
        assert_eq!(remembered.take_ready(|_| false), []);
        assert_eq!(remembered.take_ready(|service| service == "other"), [other]);
        let open = key("z");
        assert_eq!(remembered.for_next_time([&open].into_iter()), last(&["z", "a", "b"]));
        assert_eq!(remembered.take_ready(|_| true), [key("a"), key("b")]);
        assert_eq!(remembered.for_next_time(std::iter::empty()), []);
    }

    #[test]
    fn whichever_service_is_known_first_the_old_order_comes_back() {
        let remembered = Remembered::reopening(last(&["a", "b", "c"]));
        for (open, opened, place) in [
            (&["b", "c"][..], "a", Some(0)),
            (&["a", "c"], "b", Some(1)),
            (&["a", "b"], "c", None),
            (&["c", "new"], "b", Some(0)),
            (&["a"], "new", None),
        ] {
            let sessions = watching(open);
            assert_eq!(remembered.place_for(&key(opened), sessions.views()), place, "{open:?}");
        }
    }
}
