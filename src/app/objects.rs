//! Takes what was chosen about objects from the settings, and puts it back.

use crate::model::detection_rule::MAX_RULES;
use crate::model::{DetectionFilter, ObjectChoices};
use crate::settings::Settings;

/// Reads the choices from the settings. What a hand-edited file has out of range is corrected.
pub(super) fn choices_of(settings: &Settings) -> ObjectChoices {
    let objects = &settings.objects;
    let min_confidence = objects.min_confidence;
    let words = |words: &[String]| words.iter().map(|word| word.as_str().into()).collect();
    ObjectChoices {
        filter: DetectionFilter {
            hidden: words(&objects.hidden),
            min_confidence: if min_confidence.is_finite() {
                min_confidence.clamp(0.0, 1.0)
            } else {
                0.0
            },
            all_hidden: objects.boxes_hidden,
        },
        log_changes: objects.log_changes,
        unlogged: words(&objects.unlogged),
        rules: settings.detection_rules.iter().take(MAX_RULES).cloned().collect(),
    }
}

/// Writes the choices to the settings.
pub(super) fn keep_choices(choices: &ObjectChoices, settings: &mut Settings) {
    let words = |classes: &std::collections::BTreeSet<std::sync::Arc<str>>| {
        classes.iter().map(|class| class.to_string()).collect()
    };
    let objects = &mut settings.objects;
    objects.boxes_hidden = choices.filter.all_hidden;
    objects.hidden = words(&choices.filter.hidden);
    objects.min_confidence = choices.filter.min_confidence;
    objects.log_changes = choices.log_changes;
    objects.unlogged = words(&choices.unlogged);
    settings.detection_rules.clone_from(&choices.rules);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DetectionRule;

    #[test]
    fn choices_survive_the_settings() {
        let choices = ObjectChoices {
            filter: DetectionFilter {
                hidden: ["person".into(), "ball".into()].into(),
                min_confidence: 0.35,
                all_hidden: true,
            },
            log_changes: true,
            unlogged: ["dog".into()].into(),
            rules: vec![DetectionRule {
                class: "fox".to_owned(),
                camera: Some("Garden/1".to_owned()),
                ..DetectionRule::default()
            }],
        };
        let mut settings = Settings::default();
        keep_choices(&choices, &mut settings);
        assert_eq!(choices_of(&settings), choices);
        let text = toml::to_string(&settings).unwrap();
        assert!(text.contains("min_confidence = 0.35"), "{text}");
        assert_eq!(choices_of(&toml::from_str(&text).unwrap()), choices);
        settings.objects.min_confidence = f32::NAN;
        assert_eq!(choices_of(&settings).filter.min_confidence, 0.0);
    }
}
