//! Runs a task on the watched session: starts it once, follows its stream, and lets the user steer it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

use super::ask::words;
use super::outbox::Outbox;
use crate::base::text::one_line;
use crate::model::chat::{ChatNews, StepKind, TaskNews, TaskState, TaskStep};
use crate::model::{EventKind, SessionEvent};
use crate::net::{BodyOptions, Client, NetError};
use crate::protocol::agent::{
    START_PATH, TaskEvent, TaskReader, message_body, start_body, state_in, task_path,
};

/// Time between two requests for the state of a task whose stream has ended.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Number of such requests that may fail in a row before the task is given up.
const PATIENCE: usize = 6;
/// Number of answers in a row without a known state before the task is given up.
const STRANGE: usize = 12;
/// Time limits of a task's stream, which are generous because a task may think for long.
const OPTIONS: BodyOptions =
    BodyOptions { head_limit: Duration::from_secs(120), idle_limit: Duration::from_secs(600) };
const UNNAMED: &str = "The service has not said yet what it calls the task, try again in a moment";

/// The way to steer a session's task.
#[derive(Debug)]
pub(super) struct TaskControl {
    client: Client,
    computer_id: String,
    outbox: Outbox,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    id: Option<String>,
    state: Option<TaskState>,
}

impl TaskControl {
    pub(super) fn new(client: Client, computer_id: String, outbox: Outbox) -> Self {
        Self { client, computer_id, outbox, known: Mutex::default() }
    }

    pub(super) fn is_over(&self) -> bool {
        self.known().state.as_ref().is_some_and(TaskState::is_over)
    }

    /// Starts the task and follows it to its end.
    pub(super) async fn follow(&self, instruction: &str) {
        self.tell(TaskNews::Started { instruction: instruction.to_owned(), at: Timestamp::now() });
        self.row(EventKind::TaskStarted, &format!("Task: {}", one_line(instruction, 300)));
        let broken = self.stream(instruction).await;
        let id = self.known().id.clone();
        match (id, broken) {
            // The stream may end before the task does, and its last event may have been about a step.
            (Some(id), _) => self.ask_after(&id).await,
            (None, Some(why)) => self.set(TaskState::Failed(why)),
            (None, None) if self.is_over() => (),
            (None, None) => self.set(TaskState::Unknown(
                "The task's news ended, and the service did not say what it calls the task"
                    .to_owned(),
            )),
        }
        self.row(EventKind::TaskEnded, &self.end_words());
    }

    /// Sends the assistant a message while the task runs.
    pub(super) async fn inject(&self, text: &str) {
        let answer = self.call(Method::POST, "/messages", Some(&message_body(text))).await;
        match answer {
            Ok(_) => {
                self.tell(TaskNews::Problem(None));
                let row = SessionEvent::ours(EventKind::TaskMessage, one_line(text, 500));
                self.step(StepKind::Told, row);
            }
            Err(why) => self.problem(format!("The message did not reach the task: {why}")),
        }
    }

    /// Pauses or resumes the task. `state` is the state that follows unless the service says otherwise.
    pub(super) async fn change(&self, word: &str, state: TaskState) {
        match self.call(Method::POST, &format!("/{word}"), None).await {
            Ok(answer) => {
                self.tell(TaskNews::Problem(None));
                // A late answer does not change a task that is over, because it would stay paused for ever.
                if self.is_over() {
                    let text = format!("Too late to {word} the task: it is over");
                    return self.row(EventKind::TaskState, &text);
                }
                self.set(state_in(&answer).unwrap_or(state));
                self.row(EventKind::TaskState, &format!("Task: {word}d"));
            }
            Err(why) => self.problem(format!("Could not {word} the task: {why}")),
        }
    }

    /// Follows the stream to its end. Returns the reason if it broke.
    async fn stream(&self, instruction: &str) -> Option<String> {
        let body = start_body(instruction, &self.computer_id);
        let opened = self.client.stream(Method::POST, START_PATH, Some(&body), OPTIONS).await;
        let mut body = match opened {
            Ok(body) => body,
            Err(err) => return Some(words(&err)),
        };
        self.set(TaskState::Running);
        let mut reader = TaskReader::default();
        let mut skipped = 0;
        let broken = loop {
            let events = match body.next().await {
                Ok(Some(bytes)) => reader.push(&bytes),
                Ok(None) => break None,
                Err(err) => break Some(words(&err)),
            };
            match events {
                Ok(events) => events.into_iter().for_each(|event| self.take(event)),
                Err(err) => break Some(err.to_string()),
            }
            if reader.skipped() > skipped {
                self.outbox.tell(ChatNews::Skipped(reader.skipped() - skipped));
                skipped = reader.skipped();
            }
        };
        if let Some(event) = reader.finish() {
            self.take(event);
        }
        broken
    }

    fn take(&self, event: TaskEvent) {
        if let Some(id) = event.task_id {
            let is_new = self.known().id.replace(id.clone()).as_ref() != Some(&id);
            if is_new {
                self.tell(TaskNews::Named(id));
            }
        }
        if let Some(step) = event.step {
            // The row of a step has the service's name for the step.
            let (name, raw) = (step.word.into(), event.raw);
            let row = SessionEvent::ours(EventKind::TaskStep, step.text);
            self.step(step.kind, SessionEvent { name, raw, ..row });
        }
        if let Some(state) = event.state {
            self.set(state);
        }
    }

