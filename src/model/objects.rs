//! Defines what the user chose about the objects in pictures, for the window and for the background side of a session.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{DetectionFilter, DetectionRule};

/// The user's choices, which hold for all cameras.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectChoices {
    /// What is shown and counted in the window.
    pub filter: DetectionFilter,
    /// Whether the log tells which classes appear and leave.
    pub log_changes: bool,
    /// The classes whose changes the log does not tell.
    pub unlogged: BTreeSet<Arc<str>>,
    /// The rules that raise alerts, for all cameras.
    pub rules: Vec<DetectionRule>,
}

impl ObjectChoices {
    /// Tells whether anything is looked for in the pictures of `camera`, which is "service/id".
    pub fn look_at(&self, camera: &str) -> bool {
        self.log_changes || self.rules.iter().any(|rule| rule.applies_to(camera))
    }

    /// Returns what the background side of one camera has to look for; `camera` is "service/id".
    pub fn watch_for(&self, camera: &str) -> ObjectWatch {
        let rules = self.rules.iter().filter(|rule| rule.applies_to(camera));
        ObjectWatch {
            min_confidence: self.filter.min_confidence,
            log_changes: self.log_changes,
            unlogged: self.unlogged.clone(),
            rules: rules.cloned().collect(),
        }
    }
}

/// What the background side looks for in every picture that comes, shown or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectWatch {
    /// The least confidence that counts, from 0 to 1: an object that is too unsure to be shown does not appear or
    /// leave either.
    pub min_confidence: f32,
    /// Whether the log tells which classes appear and leave.
    pub log_changes: bool,
    /// The classes whose changes the log does not tell.
    pub unlogged: BTreeSet<Arc<str>>,
    /// The rules that apply to this camera.
    pub rules: Vec<DetectionRule>,
}

impl ObjectWatch {
    /// Tells whether there is anything to look for.
    pub fn is_on(&self) -> bool {
        self.log_changes || !self.rules.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_gets_the_rules_that_are_about_it() {
        let rule = |camera: Option<&str>| DetectionRule {
            camera: camera.map(str::to_owned),
            ..DetectionRule::default()
        };
        let mut choices = ObjectChoices::default();
        assert!(!choices.watch_for("a/1").is_on());
        choices.rules = vec![rule(None), rule(Some("a/1")), rule(Some("a/2"))];
        let watch = choices.watch_for("a/1");
        assert_eq!(watch.rules, [rule(None), rule(Some("a/1"))]);
        assert!(watch.is_on() && choices.look_at("a/1"));
        choices.rules.remove(0);
        assert!(choices.look_at("a/2") && !choices.look_at("b/1"));
    }
}
