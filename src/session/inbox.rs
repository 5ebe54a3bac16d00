//! Carries news to the window. Log rows are bounded and counted; of state, the latest of each kind wins and is never
//! lost.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::Published;
use crate::model::{ChatLine, EventKind, SessionEvent, Update};

/// Number of log rows that may wait. At most this many are drained in one pass of the window.
const EVENTS: usize = 1024;
/// Number of bytes that the waiting log rows may have together. A larger row waits alone.
const EVENT_BYTES: usize = 8 << 20;
/// Number of refusals that may wait. Where a session refuses more at once, the last of them say enough.
const REFUSALS: usize = 8;
/// Number of chat lines that may wait. The service limits how fast people talk.
const SAID: usize = 100;
/// Number of downloads, and of alerts, that may wait. The window keeps no more of them.
const STATES_OF_A_KIND: usize = 100;

/// News of one session, which the background side fills and the window drains. It never blocks for longer than a push
/// takes.
#[derive(Debug, Default)]
pub struct Inbox {
    pending: Mutex<PendingNews>,
}

#[derive(Debug, Default)]
struct PendingNews {
    events: VecDeque<SessionEvent>,
    event_bytes: usize,
    /// Number of rows dropped since the last drain. It stands beside the queue, because a full queue cannot carry the
    /// news.
    lost: u64,
    /// Refusals. Unlike state, a newer one does not replace an older one.
    refused: VecDeque<String>,
    said: VecDeque<ChatLine>,
    /// State, of which there is one per kind. Downloads have one each, and alerts one per class.
    state: Vec<Update>,
}

impl Inbox {
    /// Adds news. Returns whether the window has to be woken.
    pub fn push(&self, update: Update) -> Published {
        let mut pending = self.lock();
        let was_empty = pending.is_empty();
        match update {
            Update::Event(event) => {
                pending.push_event(event);
            }
            Update::Refused(why) => push_bounded(&mut pending.refused, why, REFUSALS),
            Update::Said(line) => push_bounded(&mut pending.said, line, SAID),
            state => match pending.state.iter_mut().find(|waiting| is_newer_of(waiting, &state)) {
                Some(waiting) => *waiting = newest(waiting, state),
                None => pending.push_state(state),
            },
        }
        if was_empty { Published::First } else { Published::Superseded }
    }

