//! The wall: tiles found by name, selected, opened, put into another order.

use std::time::Duration;

use egui::{Event, Key, Modifiers, PointerButton, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::model::Condition;
use helmsight::ui::state::SessionKey;
use helmsight::ui::{Action, Command};

use crate::stage::{ROOMY, Window, asked, focused, key, press, press_key, session, watching};

/// A wall of sessions s1, s2, …; the first is selected.
fn wall(count: usize, size: Vec2) -> Window {
    let mut window = watching(size);
    for n in 2..=count {
        let open = session(&window.ctx, &window.state().state, &format!("s{n}"));
        window.state_mut().state.open.push(open);
    }
    let stage = window.state_mut();
    stage.state.on_wall = true;
    stage.window.show_sessions = false;
    stage.window.wall.wants_focus = true;
    window.run();
    window
}

fn name(n: usize) -> String {
    format!("Tile {n}: Page of s{n}, Live")
}

fn select(window: &mut Window, at: usize) {
    window.state_mut().state.active = Some(at);
    window.run();
}

fn moved(id: &str, to: usize) -> Action {
    let session = key(id);
    Action::Move { session, to }
}

#[test]
fn every_session_is_a_tile_and_one_is_selected() {
    let window = wall(5, ROOMY);
    for n in 1..=5 {
        let name = name(n);
        let tile = window.get_by_label(&name);
        let selected = format!("{:?}", tile.accesskit_node().toggled());
        assert_eq!(selected, format!("Some({})", if n == 1 { "True" } else { "False" }), "{n}");
    }
    assert_eq!(focused(&window), Some(name(1)));
    // What is said of one session alone has no place here.
    for gone in ["Back", "Event log", "First"] {
        assert!(window.query_by_label(gone).is_none(), "{gone}");
    }
}

#[test]
fn a_click_selects_and_two_open() {
    let mut window = wall(4, ROOMY);
    press(&mut window, &name(3));
    assert_eq!(asked(&mut window), [Action::Select(key("s3"))]);
    select(&mut window, 2);
    // Else it would be the second of two clicks already.
    window.run_steps(30);
    let pos = window.get_by_label(&name(3)).rect().center();
    for pressed in [true, false, true, false] {
        let press = Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        window.input_mut().events.push(press);
    }
    window.run();
    assert_eq!(asked(&mut window), [Action::Open(key("s3"))]);
}

#[test]
fn enter_and_screen_readers_open_at_once() {
    let mut window = wall(4, ROOMY);
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), [Action::Open(key("s1"))]);
    window.get_by_label(&name(2)).click_accesskit();
    window.run();
    assert_eq!(asked(&mut window), [Action::Open(key("s2"))]);
    // Also where nothing has the keyboard.
    window.ctx.memory_mut(|memory| memory.surrender_focus(memory.focused().expect("a tile")));
    press_key(&mut window, Key::Enter);
    assert_eq!(asked(&mut window), [Action::Open(key("s1"))]);
}

#[test]
fn arrows_select_the_tile_beside() {
    let mut window = wall(5, ROOMY);
    for (arrow, to) in
        [(Key::ArrowRight, 1), (Key::ArrowDown, 4), (Key::ArrowUp, 1), (Key::ArrowLeft, 0)]
    {
        press_key(&mut window, arrow);
        let id = format!("s{}", to + 1);
        assert_eq!(asked(&mut window), [Action::Select(key(&id))], "{arrow:?}");
        select(&mut window, to);
        assert_eq!(focused(&window), Some(name(to + 1)), "{arrow:?}");
    }
    // At the edge there is nothing to go to.
    press_key(&mut window, Key::ArrowLeft);
    assert_eq!(asked(&mut window), []);
}

#[test]
fn arrows_with_shift_move_the_tile() {
    let mut window = wall(5, ROOMY);
    select(&mut window, 1);
    for (arrow, to) in [(Key::ArrowRight, 2), (Key::ArrowDown, 4), (Key::ArrowLeft, 0)] {
        window.key_press_modifiers(Modifiers::SHIFT, arrow);
        window.run();
        assert_eq!(asked(&mut window), [moved("s2", to)], "{arrow:?}");
    }
}

#[test]
fn keys_meant_for_something_else_move_nothing() {
    let mut window = wall(4, ROOMY);
    window.state_mut().window.palette.toggle();
    window.run();
    press_key(&mut window, Key::ArrowRight);
    assert_eq!(asked(&mut window), []);
}

