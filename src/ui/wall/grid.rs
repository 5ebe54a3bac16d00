//! Computes where each tile of the wall lies.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// Height in points of the caption under every picture, with its number, name, state and age.
pub const CAPTION: f32 = 24.0;
const GAP: f32 = 6.0;
/// No tile is narrower than this many points, because it would show nothing. The wall is scrolled instead.
const MIN_WIDTH: f32 = 150.0;

/// A step from one tile to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridStep {
    /// The step goes to the left.
    Left,
    /// The step goes to the right.
    Right,
    /// The step goes up.
    Up,
    /// The step goes down.
    Down,
}

/// A grid of tiles with as many columns as make the pictures largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    count: usize,
    columns: usize,
    /// Size of one tile, in points.
    tile: Vec2,
    /// Top left corner of the first tile.
    origin: Pos2,
}

impl Grid {
    /// Lays out `count` tiles in `room`. `aspect` is the width by height of most pictures.
    pub fn new(count: usize, room: Vec2, aspect: f32) -> Self {
        let rows_of = |columns: usize| count.div_ceil(columns);
        let width_of = |columns: usize| {
            let wide = (room.x - GAP) / columns as f32 - GAP;
            let high = (room.y - GAP) / rows_of(columns) as f32 - GAP - CAPTION;
            wide.min(high * aspect).floor()
        };
        let mut columns = 1;
        for more in 2..=count {
            if width_of(more) > width_of(columns) {
                columns = more;
            }
        }
        let mut width = width_of(columns);
        if width < MIN_WIDTH {
            columns = (((room.x - GAP) / (MIN_WIDTH + GAP)) as usize).clamp(1, count.max(1));
            width = ((room.x - GAP) / columns as f32 - GAP).floor().max(1.0);
        }
        let tile = vec2(width, (width / aspect).floor() + CAPTION);
        let used = vec2(columns as f32, rows_of(columns) as f32) * (tile + Vec2::splat(GAP));
        let spare = ((room - used - Vec2::splat(GAP)) / 2.0).max(Vec2::ZERO);
        Self { count, columns, tile, origin: (spare.floor() + Vec2::splat(GAP)).to_pos2() }
    }

    /// Returns the size of all tiles, with what is left free around them.
    pub fn size(&self) -> Vec2 {
        let rows = self.count.div_ceil(self.columns);
        let all = vec2(self.columns as f32, rows as f32) * (self.tile + Vec2::splat(GAP));
        self.origin.to_vec2() + all
    }

    /// Returns the rectangle of a tile, in a grid whose corner is at the origin.
    pub fn tile(&self, at: usize) -> Rect {
        let (row, column) = (at / self.columns, at % self.columns);
        let step = self.tile + Vec2::splat(GAP);
        let min = self.origin + vec2(column as f32, row as f32) * step;
        Rect::from_min_size(min, self.tile)
    }

    /// Returns the tile whose place is under `at`, or the nearest in that row.
    pub fn nearest(&self, at: Pos2) -> usize {
        let step = self.tile + Vec2::splat(GAP);
        let place = (at - self.origin) / step;
        let column = (place.x.max(0.0) as usize).min(self.columns - 1);
        let row = place.y.max(0.0) as usize;
        (row.saturating_mul(self.columns).saturating_add(column)).min(self.count.saturating_sub(1))
    }

    /// Returns the tile beside `from`, or `from` itself at the edge.
    pub fn beside(&self, from: usize, step: GridStep) -> usize {
        let last = self.count.saturating_sub(1);
        match step {
            GridStep::Left => from.saturating_sub(1),
            GridStep::Right => (from + 1).min(last),
            GridStep::Up => from.checked_sub(self.columns).unwrap_or(from),
            // The step goes into the last row even where that is shorter.
            GridStep::Down if from / self.columns < last / self.columns => {
                (from + self.columns).min(last)
            }
            GridStep::Down => from,
        }
    }
}

