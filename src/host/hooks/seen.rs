//! Remembers the events that were taken already: services send again what they are not sure of, and others may, too.

use std::collections::{HashSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::proof::Secret;
use crate::base::atomic_file;
use crate::protocol::cobrowse::Dialect;
use crate::protocol::hooks::Hook;

/// So many events are remembered. Older ones are refused by their date, where the service gives one.
const MAX: usize = 100_000;
const MARK: usize = 32;

/// The mark of one event: its number, and what else tells apart the events of several accounts that count for
/// themselves. It is made with the secret, so that it says nothing to whoever reads the file.
type HookMark = [u8; MARK];

/// The events that were taken, in memory and in a file: a service that gives no date can be replayed after a restart.
#[derive(Default)]
pub(super) struct SeenHooks {
    marks: HashSet<HookMark>,
    /// The marks in the order of their coming.
    order: VecDeque<HookMark>,
    file: Option<File>,
}

impl SeenHooks {
    /// Remembers what the file says, and writes there from now on. Without a path everything is forgotten with the run.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let mut seen = Self::default();
        let Some(path) = path else {
            return Ok(seen);
        };
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => drop(file.read_to_end(&mut bytes)?),
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(err) => return Err(err),
        }
        // A mark that was cut off when the machine lost its power was never answered.
        let (marks, _cut) = bytes.as_chunks::<MARK>();
        for mark in marks {
            seen.remember(*mark);
        }
        if bytes.len() != seen.order.len() * MARK {
            // It is written anew, so that it holds no more than is remembered.
            let kept: Vec<u8> = seen.order.iter().flatten().copied().collect();
            atomic_file::write(path, &kept)?;
        } else if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        seen.file = Some(OpenOptions::new().append(true).create(true).open(path)?);
        Ok(seen)
    }

    /// Tells whether an event is new; from now on it is not. An event that can't be remembered is not taken.
    pub(super) fn take(
        &mut self,
        secret: &Secret,
        sender: Dialect,
        hook: &Hook,
    ) -> io::Result<bool> {
        let mark = mark(secret, sender, hook);
        if self.marks.contains(&mark) {
            return Ok(false);
        }
        if let Some(file) = &mut self.file {
            file.write_all(&mark)?;
            file.sync_data()?;
        }
        Ok(self.remember(mark))
    }

    fn remember(&mut self, mark: HookMark) -> bool {
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

fn mark(secret: &Secret, sender: Dialect, hook: &Hook) -> HookMark {
    let name: &str = sender.into();
    let parts = (name, &hook.sequence, &hook.category, &hook.session_id);
    let json = serde_json::to_vec(&parts).expect("texts are JSON");
    secret.sign(&json).as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventKind;
    use secrecy::SecretString;
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

    fn secret() -> Secret {
        Secret::new(&SecretString::from("a secret of the webhooks"))
    }

    #[test]
    fn each_event_once_and_memory_stays_flat() {
        let (mut seen, secret) = (SeenHooks::default(), secret());
        let mut senders = Dialect::iter();
        let (one, other) = (senders.next().unwrap(), senders.next().unwrap());
        let mut is_new = |sender, hook: &Hook| seen.take(&secret, sender, hook).unwrap();
        for n in 0..MAX {
            assert!(is_new(one, &hook(n, "a")));
            assert!(!is_new(one, &hook(n, "a")));
        }
        assert!(is_new(other, &hook(MAX - 1, "a")));
        assert!(is_new(one, &hook(MAX - 1, "b")));
        assert!(!is_new(one, &hook(2, "a")));
        assert!(is_new(one, &hook(1, "a")), "the oldest goes");
        assert_eq!((seen.marks.len(), seen.order.len()), (MAX, MAX));
    }

    #[test]
    fn what_was_taken_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/hooks-seen");
        let sender = Dialect::iter().next().unwrap();
        let open = || SeenHooks::open(Some(&path)).unwrap();
        let mut first = open();
        assert!(first.take(&secret(), sender, &hook(1, "a")).unwrap());
        drop(first);
        // The power went while the next was written.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&[7; MARK - 1]).unwrap();
        let mut second = open();
        assert!(!second.take(&secret(), sender, &hook(1, "a")).unwrap());
        assert!(second.take(&secret(), sender, &hook(2, "a")).unwrap());
        let mut third = open();
        assert!(!third.take(&secret(), sender, &hook(2, "a")).unwrap());
        let other = Secret::new(&SecretString::from("another secret of webhooks"));
        assert!(third.take(&other, sender, &hook(2, "a")).unwrap(), "another account");
    }
}
