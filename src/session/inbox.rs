//! News on its way to the window: log rows bounded and counted, state latest-wins per kind and never lost.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::Published;
use crate::model::{Family, SessionEvent, Update};

/// Log rows that may wait; at most this many are drained in one pass of the window.
const EVENTS: usize = 1024;

/// Filled by the background side, drained by the window. Never blocks for longer than a push takes.
#[derive(Debug, Default)]
pub struct Inbox {
    pending: Mutex<Pending>,
}

#[derive(Debug, Default)]
struct Pending {
    events: VecDeque<SessionEvent>,
    /// Rows dropped since the last drain; kept beside the queue, because a full queue cannot carry the news.
    lost: u64,
    /// Invariant: one per kind, and for downloads one per download, for alerts one per class.
    state: Vec<Update>,
}

impl Inbox {
    pub fn push(&self, update: Update) -> Published {
        let mut pending = self.lock();
        let was_empty = pending.events.is_empty() && pending.state.is_empty() && pending.lost == 0;
        match update {
            Update::Event(event) => {
                if pending.events.len() == EVENTS {
                    pending.events.pop_front();
                    pending.lost += 1;
                }
                pending.events.push_back(event);
            }
            state => match pending
                .state
                .iter_mut()
                .find(|waiting| is_newer_of(waiting, &state))
            {
                Some(waiting) => *waiting = state,
                None => pending.state.push(state),
            },
        }
        if was_empty {
            Published::First
        } else {
            Published::Superseded
        }
    }

    /// Takes everything that waits, oldest row first; lost rows are told by one row of ours.
    pub fn drain(&self) -> Vec<Update> {
        let Pending {
            events,
            lost,
            state,
        } = std::mem::take(&mut *self.lock());
        let told = (lost > 0).then(|| {
            SessionEvent::ours(
                Family::Stream,
                "lost",
                format!("{lost} rows came faster than they could be shown"),
            )
        });
        state
            .into_iter()
            .chain(told.into_iter().chain(events).map(Update::Event))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
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
    use crate::model::Page;

    #[test]
    fn state_survives_a_flood_and_lost_rows_are_told() {
        let inbox = Inbox::default();
        let page = |url: &str| {
            Update::Page(Page {
                url: url.to_owned(),
                ..Page::default()
            })
        };
        inbox.push(page("https://old.test"));
        for n in 0..EVENTS + 5 {
            inbox.push(Update::Event(SessionEvent::ours(
                Family::Console,
                "log",
                n.to_string(),
            )));
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
}
