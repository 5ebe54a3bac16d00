//! The wall's share of the app: which session gets how much attention, the order of tiles, and the way there and back.

use std::time::Duration;

use egui::{Context, Event, Key, Popup, RawInput};

use super::App;
use super::stats_file::{Figures, TileFigures};
use super::watched::Watched;
use crate::model::StatsSnapshot;
use crate::session::Attention;
use crate::ui::Action;
use crate::ui::binding::KeyContext;
use crate::ui::clock::Clock;
use crate::ui::command::Command;
use crate::ui::picture::{FrameToUi, picture_id};
use crate::ui::shell::ShellState;
use crate::ui::state::{OpenSession, SessionKey};

/// Between two passes on the wall that only bring new pictures: many sessions send them at different moments.
const PERIOD: Duration = Duration::from_millis(66);
/// Where painting is slow, it may take this share of the time, as long as pictures don't grow too old.
const PAINT_SHARE: u32 = 3;
const LONGEST_PERIOD: Duration = Duration::from_millis(130);

impl App {
    pub(super) fn toggle_wall(&mut self) {
        if self.state.on_wall {
            self.show_alone(self.state.active.unwrap_or_default());
        } else {
            self.show_wall();
        }
    }

    pub(super) fn show_wall(&mut self) {
        self.leave_control();
        self.state.on_wall = true;
        self.shell.wall.wants_focus = true;
        if self.state.active.is_none() && !self.state.open.is_empty() {
            self.state.active = Some(0);
        }
    }

    /// One session in place of the wall, or of another one.
    pub(super) fn show_alone(&mut self, at: usize) {
        if at < self.state.open.len() || self.state.open.is_empty() {
            self.shell.wall.was_left |= self.state.on_wall;
            self.state.on_wall = false;
        }
        self.bring_to_front(at);
    }

    pub(super) fn select(&mut self, key: &SessionKey) {
        if let Some(at) = self.place_of(key) {
            self.bring_to_front(at);
        }
    }

    /// Gives a session another place in the order of tiles, lists and number keys.
    pub(super) fn move_session(&mut self, key: &SessionKey, to: usize) {
        let Some(from) = self.place_of(key) else {
            return;
        };
        let active = self.state.active().map(|open| open.key.clone());
        let to = to.min(self.state.open.len() - 1);
        let open = self.state.open.remove(from);
        self.state.open.insert(to, open);
        let watched = self.watched.remove(from);
        self.watched.insert(to, watched);
        self.state.active = active.and_then(|key| self.place_of(&key));
    }

    pub(super) fn place_of(&self, key: &SessionKey) -> Option<usize> {
        self.state.open.iter().position(|open| open.key == *key)
    }

    /// Escape leads back to the wall, unless something else wants it.
    pub(super) fn escape_to_wall(&mut self, ctx: &Context, raw: &mut RawInput, keys: KeyContext) {
        let is_away = self.shell.wall.was_left && !self.state.on_wall && !self.state.control;
        let is_free = !keys.control && !keys.typing && !keys.modal;
        if !(is_away && is_free) {
            return;
        }
        let in_hand = ctx.dragged_id().is_some() || Popup::is_any_open(ctx);
        let focused = ctx.memory(|memory| memory.focused());
        let asks = self.state.active().is_some_and(|open| open.view.dialog.is_some());
        if in_hand || asks || focused.is_some_and(|id| id != picture_id()) {
            return;
        }
        let is_escape = |event: &Event| matches!(event, Event::Key { key: Key::Escape, pressed: true, modifiers, .. } if modifiers.is_none());
        if let Some(at) = raw.events.iter().position(is_escape) {
            raw.events.remove(at);
            self.pending.push(Action::Run(Command::ToggleWall));
        }
    }

