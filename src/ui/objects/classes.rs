//! Draws a row for each class that was found: its mark, whether it has boxes, how many there are, and when to notify of
//! it.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Align, Checkbox, Layout, Role, ScrollArea, Sense, TextWrapMode, Ui, Vec2, WidgetInfo};

use super::ObjectsUiState;
use super::rules::{add_ui, rules_ui, set_rule};
use crate::base::text::one_line;
use crate::model::{Detection, ObjectChoices};
use crate::ui::icon::Icon;
use crate::ui::picture::ClassLook;
use crate::ui::widgets::{icon_button, steady};

/// A class's name in the list has at most this many characters.
const MAX_NAME: usize = 40;
const MARK: f32 = 14.0;

pub(super) fn classes_ui(
    ui: &mut Ui,
    state: &mut ObjectsUiState,
    choices: &mut ObjectChoices,
    found: &[Detection],
    camera: &str,
) {
    let listed = listed(state, choices);
    if !listed.is_empty() {
        all_or_none_ui(ui, choices, &listed);
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if listed.is_empty() {
            ui.weak("Nothing was found yet");
        }
        let counts = choices.filter.count(found);
        for class in &listed {
            let count = counts.get(&**class).copied().unwrap_or_default();
            steady(ui, ("class", class), |ui| {
                class_ui(ui, choices, class, count, camera);
                rules_ui(ui, choices, class, camera);
            });
        }
        ui.separator();
        steady(ui, "another class", |ui| add_ui(ui, &mut state.new_class, choices));
    });
}

/// Returns the classes that were seen, and those that have rules though they were never seen.
fn listed(state: &ObjectsUiState, choices: &ObjectChoices) -> BTreeSet<Arc<str>> {
    let mut listed = state.seen.clone();
    for rule in &choices.rules {
        if !listed.iter().any(|class| rule.is_about(class)) {
            listed.insert(Arc::from(rule.class.as_str()));
        }
    }
    listed
}

fn all_or_none_ui(ui: &mut Ui, choices: &mut ObjectChoices, listed: &BTreeSet<Arc<str>>) {
    let hidden = &mut choices.filter.hidden;
    ui.horizontal(|ui| {
        ui.weak("Boxes of");
        if ui.button("All").on_hover_text("Show every class").clicked() {
            hidden.clear();
        }
        let none = ui.button("None").on_hover_text("Hide every class listed");
        if none.clicked() {
            hidden.extend(listed.iter().cloned());
        }
    });
}

fn class_ui(
    ui: &mut Ui,
    choices: &mut ObjectChoices,
    class: &Arc<str>,
    count: usize,
    camera: &str,
) {
    let name = one_line(class, MAX_NAME);
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(Vec2::splat(MARK), Sense::hover());
        ClassLook::of(class).paint(ui.painter(), place.center(), MARK);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            notify_ui(ui, choices, class, &name, camera);
            if choices.log_changes {
                log_ui(ui, choices, class, &name);
            }
            count_ui(ui, &name, count);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.style_mut().wrap_mode = Some(TextWrapMode::Truncate);
                let mut shown = !choices.filter.hidden.contains(class);
                let toggle = ui.add(Checkbox::new(&mut shown, &name));
                if toggle.on_hover_text(&name).changed() {
                    choices.filter.set_shown(class, shown);
                }
            });
        });
    });
}

fn count_ui(ui: &mut Ui, name: &str, count: usize) {
    let text = count.to_string();
    let label = if count == 0 { ui.weak(text) } else { ui.strong(text) };
    label.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {count} now")));
}

fn notify_ui(ui: &mut Ui, choices: &mut ObjectChoices, class: &str, name: &str, camera: &str) {
    let is_on = choices.rules.iter().any(|rule| rule.is_about(class) && rule.applies_to(camera));
    let say = format!("Notify me about {name}");
    let bell = icon_button(ui, Icon::Bell, &say, is_on);
    if bell.on_hover_text(&say).clicked() {
        set_rule(choices, class, camera, !is_on);
    }
}

fn log_ui(ui: &mut Ui, choices: &mut ObjectChoices, class: &Arc<str>, name: &str) {
    let is_on = !choices.unlogged.contains(class);
    let say = format!("Log {name}");
    if !icon_button(ui, Icon::Log, &say, is_on).on_hover_text(&say).clicked() {
        return;
    }
    if is_on {
        choices.unlogged.insert(class.clone());
    } else {
        choices.unlogged.remove(class);
    }
}
