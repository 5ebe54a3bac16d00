//! What is typed into fields that hide it is told to nobody.

use serde_json::json;

use crate::served::ServedHost;

/// Fields of the page, of a frame of the same site and of another one, and in a shadow root.
const FIELDS: &str = "<style>* { position: absolute; width: 200px; height: 30px }</style>\
    <input style='left:0;top:0'>\
    <input type=password style='left:0;top:50px'>\
    <input autocomplete='section-a one-time-code' style='left:0;top:100px'>\
    <iframe srcdoc='<input type=password style=position:absolute;left:0;top:0;width:180px>' style='left:0;top:150px;height:60px'></iframe>\
    <x-field style='left:0;top:250px'><template shadowrootmode=open><input type=password></template></x-field>\
    <x-field style='left:0;top:300px'><template shadowrootmode=open><input></template></x-field>";

/// Everything that the session has told so far.
async fn told(host: &ServedHost, session: &str, mark: &str) -> String {
    let (status, _) = host.ask(&format!("{session}/messages"), json!({"data": mark})).await;
    assert_eq!(status, 200);
    host.history(session, mark).await
}

#[tokio::test]
async fn what_is_typed_into_a_field_that_hides_it_is_masked() {
    let Some(host) = ServedHost::start().await else {
        return;
    };
    let session = host.session(FIELDS).await;
    for (y, text, is_told) in [
        (10, "plain1", true),
        (60, "hunter2", false),
        (110, "123456", false),
        (165, "hunter3", false),
        (260, "hunter4", false),
        (310, "plain2", true),
    ] {
        host.post(&format!("{session}/click"), json!({"x": 20, "y": y})).await;
        host.post(&format!("{session}/type"), json!({"text": text})).await;
        let events = told(&host, &session, &format!("after {y}")).await;
        assert_eq!(events.contains(text), is_told, "{text}: {events}");
    }
    host.post(&format!("{session}/click"), json!({"x": 20, "y": 10})).await;
    host.post(&format!("{session}/type"), json!({"text": "asked", "sensitive": true})).await;
    host.post(&format!("{session}/click"), json!({"x": 20, "y": 60})).await;
    host.post(&format!("{session}/hotkey"), json!({"keys": ["%"]})).await;
    host.post(&format!("{session}/hotkey"), json!({"keys": ["enter"]})).await;
    let events = told(&host, &session, "the end").await;
    assert!(!events.contains("asked") && !events.contains("\"%\""), "{events}");
    assert!(events.contains("enter"), "keys that type nothing are told");
    host.host.shutdown().await;
}
