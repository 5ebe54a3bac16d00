//! Tests the panel by the names of its widgets.

use std::time::{Duration, Instant};

use egui::{Key, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::model::{Area, DetectionRule, FrameRect, FrameSize};
use crate::ui::action::Action;
use crate::ui::binding::Bindings;
use crate::ui::picture::testing::session;
use crate::ui::state::nothing_watched;

struct Stage {
    found: Vec<Detection>,
    session: Option<OpenSession>,
    panel: ObjectsUiState,
    choices: ObjectChoices,
    actions: Vec<Action>,
}

fn found(class: &str, confidence: f32) -> Detection {
    Detection { class: Arc::from(class), confidence, area: Area::Pixels(FrameRect::default()) }
}

fn show(found: &[Detection]) -> Harness<'static, Stage> {
    let stage = Stage {
        found: found.to_vec(),
        session: None,
        panel: ObjectsUiState::default(),
        choices: ObjectChoices::default(),
        actions: Vec::new(),
    };
    let mut harness = Harness::builder().with_size([380.0, 600.0]).build_ui_state(stage_ui, stage);
    harness.run();
    harness
}

fn stage_ui(ui: &mut Ui, stage: &mut Stage) {
    let now = Instant::now() + Duration::from_secs(60);
    let size = FrameSize { width: 640, height: 360 };
    let open = stage.session.get_or_insert_with(|| session(ui.ctx(), size, now));
    let picture = open.picture.as_mut().unwrap();
    if *picture.detections != stage.found[..] {
        picture.detections = stage.found.clone().into();
    }
    stage.panel.note(&picture.detections);
    let state = nothing_watched(now);
    let io =
        &mut PanelIo { state: &state, bindings: &Bindings::default(), actions: &mut stage.actions };
    objects_panel_ui(ui, io, open, &mut stage.panel, &mut stage.choices);
}

fn press(stage: &mut Harness<'_, Stage>, name: &str) {
    stage.get_by_label(name).click();
    stage.run();
}

fn set_number(stage: &mut Harness<'_, Stage>, name: &str, value: &str) {
    stage.get_by_label(name).click();
    stage.run();
    stage.get_by_label(name).type_text(value);
    stage.run();
    stage.key_press(Key::Enter);
    stage.run();
}

#[test]
fn classes_are_listed_by_name_with_their_counts_and_stay() {
    let mut stage = show(&[found("person", 0.9), found("ball", 0.5), found("ball", 0.2)]);
    stage.get_by_label("person: 1 now");
    stage.get_by_label("ball: 2 now");
    stage.get_by_label("3 shown");
    let top = |stage: &Harness<'_, Stage>, name: &str| stage.get_by_label(name).rect().top();
    assert!(top(&stage, "ball") < top(&stage, "person"));
    stage.state_mut().found = vec![found("zebra", 0.9)];
    stage.run();
    stage.get_by_label("person: 0 now");
    stage.get_by_label("zebra: 1 now");
}

#[test]
fn classes_are_switched_one_by_one_and_together() {
    let mut stage = show(&[found("person", 0.9), found("ball", 0.5)]);
    press(&mut stage, "person");
    let hidden = |stage: &Harness<'_, Stage>| stage.state().choices.filter.hidden.clone();
    assert_eq!(hidden(&stage), [Arc::from("person")].into());
    stage.get_by_label("1 of 2 shown");
    stage.get_by_label("person: 1 now");
    press(&mut stage, "None");
    assert_eq!(hidden(&stage).len(), 2);
    press(&mut stage, "All");
    assert!(hidden(&stage).is_empty());
}

#[test]
fn the_confidence_is_set_by_keyboard_too() {
    let mut stage = show(&[found("person", 0.9), found("ball", 0.005)]);
    let slider = |node: &egui_kittest::Node<'_>| node.accesskit_node().role() == Role::Slider;
    let sliders = stage.query_all_by_label("Confidence at least").filter(slider);
    assert_eq!(sliders.count(), 1);
    stage.get_by_role_and_label(Role::Slider, "Confidence at least").focus();
    stage.run();
    stage.key_press(Key::ArrowRight);
    stage.run();
    assert_eq!(stage.state().choices.filter.min_confidence, 0.01);
    stage.get_by_label("1 %");
    stage.get_by_label("ball: 0 now");
    stage.get_by_label("1 of 2 shown");
}

