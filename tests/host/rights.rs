//! Tabs, talk, pointers, huddles and the end: what participants do with each other.

use std::time::{Duration, Instant};

use helmsight::model::{EventKind, PointerActKind, RemotePointer};
use helmsight::protocol::socket::{ServerMessage, TabWords};
use http::Method;
use serde_json::{Value, json};

use crate::people::{Room, driven_by, event, join, refused};
use crate::stage::{Socket, until};

fn tabs(fits: impl Fn(&[TabWords]) -> bool) -> impl Fn(&ServerMessage) -> bool {
    move |message| matches!(message, ServerMessage::Tabs { tabs } if fits(tabs))
}

#[tokio::test]
async fn a_paused_tab_takes_input_from_its_pauser_only() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "take_control"})).await;
    room.ada.send(json!({"type": "pause_tab", "tab_id": "T1"})).await;
    let paused = room.events.wait_for("tab_paused").await;
    assert_eq!(
        (&paused["tabIndex"], &paused["leaderIndex"], &paused["tab_id"]),
        (&json!(0), &json!(1), &json!("T1"))
    );
    event(&mut room.ada, "tab_paused").await;
    room.bob.wait_for(tabs(|tabs| tabs[0].paused_by == Some(1))).await;
    room.ada.send(json!({"type": "give_control", "to": 2})).await;
    driven_by(&mut room.bob, Some(2)).await;
    room.bob.send(json!({"type": "text", "text": "b"})).await;
    assert!(refused(&mut room.bob, "text").await.starts_with("Ada paused this tab"));
    room.bob.send(json!({"type": "resume_tab", "tab_id": "T1"})).await;
    assert!(refused(&mut room.bob, "resume_tab").await.contains("only they and the owner"));
    room.bob.send(json!({"type": "pause_tab", "tab_id": "T9"})).await;
    assert!(refused(&mut room.bob, "pause_tab").await.contains("no such tab"));
    // The other tab is not paused.
    room.bob.send(json!({"type": "select_tab", "tab_id": "T2"})).await;
    until("the tab is chosen", || room.calls() == ["select_tab T2"]).await;
    room.bob.send(json!({"type": "release_control"})).await;
    driven_by(&mut room.ada, None).await;
    let (status, answer) = room.click().await;
    assert_eq!((status, &answer["driver"]), (409, &Value::Null));
    assert!(answer["error_message"].as_str().unwrap().starts_with("Ada paused"));
    let (_, listed) = room.stage.get(&format!("{}/tabs", room.session)).await;
    assert_eq!(listed["result"]["tabs"][0]["paused_by"], 1);
    room.ada.send(json!({"type": "resume_tab", "tab_id": "T1"})).await;
    room.events.wait_for("tab_resumed").await;
    assert_eq!(room.click().await.0, 200);
    // A pause ends with its pauser, and with its tab.
    room.ada.send(json!({"type": "pause_tab", "tab_id": "T1"})).await;
    room.ada.send(json!({"type": "pause_tab", "tab_id": "T2"})).await;
    room.bob.wait_for(tabs(|tabs| tabs[1].paused_by == Some(1))).await;
    drop(room.ada);
    for _ in 0..2 {
        room.events.wait_for("tab_resumed").await;
    }
    room.bob.wait_for(tabs(|tabs| tabs.iter().all(|tab| tab.paused_by.is_none()))).await;
}

