//! Chats over real sockets: what a service may do to an answer, and what the window is told of it.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use url::Url;

use super::{ChatAccess, ChatHandle};
use crate::base::Wake;
use crate::model::SessionView;
use crate::model::chat::{MessageState, StepKind, TaskState};
use crate::net::scripted::{Scripted, Step, reply, stream_head};
use crate::net::{Auth, Client};
use crate::session::scripted::{PATIENCE, Reply, Server};

const PATH: &str = "api/v1/actions/chats/c1/messages";

struct Stage {
    chat: ChatHandle,
    view: SessionView,
    tracker: TaskTracker,
}

impl Stage {
    fn new(base: &Url, tasks: bool) -> Self {
        let client = Client::new(base.clone(), Auth::none()).unwrap();
        let tracker = TaskTracker::new();
        let access = ChatAccess {
            messages: Some((client.clone(), PATH.to_owned())),
            tasks: tasks.then(|| (client, "c1".to_owned())),
        };
        let chat = ChatHandle::start(&Handle::current(), &tracker, access, 0, Wake::none());
        Self {
            chat,
            view: SessionView::default(),
            tracker,
        }
    }

    fn drain(&mut self) {
        for update in self.chat.take_news() {
            self.view.apply(update);
        }
    }

    /// Folds news until the view is as wished.
    async fn until(&mut self, what: &str, holds: impl Fn(&SessionView) -> bool) {
        let start = Instant::now();
        loop {
            self.drain();
            if holds(&self.view) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "never: {what}: {:?}",
                self.view.chat
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn settled(&mut self) {
        self.until("an end", |view| !view.chat.is_busy()).await;
    }

    /// Text and state of every message.
    fn told(&self) -> Vec<(&str, MessageState)> {
        let messages = self.view.chat.messages().iter();
        messages
            .map(|m| (m.text.as_str(), m.state.clone()))
            .collect()
    }
}

fn failed(why: &str) -> MessageState {
    MessageState::Failed(why.to_owned())
}

fn send(body: &[u8]) -> Step {
    Step::Send(body.to_vec())
}

#[tokio::test]
async fn answers_end_as_the_server_ended_them() {
    use MessageState::{Done, Unfinished};
    let chunk = "data: {\"type\":\"chunk\",\"text\":\"Hi\"}\n";
    let done = "data: {\"type\":\"done\"}\n";
    for (body, answer, state, skipped) in [
        (format!("{chunk}{chunk}{done}"), "HiHi", Done, 0),
        (format!("{chunk}data: [DONE]\n\n"), "Hi", Done, 0),
        (chunk.to_owned(), "Hi", Unfinished, 0),
        (String::new(), "", failed("The answer was empty"), 0),
        (done.to_owned(), "", failed("The answer was empty"), 0),
        (format!("{chunk}data: {{\n\n<p>\n{done}"), "Hi", Done, 2),
        (
            format!("{chunk}data: {{\"type\":\"error\",\"message\":\"Too long\"}}\n"),
            "Hi",
            failed("Too long"),
            0,
        ),
    ] {
        // Whole, and byte by byte.
        let bytes = body.bytes().map(|byte| send(&[byte])).collect::<Vec<_>>();
        for pieces in [vec![send(body.as_bytes())], bytes] {
            let server = Scripted::always([vec![stream_head()], pieces].concat()).await;
            let mut stage = Stage::new(&server.url, false);
            stage.chat.send("What?");
            stage.drain();
            assert_eq!(
                stage.told()[0],
                ("What?", MessageState::Sending),
                "shown at once"
            );
            stage.settled().await;
            assert_eq!(
                stage.told(),
                [("What?", Done), (answer, state.clone())],
                "{body}"
            );
            assert_eq!(stage.view.chat.skipped, skipped, "{body}");
            assert_eq!(server.heads().len(), 1, "a question is sent once");
        }
    }
}

#[tokio::test]
async fn the_media_type_does_not_matter() {
    let body = "data: {\"type\":\"chunk\",\"text\":\"Hi\"}\ndata: {\"type\":\"done\"}\n";
    for head in [
        "Content-Type: text/plain\r\n",
        "Content-Type: application/json\r\n",
        "",
    ] {
        let server = Scripted::always(reply("200 OK", head, body)).await;
        let mut stage = Stage::new(&server.url, false);
        stage.chat.send("What?");
        stage.settled().await;
        assert_eq!(stage.told()[1], ("Hi", MessageState::Done), "{head}");
    }
}

#[tokio::test]
async fn a_failed_question_is_asked_again_by_the_user_only() {
    let fails = reply("500 Internal Server Error", "", "{\"error\":\"Broken\"}");
    let well = reply(
        "200 OK",
        "",
        "data: {\"type\":\"chunk\",\"text\":\"Hi\"}\ndata: {\"type\":\"done\"}\n",
    );
    let server = Scripted::start(vec![fails, well]).await;
    let mut stage = Stage::new(&server.url, false);
    stage.chat.send("What?");
    stage.settled().await;
    assert_eq!(
        stage.told(),
        [("What?", failed("Broken (HTTP 500); try again"))]
    );
    assert_eq!(server.heads().len(), 1);
    let id = stage.view.chat.messages()[0].id;
    stage.chat.retry(id, "What?");
    stage.drain();
    stage.settled().await;
    assert_eq!(
        stage.told(),
        [("What?", MessageState::Done), ("Hi", MessageState::Done)]
    );
    assert_eq!(server.heads().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_in_a_sentence() {
    let gone = {
        let server = Scripted::always(vec![]).await;
        server.url.clone()
    };
    let mut stage = Stage::new(&gone, false);
    stage.chat.send("What?");
    stage.settled().await;
    let (_, MessageState::Failed(why)) = &stage.told()[0] else {
        panic!("{:?}", stage.told());
    };
    assert!(why.ends_with("; try again") && !why.contains('\n'), "{why}");
}

#[tokio::test]
async fn stopping_closes_the_connection_and_keeps_what_came() {
    let chunk = b"data: {\"type\":\"chunk\",\"text\":\"Hi\"}\n";
    let mut server = Scripted::always(vec![stream_head(), send(chunk), Step::Hold]).await;
    let mut stage = Stage::new(&server.url, false);
    stage.chat.send("What?");
    stage
        .until("the first word", |view| {
            view.chat.messages().iter().any(|m| m.text == "Hi")
        })
        .await;
    stage.chat.send("And?");
    stage
        .until("a refusal", |view| view.chat.messages().len() == 3)
        .await;
    stage.chat.stop();
    server.client_left().await;
    stage.settled().await;
    let told = stage.told();
    assert_eq!(told[1], ("Hi", MessageState::Stopped));
    assert!(
        matches!(&told[2], ("And?", MessageState::Failed(why)) if why.contains("stop it first")),
        "{told:?}"
    );
}

#[tokio::test]
async fn dropping_the_handle_closes_the_connection() {
    let mut server = Scripted::always(vec![stream_head(), Step::Hold]).await;
    let mut stage = Stage::new(&server.url, false);
    stage.chat.send("What?");
    stage
        .until("taken", |view| {
            view.chat.messages()[0].state == MessageState::Done
        })
        .await;
    let tracker = stage.tracker.clone();
    drop(stage);
    server.client_left().await;
    tracker.close();
    tokio::time::timeout(PATIENCE, tracker.wait())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_endless_line_and_an_endless_answer_are_given_up() {
    let chunk = format!(
        "data: {{\"type\":\"chunk\",\"text\":\"{}\"}}\n",
        "x".repeat(32 << 10)
    );
    for (flood, words) in [
        (vec![b'x'; 64 << 10], "a line that is longer"),
        (chunk.into_bytes(), "sent more than"),
    ] {
        let server = Scripted::always(vec![stream_head(), Step::Flood(flood)]).await;
        let mut stage = Stage::new(&server.url, false);
        stage.chat.send("What?");
        stage.settled().await;
        let (_, MessageState::Failed(why)) = stage.told()[1].clone() else {
            panic!("{words}");
        };
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test]
async fn a_fast_answer_comes_in_bunches() {
    let mut steps = vec![stream_head()];
    let chunk = b"data: {\"type\":\"chunk\",\"text\":\"word \"}\n";
    steps.extend((0..2000).map(|_| send(chunk)));
    steps.push(send(b"data: {\"type\":\"done\"}\n"));
    let server = Scripted::always(steps).await;
    let wakes = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = wakes.clone();
    let wake = Wake::new(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    let client = Client::new(server.url.clone(), Auth::none()).unwrap();
    let tracker = TaskTracker::new();
    let access = ChatAccess {
        messages: Some((client, PATH.to_owned())),
        tasks: None,
    };
    let started = Instant::now();
    let chat = ChatHandle::start(&Handle::current(), &tracker, access, 0, wake);
    let view = SessionView::default();
    let mut stage = Stage {
        chat,
        view,
        tracker,
    };
    stage.chat.send("What?");
    stage.settled().await;
    assert_eq!(stage.told()[1].0.len(), 10_000);
    let bunches = started.elapsed().as_millis() as usize / 50;
    let wakes = wakes.load(std::sync::atomic::Ordering::Relaxed);
    assert!(
        wakes <= bunches + 8,
        "{wakes} wakes, {bunches} bunches at most"
    );
}

/// What a service of tasks answers, but for its stream.
fn task_reply(line: &str) -> Reply {
    match line {
        "POST /agent/tasks/t1/messages" => Reply::Json(200, json!({"status": "ok"})),
        "POST /agent/tasks/t1/pause" => Reply::Json(200, json!({"status": "paused"})),
        "POST /agent/tasks/t1/resume" => Reply::Json(200, json!({"status": "running"})),
        _ => Reply::Json(404, json!({"error": "Not found"})),
    }
}

#[tokio::test]
async fn a_task_is_steered_and_its_steps_are_rows_of_the_log() {
    let server = Server::start(|seen| match seen.line.as_str() {
        "POST /agent/tasks/stream" => Reply::Held(
            "data: {\"type\":\"task_started\",\"task_id\":\"t1\"}\n\ndata: {\"type\":\"action\",\"action\":{\"type\":\"click\",\"x\":1,\"y\":2}}\n\n".to_owned(),
        ),
        line => task_reply(line),
    })
    .await;
    let mut stage = Stage::new(&server.base.parse().unwrap(), true);
    stage.chat.start_task("Book a table");
    let steps = |view: &SessionView| view.chat.task.as_ref().map_or(0, |task| task.steps.len());
    stage.until("a step", |view| steps(view) == 1).await;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&server.bodies("POST /agent/tasks/stream")[0])
            .unwrap()["computer_id"],
        "c1"
    );
    let state = |view: &SessionView| view.chat.task.as_ref().map(|task| task.state.clone());
    stage.chat.pause();
    stage
        .until("paused", |view| state(view) == Some(TaskState::Paused))
        .await;
    stage.chat.inject("For two");
    stage.until("told", |view| steps(view) == 2).await;
    stage.chat.resume();
    stage
        .until("running", |view| state(view) == Some(TaskState::Running))
        .await;
    assert_eq!(
        server.bodies("POST /agent/tasks/t1/messages"),
        ["{\"message\":\"For two\"}"]
    );
    let task = stage.view.chat.task.clone().unwrap();
    let told: Vec<_> = task
        .steps
        .iter()
        .map(|step| (step.kind, step.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [(StepKind::Did, "click 1, 2"), (StepKind::Told, "For two")]
    );
    let rows: Vec<_> = stage
        .view
        .log
        .rows()
        .map(|row| row.event.text.clone())
        .collect();
    assert_eq!(rows[..2], ["Task: Book a table", "click 1, 2"]);
    stage.chat.start_task("Another");
    stage
        .until("a refusal", |view| {
            view.chat.task.as_ref().unwrap().problem.is_some()
        })
        .await;
    assert_eq!(server.count("POST /agent/tasks/stream"), 1);
}

#[tokio::test]
async fn a_task_whose_stream_ends_is_asked_after() {
    for (status, state) in [
        (
            Reply::Json(
                200,
                json!({"task_id": "t1", "status": "completed", "exit_code": 0}),
            ),
            TaskState::Done,
        ),
        (
            Reply::Json(404, json!({"error": "No such task"})),
            TaskState::Unknown(
                "The service does not know this: No such task (HTTP 404)".to_owned(),
            ),
        ),
    ] {
        let status = std::sync::Mutex::new(Some(status));
        let server = Server::start(move |seen| match seen.line.as_str() {
            "POST /agent/tasks/stream" => {
                Reply::Cut("data: {\"task_id\":\"t1\",\"text\":\"Looking\"}\n\n".to_owned())
            }
            "GET /agent/tasks/t1" => status.lock().unwrap().take().unwrap(),
            line => task_reply(line),
        })
        .await;
        let mut stage = Stage::new(&server.base.parse().unwrap(), true);
        stage.chat.start_task("Look");
        stage
            .until("an end", |view| {
                view.chat
                    .task
                    .as_ref()
                    .is_some_and(|task| task.state.is_over())
            })
            .await;
        assert_eq!(stage.view.chat.task.as_ref().unwrap().state, state);
    }
}

#[tokio::test]
async fn a_task_that_is_refused_says_why() {
    let server =
        Server::start(|_| Reply::Json(402, json!({"error": {"message": "No credit"}}))).await;
    let mut stage = Stage::new(&server.base.parse().unwrap(), true);
    stage.chat.start_task("Look");
    let failed = TaskState::Failed("No credit (HTTP 402)".to_owned());
    stage
        .until("a failure", |view| {
            view.chat
                .task
                .as_ref()
                .is_some_and(|task| task.state == failed)
        })
        .await;
}