/// Returns the median of the pictures' aspects, in steps that hold 16:9, 16:10, 4:3 and 3:2, so that sizes that differ
/// by a rounding mean the same grid.
pub fn usual_aspect(sizes: impl Iterator<Item = Vec2>) -> f32 {
    const STEPS: f32 = 90.0;
    let mut aspects: Vec<f32> = sizes.map(|size| size.x / size.y).collect();
    aspects.sort_by(f32::total_cmp);
    match aspects.get(aspects.len() / 2) {
        Some(aspect) if aspect.is_finite() => ((aspect * STEPS).round() / STEPS).clamp(0.5, 2.5),
        _ => 16.0 / 9.0,
    }
}

/// Moves `rect` into a grid whose top left corner is at `min`.
pub fn placed(rect: Rect, min: Pos2) -> Rect {
    rect.translate(min - pos2(0.0, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: f32 = 16.0 / 9.0;

    #[test]
    fn the_shape_of_the_window_chooses_the_columns() {
        for (count, room, columns) in [
            (1, vec2(1280.0, 700.0), 1),
            (2, vec2(1280.0, 700.0), 2),
            (2, vec2(500.0, 900.0), 1),
            (4, vec2(1280.0, 700.0), 2),
            (5, vec2(1920.0, 1000.0), 3),
            (16, vec2(1280.0, 740.0), 4),
            (16, vec2(600.0, 1400.0), 2),
        ] {
            assert_eq!(Grid::new(count, room, WIDE).columns, columns, "{count} in {room}");
        }
    }

    #[test]
    fn tiles_never_overlap_and_fit_where_there_is_room() {
        for count in 1..=30 {
            for room in [vec2(1280.0, 700.0), vec2(480.0, 900.0), vec2(300.0, 200.0)] {
                let grid = Grid::new(count, room, WIDE);
                let size = grid.size();
                assert!(size.x <= room.x + 0.5, "{count} in {room}: {size}");
                let has_to_scroll = size.y > room.y + 0.5;
                let is_small = grid.tile.x < 2.0 * MIN_WIDTH + GAP;
                assert!(!has_to_scroll || is_small, "{count} in {room}: {size}");
                for at in 1..count {
                    let (one, other) = (grid.tile(at - 1), grid.tile(at));
                    assert!(!one.intersects(other), "{count} in {room}");
                    assert_eq!(grid.nearest(other.center()), at);
                }
            }
        }
    }

    #[test]
    fn arrows_go_to_the_tile_beside_and_stop_at_the_edge() {
        let grid = Grid::new(5, vec2(1920.0, 1000.0), WIDE);
        for (from, step, to) in [
            (0, GridStep::Left, 0),
            (0, GridStep::Right, 1),
            (0, GridStep::Down, 3),
            (2, GridStep::Down, 4),
            (2, GridStep::Right, 3),
            (4, GridStep::Up, 1),
            (4, GridStep::Down, 4),
            (4, GridStep::Right, 4),
            (1, GridStep::Up, 1),
        ] {
            assert_eq!(grid.beside(from, step), to, "{from} {step:?}");
        }
    }

    #[test]
    fn what_is_dropped_beside_the_tiles_goes_to_the_nearest() {
        let grid = Grid::new(5, vec2(1920.0, 1000.0), WIDE);
        assert_eq!(grid.nearest(pos2(-50.0, -50.0)), 0);
        assert_eq!(grid.nearest(pos2(5000.0, 10.0)), 2);
        assert_eq!(grid.nearest(pos2(5000.0, 5000.0)), 4);
    }

    #[test]
    fn the_usual_aspect_is_the_middle_one() {
        let aspect = |sizes: &[(f32, f32)]| usual_aspect(sizes.iter().map(|(x, y)| vec2(*x, *y)));
        assert_eq!(aspect(&[]), WIDE);
        assert_eq!(aspect(&[(1280.0, 720.0), (100.0, 900.0), (1281.0, 720.0)]), WIDE);
        assert_eq!(aspect(&[(10.0, 900.0)]), 0.5);
        assert_eq!(aspect(&[(0.0, 0.0)]), 16.0 / 9.0);
    }
}
