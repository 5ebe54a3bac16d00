//! Who is in a session, who drives it, and what they say.

use egui::Ui;

use super::panel_io::PanelIo;
use super::state::OpenSession;

#[derive(Debug, Default)]
pub struct PeopleUiState {}

pub fn people_panel_ui(
    ui: &mut Ui,
    _io: &mut PanelIo<'_>,
    _open: &OpenSession,
    _state: &mut PeopleUiState,
) {
    ui.weak("Nobody else is here");
}
