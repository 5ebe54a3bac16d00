//! The first page: what can be done before anything is watched.

use egui::Key;
use egui_kittest::kittest::Queryable as _;
use helmsight::model::SessionKind;
use helmsight::ui::action::NewSession;
use helmsight::ui::state::LocalBrowser;
use helmsight::ui::{Action, Command};

use crate::stage::{ROOMY, asked, new_session, press, press_key, type_into, window};

#[test]
fn a_page_is_opened_with_enter() {
    let mut window = window(ROOMY);
    window.get_by_label_contains("Chromium on this machine");
    type_into(&mut window, "Page to open", "example.com ");
    press_key(&mut window, Key::Enter);
    let wanted = NewSession { url: "example.com".to_owned(), ..new_session() };
    assert_eq!(asked(&mut window), [Action::Create(wanted)]);
}

#[test]
fn a_browser_starts_with_one_click() {
    let mut window = window(ROOMY);
    press(&mut window, "Start a browser");
    assert_eq!(asked(&mut window), [Action::Create(new_session())]);
}

#[test]
fn the_sample_is_offered_beside_the_browser() {
    let mut window = window(ROOMY);
    press(&mut window, "Or play the sample session");
    let wanted = NewSession { kind: SessionKind::Sample, ..new_session() };
    assert_eq!(asked(&mut window), [Action::Create(wanted)]);
}

#[test]
fn nothing_is_started_twice() {
    let mut window = window(ROOMY);
    window.state_mut().state.busy = Some("Starting the browser".to_owned());
    window.run();
    window.get_by_label("Starting the browser…");
    press(&mut window, "Start a browser");
    assert_eq!(asked(&mut window), []);
}

#[test]
fn without_a_browser_there_is_advice_and_the_sample() {
    let mut window = window(ROOMY);
    window.state_mut().state.local_browser =
        LocalBrowser::Missing { advice: "Install Chromium, or name one with --browser".to_owned() };
    window.run();
    window.get_by_label("Install Chromium, or name one with --browser");
    assert!(window.query_by_label("Start a browser").is_none());
    press(&mut window, "Play the sample session");
    let wanted = NewSession { kind: SessionKind::Sample, ..new_session() };
    assert_eq!(asked(&mut window), [Action::Create(wanted)]);
}

#[test]
fn a_service_is_one_click_away() {
    let mut window = window(ROOMY);
    window.state_mut().window.show_sessions = false;
    window.run();
    press(&mut window, "Connect to a service…");
    assert_eq!(asked(&mut window), [Action::Run(Command::ConnectService)]);
}

#[test]
fn what_is_offered_stands_in_a_column_in_the_middle() {
    let mut window = window(ROOMY);
    window.state_mut().window.show_sessions = false;
    window.run();
    let button = window.get_by_label("Start a browser").rect();
    assert!((400.0..500.0).contains(&button.width()), "{button:?}");
    assert!((button.center().x - ROOMY.x / 2.0).abs() < 8.0, "{button:?}");
}
