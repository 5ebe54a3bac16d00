//! Reads and writes the tasks of an assistant that drives a session: what it is asked, and the events of a task's
//! stream.
//!
//! The calls and their bodies are published, the events of the stream are not: everything in them is optional here,
//! and what is not understood is still a step, with its original text.

use std::sync::Arc;

use serde_json::{Value, json};

use super::computers::{error_words, path_segment};
use super::lines::{LineLimits, Lines, StreamLine, TooMuch};
use crate::base::json;
use crate::base::text::one_line;
use crate::model::chat::{StepKind, TaskState};

/// A line may hold a picture. The stream as a whole has no end that could be foreseen.
pub const LIMITS: LineLimits = LineLimits { line: 16 << 20, total: usize::MAX };
const MAX_TEXT: usize = 500;
/// So many bytes of an event's original text are kept.
const MAX_RAW: usize = 64 << 10;

/// The path below the API's base at which a task is started.
pub const START_PATH: &str = "agent/tasks/stream";

/// Returns the path of one task below the API's base.
pub fn task_path(id: &str) -> String {
    format!("agent/tasks/{}", path_segment(id))
}

/// Makes the body that starts a task on a session that is there: none is made in its place, and it goes on after the
/// task.
pub fn start_body(instruction: &str, computer_id: &str) -> Value {
    json!({
        "instruction": instruction,
        "computer_id": computer_id,
        "on_missing_computer": "fail",
        "terminate_on_completion": false,
        "screenshot_mode": "url",
    })
}

/// Makes the body of a message to a running task.
pub fn message_body(text: &str) -> Value {
    json!({ "message": text })
}

/// One event of a task's stream.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskEvent {
    /// The task's id, where the event tells it.
    pub task_id: Option<String>,
    /// The state of the task, where the event tells it.
    pub state: Option<TaskState>,
    /// The step of the task, where the event is one.
    pub step: Option<AgentStep>,
    /// The JSON as it came, cut where it is very long.
    pub raw: Arc<str>,
}

/// A step of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentStep {
    /// The service's own word for the step.
    pub word: String,
    /// The kind of the step.
    pub kind: StepKind,
    /// The step in one line that is safe to show.
    pub text: String,
}

/// Reads the stream of one task.
#[derive(Debug)]
pub struct TaskReader {
    lines: Lines,
    /// The name of the event that is being read.
    event: String,
    skipped: u64,
}

impl Default for TaskReader {
    fn default() -> Self {
        Self { lines: Lines::new(LIMITS), event: String::new(), skipped: 0 }
    }
}

impl TaskReader {
    /// Takes bytes and returns the events that they complete. Fails once a line is too long.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<TaskEvent>, TooMuch> {
        let mut events = Vec::new();
        let (name, skipped) = (&mut self.event, &mut self.skipped);
        self.lines.push(bytes, |line| events.extend(take(line, name, skipped)))?;
        Ok(events)
    }

    /// Takes the end of the body and returns the event that stands there without a line break.
    pub fn finish(&mut self) -> Option<TaskEvent> {
        let (name, skipped) = (&mut self.event, &mut self.skipped);
        let mut last = None;
        self.lines.finish(|line| last = take(line, name, skipped));
        last
    }

    /// Returns how many lines could not be read.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

fn take(line: &[u8], name: &mut String, skipped: &mut u64) -> Option<TaskEvent> {
    match StreamLine::of(line) {
        StreamLine::Data(b"" | b"[DONE]") => None,
        StreamLine::Data(data) => match read(name, &String::from_utf8_lossy(data)) {
            Some(event) => Some(event),
            None => {
                *skipped += 1;
                None
            }
        },
        StreamLine::Event(word) => {
            *name = one_line(&String::from_utf8_lossy(word), 64);
            None
        }
        StreamLine::Blank => {
            name.clear();
            None
        }
        StreamLine::Other => None,
        StreamLine::Foreign => {
            *skipped += 1;
            None
        }
    }
}

