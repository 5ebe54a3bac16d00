//! Several people in one session: one drives, and everybody is told.

use std::time::{Duration, Instant};

use helmsight::host::HostConfig;
use helmsight::protocol::socket::ServerMessage;
use serde_json::{Value, json};

use crate::stage::{Socket, Sse, Stage, until};

pub(crate) struct Room {
    pub(crate) stage: Stage,
    pub(crate) session: String,
    pub(crate) events: Sse,
    pub(crate) ada: Socket,
    pub(crate) bob: Socket,
}

impl Room {
    pub(crate) async fn new() -> Self {
        Self::with(HostConfig::default()).await
    }

    /// Ada is participant 1 and owns the session, Bob is 2.
    pub(crate) async fn with(config: HostConfig) -> Self {
        let stage = Stage::with(config).await;
        let session = stage.session().await;
        let events = stage.sse(&format!("{session}/events")).await;
        let ada = join(&stage, &session, "Ada").await;
        let bob = join(&stage, &session, "Bob").await;
        Self { stage, session, events, ada, bob }
    }

    /// Clicks as the agent does.
    pub(crate) async fn click(&self) -> (u16, Value) {
        let path = format!("{}/click", self.session);
        self.stage.post(&path, json!({"x": 1, "y": 2})).await
    }

    /// What the agent asks of the others.
    pub(crate) async fn agent(&self, message: Value) -> (u16, Value) {
        let path = format!("{}/control", self.session);
        self.stage.post(&path, message).await
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.stage.drivers.last().calls()
    }
}

pub(crate) async fn join(stage: &Stage, session: &str, name: &str) -> Socket {
    let mut socket = stage.socket(&format!("{session}/ws?name={name}")).await;
    socket.wait_for(|message| matches!(message, ServerMessage::People { .. })).await;
    socket
}

pub(crate) async fn driven_by(socket: &mut Socket, who: Option<u32>) {
    socket
        .wait_for(
            |message| matches!(message, ServerMessage::People { driver, .. } if *driver == who),
        )
        .await;
}

pub(crate) async fn refused(socket: &mut Socket, what: &str) -> String {
    let message = socket.wait_for(|message| matches!(message, ServerMessage::Refused { .. })).await;
    match message {
        ServerMessage::Refused { what: told, why } if told == what => why,
        other => panic!("{other:?} instead of a refusal of {what}"),
    }
}

pub(crate) async fn event(socket: &mut Socket, kind: &str) -> Value {
    let message = socket
        .wait_for(|message| matches!(message, ServerMessage::Event { event, .. } if event["type"] == kind))
        .await;
    match message {
        ServerMessage::Event { event, .. } => event,
        other => panic!("{other:?}"),
    }
}

/// What an event says, without its time.
fn told(mut event: Value) -> Value {
    event.as_object_mut().unwrap().remove("timestamp");
    event
}

