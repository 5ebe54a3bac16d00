//! Holds a slot for one value, in which the newest wins. It is the primitive of the frame path.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// What became of the value that was in the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The slot was empty, so the reader has to be woken.
    First,
    /// An unread value was replaced. Whoever woke the reader for that one has woken it for this one, too.
    Superseded,
}

/// A latest-wins slot between one or more writers and one reader.
///
/// Publishing never blocks and never queues: memory is bounded by one value.
#[derive(Debug)]
pub struct Mailbox<T> {
    slot: Mutex<Option<T>>,
    superseded: AtomicU64,
    ready: Notify,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self { slot: Mutex::new(None), superseded: AtomicU64::new(0), ready: Notify::new() }
    }
}

impl<T> Mailbox<T> {
    /// Puts `value` into the slot and replaces one that was not taken yet.
    pub fn publish(&self, value: T) -> Published {
        // The old value is dropped after the lock is released: a frame may have megabytes.
        let old = self.lock().replace(value);
        self.ready.notify_one();
        if old.is_some() {
            self.superseded.fetch_add(1, Ordering::Relaxed);
            Published::Superseded
        } else {
            Published::First
        }
    }

    /// Takes the value, if there is one.
    pub fn take(&self) -> Option<T> {
        self.lock().take()
    }

    /// Waits until there is a value and takes it. Cancel-safe.
    pub async fn recv(&self) -> T {
        loop {
            if let Some(value) = self.take() {
                return value;
            }
            self.ready.notified().await;
        }
    }

    /// Returns how many values were replaced before anybody took them.
    pub fn superseded(&self) -> u64 {
        self.superseded.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<T>> {
        // A panic while the lock is held cannot leave the slot half-written.
        self.slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_wins_and_the_replaced_are_counted() {
        let slot = Mailbox::default();
        assert_eq!(slot.publish(1), Published::First);
        assert_eq!(slot.publish(2), Published::Superseded);
        assert_eq!(slot.take(), Some(2));
        assert_eq!(slot.take(), None);
        assert_eq!(slot.publish(3), Published::First);
        assert_eq!(slot.superseded(), 1);
    }

    #[tokio::test]
    async fn a_waiting_reader_gets_what_is_published_later() {
        let slot = std::sync::Arc::new(Mailbox::default());
        let reader = {
            let slot = slot.clone();
            async move { slot.recv().await }
        };
        let writer = async { slot.publish(7) };
        let (got, _) = tokio::join!(reader, writer);
        assert_eq!(got, 7);
    }
}
