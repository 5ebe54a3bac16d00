//! The readers of what services and cameras say, each with what it keeps of its largest message.

use std::time::Instant;

use helmsight::protocol::camera::{BoxFormat, text_message};
use helmsight::protocol::cobrowse::{Dialect, SpaceSession};
use helmsight::protocol::computers::{Computer, action_result, event_news, tabs_of};
use helmsight::protocol::socket::ServerMessage;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Count, MIB};

/// Fails where `keep` returns something that owns more than `most` bytes.
fn keeps<T>(count: &mut Count, what: &str, most: usize, keep: impl FnOnce() -> T) {
    count.again();
    let kept = keep();
    count.expect(what, most);
    drop(kept);
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn readers_keep_what_is_shown_and_no_more() {
    let count = &mut Count::begin().await;
    let long = "x".repeat(12 * MIB);
    let json = json!({
        "id": long, "kind": long, "status": long, "title": long, "url": long, "tab_id": long, "session_id": long,
        "request_id": long, "type": "action_response", "error_message": long, "link": long,
        "endpoints": {"control": long, "chat": long, "tasks": long},
        "page_context": {"url": long, "title": long},
    })
    .to_string();
    keeps(count, "a description", 64 << 10, || Computer::read(&value(&json)));
    keeps(count, "an answer", 64 << 10, || action_result(&value(&json)));
    keeps(count, "an event", MIB + (64 << 10), || {
        event_news(&long, &json, &long[..4096], Timestamp::now())
    });
    keeps(count, "another description", 64 << 10, || {
        SpaceSession::read(Dialect::Webfuse, &value(&json))
    });
    keeps(count, "a camera's words", 64 << 10, || {
        text_message(&long, BoxFormat::Xywh, Instant::now())
    });
    keeps(count, "a camera's JSON", 64 << 10, || {
        text_message(&json, BoxFormat::Xywh, Instant::now())
    });

    let wide = "y".repeat(MIB);
    let tab = json!({"tab_id": wide, "id": wide, "url": wide, "title": wide, "active": true});
    let tabs = json!({"type": "tabs", "tabs": vec![tab; 8]}).to_string();
    keeps(count, "a list of tabs", 256 << 10, || tabs_of(&value(&tabs)));
    for message in [
        tabs,
        json!({"type": "page", "url": long, "title": long, "loading": false, "can_go_back": false, "can_go_forward": false})
            .to_string(),
        json!({"type": "dialog", "dialog": {"kind": long, "message": long, "url": long}}).to_string(),
        json!({"type": "download", "id": long, "url": long, "file_name": long, "received": 0, "total": null, "state": long})
            .to_string(),
    ] {
        keeps(count, "a message of a session host", 256 << 10, || {
            serde_json::from_str::<ServerMessage>(&message).unwrap()
        });
    }
}
