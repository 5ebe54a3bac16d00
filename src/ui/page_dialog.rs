//! Shows a page's alert, confirm or prompt, and answers it from our window.

use egui::{Key, RichText, TextEdit, Ui};

use super::panel_io::PanelIo;
use super::theme::Colors;
use super::toolbar::select_all;
use crate::base::text::one_line;
use crate::model::{Dialog, DialogKind, PageControl};

/// The text that is being typed into a prompt.
#[derive(Debug, Default)]
pub struct PageDialogState {
    /// The dialog that `text` belongs to.
    answering: Option<Dialog>,
    text: String,
}

/// Draws the dialog as a bar rather than a window of its own, because the page's words must not look like ours, nor
/// hide the picture.
pub fn page_dialog_ui(ui: &mut Ui, io: &mut PanelIo<'_>, memory: &mut PageDialogState) {
    let Some(dialog) = io.state.active().and_then(|open| open.view.dialog.as_ref()) else {
        memory.answering = None;
        return;
    };
    let is_new = memory.answering.as_ref() != Some(dialog);
    if is_new {
        memory.answering = Some(dialog.clone());
        memory.text.clone_from(&dialog.default_text);
    }
    let site = site_of(&dialog.url);
    let colors = Colors::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("{site} asks")).strong().color(colors.waiting));
        ui.label(RichText::new(format!("“{}”", one_line(&dialog.message, 400))));
    });
    ui.horizontal(|ui| {
        let mut focused = None;
        let mut entered = false;
        if dialog.kind == DialogKind::Prompt {
            let edit =
                TextEdit::singleline(&mut memory.text).id_salt("answer").desired_width(260.0);
            let edit = ui.add(edit);
            ui.ctx().accesskit_node_builder(edit.id, |node| {
                node.set_label("Answer to the page");
            });
            entered = edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            focused = Some(edit);
        }
        let (accept, dismiss) = match dialog.kind {
            DialogKind::Alert => ("OK", None),
            DialogKind::Confirm | DialogKind::Prompt => ("OK", Some("Cancel")),
            DialogKind::BeforeUnload => ("Leave page", Some("Stay")),
        };
        let accepted = ui.button(accept);
        let dismissed = dismiss.is_some_and(|dismiss| ui.button(dismiss).clicked());
        let pressed = accepted.clicked();
        let focused = focused.unwrap_or(accepted);
        if is_new && !io.state.control {
            focused.request_focus();
            if dialog.kind == DialogKind::Prompt {
                // What is typed replaces the page's default answer, as in a browser.
                select_all(ui, focused.id, memory.text.chars().count());
            }
        }
        let escaped = focused.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape));
        if pressed || entered {
            let text = (dialog.kind == DialogKind::Prompt).then(|| memory.text.clone());
            io.send(PageControl::AnswerDialog { accept: true, text });
        } else if dismissed || escaped {
            io.send(PageControl::AnswerDialog { accept: false, text: None });
        }
    });
}

/// Returns the host of the page's address, or the start of the text where it is no such address.
fn site_of(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) if url.has_host() => url.host_str().unwrap_or_default().to_owned(),
        _ => "The page".to_owned(),
    }
}
