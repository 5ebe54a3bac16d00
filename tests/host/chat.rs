//! The chat of a session: the built-in answerer, and a model of the test's own behind the host.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::{StreamExt as _, stream};
use helmsight::base::Wake;
use helmsight::host::{ChatConfig, HostConfig};
use helmsight::model::SessionView;
use helmsight::model::chat::MessageState;
use helmsight::net::{Auth, Client, TokenPlace};
use helmsight::session::{ChatAccess, ChatHandle};
use http::HeaderMap;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::stage::{PATIENCE, Stage, changed, until};

/// What the model answers.
#[derive(Clone)]
enum Script {
    Body(u16, &'static str),
    /// This, and then nothing until nobody reads.
    Hold(&'static str),
}

#[derive(Clone)]
struct Model {
    script: Script,
    seen: Arc<Mutex<Vec<(String, Value)>>>,
    left: watch::Sender<usize>,
}

/// Told when the answer is no longer read.
struct Reading(watch::Sender<usize>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.send_modify(|left| *left += 1);
    }
}

impl Model {
    async fn start(script: Script) -> (Self, HostConfig) {
        let model = Self { script, seen: Arc::default(), left: watch::Sender::new(0) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let app =
            Router::new().route("/v1/chat/completions", post(complete)).with_state(model.clone());
        Handle::current().spawn(async move { axum::serve(listener, app).await.unwrap() });
        let config = HostConfig {
            chat: Some(ChatConfig {
                base_url: base_url.parse().unwrap(),
                model: "small".to_owned(),
                key: Some(SecretString::from("sk_model")),
            }),
            ..HostConfig::default()
        };
        (model, config)
    }
}

async fn complete(
    State(model): State<Model>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let key = headers["authorization"].to_str().unwrap().to_owned();
    model.seen.lock().unwrap().push((key, body));
    match model.script {
        Script::Body(status, body) => {
            (http::StatusCode::from_u16(status).unwrap(), body).into_response()
        }
        Script::Hold(body) => {
            let reading = Reading(model.left.clone());
            let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from(body))]);
            let rest = stream::pending().map(move |nothing| {
                let _held = &reading;
                nothing
            });
            Body::from_stream(first.chain(rest)).into_response()
        }
    }
}

fn chat_path(session: &str) -> String {
    let id = session.strip_prefix("computers/").unwrap();
    format!("api/v1/actions/chats/{id}/messages")
}

