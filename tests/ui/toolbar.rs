//! The bar above the picture.

use std::time::Duration;

use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::model::{Condition, History, KeepAlive, PageControl, SessionSummary};
use helmsight::ui::clock::ClockPace;
use helmsight::ui::{Action, Command};

use crate::stage::{ROOMY, Window, asked, press, press_key, type_into, watching};

fn page(window: &mut Window) -> &mut helmsight::model::Page {
    &mut window.state_mut().state.open[0].view.page
}

fn is_enabled(window: &Window, name: &str) -> bool {
    !window.get_by_label(name).accesskit_node().is_disabled()
}

fn address(window: &Window) -> Option<String> {
    window.get_by_label("Address").value()
}

fn focus_address(window: &mut Window) {
    window.state_mut().window.address.focus();
    window.run();
}

#[test]
fn a_typed_address_is_gone_to() {
    let mut window = watching(ROOMY);
    assert_eq!(address(&window).as_deref(), Some("https://one.example/"));
    // The whole address is selected, so that typing replaces it.
    focus_address(&mut window);
    type_into(&mut window, "Address", "two.example");
    assert_eq!(address(&window).as_deref(), Some("two.example"));
    press_key(&mut window, Key::Enter);
    let wanted = Action::Send(PageControl::Navigate { url: "two.example".to_owned() }.into());
    assert_eq!(asked(&mut window), [wanted]);
    // Until the session says where it is, it is where it was.
    assert_eq!(address(&window).as_deref(), Some("https://one.example/"));
}

#[test]
fn escape_gives_a_typed_address_up() {
    let mut window = watching(ROOMY);
    focus_address(&mut window);
    type_into(&mut window, "Address", "half a tho");
    press_key(&mut window, Key::Escape);
    assert_eq!(address(&window).as_deref(), Some("https://one.example/"));
    assert_eq!(asked(&mut window), []);
    page(&mut window).url = "https://three.example/".to_owned();
    window.run();
    assert_eq!(address(&window).as_deref(), Some("https://three.example/"));
}

#[test]
fn history_goes_only_where_there_is_some() {
    let mut window = watching(ROOMY);
    press(&mut window, "Back");
    press(&mut window, "Forward");
    assert_eq!(asked(&mut window), []);
    assert!(!is_enabled(&window, "Back"));
    page(&mut window).can_go_back = true;
    window.run();
    press(&mut window, "Back");
    assert_eq!(asked(&mut window), [Action::Run(Command::Back)]);
    // A session that does not tell its history is asked on trust.
    window.state_mut().state.open[0].view.capabilities.history = History::Chords;
    window.run();
    press(&mut window, "Forward");
    assert_eq!(asked(&mut window), [Action::Run(Command::Forward)]);
}

#[test]
fn where_only_addresses_can_be_gone_to_nothing_else_is_offered() {
    let mut window = watching(ROOMY);
    window.state_mut().state.open[0].view.capabilities.history = History::None;
    window.run();
    for name in ["Back", "Forward", "Reload"] {
        assert!(window.query_by_label(name).is_none(), "{name}");
    }
    assert!(address(&window).is_some());
    for command in [Command::Back, Command::Forward, Command::Reload, Command::Stop] {
        let why = command.why_not(&window.state().state.state());
        assert_eq!(why, Some("This service can only go to an address"));
    }
}

#[test]
fn what_loads_can_be_stopped_and_what_is_loaded_reloaded() {
    let mut window = watching(ROOMY);
    press(&mut window, "Reload");
    page(&mut window).loading = true;
    window.run();
    assert!(window.query_by_label("Reload").is_none());
    press(&mut window, "Stop loading");
    assert_eq!(asked(&mut window), [Command::Reload, Command::Stop].map(Action::Run));
}

#[test]
fn the_end_is_counted_down_and_can_be_put_off() {
    let mut window = watching(ROOMY);
    window.get_by_label_contains("Ends in 04:12");
    press(&mut window, "Keep alive");
    window.state_mut().state.open[0].view.keep_alive =
        KeepAlive::On { period: Duration::from_secs(60) };
    window.run();
    press(&mut window, "Keep alive");
    assert_eq!(asked(&mut window), [true, false].map(Action::SetKeepAlive));
}

#[test]
fn what_never_ends_by_itself_has_no_countdown() {
    let mut window = watching(ROOMY);
    window.state_mut().state.open[0].view.lifetime = Default::default();
    window.run();
    assert!(window.query_by_label("Keep alive").is_none());
    assert!(window.query_by_label_contains("Ends in").is_none());
}

#[test]
fn a_session_without_navigation_has_no_address() {
    let mut window = watching(ROOMY);
    window.state_mut().state.open[0].view.capabilities.navigation = false;
    window.run();
    for name in ["Address", "Back", "Reload"] {
        assert!(window.query_by_label(name).is_none(), "{name}");
    }
}

#[test]
fn the_menu_runs_what_applies_and_greys_the_rest() {
    let mut window = watching(ROOMY);
    window.state_mut().state.open[0].view.capabilities.viewport = false;
    press(&mut window, "Menu");
    press(&mut window, "Picture");
    assert!(!is_enabled(&window, "Match page to window"));
    press(&mut window, "Actual size");
    assert_eq!(asked(&mut window), [Action::Run(Command::ZoomActual)]);
    // It closes behind what was chosen.
    assert!(window.query_by_label("Actual size").is_none());
}

/// Times on screen as moments, so that nothing has to be painted to keep them true.
#[test]
fn a_window_that_nobody_touches_is_not_painted() {
    let mut window = watching(ROOMY);
    let stage = window.state_mut();
    stage.state.open[0].condition = Condition::Idle { unchanged_for: Duration::from_secs(23) };
    let created = stage.state.wall - Duration::from_secs(600);
    stage.state.services[0].sessions.push(SessionSummary {
        id: "other".to_owned(),
        state: "running".to_owned(),
        created_at: Some(created),
        ..SessionSummary::default()
    });
    stage.window.show_statistics = true;
    window.run_steps(3);
    for text in ["no change for 20 s", "Ends in 04:12"] {
        window.get_by_label(text);
    }
    assert!(repaint_in(&window) <= Duration::from_secs(7));

    window.state_mut().state.pace = ClockPace::Still;
    window.run_steps(3);
    for text in ["no change since 03:03:42", "Ends at 03:08"] {
        window.get_by_label(text);
    }
    assert_eq!(repaint_in(&window), Duration::MAX);

    window.state_mut().state.open[0].condition =
        Condition::Stalled { silent_for: Duration::from_secs(100) };
    window.run_steps(3);
    window.get_by_label("This picture came at 03:04:05");
    assert_eq!(repaint_in(&window), Duration::MAX);
}

fn repaint_in(window: &Window) -> Duration {
    window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay
}
