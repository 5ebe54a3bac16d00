//! Tests what is open for a page by the names of its parts, by mouse and by keyboard.

use std::time::{Duration, Instant};

use egui::{Key, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::model::{Control, FormOption, FormRect};
use crate::ui::action::Action;
use crate::ui::binding::Bindings;
use crate::ui::picture::View;
use crate::ui::picture::testing::session;
use crate::ui::state::nothing_watched;

/// Makes a control in the upper left part of a page, without options or a value.
pub(super) fn control(kind: FormControlKind) -> FormControl {
    FormControl {
        id: "c-1".to_owned(),
        kind,
        multiple: false,
        options: Vec::new(),
        more: 0,
        value: String::new(),
        min: String::new(),
        max: String::new(),
        step: String::new(),
        rect: FormRect { x: 40.0, y: 20.0, width: 100.0, height: 20.0 },
        page: FrameSize { width: 640, height: 360 },
    }
}

fn list(kind: FormControlKind) -> FormControl {
    let option = |value: &str, label: &str, disabled| FormOption {
        value: value.to_owned(),
        label: label.to_owned(),
        disabled,
        selected: value == "de",
        ..FormOption::default()
    };
    let options = vec![
        option("de", "Germany", false),
        option("fr", "France", true),
        option("it", "Italy", false),
        option("us", "United States", false),
    ];
    FormControl { options, ..control(kind) }
}

struct Stage {
    control: Option<FormControl>,
    session: Option<OpenSession>,
    memory: FormControlState,
    allowed: FormControlUse,
    actions: Vec<Action>,
    now: Instant,
}

fn show(control: FormControl, can_choose: bool) -> Harness<'static, Stage> {
    let stage = Stage {
        control: Some(control),
        session: None,
        memory: FormControlState::default(),
        allowed: FormControlUse { can_choose, keyboard_here: can_choose },
        actions: Vec::new(),
        now: Instant::now() + Duration::from_secs(60),
    };
    let mut harness = Harness::builder().with_size([700.0, 420.0]).build_ui_state(stage_ui, stage);
    harness.run();
    harness
}

fn stage_ui(ui: &mut Ui, stage: &mut Stage) {
    let size = FrameSize { width: 1280, height: 720 };
    let open = stage.session.get_or_insert_with(|| session(ui.ctx(), size, stage.now));
    open.view.form_control.clone_from(&stage.control);
    let state = nothing_watched(stage.now);
    let io =
        &mut PanelIo { state: &state, bindings: &Bindings::default(), actions: &mut stage.actions };
    let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(640.0, 360.0));
    let geometry = FrameToUi::new(size, area, 1.0, View::default());
    ui.interact(area, picture_id(), egui::Sense::click());
    form_control_ui(ui, io, &mut stage.memory, open, geometry.as_ref(), stage.allowed);
}

fn sent(stage: &Harness<'_, Stage>) -> Vec<Control> {
    let control = |action: &Action| match action {
        Action::Send(control) => Some(control.clone()),
        _ => None,
    };
    stage.state().actions.iter().filter_map(control).collect()
}

fn chosen(value: &str) -> Vec<Control> {
    vec![PageControl::Choose { id: "c-1".to_owned(), values: vec![value.to_owned()] }.into()]
}

fn press(stage: &mut Harness<'_, Stage>, key: Key) {
    stage.key_press(key);
    stage.run();
}

#[test]
fn a_list_is_chosen_from_by_mouse_at_its_place() {
    let mut stage = show(list(FormControlKind::Select), true);
    // The page of 640 is shown 640 points wide, and the control ends at 40 points.
    let top = stage.get_by_label("Germany").rect().top();
    assert!((40.0..60.0).contains(&top), "{top}");
    stage.get_by_label("France").click();
    stage.run();
    assert!(sent(&stage).is_empty());
    stage.get_by_label("Italy").click();
    stage.run();
    assert_eq!(sent(&stage), chosen("it"));
    // The list is gone before the session has told so.
    assert!(stage.query_by_label("Italy").is_none());
    // Where the session never takes it, it is shown again.
    stage.state_mut().now += TAKEN_WITHIN * 2;
    stage.run();
    stage.get_by_label("Italy");
}

