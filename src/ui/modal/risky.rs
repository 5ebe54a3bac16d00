//! Asks before a file that can run programs is saved or opened.

use std::path::PathBuf;

use egui::{Button, RichText, Ui};

use super::{ModalAnswer, answer_of, button_row_ui, title_ui};
use crate::base::text::one_line;
use crate::ui::action::{Action, DownloadAction};
use crate::ui::panel_io::PanelIo;
use crate::ui::saved::DownloadKey;
use crate::ui::theme::Colors;

/// What is to be done with a file that can run programs.
#[derive(Clone, Debug, PartialEq)]
pub enum RiskyUse {
    /// It is saved.
    Save(DownloadKey),
    /// It is opened.
    Open(PathBuf),
}

pub(super) fn confirm_risky_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    name: &str,
    then: &RiskyUse,
    is_new: bool,
) -> ModalAnswer {
    let (title, advice, button, action) = match then {
        RiskyUse::Save(key) => (
            "Save a file that can run programs?",
            "Save it only if you trust where it comes from",
            "Save",
            DownloadAction::SaveRisky(key.clone()),
        ),
        RiskyUse::Open(path) => (
            "Open a file that can run programs?",
            "Open it only if you trust where it comes from",
            "Open",
            DownloadAction::OpenRisky(path.clone()),
        ),
    };
    title_ui(ui, title);
    let name = one_line(name, 80);
    ui.label(format!("“{name}” can change this computer once it is opened. {advice}"));
    let colors = Colors::of(ui.ctx());
    let button =
        Button::new(RichText::new(button).strong().color(colors.ground)).fill(colors.error);
    let (agreed, cancel) = button_row_ui(ui, button, true, "Cancel");
    // Enter by habit must not let a program in.
    if is_new {
        cancel.request_focus();
    }
    if agreed {
        io.act(Action::Download(action));
    }
    answer_of(agreed, &cancel)
}