fn read(name: &str, data: &str) -> Option<TaskEvent> {
    // The published type of an event is text: it may be JSON within JSON, or plain words.
    let value = match json::document(data).ok()? {
        Value::String(text) => json!({ "text": text }),
        value => value,
    };
    if !value.is_object() {
        return None;
    }
    let inner = ["data", "payload", "event"]
        .into_iter()
        .map(|key| &value[key])
        .find(|inner| inner.is_object())
        .unwrap_or(&Value::Null);
    let text_of = |keys: &[&str]| {
        let find = |value: &Value| {
            keys.iter()
                .find_map(|key| value[*key].as_str().filter(|text| !text.is_empty()))
                .map(str::to_owned)
        };
        find(&value).or_else(|| find(inner))
    };
    let word = text_of(&["type", "event", "event_type", "kind"])
        .or_else(|| Some(name.to_owned()).filter(|name| !name.is_empty() && name != "message"))
        .unwrap_or_default();
    let word = one_line(&word, 64);
    let status = text_of(&["status", "state"]).unwrap_or_default();
    let why = || error_words(&value).or_else(|| error_words(inner));
    // The status of a step that is over is not that of its task.
    let is_of_task =
        word.is_empty() || ["task", "status", "state"].iter().any(|about| word.contains(about));
    let state = state_of(&word, why).or_else(|| state_of(&status, why).filter(|_| is_of_task));
    Some(TaskEvent {
        task_id: text_of(&["task_id", "taskId"]).map(|id| one_line(&id, 256)),
        step: step_of(&value, inner, &word, state.as_ref()),
        state,
        raw: Arc::from(crate::base::text::clip(data, MAX_RAW)),
    })
}

fn step_of(
    value: &Value,
    inner: &Value,
    word: &str,
    state: Option<&TaskState>,
) -> Option<AgentStep> {
    const WORDS: [&str; 12] = [
        "text",
        "message",
        "content",
        "summary",
        "result",
        "output",
        "description",
        "reasoning",
        "thought",
        "progress",
        "delta",
        "answer",
    ];
    let words = [value, inner].into_iter().find_map(|value| {
        WORDS.iter().find_map(|key| value[*key].as_str().filter(|text| !text.trim().is_empty()))
    });
    let action = [value, inner].into_iter().find_map(|value| {
        ["action", "tool_call", "tool"].iter().find_map(|key| action_words(&value[*key]))
    });
    let failure = match state {
        Some(TaskState::Failed(why)) => Some(why.as_str()),
        _ => None,
    };
    let (kind, text) = match (failure, action, words) {
        (Some(why), ..) => (StepKind::Problem, why.to_owned()),
        (None, Some(action), Some(words)) => (StepKind::Did, format!("{action} – {words}")),
        (None, Some(action), None) => (StepKind::Did, action),
        (None, None, Some(words)) => (StepKind::Said, words.to_owned()),
        (None, None, None) if word.contains("screenshot") => {
            (StepKind::Did, "Took a screenshot".to_owned())
        }
        // A change of state alone is shown as the state.
        (None, None, None)
            if state.is_some() || word.is_empty() || word == "heartbeat" || word == "ping" =>
        {
            return None;
        }
        (None, None, None) => (StepKind::Did, word.replace('_', " ")),
    };
    Some(AgentStep {
        word: if word.is_empty() { "task_step" } else { word }.to_owned(),
        kind,
        text: one_line(text.trim(), MAX_TEXT),
    })
}

/// Describes an action, as in "click 10, 20" or "go_to_url https://a.test/".
fn action_words(action: &Value) -> Option<String> {
    if let Some(word) = action.as_str().filter(|word| !word.is_empty()) {
        return Some(word.to_owned());
    }
    let word = ["type", "name", "action"].iter().find_map(|key| action[*key].as_str())?;
    let place = match (action["x"].as_f64(), action["y"].as_f64()) {
        (Some(x), Some(y)) => Some(format!("{x}, {y}")),
        _ => None,
    };
    let what = place.or_else(|| {
        ["url", "text", "key", "command"]
            .iter()
            .find_map(|key| action[*key].as_str().map(str::to_owned))
    });
    Some(match what {
        Some(what) => format!("{} {what}", word.replace('_', " ")),
        None => word.replace('_', " "),
    })
}

/// Returns the state that a word about a task means. Words of steps say nothing of it.
fn state_of(word: &str, why: impl Fn() -> Option<String>) -> Option<TaskState> {
    let word = word.to_ascii_lowercase().replace(['-', '.', ' '], "_");
    let word = word.strip_prefix("task_").or_else(|| word.strip_prefix("agent_")).unwrap_or(&word);
    Some(match word {
        "pending" | "queued" | "starting" => TaskState::Starting,
        "created" | "started" | "running" | "in_progress" | "resumed" => TaskState::Running,
        "paused" => TaskState::Paused,
        "completed" | "complete" | "completion" | "succeeded" | "done" | "finished" => {
            TaskState::Done
        }
        "canceled" | "cancelled" | "terminated" | "stopped" => TaskState::Canceled,
        "failed" | "failure" | "error" | "timed_out" | "timeout" | "max_steps" => {
            TaskState::Failed(
                why()
                    .unwrap_or_else(|| format!("The task ended with “{}”", word.replace('_', " "))),
            )
        }
        _ => return None,
    })
}