#[test]
fn a_list_is_chosen_from_by_keyboard_and_left_by_escape() {
    let mut stage = show(list(FormControlKind::Select), true);
    assert!(has_keyboard(&stage.ctx));
    press(&mut stage, Key::ArrowDown);
    press(&mut stage, Key::Enter);
    assert_eq!(sent(&stage), chosen("it"));
    assert!(!has_keyboard(&stage.ctx), "the keys are the session's again");

    let mut stage = show(list(FormControlKind::Select), true);
    stage.event(egui::Event::Text("un".to_owned()));
    stage.run();
    press(&mut stage, Key::Tab);
    assert_eq!(sent(&stage), chosen("us"));

    let mut stage = show(list(FormControlKind::Select), true);
    press(&mut stage, Key::Escape);
    let escape = sent(&stage);
    assert!(
        matches!(&escape[..], [Control::Input(InputControl::KeyDown(down)), Control::Input(InputControl::KeyUp(_))] if down.key == "Escape"),
        "{escape:?}"
    );
}

#[test]
fn whoever_only_watches_sees_the_list_and_chooses_nothing() {
    let mut stage = show(list(FormControlKind::Select), false);
    assert!(!has_keyboard(&stage.ctx));
    stage.get_by_label("Italy").click();
    stage.run();
    assert!(sent(&stage).is_empty());
    stage.get_by_label("Italy");
}

#[test]
fn a_field_keeps_its_keys_until_an_arrow_leads_into_its_suggestions() {
    let mut stage = show(list(FormControlKind::Datalist), true);
    assert!(!has_keyboard(&stage.ctx));
    press(&mut stage, Key::ArrowDown);
    assert!(has_keyboard(&stage.ctx));
    press(&mut stage, Key::ArrowDown);
    // What is typed in between goes on to the field.
    stage.event(egui::Event::Text("x".to_owned()));
    stage.run();
    assert_eq!(sent(&stage), [Control::from(InputControl::Text { text: "x".to_owned() })]);
    assert!(!has_keyboard(&stage.ctx));
    stage.state_mut().actions.clear();
    press(&mut stage, Key::ArrowUp);
    press(&mut stage, Key::Enter);
    assert_eq!(sent(&stage).len(), 1);
}

#[test]
fn a_day_is_picked_by_mouse_and_by_keyboard() {
    let day = FormControl { value: "2026-12-01".to_owned(), ..control(FormControlKind::Date) };
    let mut stage = show(day.clone(), true);
    stage.get_by_label("24 December 2026").click();
    stage.run();
    assert_eq!(sent(&stage), chosen("2026-12-24"));

    let mut stage = show(day.clone(), true);
    press(&mut stage, Key::ArrowDown);
    press(&mut stage, Key::ArrowRight);
    press(&mut stage, Key::Enter);
    assert_eq!(sent(&stage), chosen("2026-12-09"));

    let mut stage = show(day, true);
    stage.get_by_label("Clear").click();
    stage.run();
    assert_eq!(sent(&stage), chosen(""));
}

#[test]
fn a_moment_is_a_day_and_then_a_time() {
    let moment = FormControl {
        value: "2026-12-01T09:30".to_owned(),
        ..control(FormControlKind::DatetimeLocal)
    };
    let mut stage = show(moment, true);
    press(&mut stage, Key::ArrowRight);
    press(&mut stage, Key::Tab);
    stage.event(egui::Event::Text("1745".to_owned()));
    stage.run();
    press(&mut stage, Key::Enter);
    assert_eq!(sent(&stage), chosen("2026-12-02T17:45"));
}

#[test]
fn a_color_is_typed() {
    let mut stage = show(control(FormControlKind::Color), true);
    for letter in ["1", "e", "9", "0", "f", "f"] {
        stage.event(egui::Event::Text(letter.to_owned()));
        stage.run();
    }
    press(&mut stage, Key::Enter);
    assert_eq!(sent(&stage), chosen("#1e90ff"));
}

#[test]
fn what_the_page_draws_itself_or_closes_is_not_shown() {
    let several = FormControl { multiple: true, ..list(FormControlKind::Select) };
    let mut stage = show(several, true);
    assert!(stage.query_by_label("Italy").is_none() && !has_keyboard(&stage.ctx));
    stage.state_mut().control = Some(list(FormControlKind::Select));
    stage.run();
    stage.get_by_label("Italy");
    stage.state_mut().control = None;
    stage.run();
    assert!(stage.query_by_label("Italy").is_none() && !has_keyboard(&stage.ctx));
}