#[tokio::test]
async fn everybody_is_in_the_roster_and_indices_are_never_used_again() {
    let mut room = Room::new().await;
    let joined = room.events.wait_for("participant_joined").await;
    assert_eq!(
        told(joined),
        json!({"type": "participant_joined", "clientIndex": 1, "userData": {"name": "Ada"}})
    );
    let words = |message: ServerMessage| serde_json::to_value(message).unwrap();
    let people = |count: usize| move |message: &ServerMessage| matches!(message, ServerMessage::People { participants, .. } if participants.len() == count);
    let seen = words(room.ada.wait_for(people(3)).await);
    assert_eq!(
        seen["participants"],
        json!([
            {"index": 0, "name": "Agent", "agent": true, "owner": false},
            {"index": 1, "name": "Ada", "agent": false, "owner": true},
            {"index": 2, "name": "Bob", "agent": false, "owner": false},
        ])
    );
    // The owner goes, and the next one owns the session.
    drop(room.ada);
    let left = room.events.wait_for("participant_left").await;
    assert_eq!((&left["clientIndex"], &left["userData"]["name"]), (&json!(1), &json!("Ada")));
    let seen = words(room.bob.wait_for(people(2)).await);
    assert_eq!(seen["participants"][1]["owner"], true);
    let mut guest = room.stage.socket(&format!("{}/ws", room.session)).await;
    let seen = words(guest.wait_for(people(3)).await);
    assert_eq!((&seen["me"], &seen["participants"][2]["name"]), (&json!(3), &json!("Guest 3")));
    guest.send(json!({"type": "rename", "name": " Cleo\n"})).await;
    room.bob
        .wait_for(|message| matches!(message, ServerMessage::People { participants, .. } if participants.iter().any(|one| one.name == "Cleo")))
        .await;
    guest.send(json!({"type": "rename", "name": "\n"})).await;
    assert!(refused(&mut guest, "rename").await.contains("visible"));
    let (status, listed) = room.stage.get(&format!("{}/participants", room.session)).await;
    assert_eq!((status, &listed["me"]), (200, &json!(0)));
    assert_eq!(listed["participants"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn whoever_acts_first_drives_until_they_pause() {
    let mut room = Room::with(HostConfig {
        implicit_control: Duration::from_millis(300),
        ..HostConfig::default()
    })
    .await;
    // Pointing alone takes nothing.
    room.bob.send(json!({"type": "pointer_move", "x": 1, "y": 1})).await;
    room.ada.send(json!({"type": "text", "text": "a"})).await;
    let changed = room.events.wait_for("host_changed").await;
    assert_eq!(
        told(changed),
        json!({"type": "host_changed", "to": 1, "from": null, "implicit": true})
    );
    room.events.wait_for("user_activity").await;
    driven_by(&mut room.bob, Some(1)).await;
    room.bob.send(json!({"type": "text", "text": "b"})).await;
    let why = refused(&mut room.bob, "text").await;
    assert!(
        why.starts_with("Ada has control of this session (since ") && why.contains("not queued"),
        "{why}"
    );
    assert_eq!(room.click().await.0, 409);
    driven_by(&mut room.bob, None).await;
    room.bob.send(json!({"type": "text", "text": "c"})).await;
    driven_by(&mut room.ada, Some(2)).await;
    let mut calls = Vec::new();
    until("both have typed", || {
        calls.extend(room.calls());
        calls == ["pointer_move 1,1.0", "text a", "text c"]
    })
    .await;
}

#[tokio::test]
async fn an_agent_is_parked_and_everybody_is_told_within_a_quarter_of_a_second() {
    let mut room = Room::new().await;
    assert_eq!(room.click().await.0, 200);
    room.ada.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.bob, Some(1)).await;
    room.calls();
    let begun = Instant::now();
    let session = room.session.clone();
    let asked = json!({"x": 1, "y": 2, "request_id": "mine"});
    let path = format!("{session}/click");
    let (answer, told) = tokio::join!(room.stage.post(&path, asked), async {
        let told = event(&mut room.bob, "action_refused").await;
        (told, begun.elapsed())
    });
    let (status, answer) = answer;
    assert_eq!((status, &answer["status"]), (409, &json!("error")));
    assert_eq!((&answer["driver"]["index"], &answer["driver"]["name"]), (&json!(1), &json!("Ada")));
    let since = answer["driver"]["since"].as_str().unwrap();
    assert_eq!(
        answer["error_message"],
        format!(
            "Ada has control of this session (since {since}); the action was refused, not queued"
        )
    );
    let (told, took) = told;
    assert!(took < Duration::from_millis(250), "{took:?}");
    assert_eq!(
        (&told["request_id"], &told["action"]["type"], &told["driver"]["name"]),
        (&json!("mine"), &json!("click"), &json!("Ada"))
    );
    assert_eq!(room.events.wait_for("action_refused").await["request_id"], "mine");
    for (call, body) in [
        ("tabs", json!({})),
        ("tabs/T2/switch", json!({})),
        ("viewport", json!({"width": 800, "height": 600})),
        ("navigate", json!({"url": "https://b.test/"})),
        ("type", json!({"text": "a"})),
        ("dialog", json!({"accept": true})),
    ] {
        let (status, answer) = room.stage.post(&format!("{session}/{call}"), body).await;
        assert_eq!((status, &answer["driver"]["index"]), (409, &json!(1)), "{call}");
    }
    let actions = json!([{"type": "wait", "ms": 1}, {"type": "click", "x": 1, "y": 2}, {"type": "wait", "ms": 1}]);
    let path = format!("{session}/batch");
    let (status, answer) = room.stage.post(&path, json!({"actions": actions})).await;
    assert_eq!((status, &answer["executed"]), (200, &json!(2)));
    assert_eq!(answer["results"][1]["driver"]["name"], "Ada");
    // Looking on is no driving.
    for call in ["screenshot", "html", "keepalive"] {
        let status = room.stage.post(&format!("{session}/{call}"), json!({})).await.0;
        assert_eq!(status, 200, "{call}");
    }
    assert_eq!(room.stage.get(&format!("{session}/tabs")).await.0, 200);
    assert_eq!(room.calls(), [""; 0], "nothing reached the page");
    // Handed back with a note, the agent goes on.
    room.ada.send(json!({"type": "release_control", "note": "please check out"})).await;
    let released = room.events.wait_for("control_released").await;
    assert_eq!((&released["from"], &released["note"]), (&json!(1), &json!("please check out")));
    assert_eq!(room.events.wait_for("host_changed").await["to"], Value::Null);
    assert_eq!(room.click().await.0, 200);
}

#[tokio::test]
async fn control_is_asked_for_and_granted_refused_or_forgotten() {
    let mut room = Room::with(HostConfig {
        control_request: Duration::from_millis(300),
        ..HostConfig::default()
    })
    .await;
    room.ada.send(json!({"type": "request_control"})).await;
    driven_by(&mut room.ada, Some(1)).await;
    let pending = |message: &ServerMessage| matches!(message, ServerMessage::People { requests, .. } if requests.iter().any(|one| one.index == 2));
    // Nobody answers.
    room.bob.send(json!({"type": "request_control"})).await;
    let asked = room.events.wait_for("host_rights_requested").await;
    assert_eq!(asked["clientIndex"], 2);
    room.ada.wait_for(pending).await;
    assert!(refused(&mut room.bob, "request_control").await.contains("Ada did not answer"));
    let expired = room.events.wait_for("host_rights_refused").await;
    assert_eq!((&expired["clientIndex"], &expired["reason"]), (&json!(2), &json!("expired")));
    // Refused.
    room.bob.send(json!({"type": "request_control"})).await;
    room.ada.wait_for(pending).await;
    room.bob.send(json!({"type": "answer_request", "index": 2, "grant": true})).await;
    assert!(refused(&mut room.bob, "answer_request").await.contains("Ada has control"));
    room.ada.send(json!({"type": "answer_request", "index": 2, "grant": false})).await;
    assert!(refused(&mut room.bob, "request_control").await.contains("Ada keeps control"));
    // Granted, and both are told what it means for them.
    room.bob.send(json!({"type": "request_control"})).await;
    room.ada.wait_for(pending).await;
    room.ada.send(json!({"type": "answer_request", "index": 2, "grant": true})).await;
    for (socket, index) in [(&mut room.ada, 1), (&mut room.bob, 2)] {
        let changed = socket
            .wait_for(|message| matches!(message, ServerMessage::Event { event, .. } if event["type"] == "host_changed" && event["to"] == 2))
            .await;
        let ServerMessage::Event { event, .. } = changed else { panic!("{changed:?}") };
        assert_eq!(
            (&event["from"], &event["gained"], &event["myIndex"]),
            (&json!(1), &json!(index == 2), &json!(index))
        );
    }
    // An agent may ask, too.
    let (status, people) = room.agent(json!({"type": "request_control"})).await;
    assert_eq!((status, &people["requests"][0]["index"]), (200, &json!(0)));
    room.bob.send(json!({"type": "answer_request", "index": 0, "grant": true})).await;
    driven_by(&mut room.ada, Some(0)).await;
    assert_eq!(room.click().await.0, 200);
    room.ada.send(json!({"type": "text", "text": "a"})).await;
    assert!(refused(&mut room.ada, "text").await.contains("Agent has control"));
}

#[tokio::test]
async fn of_two_who_ask_at_once_one_drives_and_both_know() {
    let mut room = Room::new().await;
    let ask = json!({"type": "request_control"});
    tokio::join!(room.ada.send(ask.clone()), room.bob.send(ask));
    let settled = |message: &ServerMessage| matches!(message, ServerMessage::People { driver: Some(_), requests, .. } if requests.len() == 1);
    let mut seen = Vec::new();
    for socket in [&mut room.ada, &mut room.bob] {
        let ServerMessage::People { driver, requests, .. } = socket.wait_for(settled).await else {
            panic!("no roster")
        };
        seen.push((driver, requests[0].index));
    }
    assert!(
        matches!(seen[..], [(Some(1), 2), (Some(1), 2)] | [(Some(2), 1), (Some(2), 1)]),
        "{seen:?}"
    );
    let (first, second) = match seen[0].0 {
        Some(1) => (&mut room.ada, &mut room.bob),
        _ => (&mut room.bob, &mut room.ada),
    };
    // Nobody has typed, and the agent waits all the same.
    let path = format!("{}/click", room.session);
    let click = json!({"x": 1, "y": 2});
    assert_eq!(room.stage.post(&path, click).await.0, 409);
    let index = seen[0].1;
    first.send(json!({"type": "release_control"})).await;
    driven_by(second, Some(index)).await;
}

#[tokio::test]
async fn control_is_given_and_taken_by_those_who_may() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "give_control", "to": 2})).await;
    driven_by(&mut room.bob, Some(2)).await;
    assert_eq!(room.agent(json!({"type": "take_control"})).await.0, 409);
    let mut cleo = join(&room.stage, &room.session, "Cleo").await;
    cleo.send(json!({"type": "take_control"})).await;
    assert!(refused(&mut cleo, "take_control").await.contains("Bob has control; ask"));
    cleo.send(json!({"type": "give_control", "to": 3})).await;
    assert!(refused(&mut cleo, "give_control").await.contains("Bob has control"));
    cleo.send(json!({"type": "release_control"})).await;
    assert!(refused(&mut cleo, "release_control").await.contains("not you"));
    // The owner takes it from anybody.
    room.ada.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.bob, Some(1)).await;
    // Anybody takes it from the agent.
    room.ada.send(json!({"type": "give_control", "to": 0})).await;
    driven_by(&mut room.bob, Some(0)).await;
    cleo.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.bob, Some(3)).await;
    room.ada.send(json!({"type": "give_control", "to": 9})).await;
    assert!(refused(&mut room.ada, "give_control").await.contains("no participant 9"));
    cleo.send(json!({"type": "end_session"})).await;
    assert!(refused(&mut cleo, "end_session").await.contains("only Ada ends"));
}

