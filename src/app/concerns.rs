//! Holds what concerns somebody about the watched sessions: it is noticed here once, and is done by itself or by being
//! seen.

use std::collections::BTreeSet;

use egui::Context;
use jiff::Timestamp;

use super::sessions::OpenSessions;
use crate::model::{Concern, ConcernEnd};
use crate::ui::state::{ConcernMark, OpenConcern, SessionKey};

/// So many are remembered; those that were seen go first.
const MAX_CONCERNS: usize = 200;

/// What concerns somebody, the most pressing first.
#[derive(Debug, Default)]
pub(super) struct Concerns {
    list: Vec<OpenConcern>,
    last_id: u64,
}

impl Concerns {
    pub(super) fn list(&self) -> &[OpenConcern] {
        &self.list
    }

    /// Compares what is known with what the sessions tell now, and returns what is new. `seen` is the session that
    /// somebody looks at.
    pub(super) fn follow<H>(
        &mut self,
        ctx: &Context,
        sessions: &mut OpenSessions<H>,
        seen: Option<&SessionKey>,
        wall: Timestamp,
    ) -> Vec<OpenConcern> {
        let (mut lasting, mut fresh) = (BTreeSet::new(), Vec::new());
        for (open, watched) in sessions.pairs_mut() {
            let now = Concern::lasting(&open.view, &open.condition, wall);
            for concern in &now {
                lasting.insert((open.key.clone(), concern.kind));
            }
            for concern in now.into_iter().chain(std::mem::take(&mut open.view.news)) {
                let is_same = |it: &&mut OpenConcern| {
                    it.session == open.key && it.concern.kind == concern.kind
                };
                let known = self.list.iter_mut().find(is_same);
                let ends_by_sight = concern.kind.row().end == ConcernEnd::Sight;
                if let Some(known) = known {
                    if !ends_by_sight {
                        known.concern = concern;
                        continue;
                    }
                    // The newest of a kind takes the place of the one before.
                    let id = known.id;
                    self.list.retain(|it| it.id != id);
                }
                self.last_id += 1;
                let is_seen = ends_by_sight && seen == Some(&open.key);
                let new = OpenConcern {
                    id: self.last_id,
                    session: open.key.clone(),
                    concern,
                    at: wall,
                    picture: watched.small_picture(ctx),
                    mark: if is_seen { ConcernMark::Seen } else { ConcernMark::Open },
                };
                self.list.push(new.clone());
                fresh.push(new);
            }
        }
        let is_watched = |key: &SessionKey| sessions.place_of(key).is_some();
        self.list.retain(|it| match it.concern.kind.row().end {
            ConcernEnd::State => lasting.contains(&(it.session.clone(), it.concern.kind)),
            ConcernEnd::Sight => is_watched(&it.session),
        });
        for concern in &mut self.list {
            match concern.mark {
                ConcernMark::Snoozed(until) if until <= wall => concern.mark = ConcernMark::Open,
                ConcernMark::Open
                    if concern.concern.kind.row().end == ConcernEnd::Sight
                        && seen == Some(&concern.session) =>
                {
                    concern.mark = ConcernMark::Seen;
                }
                _ => (),
            }
        }
        self.bound();
        self.list.sort_by_key(|concern| (concern.concern.kind, std::cmp::Reverse(concern.id)));
        fresh
    }

    /// Notes what somebody did about a concern.
    pub(super) fn mark(&mut self, id: u64, mark: ConcernMark) {
        if let Some(concern) = self.list.iter_mut().find(|concern| concern.id == id) {
            concern.mark = mark;
        }
    }