/// Reads how a task stands from the service's answer to a question or to the wish to pause.
pub fn state_in(answer: &Value) -> Option<TaskState> {
    let state = state_of(answer["status"].as_str()?, || error_words(answer))?;
    Some(match (state, answer["exit_code"].as_i64()) {
        (TaskState::Done, Some(code)) if code != 0 => {
            TaskState::Failed(format!("The task ended with code {code}"))
        }
        (state, _) => state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(body: &str) -> (Vec<TaskEvent>, u64) {
        let mut reader = TaskReader::default();
        let mut events = reader.push(body.as_bytes()).unwrap();
        events.extend(reader.finish());
        (events, reader.skipped())
    }

    #[test]
    fn a_stream_becomes_steps_and_states() {
        let step = |kind, text: &str| Some((kind, text.to_owned()));
        for (body, id, state, expected) in [
            (
                "data: {\"type\":\"task_started\",\"task_id\":\"t1\"}\n\n",
                Some("t1"),
                Some(TaskState::Running),
                None,
            ),
            (
                "event: progress_update\ndata: {\"message\":\"Looking\\nat it\"}\n\n",
                None,
                None,
                step(StepKind::Said, "Looking↵at it"),
            ),
            (
                "data: {\"type\":\"action\",\"action\":{\"type\":\"click\",\"x\":10,\"y\":20}}\n\n",
                None,
                None,
                step(StepKind::Did, "click 10, 20"),
            ),
            (
                "data: {\"event\":\"step\",\"data\":{\"task_id\":\"t2\",\"text\":\"Typed it\"}}\n",
                Some("t2"),
                None,
                step(StepKind::Said, "Typed it"),
            ),
            (
                "data: {\"type\":\"screenshot\",\"url\":\"https://a.test/p.png\"}\n",
                None,
                None,
                step(StepKind::Did, "Took a screenshot"),
            ),
            (
                "data: {\"status\":\"completed\",\"result\":\"42\"}\n",
                None,
                Some(TaskState::Done),
                step(StepKind::Said, "42"),
            ),
            (
                "data: {\"type\":\"action_result\",\"status\":\"completed\",\"text\":\"Clicked\"}\n",
                None,
                None,
                step(StepKind::Said, "Clicked"),
            ),
            (
                "data: {\"type\":\"error\",\"error\":{\"message\":\"No credit\"}}\n",
                None,
                Some(TaskState::Failed("No credit".to_owned())),
                step(StepKind::Problem, "No credit"),
            ),
            // The published type of an event is text, with or without JSON in it.
            ("data: \"Just words\"\n", None, None, step(StepKind::Said, "Just words")),
            (
                "data: \"{\\\"task_id\\\":\\\"t3\\\",\\\"type\\\":\\\"weird_thing\\\"}\"\n",
                Some("t3"),
                None,
                step(StepKind::Did, "weird thing"),
            ),
        ] {
            let (events, skipped) = events(body);
            assert_eq!((events.len(), skipped), (1, 0), "{body}");
            let event = &events[0];
            let got = event.step.clone().map(|step| (step.kind, step.text));
            assert_eq!(
                (event.task_id.as_deref(), event.state.clone(), got),
                (id, state, expected),
                "{body}"
            );
        }
    }

    #[test]
    fn nonsense_is_counted_and_passed_over() {
        let (events, skipped) =
            events(": beat\n\ndata: 7\ndata: {\n<html>\ndata: [DONE]\n\ndata: {\"text\":\"x\"}");
        assert_eq!((events.len(), skipped), (1, 3));
    }

    #[test]
    fn answers_tell_the_state() {
        for (answer, state) in [
            (json!({"status": "paused"}), Some(TaskState::Paused)),
            (json!({"status": "RUNNING"}), Some(TaskState::Running)),
            (json!({"status": "completed", "exit_code": 0}), Some(TaskState::Done)),
            (
                json!({"status": "completed", "exit_code": 2}),
                Some(TaskState::Failed("The task ended with code 2".to_owned())),
            ),
            (json!({"status": "ok"}), None),
            (json!({}), None),
        ] {
            assert_eq!(state_in(&answer), state, "{answer}");
        }
    }

    #[test]
    fn a_task_is_started_on_the_watched_session_and_leaves_it_alive() {
        let body = start_body("Do it", "c1");
        assert_eq!(body["computer_id"], "c1");
        assert_eq!(body["terminate_on_completion"], false);
        assert_eq!(body["on_missing_computer"], "fail");
        assert_eq!(task_path("a/b"), "agent/tasks/a%2Fb");
    }
}
