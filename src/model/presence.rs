//! Follows which objects are there and which have left. A detector flickers, so one picture with or without an object
//! means nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An object has appeared once it was in this many of the last five pictures.
const ENOUGH: u32 = 3;
const LAST_FIVE: u8 = 0b1_1111;
/// Where pictures are rare, it has appeared once it was in each picture for this long.
const STEADY_FOR: Duration = Duration::from_millis(300);
/// An object has left once it was in no picture for this long.
const GONE_AFTER: Duration = Duration::from_millis(1500);
/// A server may invent classes without end; those beyond this number are not followed.
pub const MAX_CLASSES: usize = 200;

/// What one picture changed about one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transition {
    /// It is there or away as before.
    Same,
    /// It is there from this picture on.
    Appeared,
    /// It has left, after it had been there for this long.
    Left(Duration),
}

/// One object that may be in a picture or not, without the flicker.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Debounced {
    /// One bit stands for each picture; the newest is the lowest.
    pictures: u8,
    /// The first picture of the present run of pictures that all have it.
    seen_since: Option<Instant>,
    /// The first picture of the present run of pictures that all lack it. A time without pictures tells nothing.
    missed_since: Option<Instant>,
    /// The picture in which it appeared; `None` while it is away.
    there_since: Option<Instant>,
}

impl Debounced {
    /// Tells whether the object is there.
    pub(super) fn is_there(&self) -> bool {
        self.there_since.is_some()
    }

    /// Tells whether the picture of `now` is the one in which the object appeared.
    pub(super) fn has_just_come(&self, now: Instant) -> bool {
        self.there_since == Some(now)
    }

    /// Takes one picture, in which the object was `seen` or not.
    pub(super) fn observe(&mut self, now: Instant, seen: bool) -> Transition {
        self.pictures = self.pictures << 1 | u8::from(seen);
        if seen {
            self.missed_since = None;
            let since = *self.seen_since.get_or_insert(now);
            let often = (self.pictures & LAST_FIVE).count_ones() >= ENOUGH;
            let steady = now.saturating_duration_since(since) >= STEADY_FOR;
            if self.there_since.is_none() && (often || steady) {
                self.there_since = Some(now);
                return Transition::Appeared;
            }
        } else {
            self.seen_since = None;
            let since = *self.missed_since.get_or_insert(now);
            let gone = now.saturating_duration_since(since) >= GONE_AFTER;
            if let Some(began) = self.there_since.filter(|_| gone) {
                self.there_since = None;
                return Transition::Left(since.saturating_duration_since(began));
            }
        }
        Transition::Same
    }

    /// Tells whether nothing is left to remember.
    fn is_forgotten(&self) -> bool {
        self.there_since.is_none() && self.pictures & LAST_FIVE == 0
    }
}

/// What one picture changed about a class that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresenceChange {
    /// Objects of the class are there from now on.
    Appeared,
    /// No object of the class is there any more.
    Left {
        /// The time from its appearance to the first picture without it.
        was_there_for: Duration,
    },
}

/// Follows the classes in the pictures of one session.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    classes: BTreeMap<Arc<str>, Debounced>,
}

impl Presence {
    /// Takes the classes of one picture and returns those that appeared or left, sorted by name.
    pub fn observe<'a>(
        &mut self,
        now: Instant,
        classes: impl IntoIterator<Item = &'a Arc<str>>,
    ) -> Vec<(Arc<str>, PresenceChange)> {
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
            let change = match state.observe(now, seen.contains(class)) {
                Transition::Same => continue,
                Transition::Appeared => PresenceChange::Appeared,
                Transition::Left(was_there_for) => PresenceChange::Left { was_there_for },
            };
            changes.push((class.clone(), change));
        }
        self.classes.retain(|_, state| !state.is_forgotten());
        changes
    }

    /// Tells whether no class is followed at present.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Forgets all classes without telling that they left.
    pub fn clear(&mut self) {
        self.classes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays pictures at a steady pace, `#` with a person and `.` without; returns where it appeared and left.
    fn play(pictures: &str, pace_ms: u64) -> Vec<(usize, PresenceChange)> {
        let start = Instant::now();
        let person: Arc<str> = Arc::from("person");
        let mut presence = Presence::default();
        let mut told = Vec::new();
        for (n, picture) in pictures.chars().enumerate() {
            let now = start + Duration::from_millis(pace_ms * n as u64);
            let seen = (picture == '#').then_some(&person);
            told.extend(presence.observe(now, seen).into_iter().map(|(_, c)| (n, c)));
        }
        told
    }

    fn left(ms: u64) -> PresenceChange {
        PresenceChange::Left { was_there_for: Duration::from_millis(ms) }
    }

    #[test]
    fn flicker_is_no_news() {
        for (pictures, pace_ms, told) in [
            ("#", 100, vec![]),
            ("##...", 100, vec![]),
            ("#..#..#..#..", 100, vec![]),
            ("###", 33, vec![(2, PresenceChange::Appeared)]),
            ("#.#.#", 33, vec![(4, PresenceChange::Appeared)]),
            // Two pictures half a second apart count as much as three within a tenth.
            ("##", 500, vec![(1, PresenceChange::Appeared)]),
            ("#.#", 500, vec![]),
            // A gap of 1.4 s does not count as leaving. One of 1.5 s does: it ends 15 steps after the first picture
            // without the object.
            ("###..............###", 100, vec![(2, PresenceChange::Appeared)]),
            ("###................", 100, vec![(2, PresenceChange::Appeared), (18, left(100))]),
            (
                "###................###",
                100,
                vec![
                    (2, PresenceChange::Appeared),
                    (18, left(100)),
                    (21, PresenceChange::Appeared),
                ],
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
            presence.observe(start + ms(n * 40), [&person]);
        }
        let late = start + ms(60_000);
        assert_eq!(presence.observe(late, []), []);
        assert_eq!(presence.observe(late + ms(40), [&person]), []);
    }

    #[test]
    fn invented_classes_are_bounded_and_forgotten() {
        let start = Instant::now();
        let mut presence = Presence::default();
        for n in 0..10 {
            let classes: Vec<Arc<str>> = (0..1_000).map(|c| format!("{n}-{c}").into()).collect();
            presence.observe(start + Duration::from_millis(n), &classes);
            assert!(presence.classes.len() <= MAX_CLASSES);
        }
        for n in 10..20 {
            presence.observe(start + Duration::from_millis(n), []);
        }
        assert!(presence.is_empty());
    }
}