    /// Asks for the task's state until the task is over.
    async fn ask_after(&self, id: &str) {
        let mut inquiry = Inquiry::default();
        loop {
            let answer = self.client.json(Method::GET, &task_path(id), None).await;
            let known = self.known().state.clone();
            if let Some(state) = inquiry.state_by(&answer, known.as_ref()) {
                self.set(state);
            }
            if self.is_over() {
                return;
            }
            sleep(ASK_AGAIN).await;
        }
    }

    async fn call(
        &self,
        method: Method,
        rest: &str,
        body: Option<&Value>,
    ) -> Result<Value, String> {
        let id = self.known().id.clone().ok_or_else(|| UNNAMED.to_owned())?;
        let path = format!("{}{rest}", task_path(&id));
        self.client.json(method, &path, body).await.map_err(|err| words(&err))
    }

    fn end_words(&self) -> String {
        match &self.known().state {
            Some(TaskState::Failed(why)) => format!("The task failed: {why}"),
            Some(TaskState::Canceled) => "The task was called off".to_owned(),
            Some(TaskState::Unknown(why)) => format!("It is not known how the task stands: {why}"),
            _ => "The task is done".to_owned(),
        }
    }

    fn set(&self, state: TaskState) {
        let is_new = self.known().state.replace(state.clone()).as_ref() != Some(&state);
        if is_new {
            self.tell(TaskNews::State(state));
        }
    }

    fn step(&self, kind: StepKind, row: SessionEvent) {
        let text = row.text.clone();
        self.outbox.log(row);
        self.tell(TaskNews::Step(TaskStep { at: Timestamp::now(), kind, text }));
    }

    fn row(&self, kind: EventKind, text: &str) {
        self.outbox.log(SessionEvent::ours(kind, text));
    }

    fn problem(&self, why: String) {
        self.tell(TaskNews::Problem(Some(why)));
    }

    fn tell(&self, news: TaskNews) {
        self.outbox.tell(ChatNews::Task(news));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests for the state of a task whose stream has ended, and what the answers told so far.
#[derive(Debug, Default)]
struct Inquiry {
    failures: usize,
    strange: usize,
}

impl Inquiry {
    /// Returns the task's state by this answer, or `None` where it is known already.
    fn state_by(
        &mut self,
        answer: &Result<Value, NetError>,
        known: Option<&TaskState>,
    ) -> Option<TaskState> {
        let is_over = known.is_some_and(TaskState::is_over);
        let answer = match answer {
            Ok(answer) => answer,
            Err(_) if is_over => return None,
            Err(err) => {
                self.failures += 1;
                let is_final = self.failures == PATIENCE || !err.is_retryable();
                return is_final.then(|| TaskState::Unknown(words(err)));
            }
        };
        self.failures = 0;
        match (state_in(answer), known) {
            // The stream's reason for a failure says more than the state alone.
            (Some(TaskState::Failed(_)), Some(TaskState::Failed(_))) => None,
            (Some(state), _) => {
                self.strange = 0;
                Some(state)
            }
            (None, _) if is_over => None,
            (None, _) => {
                self.strange += 1;
                (self.strange == STRANGE).then(|| TaskState::Unknown(strange_words(answer)))
            }
        }
    }
}

fn strange_words(answer: &Value) -> String {
    let says = match answer["status"].as_str() {
        Some(word) => format!(
            "the service calls it “{}”, a word that Helmsight does not know",
            one_line(word, 64)
        ),
        None => "the service does not say".to_owned(),
    };
    format!("{says}; look there how it goes")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns the states that a service's answers lead to, one after the other, starting from `known`.
    fn told(
        answers: impl IntoIterator<Item = Result<Value, NetError>>,
        known: &TaskState,
    ) -> Vec<Option<TaskState>> {
        let mut inquiry = Inquiry::default();
        let answers = answers.into_iter();
        answers.map(|answer| inquiry.state_by(&answer, Some(known))).collect()
    }

    fn word(word: &str) -> Result<Value, NetError> {
        Ok(json!({ "status": word }))
    }

    fn lost() -> Result<Value, NetError> {
        Err(NetError::Lost("Gone".to_owned()))
    }

    #[test]
    fn a_task_is_given_up_when_nobody_says_how_it_stands() {
        let running = TaskState::Running;
        for (answer, count, why) in [
            (word("pondering"), STRANGE, "“pondering”"),
            (Ok(json!([])), STRANGE, "does not say"),
            (lost(), PATIENCE, "Gone"),
        ] {
            let states = told(vec![answer; count], &running);
            let (last, before) = states.split_last().unwrap();
            assert!(before.iter().all(Option::is_none), "{states:?}");
            assert!(
                matches!(last, Some(TaskState::Unknown(told)) if told.contains(why)),
                "{states:?}"
            );
        }
    }

    #[test]
    fn what_says_how_a_task_stands_is_worth_more_patience() {
        let running = TaskState::Running;
        let strange = vec![word("pondering"); STRANGE - 1];
        let again = [strange.clone(), vec![word("running")], strange].concat();
        let states = told(again, &running);
        let known: Vec<_> = states.into_iter().flatten().collect();
        assert_eq!(known, [TaskState::Running]);
        let failures = vec![lost(); PATIENCE - 1];
        let again = [failures.clone(), vec![word("pondering")], failures].concat();
        assert!(told(again, &running).iter().all(Option::is_none));
    }

    #[test]
    fn an_end_that_is_known_stays_unless_the_service_knows_better() {
        let failed = TaskState::Failed("No credit".to_owned());
        let answers = || [word("failed"), word("pondering"), lost()];
        assert_eq!(told(answers(), &failed), [None, None, None]);
        assert_eq!(told([word("running")], &failed), [Some(TaskState::Running)]);
    }
}