    /// Pictures are asked for and decoded as many and as large as are shown, and only where they are shown.
    pub(super) fn tell_attention(&mut self, ctx: &Context) {
        let hidden = ctx
            .input(|i| i.viewport().minimized == Some(true) || i.viewport().occluded == Some(true));
        for (at, (open, watched)) in self.state.open.iter().zip(&self.watched).enumerate() {
            let attention = if hidden {
                Attention::Hidden
            } else if self.state.on_wall {
                let tile = self.shell.wall.shown(&open.key);
                tile.map_or(Attention::Hidden, |tile| Attention::tile(tile.width))
            } else if self.state.active == Some(at) {
                Attention::Focus
            } else {
                Attention::Hidden
            };
            watched.handle.set_attention(attention);
            if let Some(geometry) = geometry(&mut self.shell, self.state.on_wall, &open.key) {
                watched.handle.set_shown_scale(geometry.scale());
            }
        }
    }

    /// The last pass took this long: how soon may news have the next one?
    pub(super) fn pace_repaints(&self, took: Duration) {
        let period = (took * PAINT_SHARE).clamp(PERIOD, LONGEST_PERIOD);
        let at = self.state.on_wall.then(|| self.state.now + period);
        self.pace.hold_until(at);
    }

    /// What a line of the figures' file tells: of the session in front, or of the whole wall.
    pub(super) fn figures(&self) -> Option<Figures> {
        if self.state.on_wall {
            let clock = self.state.clock();
            let tiles = self.state.open.iter().map(|open| tile_figures(open, clock)).collect();
            return Some(Figures {
                session: "wall".to_owned(),
                state: String::new(),
                stats: together(self.state.open.iter().map(|open| &open.stats)),
                tiles,
            });
        }
        let open = self.state.active()?;
        Some(Figures {
            session: open.key.id.clone(),
            state: super::condition_word(open, self.state.clock()),
            stats: open.stats,
            tiles: Vec::new(),
        })
    }
}

/// Where the session's picture was painted last.
pub(super) fn geometry(
    shell: &mut ShellState,
    on_wall: bool,
    key: &SessionKey,
) -> Option<FrameToUi> {
    if on_wall {
        shell.wall.shown(key)?.geometry
    } else {
        let surface = shell.of(key).picture.surface();
        surface.map(|surface| surface.geometry)
    }
}

/// Those whose pictures were in the last pass: on the wall all, else the one in front.
pub(super) fn painted_ones(
    watched: &mut [Watched],
    active: Option<usize>,
    on_wall: bool,
) -> impl Iterator<Item = &mut Watched> {
    let shown = watched.iter_mut().enumerate();
    shown.filter(move |(at, _)| on_wall || active == Some(*at)).map(|(_, watched)| watched)
}

fn tile_figures(open: &OpenSession, clock: Clock<'_>) -> TileFigures {
    TileFigures {
        session: open.key.id.clone(),
        state: super::condition_word(open, clock),
        stats: open.stats,
    }
}

/// Sums of what is counted, and the worst of what is timed.
fn together<'a>(tiles: impl Iterator<Item = &'a StatsSnapshot>) -> StatsSnapshot {
    tiles.fold(StatsSnapshot::default(), |all, tile| StatsSnapshot {
        frames_received: all.frames_received + tile.frames_received,
        frames_shown: all.frames_shown + tile.frames_shown,
        frames_superseded: all.frames_superseded + tile.frames_superseded,
        frames_refused: all.frames_refused + tile.frames_refused,
        bytes_received: all.bytes_received + tile.bytes_received,
        bits_per_second: all.bits_per_second + tile.bits_per_second,
        shown_per_second: all.shown_per_second + tile.shown_per_second,
        decode: all.decode.max(tile.decode),
        paint: all.paint.max(tile.paint),
        age_p50: all.age_p50.max(tile.age_p50),
        age_p95: all.age_p95.max(tile.age_p95),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_is_as_old_as_its_oldest_tile() {
        let tile = |shown, age| StatsSnapshot {
            frames_shown: shown,
            age_p95: Duration::from_millis(age),
            ..StatsSnapshot::default()
        };
        let tiles = [tile(3, 20), tile(4, 250), tile(5, 90)];
        assert_eq!(together(tiles.iter()), tile(12, 250));
    }
}
