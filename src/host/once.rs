//! Does what is asked under a key once. Whoever asks again gets the outcome of the first time.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::{BoxFuture, FutureExt as _, Shared};
use ring::digest::{Context, SHA256};

/// So many keys are remembered. Clients ask again within minutes, which are fewer actions than these.
const MAX_KEYS: usize = 512;
/// A key has at most so many bytes.
pub(crate) const MAX_KEY: usize = 256;

/// The outcome of something that was begun. Everybody who waits gets it.
pub(crate) type SharedOutcome<T> = Shared<BoxFuture<'static, T>>;

/// What was asked under keys, and what came of it.
pub(crate) struct OnceByKey<T>(Mutex<VecDeque<Begun<T>>>);

/// The digest by which two requests are the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestDigest([u8; 32]);

/// A key was used before, for something else.
#[derive(Debug, thiserror::Error)]
#[error("this key stands for another request already; take a new one for each")]
pub(crate) struct KeyReused;

/// One thing that was begun under a key.
struct Begun<T> {
    key: String,
    what: RequestDigest,
    outcome: SharedOutcome<T>,
}

impl RequestDigest {
    /// Digests these pieces as one.
    pub(crate) fn of(pieces: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        pieces.iter().for_each(|piece| context.update(piece));
        let mut sum = [0; 32];
        sum.copy_from_slice(context.finish().as_ref());
        Self(sum)
    }
}

impl<T> Default for OnceByKey<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> fmt::Debug for OnceByKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceByKey").finish_non_exhaustive()
    }
}

impl<T: Clone + Send + Sync + 'static> OnceByKey<T> {
    /// Begins what is asked under `key`, or returns the outcome of what was begun under it before.
    pub(crate) fn ask(
        &self,
        key: &str,
        what: RequestDigest,
        begin: impl FnOnce() -> BoxFuture<'static, T>,
    ) -> Result<SharedOutcome<T>, KeyReused> {
        let mut begun = self.lock();
        if let Some(before) = begun.iter().find(|before| before.key == key) {
            return if before.what == what { Ok(before.outcome.clone()) } else { Err(KeyReused) };
        }
        if begun.len() >= MAX_KEYS {
            // What is under way is not forgotten, since it would be begun anew.
            let oldest = begun.iter().position(|old| old.outcome.peek().is_some());
            begun.remove(oldest.unwrap_or(0));
        }
        let outcome = begin().shared();
        begun.push_back(Begun { key: key.to_owned(), what, outcome: outcome.clone() });
        Ok(outcome)
    }

    /// Forgets a key under which nothing was done, so that it may be used again.
    pub(crate) fn forget(&self, key: &str) {
        self.lock().retain(|begun| begun.key != key);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Begun<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn what(text: &str) -> RequestDigest {
        RequestDigest::of(&[text.as_bytes()])
    }

    #[tokio::test]
    async fn a_key_is_for_one_thing_and_it_is_done_once() {
        let (once, done) = (OnceByKey::default(), Arc::new(AtomicUsize::new(0)));
        let ask = |key: &str, asked: &str| {
            let done = done.clone();
            once.ask(key, what(asked), move || {
                async move { done.fetch_add(1, Ordering::Relaxed) }.boxed()
            })
        };
        let (first, again) = (ask("k", "buy").unwrap(), ask("k", "buy").unwrap());
        assert_eq!(tokio::join!(again, first), (0, 0), "both wait for the same");
        assert_eq!(ask("k", "buy").unwrap().await, 0);
        assert!(ask("k", "sell").is_err());
        assert_eq!(ask("l", "buy").unwrap().await, 1);
        once.forget("k");
        assert_eq!(ask("k", "sell").unwrap().await, 2);
    }

    #[tokio::test]
    async fn what_is_under_way_is_not_forgotten() {
        let once = OnceByKey::default();
        let ask = |key: &str| once.ask(key, what("x"), || std::future::pending::<()>().boxed());
        let _pending = ask("slow").unwrap();
        for n in 0..2 * MAX_KEYS {
            let quick = once.ask(&n.to_string(), what("x"), || async {}.boxed());
            quick.unwrap().await;
        }
        assert!(ask("slow").unwrap().peek().is_none());
        assert!(once.lock().len() <= MAX_KEYS && once.lock()[0].key == "slow");
    }
}
