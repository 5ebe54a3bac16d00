//! Holds the user's rules "Notify me when …" about what is found in pictures, and decides when one of them raises an
//! alert.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Detection;
use super::presence::Debounced;
use crate::base::rounding::as_typed;

/// Rules beyond this number are not looked at.
pub const MAX_RULES: usize = 200;

/// One rule: which objects raise an alert, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DetectionRule {
    /// The class that the rule is about. Upper and lower case are the same.
    pub class: String,
    /// The least confidence that counts, from 0 to 1.
    #[serde(serialize_with = "as_typed")]
    pub min_confidence: f32,
    /// Seconds that pass between two alerts while the object stays. With 0 there is one alert each time it comes.
    pub cool_down_seconds: u32,
    /// The only session that the rule is about, as "service/id"; `None` for all sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
}

impl Default for DetectionRule {
    fn default() -> Self {
        Self { class: String::new(), min_confidence: 0.5, cool_down_seconds: 60, camera: None }
    }
}

impl DetectionRule {
    /// Tells whether the rule is about this class.
    pub fn is_about(&self, class: &str) -> bool {
        self.class.eq_ignore_ascii_case(class)
    }

    /// Tells whether the rule is about this session, which is named as "service/id".
    pub fn applies_to(&self, camera: &str) -> bool {
        self.camera.as_deref().is_none_or(|only| only == camera)
    }

    /// Tells whether two rules are the same one, of which only the figures were edited.
    fn is_same(&self, other: &Self) -> bool {
        self.is_about(&other.class) && self.camera == other.camera
    }
}

/// A rule found its object, and the user is to be notified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectAlert {
    /// The class that was found.
    pub class: Arc<str>,
    /// The confidence of the surest detection, from 0 to 1.
    pub confidence: f32,
}

/// The rules of one session, with what each remembers of the pictures before.
#[derive(Clone, Debug, Default)]
pub struct Alarms {
    /// One state for each rule, in the order of the rules.
    states: Vec<RuleState>,
}

#[derive(Clone, Debug)]
struct RuleState {
    rule: DetectionRule,
    object: Debounced,
    told_at: Option<Instant>,
}

impl Alarms {
    /// Looks at the detections of one picture and returns the alerts. `rules` may change between two pictures without
    /// losing a cool-down.
    pub fn observe(
        &mut self,
        now: Instant,
        rules: &[DetectionRule],
        detections: &[Detection],
    ) -> Vec<ObjectAlert> {
        self.take_rules(rules);
        let states = self.states.iter_mut();
        states.filter_map(|state| state.observe(now, detections)).collect()
    }

    fn take_rules(&mut self, rules: &[DetectionRule]) {
        let rules = &rules[..rules.len().min(MAX_RULES)];
        if self.states.iter().map(|state| &state.rule).eq(rules) {
            return;
        }
        let mut old = std::mem::take(&mut self.states);
        for rule in rules {
            let known = old.iter().position(|state| state.rule.is_same(rule));
            let known = known.map(|at| old.swap_remove(at));
            self.states.push(RuleState {
                rule: rule.clone(),
                object: known.as_ref().map(|state| state.object).unwrap_or_default(),
                told_at: known.and_then(|state| state.told_at),
            });
        }
    }
}

impl RuleState {
    fn observe(&mut self, now: Instant, detections: &[Detection]) -> Option<ObjectAlert> {
        let best = detections
            .iter()
            .filter(|found| self.rule.is_about(&found.class))
            .filter(|found| found.confidence >= self.rule.min_confidence)
            .max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        self.object.observe(now, best.is_some());
        let cool_down = Duration::from_secs(self.rule.cool_down_seconds.into());
        let is_cool = self.told_at.is_none_or(|at| now.saturating_duration_since(at) >= cool_down);
        let found = best.filter(|_| self.object.is_there() && is_cool)?;
        if cool_down.is_zero() && !self.object.has_just_come(now) {
            return None;
        }
        self.told_at = Some(now);
        Some(ObjectAlert { class: found.class.clone(), confidence: found.confidence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Area, FrameRect};

    fn rule(class: &str, min_confidence: f32, cool_down_seconds: u32) -> DetectionRule {
        DetectionRule { class: class.to_owned(), min_confidence, cool_down_seconds, camera: None }
    }

    fn found(class: &str, confidence: f32) -> Detection {
        Detection { class: Arc::from(class), confidence, area: Area::Pixels(FrameRect::default()) }
    }

    /// Plays ten pictures a second, each with `detections`, and returns the numbers of those that raised an alert.
    fn play(
        alarms: &mut Alarms,
        from: Instant,
        pictures: u32,
        rules: &[DetectionRule],
        detections: &[Detection],
    ) -> Vec<u32> {
        let told = |n: &u32| {
            let now = from + Duration::from_millis(100) * *n;
            !alarms.observe(now, rules, detections).is_empty()
        };
        (0..pictures).filter(told).collect()
    }

    #[test]
    fn it_tells_once_per_cool_down_and_never_of_a_flicker() {
        let now = Instant::now();
        let run = |rules: &[DetectionRule], detections: &[Detection]| {
            play(&mut Alarms::default(), now, 45, rules, detections)
        };
        let person = [found("person", 0.7), found("Person", 0.9)];
        assert_eq!(run(&[rule("person", 0.8, 2)], &person), [2, 22, 42]);
        assert_eq!(run(&[rule("person", 0.8, 60)], &person), [2]);
        assert_eq!(run(&[rule("person", 0.95, 2)], &person), [0; 0]);
        assert_eq!(run(&[rule("dog", 0.0, 2)], &person), [0; 0]);
        assert_eq!(run(&[rule("person", 0.0, 0)], &person), [2]);
        let mut alarms = Alarms::default();
        assert_eq!(play(&mut alarms, now, 2, &[rule("person", 0.8, 2)], &person), [0; 0]);
    }

    #[test]
    fn each_rule_has_its_own_cool_down_and_the_best_is_told() {
        let now = Instant::now();
        let rules = [rule("person", 0.5, 60), rule("dog", 0.5, 60)];
        let mut alarms = Alarms::default();
        let person = [found("person", 0.6), found("person", 0.9)];
        assert_eq!(play(&mut alarms, now, 5, &rules, &person), [2]);
        let later = now + Duration::from_secs(1);
        let both = [found("person", 0.9), found("dog", 0.8)];
        assert_eq!(play(&mut alarms, later, 5, &rules, &both), [2]);
        let after = now + Duration::from_secs(90);
        let told = alarms.observe(after, &rules, &person);
        assert_eq!(told[0].confidence, 0.9);
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn editing_a_rule_keeps_its_cool_down() {
        let now = Instant::now();
        let mut alarms = Alarms::default();
        let person = [found("person", 0.9)];
        assert_eq!(play(&mut alarms, now, 5, &[rule("person", 0.5, 60)], &person), [2]);
        let later = now + Duration::from_secs(1);
        let edited = [rule("ball", 0.5, 60), rule("person", 0.6, 60)];
        assert_eq!(play(&mut alarms, later, 5, &edited, &person), [0; 0]);
    }

    #[test]
    fn a_rule_may_be_about_one_camera() {
        let mut one = rule("person", 0.5, 60);
        assert!(one.applies_to("Garden/1"));
        one.camera = Some("Garden/1".to_owned());
        assert!(one.applies_to("Garden/1") && !one.applies_to("Garden/2"));
    }
}
