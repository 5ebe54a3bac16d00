//! Tests the picture by the accessible names of what is on it.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::model::{DetectionFilter, FrameSize, SessionKind};
use crate::ui::action::NewSession;
use crate::ui::binding::Bindings;
use crate::ui::clock::{Clock, ClockPace};
use crate::ui::picture::testing::session;
use crate::ui::state::OpenSession;

const SIZE: FrameSize = FrameSize { width: 640, height: 360 };

struct Stage {
    session: Option<OpenSession>,
    condition: Condition,
    has_picture: bool,
    mode: PictureMode,
    statistics: bool,
    boxes: DetectionFilter,
    preedit: String,
    now: Instant,
    picture: PictureUiState,
    actions: Vec<Action>,
}

impl Stage {
    fn new(condition: Condition) -> Self {
        Self {
            session: None,
            condition,
            has_picture: true,
            mode: PictureMode::Watching,
            statistics: false,
            boxes: DetectionFilter::default(),
            preedit: String::new(),
            now: Instant::now() + Duration::from_secs(100),
            picture: PictureUiState::default(),
            actions: Vec::new(),
        }
    }

    fn show(self) -> Harness<'static, Self> {
        let mut harness = Harness::builder()
            .with_size([900.0, 600.0])
            .with_step_dt(0.02)
            .build_ui_state(|ui, stage: &mut Self| stage.ui(ui), self);
        harness.run();
        harness
    }

    fn ui(&mut self, ui: &mut Ui) {
        let mut session = self.session.take().unwrap_or_else(|| session(ui.ctx(), SIZE, self.now));
        session.condition = self.condition.clone();
        if !self.has_picture {
            session.picture = None;
        }
        let bindings = Bindings::default();
        let successor = NewSession {
            service: None,
            kind: SessionKind::Browser,
            width: 1280,
            height: 720,
            fits: false,
            url: "https://one.example/".to_owned(),
        };
        let props = PictureProps {
            alone: false,
            session: &session,
            now: self.now,
            clock: Clock::fixed(ClockPace::Ticking),
            mode: self.mode,
            bindings: &bindings,
            preedit: &self.preedit,
            statistics: self.statistics,
            successor: Some(&successor),
            boxes: &self.boxes,
            mend: None,
        };
        picture_ui(ui, &props, &mut self.picture, &mut self.actions);
        self.session = Some(session);
    }
}

fn reconnecting() -> Condition {
    Condition::Reconnecting {
        attempt: 1,
        retry_in: Duration::from_millis(2500),
        why: "The server closed the connection".to_owned(),
    }
}

#[test]
fn the_picture_has_a_name_and_its_state_a_word() {
    let stage = Stage::new(Condition::Live).show();
    stage.get_by_label("Live picture of Example");
    stage.get_by_label("Live");
    stage.get_by_label("38 ms");
    stage.get_by_label_contains("640×360");
    let idle = Condition::Idle { unchanged_for: Duration::from_secs(12) };
    let stage = Stage::new(idle).show();
    stage.get_by_label("no change for 10 s");
    assert!(stage.query_by_label_contains("old").is_none(), "idle is not stale");
}

#[test]
fn control_is_told_with_the_way_out() {
    let mut stage = Stage::new(Condition::Live);
    stage.mode = PictureMode::Control { keyboard_here: true };
    let mut stage = stage.show();
    stage.get_by_label("You have control");
    stage.get_by_label(Command::ReleaseControl.name()).click();
    stage.run();
    let wanted = [Action::Run(Command::ReleaseControl)];
    assert_eq!(stage.state().actions, wanted);
    stage.state_mut().mode = PictureMode::Control { keyboard_here: false };
    stage.run();
    stage.get_by_label("Click the picture to type there");
}

#[test]
fn a_click_while_watching_tells_how_to_take_control_for_a_moment() {
    let mut stage = Stage::new(Condition::Live).show();
    let hint = "Press I to take control";
    assert!(stage.query_by_label(hint).is_none());
    stage.get_by_label("Live picture of Example").click();
    stage.run();
    stage.get_by_label(hint);
    stage.state_mut().now += HINT_FOR + Duration::from_millis(1);
    stage.run();
    assert!(stage.query_by_label(hint).is_none());
    let ended = Condition::Ended { why: "It expired".to_owned() };
    stage.state_mut().session.as_mut().unwrap().condition = ended;
    stage.get_by_label_contains("picture of Example").click();
    stage.run();
    assert!(stage.query_by_label(hint).is_none(), "there is nothing to control");
    assert!(stage.state().actions.is_empty());
}

#[test]
fn a_session_that_takes_no_input_offers_none() {
    let mut stage = Stage::new(Condition::Live).show();
    let session = stage.state_mut().session.as_mut().unwrap();
    session.view.capabilities = crate::model::Capabilities::default();
    stage.run();
    stage.get_by_label("This session can only be watched");
    assert!(stage.query_by_label(Command::ArmControl.name()).is_none());
}

#[test]
fn a_stale_picture_says_how_old_it_is_and_why() {
    let mut stage = Stage::new(reconnecting()).show();
    stage.get_by_label("This picture is 30 s old");
    assert_eq!(stage.query_all_by_label("Reconnecting in 3 s").count(), 2);
    stage.get_by_label("Reconnect now").click();
    stage.run();
    let wanted = [Action::Run(Command::ReconnectNow)];
    assert_eq!(stage.state().actions, wanted);
}

