//! Boxes and the panel about them, in the whole window.

use egui::Key;
use egui_kittest::kittest::Queryable as _;
use helmsight::model::{Area, Detection, FrameRect};
use helmsight::settings::SidePanel;
use helmsight::ui::state::{Level, Notice};
use helmsight::ui::{Action, Command};

use crate::stage::{ROOMY, Window, asked, press, watching};

/// A camera's picture with two people and a ball in it.
fn camera() -> Window {
    let mut window = watching(ROOMY);
    let found = |class: &str, confidence: f32, x: f32| Detection {
        class: class.into(),
        confidence,
        area: Area::Pixels(FrameRect { x, y: 100.0, width: 120.0, height: 300.0 }),
    };
    let open = &mut window.state_mut().state.open[0];
    open.view.capabilities.detections = true;
    open.picture.as_mut().expect("a picture").detections =
        [found("person", 0.93, 100.0), found("person", 0.4, 400.0), found("ball", 0.7, 800.0)]
            .into();
    window.run();
    window
}

fn toggle(window: &mut Window, side: SidePanel) {
    let stage = window.state_mut();
    stage.window.toggle_side(side, stage.state.state().active());
}

#[test]
fn the_panel_is_hidden_by_the_key_of_what_it_shows() {
    let mut window = camera();
    toggle(&mut window, SidePanel::Objects);
    assert!(window.state().window.show_side);
    let open = &mut window.state_mut().state.open[0];
    open.view.capabilities.detections = false;
    // The log stands in for what this session does not have.
    toggle(&mut window, SidePanel::Log);
    assert!(!window.state().window.show_side);
    toggle(&mut window, SidePanel::Log);
    assert!(window.state().window.show_side);
}

/// How many frames are painted: four bars each, and as many around them.
fn boxes(window: &Window) -> usize {
    let shapes = window.output().shapes.iter();
    let vertices = shapes.map(|shape| match &shape.shape {
        egui::Shape::Mesh(mesh) if mesh.texture_id == egui::TextureId::default() => {
            mesh.vertices.len()
        }
        _ => 0,
    });
    vertices.sum::<usize>() / 32
}

#[test]
fn the_panel_is_offered_where_something_is_found_and_rules_the_boxes() {
    let mut window = watching(ROOMY);
    assert!(window.query_by_label("Objects").is_none());
    window = camera();
    assert_eq!(boxes(&window), 3);
    press(&mut window, "Objects");
    assert_eq!(asked(&mut window), [Action::Run(Command::ToggleObjects)]);
    toggle(&mut window, SidePanel::Objects);
    window.run();
    window.get_by_label("person: 2 now");
    window.get_by_label("3 shown");
    press(&mut window, "person");
    assert_eq!(boxes(&window), 1);
    window.get_by_label("1 of 3 shown");
    press(&mut window, "All");
    window.state_mut().window.objects.filter.min_confidence = 0.5;
    window.run();
    assert_eq!(boxes(&window), 2);
    window.get_by_label("person: 1 now");
}

#[test]
fn hidden_boxes_are_told_beside_the_picture() {
    let mut window = camera();
    window.state_mut().window.objects.filter.all_hidden = true;
    window.run();
    assert_eq!(boxes(&window), 0);
    press(&mut window, "Boxes hidden");
    assert_eq!(asked(&mut window), [Action::Run(Command::ToggleBoxes)]);
}

#[test]
fn what_is_listed_stays_while_the_panel_is_closed_and_the_picture_changes() {
    let mut window = camera();
    let picture = window.state_mut().state.open[0].picture.as_mut();
    picture.expect("a picture").detections = [].into();
    window.run();
    toggle(&mut window, SidePanel::Objects);
    window.run();
    window.get_by_label("ball: 0 now");
    window.get_by_label("person: 0 now");
}

#[test]
fn everything_in_the_panel_is_reached_by_the_tab_key() {
    let mut window = camera();
    toggle(&mut window, SidePanel::Objects);
    window.run();
    let mut reached = Vec::new();
    for _ in 0..60 {
        crate::stage::press_key(&mut window, Key::Tab);
        reached.extend(crate::stage::focused(&window));
    }
    for name in [
        "Show boxes",
        "Confidence at least",
        "Log what appears and leaves",
        "All",
        "None",
        "ball",
        "Notify me about ball",
        "person",
        "Notify me about another class",
    ] {
        assert!(reached.iter().any(|got| got == name), "{name} is not among {reached:?}");
    }
}

#[test]
fn an_alert_is_a_notice_that_goes_by_itself_and_can_be_dismissed() {
    let mut window = camera();
    let since = window.state().state.now;
    let notice = Notice {
        id: 7,
        text: "Found: person in Gate".to_owned(),
        level: Level::Alert,
        subject: None,
        since,
        lead: None,
    };
    assert!(helmsight::ui::notices::expires_at(&notice) > since);
    window.state_mut().state.notices.push(notice);
    window.run();
    window.get_by_label("Found: person in Gate");
    press(&mut window, "Dismiss");
    assert_eq!(asked(&mut window), [Action::Dismiss { notice: 7 }]);
}
