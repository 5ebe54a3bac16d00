//! Draws the menu of filters that have a name.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::style::StyleModifier;
use egui::{Button, Key, PopupCloseBehavior, TextEdit, Ui, vec2};

use super::state::LogUiState;
use crate::settings::{LogFilters, SavedFilter};
use crate::ui::icon::Icon;
use crate::ui::widgets::{icon_button, row_with_end};

/// So many filters are kept.
const MAX_SAVED: usize = 30;
const MAX_NAME: usize = 40;
const WIDTH: f32 = 220.0;
/// A name has this much room beside the button that deletes it.
const NAME_WIDTH: f32 = 170.0;

pub(super) fn saved_filters_ui(ui: &mut Ui, state: &mut LogUiState, saved: &mut Vec<SavedFilter>) {
    let config = MenuConfig::new()
        .style(StyleModifier::default())
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (button, _) = MenuButton::new("Filters").config(config).ui(ui, |ui| {
        ui.set_width(WIDTH);
        choices_ui(ui, state, saved);
        if !saved.is_empty() {
            ui.separator();
        }
        naming_ui(ui, state, saved);
    });
    button.on_hover_text("Use a filter that has a name, or give the one in use a name");
}

fn choices_ui(ui: &mut Ui, state: &mut LogUiState, saved: &mut Vec<SavedFilter>) {
    let mut removed = None;
    for (index, one) in saved.iter().enumerate() {
        let filter = one.shows.filter();
        let choose = |ui: &mut Ui| {
            let choice = Button::selectable(filter == state.filter, &one.name).truncate();
            if ui.add(choice.min_size(vec2(NAME_WIDTH, 0.0))).clicked() {
                state.filter.clone_from(&filter);
                ui.close();
            }
        };
        row_with_end(ui, choose, |ui| {
            let name = format!("Delete the filter {}", one.name);
            if icon_button(ui, Icon::Cross, &name, false).clicked() {
                removed = Some(index);
            }
        });
    }
    if let Some(index) = removed {
        saved.remove(index);
    }
}

/// Gives the filter in use a name. A name that another one has is given to this one.
fn naming_ui(ui: &mut Ui, state: &mut LogUiState, saved: &mut Vec<SavedFilter>) {
    let name = state.filter_name.trim().to_owned();
    let known = saved.iter().position(|one| one.name == name);
    let problem = match known {
        _ if state.filter.is_empty() => Some("No filter is in use now"),
        None if saved.len() >= MAX_SAVED => Some("30 filters are kept; delete one first"),
        _ => None,
    };
    if let Some(problem) = problem {
        ui.weak(problem);
        return;
    }
    let label = ui.label("Save the filter in use as");
    let field = TextEdit::singleline(&mut state.filter_name)
        .id_salt("filter name")
        .char_limit(MAX_NAME)
        .desired_width(f32::INFINITY);
    let field = ui.add(field).labelled_by(label.id);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let words = if known.is_some() { "Replace filter" } else { "Save filter" };
    let clicked = ui.add_enabled(!name.is_empty(), Button::new(words)).clicked();
    if name.is_empty() || !(clicked || entered) {
        return;
    }
    let mut shows = LogFilters::default();
    shows.take(&state.filter);
    let new = SavedFilter { name, shows };
    match known.and_then(|index| saved.get_mut(index)) {
        Some(old) => *old = new,
        None => saved.push(new),
    }
    state.filter_name.clear();
    ui.close();
}
