//! Tests the menu by the names of its entries, by mouse and by keyboard.

use std::time::{Duration, Instant};

use egui::{Key, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::model::{Control, FormRect, FrameSize};
use crate::ui::binding::Bindings;
use crate::ui::picture::View;
use crate::ui::picture::testing::session;
use crate::ui::state::{AppState, nothing_watched};

struct Stage {
    session: Option<OpenSession>,
    menu: ContextMenu,
    memory: PageMenuState,
    drives: bool,
    actions: Vec<Action>,
    now: Instant,
}

/// A menu in the middle of a page that is shown in half of its size.
fn menu() -> ContextMenu {
    ContextMenu {
        seq: 1,
        rect: FormRect { x: 640.0, y: 360.0, ..FormRect::default() },
        page: FrameSize { width: 1280, height: 720 },
        ..ContextMenu::default()
    }
}

fn show(menu: ContextMenu, drives: bool) -> Harness<'static, Stage> {
    let stage = Stage {
        session: None,
        menu,
        memory: PageMenuState::default(),
        drives,
        actions: Vec::new(),
        now: Instant::now() + Duration::from_secs(60),
    };
    let mut harness = Harness::builder().with_size([700.0, 620.0]).build_ui_state(stage_ui, stage);
    harness.run_steps(4);
    harness
}

fn stage_ui(ui: &mut Ui, stage: &mut Stage) {
    let size = FrameSize { width: 1280, height: 720 };
    let open = stage.session.get_or_insert_with(|| session(ui.ctx(), size, stage.now));
    open.view.context_menu = Some(stage.menu.clone());
    let state = AppState { control: true, ..nothing_watched(stage.now) };
    let io =
        &mut PanelIo { state: &state, bindings: &Bindings::default(), actions: &mut stage.actions };
    let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(640.0, 360.0));
    let geometry = FrameToUi::new(size, area, 1.0, View::default());
    ui.interact(area, picture_id(), egui::Sense::click());
    page_menu_ui(ui, io, &mut stage.memory, open, geometry.as_ref(), stage.drives);
}

fn is_open(stage: &Harness<'_, Stage>) -> bool {
    stage.query_by_label_contains("Reload").is_some()
}

#[test]
fn every_thing_has_its_entries_at_the_pointers_place() {
    let link = ContextMenu { link: "https://a.test/".into(), ..menu() };
    let mut stage = show(link, true);
    let at = stage.get_by_label("Open link in new tab").rect().left_top();
    assert!((320.0..340.0).contains(&at.x) && (180.0..200.0).contains(&at.y), "{at:?}");
    assert!(stage.query_by_label("Copy").is_none() && stage.query_by_label("Cut").is_none());
    stage.get_by_label("Open link in new tab").click();
    stage.run_steps(3);
    let opened = PageControl::NewTab { url: Some("https://a.test/".to_owned()) };
    assert_eq!(stage.state().actions, [Action::Send(Control::from(opened))]);
    assert!(!is_open(&stage));

    let field = ContextMenu { selection: "some text".into(), editable: true, ..menu() };
    let mut stage = show(field, true);
    assert!(stage.query_by_label("Copy link address").is_none());
    stage.get_by_label("Cut").click();
    stage.run_steps(3);
    let actions = std::mem::take(&mut stage.state_mut().actions);
    assert_eq!(actions.first(), Some(&Action::Copy("some text".to_owned())));
    assert_eq!(actions.len(), 3, "Delete goes down and up: {actions:?}");

    let picture = ContextMenu { image: "https://a.test/p.png".into(), ..menu() };
    let mut stage = show(picture, true);
    stage.get_by_label("Copy picture address").click();
    stage.run_steps(3);
    assert_eq!(stage.state().actions, [Action::Copy("https://a.test/p.png".to_owned())]);
}

#[test]
fn keys_choose_and_escape_closes() {
    let mut stage = show(ContextMenu { link: "https://a.test/".into(), ..menu() }, true);
    stage.key_press(Key::ArrowDown);
    stage.run_steps(2);
    stage.key_press(Key::Enter);
    stage.run_steps(3);
    assert_eq!(stage.state().actions, [Action::Copy("https://a.test/".to_owned())]);
    assert!(!is_open(&stage));

    stage.state_mut().menu.seq = 2;
    stage.run_steps(4);
    assert!(is_open(&stage), "the next one opens");
    stage.key_press(Key::Escape);
    stage.run_steps(3);
    assert!(!is_open(&stage));
    assert!(
        stage.ctx.memory(|memory| memory.has_focus(picture_id())),
        "the keyboard is the page's"
    );
}

#[test]
fn nobody_sees_a_menu_that_another_asked_for() {
    assert!(!is_open(&show(menu(), false)));
}
