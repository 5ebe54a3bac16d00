//! Draws the panel that shows a session's log: filter bar, rows, and one row in detail.

mod bar;
mod detail;
mod format;
mod keys;
mod list;
mod pretty;
mod row;
mod rows;
mod save;
mod saved;
mod selection;
mod state;
#[cfg(test)]
mod tests;

use egui::{Panel, Ui};

use super::action::Action;
use super::binding::Bindings;
use crate::model::log::Log;

pub use state::{LogChoices, LogUiState};

/// From this width on, in points, the detail stands beside the rows; in a narrower panel it stands under them.
const SIDE_BY_SIDE: f32 = 720.0;

/// Draws the panel.
pub fn log_panel_ui(
    ui: &mut Ui,
    log: &Log,
    state: &mut LogUiState,
    choices: &mut LogChoices,
    bindings: &Bindings,
    actions: &mut Vec<Action>,
) {
    state.sync(log);
    bar::bar_ui(ui, log, state, choices, bindings, actions);
    // The bar may have changed the filter.
    state.sync(log);
    if state.detail_open && state.selected_row(log).is_some() {
        let whole = ui.available_size();
        let panel = if whole.x >= SIDE_BY_SIDE {
            Panel::right("log_detail")
                .default_size(whole.x * 0.45)
                .size_range(240.0..=whole.x - 240.0)
        } else {
            let most = (whole.y - 80.0).max(80.0);
            Panel::bottom("log_detail")
                .default_size(whole.y * 0.5)
                .size_range(most.min(120.0)..=most)
        };
        panel.resizable(true).show(ui, |ui| detail::detail_ui(ui, log, state, actions));
    }
    list::list_ui(ui, log, state, actions);
}
