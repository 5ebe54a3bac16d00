//! Shows who is in a session, who has control, and what they say.

mod bar;
mod colors;
mod roster;
mod talk;
mod unsent;

use egui::{Panel, Ui};

pub use bar::{AttentionCall, calls, calls_height, calls_ui};
pub use colors::color_of;
pub use roster::way_to_control;
pub use talk::TalkState;

use super::panel_io::PanelIo;
use super::state::OpenSession;

/// The roster keeps at least this height for itself, in points.
const ROSTER_MIN: f32 = 120.0;

/// Everything that the panel remembers of one session.
#[derive(Debug, Default)]
pub struct PeopleUiState {
    talk: TalkState,
    /// The text that this window's user is typing as their name.
    name: String,
}

impl PeopleUiState {
    /// Puts the cursor into the field of the talk.
    pub(super) fn focus(&mut self) {
        self.talk.focus();
    }
}

/// Draws the roster, and the talk below it.
pub fn people_panel_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    open: &OpenSession,
    state: &mut PeopleUiState,
) {
    let most = (ui.available_height() - ROSTER_MIN).max(ROSTER_MIN);
    Panel::bottom("talk")
        .resizable(true)
        .default_size((ui.available_height() * 0.5).min(most))
        .size_range(ROSTER_MIN.min(most)..=most)
        .show(ui, |ui| talk::talk_ui(ui, io, open, &mut state.talk));
    match open.why_away() {
        None => roster::roster_ui(ui, io, open, &mut state.name),
        Some(why) => away_ui(ui, open, why),
    }
}

/// Draws why nothing is known of who is in the session and who has control, which only a session that answers tells.
fn away_ui(ui: &mut Ui, open: &OpenSession, why: &str) {
    ui.strong(why);
    ui.weak(match open.condition.is_over() {
        true => "Nobody is in it any more",
        false => "Who is in it is told again once it answers",
    });
}
