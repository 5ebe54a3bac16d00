//! The event stream: history, gaps, slow and unwanted subscribers.

use std::time::Duration;

use helmsight::host::HostConfig;
use helmsight::model::EventKind;
use helmsight::protocol::socket::ServerMessage;
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::stage::{PATIENCE, Stage};

#[tokio::test]
async fn events_come_live_with_ids_of_their_own() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    stage.drivers.last().emit(EventKind::Console, json!({"level": "log", "text": "two\nlines"}));
    let (id, event) = stream.event().await.unwrap();
    // 1 and 2 are the session's start.
    assert_eq!(id, Some(3));
    assert_eq!((&event["type"], &event["text"]), (&json!("console"), &json!("two\nlines")));
    assert!(event["timestamp"].is_string());
}

#[tokio::test]
async fn history_is_replayed_after_the_last_event_id_wherever_it_stands() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let events = format!("{session}/events");
    for n in 3..=6 {
        stage.drivers.last().emit(EventKind::Console, json!({"n": n}));
    }
    let mut streams = vec![stage.sse_after(&events, Some("4")).await];
    for name in ["lastEventId", "evs_last_event_id", "last_event_id"] {
        streams.push(stage.sse(&format!("{events}?{name}=4")).await);
    }
    for mut stream in streams {
        assert_eq!(stream.event().await.unwrap().0, Some(5));
        assert_eq!(stream.event().await.unwrap().1["n"], 6);
    }
    let mut all = stage.sse_after(&events, Some("0")).await;
    assert_eq!(all.event().await.unwrap().1["state"], "starting");
    assert_eq!(all.event().await.unwrap().1["state"], "running");
}

#[tokio::test]
async fn what_history_does_not_reach_is_told_as_a_gap() {
    let stage = Stage::with(HostConfig { history_size: 3, ..HostConfig::default() }).await;
    let session = stage.session().await;
    let events = format!("{session}/events");
    for n in 3..=10 {
        stage.drivers.last().emit(EventKind::Console, json!({"n": n}));
    }
    let gap = |from: u64, to: u64, reason: &str| json!({"type": "gap", "from": from, "to": to, "reason": reason});
    for (path, after, expected, next) in [
        (events.clone(), "2", gap(3, 7, "history"), 8),
        (format!("{events}?historySize=1"), "2", gap(3, 9, "history"), 10),
        (events.clone(), "99", gap(1, 10, "unknown_id"), 11),
        (events.clone(), "not-ours", gap(1, 10, "unknown_id"), 11),
    ] {
        let mut stream = stage.sse_after(&path, Some(after)).await;
        let (id, mut told) = stream.event().await.unwrap();
        told.as_object_mut().unwrap().remove("timestamp");
        assert_eq!((id, told), (None, expected), "{path} {after}");
        if next == 11 {
            continue;
        }
        assert_eq!(stream.event().await.unwrap().0, Some(next));
    }
}

#[tokio::test]
async fn retry_comes_first_and_heartbeats_keep_coming() {
    let stage =
        Stage::with(HostConfig { heartbeat: Duration::from_millis(200), ..HostConfig::default() })
            .await;
    let session = stage.session().await;
    for path in ["events", "screencast"] {
        let mut stream = stage.sse(&format!("{session}/{path}")).await;
        for _ in 0..2 {
            assert_eq!(stream.block().await.unwrap(), ": heartbeat", "{path}");
        }
    }
    let url = stage
        .host
        .base_url()
        .join(&format!("{session}/events?retryInterval=2500&ping=0.1"))
        .unwrap();
    let mut response = stage.http.get(url).bearer_auth(stage.token()).send().await.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "retry: 2500\n\n");
    assert_eq!(response.chunk().await.unwrap().unwrap(), ": heartbeat\n\n");
}

