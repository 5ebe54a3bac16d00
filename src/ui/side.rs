//! Draws the panel beside the picture, which shows the session's log, chat, people or another part, one at a time.

use egui::{Button, ScrollArea, Ui, vec2};
use jiff::tz::TimeZone;
use strum::IntoEnumIterator as _;

use super::chat::{ChatUiState, chat_panel_ui};
use super::command::Command;
use super::log::{LogChoices, LogUiState, log_panel_ui};
use super::objects::{ObjectsUiState, objects_panel_ui};
use super::panel_io::PanelIo;
use super::people::{PeopleUiState, people_panel_ui};
use super::state::OpenSession;
use super::widgets::with_command_tooltip;
use crate::model::ObjectChoices;
use crate::model::log::LogFilter;
use crate::settings::SidePanel;

/// Height in points below which a part of the panel is of no use and scrolls as a whole.
const LEAST: f32 = 260.0;
/// The same limit for the chat, whose field has to stay in sight.
const CHAT_LEAST: f32 = 100.0;

/// Everything that the panel remembers of one session.
pub struct SideUi {
    /// What the log's part keeps: its filter, focus and scrolled place.
    pub log: LogUiState,
    /// What the chat's part keeps: what is typed, and where the list of messages is scrolled to.
    pub chat: ChatUiState,
    /// What the people's part keeps: what is typed, and what was said and is not confirmed yet.
    pub people: PeopleUiState,
    /// What the objects' part keeps: the classes that were seen, and the one that is typed.
    pub objects: ObjectsUiState,
    wants_focus: bool,
}

impl SideUi {
    /// Makes the memory for a new session, whose log starts with `filter`.
    pub fn new(zone: TimeZone, filter: LogFilter) -> Self {
        Self {
            log: LogUiState::new(zone.clone(), filter),
            chat: ChatUiState::new(zone),
            people: PeopleUiState::default(),
            objects: ObjectsUiState::default(),
            wants_focus: false,
        }
    }

    /// Puts the cursor into the field of the part that is shown next.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    fn focus_part(&mut self, shown: SidePanel) {
        match shown {
            SidePanel::Log => self.log.focus_filter(),
            SidePanel::Chat => self.chat.focus(),
            SidePanel::People => self.people.focus(),
            SidePanel::Objects => self.objects.focus(),
        }
    }
}

/// Draws the panel. It shows `wanted` where the session has that, and the log otherwise.
pub fn side_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    wanted: SidePanel,
    state: &mut SideUi,
    objects: &mut ObjectChoices,
    log_choices: &mut LogChoices,
) {
    let shown = wanted.shown_of(open);
    if std::mem::take(&mut state.wants_focus) {
        state.focus_part(shown);
    }
    if SidePanel::iter().filter(|side| side.is_in(open)).count() > 1 {
        choice_ui(ui, io, open, shown);
    }
    match shown {
        SidePanel::Log => {
            log_choices.can_tell_requests = open.view.capabilities.requests;
            let log = &mut state.log;
            log_panel_ui(ui, &open.view.log, log, log_choices, io.bindings, io.actions);
        }
        SidePanel::Chat => roomy(ui, CHAT_LEAST, |ui| {
            chat_panel_ui(ui, io, open, &mut state.chat);
        }),
        SidePanel::People => roomy(ui, LEAST, |ui| {
            people_panel_ui(ui, io, open, &mut state.people);
        }),
        SidePanel::Objects => objects_panel_ui(ui, io, open, &mut state.objects, objects),
    }
}

/// Makes `content` scroll as a whole in a small window, where its parts would lie over each other.
fn roomy(ui: &mut Ui, least: f32, content: impl FnOnce(&mut Ui)) {
    let room = ui.available_size();
    if room.y >= least {
        return content(ui);
    }
    ScrollArea::vertical()
        .id_salt("side")
        .auto_shrink(false)
        // Otherwise it would push the tabs above it out of the panel.
        .min_scrolled_height(0.0)
        .show(ui, |ui| {
            let size = vec2(ui.available_width(), least);
            ui.allocate_ui(size, content);
        });
}

fn choice_ui(ui: &mut Ui, io: &mut PanelIo<'_>, open: &OpenSession, shown: SidePanel) {
    ui.horizontal(|ui| {
        for side in SidePanel::iter().filter(|side| side.is_in(open)) {
            let tab = ui.add(Button::selectable(side == shown, side.title()));
            let tab = with_command_tooltip(tab, toggle_of(side), io.bindings);
            if tab.clicked() && side != shown {
                io.run(toggle_of(side));
            }
        }
    });
    if ui.available_height() >= LEAST {
        ui.separator();
    }
}

/// Returns the command that shows a panel, or hides it where it is shown.
fn toggle_of(panel: SidePanel) -> Command {
    match panel {
        SidePanel::Log => Command::ToggleLog,
        SidePanel::Chat => Command::ToggleChat,
        SidePanel::People => Command::TogglePeople,
        SidePanel::Objects => Command::ToggleObjects,
    }
}
