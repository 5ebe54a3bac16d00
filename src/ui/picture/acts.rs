//! Shows what other participants do in the page: a ring at the place that fades, and what was typed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use egui::{Color32, Painter, Pos2, Stroke};

use crate::base::text::one_line;
use crate::model::people::AGENT;
use crate::model::{PointerAct, PointerActKind, RemotePointer};
use crate::ui::people::color_of;

/// A ring is seen for this long.
const RING_FOR: Duration = Duration::from_millis(1200);
/// The ring is painted so often.
const RING_EVERY: Duration = Duration::from_millis(50);
/// Somebody counts as acting for this long after an act.
const ACTING_FOR: Duration = Duration::from_secs(4);
/// What was typed stands beside the pointer for this long.
const TEXT_FOR: Duration = Duration::from_secs(3);
/// The agent has no hand on a mouse, so its pointer is of use only for so long after it acted.
const AGENT_FOR: Duration = Duration::from_secs(10);
const SMALLEST: f32 = 6.0;
const LARGEST: f32 = 26.0;
const MAX_TYPED: usize = 40;

/// What the picture remembers of the others' acts: the number of the last one, and when it was first seen.
#[derive(Debug, Default)]
pub(super) struct SeenActs(BTreeMap<u32, (u32, Instant)>);

impl SeenActs {
    /// Notes the acts that the pointers tell of.
    pub(super) fn note(&mut self, pointers: &[RemotePointer], now: Instant) {
        self.0.retain(|index, _| pointers.iter().any(|pointer| pointer.index == *index));
        for pointer in pointers {
            let Some(act) = &pointer.act else { continue };
            match self.0.get_mut(&pointer.index) {
                Some((n, _)) if *n == act.n => (),
                Some(seen) => *seen = (act.n, now),
                None => {
                    self.0.insert(pointer.index, (act.n, now));
                }
            }
        }
    }

    /// Returns how long ago a participant acted; `None` where they did not.
    fn age(&self, index: u32, now: Instant) -> Option<Duration> {
        self.0.get(&index).map(|(_, at)| now.saturating_duration_since(*at))
    }

    /// Returns who acted last, if that was a moment ago.
    pub(super) fn acting(&self, me: u32, now: Instant) -> Option<u32> {
        let others = self.0.iter().filter(|(index, _)| **index != me);
        let (index, (_, at)) = others.max_by_key(|(_, (_, at))| *at)?;
        (now.saturating_duration_since(*at) < ACTING_FOR).then_some(*index)
    }

    /// Tells whether a pointer is shown.
    pub(super) fn shows(&self, index: u32, now: Instant) -> bool {
        index != AGENT || self.age(index, now).is_some_and(|age| age < AGENT_FOR)
    }

    /// Returns the time until something that is shown now changes; `None` where nothing does.
    pub(super) fn changes_in(&self, now: Instant) -> Option<Duration> {
        let ages = self.0.keys().filter_map(|index| self.age(*index, now));
        ages.filter_map(|age| match age {
            age if age < RING_FOR => Some(RING_EVERY),
            age => [TEXT_FOR, ACTING_FOR, AGENT_FOR]
                .into_iter()
                .find(|end| age < *end)
                .map(|end| end - age),
        })
        .min()
    }

    /// Returns the words beside a pointer: who it is, and what they type.
    pub(super) fn label(&self, pointer: &RemotePointer, name: &str, now: Instant) -> String {
        let is_new = self.age(pointer.index, now).is_some_and(|age| age < TEXT_FOR);
        match pointer.act.as_ref().filter(|_| is_new) {
            Some(PointerAct { kind: PointerActKind::Type, text, .. })
                if text.as_str().is_empty() =>
            {
                format!("{name} types")
            }
            Some(PointerAct { kind: PointerActKind::Type, text, .. }) => {
                format!("{name} types “{}”", one_line(text.as_str(), MAX_TYPED))
            }
            Some(PointerAct { kind: PointerActKind::Press | PointerActKind::Scroll, .. })
            | None => name.to_owned(),
        }
    }

    /// Paints the ring of an act at `at` for as long as it is seen.
    pub(super) fn paint_ring(&self, painter: &Painter, index: u32, at: Pos2, now: Instant) {
        let Some(age) = self.age(index, now).filter(|age| *age < RING_FOR) else {
            return;
        };
        let gone = age.as_secs_f32() / RING_FOR.as_secs_f32();
        let radius = SMALLEST + (LARGEST - SMALLEST) * gone;
        let left = 1.0 - gone;
        // A dark edge keeps the ring visible on a ground of its own color.
        painter.circle_stroke(
            at,
            radius,
            Stroke::new(5.0, Color32::BLACK.gamma_multiply(0.5 * left)),
        );
        painter.circle_stroke(at, radius, Stroke::new(3.0, color_of(index).gamma_multiply(left)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FramePoint;

    fn pointer(index: u32, n: u32, text: &str) -> RemotePointer {
        let act = PointerAct { n, kind: PointerActKind::Type, text: text.into() };
        RemotePointer { index, at: FramePoint::default(), act: Some(act) }
    }

    #[test]
    fn acts_are_shown_for_a_moment_and_then_nothing_is_painted_anew() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut seen = SeenActs::default();
        let agent = pointer(AGENT, 1, "hello");
        seen.note(std::slice::from_ref(&agent), start);
        for ms in [0, 500, 900] {
            seen.note(std::slice::from_ref(&agent), at(ms));
            assert_eq!(seen.changes_in(at(ms)), Some(RING_EVERY));
            assert_eq!(seen.acting(7, at(ms)), Some(AGENT));
            assert_eq!(seen.label(&agent, "Agent", at(ms)), "Agent types “hello”");
        }
        assert_eq!(seen.changes_in(at(2000)), Some(Duration::from_secs(1)));
        assert_eq!(seen.label(&agent, "Agent", at(3000)), "Agent");
        assert_eq!(seen.acting(7, at(4000)), None);
        assert!(seen.shows(AGENT, at(9999)) && !seen.shows(AGENT, at(10_000)));
        assert_eq!(seen.changes_in(at(10_000)), None);

        // The next act begins anew; so does one of somebody who was gone.
        seen.note(&[pointer(AGENT, 2, ""), pointer(3, 1, "")], at(20_000));
        assert_eq!(seen.acting(3, at(20_000)), Some(AGENT));
        assert_eq!(seen.acting(AGENT, at(20_000)), Some(3));
        assert_eq!(seen.label(&pointer(3, 1, ""), "Bob", at(20_000)), "Bob types");
        seen.note(&[], at(20_100));
        assert_eq!(seen.changes_in(at(20_100)), None);
    }
}
