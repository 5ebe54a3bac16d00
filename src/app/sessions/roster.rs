//! Finds out who comes, goes and drives in the watched sessions, by comparing every roster with the last one.

use jiff::Timestamp;

use super::{ControlSink, OpenSessions};
use crate::model::{Control, People, PeopleControl, Shortcut};
use crate::ui::state::SessionKey;

/// What this window has seen of one session's participants, and what of it the user was told.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Everybody who was there at the last look; `None` before the first.
    known: Option<People>,
    /// When the agent's last refused action came that the user was told of.
    refused_at: Option<Timestamp>,
}

/// A piece of news about people that the window's user has to know. The texts are names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RosterNews {
    Joined(String),
    Left(String),
    /// Somebody else drives now.
    Lost(String),
    /// This window's user drives now.
    Gained,
}

/// How a roster differs from the last one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RosterChange {
    pub session: SessionKey,
    pub news: Vec<RosterNews>,
    /// This window's user waits no longer for control: the request was refused, lapsed, or belonged to a connection
    /// that is gone.
    pub request_is_over: bool,
    /// This window has another seat than before, because it has connected anew. What the former seat held is free.
    pub is_new_here: bool,
}

impl<H: ControlSink> OpenSessions<H> {
    /// Compares every roster with the last one. A new seat whose name is not `name` is renamed.
    pub(crate) fn compare_rosters(&mut self, name: Option<&str>) -> Vec<RosterChange> {
        let mut changes = Vec::new();
        for (open, watched) in self.list.pairs_mut() {
            let people = &open.view.people;
            let known = watched.roster.known.as_ref();
            // An empty roster has not been told yet.
            if people.participants.is_empty() || known == Some(people) {
                continue;
            }
            let is_new_here = known.is_none_or(|known| known.me != people.me);
            changes.push(RosterChange {
                session: open.key.clone(),
                news: known.map(|known| news(known, people)).unwrap_or_default(),
                request_is_over: known.is_some_and(|known| request_is_over(known, people)),
                is_new_here,
            });
            watched.roster.known = Some(people.clone());
            let me = people.participant(people.me).filter(|_| is_new_here);
            // The name may have been changed since the service was connected to.
            if let (Some(me), Some(name)) = (me, name)
                && me.name != name
            {
                watched.handle.push(rename(name));
            }
        }
        changes
    }

    /// Tells every session what this window's user is called.
    pub(crate) fn rename_user(&self, name: &str) {
        let with_people = self.list.pairs().filter(|(open, _)| open.view.capabilities.people);
        for (_, watched) in with_people {
            watched.handle.push(rename(name));
        }
    }

    /// Takes what agents were refused since the last call because this window's user drives. The session in front is
    /// left out, because it tells that above its picture.
    pub(crate) fn take_agent_refusals(&mut self) -> Vec<(SessionKey, String)> {
        let in_front = self.active_key().filter(|_| !self.on_wall);
        let mut refusals = Vec::new();
        for (open, watched) in self.list.pairs_mut() {
            let people = &open.view.people;
            let drives = people.driver == Some(people.me);
            let Some(refused) = &open.view.agent_refused else {
                continue;
            };
            let told = watched.roster.refused_at.replace(refused.received_at);
            let is_new = told != Some(refused.received_at);
            if is_new && drives && in_front.as_ref() != Some(&open.key) {
                refusals.push((open.key.clone(), refused.text.clone()));
            }
        }
        refusals
    }

    /// Takes the names of those who asked for a tab since the last call, in sessions where this window's user may give
    /// one.
    pub(crate) fn take_wanted_tabs(&mut self) -> Vec<(SessionKey, String)> {
        let mut wanted = Vec::new();
        for (open, _) in self.list.pairs_mut() {
            let view = &mut open.view;
            let Some(index) = view.tab_wanted.take().filter(|_| view.people.may_decide()) else {
                continue;
            };
            if view.people.participant(index).is_some() && index != view.people.me {
                wanted.push((open.key.clone(), view.name_of(index)));
            }
        }
        wanted
    }

    /// Takes the keys that pages left to the browser since the last call.
    pub(crate) fn take_shortcuts(&mut self) -> Vec<(SessionKey, Shortcut)> {
        let pressed = self.list.pairs_mut();
        let pressed =
            pressed.filter_map(|(open, _)| Some((open.key.clone(), open.view.shortcut.take()?)));
        pressed.collect()
    }

