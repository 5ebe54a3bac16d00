//! The WebSocket: order, pacing, releases, and what a client may do wrong.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use helmsight::model::{EventKind, PageLife};
use helmsight::protocol::socket::ServerMessage;
use http::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::stage::{Stage, until};

async fn stage() -> (Stage, String) {
    let stage = Stage::new().await;
    let session = stage.session().await;
    (stage, session)
}

#[tokio::test]
async fn the_token_comes_by_header_or_query() {
    let (stage, session) = stage().await;
    for (path, bearer, expected) in [
        (format!("{session}/ws"), Some("wrong"), Some(401)),
        (format!("{session}/ws"), None, Some(401)),
        (format!("{session}/ws?token=wrong"), None, Some(401)),
        (format!("{session}/ws?token={}", stage.token()), None, None),
        (format!("v1/{session}/control?token={}", stage.token()), None, None),
        ("computers/none/ws".to_owned(), Some(stage.token()), Some(404)),
    ] {
        match (
            tokio_tungstenite::connect_async(stage.upgrade_request(&path, bearer)).await,
            expected,
        ) {
            (Ok(_), None) => {}
            (Err(Error::Http(response)), Some(status)) => {
                assert_eq!(response.status(), status, "{path}")
            }
            (other, expected) => panic!("{path}: {other:?} instead of {expected:?}"),
        }
    }
    let mut foreign = stage.upgrade_request(&format!("{session}/ws"), Some(stage.token()));
    foreign.headers_mut().insert("origin", "http://evil.test".parse().unwrap());
    let Err(Error::Http(refused)) = tokio_tungstenite::connect_async(foreign).await else {
        panic!("a foreign page was let in")
    };
    assert_eq!(refused.status(), 403);
    assert_eq!(stage.get(&format!("{session}/ws")).await.0, 426);
}

