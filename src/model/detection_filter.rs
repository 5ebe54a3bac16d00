//! Decides which detections are shown and counted. It is pure, so that it acts the same on a live picture and on a
//! recorded one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Detection;

/// What the user wants to see of the detections.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetectionFilter {
    /// The classes whose boxes are not shown.
    pub hidden: BTreeSet<Arc<str>>,
    /// The least confidence, from 0 to 1, of a detection that is shown or counted.
    pub min_confidence: f32,
    /// No box is shown, whatever its class.
    pub all_hidden: bool,
}

impl DetectionFilter {
    /// Tells whether the detector was sure enough. A confidence that is no number never suffices.
    pub fn counts(&self, detection: &Detection) -> bool {
        detection.confidence >= self.min_confidence
    }

    /// Tells whether the detection's box is painted.
    pub fn shows(&self, detection: &Detection) -> bool {
        !self.all_hidden && self.counts(detection) && !self.hidden.contains(&detection.class)
    }

    /// Counts the detections of each class, whether or not their boxes are shown.
    pub fn count<'a>(&self, detections: &'a [Detection]) -> BTreeMap<&'a str, usize> {
        let mut counts = BTreeMap::new();
        for detection in detections.iter().filter(|found| self.counts(found)) {
            *counts.entry(&*detection.class).or_default() += 1;
        }
        counts
    }

    /// Shows or hides the boxes of a class.
    pub fn set_shown(&mut self, class: &Arc<str>, shown: bool) {
        if shown {
            self.hidden.remove(class);
        } else {
            self.hidden.insert(class.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Area, FrameRect};

    fn found(class: &str, confidence: f32) -> Detection {
        Detection { class: Arc::from(class), confidence, area: Area::Pixels(FrameRect::default()) }
    }

    #[test]
    fn class_confidence_and_the_one_switch_decide() {
        let all = [
            found("person", 0.9),
            found("person", 0.4),
            found("ball", 0.5),
            found("dog", f32::NAN),
        ];
        let shown = |filter: &DetectionFilter| {
            let shown = all.iter().map(|found| filter.shows(found));
            shown.collect::<Vec<_>>()
        };
        let mut filter = DetectionFilter::default();
        assert_eq!(shown(&filter), [true, true, true, false]);
        filter.min_confidence = 0.5;
        assert_eq!(shown(&filter), [true, false, true, false]);
        filter.set_shown(&all[0].class, false);
        assert_eq!(shown(&filter), [false, false, true, false]);
        // Hidden objects still count, because they are there.
        let counts = BTreeMap::from([("ball", 1), ("person", 1)]);
        assert_eq!(filter.count(&all), counts);
        filter.set_shown(&all[0].class, true);
        filter.all_hidden = true;
        assert_eq!(shown(&filter), [false; 4]);
        assert_eq!(filter.count(&all), counts);
    }
}
