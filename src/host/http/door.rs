//! Gives out the places at the door. Whoever has shown a token keeps its place; those who have shown none yet share a
//! few places of their own, and the one who waits longest gives way to the next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// So many connections that have shown a token may be open. This is enough for sixteen sessions with their socket,
/// events and pictures, a wall of sixteen cameras, and as many calls again.
pub(crate) const MAX_GUESTS: usize = 128;
/// So many connections may be open that have shown no token yet.
const MAX_STRANGERS: usize = 64;
/// At least this long passes between two lines about those who were refused or had to give way.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// The places for connections, whatever address they come in at. It is cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door(Arc<Mutex<DoorInner>>);

#[derive(Debug, Default)]
struct DoorInner {
    guests: usize,
    /// Those who have shown no token yet, in the order of their coming.
    strangers: VecDeque<Stranger>,
    next_key: u64,
    refusals: Refusals,
}

#[derive(Debug)]
struct Stranger {
    key: u64,
    give_way: CancellationToken,
}

/// Counts those who were sent away, so that a flood of them is one line a second.
#[derive(Debug, Default)]
struct Refusals {
    untold: usize,
    told_at: Option<Instant>,
}

/// One connection's place, which goes with its last clone. Upgraded sockets hold on to it.
#[derive(Clone, Debug)]
pub(crate) struct DoorPlace(Arc<HeldPlace>);

#[derive(Debug)]
struct HeldPlace {
    door: Door,
    key: u64,
    give_way: CancellationToken,
}

impl Door {
    /// Lets one more connection in, as a stranger; `None` where all places are taken by those who have shown a token.
    pub(crate) fn enter(&self) -> Option<DoorPlace> {
        let mut inner = self.lock();
        if inner.guests >= MAX_GUESTS {
            inner.refusals.count("All places are taken by connections that have shown their token");
            return None;
        }
        if inner.strangers.len() >= MAX_STRANGERS
            && let Some(oldest) = inner.strangers.pop_front()
        {
            oldest.give_way.cancel();
            inner.refusals.count("Too many connections show no token");
        }
        let (key, give_way) = (inner.next_key, CancellationToken::new());
        inner.next_key += 1;
        inner.strangers.push_back(Stranger { key, give_way: give_way.clone() });
        Some(DoorPlace(Arc::new(HeldPlace { door: self.clone(), key, give_way })))
    }

    fn lock(&self) -> MutexGuard<'_, DoorInner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DoorInner {
    /// Takes a stranger out; `false` for whoever is none.
    fn forget(&mut self, key: u64) -> bool {
        let at = self.strangers.iter().position(|stranger| stranger.key == key);
        at.and_then(|at| self.strangers.remove(at)).is_some()
    }
}

impl DoorPlace {
    /// Notes that the connection has shown a token; `false` where no place is left for it. A place that had to be given
    /// up a moment ago stays lost.
    pub(crate) fn token_shown(&self) -> bool {
        let HeldPlace { door, key, give_way } = &*self.0;
        let mut inner = door.lock();
        let is_stranger = inner.strangers.iter().any(|stranger| stranger.key == *key);
        if !is_stranger {
            return !give_way.is_cancelled();
        }
        if inner.guests >= MAX_GUESTS {
            return false;
        }
        inner.guests += 1;
        inner.forget(*key)
    }

    /// Waits until the connection has to give way.
    pub(crate) async fn gives_way(&self) {
        self.0.give_way.cancelled().await;
    }
}

impl Drop for HeldPlace {
    fn drop(&mut self) {
        let mut inner = self.door.lock();
        let was_stranger = inner.forget(self.key) || self.give_way.is_cancelled();
        if !was_stranger {
            inner.guests -= 1;
        }
    }
}

impl Refusals {
    fn count(&mut self, why: &str) {
        self.untold += 1;
        let now = Instant::now();
        if self.told_at.is_some_and(|told| now.duration_since(told) < TOLD_EVERY) {
            return;
        }
        tracing::warn!("{why}: {} were sent away since the last line", self.untold);
        (self.untold, self.told_at) = (0, Some(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many guests and strangers are in.
    fn count(door: &Door) -> (usize, usize) {
        let inner = door.lock();
        (inner.guests, inner.strangers.len())
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_give_way_to_strangers_and_guests_stay() {
        let door = Door::default();
        let guest = door.enter().unwrap();
        assert!(guest.token_shown() && guest.token_shown());
        let first = door.enter().unwrap();
        let mut strangers: Vec<_> = (1..MAX_STRANGERS).map(|_| door.enter().unwrap()).collect();
        assert!(!first.0.give_way.is_cancelled());
        strangers.push(door.enter().unwrap());
        first.gives_way().await;
        assert!(!first.token_shown(), "it came too late");
        assert!(strangers[0].token_shown());
        assert_eq!(count(&door), (2, MAX_STRANGERS - 1));
        assert!(!guest.0.give_way.is_cancelled());
        drop((guest, first, strangers));
        assert_eq!(count(&door), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn guests_fill_the_house() {
        let door = Door::default();
        let mut guests = Vec::new();
        for _ in 1..MAX_GUESTS {
            let guest = door.enter().unwrap();
            assert!(guest.token_shown());
            guests.push(guest);
        }
        let [last, late] = [door.enter().unwrap(), door.enter().unwrap()];
        assert!(last.token_shown() && !late.token_shown());
        assert!(door.enter().is_none());
        drop(guests.pop());
        assert!(late.token_shown() && door.enter().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_refusals_is_one_line_a_second() {
        let mut refusals = Refusals::default();
        for (wait, untold) in [(0, 0), (0, 1), (999, 2), (1, 0), (10, 1)] {
            tokio::time::advance(Duration::from_millis(wait)).await;
            refusals.count("full");
            assert_eq!(refusals.untold, untold);
        }
    }
}
