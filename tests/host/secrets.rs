//! Passwords of addresses are told to nobody, whoever tells of the address and on whatever way.

use futures_util::StreamExt as _;
use helmsight::model::{EventKind, Teller};
use helmsight::protocol::socket::DialogWords;
use http::Method;
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{PATIENCE, Socket, Sse, Stage};

const ADDRESS: &str = "http://me:hunter2@a.test/";
const PASSWORD: &str = "hunter2";
const END: &str = "everything was told";

fn told_by_the_host() -> impl Iterator<Item = EventKind> {
    EventKind::iter().filter(|kind| kind.teller() == Teller::Host)
}

/// What comes on the stream until the end is told.
async fn blocks(stream: &mut Sse) -> Vec<String> {
    let mut blocks = Vec::new();
    loop {
        let block = stream.block().await.expect("the stream ended");
        if block.contains(END) {
            return blocks;
        }
        blocks.push(block);
    }
}

/// The texts that come on the socket until the end is told.
async fn texts(socket: &mut Socket) -> Vec<String> {
    let mut texts = Vec::new();
    loop {
        let message = timeout(PATIENCE, socket.0.next()).await.expect("nothing came");
        match message.expect("the socket ended").unwrap() {
            Message::Text(text) if text.contains(END) => return texts,
            Message::Text(text) => texts.push(text.to_string()),
            _ => {}
        }
    }
}

#[tokio::test]
async fn no_event_of_any_kind_tells_one() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let events = format!("{session}/events");
    let mut stream = stage.sse(&format!("{events}?requests=true")).await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    let driver = stage.drivers.last();
    for kind in told_by_the_host() {
        let fields = json!({
            "text": format!("{} at f ({ADDRESS}x.js:1:2)", kind.word()), "url": "me:hunter2@a.test",
            "deep": [{"why": format!("“{ADDRESS}” does not answer")}],
        });
        driver.emit(kind, fields);
    }
    driver.emit(EventKind::Console, json!({"text": END}));
    let mut history = stage.sse_after(&events, Some("0")).await;
    // Requests of pages are told only to whoever asks for them, and are in no history.
    let asked = blocks(&mut stream).await;
    for (told, has_requests) in
        [(asked, true), (texts(&mut socket).await, false), (blocks(&mut history).await, false)]
    {
        let wanted =
            told_by_the_host().filter(|kind| has_requests || *kind != EventKind::NetworkRequest);
        for kind in wanted.map(EventKind::word) {
            let hidden = format!("{kind} at f (http://me:***@a.test/x.js:1:2)");
            assert!(told.iter().any(|event| event.contains(&hidden)), "{kind} in {told:#?}");
        }
        assert!(!told.concat().contains(PASSWORD), "{told:#?}");
    }
}

#[tokio::test]
async fn neither_state_nor_answers_tell_one() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    let driver = stage.drivers.last();
    driver.state.send_modify(|state| {
        state.url = ADDRESS.to_owned();
        state.title = ADDRESS.to_owned();
        state.tabs[0].url = ADDRESS.into();
        state.dialog = Some(DialogWords {
            kind: "alert".into(),
            message: ADDRESS.into(),
            url: ADDRESS.into(),
            ..DialogWords::default()
        });
    });
    let refused = json!({"type": ADDRESS});
    socket.send(refused.clone()).await;
    let mut answers = Vec::new();
    for (method, path, body) in [
        (Method::GET, "", Value::Null),
        (Method::GET, "/tabs", Value::Null),
        (Method::POST, "/navigate", json!({"url": ADDRESS, "include_context": true})),
        (Method::POST, "/execute", json!({"action": refused})),
        (Method::POST, "/control", refused),
        (Method::GET, "/participants", Value::Null),
    ] {
        answers.push(stage.call(method, &format!("{session}{path}"), body).await.1.to_string());
    }
    assert!(answers[1].contains("http://me:***@a.test/"), "{}", answers[1]);
    for prompt in ["what is on the page?", "which tabs are open?", "what happened?"] {
        let id = session.rsplit('/').next().unwrap();
        let path = format!("api/v1/actions/chats/{id}/messages");
        let asked = stage.request(Method::POST, &path).body(json!({"prompt": prompt}).to_string());
        answers.push(asked.send().await.unwrap().text().await.unwrap());
    }
    driver.emit(EventKind::Console, json!({"text": END}));
    let told = texts(&mut socket).await;
    for state in ["page", "tabs", "dialog"] {
        let head = format!("\"type\":\"{state}\"");
        let is_it = |text: &&String| text.contains(&head) && text.contains("http://me:***@a.test/");
        assert!(told.iter().any(|text| is_it(&text)), "{state} in {told:#?}");
    }
    for told in answers.into_iter().chain(told) {
        assert!(!told.contains(PASSWORD), "{told}");
    }
}

/// The words in the columns of PROTOCOL.md's tables that name events.
fn described() -> Vec<String> {
    let text = include_str!("../../src/host/PROTOCOL.md");
    let mut columns: Option<Vec<usize>> = None;
    let mut words = Vec::new();
    for line in text.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let cells: Vec<&str> = line.split('|').skip(1).collect();
        let Some(columns) = &columns else {
            let names = |cell: &str| ["type", "event"].contains(&cell.trim().trim_matches('`'));
            columns = Some((0..cells.len()).filter(|at| names(cells[*at])).collect());
            continue;
        };
        for at in columns {
            words.extend(cells[*at].split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    words.sort();
    words.dedup();
    words
}

#[test]
fn the_protocol_describes_every_kind_that_the_host_tells_and_no_other() {
    let mut told: Vec<_> = told_by_the_host().map(|kind| kind.word().to_owned()).collect();
    told.sort();
    assert_eq!(described(), told);
}