#[tokio::test]
async fn whoever_loses_control_holds_nothing_and_whoever_vanishes_loses_it() {
    let mut room = Room::new().await;
    room.bob.send(json!({"type": "key_down", "key": "Shift", "code": "ShiftLeft"})).await;
    room.bob.send(json!({"type": "pointer_down", "x": 5, "y": 6, "button": "left"})).await;
    let mut calls = Vec::new();
    until("both are down", || {
        calls.extend(room.calls());
        calls.len() == 2
    })
    .await;
    room.ada.send(json!({"type": "take_control"})).await;
    room.ada.send(json!({"type": "text", "text": "a"})).await;
    until("both come up before the next one types", || {
        calls.extend(room.calls());
        calls[2..] == ["pointer_up 5,6.0", "key_up Shift", "text a"]
    })
    .await;
    // Late releases are nobody's business; presses are refused.
    room.bob.send(json!({"type": "pointer_up", "x": 5, "y": 6, "button": "left"})).await;
    room.bob.send(json!({"type": "key_up", "key": "Shift", "code": "ShiftLeft"})).await;
    room.bob.send(json!({"type": "key_down", "key": "b"})).await;
    refused(&mut room.bob, "key_down").await;
    assert_eq!(room.calls(), [""; 0]);
    room.ada.send(json!({"type": "key_down", "key": "Control"})).await;
    until("it is down", || room.calls() == ["key_down Control"]).await;
    // The next one in the queue gets it as soon as the driver is gone.
    room.bob.send(json!({"type": "request_control"})).await;
    room.events.wait_for("host_rights_requested").await;
    let driver = room.stage.drivers.last();
    drop(room.ada);
    driven_by(&mut room.bob, Some(2)).await;
    until("it comes up", || driver.calls() == ["key_up Control"]).await;
    drop(room.bob);
    let changed = loop {
        let changed = room.events.wait_for("host_changed").await;
        if changed["from"] == 2 && changed["to"] != 1 {
            break changed;
        }
    };
    assert_eq!(changed["to"], Value::Null);
    let (status, _) =
        room.stage.post(&format!("{}/click", room.session), json!({"x": 1, "y": 2})).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_an_agent_holds_is_lifted_when_it_is_parked() {
    let mut room = Room::new().await;
    let path = format!("{}/mouse-down", room.session);
    assert_eq!(room.stage.post(&path, json!({"x": 3, "y": 4})).await.0, 200);
    room.calls();
    room.agent(json!({"type": "take_control"})).await;
    assert!(room.calls().is_empty(), "its own press goes on");
    room.bob.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.ada, Some(2)).await;
    assert_eq!(room.calls(), ["pointer_up 3,4.0"]);
}

