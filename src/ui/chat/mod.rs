//! Shows the talk with a session's assistant: questions and answers, or a task and its steps.

mod composer;
mod markdown;
mod message;
mod sight;
mod task;
mod thread;

use egui::{Button, Frame, Margin, Panel, RichText, Ui};
use jiff::tz::TimeZone;

use self::composer::Composer;
use self::thread::ThreadUi;
use super::action::{Action, ChatAction};
use super::panel_io::PanelIo;
use super::state::OpenSession;

/// Everything that the panel remembers of one session.
#[derive(Debug)]
pub struct ChatUiState {
    zone: TimeZone,
    mode: ChatMode,
    question: Composer,
    instruction: Composer,
    thread: ThreadUi,
}

impl ChatUiState {
    /// Makes the memory of a chat that was not shown before.
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            mode: ChatMode::default(),
            question: Composer::default(),
            instruction: Composer::default(),
            thread: ThreadUi::default(),
        }
    }

    /// Puts the cursor into the field.
    pub(super) fn focus(&mut self) {
        match self.mode {
            ChatMode::Ask => self.question.focus(),
            ChatMode::Task => self.instruction.focus(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ChatMode {
    #[default]
    Ask,
    Task,
}

/// Draws the panel.
pub fn chat_panel_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    state: &mut ChatUiState,
) {
    let chat = &open.view.chat;
    let bare = Frame::new().inner_margin(Margin::symmetric(0, 2));
    if !chat.is_there() {
        Panel::bottom("chat composer").frame(bare).show(ui, |ui| {
            composer::draft_ui(ui, &mut state.question);
        });
        ui.weak("The session's assistant is being looked for");
        return;
    }
    match (chat.asks, chat.tasks) {
        (true, false) => state.mode = ChatMode::Ask,
        (false, _) => {
            state.mode = ChatMode::Task;
            state.instruction.inherit(&mut state.question);
        }
        (true, true) => (),
    }
    bar_ui(ui, io, open, state);
    match state.mode {
        ChatMode::Ask => {
            Panel::bottom("chat composer").frame(bare).show(ui, |ui| {
                composer::question_ui(ui, io, chat, &mut state.question, &mut state.thread);
            });
            thread::thread_ui(ui, io, open, &state.zone, &mut state.thread);
        }
        ChatMode::Task => {
            Panel::bottom("task composer").frame(bare).show(ui, |ui| {
                composer::instruction_ui(ui, io, chat, &mut state.instruction);
            });
            task::task_ui(ui, io, chat, &state.zone);
        }
    }
}

/// Draws what is being done, and what can be done with what was said.
fn bar_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, state: &mut ChatUiState) {
    let chat = &open.view.chat;
    if chat.asks {
        choices_ui(ui, io, open, state);
    }
    if chat.skipped > 0 {
        let lines = match chat.skipped {
            1 => "1 line could not be read and was skipped".to_owned(),
            lines => format!("{lines} lines could not be read and were skipped"),
        };
        ui.label(RichText::new(lines).small().weak());
    }
}

fn choices_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, state: &mut ChatUiState) {
    ui.horizontal(|ui| {
        if open.view.chat.tasks {
            for (mode, name, help) in [
                (ChatMode::Ask, "Ask", "Ask about the session"),
                (ChatMode::Task, "Task", "Let the assistant drive the session"),
            ] {
                let chosen = state.mode == mode;
                let tab = ui.add(Button::selectable(chosen, name)).on_hover_text(help);
                if tab.clicked() {
                    state.mode = mode;
                }
            }
        }
        if state.mode == ChatMode::Ask {
            history_menu_ui(ui, io, open);
        }
    });
}

fn history_menu_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession) {
    let chat = &open.view.chat;
    ui.menu_button("History", |ui| {
        let mut keep = io.state.settings.keep_chats;
        let kept = ui
            .checkbox(&mut keep, "Keep chats on this computer")
            .on_hover_text("What is said in chats is written to files that only you can read");
        if kept.changed() {
            io.act(Action::Chat(ChatAction::Keep(keep)));
        }
        let has_any = !chat.messages().is_empty();
        let forget = ui
            .add_enabled(has_any, Button::new("Forget this chat"))
            .on_hover_text("Removes what was said here, also from this computer");
        if forget.clicked() {
            io.act(Action::Chat(ChatAction::Forget));
            ui.close();
        }
    });
}
