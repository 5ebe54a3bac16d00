//! Tasks of an assistant on the watched session: started, steered, followed to their end.

use std::sync::Arc;

use helmsight::model::SessionView;
use helmsight::model::chat::{StepKind, TaskState};
use helmsight::net::{Auth, Client};
use helmsight::session::ChatAccess;
use serde_json::json;
use tokio::sync::Notify;

use crate::server::{Asked, Say, Server, json, stream};
use crate::talk::Talk;

const START: &str = "POST /agent/tasks/stream";

fn talk_to(server: &Server) -> Talk {
    let client = Client::new(server.base.clone(), Auth::none()).unwrap();
    Talk::new(ChatAccess { messages: None, tasks: Some((client, "c1".to_owned())) })
}

/// What a service answers, but for the stream of the task and how it stands.
fn steered(asked: &Asked) -> Vec<Say> {
    match asked.line.as_str() {
        "POST /agent/tasks/t1/messages" => json(200, json!({"status": "ok"})),
        "POST /agent/tasks/t1/pause" => json(200, json!({"status": "paused"})),
        "POST /agent/tasks/t1/resume" => json(200, json!({"status": "running"})),
        _ => json(404, json!({"error": "Not found"})),
    }
}

fn steps(view: &SessionView) -> usize {
    view.chat.task.as_ref().map_or(0, |task| task.steps.len())
}

#[tokio::test]
async fn a_task_is_steered_and_its_steps_are_rows_of_the_log() {
    // Every published way to put an event: with and without a name, JSON, and JSON as text.
    let nested = json!({"type": "action", "action": {"type": "click", "x": 1, "y": 2}});
    let events = format!(
        "data: {{\"type\":\"task_started\",\"task_id\":\"t1\"}}\n\nevent: message\ndata: {}\n\n",
        json!(nested.to_string())
    );
    let server = Server::start(move |asked| match asked.line.as_str() {
        START => stream("text/event-stream", [Say::text(&events), Say::Hold]),
        _ => steered(asked),
    })
    .await;
    let mut talk = talk_to(&server);
    talk.chat.start_task("Book a table");
    talk.until("a step", |view| steps(view) == 1).await;
    let start = server.of(START)[0].json();
    assert_eq!(
        (&start["instruction"], &start["computer_id"]),
        (&json!("Book a table"), &json!("c1"))
    );
    talk.chat.pause();
    talk.task_is(&TaskState::Paused).await;
    talk.chat.inject("For two");
    talk.until("told", |view| steps(view) == 2).await;
    talk.chat.resume();
    talk.task_is(&TaskState::Running).await;
    let injected = server.of("POST /agent/tasks/t1/messages");
    assert_eq!(injected.len(), 1);
    assert_eq!(injected[0].json(), json!({"message": "For two"}));
    let task = talk.view.chat.task.clone().unwrap();
    let told: Vec<_> = task.steps.iter().map(|step| (step.kind, step.text.as_str())).collect();
    assert_eq!(told, [(StepKind::Did, "click 1, 2"), (StepKind::Told, "For two")]);
    let rows = talk.view.log.rows().map(|row| row.event.text.clone());
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows[..2], ["Task: Book a table", "click 1, 2"]);
    talk.chat.start_task("Another");
    talk.until("a refusal", |view| view.chat.task.as_ref().unwrap().problem.is_some()).await;
    assert_eq!(server.of(START).len(), 1, "one task at a time");
}

#[tokio::test]
async fn what_the_service_refuses_of_a_running_task_is_a_problem_and_the_task_goes_on() {
    let server = Server::start(|asked| match asked.line.as_str() {
        START => {
            stream("text/event-stream", [Say::text("data: {\"task_id\":\"t1\"}\n\n"), Say::Hold])
        }
        _ => json(409, json!({"error": "It is ending"})),
    })
    .await;
    let mut talk = talk_to(&server);
    talk.chat.start_task("Look");
    talk.until("its name", |view| {
        let task = view.chat.task.as_ref();
        task.is_some_and(|task| task.id.is_some())
    })
    .await;
    talk.chat.pause();
    talk.until("the problem", |view| {
        let problem = view.chat.task.as_ref().unwrap().problem.as_deref();
        problem.is_some_and(|why| why.contains("pause the task") && why.contains("It is ending"))
    })
    .await;
    assert_eq!(talk.view.chat.task.as_ref().unwrap().state, TaskState::Running);
}

#[tokio::test]
async fn a_pause_that_comes_too_late_leaves_the_task_at_its_end() {
    let (end, late) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (wait_for_end, wait) = (Say::Wait(end.clone()), Say::Wait(late.clone()));
    let server = Server::start(move |asked| match asked.line.as_str() {
        START => stream(
            "text/event-stream",
            [Say::text("data: {\"task_id\":\"t1\"}\n\n"), wait_for_end.clone()],
        ),
        "GET /agent/tasks/t1" => json(200, json!({"status": "completed"})),
        "POST /agent/tasks/t1/pause" => {
            [vec![wait.clone()], json(200, json!({"status": "paused"}))].concat()
        }
        _ => steered(asked),
    })
    .await;
    let mut talk = talk_to(&server);
    talk.chat.start_task("Look");
    talk.until("its name", |view| {
        let task = view.chat.task.as_ref();
        task.is_some_and(|task| task.id.is_some())
    })
    .await;
    talk.chat.pause();
    server.is_asked("POST /agent/tasks/t1/pause", 1).await;
    end.notify_one();
    talk.task_is(&TaskState::Done).await;
    late.notify_one();
    talk.until("word of the pause", |view| {
        let mut rows = view.log.rows();
        rows.any(|row| row.event.name == "task_state")
    })
    .await;
    assert_eq!(talk.view.chat.task.as_ref().unwrap().state, TaskState::Done);
    talk.chat.start_task("Look again");
    server.is_asked(START, 2).await;
}

#[tokio::test]
async fn a_task_whose_stream_ends_is_asked_after() {
    let gone = "The service does not know this: No such task (HTTP 404)";
    for (status, answer, state) in [
        (200, json!({"task_id": "t1", "status": "completed"}), TaskState::Done),
        (404, json!({"error": "No such task"}), TaskState::Unknown(gone.to_owned())),
    ] {
        let server = Server::start(move |asked| match asked.line.as_str() {
            START => stream(
                "text/event-stream",
                [Say::text("data: {\"task_id\":\"t1\",\"text\":\"Looking\"}\n\n")],
            ),
            "GET /agent/tasks/t1" => json(status, answer.clone()),
            _ => steered(asked),
        })
        .await;
        let mut talk = talk_to(&server);
        talk.chat.start_task("Look");
        talk.task_is(&state).await;
        assert_eq!(steps(&talk.view), 1);
    }
}

#[tokio::test]
async fn a_task_that_is_refused_says_why() {
    let server = Server::always(json(402, json!({"error": {"message": "No credit"}}))).await;
    let mut talk = talk_to(&server);
    talk.chat.start_task("Look");
    let why = "No credit (HTTP 402)".to_owned();
    talk.task_is(&TaskState::Failed(why)).await;
    assert_eq!(server.of(START).len(), 1, "a task is never started again by itself");
}
