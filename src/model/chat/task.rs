//! A task that was given to an assistant: how it stands, and the steps that it took.

use jiff::Timestamp;

/// Steps that are kept; all of them are rows of the session's log.
const MAX_STEPS: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Asked for, and not confirmed yet.
    Starting,
    Running,
    Paused,
    Done,
    Failed(String),
    /// It was called off.
    Canceled,
    /// Its news no longer reach us, and the service does not say how it stands.
    Unknown(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// What the assistant thinks or says.
    Said,
    /// What it does.
    Did,
    /// What the user told it meanwhile.
    Told,
    Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub at: Timestamp,
    pub kind: StepKind,
    /// One line, safe to show.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskNews {
    Started {
        instruction: String,
        at: Timestamp,
    },
    /// What the service calls it; without it the task can't be steered.
    Named(String),
    State(TaskState),
    Step(Step),
    /// A pause, a resumption or a message that did not get there.
    Problem(Option<String>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub id: Option<String>,
    pub instruction: String,
    pub state: TaskState,
    pub started_at: Timestamp,
    /// The newest, oldest first.
    pub steps: Vec<Step>,
    /// Steps that made room for newer ones.
    pub dropped: usize,
    /// Why the last wish was not fulfilled.
    pub problem: Option<String>,
}

impl TaskState {
    pub fn is_over(&self) -> bool {
        match self {
            Self::Done | Self::Failed(_) | Self::Canceled | Self::Unknown(_) => true,
            Self::Starting | Self::Running | Self::Paused => false,
        }
    }
}

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
            apply(&mut task, TaskNews::Step(Step { at, kind, text }));
        }
        let task = task.unwrap();
        assert_eq!((task.steps.len(), task.dropped), (MAX_STEPS, 3));
        assert_eq!((task.id.as_deref(), task.steps[0].text.as_str()), (Some("t1"), "3"));
        assert!(!task.state.is_over());
    }
}
