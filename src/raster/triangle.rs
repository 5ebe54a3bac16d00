//! Paints triangles with a color at each corner, as egui uses them for what is round, slanted or soft at its edge.
//!
//! A pixel belongs to a triangle if its middle lies within; one on an edge belongs to the triangle at its right or below
//! it, so that triangles side by side share none.

use egui::Pos2;

use super::Canvas;
use super::pixel::{self, PixelArea};
use super::sum::mixed;
use super::textures::Texture;

/// Steps between two pixels.
const STEPS: f32 = 256.0;
const HALF: i64 = 128;
/// What lies further out than this is nowhere near a screen.
const FARTHEST: f32 = 100_000.0;

/// A corner of a triangle.
#[derive(Clone, Copy)]
pub(super) struct Corner {
    /// In pixels of the canvas.
    pub(super) at: Pos2,
    /// In the texture, of 1.
    pub(super) uv: Pos2,
    pub(super) color: u32,
}

pub(super) struct Triangle(pub(super) [Corner; 3]);

/// A side of a triangle, seen from the row that is painted.
struct Side {
    /// Twice the area of the triangle that the side makes with a point: its change by a column and by a row.
    by_column: i64,
    by_row: i64,
    at_origin: i64,
}

/// A value that changes evenly over the triangle.
#[derive(Clone, Copy)]
struct Slope {
    at_origin: f64,
    by_column: f64,
    by_row: f64,
}

/// Adds a corner to a sum.
pub(super) fn corner_sum(sum: u64, corner: &Corner) -> u64 {
    let pair = |at: Pos2| u64::from(at.x.to_bits()) << 32 | u64::from(at.y.to_bits());
    mixed(mixed(mixed(sum, pair(corner.at)), pair(corner.uv)), corner.color.into())
}

impl Triangle {
    /// Returns the pixels around it.
    pub(super) fn reach(&self) -> Option<PixelArea> {
        let all = self.0.iter().map(|corner| corner.at);
        if !all.clone().all(|at| at.x.abs() < FARTHEST && at.y.abs() < FARTHEST) {
            return None;
        }
        let (min, max) = all.fold(
            (Pos2::new(f32::MAX, f32::MAX), Pos2::new(f32::MIN, f32::MIN)),
            |(min, max), at| (min.min(at), max.max(at)),
        );
        // A step is given on each side, because corners are rounded to steps.
        let area = PixelArea {
            left: (min.x - 0.51).ceil() as i32,
            top: (min.y - 0.51).ceil() as i32,
            right: (max.x - 0.49).ceil() as i32,
            bottom: (max.y - 0.49).ceil() as i32,
        };
        area.common(area)
    }

    pub(super) fn sum(&self, sum: u64) -> u64 {
        self.0.iter().fold(mixed(sum, 3), corner_sum)
    }
}

/// Paints the part of a triangle that lies in `area`.
pub(super) fn paint(
    canvas: &mut Canvas<'_>,
    triangle: &Triangle,
    texture: Option<&Texture>,
    area: PixelArea,
) {
    let mut corners = triangle.0;
    let steps =
        |corner: &Corner| [corner.at.x, corner.at.y].map(|value| (value * STEPS).round() as i64);
    let twice_area =
        |[a, b, c]: [[i64; 2]; 3]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    let mut places = corners.each_ref().map(steps);
    match twice_area(places) {
        0 => return,
        ..0 => {
            corners.swap(1, 2);
            places.swap(1, 2);
        }
        _ => {}
    }
    let [a, b, c] = places;
    let sides = [Side::of(b, c), Side::of(c, a), Side::of(a, b)];
    let Some(texture) = texture else { return };
    let paints = Paint::of(&corners, &sides, twice_area(places), texture);
    for y in area.top..area.bottom {
        let (mut left, mut right) = (i64::from(area.left), i64::from(area.right));
        for side in &sides {
            side.narrow(y, &mut left, &mut right);
        }
        if left < right {
            let row = canvas.row(y, left as i32, right as i32);
            paints.row(row, left as i32, y, texture);
        }
    }
}

impl Side {
    /// Returns the side from one corner to the next. The inside is where its value is at least 0.
    fn of(from: [i64; 2], to: [i64; 2]) -> Self {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        // A middle that lies on the side counts where the inside is at its right or below.
        let is_taken = dy < 0 || dy == 0 && dx > 0;
        let middle = (HALF - from[0], HALF - from[1]);
        Self {
            by_column: -dy * 256,
            by_row: dx * 256,
            at_origin: dx * middle.1 - dy * middle.0 - i64::from(!is_taken),
        }
    }

