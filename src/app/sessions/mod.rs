//! Holds the sessions that are watched, in order, and knows which of them is in front and whether all are on the wall.

mod chat_link;
mod pointing;
mod remembered;
mod roster;
mod shown;
mod watched;

pub(crate) use self::chat_link::ChatLink;
pub(crate) use self::roster::{RosterChange, RosterNews};
pub(crate) use self::watched::Watched;

use self::remembered::Remembered;
use super::paired::Paired;
use crate::base::text::one_line;
use crate::model::{Condition, Control, Copied, ObjectChoices, SessionView};
use crate::session::{Pushed, SessionHandle};
use crate::settings::WindowMemory;
use crate::ui::state::{OpenSession, SessionKey};

/// A direction in a row whose ends meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Neighbor {
    Next,
    Previous,
}

impl Neighbor {
    /// Returns the place beside `at` in a row of `count`, which is not empty.
    pub(crate) fn of(self, at: usize, count: usize) -> usize {
        match self {
            Self::Next => (at + 1) % count,
            Self::Previous => (at + count - 1) % count,
        }
    }
}

/// The way to a session: its handle, and in tests a list of what was sent.
pub(crate) trait ControlSink {
    fn push(&self, control: Control) -> Pushed;
}

impl ControlSink for SessionHandle {
    fn push(&self, control: Control) -> Pushed {
        Self::push(self, control)
    }
}

/// Every watched session, in the order of tiles, of the number keys and of what is remembered.
pub(crate) struct OpenSessions<H = SessionHandle> {
    list: Paired<OpenSession, Watched<H>>,
    /// The place in `list` of the session in front, or of the selected tile on the wall. It is `None` where nothing is
    /// watched, and on a wall where nothing was selected.
    active: Option<usize>,
    on_wall: bool,
    /// The session in front was opened from the wall, so Escape leads back.
    left_wall: bool,
    /// What each session is told to look for in its pictures.
    objects: ObjectChoices,
    remembered: Remembered,
}

/// A session that is not watched any more.
pub(crate) struct Closed {
    pub key: SessionKey,
    /// The session no longer exists, or it can't be watched again.
    pub is_over: bool,
}

impl<H> OpenSessions<H> {
    pub(crate) fn new(objects: ObjectChoices) -> Self {
        Self {
            list: Paired::default(),
            active: None,
            on_wall: false,
            left_wall: false,
            objects,
            remembered: Remembered::default(),
        }
    }

    /// Returns what panels read, in order.
    pub(crate) fn views(&self) -> &[OpenSession] {
        self.list.views()
    }

    pub(crate) fn on_wall(&self) -> bool {
        self.on_wall
    }

    /// Gives the sessions the names that the user gave them.
    pub(crate) fn give_names(&mut self, memory: &WindowMemory) {
        for (open, _) in self.list.pairs_mut() {
            let label = memory.label(&open.key.service, &open.key.id);
            if let Some(label) = label.filter(|label| !label.name.is_empty()) {
                open.name.clone_from(&label.name);
            }
        }
    }

    /// Tells whether Escape leads to the wall.
    pub(crate) fn is_away_from_wall(&self) -> bool {
        self.left_wall && !self.on_wall
    }

    /// Returns the place of the session in front.
    pub(crate) fn active_place(&self) -> Option<usize> {
        self.active
    }

    /// Returns what panels read of the session in front.
    pub(crate) fn active(&self) -> Option<&OpenSession> {
        self.views().get(self.active?)
    }

    pub(crate) fn active_key(&self) -> Option<SessionKey> {
        self.active().map(|open| open.key.clone())
    }

    /// Returns the background end of the session in front.
    pub(crate) fn active_watched(&self) -> Option<&Watched<H>> {
        self.list.back(self.active?)
    }

    pub(crate) fn place_of(&self, key: &SessionKey) -> Option<usize> {
        self.views().iter().position(|open| open.key == *key)
    }

    pub(crate) fn by_key(&self, key: &SessionKey) -> Option<&OpenSession> {
        self.views().iter().find(|open| open.key == *key)
    }

    /// Returns both faces of a session, for whoever keeps something beside its handle.
    pub(crate) fn pair_mut(
        &mut self,
        key: &SessionKey,
    ) -> Option<(&mut OpenSession, &mut Watched<H>)> {
        self.list.pair_mut(self.place_of(key)?)
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&OpenSession, &Watched<H>)> {
        self.list.pairs()
    }

    pub(crate) fn pairs_mut(
        &mut self,
    ) -> impl Iterator<Item = (&mut OpenSession, &mut Watched<H>)> {
        self.list.pairs_mut()
    }

