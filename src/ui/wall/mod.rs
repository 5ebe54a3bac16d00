//! Shows the wall, on which every watched session is a tile.

pub mod grid;
mod keys;
mod tile;

use std::collections::BTreeMap;

use egui::{
    CentralPanel, CursorIcon, Frame, Id, Label, PointerButton, Pos2, Rect, Response, RichText,
    ScrollArea, Sense, StrokeKind, Ui, vec2,
};

use self::grid::{Grid, placed, usual_aspect};
use self::tile::{Tile, tile_ui};
use super::action::Action;
use super::command::Command;
use super::panel_io::PanelIo;
use super::picture::FrameToUi;
use super::sessions::stop_words;
use super::state::{OpenSession, SessionKey};
use super::theme::Colors;
use super::widgets::{command_text_button, context_menu_ui, empty_state};
use crate::model::DetectionFilter;

/// What the wall remembers from pass to pass.
#[derive(Debug, Default)]
pub struct WallUiState {
    /// Whether the keyboard goes to the selected tile in the next pass.
    pub wants_focus: bool,
    /// Whether tiles tell figures beside their age.
    pub statistics: bool,
    /// The tile that is being dragged.
    dragged: Option<SessionKey>,
    /// The tiles that were on screen in the last pass.
    shown: BTreeMap<SessionKey, ShownTile>,
}

/// A tile as it was last painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownTile {
    /// Width in pixels of the screen, whatever the shape of its picture.
    pub width: f32,
    /// Where the picture lies, if the tile has one.
    pub geometry: Option<FrameToUi>,
}

impl WallUiState {
    /// Returns the tile of a session, or `None` if it is not on screen.
    pub fn shown(&self, key: &SessionKey) -> Option<&ShownTile> {
        self.shown.get(key)
    }
}

/// Shows the wall in all that is left of `ui`, and returns where that is. `covered` means that something lies over the
/// window and has the keyboard.
pub fn wall_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    wall: &mut WallUiState,
    boxes: &DetectionFilter,
    covered: bool,
) -> Rect {
    wall.shown.clear();
    // An action from here on is done before the next pass, so what it asks for is kept for that.
    let wants_focus = std::mem::take(&mut wall.wants_focus);
    let frame = Frame::NONE.fill(Colors::of(ui.ctx()).ground);
    let panel = CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        if io.state.open.is_empty() {
            return empty_ui(ui, io);
        }
        let room = ui.available_size();
        let sizes = io.state.open.iter().filter_map(|open| {
            let size = open.picture.as_ref()?.size;
            Some(vec2(size.width as f32, size.height as f32))
        });
        let grid = Grid::new(io.state.open.len(), room, usual_aspect(sizes));
        if !covered {
            keys::keys_ui(ui, io, wall, &grid);
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let (place, _) = ui.allocate_exact_size(grid.size().max(room), Sense::hover());
            if wants_focus && let Some(open) = io.state.active() {
                ui.memory_mut(|memory| memory.request_focus(tile_id(&open.key)));
            }
            tiles_ui(ui, io, wall, boxes, &grid, place.min, wants_focus);
            if io.state.open.len() == 1 {
                lonely_ui(ui, placed(grid.tile(0), place.min));
            }
        });
    });
    panel.response.rect
}

fn tiles_ui(
    ui: &mut Ui,
    io: &mut PanelIo<'_>,
    wall: &mut WallUiState,
    boxes: &DetectionFilter,
    grid: &Grid,
    min: Pos2,
    to_selected: bool,
) {
    let state = io.state;
    for (at, open) in state.open.iter().enumerate() {
        let rect = placed(grid.tile(at), min);
        let selected = state.active == Some(at);
        let response = ui.interact(rect, tile_id(&open.key), Sense::click_and_drag());
        if response.gained_focus() || (selected && to_selected) {
            response.scroll_to_me(None);
        }
        let tile = Tile {
            number: at + 1,
            open,
            now: state.now,
            clock: state.clock(),
            boxes,
            selected,
            statistics: wall.statistics,
        };
        tile.tell(&response);
        if ui.is_rect_visible(rect) {
            let geometry = tile_ui(ui, rect, &response, &tile);
            let width = rect.width() * ui.ctx().pixels_per_point();
            let shown = ShownTile { width, geometry };
            wall.shown.insert(open.key.clone(), shown);
        }
        pointer_ui(io, wall, &response, open, selected);
        if wall.dragged.as_ref() == Some(&open.key) {
            drag_ui(ui, io, wall, &response, (at, grid, min));
        }
    }
}