#[tokio::test]
async fn one_tab_is_given_to_somebody_else() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "take_control"})).await;
    room.bob.send(json!({"type": "request_tab", "tab_id": "T1"})).await;
    let asked = room.events.wait_for("tab_control_requested").await;
    assert_eq!(
        (&asked["clientIndex"], &asked["tab_id"], &asked["tabIndex"]),
        (&json!(2), &json!("T1"), &json!(0))
    );
    room.bob.send(json!({"type": "give_tab", "tab_id": "T1", "to": 2})).await;
    assert!(refused(&mut room.bob, "give_tab").await.contains("Ada has control"));
    room.ada.send(json!({"type": "give_tab", "tab_id": "T1", "to": 2})).await;
    let given = room.events.wait_for("tab_control_transferred").await;
    assert_eq!(
        (&given["tabIndex"], &given["leaderIndex"], &given["controlIndex"]),
        (&json!(0), &json!(1), &json!(2))
    );
    room.bob.wait_for(tabs(|tabs| tabs[0].controller == Some(2))).await;
    room.bob.send(json!({"type": "text", "text": "b"})).await;
    until("Bob types in his tab", || room.calls() == ["text b"]).await;
    room.ada.send(json!({"type": "text", "text": "a"})).await;
    assert!(refused(&mut room.ada, "text").await.starts_with("Bob controls this tab"));
    // Elsewhere Ada still drives, and the agent may have a tab beside her.
    room.stage.drivers.last().state.send_modify(|state| {
        state.tabs[0].active = false;
        state.tabs[1].active = true;
    });
    room.bob.wait_for(tabs(|tabs| tabs[1].active)).await;
    room.bob.send(json!({"type": "text", "text": "b"})).await;
    assert!(refused(&mut room.bob, "text").await.starts_with("Ada has control"));
    room.ada.send(json!({"type": "give_tab", "tab_id": "T1", "to": 0})).await;
    room.events.wait_for("tab_control_transferred").await;
    let path = format!("{}/click", room.session);
    let in_tab = |tab: &str| json!({"x": 1, "y": 2, "tab_id": tab});
    assert_eq!(room.stage.post(&path, in_tab("T1")).await.0, 200);
    assert_eq!(room.stage.post(&path, in_tab("T2")).await.0, 409);
    // Taken back.
    room.ada.send(json!({"type": "give_tab", "tab_id": "T1", "to": 1})).await;
    assert_eq!(room.events.wait_for("tab_control_transferred").await["controlIndex"], 1);
    assert_eq!(room.stage.post(&path, in_tab("T1")).await.0, 409);
}

#[tokio::test]
async fn in_a_huddle_the_one_whom_the_driver_follows_chooses_the_tab() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "take_control"})).await;
    room.ada.send(json!({"type": "follow", "index": 2})).await;
    driven_by(&mut room.bob, Some(1)).await;
    room.bob.send(json!({"type": "select_tab", "tab_id": "T2"})).await;
    assert!(refused(&mut room.bob, "select_tab").await.contains("Ada has control"));
    room.bob.send(json!({"type": "huddle", "enabled": true})).await;
    refused(&mut room.bob, "huddle").await;
    room.ada.send(json!({"type": "huddle", "enabled": true})).await;
    assert_eq!(room.events.wait_for("huddle_mode").await["enabled"], true);
    room.bob.send(json!({"type": "select_tab", "tab_id": "T2"})).await;
    until("the leader chooses", || room.calls() == ["select_tab T2"]).await;
    room.bob.send(json!({"type": "text", "text": "b"})).await;
    refused(&mut room.bob, "text").await;
    room.bob.send(json!({"type": "follow", "index": 1})).await;
    let follows = event(&mut room.ada, "huddle_follow").await;
    assert_eq!((&follows["client_index"], &follows["following_index"]), (&json!(2), &json!(1)));
    room.bob.send(json!({"type": "follow", "index": 2})).await;
    refused(&mut room.bob, "follow").await;
}

#[tokio::test]
async fn talk_reaches_everybody_or_one() {
    let mut room = Room::new().await;
    let mut cleo = join(&room.stage, &room.session, "Cleo").await;
    let said = |message: &ServerMessage| matches!(message, ServerMessage::Said { .. });
    let line = |message: ServerMessage| match message {
        ServerMessage::Said { from, to, text, .. } => (from, to, text),
        other => panic!("{other:?}"),
    };
    room.ada.send(json!({"type": "say", "text": "secret", "to": 2})).await;
    room.ada.send(json!({"type": "say", "text": "hello\nall "})).await;
    assert_eq!(line(room.bob.wait_for(said).await), (1, Some(2), "secret".to_owned()));
    assert_eq!(line(room.ada.wait_for(said).await).2, "secret");
    for socket in [&mut room.ada, &mut room.bob, &mut cleo] {
        assert_eq!(
            line(socket.wait_for(said).await),
            (1, None, "hello↵all".to_owned()),
            "Cleo was told no secret"
        );
    }
    let told = room.events.wait_for("chat_message").await;
    assert_eq!((&told["message"], &told["clientIndex"]), (&json!("hello↵all"), &json!(1)));
    assert_eq!(room.agent(json!({"type": "say", "text": "done"})).await.0, 200);
    assert_eq!(line(cleo.wait_for(said).await), (0, None, "done".to_owned()));
    // A late reader finds it in the history.
    let late = format!("{}/ws?lastEventId=0", room.session);
    event(&mut room.stage.socket(&late).await, "chat_message").await;
    for (bad, why) in [
        (json!({"type": "say", "text": "  "}), "nothing"),
        (json!({"type": "say", "text": "x".repeat(2001)}), "2000"),
        (json!({"type": "say", "text": "x", "to": 9}), "participant 9"),
        (json!({"type": "say"}), "text"),
    ] {
        cleo.send(bad).await;
        let told = refused(&mut cleo, "say").await;
        assert!(told.contains(why), "{told}");
    }
    for _ in 0..20 {
        cleo.send(json!({"type": "say", "text": "spam"})).await;
    }
    assert!(refused(&mut cleo, "say").await.contains("too much"));
    let (_, sent) = room
        .stage
        .post(
            &format!("{}/messages", room.session),
            json!({"data": 1, "origin": "https://app.test"}),
        )
        .await;
    assert_eq!(sent["status"], "success");
    assert_eq!(room.events.wait_for("message").await["origin"], "https://app.test");
    assert_eq!(event(&mut room.ada, "message").await["data"], 1);
}