    /// Returns the place beside the session in front.
    pub(crate) fn place_beside(&self, neighbor: Neighbor) -> Option<usize> {
        self.active.map(|active| neighbor.of(active, self.list.len()))
    }

    /// Tells whether [`Self::set_front`] would bring another session to the front.
    pub(crate) fn would_change_front(&self, at: usize) -> bool {
        at < self.list.len() && self.active != Some(at)
    }

    /// Brings the session at this place to the front, or selects its tile.
    pub(crate) fn set_front(&mut self, at: usize) {
        if at < self.list.len() {
            self.active = Some(at);
        }
    }

    /// Shows the session in front alone in place of the wall.
    pub(crate) fn leave_wall(&mut self) {
        self.left_wall |= self.on_wall;
        self.on_wall = false;
    }

    /// Shows all sessions as tiles, one of which is selected where there is any.
    pub(crate) fn show_wall(&mut self) {
        self.on_wall = true;
        if self.active.is_none() && self.list.len() > 0 {
            self.active = Some(0);
        }
    }

    /// Restores whether the wall is shown, after sessions were watched anew.
    pub(crate) fn set_on_wall(&mut self, on_wall: bool) {
        self.on_wall = on_wall;
    }

    /// Gives a session another place; a place beyond the end is the last one.
    pub(crate) fn shift(&mut self, key: &SessionKey, to: usize) {
        let Some(from) = self.place_of(key) else {
            return;
        };
        let active = self.active_key();
        self.list.shift(from, to.min(self.list.len() - 1));
        self.active = active.and_then(|key| self.place_of(&key));
    }

    /// Closes the connection to a session. If it was in front, the next session takes its place.
    pub(crate) fn close(&mut self, key: &SessionKey) -> Option<Closed> {
        let at = self.place_of(key)?;
        let (open, _) = self.list.remove(at);
        self.active = match self.active {
            Some(active) if active > at => Some(active - 1),
            Some(active) if active == at => self.list.len().checked_sub(1).map(|last| last.min(at)),
            active => active,
        };
        Some(Closed { key: open.key, is_over: open.condition.is_over() })
    }

    pub(crate) fn close_all(&mut self) {
        self.list.clear();
        self.active = None;
    }

    /// Tells whether a session is shown alone, where what calls for attention stands above its picture.
    pub(crate) fn is_in_front(&self, key: &SessionKey) -> bool {
        !self.on_wall && self.is_active(key)
    }

    pub(crate) fn is_active(&self, key: &SessionKey) -> bool {
        self.active().is_some_and(|open| open.key == *key)
    }

    /// Returns " in “Shop”", to be put after a sentence; it is empty where there is only one session.
    pub(crate) fn place_in_words(&self, key: &SessionKey) -> String {
        match self.by_key(key) {
            Some(open) if self.list.len() > 1 => format!(" in “{}”", one_line(&open.name, 40)),
            Some(_) | None => String::new(),
        }
    }

    /// Takes what was copied in the pages of sessions since the last call.
    pub(crate) fn take_copied(&mut self) -> Vec<(SessionKey, Copied)> {
        let taken = self.list.pairs_mut();
        taken.filter_map(|(open, _)| Some((open.key.clone(), open.view.copied.take()?))).collect()
    }

    /// Takes the sessions that refused something since the last call, with the reason in words.
    pub(crate) fn take_refusals(&mut self) -> Vec<(SessionKey, String)> {
        let mut refusals = Vec::new();
        for (open, _) in self.list.pairs_mut() {
            let refused = std::mem::take(&mut open.view.refused);
            refusals.extend(refused.into_iter().map(|why| (open.key.clone(), why)));
        }
        refusals
    }
}

impl<H: ControlSink> OpenSessions<H> {
    /// Sends a control to the session in front, if there is one.
    pub(crate) fn send(&self, control: impl Into<Control>) -> Pushed {
        let active = self.active_watched();
        active.map_or(Pushed::Queued, |watched| watched.handle.push(control.into()))
    }

    /// Adds a session as the last in order.
    pub(crate) fn push(&mut self, key: SessionKey, handle: H) {
        self.list.push(just_opened(key), Watched::new(handle));
    }
}

impl OpenSessions {
    /// Adds a session as the last in order, and tells it what to look for in its pictures.
    pub(crate) fn open(&mut self, key: SessionKey, handle: SessionHandle) {
        handle.set_object_watch(self.objects.watch_for(&key.path()));
        self.push(key, handle);
    }

    /// Hands what was chosen about objects to every session, shown or not.
    pub(crate) fn look_for(&mut self, objects: &ObjectChoices) {
        if self.objects == *objects {
            return;
        }
        self.objects.clone_from(objects);
        for (open, watched) in self.list.pairs() {
            watched.handle.set_object_watch(objects.watch_for(&open.key.path()));
        }
    }
}