    /// Takes everything that waits, oldest row first. One more row tells how many were lost.
    pub fn drain(&self) -> Vec<Update> {
        let PendingNews { events, event_bytes: _, lost, refused, said, state } =
            std::mem::take(&mut *self.lock());
        let told = (lost > 0).then(|| {
            SessionEvent::ours(
                EventKind::Lost,
                format!("{lost} rows came faster than they could be shown"),
            )
        });
        state
            .into_iter()
            .chain(refused.into_iter().map(Update::Refused))
            .chain(said.into_iter().map(Update::Said))
            .chain(told.into_iter().chain(events).map(Update::Event))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, PendingNews> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PendingNews {
    /// Adds a row and drops the oldest where there is no room.
    fn push_event(&mut self, event: SessionEvent) {
        self.event_bytes += event.bytes();
        self.events.push_back(event);
        while self.events.len() > EVENTS
            || (self.event_bytes > EVENT_BYTES && self.events.len() > 1)
        {
            self.event_bytes -= self.events.pop_front().map_or(0, |oldest| oldest.bytes());
            self.lost += 1;
        }
    }

    /// Adds state of a kind that is not there. Of downloads and alerts the oldest gives way.
    fn push_state(&mut self, state: Update) {
        let mut alike = self
            .state
            .iter()
            .enumerate()
            .filter(|(_, waiting)| discriminant(*waiting) == discriminant(&state));
        let oldest = alike.next().map(|(at, _)| at);
        if let Some(oldest) = oldest.filter(|_| alike.count() + 1 >= STATES_OF_A_KIND) {
            self.state.remove(oldest);
        }
        self.state.push(state);
    }

    fn is_empty(&self) -> bool {
        let queues_are_empty =
            self.events.is_empty() && self.refused.is_empty() && self.said.is_empty();
        queues_are_empty && self.lost == 0 && self.state.is_empty()
    }
}

/// Adds `item` and drops the oldest where there is no room.
fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, room: usize) {
    if queue.len() == room {
        queue.pop_front();
    }
    queue.push_back(item);
}

/// Returns the newer news with what is to be kept of the older.
fn newest(older: &Update, newer: Update) -> Update {
    match (older, newer) {
        (Update::Download(older), Update::Download(newer)) => Update::Download(newer.after(older)),
        (_, newer) => newer,
    }
}

fn is_newer_of(waiting: &Update, new: &Update) -> bool {
    match (waiting, new) {
        (Update::Download(waiting), Update::Download(new)) => waiting.id == new.id,
        (Update::ObjectAlert(waiting), Update::ObjectAlert(new)) => waiting.class == new.class,
        _ => discriminant(waiting) == discriminant(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Download, DownloadState, Page};

    #[test]
    fn every_refusal_is_told_in_order() {
        let inbox = Inbox::default();
        let refused = |n: usize| Update::Refused(format!("refusal {n}"));
        assert_eq!(inbox.push(refused(0)), Published::First);
        assert_eq!(inbox.push(refused(1)), Published::Superseded);
        assert_eq!(inbox.drain(), [refused(0), refused(1)]);
        for n in 0..REFUSALS + 3 {
            inbox.push(refused(n));
        }
        let last: Vec<_> = (3..REFUSALS + 3).map(refused).collect();
        assert_eq!(inbox.drain(), last);
    }

    #[test]
    fn every_line_of_talk_is_told_in_order() {
        let inbox = Inbox::default();
        let said = |n: u32| {
            Update::Said(ChatLine {
                from: n,
                to: None,
                text: String::new(),
                at: jiff::Timestamp::UNIX_EPOCH,
            })
        };
        inbox.push(said(1));
        inbox.push(said(2));
        assert_eq!(inbox.drain(), [said(1), said(2)]);
        assert!(inbox.drain().is_empty());
    }

    #[test]
    fn state_survives_a_flood_and_lost_rows_are_told() {
        let inbox = Inbox::default();
        let page = |url: &str| Update::Page(Page { url: url.to_owned(), ..Page::default() });
        inbox.push(page("https://old.test"));
        for n in 0..EVENTS + 5 {
            inbox.push(Update::Event(SessionEvent::ours(EventKind::Console, n.to_string())));
        }
        inbox.push(page("https://new.test"));
        let drained = inbox.drain();
        assert_eq!(drained[0], page("https://new.test"));
        let Update::Event(told) = &drained[1] else {
            panic!("expected the row that tells of the loss")
        };
        assert!(told.text.starts_with("5 rows"), "{}", told.text);
        assert_eq!(drained.len(), 2 + EVENTS);
        assert!(inbox.drain().is_empty());
    }

    #[test]
    fn rows_are_bounded_in_bytes_and_downloads_in_number() {
        let inbox = Inbox::default();
        let download = |n: usize| {
            Update::Download(Download {
                id: n.to_string(),
                url: String::new(),
                file_name: String::new(),
                received: 0,
                total: None,
                state: DownloadState::Running,
                reason: None,
                is_past: false,
            })
        };
        let large = SessionEvent {
            raw: "x".repeat(1 << 20).into(),
            ..SessionEvent::ours(EventKind::Console, "")
        };
        let (rows, fit) = (20, EVENT_BYTES / large.bytes());
        for _ in 0..rows {
            inbox.push(Update::Event(large.clone()));
        }
        for n in 0..STATES_OF_A_KIND + 5 {
            inbox.push(download(n));
        }
        let drained = inbox.drain();
        let downloads = drained.iter().filter_map(|update| match update {
            Update::Download(download) => Some(download.id.as_str()),
            _ => None,
        });
        assert_eq!(
            (downloads.clone().count(), downloads.clone().next()),
            (STATES_OF_A_KIND, Some("5"))
        );
        let Update::Event(told) = &drained[STATES_OF_A_KIND] else {
            panic!("expected the row that tells of the loss")
        };
        assert!(told.text.starts_with(&format!("{} rows", rows - fit)), "{}", told.text);
        assert_eq!(drained.len(), STATES_OF_A_KIND + 1 + fit);
    }
}
