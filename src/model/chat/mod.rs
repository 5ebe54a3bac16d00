//! Folds the talk with a session's assistant: questions, answers, and the task that it may be given.

mod task;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use task::{StepKind, Task, TaskNews, TaskState, TaskStep};

/// So many messages are kept; older ones are dropped and counted.
pub const MAX_MESSAGES: usize = 400;
/// The messages' texts may have so many bytes together.
const MAX_BYTES: usize = 16 << 20;

/// Number of a message within its chat. A larger one is newer.
pub type MessageId = u64;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The user asks.
    User,
    /// The assistant answers.
    Assistant,
}

/// How a message stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state", content = "why")]
pub enum MessageState {
    /// The question is on its way.
    Sending,
    /// The answer is coming in.
    Streaming,
    /// The question was taken, or the answer is complete.
    Done,
    /// The exchange failed; the text is one plain sentence.
    Failed(String),
    /// The user stopped it.
    Stopped,
    /// The answer ended without saying that it is complete.
    Unfinished,
}

/// One question or one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The message's number within its chat.
    pub id: MessageId,
    /// Who says it.
    pub role: Role,
    /// What is said, safe to show; an answer is Markdown.
    pub text: String,
    /// How it stands.
    #[serde(flatten)]
    pub state: MessageState,
    /// When the question was asked.
    pub at: Timestamp,
}

/// How the exchange of one question ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskEnd {
    /// The answer is complete.
    Done,
    /// The answer ended without saying that it is complete.
    Unfinished,
    /// The user stopped it.
    Stopped,
    /// It failed; the text is one plain sentence.
    Failed(String),
}

/// What a session's service says about chats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatOffer {
    /// Where questions go: a path below the service's root, or a URL. `None` where the service takes none.
    pub messages: Option<String>,
    /// Whether tasks can be started on the session.
    pub tasks: bool,
}

/// News of a chat, which [`Chat::apply`] folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatNews {
    /// The service tells what it offers.
    Offered(ChatOffer),
    /// The chat can be used from now on.
    Opened {
        /// Whether questions are answered.
        asks: bool,
        /// Whether tasks can be started.
        tasks: bool,
    },
    /// A question is asked. It is shown before it is sent; one that is known already is asked again.
    Asked {
        /// Number of the question.
        question: MessageId,
        /// Number that its answer gets.
        answer: MessageId,
        /// The question's text.
        text: String,
        /// When it is asked.
        at: Timestamp,
    },
    /// The service has taken the question.
    Taken {
        /// Number of the question.
        question: MessageId,
    },
    /// More of an answer came in.
    Text {
        /// Number of the answer.
        answer: MessageId,
        /// What is added to the answer.
        text: String,
    },
    /// The exchange of a question ended.
    Ended {
        /// Number of the question.
        question: MessageId,
        /// Number of its answer.
        answer: MessageId,
        /// How it ended.
        end: AskEnd,
    },
    /// So many lines of an answer could not be read.
    Skipped(u64),
    /// The user removed all messages.
    Cleared,
    /// Something is new about the task.
    Task(TaskNews),
}

/// The chat of one session, as a fold over its news.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chat {
    /// What the service offers; `None` until it has told.
    pub offer: Option<ChatOffer>,
    /// Whether questions are answered.
    pub asks: bool,
    /// Whether tasks can be started.
    pub tasks: bool,
    messages: Vec<Message>,
    /// The number of lines of answers that could not be read.
    pub skipped: u64,
    /// The number of messages that made room for newer ones.
    pub dropped: usize,
    /// The task that was started last.
    pub task: Option<Task>,
    /// This number grows with every change of the messages.
    revision: u64,
}

impl Chat {
    /// Returns the messages, oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Returns the message of this number, if it is kept.
    pub fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// Returns a number that grows with every change of the messages.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Tells whether there is anything to chat with.
    pub fn is_there(&self) -> bool {
        self.asks || self.tasks
    }

    /// Tells whether a question is on its way or an answer is coming in.
    pub fn is_busy(&self) -> bool {
        self.messages.iter().any(Message::is_under_way)
    }

    /// Returns the question that `id` is, or that `id` answers.
    pub fn question_of(&self, id: MessageId) -> Option<&Message> {
        let at = self.messages.iter().position(|message| message.id == id)?;
        self.messages[..=at].iter().rfind(|message| message.role == Role::User)
    }