#[tokio::test]
async fn pointers_are_shown_to_the_others_and_never_to_the_page() {
    let mut room = Room::new().await;
    let pointers = |message: &ServerMessage| matches!(message, ServerMessage::Pointers { .. });
    let at = |x: u32| json!({"type": "point", "at": {"x": x, "y": 1, "width": 100, "height": 50}});
    let begun = Instant::now();
    for x in 0..100 {
        room.ada.send(at(x)).await;
    }
    let mut seen = 0;
    loop {
        seen += 1;
        let ServerMessage::Pointers { pointers } = room.bob.wait_for(pointers).await else {
            panic!("no pointers")
        };
        assert_eq!(pointers.len(), 1);
        assert_eq!((pointers[0].index, pointers[0].at.width), (1, 100));
        if pointers[0].at.x == 99.0 {
            break;
        }
    }
    let most = begun.elapsed().as_millis() / 66 + 2;
    assert!(seen <= most, "{seen} in {:?}", begun.elapsed());
    room.bob.send(at(5)).await;
    let ServerMessage::Pointers { pointers: others } = room.ada.wait_for(pointers).await else {
        panic!("no pointers")
    };
    assert_eq!(others.iter().map(|one| one.index).collect::<Vec<_>>(), [2], "not one's own");
    // They go with whoever points.
    drop(room.ada);
    room.bob
        .wait_for(|message| matches!(message, ServerMessage::Pointers { pointers } if pointers.is_empty()))
        .await;
    assert_eq!(room.stage.drivers.last().calls(), [""; 0]);
}

#[tokio::test]
async fn what_somebody_does_is_shown_to_the_others_at_its_place() {
    let mut room = Room::new().await;
    async fn acted(socket: &mut Socket, wanted: u32) -> RemotePointer {
        let found = |message: &ServerMessage| match message {
            ServerMessage::Pointers { pointers } => {
                pointers.iter().find(|one| one.index == wanted && one.act.is_some()).cloned()
            }
            _ => None,
        };
        let message = socket.wait_for(|message| found(message).is_some()).await;
        found(&message).unwrap()
    }
    let call = |path: &str| format!("{}/{path}", room.session);
    room.stage.post(&call("click"), json!({"x": 64, "y": 36})).await;
    let agent = acted(&mut room.bob, 0).await;
    let act = agent.act.unwrap();
    assert_eq!((agent.at.x, agent.at.width, act.kind), (64.0, 1280, PointerActKind::Press));
    room.stage.post(&call("type"), json!({"text": "hello"})).await;
    let typed = acted(&mut room.bob, 0).await;
    let (at, act) = (typed.at, typed.act.unwrap());
    assert_eq!((at.x, act.kind, act.text.as_str()), (64.0, PointerActKind::Type, "hello"));
    room.stage.post(&call("type"), json!({"text": "hunter2", "sensitive": true})).await;
    let typed = acted(&mut room.bob, 0).await.act.unwrap();
    assert_eq!((typed.n, typed.text.as_str()), (act.n + 1, "••••••"));

    // What a person types is told to nobody.
    room.ada
        .send(json!({"type": "pointer_down", "x": 5, "y": 6, "button": "left", "clicks": 1}))
        .await;
    let ada = acted(&mut room.bob, 1).await;
    assert_eq!((ada.at.x, ada.at.width, ada.act.unwrap().kind), (5.0, 1280, PointerActKind::Press));
    room.ada.send(json!({"type": "text", "text": "secret"})).await;
    loop {
        let act = acted(&mut room.bob, 1).await.act.unwrap();
        if act.kind == PointerActKind::Type {
            assert_eq!(act.text.as_str(), "");
            break;
        }
    }
    // Who comes later is not told what was done long before; the place is.
    tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            let mut late = room.stage.socket(&format!("{}/ws", room.session)).await;
            let has_pointers =
                |message: &ServerMessage| matches!(message, ServerMessage::Pointers { .. });
            let ServerMessage::Pointers { pointers } = late.wait_for(has_pointers).await else {
                panic!("no pointers")
            };
            assert!(pointers.iter().any(|one| one.index == 0));
            if pointers.iter().all(|one| one.act.is_none()) {
                break;
            }
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_owner_ends_the_session_and_everybody_hears_where_it_was() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "end_session"})).await;
    let ended = event(&mut room.bob, "session_state").await;
    assert_eq!(
        (&ended["state"], &ended["event"], &ended["final_location"], &ended["reason"]),
        (
            &json!("terminated"),
            &json!("session_ended"),
            &json!("https://a.test/"),
            &json!("ended by Ada")
        )
    );
    assert_eq!(room.events.wait_for("session_state").await["event"], "session_ended");
    assert_eq!(
        room.bob.next().await,
        Some(ServerMessage::Ended { why: "ended by Ada".to_owned() })
    );
    assert_eq!(room.stage.get(&room.session).await.1["status"], "terminated");
}

