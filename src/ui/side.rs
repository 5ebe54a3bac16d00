//! The panel beside the picture: the log, and what else there is to a session, one at a time.

use egui::{Button, ScrollArea, Ui, vec2};
use strum::IntoEnumIterator as _;

use super::chat::{ChatUiState, chat_panel_ui};
use super::command::Command;
use super::log::{LogUiState, log_panel_ui};
use super::objects::{ObjectsUiState, objects_panel_ui};
use super::panel_io::PanelIo;
use super::people::{PeopleUiState, people_panel_ui};
use super::state::OpenSession;
use super::widgets::with_command_tooltip;
use crate::model::ObjectChoices;

/// Points of height that people need to be of use.
const LEAST: f32 = 260.0;
/// The same for the chat, whose field is to be in sight.
const CHAT_LEAST: f32 = 100.0;

/// What is in the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumIter)]
pub enum Side {
    #[default]
    Log,
    Chat,
    People,
    /// What a detector found.
    Objects,
}

/// What the panel remembers of one session.
pub struct SideUi {
    pub log: LogUiState,
    pub chat: ChatUiState,
    pub people: PeopleUiState,
    pub objects: ObjectsUiState,
}

impl Side {
    pub fn title(self) -> &'static str {
        match self {
            Self::Log => "Log",
            Self::Chat => "Chat",
            Self::People => "People",
            Self::Objects => "Objects",
        }
    }

    /// Shows it, or hides the panel where it is what is shown.
    pub fn command(self) -> Command {
        match self {
            Self::Log => Command::ToggleLog,
            Self::Chat => Command::ToggleChat,
            Self::People => Command::TogglePeople,
            Self::Objects => Command::ToggleObjects,
        }
    }

    /// Whether `open` has anything to show there.
    pub fn is_in(self, open: &OpenSession) -> bool {
        let can = open.view.capabilities;
        match self {
            Self::Log => true,
            Self::Chat => can.chat || open.view.chat.is_there(),
            Self::People => can.people,
            Self::Objects => can.detections,
        }
    }

    /// What is shown of `open` where this is wanted: the log where it has no such thing.
    pub fn shown_of(self, open: &OpenSession) -> Self {
        if self.is_in(open) { self } else { Self::Log }
    }
}

/// `wanted` is shown where the session has it, else the log.
pub fn side_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    wanted: Side,
    state: &mut SideUi,
    objects: &mut ObjectChoices,
) {
    let shown = wanted.shown_of(open);
    if Side::iter().filter(|side| side.is_in(open)).count() > 1 {
        choice_ui(ui, io, open, shown);
    }
    match shown {
        Side::Log => log_panel_ui(ui, &open.view.log, &mut state.log, io.bindings, io.actions),
        Side::Chat => roomy(ui, CHAT_LEAST, |ui| {
            chat_panel_ui(ui, io, open, &mut state.chat);
        }),
        Side::People => roomy(ui, LEAST, |ui| {
            people_panel_ui(ui, io, open, &mut state.people);
        }),
        Side::Objects => objects_panel_ui(ui, io, open, &mut state.objects, objects),
    }
}

/// In a small window `content` scrolls as a whole: its parts would lie over each other.
fn roomy(ui: &mut Ui, least: f32, content: impl FnOnce(&mut Ui)) {
    let room = ui.available_size();
    if room.y >= least {
        return content(ui);
    }
    ScrollArea::vertical()
        .id_salt("side")
        .auto_shrink(false)
        // Else it would push the tabs above it out of the panel.
        .min_scrolled_height(0.0)
        .show(ui, |ui| {
            let size = vec2(ui.available_width(), least);
            ui.allocate_ui(size, content);
        });
}

fn choice_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, shown: Side) {
    ui.horizontal(|ui| {
        for side in Side::iter().filter(|side| side.is_in(open)) {
            let tab = ui.add(Button::selectable(side == shown, side.title()));
            let tab = with_command_tooltip(tab, side.command(), io.bindings);
            if tab.clicked() && side != shown {
                io.run(side.command());
            }
        }
    });
    if ui.available_height() >= LEAST {
        ui.separator();
    }
}
