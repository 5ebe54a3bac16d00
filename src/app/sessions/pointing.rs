//! Shows the others where this window's pointer is: in the session in front, and in no other one.

use std::time::{Duration, Instant};

use super::{ControlSink, OpenSessions};
use crate::model::{Control, FramePoint, PeopleControl};

/// The others see the pointer move at most this often.
const POINT_EVERY: Duration = Duration::from_millis(70);

/// What the others in one session were told of this window's pointer.
#[derive(Debug, Default)]
pub(super) struct Pointing {
    last: Option<FramePoint>,
    told_at: Option<Instant>,
}

impl<H: ControlSink> OpenSessions<H> {
    /// Tells whether anybody else sees where this window's pointer is.
    pub(crate) fn has_onlookers(&self) -> bool {
        let front = self.active().filter(|_| !self.on_wall);
        front.is_some_and(|open| {
            let people = &open.view.people;
            let mut others = people.participants.iter();
            open.view.capabilities.people
                && others.any(|other| other.index != people.me && !other.agent)
        })
    }

    /// Tells the others where the pointer is now. Where they were told just before, returns how long to wait until they
    /// may be told again.
    pub(crate) fn point(&mut self, pointed: Option<FramePoint>, now: Instant) -> Option<Duration> {
        let in_front = self.active.filter(|_| !self.on_wall);
        for (at, (_, watched)) in self.list.pairs_mut().enumerate() {
            if in_front != Some(at) && watched.pointing.last.take().is_some() {
                watched.handle.push(point(None));
            }
        }
        if !self.has_onlookers() {
            return None;
        }
        let (_, watched) = self.list.pair_mut(in_front?)?;
        if watched.pointing.last == pointed {
            return None;
        }
        let next = watched.pointing.told_at.map(|last| last + POINT_EVERY);
        let wait = next.and_then(|next| next.checked_duration_since(now));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Some(wait);
        }
        watched.pointing = Pointing { last: pointed, told_at: Some(now) };
        watched.handle.push(point(pointed));
        None
    }
}

fn point(at: Option<FramePoint>) -> Control {
    Control::People(PeopleControl::Point { at })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{key, sent, watching};
    use super::*;
    use crate::model::{Participant, People};

    #[test]
    fn others_see_the_pointer_in_front_only_and_not_too_often() {
        let mut sessions = watching(&["a", "b"]);
        let now = Instant::now();
        let place = |x: f32| Some(FramePoint { x, y: 1.0, width: 640, height: 360 });
        // Nobody else is there.
        assert_eq!(sessions.point(place(1.0), now), None);
        assert_eq!(sent(&mut sessions, "a"), []);
        let (open, _) = sessions.pair_mut(&key("a")).unwrap();
        open.view.capabilities.people = true;
        let participant = |index| Participant { index, ..Participant::default() };
        let participants = vec![participant(1), participant(2)];
        open.view.people = People { me: 1, participants, ..People::default() };
        assert_eq!(sessions.point(place(1.0), now), None);
        assert_eq!(sessions.point(place(2.0), now), Some(POINT_EVERY));
        assert_eq!(sessions.point(place(2.0), now + POINT_EVERY), None);
        assert_eq!(sent(&mut sessions, "a"), [point(place(1.0)), point(place(2.0))]);
        sessions.set_front(1);
        assert_eq!(sessions.point(place(2.0), now), None);
        assert_eq!(sent(&mut sessions, "a"), [point(None)]);
        assert_eq!(sent(&mut sessions, "b"), []);
    }
}