#[test]
fn without_a_picture_it_says_what_is_awaited() {
    let mut stage = Stage::new(Condition::Connecting { attempt: 0 });
    stage.has_picture = false;
    let mut stage = stage.show();
    stage.get_by_label("Waiting for the first picture of Example");
    assert!(stage.query_by_label("Reconnect now").is_none());
    stage.state_mut().condition = Condition::Refused { why: "The key was refused".to_owned() };
    stage.run();
    assert_eq!(stage.query_all_by_label("The key was refused").count(), 2);
    stage.get_by_label("Reconnect now");
    stage.get_by_label("Stop watching");
}

#[test]
fn what_is_over_is_left_or_begun_anew_and_not_connected_to() {
    let mut stage = Stage::new(Condition::Ended { why: "The session expired".to_owned() }).show();
    assert!(stage.query_by_label("Reconnect now").is_none());
    stage.get_by_label("New session at one.example").click();
    stage.run();
    stage.get_by_label("Remove from the list").click();
    stage.run();
    let actions = &stage.state().actions;
    assert!(
        matches!(&actions[..], [Action::Create(new), Action::StopWatching(_)] if new.url == "https://one.example/"),
        "{actions:?}"
    );
}

#[test]
fn the_overlay_has_its_rows() {
    let mut stage = Stage::new(Condition::Live);
    stage.statistics = true;
    let stage = stage.show();
    let rows = [
        "Received",
        "Shown",
        "Superseded",
        "Refused",
        "Bit rate",
        "Frame rate",
        "Decode",
        "Upload, paint",
        "Age p50",
        "Age p95",
        "Age now",
        "Picture",
        "Zoom",
    ];
    for row in rows {
        let named = |node: &egui_kittest::Node<'_>| {
            use egui_kittest::kittest::NodeT as _;
            let label = node.accesskit_node().value().or(node.accesskit_node().label());
            label.is_some_and(|label| label.starts_with(row))
        };
        let count = stage.query_all_by_label_contains(row).filter(named).count();
        assert_eq!(count, 1, "{row}");
    }
    stage.get_by_label_contains("1,234");
}

#[test]
fn a_double_click_changes_between_fit_and_1_to_1() {
    let mut stage = Stage::new(Condition::Live).show();
    for wanted in [Zoom::Actual, Zoom::Fit] {
        let picture = stage.get_by_label("Live picture of Example");
        picture.click();
        picture.click();
        stage.run();
        assert_eq!(stage.state().picture.view.zoom, wanted);
        // Without this pause the next clicks would be the third and fourth of one row.
        stage.run_steps(30);
    }
}

#[test]
fn boxes_can_be_hidden_and_that_is_told() {
    let mut stage = Stage::new(Condition::Live).show();
    let hidden = "Boxes hidden";
    stage.state_mut().boxes.all_hidden = true;
    stage.run();
    assert!(stage.query_by_label(hidden).is_none(), "a page has no boxes to miss");
    let session = stage.state_mut().session.as_mut().unwrap();
    session.view.capabilities.detections = true;
    stage.run();
    stage.get_by_label(hidden).click();
    stage.run();
    let wanted = [Action::Run(Command::ToggleBoxes)];
    assert_eq!(stage.state().actions, wanted);
    stage.state_mut().boxes.all_hidden = false;
    stage.run();
    assert!(stage.query_by_label(hidden).is_none());
}

#[test]
fn the_boxes_are_those_of_the_picture_and_lie_under_the_veil_of_an_old_one() {
    use crate::model::{Area, Detection, FrameRect};
    let mut stage = Stage::new(Condition::Live).show();
    let session = stage.state_mut().session.as_mut().unwrap();
    let person = Detection {
        class: "person".into(),
        confidence: 0.93,
        area: Area::Pixels(FrameRect { x: 64.0, y: 36.0, width: 320.0, height: 180.0 }),
    };
    session.picture.as_mut().unwrap().detections = [person].into();
    stage.run();
    let color = crate::ui::picture::ClassLook::of("person").color;
    let position = |stage: &Harness<'_, Stage>, is: &dyn Fn(&egui::Shape) -> bool| {
        let shapes = &stage.output().shapes;
        shapes.iter().position(|shape| is(&shape.shape))
    };
    let of_box = |shape: &egui::Shape| match shape {
        egui::Shape::Mesh(mesh) => mesh.vertices.iter().any(|vertex| vertex.color == color),
        _ => false,
    };
    let at = position(&stage, &of_box).unwrap();
    let egui::Shape::Mesh(mesh) = &stage.output().shapes[at].shape else {
        panic!("boxes are a mesh");
    };
    let colored = mesh.vertices.iter().filter(|vertex| vertex.color == color);
    let got = Rect::from_points(&colored.map(|vertex| vertex.pos).collect::<Vec<_>>());
    let image = stage.state().picture.surface().unwrap().geometry.image_rect();
    let wanted =
        Rect::from_min_max(image.lerp_inside(vec2(0.1, 0.1)), image.lerp_inside(vec2(0.6, 0.6)));
    assert!((got.min - wanted.min).abs().max_elem() <= 0.5);
    assert!((got.max - wanted.max).abs().max_elem() <= 0.5);
    stage.state_mut().condition = reconnecting();
    stage.run();
    let is_veil =
        |shape: &egui::Shape| matches!(shape, egui::Shape::Rect(rect) if rect.fill == veil());
    let veiled = position(&stage, &is_veil);
    assert!(position(&stage, &of_box) < veiled);
}

#[test]
fn what_is_composed_is_shown() {
    let mut stage = Stage::new(Condition::Live);
    stage.preedit = "nihon".to_owned();
    stage.mode = PictureMode::Control { keyboard_here: true };
    stage.show().get_by_label("nihon");
}
