//! Keeps the window's own screenshots of a desktop out of its log. The service tells of them like of an agent's, but
//! they are only the way in which its pictures come.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Phase, SessionEvent};
use crate::session::SessionSink;

/// So many ids of own screenshots are remembered. Their events come soon or never.
const MAX_IDS: usize = 64;
/// So many rows may wait until it is known whose screenshot they are about.
const MAX_HELD: usize = 64;
/// The events about a screenshot may come so much later than its answer.
const LATE_BY: Duration = Duration::from_secs(2);

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
    /// The next screenshot that is told until then is an own one, whose answer had no id.
    awaited_until: Option<Instant>,
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
        if let Some(event) = self.sift(event, is_screenshot, Instant::now()) {
            sink.event(event);
        }
    }

    fn sift(&self, event: SessionEvent, is_screenshot: bool, now: Instant) -> Option<SessionEvent> {
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
        if is_screenshot && state.awaited_until.take_if(|until| now <= *until).is_some() {
            state.remember(id);
            return None;
        }
        Some(event)
    }

    fn lock(&self) -> MutexGuard<'_, OwnShotState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OwnShotState {
    fn remember(&mut self, id: Option<&str>) {
        if let Some(id) = id {
            self.ids.push_back(id.to_owned());
            let surplus = self.ids.len().saturating_sub(MAX_IDS);
            self.ids.drain(..surplus);
        }
    }

    /// Takes the end of a screenshot, and returns the rows that are not about it.
    fn ended(&mut self, answer: Option<Option<String>>, now: Instant) -> Vec<SessionEvent> {
        self.is_under_way = false;
        let held = std::mem::take(&mut self.held);
        let asked = held.iter().find(|event| is_request(event)).or(held.first());
        // A service that tells no id in its answer has told of the first screenshot since it was asked for one.
        let own = match &answer {
            Some(Some(id)) => Some(id.clone()),
            Some(None) | None => asked.and_then(id_of).map(str::to_owned),
        };
        if own.is_none() && held.is_empty() && answer.is_some() {
            self.awaited_until = Some(now + LATE_BY);
        }
        self.remember(own.as_deref());
        held.into_iter().filter(|event| id_of(event) != own.as_deref()).collect()
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
        let others = self.shots.lock().ended(self.answer.take(), Instant::now());
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
        let (shots, now) = (OwnShots::default(), Instant::now());
        shots.lock().is_under_way = true;
        for row in [row("theirs", ASKED), row("own", ASKED), row("theirs", DONE)] {
            assert_eq!(shots.sift(row, true, now), None, "it is not known yet whose they are");
        }
        let click = row("click", ASKED);
        assert_eq!(shots.sift(click.clone(), false, now), Some(click));
        let told = shots.lock().ended(Some(Some("own".to_owned())), now);
        assert_eq!(ids(&told), ["theirs", "theirs"]);
        assert_eq!(shots.sift(row("own", DONE), true, now), None);
        let later = row("later", ASKED);
        assert_eq!(shots.sift(later.clone(), true, now), Some(later));
    }

    #[test]
    fn without_an_id_the_first_screenshot_since_then_is_it() {
        let (shots, now) = (OwnShots::default(), Instant::now());
        shots.lock().is_under_way = true;
        assert_eq!(shots.sift(row("own", ASKED), true, now), None);
        assert_eq!(shots.lock().ended(Some(None), now), []);
        assert_eq!(shots.sift(row("own", DONE), true, now), None);
        // The events may be later than the answer, but not for ever.
        assert_eq!(shots.lock().ended(Some(None), now), []);
        assert_eq!(shots.sift(row("own-2", ASKED), true, now), None);
        assert_eq!(shots.sift(row("own-2", DONE), true, now), None);
        let theirs = row("theirs", ASKED);
        assert_eq!(shots.sift(theirs.clone(), true, now), Some(theirs));
        assert_eq!(shots.lock().ended(Some(None), now), []);
        let theirs = row("theirs-2", ASKED);
        assert_eq!(shots.sift(theirs.clone(), true, now + LATE_BY * 2), Some(theirs));
        // What was never answered was perhaps never asked for.
        assert_eq!(shots.lock().ended(None, now), []);
        let theirs = row("theirs-3", ASKED);
        assert_eq!(shots.sift(theirs.clone(), true, now + LATE_BY * 2), Some(theirs));
    }
}
