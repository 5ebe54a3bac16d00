//! Keeps news for the window, oldest first and bounded. Pieces of one answer merge into one piece.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::Wake;
use crate::model::chat::{ChatNews, TaskNews};
use crate::model::{EventKind, SessionEvent, Update};

/// Most news that may wait. Only the steps of a task can be more while the window does not look.
const MAX_WAITING: usize = 1024;

/// The way of a chat's news to the window.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    waiting: Arc<Mutex<Waiting>>,
    wake: Wake,
}

#[derive(Debug, Default)]
struct Waiting {
    updates: VecDeque<Update>,
    /// Number of steps that were dropped to make room for newer news.
    lost: usize,
}

impl Outbox {
    pub(super) fn new(wake: Wake) -> Self {
        Self { waiting: Arc::default(), wake }
    }

    pub(super) fn tell(&self, news: ChatNews) {
        self.put(Update::Chat(news));
    }

    pub(super) fn log(&self, event: SessionEvent) {
        self.put(Update::Event(event));
    }

    pub(super) fn take(&self) -> Vec<Update> {
        let mut waiting = self.lock();
        let lost = std::mem::take(&mut waiting.lost);
        let mut updates: Vec<_> = std::mem::take(&mut waiting.updates).into();
        drop(waiting);
        if lost > 0 {
            let text = format!("{lost} steps of the task came faster than they could be shown");
            let row = SessionEvent::ours(EventKind::Lost, text);
            updates.insert(0, Update::Event(row));
        }
        updates
    }

    fn put(&self, update: Update) {
        let mut waiting = self.lock();
        match (waiting.updates.back_mut(), update) {
            (
                Some(Update::Chat(ChatNews::Text { answer, text })),
                Update::Chat(ChatNews::Text { answer: same, text: more }),
            ) if *answer == same => text.push_str(&more),
            (_, update) => {
                if waiting.updates.len() >= MAX_WAITING {
                    waiting.make_room();
                }
                waiting.updates.push_back(update);
            }
        }
        drop(waiting);
        self.wake.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A poisoned lock is taken, because a panic while it is held cannot leave the queue half-written.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Drops steps, and keeps states.
    fn make_room(&mut self) {
        let is_step = |update: &Update| {
            matches!(update, Update::Event(_) | Update::Chat(ChatNews::Task(TaskNews::Step(_))))
        };
        if let Some(at) = self.updates.iter().position(is_step) {
            self.updates.remove(at);
            self.lost += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::chat::AskEnd;

    #[test]
    fn pieces_of_one_answer_are_one_and_states_are_never_lost() {
        let outbox = Outbox::new(Wake::none());
        let text = |answer: u64| ChatNews::Text { answer, text: "x".to_owned() };
        for answer in [2, 2, 2, 4] {
            outbox.tell(text(answer));
        }
        let expected = ChatNews::Text { answer: 2, text: "xxx".to_owned() };
        let taken = outbox.take();
        assert_eq!((taken.len(), &taken[0]), (2, &Update::Chat(expected)));

        let end = ChatNews::Ended { question: 1, answer: 2, end: AskEnd::Done };
        outbox.tell(end.clone());
        for n in 0..MAX_WAITING * 2 {
            outbox.log(SessionEvent::ours(EventKind::TaskStep, n.to_string()));
        }
        let taken = outbox.take();
        assert_eq!(taken.len(), MAX_WAITING + 1);
        assert!(taken.contains(&Update::Chat(end)));
        assert!(
            matches!(&taken[0], Update::Event(row) if row.text.starts_with("1025 steps")),
            "{:?}",
            taken[0]
        );
        assert!(outbox.take().is_empty());
    }
}
