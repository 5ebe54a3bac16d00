//! What a detector found: classes, counts, and which are shown.

use egui::Ui;

use super::panel_io::PanelIo;
use super::state::OpenSession;

#[derive(Debug, Default)]
pub struct ObjectsUiState {}

pub fn objects_panel_ui(
    ui: &mut Ui,
    _io: &mut PanelIo<'_>,
    _open: &OpenSession,
    _state: &mut ObjectsUiState,
) {
    ui.weak("Nothing was found yet");
}
