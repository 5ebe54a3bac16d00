//! Draws the field at the bottom: Enter sends, Shift+Enter makes a new line.

use egui::{
    Align, Event, Key, KeyboardShortcut, Layout, Modifiers, Response, RichText, Role, ScrollArea,
    TextEdit, Ui, WidgetInfo, vec2,
};

use super::thread::ThreadUi;
use crate::model::chat::Chat;
use crate::ui::action::{Action, ChatAction};
use crate::ui::panel_io::PanelIo;
use crate::ui::widgets::primary_button;

/// A message has at most this many characters; the service has its own limit in bytes.
const MAX_CHARS: usize = 30_000;
const MAX_ROWS: f32 = 8.0;
/// In a panel lower than this, in points, the messages need the room.
const LOW: f32 = 260.0;
const NEW_LINE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter);

/// The text that is being typed.
#[derive(Debug, Default)]
pub(super) struct Composer {
    text: String,
    wants_focus: bool,
}

/// Tells what the button beside the field does.
struct Sending<'a> {
    name: &'a str,
    hint: &'a str,
    button: &'a str,
    /// Why nothing can be sent now.
    waits: Option<&'a str>,
}

/// Draws the field while it is not known yet who answers: what is typed by then is kept for them.
pub(super) fn draft_ui(ui: &mut Ui, composer: &mut Composer) {
    let sending = Sending {
        name: "Question to come",
        hint: "Ask about this session",
        button: "Send",
        waits: Some("The session's assistant is being looked for"),
    };
    composer.ui(ui, &sending, |_| ());
}

pub(super) fn question_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    chat: &Chat,
    composer: &mut Composer,
    thread: &mut ThreadUi,
) {
    let is_busy = chat.is_busy();
    let sending = Sending {
        name: "Question",
        hint: "Ask about this session",
        button: "Send",
        waits: is_busy.then_some("An answer is coming"),
    };
    let sent = composer.ui(ui, &sending, |ui| {
        let stop = is_busy.then(|| ui.button("Stop").on_hover_text("Stop the answer"));
        if stop.is_some_and(|stop| stop.clicked()) {
            io.actions.push(Action::Chat(ChatAction::Stop));
        }
    });
    if let Some(text) = sent {
        thread.show_next(chat);
        io.act(Action::Chat(ChatAction::Ask(text)));
    }
}

pub(super) fn instruction_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    chat: &Chat,
    composer: &mut Composer,
) {
    let task = chat.task.as_ref().filter(|task| !task.state.is_over());
    let sending = match task {
        Some(task) => Sending {
            name: "Message to the task",
            hint: "Tell the assistant something",
            button: "Tell",
            waits: task.id.is_none().then_some("The task is being started"),
        },
        None => Sending {
            name: "Task",
            hint: "What should be done in this session?",
            button: "Start",
            waits: None,
        },
    };
    if let Some(text) = composer.ui(ui, &sending, |_| ()) {
        io.act(Action::Chat(match task {
            Some(_) => ChatAction::Tell(text),
            None => ChatAction::StartTask(text),
        }));
    }
}

impl Composer {
    /// Puts the cursor into the field as soon as that is drawn.
    pub(super) fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Takes what was typed into another field that is no longer shown, and the cursor with it.
    pub(super) fn inherit(&mut self, other: &mut Self) {
        if self.text.is_empty() && !other.text.is_empty() {
            std::mem::swap(&mut self.text, &mut other.text);
            self.wants_focus = true;
        }
        self.wants_focus |= std::mem::take(&mut other.wants_focus);
    }

    /// Draws the field and its button, and returns the text that is to be sent, if any.
    fn ui(
        &mut self,
        ui: &mut Ui,
        sending: &Sending<'_>,
        beside: impl FnOnce(&mut Ui),
    ) -> Option<String> {
        ui.add_space(4.0);
        let (field, pressed) = if ui.available_height() < LOW {
            // The button stands beside the field, because there is no room below it.
            let layout = Layout::right_to_left(Align::Center);
            let size = vec2(ui.available_width(), ui.spacing().interact_size.y);
            ui.allocate_ui_with_layout(size, layout, |ui| {
                let pressed = self.button_ui(ui, sending);
                beside(ui);
                let layout = Layout::top_down(Align::Min);
                let room = vec2(ui.available_width(), size.y);
                let field =
                    ui.allocate_ui_with_layout(room, layout, |ui| self.field_ui(ui, sending, 1));
                (field.inner, pressed)
            })
            .inner
        } else {
            let field = self.field_ui(ui, sending, 2);
            let row = ui.horizontal(|ui| {
                ui.label(RichText::new("Shift+Enter for a new line").small().weak());
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let pressed = self.button_ui(ui, sending);
                    beside(ui);
                    pressed
                })
                .inner
            });
            (field, row.inner)
        };
        if std::mem::take(&mut self.wants_focus) {
            field.request_focus();
        }
        let can_send = self.can_send(sending);
        let entered = field.has_focus() && ui.input(|i| i.events.iter().any(is_plain_enter));
        ui.add_space(2.0);
        if !(can_send && (entered || pressed)) {
            return None;
        }
        field.request_focus();
        Some(std::mem::take(&mut self.text).trim().to_owned())
    }

    fn can_send(&self, sending: &Sending<'_>) -> bool {
        sending.waits.is_none() && !self.text.trim().is_empty()
    }

    fn field_ui(&mut self, ui: &mut Ui, sending: &Sending<'_>, rows: usize) -> Response {
        let row = ui.text_style_height(&egui::TextStyle::Body);
        ScrollArea::vertical()
            .id_salt("composer")
            .min_scrolled_height(0.0)
            .max_height(row * MAX_ROWS)
            .show(ui, |ui| {
                // The field has an id of its own, or it would lose the keyboard whenever something appears above it.
                let field = TextEdit::multiline(&mut self.text)
                    .id_salt("field")
                    .hint_text(sending.hint)
                    .desired_rows(rows)
                    .desired_width(f32::INFINITY)
                    .char_limit(MAX_CHARS)
                    .return_key(NEW_LINE);
                let field = ui.add(field);
                field.widget_info(|| {
                    let mut info =
                        WidgetInfo::text_edit(ui.is_enabled(), "", &self.text, sending.hint);
                    info.label = Some(sending.name.to_owned());
                    info.role = Role::MultilineTextInput;
                    info
                });
                field
            })
            .inner
    }

    /// Draws the button, and returns whether it was pressed.
    fn button_ui(&self, ui: &mut Ui, sending: &Sending<'_>) -> bool {
        let button = primary_button(ui, RichText::new(sending.button));
        ui.add_enabled(self.can_send(sending), button)
            .on_hover_text("Enter")
            .on_disabled_hover_text(sending.waits.unwrap_or("Write something first"))
            .clicked()
    }
}

/// Tells whether this is Enter alone, because egui's own matching of keys would take Shift+Enter for Enter.
fn is_plain_enter(event: &Event) -> bool {
    matches!(event, Event::Key { key: Key::Enter, pressed: true, modifiers, .. } if modifiers.is_none())
}
