//! Chats: one conversation with every server that has them, and what servers may do to an answer.

use std::time::Instant;

use helmsight::host::{ChatConfig, Host, HostConfig};
use helmsight::model::SessionKind;
use helmsight::model::chat::MessageState::{self, Done, Unfinished};
use helmsight::net::{Auth, Client, TokenPlace};
use helmsight::protocol::chat::messages_path;
use helmsight::session::{ChatAccess, ComputersService, NewSessionRequest};
use secrecy::SecretString;
use serde_json::json;
use tokio::runtime::Handle;
use url::Url;

use crate::server::{self, Asked, Say, Server, answer, stream};
use crate::talk::{Talk, failed};

const KEY: &str = "sk_0123456789abcdef_chat";
const PATH: &str = "POST /api/v1/actions/chats/c1/messages";
const CHUNK: &str = "data: {\"type\":\"chunk\",\"text\":\"Hi\"}\n";
const DONE: &str = "data: {\"type\":\"done\"}\n";

/// A server that answers questions, and how to ask it.
struct Target {
    name: &'static str,
    base: Url,
    key: SecretString,
    chat: String,
    _server: Running,
}

enum Running {
    Ours(#[expect(dead_code, reason = "kept running")] Server),
    /// The host, and the model behind it.
    Host(
        #[expect(dead_code, reason = "kept running")] Host,
        #[expect(dead_code, reason = "kept running")] Option<Server>,
    ),
}

impl Target {
    /// A scripted service whose answers have this form.
    async fn scripted(name: &'static str, content_type: &'static str, lines: [&str; 3]) -> Self {
        let [first, second, end] = lines.map(Say::text);
        let server = Server::start(move |asked| {
            if asked.header("authorization") != Some(&format!("bearer {KEY}")) {
                return server::json(401, json!({"error": "Who are you?"}));
            }
            match (asked.line.as_str(), asked.json()["prompt"].as_str()) {
                (PATH, Some("Wait")) => stream(content_type, [first.clone(), Say::Hold]),
                (PATH, Some(_)) => {
                    stream(content_type, [first.clone(), second.clone(), end.clone()])
                }
                _ => server::json(404, json!({"error": "No such chat"})),
            }
        })
        .await;
        Self {
            name,
            base: server.base.clone(),
            key: SecretString::from(KEY),
            chat: "c1".to_owned(),
            _server: Running::Ours(server),
        }
    }

    /// The embedded host with a session; `model`: who answers behind it.
    async fn host(name: &'static str, model: Option<Server>) -> Self {
        // Another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let chat = model.as_ref().map(|model| ChatConfig {
            base_url: model.base.join("v1").unwrap(),
            model: "small".to_owned(),
            key: None,
        });
        let config = HostConfig { chat, ..HostConfig::default() };
        let host = Host::start(config, &Handle::current()).await.unwrap();
        let (base, key) = (host.base_url().clone(), host.token().clone());
        let auth = Auth::token(&base, key.clone(), TokenPlace::Bearer);
        let client = Client::new(base.clone(), auth).unwrap();
        let request =
            NewSessionRequest { kind: SessionKind::Sample, ..NewSessionRequest::default() };
        let session = ComputersService::new(client).create(&request).await.unwrap();
        Self { name, base, key, chat: session.id, _server: Running::Host(host, model) }
    }

    /// A model in the published form of completions, behind the host.
    async fn relaying_host() -> Self {
        let word = |text: &str| {
            let word = json!({"choices": [{"delta": {"content": text}}]});
            Say::Bytes(format!("data: {word}\n\n").into_bytes())
        };
        let complete = move |asked: &Asked| {
            let body = asked.json();
            let last = body["messages"].as_array().and_then(|all| all.last());
            let waits = last.is_some_and(|last| last["content"] == "Wait");
            let rest = match waits {
                true => vec![Say::Hold],
                false => vec![word("lo"), Say::text("data: [DONE]\n\n")],
            };
            stream("text/event-stream", [vec![word("Hel")], rest].concat())
        };
        let model = Server::start(complete).await;
        Self::host("the host before a model", Some(model)).await
    }

    fn talk(&self, key: &SecretString, chat: &str) -> Talk {
        let auth = Auth::token(&self.base, key.clone(), TokenPlace::Bearer);
        let client = Client::new(self.base.clone(), auth).unwrap();
        Talk::new(ChatAccess { messages: Some((client, messages_path(chat))), tasks: None })
    }
}

