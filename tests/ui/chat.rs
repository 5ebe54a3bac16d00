//! The chat panel by accessible name: questions, answers, what went wrong, and tasks.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;
use helmsight::model::chat::{
    AskEnd, ChatNews, MessageId, StepKind, TaskNews, TaskState, TaskStep,
};
use helmsight::settings::SidePanel;
use helmsight::ui::Action;
use helmsight::ui::action::ChatAction;
use jiff::Timestamp;

use crate::stage::{ROOMY, Window, asked, press, type_into, watching};

fn at() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().expect("a time")
}

/// A window with the chat of a session that answers, and takes tasks or not.
fn chatting(tasks: bool) -> Window {
    let mut window = watching(ROOMY);
    let stage = window.state_mut();
    stage.window.side = SidePanel::Chat;
    stage.window.show_side = true;
    tell(&mut window, [ChatNews::Opened { asks: true, tasks }]);
    window
}

fn tell(window: &mut Window, news: impl IntoIterator<Item = ChatNews>) {
    for news in news {
        window.state_mut().state.open[0].view.chat.apply(news);
    }
    window.run();
}

fn question(id: MessageId, text: &str) -> ChatNews {
    ChatNews::Asked { question: id, answer: id + 1, text: text.to_owned(), at: at() }
}

fn answer(id: MessageId, text: &str) -> [ChatNews; 2] {
    let text = text.to_owned();
    [ChatNews::Taken { question: id }, ChatNews::Text { answer: id + 1, text }]
}

fn ended(id: MessageId, end: AskEnd) -> ChatNews {
    ChatNews::Ended { question: id, answer: id + 1, end }
}

fn chats(window: &mut Window) -> Vec<ChatAction> {
    asked(window)
        .into_iter()
        .filter_map(|action| match action {
            Action::Chat(action) => Some(action),
            _ => None,
        })
        .collect()
}

fn ask(text: &str) -> ChatAction {
    ChatAction::Ask(text.to_owned())
}

#[test]
fn an_empty_chat_offers_questions() {
    let mut window = chatting(false);
    press(&mut window, "Which tabs are open?");
    assert_eq!(chats(&mut window), [ask("Which tabs are open?")]);
    assert!(window.query_by_label("Task").is_none(), "there are no tasks");
}

#[test]
fn enter_sends_and_shift_enter_makes_a_line() {
    let mut window = chatting(false);
    type_into(&mut window, "Question", "One");
    window.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    window.run();
    window.get_by_label("Question").type_text("two");
    window.run();
    assert!(chats(&mut window).is_empty());
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(chats(&mut window), [ask("One\ntwo")]);
    // The field is empty, and has the keyboard still.
    window.key_press(Key::Enter);
    window.run();
    assert!(chats(&mut window).is_empty());
    window.get_by_label("Question").type_text("three");
    window.run();
    press(&mut window, "Send");
    assert_eq!(chats(&mut window), [ask("three")]);
}

#[test]
fn what_appears_above_takes_no_keyboard_from_the_field() {
    let mut window = chatting(false);
    type_into(&mut window, "Question", "One");
    tell(&mut window, [ChatNews::Skipped(2)]);
    window.get_by_label("2 lines could not be read and were skipped");
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(chats(&mut window), [ask("One")]);
}

#[test]
fn an_answer_comes_in_and_can_be_stopped() {
    let mut window = chatting(false);
    tell(&mut window, [question(1, "What is it?")]);
    window.get_by_label("What is it?");
    window.get_by_label("Sending");
    tell(&mut window, answer(1, "It is a **page**"));
    window.get_by_label("It is a page");
    window.get_by_label("Answering");
    // What is written meanwhile waits.
    type_into(&mut window, "Question", "More");
    window.key_press(Key::Enter);
    window.run();
    assert!(chats(&mut window).is_empty());
    press(&mut window, "Stop");
    assert_eq!(chats(&mut window), [ChatAction::Stop]);
    tell(&mut window, [ended(1, AskEnd::Done)]);
    assert!(window.query_by_label("Stop").is_none());
    press(&mut window, "Copy answer");
    let copied = Action::Copy("It is a **page**".to_owned());
    assert!(asked(&mut window).contains(&copied));
}

