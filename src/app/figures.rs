//! Gathers a line of the figures' file: about the session in front, or about the whole wall.

use super::stats_file::{Figures, TileFigures};
use crate::model::StatsSnapshot;
use crate::ui::AppState;
use crate::ui::state::OpenSession;

/// Returns the figures of what is shown; `None` where nothing is in front.
pub(super) fn figures(state: &AppState<'_>) -> Option<Figures> {
    if state.on_wall {
        let tiles = state.open.iter().map(tile_figures).collect();
        return Some(Figures {
            session: "wall".to_owned(),
            state: "",
            stats: together(state.open.iter().map(|open| &open.stats)),
            tiles,
        });
    }
    let open = state.active()?;
    Some(Figures {
        session: open.key.id.clone(),
        state: (&open.condition).into(),
        stats: open.stats,
        tiles: Vec::new(),
    })
}

fn tile_figures(open: &OpenSession) -> TileFigures {
    TileFigures { session: open.key.id.clone(), state: (&open.condition).into(), stats: open.stats }
}

/// Sums what is counted, and takes the worst of what is timed.
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
    use std::time::Duration;

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
