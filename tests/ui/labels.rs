//! What the user says of sessions, what was opened lately, and which sessions have ended.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use helmsight::app::options::Target;
use helmsight::model::SessionSummary;
use helmsight::settings::{EndedSession, LabelColor, ListForm, RecentSession, SessionLabel};
use helmsight::ui::Action;
use helmsight::ui::action::NewSession;
use helmsight::ui::modal::Modal;
use jiff::Timestamp;

use crate::app::start;
use crate::stage::{
    ROOMY, Window, asked, focused, new_session, press, press_key, service, type_into, watching,
    window,
};

fn label(id: &str) -> SessionLabel {
    SessionLabel { service: "This computer".to_owned(), id: id.to_owned(), ..Default::default() }
}

fn listed(id: &str) -> SessionSummary {
    SessionSummary { id: id.to_owned(), ..SessionSummary::default() }
}

fn top(window: &Window, name: &str) -> f32 {
    window.get_by_label(name).rect().top()
}

#[test]
fn pinned_sessions_come_first_then_groups_then_the_rest() {
    let mut window = watching(ROOMY);
    window.state_mut().window.places.medium.list = ListForm::Names;
    let state = &mut window.state_mut().state;
    state.services[0].sessions = ["s1", "s2", "s3"].map(listed).to_vec();
    let named = SessionLabel { name: "My shop".to_owned(), ..label("s2") };
    state.memory.set_label(SessionLabel { group: "Work".to_owned(), ..named });
    state.memory.set_label(SessionLabel {
        pinned: true,
        color: Some(LabelColor::Blue),
        ..label("s3")
    });
    window.run();
    let order = ["Pinned", "Work", "Watch My shop", "This computer", "Session 1: Page of s1"];
    assert!(order.map(|name| top(&window, name)).is_sorted(), "{window:#?}");
    assert!(top(&window, "Watch s3") < top(&window, "Work"));
}

#[test]
fn a_session_is_named_grouped_and_colored_by_keyboard() {
    let mut window = watching(ROOMY);
    window.state_mut().window.modal = Some(Modal::Label(label("s1")));
    window.run();
    assert_eq!(focused(&window).as_deref(), Some("Name"));
    type_into(&mut window, "Name", "Shop");
    type_into(&mut window, "Group", "Work");
    press(&mut window, "Green");
    press(&mut window, "Keep");
    let wanted = SessionLabel {
        name: "Shop".to_owned(),
        group: "Work".to_owned(),
        color: Some(LabelColor::Green),
        ..label("s1")
    };
    assert_eq!(asked(&mut window), [Action::Label(wanted)]);
}

#[test]
fn the_menu_of_a_session_pins_and_copies_it() {
    let mut window = watching(ROOMY);
    let menu = |window: &mut Window| {
        window.get_by_label("Session 1: Page of s1").click_secondary();
        window.run();
    };
    menu(&mut window);
    press(&mut window, "Pin");
    assert_eq!(asked(&mut window), [Action::Label(SessionLabel { pinned: true, ..label("s1") })]);
    menu(&mut window);
    press(&mut window, "Copy link");
    let [Action::Copy(link)] = &asked(&mut window)[..] else { panic!("nothing was copied") };
    assert!(link.starts_with("helmsight://open?url=http") && link.ends_with("computers%2Fs1"));
    menu(&mut window);
    press(&mut window, "Copy address");
    let [Action::Copy(address)] = &asked(&mut window)[..] else { panic!("nothing was copied") };
    assert!(address.starts_with("https://"), "{address}");
}

#[test]
fn the_first_page_has_the_focus_and_offers_what_was_opened_lately() {
    let mut window = window(ROOMY);
    let state = &mut window.state_mut().state;
    state.services.push(service("cloud", false));
    state.memory.note_address("https://shop.example/cart");
    state.memory.note_address("https://news.example/");
    let (service, id) = ("cloud".to_owned(), "x1".to_owned());
    let title = "Nightly run".to_owned();
    state.memory.note_session(RecentSession { service, id, title });
    window.run();
    assert_eq!(focused(&window).as_deref(), Some("Page to open"));
    window.get_by_label_contains("news.example");
    window.get_by_label_contains("new session on this service");
    type_into(&mut window, "Page to open", "shop");
    assert!(window.query_by_label_contains("news.example").is_none());
    window.get_by_label_contains("shop.example/cart").click();
    window.run();
    let wanted = NewSession { url: "https://shop.example/cart".to_owned(), ..new_session() };
    assert_eq!(asked(&mut window), [Action::Create(wanted)]);
    window.get_by_label("Page to open").focus();
    window.run();
    for _ in 0..4 {
        press_key(&mut window, Key::Backspace);
    }
    window.get_by_label_contains("Nightly run").click();
    window.run();
    let nightly = helmsight::ui::state::SessionKey { service: "cloud".into(), id: "x1".into() };
    assert_eq!(asked(&mut window), [Action::Open(nightly)]);
}

#[test]
fn ended_sessions_are_listed_and_opened_again() {
    let mut window = watching(ROOMY);
    window.state_mut().state.memory.note_end(EndedSession {
        service: "This computer".to_owned(),
        id: "old".to_owned(),
        title: "Old shop".to_owned(),
        address: "https://shop.example/".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        how: "Idle for too long".to_owned(),
    });
    window.state_mut().window.modal = Some(Modal::History);
    window.run();
    window.get_by_label("Old shop");
    window.get_by_label_contains("Idle for too long");
    press(&mut window, "https://shop.example/");
    let wanted = NewSession { url: "https://shop.example/".to_owned(), ..new_session() };
    assert_eq!(asked(&mut window), [Action::Create(wanted)]);
}

#[test]
fn a_name_stays_and_nothing_secret_is_remembered() {
    let mut running = start(Some("[layout.medium]\nlist = 'names'\n"), vec![Target::Sample]);
    running.step_until("the session", |window| {
        window.query_all_by_label_contains("Session 1: ").next().is_some()
    });
    running.press(Key::D, Modifiers::COMMAND | Modifiers::CTRL | Modifiers::SHIFT);
    running.type_text("Reference");
    running.window.run_steps(2);
    running.window.get_by_label("Keep").click();
    running.step_until("the new name", |window| {
        window.query_all_by_label("Session 1: Reference").next().is_some()
    });
    running.press(Key::D, Modifiers::COMMAND | Modifiers::CTRL);
    running.step_until("the pin", |window| window.query_by_label("Pinned").is_some());
    assert!(running.memory().contains("name = \"Reference\""), "{}", running.memory());
}

#[test]
fn a_session_that_was_ended_keeps_its_log_until_it_is_closed() {
    let mut running = start(None, vec![Target::Sample]);
    running.step_until("row in the log", |window| {
        window.query_all_by_label_contains("Connected").next().is_some()
    });
    running.press(Key::E, Modifiers::COMMAND | Modifiers::CTRL | Modifiers::SHIFT);
    running.step_until("question", |window| window.query_by_label("End session").is_some());
    running.window.get_by_label("End session").click();
    running.step_until("end", |window| {
        window.query_by_label("There is nothing left to connect to").is_some()
    });
    assert!(running.shows("Follow log") && running.shows("Connected"), "{:#?}", running.window);
}
