//! The talk with a session's assistant.

use egui::Ui;

use super::panel_io::PanelIo;
use super::state::OpenSession;

#[derive(Debug, Default)]
pub struct ChatUiState {}

pub fn chat_panel_ui(
    ui: &mut Ui,
    _io: &mut PanelIo<'_>,
    _open: &OpenSession,
    _state: &mut ChatUiState,
) {
    ui.weak("Nothing was said yet");
}
