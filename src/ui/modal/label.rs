//! Draws the form for what the user says of a session: its name, group and color.

use egui::{Button, RichText, Stroke, Ui};
use strum::IntoEnumIterator as _;

use super::{ModalAnswer, buttons_ui, field_ui, row_ui, title_ui};
use crate::settings::{LabelColor, SessionLabel};
use crate::ui::action::Action;
use crate::ui::label_color;
use crate::ui::panel_io::PanelIo;

/// Draws the form. Empty fields give the session its own name and the heading of its service again.
pub(super) fn label_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    label: &mut SessionLabel,
    is_new: bool,
) -> ModalAnswer {
    title_ui(ui, "Name, group and color");
    let mut entered = field_ui(ui, "Name", &mut label.name, "Its own title", is_new);
    entered |= field_ui(ui, "Group", &mut label.group, "None: it stands under its service", false);
    groups_ui(ui, io, label);
    row_ui(ui, "Color", |ui, _| {
        ui.selectable_value(&mut label.color, None, "None");
        for color in LabelColor::iter() {
            let chosen = label.color == Some(color);
            let text = RichText::new(label_color::word_of(color))
                .color(label_color::color_of(ui.ctx(), color));
            let mut button = Button::new(text).selected(chosen);
            if !chosen {
                button = button.stroke(Stroke::NONE).frame(false);
            }
            if ui.add(button).clicked() {
                label.color = Some(color);
            }
        }
    });
    row_ui(ui, "Place", |ui, _| ui.checkbox(&mut label.pinned, "Pinned before all others"));
    let answer = buttons_ui(ui, "Keep", true).or_entered(entered);
    if answer == ModalAnswer::Given {
        io.act(Action::Label(label.clone()));
    }
    answer
}

/// Offers the groups that there are.
fn groups_ui(ui: &mut Ui, io: &PanelIo<'_>, label: &mut SessionLabel) {
    let mut groups: Vec<&String> = io.state.memory.labels.iter().map(|it| &it.group).collect();
    groups.retain(|group| !group.is_empty() && **group != label.group);
    groups.sort_unstable();
    groups.dedup();
    if groups.is_empty() {
        return;
    }
    row_ui(ui, "", |ui, _| {
        ui.horizontal_wrapped(|ui| {
            for group in groups.into_iter().take(6) {
                if ui.link(RichText::new(group).small()).clicked() {
                    label.group.clone_from(group);
                }
            }
        });
    });
}
