//! Draws the rules "Notify me when …": from which confidence on, how often, and for which camera.

use std::ops::RangeInclusive;

use egui::{DragValue, Key, TextEdit, Ui, emath::Numeric};

use super::NewClass;
use crate::base::text::one_line;
use crate::model::detection_rule::MAX_RULES;
use crate::model::{DetectionRule, ObjectChoices};
use crate::ui::widgets::steady;

const MAX_NAME: usize = 64;
const INDENT: f32 = 22.0;
const DAY: u32 = 24 * 60 * 60;

/// Draws the rules about `class` that are in force for `camera`, to be edited.
pub(super) fn rules_ui(ui: &mut Ui, choices: &mut ObjectChoices, class: &str, camera: &str) {
    for (nth, rule) in choices.rules.iter_mut().enumerate() {
        if rule.is_about(class) && rule.applies_to(camera) {
            steady(ui, ("rule", nth), |ui| rule_ui(ui, rule, camera));
        }
    }
}

fn rule_ui(ui: &mut Ui, rule: &mut DetectionRule, camera: &str) {
    let name = one_line(&rule.class, MAX_NAME);
    ui.horizontal_wrapped(|ui| {
        ui.add_space(INDENT);
        ui.weak("from");
        let mut percent = (rule.min_confidence * 100.0).round();
        let says = format!("Least confidence to notify about {name}");
        if number_ui(ui, &mut percent, 0.0..=100.0, " %", &says) {
            rule.min_confidence = percent / 100.0;
        }
        ui.weak("at most every");
        let says = format!("Seconds between notices about {name}; 0 is once each time it appears");
        number_ui(ui, &mut rule.cool_down_seconds, 0..=DAY, " s", &says);
    });
    ui.horizontal(|ui| {
        ui.add_space(INDENT);
        let mut only_here = rule.camera.is_some();
        let here = ui.checkbox(&mut only_here, "only this camera");
        if here.changed() {
            rule.camera = only_here.then(|| camera.to_owned());
        }
    });
}

/// Draws a number, and returns whether it was changed.
fn number_ui<N: Numeric>(
    ui: &mut Ui,
    value: &mut N,
    range: RangeInclusive<N>,
    unit: &str,
    name: &str,
) -> bool {
    let response = ui.add(DragValue::new(value).range(range).suffix(unit));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
    let changed = response.changed();
    response.on_hover_text(name);
    changed
}

/// Makes a rule about `class` for all cameras, or takes away those that are in force for `camera`.
pub(super) fn set_rule(choices: &mut ObjectChoices, class: &str, camera: &str, on: bool) {
    if !on {
        let is_in_force = |rule: &DetectionRule| rule.is_about(class) && rule.applies_to(camera);
        choices.rules.retain(|rule| !is_in_force(rule));
    } else if choices.rules.len() < MAX_RULES {
        choices.rules.push(DetectionRule { class: class.to_owned(), ..DetectionRule::default() });
    }
}

/// Draws the field for a rule about a class that was never seen, which is often the one that matters most.
pub(super) fn add_ui(ui: &mut Ui, class: &mut NewClass, choices: &mut ObjectChoices) {
    let NewClass { name: class, wants_focus } = class;
    let name = ui.weak("Notify me about another class");
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 60.0).max(60.0);
        let field = TextEdit::singleline(class)
            .id_salt("class")
            .hint_text("such as person")
            .char_limit(MAX_NAME)
            .desired_width(width);
        let field = ui.add(field).labelled_by(name.id);
        if std::mem::take(wants_focus) {
            field.request_focus();
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let wanted = one_line(class.trim(), MAX_NAME);
        let is_new = !wanted.is_empty() && !choices.rules.iter().any(|rule| rule.is_about(&wanted));
        let added = ui.add_enabled(is_new, egui::Button::new("Add")).clicked();
        if is_new && (added || entered) {
            set_rule(choices, &wanted, "", true);
            class.clear();
        }
    });
}
