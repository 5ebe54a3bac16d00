//! Finds out which parts of a window have changed, by a sum over all that lies in each cell.

use egui::Color32;

use super::pixel::{self, PixelArea};
use super::scene::Scene;
use super::sum::mixed;

/// Size of a cell in pixels.
const CELL: [i32; 2] = [64, 32];
/// What lay in the cells of a window.
#[derive(Default)]
pub(super) struct Cells {
    sums: Vec<u64>,
    last: Vec<u64>,
}

impl Cells {
    /// Returns the areas that are not as they were at the last call, none of which overlaps another.
    pub(super) fn changed(
        &mut self,
        scene: &Scene,
        ground: Color32,
        whole: PixelArea,
    ) -> Vec<PixelArea> {
        let columns = (whole.right + CELL[0] - 1) / CELL[0];
        let rows = (whole.bottom + CELL[1] - 1) / CELL[1];
        std::mem::swap(&mut self.sums, &mut self.last);
        self.sums.clear();
        self.sums.resize((columns * rows) as usize, u64::from(pixel::of_color(ground)));
        for (area, sum) in scene.sums() {
            let [left, right] = [area.left / CELL[0], (area.right - 1) / CELL[0]];
            for row in area.top / CELL[1]..=(area.bottom - 1) / CELL[1] {
                let start = row * columns;
                for cell in &mut self.sums[(start + left) as usize..=(start + right) as usize] {
                    *cell = mixed(*cell, sum);
                }
            }
        }
        if self.last.len() != self.sums.len() {
            return vec![whole];
        }
        let mut areas: Vec<PixelArea> = Vec::new();
        // The areas of the row above, which grow where the same cells have changed below.
        let mut above = 0..0;
        for row in 0..rows {
            let start = areas.len();
            let mut column = 0;
            while column < columns {
                let is_changed = |column: i32| {
                    let index = (row * columns + column) as usize;
                    self.sums[index] != self.last[index]
                };
                let first = column;
                while column < columns && is_changed(column) {
                    column += 1;
                }
                if column > first {
                    areas.push(PixelArea {
                        left: first * CELL[0],
                        top: row * CELL[1],
                        right: (column * CELL[0]).min(whole.right),
                        bottom: ((row + 1) * CELL[1]).min(whole.bottom),
                    });
                }
                column += 1;
            }
            let same = |a: &PixelArea, b: &PixelArea| (a.left, a.right) == (b.left, b.right);
            let grows = above.len() == areas.len() - start
                && areas[above.clone()].iter().zip(&areas[start..]).all(|(a, b)| same(a, b));
            if grows {
                let bottom = areas[start..].first().map(|area| area.bottom);
                areas.truncate(start);
                for area in &mut areas[above.clone()] {
                    area.bottom = bottom.unwrap_or(area.bottom);
                }
            } else {
                above = start..areas.len();
            }
        }
        areas
    }
}
