//! Remembers the events that were taken already: services send again what they are not sure of, and others may, too.

use std::collections::{HashSet, VecDeque};

use ring::digest::{SHA256, digest};

use crate::protocol::cobrowse::Dialect;
use crate::protocol::hooks::Hook;

/// So many events are remembered. Older ones are refused by their date, where the service gives one.
const MAX: usize = 10_000;

/// The mark of one event: its number, and what else tells apart the events of several accounts that count for
/// themselves.
type HookMark = [u8; 32];

/// The marks of the events that were taken; the oldest are forgotten.
#[derive(Default)]
pub(super) struct SeenHooks {
    marks: HashSet<HookMark>,
    /// The marks in the order of their coming.
    order: VecDeque<HookMark>,
}

impl SeenHooks {
    /// Tells whether an event is new; from now on it is not.
    pub(super) fn take(&mut self, sender: Dialect, hook: &Hook) -> bool {
        let mark = mark(sender, hook);
        if !self.marks.insert(mark) {
            return false;
        }
        self.order.push_back(mark);
        if self.order.len() > MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.marks.remove(&oldest);
        }
        true
    }
}

fn mark(sender: Dialect, hook: &Hook) -> HookMark {
    let name: &str = sender.into();
    let parts = (name, &hook.sequence, &hook.category, &hook.session_id);
    let json = serde_json::to_vec(&parts).expect("texts are JSON");
    let digest = digest(&SHA256, &json);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventKind;
    use serde_json::Value;
    use strum::IntoEnumIterator as _;

    fn hook(sequence: usize, session: &str) -> Hook {
        Hook {
            kind: EventKind::SessionEnded,
            category: "session.ended".to_owned(),
            sequence: sequence.to_string(),
            session_id: Some(session.to_owned()),
            created_at: None,
            data: Value::Null,
        }
    }

    #[test]
    fn each_event_once_and_memory_stays_flat() {
        let mut seen = SeenHooks::default();
        let mut senders = Dialect::iter();
        let (one, other) = (senders.next().unwrap(), senders.next().unwrap());
        for n in 0..MAX {
            assert!(seen.take(one, &hook(n, "a")));
            assert!(!seen.take(one, &hook(n, "a")));
        }
        assert!(seen.take(other, &hook(MAX - 1, "a")));
        assert!(seen.take(one, &hook(MAX - 1, "b")));
        assert_eq!((seen.marks.len(), seen.order.len()), (MAX, MAX));
        assert!(!seen.take(one, &hook(2, "a")));
        assert!(seen.take(one, &hook(1, "a")), "the oldest goes");
    }
}