/// What holds with every server.
async fn converse(target: &Target) {
    let name = target.name;
    let mut talk = target.talk(&target.key, &target.chat);
    for (nth, question) in ["What is open?", "And what happened?"].iter().enumerate() {
        talk.chat.send(question);
        talk.drain();
        let asked = talk.told()[2 * nth].clone();
        assert_eq!(asked, (*question, MessageState::Sending), "{name}");
        talk.settled().await;
        let told = talk.told();
        assert_eq!(told.len(), 2 * nth + 2, "{name}: {told:?}");
        assert_eq!(told[2 * nth], (*question, Done), "{name}");
        assert!(!told[2 * nth + 1].0.is_empty(), "{name}");
        assert_eq!(told[2 * nth + 1].1, Done, "{name}: {told:?}");
    }
    assert_eq!(talk.view.chat.skipped, 0, "{name}");
    talk.close().await;

    let wrong_key = SecretString::from("sk_another");
    for (key, chat, words) in [
        (&wrong_key, target.chat.as_str(), "refused the key"),
        (&target.key, "nobody", "does not know this"),
    ] {
        let mut talk = target.talk(key, chat);
        talk.chat.send("What is open?");
        talk.settled().await;
        let told = talk.told();
        assert!(
            matches!(&told[..], [("What is open?", MessageState::Failed(why))] if why.contains(words)),
            "{name}: {told:?}"
        );
    }
}

/// Stopping keeps what came, and the next question is answered.
async fn stop(target: &Target) {
    let mut talk = target.talk(&target.key, &target.chat);
    talk.chat.send("Wait");
    talk.first_words().await;
    talk.chat.stop();
    talk.settled().await;
    assert_eq!(talk.told()[1].1, MessageState::Stopped, "{}", target.name);
    talk.chat.send("What is open?");
    talk.settled().await;
    assert_eq!(talk.told()[3].1, Done, "{}", target.name);
}

#[tokio::test]
async fn every_server_of_chats_answers() {
    let hi = "data: {\"type\": \"chunk\", \"text\": \"Hi\"}";
    let done = "data: {\"type\": \"done\"}";
    let line = |text: &str, end: &str| format!("{text}{end}");
    for (name, content_type, lines) in [
        // As the source prints them: a line each.
        ("lines", "text/event-stream", [line(hi, "\n"), line(hi, "\n"), line(done, "\n")]),
        (
            "blocks",
            "text/event-stream; charset=utf-8",
            [line(hi, "\n\n"), line(hi, "\n\n"), line(done, "\n\n")],
        ),
        (
            "carriage returns, comments and another end",
            "text/plain",
            [
                line(hi, "\r\n\r\n: beat\r\n\r\n"),
                line(hi, "\r\n\r\n"),
                line("data: [DONE]", "\r\n\r\n"),
            ],
        ),
        (
            "no media type to speak of, and no last line end",
            "application/octet-stream",
            [line(hi, "\n"), line(hi, "\n"), line(done, "")],
        ),
    ] {
        let lines = lines.each_ref().map(String::as_str);
        let target = Target::scripted(name, content_type, lines).await;
        converse(&target).await;
        stop(&target).await;
    }
    converse(&Target::host("the host by itself", None).await).await;
    let relaying = Target::relaying_host().await;
    converse(&relaying).await;
    stop(&relaying).await;
}

fn talk_to(server: &Server) -> Talk {
    let client = Client::new(server.base.clone(), Auth::none()).unwrap();
    Talk::new(ChatAccess { messages: Some((client, messages_path("c1"))), tasks: None })
}

#[tokio::test]
async fn answers_end_as_the_server_ended_them() {
    for (body, text, state, skipped) in [
        (format!("{CHUNK}{CHUNK}{DONE}"), "HiHi", Done, 0),
        (CHUNK.to_owned(), "Hi", Unfinished, 0),
        (String::new(), "", failed("The answer was empty"), 0),
        (DONE.to_owned(), "", failed("The answer was empty"), 0),
        (format!("{CHUNK}data: {{\n\n<p>\n{DONE}"), "Hi", Done, 2),
        (
            format!("{CHUNK}data: {{\"type\":\"error\",\"message\":\"Too long\"}}\n"),
            "Hi",
            failed("Too long"),
            0,
        ),
    ] {
        let bytes: Vec<_> = body.bytes().map(|byte| Say::Bytes(vec![byte])).collect();
        for pieces in [vec![Say::text(&body)], bytes] {
            let server = Server::always(stream("text/event-stream", pieces)).await;
            let mut talk = talk_to(&server);
            talk.chat.send("What?");
            talk.settled().await;
            assert_eq!(talk.told(), [("What?", Done), (text, state.clone())], "{body}");
            assert_eq!(talk.view.chat.skipped, skipped, "{body}");
            assert_eq!(server.asked.all().len(), 1, "a question is sent once");
        }
    }
}