/// Handles clicks. A press of Enter or by a screen reader opens at once, because it has no second click.
fn pointer_ui(
    io: &mut PanelIo<'_>,
    wall: &mut WallUiState,
    response: &Response,
    open: &OpenSession,
    selected: bool,
) {
    let by_pointer = response.clicked_by(PointerButton::Primary);
    if response.double_clicked() || (response.clicked() && !by_pointer) {
        io.act(Action::Open(open.key.clone()));
    } else if by_pointer {
        response.request_focus();
    }
    let takes_selection = by_pointer || response.gained_focus() || response.secondary_clicked();
    if takes_selection && !selected {
        io.act(Action::Select(open.key.clone()));
    }
    if response.drag_started_by(PointerButton::Primary) {
        wall.dragged = Some(open.key.clone());
    }
    context_menu_ui(response, |ui| {
        if ui.button("Show alone").clicked() {
            io.act(Action::Open(open.key.clone()));
        }
        if ui.button(stop_words(open)).clicked() {
            io.act(Action::StopWatching(open.key.clone()));
        }
    });
}

/// Handles a tile that is dragged: where it would go is marked, letting go moves it there, and Escape leaves it where
/// it was.
fn drag_ui(
    ui: &Ui,
    io: &mut PanelIo<'_>,
    wall: &mut WallUiState,
    response: &Response,
    (from, grid, min): (usize, &Grid, Pos2),
) {
    let pointer = ui.ctx().pointer_latest_pos();
    let to = pointer.map(|at| grid.nearest(at - min.to_vec2()));
    if response.drag_stopped() {
        let key = wall.dragged.take();
        let canceled = ui.input(|input| input.key_pressed(egui::Key::Escape));
        if let (Some(session), Some(to), false) = (key, to, canceled)
            && to != from
        {
            io.act(Action::Move { session, to });
        }
    } else if !response.dragged() {
        wall.dragged = None;
    } else if let Some(to) = to {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        mark_place(ui, placed(grid.tile(to), min), true);
        let way = ui.input(|input| input.pointer.total_drag_delta());
        mark_place(ui, response.rect.translate(way.unwrap_or_default()), false);
    }
}

/// Marks where the tile would go, or where the hand holds it.
fn mark_place(ui: &Ui, place: Rect, is_target: bool) {
    let layer = egui::LayerId::new(egui::Order::Foreground, Id::unique("wall place"));
    let accent = Colors::of(ui.ctx()).accent;
    let (fill, width) = if is_target { (0.2, 3.0) } else { (0.1, 1.0) };
    let painter = ui.painter().clone().with_layer_id(layer);
    painter.rect(place, 0, accent.gamma_multiply(fill), (width, accent), StrokeKind::Inside);
}

/// Returns the id of a session's tile.
pub fn tile_id(key: &SessionKey) -> Id {
    Id::unique(("wall tile", key))
}

/// Says under a tile that stands alone that more sessions can be opened.
fn lonely_ui(ui: &mut Ui, tile: Rect) {
    let place = Rect::from_min_size(tile.left_bottom(), vec2(tile.width(), 36.0));
    if ui.is_rect_visible(place) {
        let text = RichText::new("Open more sessions to see them side by side").weak();
        ui.put(place, Label::new(text).selectable(false));
    }
}

fn empty_ui(ui: &mut Ui, io: &mut PanelIo<'_>) {
    let text =
        "Every session that you watch becomes a tile here: browsers and cameras side by side";
    empty_state(ui, "The wall is empty", text, |ui| {
        for command in [Command::NewSession, Command::ConnectService, Command::ToggleWall] {
            if command_text_button(ui, command, true, io.bindings).clicked() {
                io.run(command);
            }
        }
    });
}