    /// Takes the names of those who handed control back since the last call, each with the note for whoever goes on.
    pub(crate) fn take_notes(&mut self) -> Vec<(SessionKey, String, String)> {
        let mut notes = Vec::new();
        for (open, _) in self.list.pairs_mut() {
            let taken = std::mem::take(&mut open.view.notes);
            notes.extend(taken.into_iter().map(|(name, note)| (open.key.clone(), name, note)));
        }
        notes
    }
}

fn rename(name: &str) -> Control {
    Control::People(PeopleControl::Rename { name: name.to_owned() })
}

fn news(before: &People, now: &People) -> Vec<RosterNews> {
    // After a reconnect this window is somebody else, and knows nobody.
    if before.me != now.me {
        return Vec::new();
    }
    let others = |people: &People, absent_from: &People| -> Vec<String> {
        let others = people.participants.iter();
        others
            .filter(|other| absent_from.participant(other.index).is_none())
            .map(|other| other.name.clone())
            .collect()
    };
    let joined = others(now, before).into_iter().map(RosterNews::Joined);
    let left = others(before, now).into_iter().map(RosterNews::Left);
    let driver = match now.driver.filter(|_| before.driver != now.driver) {
        Some(driver) if driver == now.me => Some(RosterNews::Gained),
        Some(driver) => Some(RosterNews::Lost(now.name_of(driver))),
        None => None,
    };
    joined.chain(left).chain(driver).collect()
}

fn request_is_over(before: &People, now: &People) -> bool {
    let asks = |people: &People| {
        let mut requests = people.requests.iter();
        requests.any(|request| request.index == people.me)
    };
    let is_mine = now.driver == Some(now.me);
    before.me != now.me || (asks(before) && !asks(now) && !is_mine)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{key, sent, watching};
    use super::*;
    use crate::model::{ControlRequest, Participant};

    fn people(indices: &[u32], driver: Option<u32>) -> People {
        let participant = |index: &u32| Participant {
            index: *index,
            name: format!("P{index}"),
            ..Participant::default()
        };
        People {
            me: 1,
            participants: indices.iter().map(participant).collect(),
            driver,
            ..People::default()
        }
    }

    #[test]
    fn who_comes_goes_and_drives_is_told_once() {
        let (joined, left) =
            (RosterNews::Joined("P2".to_owned()), RosterNews::Left("P2".to_owned()));
        let (alone, both) = (people(&[0, 1], None), people(&[0, 1, 2], None));
        assert_eq!(news(&alone, &both), [joined]);
        assert_eq!(news(&both, &alone), [left]);
        assert_eq!(news(&both, &both), []);
        let (mine, theirs) = (people(&[0, 1, 2], Some(1)), people(&[0, 1, 2], Some(2)));
        assert_eq!(news(&both, &mine), [RosterNews::Gained]);
        assert_eq!(news(&mine, &theirs), [RosterNews::Lost("P2".to_owned())]);
        assert_eq!(news(&theirs, &both), []);
        let waiting = People {
            requests: vec![ControlRequest { index: 1, expires_at: Timestamp::UNIX_EPOCH }],
            ..theirs.clone()
        };
        // The four requests were refused or lapsed, granted, are still awaited, and were never made.
        assert!(request_is_over(&waiting, &theirs));
        assert!(!request_is_over(&waiting, &mine));
        assert!(!request_is_over(&theirs, &waiting));
        assert!(!request_is_over(&mine, &theirs));
        let stranger = People { me: 5, ..people(&[5, 6], Some(6)) };
        assert_eq!(news(&both, &stranger), []);
        assert!(request_is_over(&waiting, &stranger));
    }

    #[test]
    fn a_roster_is_compared_once_and_a_new_seat_is_told_the_name() {
        let mut sessions = watching(&["a", "b"]);
        assert_eq!(sessions.compare_rosters(Some("Ada")), []);
        let mut seat = |roster: People| {
            sessions.pair_mut(&key("b")).unwrap().0.view.people = roster;
            let changes = sessions.compare_rosters(Some("Ada"));
            assert_eq!(sessions.compare_rosters(Some("Ada")), []);
            (changes, sent(&mut sessions, "b"))
        };
        let change = |news: &[RosterNews], is_new_here, request_is_over| RosterChange {
            session: key("b"),
            news: news.to_vec(),
            request_is_over,
            is_new_here,
        };
        let first = seat(people(&[1], None));
        assert_eq!(first, (vec![change(&[], true, false)], vec![rename("Ada")]));
        let joined = [RosterNews::Joined("P2".to_owned())];
        assert_eq!(seat(people(&[1, 2], None)), (vec![change(&joined, false, false)], vec![]));
        let anew = People { me: 2, ..people(&[2], None) };
        assert_eq!(seat(anew), (vec![change(&[], true, true)], vec![rename("Ada")]));
    }
}
