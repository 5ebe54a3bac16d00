//! Runs the background side of one session's chat: the questions, and the task that its assistant may be given.
//!
//! A question is shown before it is sent and is sent exactly once; only the user asks again. Answers come in bunches,
//! so that a fast one costs the window little.

mod ask;
mod outbox;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::ask::Question;
use self::outbox::Outbox;
use self::task::TaskControl;
use crate::base::Wake;
use crate::model::Update;
use crate::model::chat::{AskEnd, ChatNews, MessageId, TaskNews, TaskState};
use crate::net::Client;

/// Number of the user's requests that may wait.
const MAX_REQUESTS: usize = 16;
const BUSY: &str = "An answer is still coming: stop it first, or ask again when it is there";

/// The services that answer a session's chat.
#[derive(Clone, Debug, Default)]
pub struct ChatAccess {
    /// Client of the service that answers questions, and the path of its messages.
    pub messages: Option<(Client, String)>,
    /// Client of the service that runs tasks, and its id of the session.
    pub tasks: Option<(Client, String)>,
}

/// The window's end of a chat. Dropping it stops the background side, and with it an answer that is coming in.
#[derive(Debug)]
pub struct ChatHandle {
    requests: mpsc::Sender<ChatRequest>,
    access: watch::Sender<ChatAccess>,
    next_id: AtomicU64,
    outbox: Outbox,
    cancel: CancellationToken,
}

#[derive(Debug)]
enum ChatRequest {
    Ask(Question),
    Stop,
    Start(String),
    Inject(String),
    Pause,
    Resume,
}

impl ChatAccess {
    /// Returns whether questions or tasks can be sent anywhere.
    pub fn is_there(&self) -> bool {
        self.messages.is_some() || self.tasks.is_some()
    }

    fn is_same(&self, other: &Self) -> bool {
        let is_same =
            |one: &Option<(Client, String)>, other: &Option<(Client, String)>| match (one, other) {
                (Some((client, path)), Some((same, as_before))) => {
                    client.is_same(same) && path == as_before
                }
                (one, other) => one.is_none() && other.is_none(),
            };
        is_same(&self.messages, &other.messages) && is_same(&self.tasks, &other.tasks)
    }

    fn news(&self) -> ChatNews {
        ChatNews::Opened { asks: self.messages.is_some(), tasks: self.tasks.is_some() }
    }
}

impl ChatHandle {
    /// Starts the background side on `rt`. `newest` is the largest number of a message that is known already.
    pub fn start(
        rt: &Handle,
        tracker: &TaskTracker,
        access: ChatAccess,
        newest: MessageId,
        wake: Wake,
    ) -> Self {
        let (requests, requested) = mpsc::channel(MAX_REQUESTS);
        let outbox = Outbox::new(wake);
        let cancel = CancellationToken::new();
        outbox.tell(access.news());
        let (access, accessed) = watch::channel(access);
        let actor = ChatActor { access: accessed, requests: requested, outbox: outbox.clone() };
        let stop = cancel.clone();
        tracker.spawn_on(async move { stop.run_until_cancelled(actor.run()).await }, rt);
        Self { requests, access, next_id: AtomicU64::new(newest + 1), outbox, cancel }
    }

    /// Directs questions and tasks to `access` from now on. What is under way goes on where it began.
    pub fn set_access(&self, access: ChatAccess) {
        let news = access.news();
        let has_changed = self.access.send_if_modified(|known| {
            let has_changed = !known.is_same(&access);
            if has_changed {
                *known = access;
            }
            has_changed
        });
        if has_changed {
            self.outbox.tell(news);
        }
    }

    /// Returns the news since the last call, oldest first.
    pub fn take_news(&self) -> Vec<Update> {
        self.outbox.take()
    }

    /// Asks a question. It is among the news when this call returns.
    pub fn send(&self, prompt: &str) {
        self.ask(self.new_id(), prompt);
    }

    /// Asks the question of message `question` once more.
    pub fn retry(&self, question: MessageId, prompt: &str) {
        self.ask(question, prompt);
    }

    /// Stops the answer that is coming in.
    pub fn stop(&self) {
        self.wish(ChatRequest::Stop);
    }

    /// Forgets the conversation and stops an answer that is coming in.
    pub fn clear(&self) {
        self.stop();
        self.outbox.tell(ChatNews::Cleared);
    }

    /// Gives the assistant a task on the session.
    pub fn start_task(&self, instruction: &str) {
        self.wish(ChatRequest::Start(instruction.to_owned()));
    }

