//! Full screen: the picture alone, and what is necessary at the edge that the pointer touches.

use std::time::Duration;

use egui::{Event, Vec2, ViewportId, pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use helmsight::model::{Dialog, DialogKind};
use helmsight::ui::{Action, Command};

use crate::stage::{ROOMY, Window, asked, press, watching};

/// The window of a test has so much room around it, in points.
const MARGIN: f32 = 8.0;

/// A window that fills the screen, once its strip has shown the way out and gone.
fn full_screen() -> Window {
    let mut window = watching(ROOMY);
    fill(&mut window, true);
    window.state_mut().state.now += Duration::from_secs(10);
    window.run();
    window
}

fn fill(window: &mut Window, fills: bool) {
    let viewports = &mut window.input_mut().viewports;
    viewports.entry(ViewportId::ROOT).or_default().fullscreen = Some(fills);
    window.run();
}

fn point(window: &mut Window, x: f32, y: f32) {
    window.input_mut().events.push(Event::PointerMoved(pos2(x, y)));
    window.run();
}

#[test]
fn the_picture_has_the_whole_screen() {
    let mut window = watching(ROOMY);
    fill(&mut window, true);
    // At first it is told how to come back.
    window.get_by_label("Leave full screen");
    for gone in ["Menu", "Session list", "Close tab Second"] {
        assert!(window.query_by_label(gone).is_none(), "{gone}");
    }
    let picture = window.get_by_label("Live picture of Page of s1").rect();
    assert_eq!(picture.size(), ROOMY - Vec2::splat(2.0 * MARGIN));
    window.state_mut().state.now += Duration::from_secs(10);
    window.run();
    assert!(window.query_by_label("Leave full screen").is_none());
    fill(&mut window, false);
    window.get_by_label("Menu");
}

#[test]
fn an_edge_that_is_touched_shows_the_state_and_the_way_out() {
    let mut window = full_screen();
    for (edge, inside) in [(MARGIN, 300.0), (ROOMY.y - MARGIN - 1.0, 500.0)] {
        point(&mut window, 640.0, edge);
        window.get_by_label("Take control");
        press(&mut window, "Leave full screen");
        assert_eq!(asked(&mut window), [Action::Run(Command::FullScreen)]);
        point(&mut window, 640.0, inside);
        assert!(window.query_by_label("Leave full screen").is_none());
    }
    window.state_mut().state.control = true;
    point(&mut window, 640.0, MARGIN);
    window.get_by_label("You have control");
    press(&mut window, "Release keyboard");
    assert_eq!(asked(&mut window), [Action::Run(Command::ReleaseControl)]);
}

#[test]
fn what_needs_an_answer_is_shown_in_full_screen_too() {
    let mut window = full_screen();
    window.state_mut().state.open[0].view.dialog = Some(Dialog {
        kind: DialogKind::Confirm,
        message: "Really?".to_owned(),
        default_text: String::new(),
        url: "https://shop.example/cart".to_owned(),
    });
    window.run();
    window.get_by_label("shop.example asks");
}

#[test]
fn the_log_lies_over_the_picture_where_it_is_asked_for() {
    let mut window = full_screen();
    let before = window.get_by_label("Live picture of Page of s1").rect();
    window.state_mut().window.set_panel(true);
    window.run();
    window.get_by_label("Follow log");
    assert_eq!(window.get_by_label("Live picture of Page of s1").rect(), before);
}

#[test]
fn control_is_told_in_the_smallest_window() {
    let small: Vec2 = vec2(480.0, 320.0);
    let mut window = watching(small);
    let state = &mut window.state_mut().state;
    let people = &mut state.open[0].view;
    people.capabilities.people = true;
    people.people.driver = Some(people.people.me);
    window.run();
    let pill = window.get_by_label("You have control").rect();
    let others = ["Return", "Hand back…"].map(|name| window.get_by_label(name).rect());
    let screen = egui::Rect::from_min_size(pos2(0.0, 0.0), small);
    assert!(screen.contains_rect(pill), "{pill}");
    assert!(others.iter().all(|other| screen.contains_rect(*other) && !other.intersects(pill)));
}