#[tokio::test]
async fn a_failed_question_is_asked_again_by_the_user_only() {
    let server = Server::start(|asked| match asked.nth {
        0 => server::json(500, json!({"error": "Broken"})),
        _ => answer(200, "text/event-stream", &format!("{CHUNK}{DONE}")),
    })
    .await;
    let mut talk = talk_to(&server);
    talk.chat.send("What?");
    talk.settled().await;
    assert_eq!(talk.told(), [("What?", failed("Broken (HTTP 500); try again"))]);
    assert_eq!(server.asked.all().len(), 1);
    let id = talk.view.chat.messages()[0].id;
    talk.chat.retry(id, "What?");
    talk.drain();
    talk.settled().await;
    assert_eq!(talk.told(), [("What?", Done), ("Hi", Done)]);
    let asked = server.of(PATH);
    let prompts: Vec<_> = asked.iter().map(|asked| asked.body.as_str()).collect();
    assert_eq!(prompts, ["{\"prompt\":\"What?\"}"; 2]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_in_a_sentence() {
    let server = Server::always(Vec::new()).await;
    let mut talk = talk_to(&server);
    drop(server);
    talk.chat.send("What?");
    talk.settled().await;
    let told = talk.told();
    assert!(
        matches!(&told[..], [(_, MessageState::Failed(why))] if why.ends_with("; try again") && !why.contains('\n')),
        "{told:?}"
    );
}

#[tokio::test]
async fn one_answer_at_a_time_and_stopping_closes_the_connection() {
    let held = [Say::text(CHUNK), Say::Hold];
    let mut server = Server::always(stream("text/event-stream", held)).await;
    let mut talk = talk_to(&server);
    talk.chat.send("What?");
    talk.first_words().await;
    talk.chat.send("And?");
    talk.until("a refusal", |view| view.chat.messages().len() == 3).await;
    talk.chat.stop();
    server.client_left().await;
    talk.settled().await;
    let told = talk.told();
    assert_eq!(told[1], ("Hi", MessageState::Stopped));
    assert!(
        matches!(&told[2], ("And?", MessageState::Failed(why)) if why.contains("stop it first")),
        "{told:?}"
    );
}

#[tokio::test]
async fn questions_go_to_who_answers_now_and_an_answer_ends_where_it_began() {
    let held = [Say::text(CHUNK), Say::Hold];
    let before = Server::always(stream("text/event-stream", held)).await;
    let whole = [Say::text(CHUNK), Say::text(DONE)];
    let after = Server::always(stream("text/event-stream", whole)).await;
    let access = |server: &Server| {
        let client = Client::new(server.base.clone(), Auth::none()).unwrap();
        (client, messages_path("c1"))
    };
    let mut talk = talk_to(&before);
    talk.chat.send("One");
    talk.first_words().await;
    let now = ChatAccess { messages: Some(access(&after)), tasks: Some(access(&after)) };
    talk.chat.set_access(now.clone());
    talk.until("tasks", |view| view.chat.tasks).await;
    assert!(talk.view.chat.is_busy(), "{:?}", talk.told());
    let wakes = talk.wakes();
    talk.chat.set_access(now);
    assert_eq!(talk.wakes(), wakes, "the same again is no news");
    talk.chat.stop();
    talk.settled().await;
    talk.chat.send("Two");
    talk.settled().await;
    let told = [("One", Done), ("Hi", MessageState::Stopped), ("Two", Done), ("Hi", Done)];
    assert_eq!(talk.told(), told);
    assert_eq!((before.asked.all().len(), after.asked.all().len()), (1, 1));
}

#[tokio::test]
async fn closing_the_chat_closes_the_connection() {
    let mut server = Server::always(stream("text/event-stream", [Say::Hold])).await;
    let mut talk = talk_to(&server);
    talk.chat.send("What?");
    talk.until("taken", |view| view.chat.messages()[0].state == Done).await;
    talk.close().await;
    server.client_left().await;
}

#[tokio::test]
async fn an_endless_line_and_an_endless_answer_are_given_up() {
    let long = "x".repeat(32 << 10);
    let chunk = format!("data: {{\"type\":\"chunk\",\"text\":\"{long}\"}}\n");
    for (flood, words) in
        [(vec![b'x'; 64 << 10], "a line that is longer"), (chunk.into_bytes(), "sent more than")]
    {
        let server = Server::always(stream("text/event-stream", [Say::Flood(flood)])).await;
        let mut talk = talk_to(&server);
        talk.chat.send("What?");
        talk.settled().await;
        let told = talk.told();
        assert!(
            matches!(&told[1].1, MessageState::Failed(why) if why.contains(words)),
            "{words}: {:?}",
            told[1].1
        );
    }
}

#[tokio::test]
async fn a_fast_answer_comes_in_bunches() {
    let words = (0..2000).map(|_| Say::text("data: {\"type\":\"chunk\",\"text\":\"word \"}\n"));
    let server = Server::always(stream("text/event-stream", words.chain([Say::text(DONE)]))).await;
    let mut talk = talk_to(&server);
    let started = Instant::now();
    talk.chat.send("What?");
    talk.settled().await;
    assert_eq!(talk.told()[1].0.len(), 10_000);
    let bunches = started.elapsed().as_millis() as usize / 50;
    let wakes = talk.wakes();
    assert!(wakes <= bunches + 8, "{wakes} wakes, {bunches} bunches at most");
}