#[tokio::test]
async fn events_with_two_names_carry_both_and_the_parameters() {
    let mut room = Room::new().await;
    let driver = room.stage.drivers.last();
    driver.emit(EventKind::RelocateStart, json!({"url": "https://b.test/"}));
    driver.emit(EventKind::Navigation, json!({"url": "https://b.test/", "tab_id": "T1"}));
    driver.emit(EventKind::Tab, json!({"action": "activated", "tab_id": "T2"}));
    driver.emit(EventKind::Download, json!({"id": "d", "url": "https://b.test/f", "file_name": "f", "received": 1, "total": 1, "state": "completed"}));
    for (kind, name, key, value) in [
        ("relocate_start", None, "url", "https://b.test/"),
        ("navigation", Some("relocate"), "url", "https://b.test/"),
        ("tab", Some("tab_activated"), "ssid", "T2"),
        ("download", Some("file_downloaded"), "filename", "f"),
    ] {
        for told in [room.events.wait_for(kind).await, event(&mut room.ada, kind).await] {
            assert_eq!((told["event"].as_str(), &told[key]), (name, &json!(value)));
        }
    }
    let mut all = room.stage.sse_after(&format!("{}/events", room.session), Some("0")).await;
    for name in ["session_created", "session_started"] {
        assert_eq!(all.wait_for("session_state").await["event"], name);
    }
}

#[tokio::test]
async fn a_second_connection_of_the_same_name_replaces_the_first() {
    let mut room = Room::new().await;
    let path = format!("{}/ws?sessionId=desk&name=Cleo", room.session);
    let mut first = room.stage.socket(&path).await;
    first.send(json!({"type": "take_control"})).await;
    driven_by(&mut first, Some(3)).await;
    let mut second = room.stage.socket(&path).await;
    let error = room.events.wait_for("error").await;
    assert_eq!((&error["reason"], &error["clientIndex"]), (&json!("other_connection"), &json!(3)));
    assert!(error["details"].is_string());
    assert_eq!(event(&mut first, "error").await["reason"], "other_connection");
    let end = first.wait_for(|message| matches!(message, ServerMessage::Ended { .. })).await;
    assert!(matches!(end, ServerMessage::Ended { why } if why.contains("elsewhere")));
    driven_by(&mut second, None).await;
    second.send(json!({"type": "text", "text": "c"})).await;
    driven_by(&mut room.ada, Some(4)).await;
}

#[tokio::test]
async fn fifty_people_are_enough() {
    let mut room = Room::new().await;
    let mut crowd = Vec::new();
    for n in 3..=50 {
        crowd.push(join(&room.stage, &room.session, &format!("P{n}")).await);
    }
    let path = format!("{}/ws", room.session);
    let request = room.stage.upgrade_request(&path, Some(room.stage.token()));
    let Err(tokio_tungstenite::tungstenite::Error::Http(answer)) =
        tokio_tungstenite::connect_async(request).await
    else {
        panic!("one too many was let in")
    };
    assert_eq!(answer.status(), 503);
    assert_eq!(room.events.wait_for("error").await["reason"], "connect_failed");
    let begun = Instant::now();
    drop(crowd.pop());
    while room.stage.get(&format!("{}/participants", room.session)).await.1["participants"]
        .as_array()
        .unwrap()
        .len()
        > 50
    {
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    join(&room.stage, &room.session, "Late").await;
    let end = room.stage.call(Method::DELETE, &room.session, Value::Null).await;
    assert_eq!(end.0, 204);
}