#[tokio::test]
async fn a_bad_handshake_is_told_and_makes_no_guest() {
    let (stage, session) = stage().await;
    let mut events = stage.sse(&format!("{session}/events")).await;
    let good = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (name, value) in [
        ("sec-websocket-key", Some("x")),
        ("sec-websocket-key", None),
        ("sec-websocket-version", Some("12")),
        ("sec-websocket-version", None),
        ("connection", Some("keep-alive")),
    ] {
        for path in
            [format!("{session}/ws"), format!("{session}/control"), "ws/stream/demo".to_owned()]
        {
            let head = |(header, usual): (&str, &str)| match (header == name, value) {
                (true, None) => String::new(),
                (true, Some(value)) => format!("{header}: {value}\r\n"),
                (false, _) => format!("{header}: {usual}\r\n"),
            };
            let headers: String = good.into_iter().map(head).collect();
            let request = format!(
                "GET /{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n{headers}\r\n",
                stage.addr(),
                stage.token()
            );
            let answer = stage.raw(request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{name}: {value:?} at {path}: {answer}");
            assert!(answer.contains("\"reason\":\"connect_failed\""), "{answer}");
            if path.starts_with("computers") {
                let (_, event) = events.event().await.unwrap();
                let told = (&event["type"], &event["reason"]);
                assert_eq!(told, (&json!("error"), &json!("connect_failed")), "{event}");
                assert!(event["details"].as_str().unwrap().contains("malformed"), "{event}");
            }
        }
    }
    let (_, listed) = stage.get(&format!("{session}/participants")).await;
    assert_eq!(listed["participants"].as_array().unwrap().len(), 1, "only the agent is there");
    let mut first = stage.socket(&format!("{session}/ws")).await;
    let people = first.wait_for(|message| matches!(message, ServerMessage::People { .. })).await;
    assert!(matches!(people, ServerMessage::People { me: 1, .. }), "{people:?}");
}

#[tokio::test]
async fn a_socket_begins_with_the_state_and_follows_it() {
    let (stage, session) = stage().await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    let Some(ServerMessage::Hello { kind, width, height, .. }) = socket.next().await else {
        panic!("no hello")
    };
    assert_eq!((kind.as_str(), width, height), ("browser", 1280, 720));
    assert!(matches!(socket.next().await, Some(ServerMessage::Page { title, .. }) if title == "A"));
    assert!(matches!(socket.next().await, Some(ServerMessage::Tabs { tabs }) if tabs.len() == 2));
    assert!(matches!(
        socket.next().await,
        Some(ServerMessage::Lifetime {
            idle_expires_at: Some(_),
            expires_at: None,
            inactivity_timeout_seconds: Some(120)
        })
    ));
    assert!(matches!(
        socket.next().await,
        Some(ServerMessage::People { me: 1, driver: None, participants, .. }) if participants.len() == 2
    ));
    assert!(
        matches!(socket.next().await, Some(ServerMessage::Event { id: 3, event }) if event["type"] == "participant_joined")
    );
    let driver = stage.drivers.last();
    driver.state.send_modify(|state| state.loading = true);
    assert!(matches!(socket.next().await, Some(ServerMessage::Page { loading: true, .. })));
    driver.emit(EventKind::Download, json!({"id": "d1", "url": "https://a.test/f", "file_name": "f", "received": 1, "total": 2, "state": "running"}));
    assert!(
        matches!(socket.next().await, Some(ServerMessage::Download { id, total: Some(2), .. }) if id == "d1")
    );
    assert!(
        matches!(socket.next().await, Some(ServerMessage::Event { id: 4, event }) if event["type"] == "download")
    );
    socket.send(json!({"type": "keep_alive"})).await;
    assert!(matches!(socket.next().await, Some(ServerMessage::Lifetime { .. })));
}

#[tokio::test]
async fn input_arrives_in_order_and_moves_give_way() {
    let (stage, session) = stage().await;
    let driver = stage.drivers.last();
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    // The browser is busy: whatever comes is taken in order, but of the moves only the newest.
    driver.gate.send_replace(false);
    for x in 0..200 {
        socket.send(json!({"type": "pointer_move", "x": x, "y": 0})).await;
    }
    socket.send(json!({"type": "pointer_down", "x": 200, "y": 0, "button": "left"})).await;
    for x in 201..220 {
        socket.send(json!({"type": "pointer_move", "x": x, "y": 0})).await;
    }
    socket.send(json!({"type": "pointer_up", "x": 220, "y": 0, "button": "left"})).await;
    for letter in ["a", "b"] {
        socket.send(json!({"type": "key_down", "key": letter, "text": letter})).await;
        socket.send(json!({"type": "key_up", "key": letter})).await;
    }
    let mut calls = Vec::new();
    until("all input arrived", || {
        calls.extend(driver.calls());
        calls.last().is_some_and(|call| call == "key_up b")
    })
    .await;
    assert_eq!(
        calls,
        [
            "pointer_move 0,0.0",
            "pointer_move 1,0.0",
            "pointer_move 199,0.0",
            "pointer_down 200,0.0",
            "pointer_move 219,0.0",
            "pointer_up 220,0.0",
            "key_down a",
            "key_up a",
            "key_down b",
            "key_up b"
        ]
    );
    driver.gate.send_replace(true);
}

#[tokio::test]
async fn a_busy_browser_does_not_hold_up_the_answer_to_its_dialog() {
    let (stage, session) = stage().await;
    let driver = stage.drivers.last();
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    driver.gate.send_replace(false);
    socket.send(json!({"type": "key_down", "key": "Enter"})).await;
    socket.send(json!({"type": "answer_dialog", "accept": true})).await;
    let mut calls = Vec::new();
    until("the dialog is answered", || {
        calls.extend(driver.calls());
        calls == ["key_down Enter", "answer_dialog"]
    })
    .await;
}

#[tokio::test]
async fn commands_are_told_on_the_stream_and_input_is_not() {
    let (stage, session) = stage().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    socket.send(json!({"type": "text", "text": "hello"})).await;
    socket.send(json!({"type": "navigate", "url": "bad:"})).await;
    let request = stream.wait_for("action_request").await;
    assert_eq!(request["action"]["type"], "navigate");
    let (_, response) = stream.event().await.unwrap();
    assert_eq!(
        (&response["request_id"], &response["status"]),
        (&request["request_id"], &json!("error"))
    );
    // The socket is told both, in whatever order.
    let (mut refused, mut told) = (None, None);
    while refused.is_none() || told.is_none() {
        match socket.next().await.unwrap() {
            ServerMessage::Refused { what, why } => refused = Some((what, why)),
            ServerMessage::Event { id, event } if event["type"] == "action_request" => {
                told = Some((id, event))
            }
            _ => {}
        }
    }
    assert_eq!(refused, Some(("navigate".to_owned(), "not an address".to_owned())));
    assert!(
        told.is_some_and(|(id, event)| id >= 3 && event["request_id"] == request["request_id"])
    );
}

#[tokio::test]
async fn a_malformed_message_is_refused_and_the_socket_goes_on() {
    let (stage, session) = stage().await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    for (bad, what) in [
        ("{", "message"),
        ("[]", "message"),
        (r#"{"type":"fly"}"#, "fly"),
        (r#"{"type":"pointer_down","x":"left"}"#, "pointer_down"),
    ] {
        socket.0.send(Message::text(bad)).await.unwrap();
        let refused =
            socket.wait_for(|message| matches!(message, ServerMessage::Refused { .. })).await;
        assert!(
            matches!(&refused, ServerMessage::Refused { what: got, .. } if got == what),
            "{refused:?}"
        );
    }
    socket.0.send(Message::binary(vec![1, 2])).await.unwrap();
    socket.wait_for(|message| matches!(message, ServerMessage::Refused { .. })).await;
    socket.send(json!({"type": "back"})).await;
    let driver = stage.drivers.last();
    until("the socket still works", || driver.calls() == ["back"]).await;
    // But not with a message beyond the limit.
    socket.begin((16 << 20) + 1).await;
    let end =
        timeout(Duration::from_secs(5), async { while let Some(Ok(_)) = socket.0.next().await {} })
            .await;
    assert!(end.is_ok(), "the socket should have been closed");
}

#[tokio::test]
async fn what_a_socket_holds_is_lifted_when_it_goes() {
    let (stage, session) = stage().await;
    let driver = stage.drivers.last();
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    socket.send(json!({"type": "key_down", "key": "Shift", "code": "ShiftLeft"})).await;
    socket.send(json!({"type": "pointer_down", "x": 5, "y": 6, "button": "left"})).await;
    socket.send(json!({"type": "release_all"})).await;
    let mut calls = Vec::new();
    until("both come up when asked", || {
        calls.extend(driver.calls());
        calls[..] == ["key_down Shift", "pointer_down 5,6.0", "pointer_up 5,6.0", "key_up Shift"]
    })
    .await;
    socket.send(json!({"type": "key_down", "key": "Shift", "code": "ShiftLeft"})).await;
    socket.send(json!({"type": "pointer_down", "x": 5, "y": 6, "button": "right"})).await;
    until("both are down", || {
        calls.extend(driver.calls());
        calls.len() == 6
    })
    .await;
    drop(socket);
    until("both come up at the end", || {
        calls.extend(driver.calls());
        calls[6..] == ["pointer_up 5,6.0", "key_up Shift"]
    })
    .await;
}

#[tokio::test]
async fn pictures_wait_for_their_acknowledgement() {
    let (stage, session) = stage().await;
    let driver = stage.drivers.last();
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    let is_frame = |message: &ServerMessage| matches!(message, ServerMessage::Frame { .. });
    let seq = |message: ServerMessage| match message {
        ServerMessage::Frame { seq, data, .. } => (seq, data),
        other => panic!("{other:?}"),
    };
    socket.send(json!({"type": "screencast", "on": true, "ack": true})).await;
    until("the cast runs", || driver.casts().len() == 1).await;
    driver.show(b"one");
    let (first, data) = seq(socket.wait_for(is_frame).await);
    assert_eq!(data, "b25l");
    driver.show(b"two");
    driver.show(b"three");
    // What comes meanwhile is no picture, although there are two.
    driver.emit(EventKind::Console, json!({}));
    let message = socket
        .wait_for(|message| is_frame(message) || matches!(message, ServerMessage::Event { .. }))
        .await;
    assert!(!is_frame(&message), "a picture came before its time");
    socket.send(json!({"type": "ack", "seq": first})).await;
    let (second, data) = seq(socket.wait_for(is_frame).await);
    assert_eq!(data, "dGhyZWU=", "the newest, not the next");
    assert!(second > first + 1);
    socket.send(json!({"type": "screencast", "on": false})).await;
    until("the cast stops", || driver.casts().is_empty()).await;
    // Without acknowledgements every new picture comes.
    socket.send(json!({"type": "screencast", "on": true})).await;
    until("the cast runs again", || driver.casts().len() == 1).await;
    for picture in [&b"a"[..], b"b"] {
        driver.show(picture);
        socket.wait_for(is_frame).await;
    }
}

#[tokio::test]
async fn a_socket_is_told_of_the_end() {
    let (stage, session) = stage().await;
    let mut socket = stage.socket(&format!("{session}/ws?last_event_id=0")).await;
    let first = socket.wait_for(|message| matches!(message, ServerMessage::Event { .. })).await;
    assert!(matches!(first, ServerMessage::Event { id: 1, .. }));
    stage.call(http::Method::DELETE, &session, Value::Null).await;
    let last = socket.wait_for(|message| matches!(message, ServerMessage::Event { event, .. } if event["state"] == "terminated")).await;
    assert!(matches!(last, ServerMessage::Event { .. }));
    assert_eq!(
        socket.next().await,
        Some(ServerMessage::Ended { why: "ended by a client".to_owned() })
    );
    assert_eq!(socket.next().await, None);
    let again = tokio_tungstenite::connect_async(
        stage.upgrade_request(&format!("{session}/ws"), Some(stage.token())),
    )
    .await;
    assert!(matches!(again, Err(Error::Http(response)) if response.status() == 410));
}

#[tokio::test]
async fn every_end_of_a_socket_has_its_code() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let path = format!("{session}/ws");

    let mut evicted = stage.socket(&format!("{path}?sessionId=a")).await;
    let (status, _) =
        stage.call(Method::DELETE, &format!("{session}/subscribers/a"), Value::Null).await;
    assert_eq!((status, evicted.farewell().await), (204, Some(1000)), "evicted");

    let mut older = stage.socket(&format!("{path}?sessionId=b")).await;
    let mut newer = stage.socket(&format!("{path}?sessionId=b")).await;
    assert_eq!(older.farewell().await, Some(1000), "another connection of its name");

    // What is too large is not even read, and the connection is of no use any more.
    newer.begin(17 << 20).await;
    assert_eq!(newer.farewell().await, Some(1001), "too large");

    let mut over = stage.socket(&path).await;
    stage.call(Method::DELETE, &session, Value::Null).await;
    assert_eq!(over.farewell().await, Some(1000), "the session's end");

    let mut at_end = stage.socket(&format!("{}/ws", stage.session().await)).await;
    stage.host.shutdown().await;
    assert_eq!(at_end.farewell().await, Some(1000), "the host's end, which ends the session");
}

#[tokio::test]
async fn a_host_that_is_dropped_says_goodbye() {
    let stage = Stage::new().await;
    let mut socket = stage.socket(&format!("{}/ws", stage.session().await)).await;
    let Stage { host, drivers: _drivers, .. } = stage;
    drop(host);
    assert_eq!(socket.farewell().await, Some(1001));
}

#[tokio::test]
async fn a_page_without_pictures_is_asked_what_it_does() {
    let (stage, session) = stage().await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    socket.send(json!({"type": "look"})).await;
    let looked = socket.wait_for(|message| matches!(message, ServerMessage::Looked { .. })).await;
    assert_eq!(looked, ServerMessage::Looked { page: PageLife::Still });
    assert_eq!(stage.drivers.last().calls(), [""; 0], "it is no act");
}