/// 40 MB are far beyond what the kernel takes for a client that reads nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_subscriber_holds_up_nobody_and_is_told_what_it_missed() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut slow = TcpStream::connect(stage.addr()).await.unwrap();
    let head = format!(
        "GET /{session}/events HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        stage.addr(),
        stage.token()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut seen = vec![0; 12];
    slow.read_exact(&mut seen).await.unwrap();
    assert_eq!(seen, b"HTTP/1.1 200");

    let mut quick = stage.sse(&format!("{session}/events")).await;
    let (driver, text) = (stage.drivers.last(), "x".repeat(100_000));
    for n in 0..400_u64 {
        driver.emit(EventKind::Console, json!({"n": n, "text": text}));
        let (id, event) = quick.event().await.unwrap();
        assert_eq!((id, &event["n"]), (Some(n + 3), &json!(n)));
    }
    driver.emit(EventKind::Console, json!({"text": "the last one"}));

    // Now the slow one reads everything that is there for it.
    let mut got = Vec::with_capacity(16 << 20);
    while memchr::memmem::rfind(&got, b"the last one").is_none() {
        let n =
            timeout(PATIENCE, slow.read_buf(&mut got)).await.expect("the stream stalled").unwrap();
        assert!(n > 0, "the stream ended");
    }
    assert!(memchr::memmem::find(&got, b"\"reason\":\"slow\"").is_some(), "no gap was told");
    assert!(got.len() < 40_000_000);
}

#[tokio::test]
async fn messages_reach_all_some_or_one_and_one_can_be_evicted() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let [mut ann, mut bob] = [
        stage.sse(&format!("{session}/events?sessionId=ann")).await,
        stage.sse(&format!("{session}/events?sessionId=bob")).await,
    ];
    let (_, listed) = stage.get(&format!("{session}/subscribers")).await;
    assert_eq!(listed["active"], 2);
    assert_eq!(listed["subscribers"][0], json!({"id": "ann", "transport": "sse"}));
    let messages = format!("{session}/messages");
    for (body, receivers) in [
        (json!({"data": "to ann", "to": ["ann"]}), 1),
        (json!({"data": "to both", "to": ["ann", "bob"]}), 2),
        (json!({"data": "to all"}), 2),
    ] {
        let (status, answer) = stage.post(&messages, body).await;
        assert_eq!((status, &answer["receivers"]), (200, &json!(receivers)));
    }
    for unknown in [json!(["nobody"]), json!(["ann", "nobody"])] {
        let (status, answer) = stage.post(&messages, json!({"data": "?", "to": unknown})).await;
        assert_eq!(status, 404);
        assert!(answer["error_message"].as_str().unwrap().contains("nobody"), "{answer}");
    }
    let nobodys = json!({"data": "?", "to": ["x".repeat(65)]});
    assert_eq!(stage.post(&messages, nobodys).await.0, 400);
    for expected in ["to ann", "to both", "to all"] {
        assert_eq!(ann.wait_for("message").await["data"], expected);
    }
    for expected in ["to both", "to all"] {
        assert_eq!(bob.wait_for("message").await["data"], expected);
    }
    let evict = format!("{session}/subscribers/bob");
    assert_eq!(stage.call(Method::DELETE, &evict, Value::Null).await.0, 204);
    assert!(bob.block().await.unwrap().starts_with("event: error\ndata: {"));
    assert_eq!(bob.block().await, None);
    assert_eq!(stage.call(Method::DELETE, &evict, Value::Null).await.0, 404);
    // A message to somebody who was there waits for them.
    let (status, answer) = stage.post(&messages, json!({"data": "later", "to": ["bob"]})).await;
    assert_eq!((status, &answer["receivers"]), (200, &json!(0)));
    let after = (answer["id"].as_u64().unwrap() - 1).to_string();
    let again = format!("{session}/events?sessionId=bob");
    let mut bob = stage.sse_after(&again, Some(&after)).await;
    assert_eq!(bob.wait_for("message").await["data"], "later");
    stage.post(&messages, json!({"data": "still there"})).await;
    assert_eq!(ann.wait_for("message").await["data"], "still there");
    assert_eq!(stage.get(&format!("{session}/events?sessionId=no%20spaces")).await.0, 400);
}