/// Makes a session's view as it is before anything is known of the session.
fn just_opened(key: SessionKey) -> OpenSession {
    OpenSession {
        name: key.id.clone(),
        condition: Condition::Connecting { attempt: 0 },
        key,
        view: SessionView::default(),
        picture: None,
        stats: Default::default(),
        recording: None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::model::PageControl;

    /// A sink that leads nowhere and remembers what was sent.
    #[derive(Debug, Default)]
    pub(crate) struct Sent(pub RefCell<Vec<Control>>);

    impl ControlSink for Sent {
        fn push(&self, control: Control) -> Pushed {
            self.0.borrow_mut().push(control);
            Pushed::Queued
        }
    }

    pub(crate) fn key(id: &str) -> SessionKey {
        SessionKey { service: "cloud".to_owned(), id: id.to_owned() }
    }

    /// Makes a list of these sessions, the first of which is in front.
    pub(crate) fn watching(ids: &[&str]) -> OpenSessions<Sent> {
        let mut sessions = OpenSessions::new(ObjectChoices::default());
        for id in ids {
            sessions.push(key(id), Sent::default());
        }
        sessions.set_front(0);
        sessions
    }

    /// Takes what was sent to a session since the last call.
    pub(crate) fn sent(sessions: &mut OpenSessions<Sent>, id: &str) -> Vec<Control> {
        let (_, watched) = sessions.pair_mut(&key(id)).unwrap();
        watched.handle.0.take()
    }

    fn ids(sessions: &OpenSessions<Sent>) -> String {
        sessions.views().iter().map(|open| open.key.id.as_str()).collect()
    }

    fn front(sessions: &OpenSessions<Sent>) -> Option<&str> {
        sessions.active().map(|open| open.key.id.as_str())
    }

    #[test]
    fn the_one_in_front_stays_in_front_whatever_moves_or_goes() {
        let mut sessions = watching(&["a", "b", "c", "d"]);
        sessions.set_front(2);
        for (change, order, in_front) in [
            (("shift", "a", 3), "bcda", Some("c")),
            (("shift", "c", 0), "cbda", Some("c")),
            (("shift", "d", 99), "cbad", Some("c")),
            (("close", "b", 0), "cad", Some("c")),
            // The next one takes the place of one that goes.
            (("close", "c", 0), "ad", Some("a")),
            (("front", "", 1), "ad", Some("d")),
            (("close", "d", 0), "a", Some("a")),
            (("close", "d", 0), "a", Some("a")),
            (("close", "a", 0), "", None),
        ] {
            match change {
                ("shift", id, to) => sessions.shift(&key(id), to),
                ("front", _, at) => sessions.set_front(at),
                (_, id, _) => drop(sessions.close(&key(id))),
            }
            assert_eq!(
                (ids(&sessions).as_str(), front(&sessions)),
                (order, in_front),
                "{change:?}"
            );
            let is_together = |(open, watched): (&OpenSession, &Watched<Sent>)| {
                watched.handle.0.borrow().is_empty() && open.key.service == "cloud"
            };
            assert!(sessions.pairs().all(is_together));
        }
    }

    #[test]
    fn what_is_sent_goes_to_the_one_in_front() {
        let mut sessions = watching(&["a", "b"]);
        sessions.set_front(1);
        sessions.shift(&key("b"), 0);
        assert_eq!(sessions.send(PageControl::Back), Pushed::Queued);
        assert_eq!(sent(&mut sessions, "a"), []);
        assert_eq!(sent(&mut sessions, "b"), [PageControl::Back.into()]);
        assert_eq!(sessions.place_beside(Neighbor::Next), Some(1));
        sessions.set_front(1);
        assert_eq!(sessions.place_beside(Neighbor::Next), Some(0));
        assert_eq!(sessions.place_beside(Neighbor::Previous), Some(0));
        assert!(!sessions.would_change_front(1) && !sessions.would_change_front(2));
    }

    #[test]
    fn the_wall_is_left_for_one_session_and_remembered() {
        let mut sessions = watching(&[]);
        sessions.show_wall();
        assert_eq!(sessions.active_place(), None);
        sessions.push(key("a"), Sent::default());
        sessions.show_wall();
        assert_eq!(sessions.active_place(), Some(0));
        assert!(sessions.on_wall() && !sessions.is_in_front(&key("a")));
        assert!(!sessions.is_away_from_wall());
        sessions.leave_wall();
        assert!(sessions.is_away_from_wall() && sessions.is_in_front(&key("a")));
    }
}
