//! What was chosen about objects: from the settings and back, to the sessions, and the alerts that come of it.

use egui::{Context, UserAttentionType, ViewportCommand};

use super::App;
use crate::model::detection_rule::MAX_RULES;
use crate::model::{DetectionFilter, ObjectAlert, ObjectChoices};
use crate::settings::Settings;
use crate::ui::state::{Level, OpenSession};

/// So many alerts at a time; more would push out what went wrong.
const MAX_SHOWN: usize = 2;

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

impl App {
    /// Where nothing is found in any picture, there is nothing to hide, and nobody would know why boxes are missing later.
    pub(super) fn toggle_boxes(&mut self) {
        let has_boxes = |open: &OpenSession| open.view.capabilities.detections;
        if self.state.open.iter().any(has_boxes) {
            let hidden = &mut self.shell.objects.filter.all_hidden;
            *hidden = !*hidden;
        }
    }

    /// Hands what was chosen in the panel to every session, shown or not.
    pub(super) fn tell_objects(&mut self) {
        if self.told_objects == self.shell.objects {
            return;
        }
        self.told_objects.clone_from(&self.shell.objects);
        for (open, watched) in self.state.open.iter().zip(&self.watched) {
            let wanted = self.told_objects.watch_for(&open.key.path());
            watched.handle.set_object_watch(wanted);
        }
    }

    /// Shows what came of the rules, and asks for a look without taking the focus from where the user is.
    pub(super) fn show_alerts(&mut self, ctx: &Context) {
        let mut texts = Vec::new();
        for open in &mut self.state.open {
            let alerts = std::mem::take(&mut open.view.alerts);
            texts.extend(alerts.iter().map(|alert| words(alert, &open.name)));
        }
        if texts.is_empty() {
            return;
        }
        for text in texts {
            self.alert(text);
        }
        if !ctx.input(|input| input.focused) {
            let informational = UserAttentionType::Informational;
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(informational));
        }
    }

    /// The newest replaces an older one of the same words, and the oldest where there are too many.
    fn alert(&mut self, text: String) {
        let notices = &mut self.state.notices;
        notices.retain(|notice| notice.text != text);
        let is_alert = |level: Level| level == Level::Alert;
        if notices.iter().filter(|n| is_alert(n.level)).count() >= MAX_SHOWN
            && let Some(oldest) = notices.iter().position(|n| is_alert(n.level))
        {
            notices.remove(oldest);
        }
        self.notice(text, Level::Alert);
    }
}

fn words(alert: &ObjectAlert, camera: &str) -> String {
    format!("Found: {} in {camera}", alert.class)
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
