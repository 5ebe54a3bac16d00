//! The host, whose clients send it the largest messages that it takes.

use bytes::Bytes;
use helmsight::protocol::socket::ServerMessage;
use http::Method;
use serde_json::{Value, json};

use crate::stage::Stage;
use crate::{Count, MIB};

#[tokio::test]
async fn large_messages_of_clients_leave_nothing_behind() {
    let mut count = Count::begin().await;
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    let long = "x".repeat(MIB - 1000);
    count.again();
    for n in 0..40 {
        let name = format!("{n}{long}");
        socket.send(json!({"type": "key_down", "key": "a", "code": name, "text": "a"})).await;
        socket.send(json!({"type": "key_down", "key": name, "code": ""})).await;
        socket.send(json!({"type": "navigate", "url": name})).await;
        socket.send(json!({"type": "rename", "name": name})).await;
        socket.send(json!({"type": "select_tab", "tab_id": name})).await;
        let sent = stage.post(&format!("{session}/messages"), json!({"data": name})).await;
        assert_eq!(sent.0, 200, "{}", sent.1);
    }
    // Messages are read in order, so that whoever is answered after them was read, too.
    socket.send(json!({"type": "no such message"})).await;
    let is_last = |message: &ServerMessage| matches!(message, ServerMessage::Refused { what, .. } if what == "no such message");
    socket.wait_for(is_last).await;
    drop((socket, long));
    drop(stage.drivers.last().controls());
    // The history of events is what is kept on purpose.
    count.expect("a session after large messages", 12 * MIB);
    stage.host.shutdown().await;
}

#[tokio::test]
async fn ended_sessions_keep_no_pictures() {
    let mut count = Count::begin().await;
    let stage = Stage::new().await;
    let picture = vec![7; 2 * MIB];
    for n in 0..3 {
        let session = stage.session().await;
        let driver = stage.drivers.last();
        for _ in 0..15 {
            *driver.shot.lock().unwrap() = picture.clone().into();
            let (status, answer) = stage.post(&format!("{session}/screenshot"), json!({})).await;
            assert_eq!(status, 200, "{answer}");
        }
        *driver.shot.lock().unwrap() = Bytes::new();
        let (status, _) = stage.call(Method::DELETE, &session, Value::Null).await;
        assert_eq!(status, 204);
        // The first session makes what every host has.
        if n == 0 {
            count.again();
        }
    }
    count.expect("ended sessions", 2 * MIB);
    stage.host.shutdown().await;
}

#[tokio::test]
#[ignore = "make proof: it writes hundreds of megabytes of events"]
async fn proof_that_ended_sessions_keep_little_history() {
    let mut count = Count::begin().await;
    let stage = Stage::new().await;
    let told = "x".repeat(240 << 10);
    for n in 0..20 {
        let session = stage.session().await;
        for _ in 0..36 {
            stage.post(&format!("{session}/messages"), json!({"data": told})).await;
        }
        let (status, _) = stage.call(Method::DELETE, &session, Value::Null).await;
        assert_eq!(status, 204);
        // A driver of the test's would keep the events of its session.
        stage.drivers.0.lock().unwrap().clear();
        if n == 0 {
            count.again();
        }
    }
    count.expect("what ended sessions told", 64 * MIB);
    stage.host.shutdown().await;
}

/// A host of a fleet makes and ends sessions all day. What a session needs goes with it.
#[tokio::test]
#[ignore = "make proof: it makes a thousand sessions"]
async fn proof_that_a_thousand_sessions_leave_nothing() {
    let mut count = Count::begin().await;
    let stage = Stage::new().await;
    for round in 0..80 {
        let mut sessions = Vec::new();
        for _ in 0..16 {
            let session = stage.session().await;
            let mut socket = stage.socket(&format!("{session}/ws")).await;
            socket.send(json!({"type": "screencast", "on": true})).await;
            socket.send(json!({"type": "rename", "name": format!("Ada {round}")})).await;
            stage.post(&format!("{session}/click"), json!({"x": 1, "y": 2})).await;
            sessions.push((session, socket));
        }
        let (status, _) = stage.post("computers", json!({})).await;
        assert_eq!(status, 429, "a host has sixteen places");
        for (session, mut socket) in sessions {
            let (status, _) = stage.call(Method::DELETE, &session, Value::Null).await;
            assert_eq!((status, socket.farewell().await), (204, Some(1000)));
        }
        stage.drivers.0.lock().unwrap().clear();
        // The first rounds fill what is remembered of ended sessions.
        if round == 9 {
            count.again();
        }
    }
    count.expect("a thousand ended sessions", 4 * MIB);
    stage.host.shutdown().await;
}
