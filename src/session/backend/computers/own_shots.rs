//! Keeps the window's own screenshots of a desktop out of its log. The service tells of them like of an agent's, but
//! they are only the way in which its pictures come.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{Phase, SessionEvent};
use crate::session::SessionSink;

/// So many ids of own screenshots are remembered. Their events come soon or never.
const MAX_IDS: usize = 64;
/// So many rows may wait until it is known whose screenshot they are about.
const MAX_HELD: usize = 64;

/// The screenshots that this window asked for.
#[derive(Debug, Default)]
pub(super) struct OwnShots(Mutex<OwnShotState>);

#[derive(Debug, Default)]
struct OwnShotState {
    is_under_way: bool,
    /// Rows about screenshots that came while one was under way.
    held: Vec<SessionEvent>,
    /// Ids of the own screenshots, oldest first.
    ids: VecDeque<String>,
    /// An own screenshot was answered without an id and before any event was about it. So the service seems to tell of
    /// none, and from then on no row is taken for one: an agent's would be lost.
    is_silent: bool,
}

/// A screenshot that is under way. Dropping it means that no more is known of it.
pub(super) struct OwnShot<'a> {
    shots: &'a OwnShots,
    sink: &'a SessionSink,
    /// The answer's id, once there is an answer.
    answer: Option<Option<String>>,
}

impl OwnShots {
    /// Notes that a screenshot is asked for.
    pub(super) fn begin<'a>(&'a self, sink: &'a SessionSink) -> OwnShot<'a> {
        self.lock().is_under_way = true;
        OwnShot { shots: self, sink, answer: None }
    }

    /// Puts an event into the log, unless it is about an own screenshot or may still turn out to be.
    pub(super) fn take(&self, event: SessionEvent, is_screenshot: bool, sink: &SessionSink) {
        if let Some(event) = self.sift(event, is_screenshot) {
            sink.event(event);
        }
    }

    fn sift(&self, event: SessionEvent, is_screenshot: bool) -> Option<SessionEvent> {
        let mut state = self.lock();
        let id = id_of(&event);
        if id.is_some_and(|id| state.ids.iter().any(|own| own == id)) {
            return None;
        }
        let is_held = id.is_some() && state.held.iter().any(|held| id_of(held) == id);
        if (is_held || (is_screenshot && state.is_under_way)) && state.held.len() < MAX_HELD {
            state.held.push(event);
            return None;
        }
        Some(event)
    }

    fn lock(&self) -> MutexGuard<'_, OwnShotState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OwnShotState {
    /// Takes the end of a screenshot, and returns the rows that are not about it.
    fn ended(&mut self, answer: Option<Option<String>>) -> Vec<SessionEvent> {
        self.is_under_way = false;
        let held = std::mem::take(&mut self.held);
        let own = match answer {
            Some(Some(id)) => Some(id),
            // The first screenshot that was told of since this one was asked for is it.
            Some(None) if !self.is_silent => {
                let first = held.iter().find(|event| is_request(event));
                self.is_silent = first.is_none();
                first.and_then(id_of).map(str::to_owned)
            }
            Some(None) | None => None,
        };
        let others =
            held.into_iter().filter(|event| own.is_none() || id_of(event) != own.as_deref());
        let others = others.collect();
        if let Some(own) = own {
            self.ids.push_back(own);
            let surplus = self.ids.len().saturating_sub(MAX_IDS);
            self.ids.drain(..surplus);
        }
        others
    }
}

impl OwnShot<'_> {
    /// Notes the answer, with the id that it tells.
    pub(super) fn answered(&mut self, id: Option<String>) {
        self.answer = Some(id);
    }
}

impl Drop for OwnShot<'_> {
    fn drop(&mut self) {
        let others = self.shots.lock().ended(self.answer.take());
        others.into_iter().for_each(|event| self.sink.event(event));
    }
}

fn id_of(event: &SessionEvent) -> Option<&str> {
    event.request.as_ref().map(|request| request.id.as_str())
}

fn is_request(event: &SessionEvent) -> bool {
    event.request.as_ref().is_some_and(|request| request.phase == Phase::Requested)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EventKind, RequestRef};

    fn row(id: &str, phase: Phase) -> SessionEvent {
        let request = Some(RequestRef { id: id.to_owned(), phase });
        SessionEvent { request, ..SessionEvent::ours(EventKind::ActionRequest, id) }
    }

    const ASKED: Phase = Phase::Requested;
    const DONE: Phase = Phase::Answered { ok: true };

    fn ids(rows: &[SessionEvent]) -> Vec<&str> {
        rows.iter().filter_map(id_of).collect()
    }

    #[test]
    fn the_answers_id_tells_which_rows_are_left_out() {
        let shots = OwnShots::default();
        shots.lock().is_under_way = true;
        for row in [row("theirs", ASKED), row("own", ASKED), row("theirs", DONE)] {
            assert_eq!(shots.sift(row, true), None, "it is not known yet whose they are");
        }
        let click = row("click", ASKED);
        assert_eq!(shots.sift(click.clone(), false), Some(click));
        let told = shots.lock().ended(Some(Some("own".to_owned())));
        assert_eq!(ids(&told), ["theirs", "theirs"]);
        assert_eq!(shots.sift(row("own", DONE), true), None);
        let later = row("later", ASKED);
        assert_eq!(shots.sift(later.clone(), true), Some(later));
    }

    #[test]
    fn without_an_id_the_first_screenshot_meanwhile_is_it_as_long_as_there_is_one() {
        let shots = OwnShots::default();
        let shot = |told: Option<&str>, answer| {
            shots.lock().is_under_way = true;
            for row in told.into_iter().map(|id| row(id, ASKED)) {
                assert_eq!(shots.sift(row, true), None);
            }
            shots.lock().ended(answer)
        };
        assert_eq!(shot(Some("own"), Some(None)), []);
        // What was never answered was perhaps never done.
        assert_eq!(ids(&shot(Some("theirs"), None)), ["theirs"]);
        // A service that tells of none has its agents' rows all the same.
        assert_eq!(shot(None, Some(None)), []);
        assert_eq!(ids(&shot(Some("theirs-2"), Some(None))), ["theirs-2"]);
        assert_eq!(shots.sift(row("own", DONE), true), None);
    }
}