    /// Takes away the columns of a row that lie outside.
    fn narrow(&self, row: i32, left: &mut i64, right: &mut i64) {
        let at_row = self.at_origin + self.by_row * i64::from(row);
        if self.by_column > 0 {
            // The first column with at_row + column * by_column >= 0.
            *left = (*left).max(-at_row.div_euclid(self.by_column));
        } else if self.by_column < 0 {
            *right = (*right).min(at_row.div_euclid(-self.by_column) + 1);
        } else if at_row < 0 {
            *right = *left;
        }
    }
}

/// What is painted on the pixels of a triangle.
enum Paint {
    /// One color.
    Flat(u32),
    /// A color that changes: red, green, blue, alpha.
    Shaded([Slope; 4]),
    /// A texture, in a color that changes.
    Textured { color: [Slope; 4], uv: [Slope; 2] },
}

impl Paint {
    fn of(corners: &[Corner; 3], sides: &[Side; 3], twice_area: i64, texture: &Texture) -> Self {
        let slope = |values: [f32; 3]| Slope::of(values, sides, twice_area);
        let [a, b, c] = corners;
        let [width, height] = texture.size();
        if a.uv != b.uv || a.uv != c.uv {
            let color = [16, 8, 0, 24]
                .map(|shift| slope(corners.map(|corner| channel(corner.color, shift))));
            let u = slope(corners.map(|corner| corner.uv.x * width as f32));
            let v = slope(corners.map(|corner| corner.uv.y * height as f32));
            return Self::Textured { color, uv: [u, v] };
        }
        let at = |value: f32, count: usize| (value * count as f32).floor() as i32;
        let texel = texture.texel(at(a.uv.x, width), at(a.uv.y, height));
        let colors = corners.map(|corner| pixel::times(texel, corner.color));
        if colors[0] == colors[1] && colors[0] == colors[2] {
            return Self::Flat(colors[0]);
        }
        Self::Shaded([16, 8, 0, 24].map(|shift| slope(colors.map(|color| channel(color, shift)))))
    }

    fn row(&self, row: &mut [u32], left: i32, y: i32, texture: &Texture) {
        match self {
            Self::Flat(color) if pixel::alpha(*color) == 255 => row.fill(color & 0x00ff_ffff),
            Self::Flat(color) => {
                for target in row {
                    *target = pixel::over(*color, *target) & 0x00ff_ffff;
                }
            }
            Self::Shaded(color) => {
                for (x, target) in (left..).zip(row) {
                    let source = color_at(color, x, y);
                    *target = pixel::over(source, *target) & 0x00ff_ffff;
                }
            }
            Self::Textured { color, uv: [u, v] } => {
                for (x, target) in (left..).zip(row) {
                    let texel = sampled(texture, u.at(x, y), v.at(x, y));
                    let source = pixel::times(texel, color_at(color, x, y));
                    *target = pixel::over(source, *target) & 0x00ff_ffff;
                }
            }
        }
    }
}

impl Slope {
    /// Returns the slope that has `values` at the corners. Each side's value at a pixel is the weight of the corner
    /// opposite to it.
    fn of(values: [f32; 3], sides: &[Side; 3], twice_area: i64) -> Self {
        let mut slope = Self { at_origin: 0.0, by_column: 0.0, by_row: 0.0 };
        for (value, side) in values.into_iter().zip(sides) {
            let weight = f64::from(value) / twice_area as f64;
            slope.at_origin += weight * side.at_origin as f64;
            slope.by_column += weight * side.by_column as f64;
            slope.by_row += weight * side.by_row as f64;
        }
        slope
    }

    fn at(&self, x: i32, y: i32) -> f64 {
        self.at_origin + self.by_column * f64::from(x) + self.by_row * f64::from(y)
    }
}

fn channel(pixel: u32, shift: u32) -> f32 {
    ((pixel >> shift) & 0xff) as f32
}

fn color_at(color: &[Slope; 4], x: i32, y: i32) -> u32 {
    let [red, green, blue, alpha] =
        color.each_ref().map(|slope| (slope.at(x, y) + 0.5).clamp(0.0, 255.0) as u32);
    alpha << 24 | red << 16 | green << 8 | blue
}

/// Returns what a texture shows at a place in texels.
fn sampled(texture: &Texture, u: f64, v: f64) -> u32 {
    if !texture.is_smooth {
        return texture.texel(u.floor() as i32, v.floor() as i32);
    }
    let fixed = |place: f64| ((place - 0.5) * 256.0).round() as i32;
    let (u, v) = (fixed(u), fixed(v));
    let (x, y) = (u >> 8, v >> 8);
    let part = (u & 0xff).cast_unsigned();
    let row = |y: i32| pixel::mixed(texture.texel(x, y), texture.texel(x + 1, y), part);
    pixel::mixed(row(y), row(y + 1), (v & 0xff).cast_unsigned())
}