#[tokio::test]
async fn what_an_agent_holds_is_lifted_when_somebody_simply_acts() {
    let mut room = Room::new().await;
    let path = format!("{}/mouse-down", room.session);
    assert_eq!(room.stage.post(&path, json!({"x": 3, "y": 4})).await.0, 200);
    room.calls();
    room.bob.send(json!({"type": "text", "text": "b"})).await;
    driven_by(&mut room.ada, Some(2)).await;
    let mut calls = Vec::new();
    until("the text", || {
        calls.extend(room.calls());
        calls == ["pointer_up 3,4.0", "text b"]
    })
    .await;
}

#[tokio::test]
async fn files_and_proxies_are_driving_too() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.bob, Some(1)).await;
    let (files, proxy) =
        (format!("{}/files", room.session), format!("{}/change-proxy", room.session));
    let file = |from: Option<u32>| json!({"name": "a.txt", "data": "aGk=", "clientIndex": from});
    for from in [None, Some(2), Some(9)] {
        let (status, answer) = room.stage.post(&files, file(from)).await;
        assert_eq!(status, 409, "{answer}");
    }
    assert!(room.stage.drivers.last().uploads.lock().unwrap().is_empty());
    let by = json!({"proxy_url": "http://127.0.0.1:1"});
    assert_eq!(room.stage.post(&proxy, by.clone()).await.0, 409);
    assert_eq!(room.stage.post(&files, file(Some(1))).await.0, 200);
    room.ada.send(json!({"type": "release_control"})).await;
    driven_by(&mut room.bob, None).await;
    assert_eq!(room.stage.post(&files, file(None)).await.0, 200);
    assert_eq!(room.stage.post(&proxy, by).await.0, 200);
}

