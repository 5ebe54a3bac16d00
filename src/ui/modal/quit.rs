//! Asks before the window closes where that ends browsers.

use egui::{Button, RichText, Ui};

use super::{ModalAnswer, answer_of, button_row_ui, title_ui};
use crate::ui::action::Action;
use crate::ui::panel_io::PanelIo;
use crate::ui::theme::Colors;

/// Draws the question. `browsers` counts what would end; `ask_again` is whether it is asked the next time, too.
pub(super) fn confirm_quit_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    browsers: usize,
    ask_again: &mut bool,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "Quit Helmsight?");
    ui.label(match browsers {
        1 => "The browser that it runs ends with it. What is open there is lost".to_owned(),
        count => {
            format!("The {count} browsers that it runs end with it. What is open there is lost")
        }
    });
    ui.add_space(6.0);
    let mut silent = !*ask_again;
    ui.checkbox(&mut silent, "Don't ask again").on_hover_text("The settings can turn it on again");
    *ask_again = !silent;
    let colors = Colors::of(ui.ctx());
    let quit = Button::new(RichText::new("Quit").strong().color(colors.ground)).fill(colors.error);
    let (agreed, cancel) = button_row_ui(ui, quit, true, "Cancel");
    // Enter by habit must not cost anybody their work.
    if is_new {
        cancel.request_focus();
    }
    if agreed {
        io.act(Action::Quit { ask_again: *ask_again });
    }
    answer_of(agreed, &cancel)
}