#[test]
fn what_went_wrong_is_said_and_asked_again_on_demand() {
    let mut window = chatting(false);
    tell(
        &mut window,
        [question(1, "One"), ended(1, AskEnd::Failed("No network; try again".to_owned()))],
    );
    window.get_by_label("Not sent: No network; try again");
    press(&mut window, "Ask again");
    assert_eq!(chats(&mut window), [ChatAction::Retry(1)]);

    tell(&mut window, [ChatNews::Cleared, question(3, "Two")]);
    tell(&mut window, answer(3, "Half"));
    tell(&mut window, [ended(3, AskEnd::Unfinished), ChatNews::Skipped(2)]);
    window.get_by_label("The answer ended without being marked as complete");
    window.get_by_label("2 lines could not be read and were skipped");
    press(&mut window, "Ask again");
    assert_eq!(chats(&mut window), [ChatAction::Retry(4)]);
}

#[test]
fn history_is_kept_and_forgotten_by_choice() {
    let mut window = chatting(false);
    tell(&mut window, [question(1, "One")]);
    press(&mut window, "History");
    press(&mut window, "Keep chats on this computer");
    press(&mut window, "History");
    press(&mut window, "Forget this chat");
    assert_eq!(chats(&mut window), [ChatAction::Keep(true), ChatAction::Forget]);
}

#[test]
fn markdown_has_links_code_and_tables() {
    let mut window = chatting(false);
    tell(&mut window, [question(1, "One")]);
    let text = "# Title\n\n- [docs](https://docs.test/)\n\n```sh\nls\n```\n\n| a | b |\n|---|---|\n| c | d |";
    tell(&mut window, answer(1, text));
    for label in ["Title", "•", "ls", "sh", "c", "d"] {
        window.get_by_label(label);
    }
    window.get_by_role_and_label(Role::Link, "docs");
    press(&mut window, "Copy code");
}

#[test]
fn a_long_chat_follows_its_end() {
    let mut window = chatting(false);
    for id in 0..40 {
        tell(&mut window, [question(id * 2 + 1, &format!("Question {id}"))]);
        tell(&mut window, answer(id * 2 + 1, "Some words.\n\nAnd some more."));
        tell(&mut window, [ended(id * 2 + 1, AskEnd::Done)]);
    }
    window.get_by_label("Question 39");
    // Who has scrolled up is left there, until they ask something themselves.
    window.hover_at(egui::pos2(1100.0, 400.0));
    window.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: egui::vec2(0.0, 20.0),
        modifiers: Modifiers::NONE,
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
    });
    window.run();
    assert!(window.query_by_label("Question 39").is_none());
    tell(&mut window, [question(201, "From elsewhere")]);
    assert!(window.query_by_label("From elsewhere").is_none());
    tell(&mut window, [ended(201, AskEnd::Stopped)]);
    type_into(&mut window, "Question", "Mine");
    press(&mut window, "Send");
    tell(&mut window, [question(203, "Mine")]);
    window.get_by_label("Mine");
    tell(&mut window, answer(203, "The last word"));
    window.get_by_label("The last word");
    assert!(window.query_by_label("Question 2").is_none(), "only what is in sight is laid out");
}

#[test]
fn a_task_is_started_watched_and_steered() {
    let mut window = chatting(true);
    press(&mut window, "Task");
    window.get_by_label("Give the assistant a task");
    window.get_by_role_and_label(Role::MultilineTextInput, "Task").focus();
    window.run();
    window.get_by_role_and_label(Role::MultilineTextInput, "Task").type_text("Book a table");
    window.run();
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(chats(&mut window), [ChatAction::StartTask("Book a table".to_owned())]);

    let instruction = "Book a table".to_owned();
    let step = TaskStep { at: at(), kind: StepKind::Did, text: "click 1, 2".to_owned() };
    let news = [
        TaskNews::Started { instruction, at: at() },
        TaskNews::Named("t1".to_owned()),
        TaskNews::State(TaskState::Running),
        TaskNews::Step(step),
    ];
    tell(&mut window, news.map(ChatNews::Task));
    window.get_by_label("Running");
    window.get_by_label("click 1, 2");
    press(&mut window, "Pause");
    type_into(&mut window, "Message to the task", "For two");
    press(&mut window, "Tell");
    assert_eq!(chats(&mut window), [ChatAction::Pause, ChatAction::Tell("For two".to_owned())]);

    tell(&mut window, [ChatNews::Task(TaskNews::State(TaskState::Paused))]);
    press(&mut window, "Resume");
    assert_eq!(chats(&mut window), [ChatAction::Resume]);
    let problem = TaskNews::Problem(Some("Could not resume the task: No".to_owned()));
    tell(&mut window, [ChatNews::Task(problem), ChatNews::Task(TaskNews::State(TaskState::Done))]);
    window.get_by_label("Could not resume the task: No");
    window.get_by_label("Done");
    window.get_by_role_and_label(Role::MultilineTextInput, "Task");
}