/// Presses on one tile, moves to another, and then does what `end` says.
fn drag(window: &mut Window, from: usize, to: usize, end: impl Fn(&mut Window, egui::Pos2)) {
    let start = window.get_by_label(&name(from)).rect().center();
    let target = window.get_by_label(&name(to)).rect().center();
    window.drag_at(start);
    window.step();
    for part in [0.3, 0.7, 1.0] {
        window.event(Event::PointerMoved(start.lerp(target, part)));
        window.step();
    }
    end(window, target);
    window.run();
}

#[test]
fn a_tile_is_dragged_to_its_place() {
    let mut window = wall(4, ROOMY);
    drag(&mut window, 1, 4, |window, at| window.drop_at(at));
    assert_eq!(asked(&mut window), [moved("s1", 3)]);
    // Where it was is no move.
    drag(&mut window, 2, 2, |window, at| window.drop_at(at));
    assert!(!asked(&mut window).iter().any(|action| matches!(action, Action::Move { .. })));
}

#[test]
fn escape_lets_go_of_a_dragged_tile() {
    let mut window = wall(4, ROOMY);
    drag(&mut window, 1, 4, |window, at| {
        window.key_press(Key::Escape);
        window.step();
        window.drop_at(at);
    });
    assert_eq!(asked(&mut window), []);
}

#[test]
fn an_offline_tile_says_since_when_and_why() {
    let mut window = wall(2, ROOMY);
    let state = &mut window.state_mut().state;
    let heard = state.now;
    state.now += Duration::from_secs(150);
    state.wall += Duration::from_secs(150);
    let open = &mut state.open[1];
    open.view.traffic.last_byte = Some(heard);
    open.condition = Condition::Reconnecting {
        attempt: 2,
        retry_in: Duration::from_secs(8),
        why: "the server closed the connection".to_owned(),
    };
    window.run();
    window.get_by_label("Tile 2: Page of s2, Reconnecting in 8 s");
    for words in
        ["Reconnecting in 8 s", "Since 03:04, for 2 min", "The server closed the connection"]
    {
        window.get_by_label(words);
    }
    let open = &mut window.state_mut().state.open[1];
    open.view.traffic.last_byte = None;
    open.picture = None;
    open.condition = Condition::Ended { why: "the session expired".to_owned() };
    window.run();
    for words in ["Ended", "No picture came so far", "The session expired"] {
        window.get_by_label(words);
    }
}

#[test]
fn a_tile_whose_pictures_cannot_be_read_says_how_many_and_why() {
    let mut window = wall(2, ROOMY);
    let why = "the picture is larger than 12 MiB. Make its source send smaller ones";
    let state = &mut window.state_mut().state;
    state.open[1].condition = Condition::Unreadable { count: 7, why: why.into() };
    window.run();
    window.get_by_label("Tile 2: Page of s2, Pictures can't be read");
    window.get_by_label("Pictures can't be read");
    window.get_by_label(&format!("7 came so far: {why}"));
}

#[test]
fn only_what_is_on_screen_counts_as_shown() {
    let mut window = wall(16, vec2(480.0, 400.0));
    let keys: Vec<SessionKey> = (1..=16).map(|n| key(&format!("s{n}"))).collect();
    let shown = |window: &Window, at: usize| window.state().window.wall.shown(&keys[at]).is_some();
    assert!(shown(&window, 0) && !shown(&window, 15));
    assert!(window.state().window.wall.shown(&keys[0]).unwrap().width >= 150.0);
    // The tiles below can be reached, and come into view with the keyboard.
    let last = name(16);
    window.get_by_label(&last);
    window.state_mut().window.wall.wants_focus = true;
    select(&mut window, 15);
    window.run_steps(30);
    assert!(shown(&window, 15) && !shown(&window, 0));
}

#[test]
fn an_empty_wall_offers_what_fills_it() {
    let mut window = wall(1, ROOMY);
    window.get_by_label(&name(1));
    window.get_by_label("Open more sessions to see them side by side");
    let state = &mut window.state_mut().state;
    state.open.clear();
    state.active = None;
    window.run();
    window.get_by_label("The wall is empty");
    press(&mut window, "New session…");
    assert_eq!(asked(&mut window), [Action::Run(Command::NewSession)]);
}

#[test]
fn the_toolbar_leads_there_and_back() {
    let mut window = wall(2, ROOMY);
    press(&mut window, "Wall");
    window.state_mut().state.on_wall = false;
    window.run();
    press(&mut window, "Wall");
    assert_eq!(asked(&mut window), [const { Action::Run(Command::ToggleWall) }; 2]);
}