    fn bound(&mut self) {
        while self.list.len() > MAX_CONCERNS {
            let oldest = self.list.iter().enumerate().min_by_key(|(_, it)| (it.calls(), it.id));
            if let Some(at) = oldest.map(|(at, _)| at) {
                self.list.remove(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::app::sessions::tests::{Sent, key, watching};
    use crate::model::{ConcernKind, Condition, Tab, Update};

    fn crash(sessions: &mut OpenSessions<Sent>, id: &str, crashed: bool) {
        let (open, _) = sessions.pair_mut(&key(id)).unwrap();
        open.condition = Condition::Live;
        open.view.tabs = vec![Tab { active: true, crashed, ..Tab::default() }];
    }

    fn refuse(sessions: &mut OpenSessions<Sent>, id: &str) {
        let (open, _) = sessions.pair_mut(&key(id)).unwrap();
        open.view.apply(Update::Refused("No".to_owned()));
    }

    fn kinds(list: &[OpenConcern]) -> Vec<(ConcernKind, ConcernMark)> {
        list.iter().map(|it| (it.concern.kind, it.mark)).collect()
    }

    #[test]
    fn what_lasts_is_noticed_once_and_goes_with_its_state() {
        let (ctx, wall) = (Context::default(), Timestamp::UNIX_EPOCH);
        let mut sessions = watching(&["a", "b"]);
        let mut concerns = Concerns::default();
        crash(&mut sessions, "b", true);
        assert_eq!(concerns.follow(&ctx, &mut sessions, Some(&key("a")), wall).len(), 1);
        assert_eq!(concerns.follow(&ctx, &mut sessions, Some(&key("b")), wall).len(), 0);
        // Looking at it does not mend it.
        assert_eq!(kinds(concerns.list()), [(ConcernKind::Crashed, ConcernMark::Open)]);
        let id = concerns.list()[0].id;
        let later = wall + Duration::from_secs(600);
        concerns.mark(id, ConcernMark::Snoozed(later));
        concerns.follow(&ctx, &mut sessions, None, wall);
        assert!(!concerns.list()[0].calls());
        concerns.follow(&ctx, &mut sessions, None, later);
        assert!(concerns.list()[0].calls());
        concerns.mark(id, ConcernMark::Seen);
        concerns.follow(&ctx, &mut sessions, None, later);
        assert!(!concerns.list()[0].calls());
        crash(&mut sessions, "b", false);
        concerns.follow(&ctx, &mut sessions, None, later);
        assert_eq!(concerns.list(), []);
        crash(&mut sessions, "b", true);
        assert_eq!(concerns.follow(&ctx, &mut sessions, None, later).len(), 1, "it is a new one");
        assert!(concerns.list()[0].calls());
    }

    #[test]
    fn what_happened_is_done_by_being_seen_and_goes_with_its_session() {
        let (ctx, wall) = (Context::default(), Timestamp::UNIX_EPOCH);
        let mut sessions = watching(&["a", "b"]);
        let mut concerns = Concerns::default();
        for _ in 0..2 {
            refuse(&mut sessions, "b");
            assert_eq!(concerns.follow(&ctx, &mut sessions, Some(&key("a")), wall).len(), 1);
            assert_eq!(kinds(concerns.list()), [(ConcernKind::ActionFailed, ConcernMark::Open)]);
        }
        concerns.follow(&ctx, &mut sessions, Some(&key("b")), wall);
        assert_eq!(kinds(concerns.list()), [(ConcernKind::ActionFailed, ConcernMark::Seen)]);
        refuse(&mut sessions, "a");
        crash(&mut sessions, "b", true);
        concerns.follow(&ctx, &mut sessions, Some(&key("a")), wall);
        let order = kinds(concerns.list());
        let wanted = [
            (ConcernKind::Crashed, ConcernMark::Open),
            (ConcernKind::ActionFailed, ConcernMark::Seen),
            (ConcernKind::ActionFailed, ConcernMark::Seen),
        ];
        assert_eq!(order, wanted, "what is in front is seen at once");
        drop(sessions.close(&key("b")));
        concerns.follow(&ctx, &mut sessions, None, wall);
        assert_eq!(kinds(concerns.list()), [(ConcernKind::ActionFailed, ConcernMark::Seen)]);
    }
}