    /// Puts back the messages of an earlier run. What was under way then never came to an end.
    pub fn restore(&mut self, messages: Vec<Message>) {
        self.messages = messages;
        for message in self.messages.iter_mut().filter(|m| m.is_under_way()) {
            message.state = match message.role {
                Role::User => MessageState::Stopped,
                Role::Assistant => MessageState::Unfinished,
            };
        }
        self.trim();
        self.revision += 1;
    }

    /// Folds one piece of news.
    pub fn apply(&mut self, news: ChatNews) {
        match news {
            ChatNews::Offered(offer) => self.offer = Some(offer),
            ChatNews::Opened { asks, tasks } => (self.asks, self.tasks) = (asks, tasks),
            ChatNews::Skipped(lines) => self.skipped += lines,
            ChatNews::Task(news) => task::apply(&mut self.task, news),
            ChatNews::Asked { question, answer, text, at } => {
                self.asked(question, answer, text, at)
            }
            ChatNews::Taken { question } => self.set_state(question, MessageState::Done),
            ChatNews::Text { answer, text } => {
                if let Some(message) = self.find(answer) {
                    message.text.push_str(&text);
                    message.state = MessageState::Streaming;
                }
                self.revision += 1;
            }
            ChatNews::Ended { question, answer, end } => self.ended(question, answer, end),
            ChatNews::Cleared => {
                self.messages.clear();
                (self.skipped, self.dropped) = (0, 0);
                self.revision += 1;
            }
        }
    }

    fn asked(&mut self, question: MessageId, answer: MessageId, text: String, at: Timestamp) {
        let message = |id, role, text, state| Message { id, role, text, state, at };
        let place = message(answer, Role::Assistant, String::new(), MessageState::Streaming);
        match self.messages.iter().position(|known| known.id == question) {
            Some(known) => {
                self.messages[known].state = MessageState::Sending;
                let next = known + 1;
                if self.messages.get(next).is_some_and(|m| m.role == Role::Assistant) {
                    self.messages.remove(next);
                }
                self.messages.insert(next, place);
            }
            None => {
                self.messages.push(message(question, Role::User, text, MessageState::Sending));
                self.messages.push(place);
            }
        }
        self.trim();
        self.revision += 1;
    }

    fn ended(&mut self, question: MessageId, answer: MessageId, end: AskEnd) {
        let state = match end {
            AskEnd::Done => MessageState::Done,
            AskEnd::Unfinished => MessageState::Unfinished,
            AskEnd::Stopped => MessageState::Stopped,
            AskEnd::Failed(why) => MessageState::Failed(why),
        };
        let was_taken =
            self.message(question).is_none_or(|message| message.state != MessageState::Sending);
        if was_taken {
            self.set_state(answer, state);
        } else {
            // The question was never taken, so there is no answer to show.
            self.set_state(question, state);
            self.messages.retain(|message| message.id != answer);
        }
        self.trim();
        self.revision += 1;
    }

    fn set_state(&mut self, id: MessageId, state: MessageState) {
        if let Some(message) = self.find(id) {
            message.state = state;
        }
        self.revision += 1;
    }

    fn find(&mut self, id: MessageId) -> Option<&mut Message> {
        // The message that changes is almost always the last.
        self.messages.iter_mut().rfind(|message| message.id == id)
    }

    fn trim(&mut self) {
        let mut bytes: usize = self.messages.iter().map(|message| message.text.len()).sum();
        let mut excess = 0;
        for message in &self.messages {
            let left = self.messages.len() - excess;
            if left <= 2 || (left <= MAX_MESSAGES && bytes <= MAX_BYTES) {
                break;
            }
            bytes -= message.text.len();
            excess += 1;
        }
        self.messages.drain(..excess);
        self.dropped += excess;
    }
}

