//! Handles the keyboard on the wall: arrows select, with Shift they move the tile, and Enter shows the session alone.

use egui::{Event, FocusDirection, Key, Modifiers, Popup, Ui};

use super::grid::{Grid, GridStep};
use super::{WallUiState, tile_id};
use crate::ui::action::Action;
use crate::ui::panel_io::PanelIo;

/// Handles the keys, unless something beside the tiles has the keyboard.
pub(super) fn keys_ui(ui: &Ui, io: &mut PanelIo<'_>, wall: &mut WallUiState, grid: &Grid) {
    let focused = ui.memory(|memory| memory.focused());
    let mut tiles = io.state.open.iter().map(|open| tile_id(&open.key));
    let elsewhere = focused.is_some_and(|id| !tiles.any(|tile| tile == id));
    if elsewhere || Popup::is_any_open(ui.ctx()) {
        return;
    }
    let mut at = io.state.active.unwrap_or_default();
    let Some(mut selected) = io.state.open.get(at).map(|open| open.key.clone()) else {
        return;
    };
    for (key, modifiers) in presses(ui) {
        if let Some(step) = step(key) {
            // Otherwise the arrow would move the focus by itself, too.
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
            let to = grid.beside(at, step);
            if to == at {
                continue;
            }
            if modifiers.matches_exact(Modifiers::SHIFT) {
                let session = selected.clone();
                io.act(Action::Move { session, to });
                wall.wants_focus = true;
            } else if modifiers.is_none() {
                // The tile that gains the focus is selected.
                selected = io.state.open[to].key.clone();
                ui.memory_mut(|memory| memory.request_focus(tile_id(&selected)));
            } else {
                continue;
            }
            at = to;
        } else if key == Key::Enter && modifiers.is_none() && focused.is_none() {
            // With the focus on a tile, the press is a click on it.
            io.act(Action::Open(selected.clone()));
        }
    }
}

fn step(key: Key) -> Option<GridStep> {
    match key {
        Key::ArrowLeft => Some(GridStep::Left),
        Key::ArrowRight => Some(GridStep::Right),
        Key::ArrowUp => Some(GridStep::Up),
        Key::ArrowDown => Some(GridStep::Down),
        _ => None,
    }
}

fn presses(ui: &Ui) -> Vec<(Key, Modifiers)> {
    let press = |event: &Event| match event {
        Event::Key { key, pressed: true, modifiers, .. } => Some((*key, *modifiers)),
        _ => None,
    };
    ui.input(|input| input.events.iter().filter_map(press).collect())
}
