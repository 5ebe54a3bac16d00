//! The clipboard of a session, and who is told what is in it.

use helmsight::host::driver::CopiedContent;
use helmsight::model::ClipboardContent;
use helmsight::protocol::socket::ServerMessage;
use http::Method;
use serde_json::{Value, json};

use crate::people::{Room, driven_by, refused};
use crate::stage::{Socket, Stage, until};

fn content(text: &str) -> ClipboardContent {
    ClipboardContent { text: Some(text.to_owned()), ..ClipboardContent::default() }
}

/// The page copies this.
fn copies(stage: &Stage, text: &str) {
    let driver = stage.drivers.last();
    *driver.copied.lock().unwrap() =
        CopiedContent { content: content(text), problem: String::new() };
    driver.state.send_modify(|state| state.copies += 1);
}

async fn told(socket: &mut Socket) -> (ClipboardContent, bool) {
    let message =
        socket.wait_for(|message| matches!(message, ServerMessage::Clipboard { .. })).await;
    match message {
        ServerMessage::Clipboard { content, shared, problem: None } => (content, shared),
        other => panic!("{other:?}"),
    }
}

/// Waits until the socket has read all that it was told so far, none of it of a clipboard.
async fn hears_of_no_clipboard(room: &Room, socket: &mut Socket) {
    room.agent(json!({"type": "say", "text": "so far"})).await;
    let message = socket
        .wait_for(|message| {
            matches!(message, ServerMessage::Said { .. } | ServerMessage::Clipboard { .. })
        })
        .await;
    assert!(matches!(message, ServerMessage::Said { .. }), "{message:?}");
}

async fn presses_a_key(socket: &mut Socket) {
    socket.send(json!({"type": "key_down", "key": "c", "code": "KeyC"})).await;
    socket.send(json!({"type": "key_up", "key": "c", "code": "KeyC"})).await;
}

#[tokio::test]
async fn what_is_copied_is_told_to_whoever_copied_it_and_to_nobody_else() {
    let mut room = Room::new().await;
    for socket in [&mut room.ada, &mut room.bob] {
        socket.send(json!({"type": "share_clipboard", "on": true})).await;
    }
    room.ada.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.bob, Some(1)).await;
    // Bob's own keys are refused, so they are no gesture.
    presses_a_key(&mut room.bob).await;
    refused(&mut room.bob, "key_down").await;
    presses_a_key(&mut room.ada).await;
    until("the keys", || room.stage.drivers.last().asked() >= 2).await;
    // A secret that is copied on purpose arrives whole.
    let secret = "https://ada:secret@example.com/";
    copies(&room.stage, secret);
    assert_eq!(told(&mut room.ada).await, (content(secret), true));
    let mut bob =
        std::mem::replace(&mut room.bob, room.stage.socket(&format!("{}/ws", room.session)).await);
    hears_of_no_clipboard(&room, &mut bob).await;
}

#[tokio::test]
async fn without_consent_only_that_something_was_copied_is_told() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "share_clipboard", "on": false})).await;
    room.ada.send(json!({"type": "take_control"})).await;
    presses_a_key(&mut room.ada).await;
    until("the keys", || room.stage.drivers.last().asked() >= 2).await;
    copies(&room.stage, "words");
    assert_eq!(told(&mut room.ada).await, (ClipboardContent::default(), false));
    room.ada.send(json!({"type": "share_clipboard", "on": true})).await;
    assert_eq!(told(&mut room.ada).await, (content("words"), true));
}

#[tokio::test]
async fn what_nobody_copied_by_hand_is_told_to_nobody() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "share_clipboard", "on": true})).await;
    room.ada.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.ada, Some(1)).await;
    copies(&room.stage, "by the page itself");
    let other = room.stage.socket(&format!("{}/ws", room.session)).await;
    let mut ada = std::mem::replace(&mut room.ada, other);
    hears_of_no_clipboard(&room, &mut ada).await;
}

#[tokio::test]
async fn a_paste_reaches_the_page_of_whoever_drives_and_no_event() {
    let mut room = Room::new().await;
    room.ada.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.bob, Some(1)).await;
    room.bob.send(json!({"type": "paste", "text": "bob's"})).await;
    assert!(refused(&mut room.bob, "paste").await.contains("Ada has control"));
    room.ada.send(json!({"type": "paste", "text": "ada's", "html": "<b>ada's</b>"})).await;
    until("a paste", || room.stage.drivers.last().asked() >= 1).await;
    assert_eq!(room.calls(), ["paste ada's"]);
    let large = "x".repeat((1 << 20) + 1);
    room.ada.send(json!({"type": "paste", "text": large})).await;
    assert!(refused(&mut room.ada, "paste").await.contains("larger than 1 MiB"));
    assert_eq!(room.calls(), Vec::<String>::new());
    // The pasting is told by no event: the next one is of what comes after it.
    room.ada.send(json!({"type": "reload"})).await;
    loop {
        let (_, event) = room.events.event().await.unwrap();
        assert!(!event.to_string().contains("ada's"), "{event}");
        if event["type"] == "action_response" {
            break;
        }
    }
}

#[tokio::test]
async fn the_clipboard_is_emptied_when_control_is_handed_back() {
    let mut room = Room::new().await;
    let cleared =
        |room: &Room| room.stage.drivers.last().cleared.load(std::sync::atomic::Ordering::SeqCst);
    room.ada.send(json!({"type": "share_clipboard", "on": true})).await;
    room.ada.send(json!({"type": "take_control"})).await;
    driven_by(&mut room.bob, Some(1)).await;
    room.ada.send(json!({"type": "release_control"})).await;
    driven_by(&mut room.bob, None).await;
    assert_eq!(cleared(&room), 0, "nothing was in it");
    room.ada.send(json!({"type": "take_control"})).await;
    room.ada.send(json!({"type": "paste", "text": "a"})).await;
    room.ada.send(json!({"type": "release_control"})).await;
    until("an empty clipboard", || cleared(&room) == 1).await;
    // What is copied now is nobody's, although the key is fresh.
    presses_a_key(&mut room.ada).await;
    room.ada.send(json!({"type": "take_control"})).await;
    presses_a_key(&mut room.ada).await;
    until("the keys", || room.stage.drivers.last().asked() >= 4).await;
    room.ada.send(json!({"type": "give_control", "to": 2})).await;
    driven_by(&mut room.bob, Some(2)).await;
    copies(&room.stage, "after the end");
    let other = room.stage.socket(&format!("{}/ws", room.session)).await;
    let mut ada = std::mem::replace(&mut room.ada, other);
    hears_of_no_clipboard(&room, &mut ada).await;
}

#[tokio::test]
async fn whoever_may_watch_may_read_what_is_selected() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let (_, grant) = stage.post(&format!("{session}/grants"), json!({"rights": ["watch"]})).await;
    let token = grant["token"].as_str().unwrap();
    let path = format!("{session}/selection");
    let url = stage.host.base_url().join(&path).unwrap();
    let answer = stage.http.request(Method::GET, url).bearer_auth(token).send().await.unwrap();
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(answer, json!({"text": "selected words"}));
}
