//! Asks whether a link may connect to a place that is new.

use egui::{Label, RichText, Ui};

use super::{ModalAnswer, answer_of, button_row_ui, title_ui};
use crate::base::text::one_line;
use crate::protocol::link::Link;
use crate::ui::action::Action;
use crate::ui::panel_io::PanelIo;
use crate::ui::theme::Colors;
use crate::ui::widgets::primary_button;

pub(super) fn confirm_link_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    link: &Link,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "Open this link?");
    let host = one_line(link.host(), 80);
    ui.label(format!("It connects to {host}, where Helmsight has not been before"));
    ui.add_space(6.0);
    let address = RichText::new(one_line(link.address().as_str(), 300)).monospace();
    ui.add(Label::new(address.color(Colors::of(ui.ctx()).weak)).wrap());
    let connect = primary_button(ui, RichText::new("Connect"));
    let (connected, cancel) = button_row_ui(ui, connect, true, "Cancel");
    // The window may have opened under somebody's hands, and Enter by habit must not connect.
    if is_new {
        cancel.request_focus();
    }
    if connected {
        io.act(Action::FollowLink(link.clone()));
    }
    answer_of(connected, &cancel)
}
