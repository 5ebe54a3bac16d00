//! Handles the keyboard in the list of rows.

use egui::{Event, Key, Modifiers, Ui};

use super::selection::Select;
use super::state::LogUiState;
use crate::model::log::Log;
use crate::ui::action::Action;

/// Runs the keys that were pressed while the list has the focus. `page` is the number of rows in view.
pub(super) fn run_keys(
    ui: &Ui,
    log: &Log,
    state: &mut LogUiState,
    page: usize,
    actions: &mut Vec<Action>,
) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    // Shift is no part of these chords, so it is read before they are taken.
    let how = if ui.input(|input| input.modifiers.shift) { Select::To } else { Select::Alone };
    if let Some(seq) = chosen(state, page, pressed) {
        state.select_how(log, seq, how);
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
        state.selected.select_all(&state.view);
    }
    if state.selected.row.is_some() && pressed(Key::Enter) {
        state.detail_open = true;
    }
    if state.detail_open && pressed(Key::Escape) {
        state.detail_open = false;
    }
    let copy = ui.input_mut(|input| {
        let before = input.events.len();
        input.events.retain(|event| *event != Event::Copy);
        input.events.len() < before
    });
    if let Some(text) = copy.then(|| state.copy_selected(log)).flatten() {
        actions.push(Action::Copy(text));
    }
}

/// Returns the row that the keys of this frame lead to.
fn chosen(state: &LogUiState, page: usize, pressed: impl Fn(Key) -> bool) -> Option<u64> {
    let last = state.view.len().checked_sub(1)?;
    // Without a selection the keys start at the newest row.
    let now = state
        .selected
        .row
        .map(|seq| (state.view.index_from(seq), state.view.index_of(seq).is_some()));
    let (from, is_shown) = now.unwrap_or((last, false));
    let mut index = None;
    let mut go = |key, to: usize| {
        if pressed(key) {
            index = Some(to.min(last));
        }
    };
    // Where the selected row is hidden, `from` is the row after it: that is one step down already.
    go(Key::ArrowDown, from + usize::from(is_shown));
    go(Key::ArrowUp, if now.is_none() { last } else { from.saturating_sub(1) });
    go(Key::PageDown, from + page);
    go(Key::PageUp, from.saturating_sub(page));
    go(Key::Home, 0);
    go(Key::End, last);
    state.view.seq(index?)
}
