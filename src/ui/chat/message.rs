//! Draws one message: who said it, what, and how it stands.

use egui::{Align, Frame, Layout, Margin, RichText, Ui, WidgetInfo};
use jiff::tz::TimeZone;

use super::markdown::{Document, document_ui};
use super::sight::DrawnSize;
use crate::model::chat::{Message, MessageState, Role};
use crate::ui::action::{Action, ChatAction};
use crate::ui::panel_io::PanelIo;
use crate::ui::theme::Colors;

/// Everything that is remembered of a message from pass to pass.
#[derive(Debug, Default)]
pub(super) struct MessageUi {
    document: Document,
    place: DrawnSize,
    /// The text's length in bytes and the message's state when `place` was measured.
    of: Option<(usize, MessageState)>,
}

impl MessageUi {
    /// Returns the place of `message`, which is forgotten where it has changed since it was drawn.
    pub(super) fn place(&mut self, message: &Message) -> DrawnSize {
        let is_same = self
            .of
            .as_ref()
            .is_some_and(|(bytes, state)| *bytes == message.text.len() && *state == message.state);
        if !is_same {
            self.of = Some((message.text.len(), message.state.clone()));
            self.place.forget();
        }
        self.place
    }

    pub(super) fn drawn(&mut self, place: DrawnSize) {
        self.place = place;
    }
}

pub(super) fn message_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    message: &Message,
    zone: &TimeZone,
    remembered: &mut MessageUi,
) {
    let colors = Colors::of(ui.ctx());
    let (who, fill) = match message.role {
        Role::User => ("You", colors.raised),
        Role::Assistant => ("Assistant", colors.ground),
    };
    let margin = match message.role {
        Role::User => Margin::symmetric(8, 6),
        Role::Assistant => Margin::symmetric(2, 2),
    };
    Frame::new().fill(fill).corner_radius(6).inner_margin(margin).show(ui, |ui| {
        ui.set_width(ui.available_width());
        head_ui(ui, io, message, zone, who);
        match message.role {
            // Text that a person typed is not taken for Markdown.
            Role::User => {
                ui.add(egui::Label::new(message.text.as_str()).wrap().selectable(true));
            }
            Role::Assistant => {
                remembered.document.read(&message.text);
                document_ui(ui, message.id, &mut remembered.document);
            }
        }
        state_ui(ui, io, message);
    });
}

fn head_ui(ui: &mut Ui, io: &mut PanelIo<'_>, message: &Message, zone: &TimeZone, who: &str) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(who).small().strong());
        let at = message.at.to_zoned(zone.clone());
        ui.label(RichText::new(at.strftime("%H:%M").to_string()).small().weak());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if message.text.is_empty() {
                return;
            }
            let copy = ui.small_button("Copy");
            copy.widget_info(|| {
                let name = match message.role {
                    Role::User => "Copy question",
                    Role::Assistant => "Copy answer",
                };
                WidgetInfo::labeled(egui::Role::Button, true, name)
            });
            if copy.clicked() {
                io.act(Action::Copy(message.text.clone()));
            }
        });
    });
}

fn state_ui(ui: &mut Ui, io: &mut PanelIo<'_>, message: &Message) {
    let colors = Colors::of(ui.ctx());
    let (words, color) = match (&message.state, message.role) {
        (MessageState::Done, _) => return,
        (MessageState::Sending, _) => ("Sending".to_owned(), colors.weak),
        (MessageState::Streaming, _) if message.text.is_empty() => {
            ("Waiting for the answer".to_owned(), colors.weak)
        }
        (MessageState::Streaming, _) => ("Answering".to_owned(), colors.weak),
        (MessageState::Failed(why), Role::User) => (format!("Not sent: {why}"), colors.error),
        (MessageState::Failed(why), Role::Assistant) => (why.clone(), colors.error),
        (MessageState::Stopped, _) => ("Stopped".to_owned(), colors.weak),
        (MessageState::Unfinished, _) => {
            ("The answer ended without being marked as complete".to_owned(), colors.stalled)
        }
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(words).small().color(color));
        if message.can_be_retried() && ui.small_button("Ask again").clicked() {
            io.act(Action::Chat(ChatAction::Retry(message.id)));
        }
    });
}