#[tokio::test]
async fn owners_are_told_who_subscribes_and_others_are_not() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let events = format!("{session}/events");
    let grant = json!({"rights": ["watch"]});
    let (_, grant) = stage.post(&format!("{session}/grants"), grant).await;
    let guest = format!("{events}?sessionId=guest&token={}", grant["token"].as_str().unwrap());
    let mut owner = stage.sse(&format!("{events}?sessionId=owner")).await;
    let mut socket = stage.socket(&format!("{session}/ws?sessionId=window")).await;
    let url = stage.host.base_url().join(&guest).unwrap();
    let mut watched = stage.http.get(url).send().await.unwrap();
    assert_eq!(watched.chunk().await.unwrap().unwrap(), "retry: 1000\n\n");
    drop(stage.sse(&format!("{events}?sessionId=short")).await);
    for (id, transport, action, active) in [
        ("window", "ws", "joined", 2),
        ("guest", "sse", "joined", 3),
        ("short", "sse", "joined", 4),
        ("short", "sse", "left", 3),
    ] {
        let mut told = owner.wait_for("subscriber").await;
        assert!(told.as_object_mut().unwrap().remove("timestamp").unwrap().is_string());
        let expected = json!({"type": "subscriber", "id": id, "transport": transport, "action": action, "active": active});
        assert_eq!(told, expected);
    }
    let is_short = |message: &ServerMessage| matches!(message, ServerMessage::Event { event, .. } if event["type"] == "subscriber" && event["id"] == "short");
    socket.wait_for(is_short).await;
    // A guest hears of nobody, and no id is used up.
    stage.drivers.last().emit(EventKind::Console, json!({"text": "next"}));
    let told = watched.chunk().await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&told);
    assert!(!told.contains("subscriber"), "{told}");
    assert_eq!(owner.event().await.unwrap().1["text"], "next");
}

#[tokio::test]
async fn a_client_that_goes_away_is_counted_out() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let stream = stage.sse(&format!("{session}/events")).await;
    assert_eq!(stage.get(&session).await.1["active_connections"], 1);
    drop(stream);
    let mut active = 1;
    for _ in 0..1000 {
        active = stage.get(&session).await.1["active_connections"].as_u64().unwrap();
        if active == 0 {
            break;
        }
    }
    assert_eq!(active, 0);
}

#[tokio::test]
async fn requests_of_pages_are_told_to_those_who_asked() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut asking = stage.sse(&format!("{session}/events?requests=true")).await;
    let mut plain = stage.sse(&format!("{session}/events")).await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    socket.send(json!({"type": "requests", "on": true})).await;
    // The answer to the next message says that the wish before it was taken.
    socket.send(json!({"type": "keep_alive"})).await;
    let is_lifetime = |message: &ServerMessage| matches!(message, ServerMessage::Lifetime { .. });
    socket.wait_for(is_lifetime).await;
    socket.wait_for(is_lifetime).await;
    let driver = stage.drivers.last();
    let url = "https://me:hunter2@a.test/x";
    driver.emit(EventKind::NetworkRequest, json!({"url": url, "status": 200}));
    driver.emit(EventKind::Console, json!({"text": "after"}));

    let (id, told) = loop {
        let (id, event) = asking.event().await.unwrap();
        if event["type"] == "network_request" {
            break (id, event);
        }
    };
    assert_eq!(
        (id, &told["url"], &told["status"]),
        (None, &json!("https://me:***@a.test/x"), &json!(200))
    );
    let is_request = |message: &ServerMessage| matches!(message, ServerMessage::Event { event, .. } if event["type"] == "network_request");
    let ServerMessage::Event { event, .. } = socket.wait_for(is_request).await else {
        panic!("no event")
    };
    assert_eq!(event["url"], told["url"]);
    loop {
        let (_, event) = plain.event().await.unwrap();
        assert_ne!(event["type"], "network_request");
        if event["type"] == "console" {
            break;
        }
    }
    // It is kept for nobody.
    let mut late = stage.sse(&format!("{session}/events?requests=true&lastEventId=0")).await;
    loop {
        let (_, event) = late.event().await.unwrap();
        assert_ne!(event["type"], "network_request");
        if event["type"] == "console" {
            break;
        }
    }
}