impl Message {
    /// Tells whether the message is being sent or is coming in.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, MessageState::Sending | MessageState::Streaming)
    }

    /// Tells whether it may be worth while to ask again.
    pub fn can_be_retried(&self) -> bool {
        match self.state {
            MessageState::Failed(_) | MessageState::Stopped => true,
            MessageState::Unfinished => self.role == Role::Assistant,
            MessageState::Sending | MessageState::Streaming | MessageState::Done => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: u64, text: &str) -> ChatNews {
        ChatNews::Asked {
            question,
            answer: question + 1,
            text: text.to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn text(answer: u64, text: &str) -> ChatNews {
        let text = text.to_owned();
        ChatNews::Text { answer, text }
    }

    fn ended(question: u64, end: AskEnd) -> ChatNews {
        ChatNews::Ended { question, answer: question + 1, end }
    }

    fn failed() -> AskEnd {
        AskEnd::Failed("No".to_owned())
    }

    /// Returns the messages in short: "?" marks a question and "!" an answer, and the state follows the text.
    fn told(news: impl IntoIterator<Item = ChatNews>) -> Vec<String> {
        let mut chat = Chat::default();
        for news in news {
            chat.apply(news);
        }
        let tell = |message: &Message| {
            let mark = match message.role {
                Role::User => '?',
                Role::Assistant => '!',
            };
            let state = match &message.state {
                MessageState::Failed(why) => why.clone(),
                state => format!("{state:?}").to_lowercase(),
            };
            format!("{mark}{} {state}", message.text)
        };
        chat.messages().iter().map(tell).collect()
    }

    #[test]
    fn exchanges_end_as_they_ended() {
        let taken = ChatNews::Taken { question: 1 };
        for (news, expected) in [
            (vec![asked(1, "a")], vec!["?a sending", "! streaming"]),
            (vec![asked(1, "a"), taken.clone()], vec!["?a done", "! streaming"]),
            (
                vec![
                    asked(1, "a"),
                    taken.clone(),
                    text(2, "x"),
                    text(2, "y"),
                    ended(1, AskEnd::Done),
                ],
                vec!["?a done", "!xy done"],
            ),
            (vec![asked(1, "a"), ended(1, failed())], vec!["?a No"]),
            (vec![asked(1, "a"), ended(1, AskEnd::Stopped)], vec!["?a stopped"]),
            (
                vec![asked(1, "a"), taken.clone(), text(2, "x"), ended(1, AskEnd::Unfinished)],
                vec!["?a done", "!x unfinished"],
            ),
            (
                vec![asked(1, "a"), taken.clone(), text(2, "x"), ended(1, failed())],
                vec!["?a done", "!x No"],
            ),
            (vec![asked(1, "a"), ChatNews::Cleared, text(2, "late")], vec![]),
        ] {
            assert_eq!(told(news.clone()), expected, "{news:?}");
        }
    }

    #[test]
    fn asking_again_takes_the_place_of_what_failed() {
        let again = |question, answer| ChatNews::Asked {
            question,
            answer,
            text: String::new(),
            at: Timestamp::UNIX_EPOCH,
        };
        let taken = ChatNews::Taken { question: 1 };
        let news = [asked(1, "a"), ended(1, failed()), asked(3, "b"), again(1, 5)];
        assert_eq!(told(news), ["?a sending", "! streaming", "?b sending", "! streaming"]);
        let news =
            [asked(1, "a"), taken, text(2, "x"), ended(1, failed()), again(1, 5), text(5, "y")];
        assert_eq!(told(news), ["?a sending", "!y streaming"]);
    }

    #[test]
    fn the_question_of_an_answer_is_found() {
        let mut chat = Chat::default();
        for news in [asked(1, "a"), asked(3, "b")] {
            chat.apply(news);
        }
        let question = |id| chat.question_of(id).map(|message| message.text.as_str());
        assert_eq!(
            [1, 2, 3, 4, 9].map(question),
            [Some("a"), Some("a"), Some("b"), Some("b"), None]
        );
    }

    #[test]
    fn old_messages_make_room_and_are_counted() {
        let mut chat = Chat::default();
        for n in 0..300 {
            chat.apply(asked(n * 2 + 1, "q"));
        }
        assert_eq!((chat.messages().len(), chat.dropped), (MAX_MESSAGES, 200));
        let mut chat = Chat::default();
        let large = "x".repeat(MAX_BYTES / 2);
        for n in 0..4 {
            chat.apply(asked(n * 2 + 1, &large));
            chat.apply(ended(n * 2 + 1, AskEnd::Done));
        }
        assert!(chat.messages().iter().map(|m| m.text.len()).sum::<usize>() <= MAX_BYTES);
    }

    #[test]
    fn what_was_under_way_when_it_was_kept_has_no_end() {
        let mut chat = Chat::default();
        chat.apply(asked(1, "a"));
        let kept = serde_json::to_string(chat.messages()).unwrap();
        let mut again = Chat::default();
        again.restore(serde_json::from_str(&kept).unwrap());
        let states: Vec<_> = again.messages().iter().map(|m| m.state.clone()).collect();
        assert_eq!(states, [MessageState::Stopped, MessageState::Unfinished]);
        assert!(!again.is_busy());
    }
}
