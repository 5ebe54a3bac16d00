//! Which objects are there and which are gone. A detector flickers: one picture with or without an object means nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// It is there once it was in three of the last five pictures …
const ENOUGH: u32 = 3;
const LAST_FIVE: u8 = 0b1_1111;
/// … or, where pictures are rare, in each one for this long.
const STEADY_FOR: Duration = Duration::from_millis(300);
/// It is gone once it was in no picture for this long.
const GONE_AFTER: Duration = Duration::from_millis(1500);
/// A server may invent classes without end; those beyond this many are not followed.
pub const MAX_CLASSES: usize = 200;

/// What one picture changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Same,
    Appeared,
    /// After it had been there for so long.
    Left(Duration),
}

/// One thing that may be in a picture or not, without the flicker.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Debounced {
    /// One bit for each picture, the newest lowest.
    pictures: u8,
    /// The first of the pictures that all had it, up to the last one.
    seen_since: Option<Instant>,
    /// The first of the pictures that all lacked it. A time without pictures tells nothing.
    missed_since: Option<Instant>,
    there_since: Option<Instant>,
}

impl Debounced {
    pub(super) fn is_there(&self) -> bool {
        self.there_since.is_some()
    }

    /// Whether the picture of `now` is the one in which it appeared.
    pub(super) fn has_just_come(&self, now: Instant) -> bool {
        self.there_since == Some(now)
    }

    pub(super) fn step(&mut self, now: Instant, seen: bool) -> Turn {
        self.pictures = self.pictures << 1 | u8::from(seen);
        if seen {
            self.missed_since = None;
            let since = *self.seen_since.get_or_insert(now);
            let often = (self.pictures & LAST_FIVE).count_ones() >= ENOUGH;
            let steady = now.saturating_duration_since(since) >= STEADY_FOR;
            if self.there_since.is_none() && (often || steady) {
                self.there_since = Some(now);
                return Turn::Appeared;
            }
        } else {
            self.seen_since = None;
            let since = *self.missed_since.get_or_insert(now);
            let gone = now.saturating_duration_since(since) >= GONE_AFTER;
            if let Some(began) = self.there_since.filter(|_| gone) {
                self.there_since = None;
                return Turn::Left(since.saturating_duration_since(began));
            }
        }
        Turn::Same
    }

    /// Whether nothing is left of it to remember.
    fn is_forgotten(&self) -> bool {
        self.there_since.is_none() && self.pictures & LAST_FIVE == 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Appeared,
    Left { was_there_for: Duration },
}

/// Follows the classes in the pictures of one session.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    classes: BTreeMap<Arc<str>, Debounced>,
}

impl Presence {
    /// Takes the classes of one picture and tells which came and which went, by name.
    pub fn see<'a>(
        &mut self,
        now: Instant,
        classes: impl IntoIterator<Item = &'a Arc<str>>,
    ) -> Vec<(Arc<str>, Change)> {
        let mut seen = BTreeSet::new();
        for class in classes {
            if !self.classes.contains_key(class) {
                if self.classes.len() == MAX_CLASSES {
                    continue;
                }
                self.classes.insert(class.clone(), Debounced::default());
            }
            seen.insert(class);
        }
        let mut changes = Vec::new();
        for (class, state) in &mut self.classes {
            let change = match state.step(now, seen.contains(class)) {
                Turn::Same => continue,
                Turn::Appeared => Change::Appeared,
                Turn::Left(was_there_for) => Change::Left { was_there_for },
            };
            changes.push((class.clone(), change));
        }
        self.classes.retain(|_, state| !state.is_forgotten());
        changes
    }

    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    pub fn clear(&mut self) {
        self.classes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays pictures at a steady pace, `#` with a person and `.` without; returns where it appeared and left.
    fn play(pictures: &str, pace_ms: u64) -> Vec<(usize, Change)> {
        let start = Instant::now();
        let person: Arc<str> = Arc::from("person");
        let mut presence = Presence::default();
        let mut told = Vec::new();
        for (n, picture) in pictures.chars().enumerate() {
            let now = start + Duration::from_millis(pace_ms * n as u64);
            let seen = (picture == '#').then_some(&person);
            told.extend(presence.see(now, seen).into_iter().map(|(_, c)| (n, c)));
        }
        told
    }

    fn left(ms: u64) -> Change {
        Change::Left { was_there_for: Duration::from_millis(ms) }
    }

    #[test]
    fn flicker_is_no_news() {
        for (pictures, pace_ms, told) in [
            ("#", 100, vec![]),
            ("##...", 100, vec![]),
            ("#..#..#..#..", 100, vec![]),
            ("###", 33, vec![(2, Change::Appeared)]),
            ("#.#.#", 33, vec![(4, Change::Appeared)]),
            // Two pictures half a second apart are as good as three in a tenth.
            ("##", 500, vec![(1, Change::Appeared)]),
            ("#.#", 500, vec![]),
            // A gap of 1.4 s is none, one of 1.5 s is: 15 steps after the first picture without it.
            ("###..............###", 100, vec![(2, Change::Appeared)]),
            ("###................", 100, vec![(2, Change::Appeared), (18, left(100))]),
            (
                "###................###",
                100,
                vec![(2, Change::Appeared), (18, left(100)), (21, Change::Appeared)],
            ),
        ] {
            assert_eq!(play(pictures, pace_ms), told, "{pictures}");
        }
    }

    #[test]
    fn a_stream_that_stood_still_says_nothing_about_what_is_there() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        let person: Arc<str> = Arc::from("person");
        let mut presence = Presence::default();
        for n in 0..3 {
            presence.see(start + ms(n * 40), [&person]);
        }
        let late = start + ms(60_000);
        assert_eq!(presence.see(late, []), []);
        assert_eq!(presence.see(late + ms(40), [&person]), []);
    }

    #[test]
    fn invented_classes_are_bounded_and_forgotten() {
        let start = Instant::now();
        let mut presence = Presence::default();
        for n in 0..10 {
            let classes: Vec<Arc<str>> = (0..1_000).map(|c| format!("{n}-{c}").into()).collect();
            presence.see(start + Duration::from_millis(n), &classes);
            assert!(presence.classes.len() <= MAX_CLASSES);
        }
        for n in 10..20 {
            presence.see(start + Duration::from_millis(n), []);
        }
        assert!(presence.is_empty());
    }
}
