//! Describes a task that was given to an assistant: how it stands, and the steps that it took.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// So many steps are kept; the session's log has a row for each.
const MAX_STEPS: usize = 500;

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It was asked for and is not confirmed yet.
    Starting,
    /// The assistant works on it.
    Running,
    /// It is paused.
    Paused,
    /// It was done.
    Done,
    /// It failed; the text is one plain sentence.
    Failed(String),
    /// It was called off.
    Canceled,
    /// Its news no longer reach us, and the service does not say how it stands; the text tells why.
    Unknown(String),
}

/// What kind of step the assistant took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The assistant thinks or says something.
    Said,
    /// The assistant does something.
    Did,
    /// The user told the assistant something meanwhile.
    Told,
    /// Something went wrong.
    Problem,
}

/// One step of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStep {
    /// When it was taken.
    pub at: Timestamp,
    /// What kind of step it is.
    pub kind: StepKind,
    /// One line, safe to show.
    pub text: String,
}

/// News of the task of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskNews {
    /// The user starts a task, which takes the place of an older one.
    Started {
        /// What the assistant is to do.
        instruction: String,
        /// When it is started.
        at: Timestamp,
    },
    /// The service's id for the task. Without it the task can't be steered.
    Named(String),
    /// The task stands differently.
    State(TaskState),
    /// The assistant took a step.
    Step(TaskStep),
    /// A pause, a resumption or a message did not reach the task; `None` once a later one did.
    Problem(Option<String>),
}

/// A task and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The service's id for it; `None` until the service tells.
    pub id: Option<String>,
    /// What the assistant is to do.
    pub instruction: String,
    /// How it stands.
    pub state: TaskState,
    /// When the user started it.
    pub started_at: Timestamp,
    /// The newest steps, oldest first.
    pub steps: Vec<TaskStep>,
    /// The number of steps that made room for newer ones.
    pub dropped: usize,
    /// Why the user's last wish about the task was not fulfilled.
    pub problem: Option<String>,
}

impl TaskState {
    /// Tells whether nothing more is expected of the task.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Done | Self::Failed(_) | Self::Canceled | Self::Unknown(_) => true,
            Self::Starting | Self::Running | Self::Paused => false,
        }
    }
}

/// Folds one piece of news. News of a task that was never started are dropped.
pub(super) fn apply(task: &mut Option<Task>, news: TaskNews) {
    if let TaskNews::Started { instruction, at } = news {
        *task = Some(Task {
            id: None,
            instruction,
            state: TaskState::Starting,
            started_at: at,
            steps: Vec::new(),
            dropped: 0,
            problem: None,
        });
        return;
    }
    let Some(task) = task else { return };
    match news {
        TaskNews::Started { .. } => (),
        TaskNews::Named(id) => task.id = Some(id),
        TaskNews::State(state) => task.state = state,
        TaskNews::Problem(problem) => task.problem = problem,
        TaskNews::Step(step) => {
            if task.steps.len() == MAX_STEPS {
                task.steps.remove(0);
                task.dropped += 1;
            }
            task.steps.push(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_folded_and_its_steps_are_bounded() {
        let mut task = None;
        apply(&mut task, TaskNews::State(TaskState::Running));
        assert_eq!(task, None, "news of no task");
        let at = Timestamp::UNIX_EPOCH;
        let instruction = "Book it".to_owned();
        apply(&mut task, TaskNews::Started { instruction, at });
        apply(&mut task, TaskNews::Named("t1".to_owned()));
        apply(&mut task, TaskNews::State(TaskState::Running));
        for n in 0..MAX_STEPS + 3 {
            let (kind, text) = (StepKind::Did, n.to_string());
            apply(&mut task, TaskNews::Step(TaskStep { at, kind, text }));
        }
        let task = task.unwrap();
        assert_eq!((task.steps.len(), task.dropped), (MAX_STEPS, 3));
        assert_eq!((task.id.as_deref(), task.steps[0].text.as_str()), (Some("t1"), "3"));
        assert!(!task.state.is_over());
    }
}
