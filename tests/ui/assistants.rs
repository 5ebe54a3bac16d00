//! The real app with an assistant of the settings: which sessions have it, and which have their own.

use std::io::ErrorKind;
use std::net::TcpListener;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use helmsight::app::options::Target;

use crate::app::{Running, start};

/// Where an assistant could be that the settings name for every session, and these settings.
fn elsewhere() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a port to look at");
    let address = listener.local_addr().expect("its address");
    let settings = format!(
        r#"
        [[chats]]
        base_url = "http://{address}"
        chat_id = "{{id}}"

        [[cameras]]
        name = "Door"
        url = "ws://127.0.0.1:9/ws/stream/1"

        [[last_sessions]]
        service = "Cameras"
        id = "Door"
        "#
    );
    (listener, settings)
}

fn has_question(running: &mut Running) {
    running.show_side("Chat", Key::F6);
    running
        .step_until("field for a question", |window| window.query_by_label("Question").is_some());
}

#[test]
fn a_session_with_an_assistant_asks_nobody_else() {
    let (listener, settings) = elsewhere();
    let mut running = start(Some(&settings), vec![Target::Sample]);
    has_question(&mut running);
    running.window.get_by_label("Question").focus();
    running.window.step();
    running.type_text("What is open?");
    running.press(Key::Enter, Modifiers::NONE);
    running.step_until("whole answer", |window| {
        window.query_by_label("Copy answer").is_some() && window.query_by_label("Stop").is_none()
    });
    let asked = listener.accept().map_err(|err| err.kind());
    assert_eq!(asked.err(), Some(ErrorKind::WouldBlock), "asked elsewhere");
}

#[test]
fn a_session_without_an_assistant_has_that_of_the_settings() {
    let (_listener, settings) = elsewhere();
    let mut running = start(Some(&settings), Vec::new());
    has_question(&mut running);
    assert!(running.shows("Session 1: Door"));
}