#[test]
fn all_boxes_are_hidden_by_the_command_and_that_is_told() {
    let mut stage = show(&[found("person", 0.9)]);
    press(&mut stage, "Show boxes");
    let wanted = [Action::Run(Command::ToggleBoxes)];
    assert_eq!(stage.state().actions, wanted);
    stage.state_mut().choices.filter.all_hidden = true;
    stage.run();
    stage.get_by_label("Boxes hidden");
    stage.get_by_label("person: 1 now");
}

#[test]
fn logging_is_off_until_it_is_asked_for_and_can_leave_a_class_out() {
    let mut stage = show(&[found("person", 0.9)]);
    assert!(!stage.state().choices.log_changes);
    assert!(stage.query_by_label("Log person").is_none());
    press(&mut stage, "Log what appears and leaves");
    assert!(stage.state().choices.log_changes);
    press(&mut stage, "Log person");
    assert_eq!(stage.state().choices.unlogged, [Arc::from("person")].into());
    press(&mut stage, "Log person");
    assert!(stage.state().choices.unlogged.is_empty());
}

#[test]
fn a_rule_is_made_edited_and_taken_away() {
    let mut stage = show(&[found("person", 0.9)]);
    press(&mut stage, "Notify me about person");
    let rule = |stage: &Harness<'_, Stage>| stage.state().choices.rules.clone();
    let person = DetectionRule { class: "person".to_owned(), ..DetectionRule::default() };
    assert_eq!(rule(&stage), std::slice::from_ref(&person));
    set_number(&mut stage, "Least confidence to notify about person", "80");
    let seconds = "Seconds between notices about person; 0 is once each time it appears";
    set_number(&mut stage, seconds, "5");
    press(&mut stage, "only this camera");
    let edited = DetectionRule {
        min_confidence: 0.8,
        cool_down_seconds: 5,
        camera: Some("local/s1".to_owned()),
        ..person
    };
    assert_eq!(rule(&stage), [edited]);
    press(&mut stage, "Notify me about person");
    assert!(rule(&stage).is_empty());
}

#[test]
fn a_rule_can_be_about_what_was_never_seen() {
    let mut stage = show(&[]);
    stage.get_by_label("Nothing was found yet");
    let field = "Notify me about another class";
    let text_field = |stage: &Harness<'_, Stage>| {
        stage.get_by_role_and_label(Role::TextInput, field).focus();
    };
    text_field(&stage);
    stage.run();
    stage.get_by_role_and_label(Role::TextInput, field).type_text(" fox ");
    stage.run();
    stage.key_press(Key::Enter);
    stage.run();
    assert_eq!(stage.state().choices.rules[0].class, "fox");
    stage.get_by_label("fox: 0 now");
}

#[test]
fn a_class_that_is_found_meanwhile_takes_the_keyboard_from_nobody() {
    let mut stage = show(&[found("person", 0.9)]);
    let field = "Notify me about another class";
    stage.get_by_role_and_label(Role::TextInput, field).focus();
    stage.run();
    for (typed, class) in [("f", "bicycle"), ("o", "zebra"), ("x", "car")] {
        stage.get_by_role_and_label(Role::TextInput, field).type_text(typed);
        stage.state_mut().found.push(found(class, 0.9));
        stage.run();
    }
    stage.key_press(Key::Enter);
    stage.run();
    assert_eq!(stage.state().choices.rules[0].class, "fox");
}

#[test]
fn a_server_that_invents_classes_fills_no_memory_and_breaks_no_row() {
    let mut all: Vec<_> = (0..1_000).map(|n| found(&format!("class {n}"), 0.9)).collect();
    all.insert(0, found(&"W".repeat(300), 0.9));
    let stage = show(&all);
    assert_eq!(stage.state().panel.seen.len(), MAX_CLASSES);
    let width = 380.0;
    let bells = stage.query_all_by_label_contains("Notify me about");
    let names = stage.query_all_by_role(Role::CheckBox);
    for node in bells.chain(names) {
        let rect = node.rect();
        assert!(rect.right() <= width, "{rect:?}");
    }
}
