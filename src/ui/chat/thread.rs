//! Draws what was said, oldest first. The list follows its end unless the user scrolled up, and only what is in sight
//! is laid out.

use std::collections::BTreeMap;

use egui::style::ScrollAnimation;
use egui::{Align, RichText, ScrollArea, Ui};
use jiff::tz::TimeZone;

use super::message::{MessageUi, message_ui};
use crate::model::chat::{Chat, MessageId};
use crate::ui::action::{Action, ChatAction};
use crate::ui::panel_io::PanelIo;
use crate::ui::state::OpenSession;
use crate::ui::widgets::empty_state;

/// These questions are offered where nothing was said yet.
const EXAMPLES: [&str; 3] =
    ["What is this session showing?", "Which tabs are open?", "What happened last?"];
const GAP: f32 = 10.0;
/// Where there is less height than this, in points, the examples stand alone.
const LOW: f32 = 150.0;

/// What the list of messages keeps from pass to pass.
#[derive(Debug, Default)]
pub(super) struct ThreadUi {
    messages: BTreeMap<MessageId, MessageUi>,
    /// The revision of the chat that `messages` was tidied for.
    tidied: u64,
    /// The end is shown as soon as the messages are no longer of this revision.
    show_end: Option<u64>,
}

impl ThreadUi {
    /// Shows the message that is being sent, wherever the user had scrolled.
    pub(super) fn show_next(&mut self, chat: &Chat) {
        self.show_end = Some(chat.revision());
    }
}

pub(super) fn thread_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    zone: &TimeZone,
    state: &mut ThreadUi,
) {
    let chat = &open.view.chat;
    if chat.messages().is_empty() {
        return empty_ui(ui, io);
    }
    if state.tidied != chat.revision() {
        state.tidied = chat.revision();
        state.messages.retain(|id, _| chat.message(*id).is_some());
    }
    let show_end = state.show_end.take_if(|since| *since != chat.revision()).is_some();
    ScrollArea::vertical()
        .id_salt("chat")
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .stick_to_bottom(true)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            if chat.dropped > 0 {
                let words = format!("{} older messages are no longer here", chat.dropped);
                ui.label(RichText::new(words).small().weak());
            }
            for message in chat.messages() {
                let remembered = state.messages.entry(message.id).or_default();
                let mut place = remembered.place(message);
                place.ui(ui, |ui| message_ui(ui, io, message, zone, remembered));
                remembered.drawn(place);
                ui.add_space(GAP);
            }
            if show_end {
                // The list moves at once, because it would miss what comes in while it moves and no longer follow its
                // end.
                ui.scroll_to_cursor_animation(Some(Align::BOTTOM), ScrollAnimation::none());
            }
        });
}

fn empty_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let text = "Answers come from the session's assistant";
    let examples = |ui: &mut Ui| {
        let mut asked = None;
        for example in EXAMPLES {
            if ui.button(example).clicked() {
                asked = Some(example);
            }
            ui.add_space(2.0);
        }
        asked
    };
    let is_low = ui.available_height() < LOW;
    let area = ScrollArea::vertical().id_salt("chat").auto_shrink(false).min_scrolled_height(0.0);
    let asked = area
        .show(ui, |ui| match is_low {
            true => ui.horizontal_wrapped(examples).inner,
            false => empty_state(ui, "Ask about this session", text, examples),
        })
        .inner;
    if let Some(example) = asked {
        io.act(Action::Chat(ChatAction::Ask(example.to_owned())));
    }
}