#[tokio::test]
async fn everybody_sees_how_long_the_session_lives_whoever_keeps_it() {
    let mut room = Room::new().await;
    let mut beats =
        room.stage.sse(&format!("{}/events?heartbeatInterval=1000", room.session)).await;
    let is_lifetime = |message: &ServerMessage| matches!(message, ServerMessage::Lifetime { .. });
    for message in [json!({"type": "text", "text": "a"}), json!({"type": "keep_alive"})] {
        // Within seconds of the last one there is nothing to tell. The host's own clock says when to try again.
        let keep = async {
            loop {
                room.ada.send(message.clone()).await;
                beats.block().await.expect("a stream that beats");
            }
        };
        tokio::select! {
            _told = room.bob.wait_for(is_lifetime) => {}
            () = keep => {}
        }
    }
}

#[tokio::test]
async fn a_page_is_fitted_to_the_space_of_whoever_is_alone_with_it() {
    let stage = Stage::with(HostConfig::default()).await;
    let session = stage.session().await;
    let mut ada = join(&stage, &session, "Ada").await;
    let width = async || stage.get(&session).await.1["display"]["width"].as_u64().unwrap();
    let fit = |width: u32| json!({"type": "fit", "width": width, "height": 600, "scale_factor": 1});
    ada.send(fit(800)).await;
    let begun = Instant::now();
    while width().await != 800 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the page has another size");
    }
    // It is asked for in order, and what follows is answered once it was refused.
    let mut asks_in_vain = async |wanted: u32| {
        ada.send(fit(wanted)).await;
        ada.send(json!({"type": "keep_alive"})).await;
        ada.wait_for(|message| matches!(message, ServerMessage::Lifetime { .. })).await;
        ada.send(json!({"type": "keep_alive"})).await;
        ada.wait_for(|message| matches!(message, ServerMessage::Lifetime { .. })).await;
        width().await
    };
    let bob = join(&stage, &session, "Bob").await;
    assert_eq!(asks_in_vain(801).await, 800);
    drop(bob);
    let listed = async || stage.get(&format!("{session}/participants")).await.1;
    let begun = Instant::now();
    while listed().await["participants"].as_array().unwrap().len() > 2 {
        assert!(begun.elapsed() < Duration::from_secs(10), "Bob stays");
    }
    // An agent expects the page to stay as it is, also once it has acted.
    let (status, _) = stage.post(&format!("{session}/click"), json!({"x": 1, "y": 2})).await;
    assert_eq!(status, 200);
    assert_eq!(asks_in_vain(802).await, 800);
}
