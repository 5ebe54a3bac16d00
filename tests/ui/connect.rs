//! Connecting to a service and adding a camera in the real app, where the settings know something of the kind already.

use eframe::App as _;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::app::{Running, start};
use crate::service::service;

/// Opens a form by its command's words, with the keyboard in its field for the address.
fn open_form(running: &mut Running, words: &str, address: &str) {
    running.press(Key::K, Modifiers::COMMAND | Modifiers::CTRL);
    running.type_text(words);
    running.press(Key::Enter, Modifiers::NONE);
    running.window.step();
    running.type_text(address);
}

fn name_it(running: &mut Running, name: &str) {
    running.window.get_by_label("Name").focus();
    running.window.step();
    running.type_text(name);
    running.press(Key::Enter, Modifiers::NONE);
}

fn written(running: &mut Running) -> toml::Table {
    running.window.state_mut().on_exit(None);
    running.settings().parse().expect("settings")
}

#[test]
fn connecting_again_keeps_what_the_settings_say_of_a_service() {
    let address = service("200 OK", "[]");
    let settings = format!(
        r#"
        [[profiles]]
        name = "Ours"
        base_url = "http://{address}/"
        webhooks = "http://127.0.0.1:9"
        snapshot_seconds = 7
        token_place = "apikey"
        lenient_media_type = true
        agent_tasks = true

        [[profiles]]
        name = "Theirs"
        base_url = "http://127.0.0.1:9/"
        "#
    );
    let mut running = start(Some(&settings), Vec::new());
    open_form(&mut running, "connect to a service", &format!("http://{address}"));
    name_it(&mut running, "Ours");
    running.step_until("connection", |window| {
        let mut told = window.query_all_by_label_contains("Connected to Ours");
        told.next().is_some()
    });
    let before: toml::Table = settings.parse().expect("settings");
    let [before, after] = [before, written(&mut running)].map(|mut settings| {
        let profiles = settings.remove("profiles").and_then(|all| match all {
            toml::Value::Array(profiles) => Some(profiles),
            _ => None,
        });
        profiles.expect("profiles")
    });
    assert_eq!(after.len(), 2, "{after:?}");
    for (key, value) in before[0].as_table().expect("a profile") {
        assert_eq!(after[0].get(key), Some(value), "{key}");
    }
}

#[test]
fn a_new_camera_takes_no_name_of_one_that_is_not_listed() {
    let settings = r#"
        [[cameras]]
        name = "Door"
        url = "ws://127.0.0.1:9/ws/stream/1"

        [[cameras]]
        name = "Yard"
        url = "no address"
    "#;
    let mut running = start(Some(settings), Vec::new());
    let url = "ws://127.0.0.1:9/ws/stream/2";
    open_form(&mut running, "add camera", url);
    name_it(&mut running, "Yard");
    running.step_until("camera", |window| window.query_by_label("Session 1: Yard 2").is_some());
    let written = written(&mut running);
    let cameras = written["cameras"].as_array().expect("cameras");
    let urls: Vec<_> = cameras.iter().map(|camera| camera["url"].as_str()).collect();
    assert_eq!(urls, [Some("ws://127.0.0.1:9/ws/stream/1"), Some("no address"), Some(url)]);
}