    /// Sends the task's assistant a message while the task runs.
    pub fn inject(&self, text: &str) {
        self.wish(ChatRequest::Inject(text.to_owned()));
    }

    /// Pauses the task.
    pub fn pause(&self) {
        self.wish(ChatRequest::Pause);
    }

    /// Resumes the task.
    pub fn resume(&self) {
        self.wish(ChatRequest::Resume);
    }

    fn new_id(&self) -> MessageId {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    fn ask(&self, question: MessageId, prompt: &str) {
        let asked = Question { question, answer: self.new_id(), prompt: prompt.to_owned() };
        let (question, answer) = (asked.question, asked.answer);
        self.outbox.tell(ChatNews::Asked {
            question,
            answer,
            text: prompt.to_owned(),
            at: Timestamp::now(),
        });
        if self.requests.try_send(ChatRequest::Ask(asked)).is_err() {
            let end = AskEnd::Failed(BUSY.to_owned());
            self.outbox.tell(ChatNews::Ended { question, answer, end });
        }
    }

    fn wish(&self, request: ChatRequest) {
        if self.requests.try_send(request).is_err() {
            let why = "The service is still busy with earlier wishes, try again in a moment";
            self.outbox.tell(ChatNews::Task(TaskNews::Problem(Some(why.to_owned()))));
        }
    }
}

impl Drop for ChatHandle {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

struct ChatActor {
    access: watch::Receiver<ChatAccess>,
    requests: mpsc::Receiver<ChatRequest>,
    outbox: Outbox,
}

impl ChatActor {
    async fn run(mut self) {
        let mut jobs = FuturesUnordered::<BoxFuture<'static, JobEnd>>::new();
        let mut answering: Option<CancellationToken> = None;
        let mut task: Option<Arc<TaskControl>> = None;
        loop {
            let request = tokio::select! {
                Some(done) = jobs.next() => {
                    if done == JobEnd::Asked {
                        answering = None;
                    }
                    continue;
                }
                request = self.requests.recv() => match request {
                    Some(request) => request,
                    None => return,
                },
            };
            let access = self.access.borrow().clone();
            match request {
                ChatRequest::Ask(question) => match (&access.messages, &answering) {
                    (Some((client, path)), None) => {
                        let cancel = CancellationToken::new();
                        answering = Some(cancel.clone());
                        let (client, path) = (client.clone(), path.clone());
                        let outbox = self.outbox.clone();
                        jobs.push(Box::pin(async move {
                            question.ask(&client, &path, &cancel, &outbox).await;
                            JobEnd::Asked
                        }));
                    }
                    (_, busy) => {
                        let why = match busy {
                            Some(_) => BUSY,
                            None => "Nobody answers questions about this session",
                        };
                        question.failed(why, &self.outbox);
                    }
                },
                ChatRequest::Stop => {
                    if let Some(cancel) = &answering {
                        cancel.cancel();
                    }
                }
                ChatRequest::Start(instruction) => {
                    let is_running = task.as_ref().is_some_and(|task| !task.is_over());
                    match &access.tasks {
                        Some((client, computer_id)) if !is_running => {
                            let control = Arc::new(TaskControl::new(
                                client.clone(),
                                computer_id.clone(),
                                self.outbox.clone(),
                            ));
                            task = Some(control.clone());
                            jobs.push(Box::pin(async move {
                                control.follow(&instruction).await;
                                JobEnd::Other
                            }));
                        }
                        Some(_) => self.problem("A task is running: wait for its end, or pause it"),
                        None => self.problem("This session takes no tasks"),
                    }
                }
                ChatRequest::Inject(text) => match &task {
                    Some(task) => {
                        let task = task.clone();
                        jobs.push(Box::pin(async move {
                            task.inject(&text).await;
                            JobEnd::Other
                        }));
                    }
                    None => self.problem("There is no task to tell that to"),
                },
                pausing @ (ChatRequest::Pause | ChatRequest::Resume) => {
                    let (word, state) = match pausing {
                        ChatRequest::Pause => ("pause", TaskState::Paused),
                        _ => ("resume", TaskState::Running),
                    };
                    match &task {
                        Some(task) => {
                            let task = task.clone();
                            jobs.push(Box::pin(async move {
                                task.change(word, state).await;
                                JobEnd::Other
                            }));
                        }
                        None => self.problem("There is no task"),
                    }
                }
            }
        }
    }

    fn problem(&self, why: &str) {
        self.outbox.tell(ChatNews::Task(TaskNews::Problem(Some(why.to_owned()))));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JobEnd {
    Asked,
    Other,
}