/// The lines of an answer.
async fn ask(stage: &Stage, session: &str, prompt: &str) -> Vec<Value> {
    let response = stage
        .request(http::Method::POST, &chat_path(session))
        .body(json!({ "prompt": prompt }).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn text_of(lines: &[Value]) -> String {
    lines.iter().filter_map(|line| line["text"].as_str()).collect()
}

#[tokio::test]
async fn without_a_model_the_host_says_what_it_knows() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let (_, computer) = stage.get(&session).await;
    assert_eq!(computer["endpoints"]["chat"], format!("/{}", chat_path(&session)));
    let lines = ask(&stage, &session, "Which tabs are open, and what is the page?").await;
    assert!(lines.len() > 2, "in pieces: {lines:?}");
    assert_eq!(lines.last().unwrap(), &json!({"type": "done"}));
    let text = text_of(&lines);
    for part in ["no model is configured", "https://a.test/", "2 tabs are open"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = text_of(&ask(&stage, &session, "What happened last?").await);
    assert!(text.contains("session state running"), "{text}");
}

#[tokio::test]
async fn questions_are_bounded_and_guarded() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let path = chat_path(&session);
    let long = "x".repeat(40 << 10);
    for (prompt, status) in
        [(json!({"prompt": " "}), 400), (json!({}), 400), (json!({"prompt": long}), 413)]
    {
        assert_eq!(stage.post(&path, prompt).await.0, status);
    }
    let nobody = "api/v1/actions/chats/comp_none/messages";
    assert_eq!(stage.post(nobody, json!({"prompt": "x"})).await.0, 404);
    let bare = stage.http.post(stage.host.base_url().join(&path).unwrap());
    assert_eq!(bare.body("{\"prompt\":\"x\"}").send().await.unwrap().status(), 401);
    stage.call(http::Method::DELETE, &session, Value::Null).await;
    assert_eq!(stage.post(&path, json!({"prompt": "x"})).await.0, 410);
}

const HELLO: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\"}}]}\n\ndata: [DONE]\n\n";

#[tokio::test]
async fn a_model_is_asked_with_what_is_known_and_remembers() {
    let (model, config) = Model::start(Script::Body(200, HELLO)).await;
    let stage = Stage::with(config).await;
    let session = stage.session().await;
    let lines = ask(&stage, &session, "Who are you?").await;
    assert_eq!(text_of(&lines), "Hello");
    assert_eq!(lines.last().unwrap()["type"], "done");
    ask(&stage, &session, "Again?").await;
    let seen = model.seen.lock().unwrap().clone();
    let (key, first) = &seen[0];
    assert_eq!(
        (key.as_str(), &first["model"], &first["stream"]),
        ("Bearer sk_model", &json!("small"), &json!(true))
    );
    assert!(first["messages"][0]["content"].as_str().unwrap().contains("Address: https://a.test/"));
    let turns: Vec<_> = seen[1].1["messages"].as_array().unwrap()[1..]
        .iter()
        .map(|turn| (turn["role"].as_str().unwrap(), turn["content"].as_str().unwrap()))
        .collect();
    assert_eq!(turns, [("user", "Who are you?"), ("assistant", "Hello"), ("user", "Again?")]);
}

#[tokio::test]
async fn a_model_that_fails_is_told_as_an_error() {
    for (status, body, why) in [
        (500, "{\"error\":{\"message\":\"Overloaded\"}}", "Overloaded"),
        (200, "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n", "broke off"),
        (200, "data: {\"error\":{\"message\":\"Too long\"}}\n\n", "Too long"),
    ] {
        let (_model, config) = Model::start(Script::Body(status, body)).await;
        let stage = Stage::with(config).await;
        let session = stage.session().await;
        let lines = ask(&stage, &session, "Who are you?").await;
        let last = lines.last().unwrap();
        assert_eq!(last["type"], "error", "{lines:?}");
        assert!(last["message"].as_str().unwrap().contains(why), "{last}");
    }
}

#[tokio::test]
async fn the_windows_own_client_talks_to_the_host_and_stops_the_model() {
    let held = "data: {\"choices\":[{\"delta\":{\"content\":\"Thinking\"}}]}\n\n";
    let (model, config) = Model::start(Script::Hold(held)).await;
    let stage = Stage::with(config).await;
    let session = stage.session().await;
    let base = stage.host.base_url().clone();
    let auth = Auth::token(&base, stage.host.token().clone(), TokenPlace::Bearer);
    let access = ChatAccess {
        messages: Some((Client::new(base, auth).unwrap(), chat_path(&session))),
        tasks: None,
    };
    let tracker = TaskTracker::new();
    let chat = ChatHandle::start(&Handle::current(), &tracker, access, 0, Wake::new(changed));
    let mut view = SessionView::default();
    let mut drain = || {
        for update in chat.take_news() {
            view.apply(update);
        }
        view.chat.messages().last().map(|last| (last.text.clone(), last.state.clone()))
    };
    chat.send("Who are you?");
    let said = |text: &str, state| Some((text.to_owned(), state));
    until("the first words", || drain() == said("Thinking", MessageState::Streaming)).await;
    chat.stop();
    let mut left = model.left.subscribe();
    tokio::time::timeout(PATIENCE, left.wait_for(|left| *left == 1))
        .await
        .expect("the model is no longer asked")
        .unwrap();
    until("stopped", || drain() == said("Thinking", MessageState::Stopped)).await;

    // When the session ends, so does an answer about it.
    chat.send("And now?");
    until("the first words", || drain() == said("Thinking", MessageState::Streaming)).await;
    let started = Instant::now();
    stage.call(http::Method::DELETE, &session, Value::Null).await;
    let ended =
        || drain() == said("Thinking", MessageState::Failed("the session has ended".to_owned()));
    until("an end", ended).await;
    assert!(started.elapsed() < PATIENCE);
}

#[tokio::test]
async fn answers_under_way_are_bounded() {
    let (_model, config) = Model::start(Script::Hold(": beat\n\n")).await;
    let stage = Stage::with(config).await;
    let session = stage.session().await;
    let mut open = Vec::new();
    for _ in 0..8 {
        let request = stage.request(http::Method::POST, &chat_path(&session));
        open.push(request.body("{\"prompt\":\"x\"}").send().await.unwrap());
    }
    let (status, answer) = stage.post(&chat_path(&session), json!({"prompt": "x"})).await;
    assert_eq!(status, 429, "{answer}");
    drop(open);
    let start = Instant::now();
    loop {
        let request = stage.request(http::Method::POST, &chat_path(&session));
        if request.body("{\"prompt\":\"x\"}").send().await.unwrap().status() == 200 {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "places are given back");
        tokio::task::yield_now().await;
    }
}
