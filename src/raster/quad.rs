//! Paints rectangles along the pixel grid: fills, letters and pictures.

use egui::{Color32, Pos2, Rect};

use super::Canvas;
use super::pixel::{self, PixelArea};
use super::sum::mixed;
use super::textures::Texture;
use super::triangle::{Corner, corner_sum};

/// A rectangle of one color, through which a texture may be seen.
pub(super) struct Quad {
    /// In pixels of the canvas.
    rect: Rect,
    /// The part of the texture, of 1. Its corners are swapped where it is turned over.
    uv: Rect,
    color: u32,
}

/// A fixed place between two texels.
#[derive(Clone, Copy)]
struct TexelTap {
    first: i32,
    /// How much of 256 is of the texel after it.
    part: u32,
}

impl Quad {
    /// Returns the rectangle of two triangles that share two corners: `three` and the `fourth`. It is `None` where they
    /// make up none along the grid, or one of several colors.
    pub(super) fn of(three: [&Corner; 3], fourth: &Corner, shared: usize) -> Option<Self> {
        let [a, b, c] = three;
        if shared != 2 || [b, c, fourth].iter().any(|corner| corner.color != a.color) {
            return None;
        }
        // The corner opposite to the fourth is the one with a right angle.
        let (angle, opposite) = (
            three.into_iter().find(|it| {
                let others = three.iter().filter(|other| !std::ptr::eq(**other, *it));
                others.clone().any(|other| is_same(other.at.x, it.at.x))
                    && others.clone().any(|other| is_same(other.at.y, it.at.y))
                    && !is_same(it.at.x, fourth.at.x)
                    && !is_same(it.at.y, fourth.at.y)
            })?,
            fourth,
        );
        let mut others = three.into_iter().filter(|it| !std::ptr::eq(*it, angle));
        let (one, two) = (others.next()?, others.next()?);
        let is_between = |it: &Corner, across: &Corner, down: &Corner| {
            is_same(it.at.x, across.at.x)
                && is_same(it.at.y, down.at.y)
                && is_same(it.uv.x, across.uv.x)
                && is_same(it.uv.y, down.uv.y)
        };
        let is_rectangle = is_between(one, opposite, angle) && is_between(two, angle, opposite)
            || is_between(one, angle, opposite) && is_between(two, opposite, angle);
        if !is_rectangle {
            return None;
        }
        let (mut rect, mut uv) =
            (Rect { min: angle.at, max: opposite.at }, Rect { min: angle.uv, max: opposite.uv });
        if rect.min.x > rect.max.x {
            std::mem::swap(&mut rect.min.x, &mut rect.max.x);
            std::mem::swap(&mut uv.min.x, &mut uv.max.x);
        }
        if rect.min.y > rect.max.y {
            std::mem::swap(&mut rect.min.y, &mut rect.max.y);
            std::mem::swap(&mut uv.min.y, &mut uv.max.y);
        }
        Some(Self { rect, uv, color: a.color })
    }

    /// Returns the pixels whose middle lies in it.
    pub(super) fn reach(&self) -> Option<PixelArea> {
        let pixel = |value: f32| (value - 0.5).ceil().clamp(-1e9, 1e9) as i32;
        let Rect { min, max } = self.rect;
        let area = PixelArea {
            left: pixel(min.x),
            top: pixel(min.y),
            right: pixel(max.x),
            bottom: pixel(max.y),
        };
        area.common(area)
    }

    pub(super) fn sum(&self, sum: u64) -> u64 {
        let corner = |at: Pos2, uv: Pos2| Corner { at, uv, color: self.color };
        let sum = corner_sum(sum, &corner(self.rect.min, self.uv.min));
        mixed(corner_sum(sum, &corner(self.rect.max, self.uv.max)), 4)
    }

    /// Tells whether nothing is seen of what lies under it.
    pub(super) fn is_opaque(&self, texture: Option<&Texture>) -> bool {
        let is_seen = texture.is_some_and(|texture| {
            texture.is_opaque || self.is_one_texel() && pixel::alpha(self.texel(texture)) == 255
        });
        pixel::alpha(self.color) == 255 && is_seen
    }

    fn is_one_texel(&self) -> bool {
        self.uv.min == self.uv.max
    }

    /// Returns the texel of a rectangle that shows only one.
    fn texel(&self, texture: &Texture) -> u32 {
        let [width, height] = texture.size();
        let at = |value: f32, count: usize| (value * count as f32).floor() as i32;
        texture.texel(at(self.uv.min.x, width), at(self.uv.min.y, height))
    }

    /// Returns the texels of a texture of `count` that the pixels from `first` to `last` show, across or down.
    fn taps(
        &self,
        axis: usize,
        count: usize,
        is_smooth: bool,
        pixels: std::ops::Range<i32>,
    ) -> impl Iterator<Item = TexelTap> {
        let of = |at: Pos2| if axis == 0 { at.x } else { at.y };
        let (start, end) = (f64::from(of(self.rect.min)), f64::from(of(self.rect.max)));
        let (from, to) = (f64::from(of(self.uv.min)), f64::from(of(self.uv.max)));
        let step = (to - from) * count as f64 / (end - start);
        // Between texels the middles count, so that the middle of a texel shows it alone.
        let shift = if is_smooth { 0.5 } else { 0.0 };
        pixels.map(move |pixel| {
            let place = from * count as f64 + (f64::from(pixel) + 0.5 - start) * step - shift;
            if is_smooth {
                let fixed = (place * 256.0).round().clamp(-1e9, 1e9) as i32;
                TexelTap { first: fixed >> 8, part: (fixed & 0xff).cast_unsigned() }
            } else {
                TexelTap { first: place.floor().clamp(-1e9, 1e9) as i32, part: 0 }
            }
        })
    }
}

/// Paints the part of a rectangle that lies in `area`.
pub(super) fn paint(
    canvas: &mut Canvas<'_>,
    quad: &Quad,
    texture: Option<&Texture>,
    area: PixelArea,
) {
    let Some(texture) = texture else { return };
    if quad.is_one_texel() {
        let color = pixel::times(quad.texel(texture), quad.color);
        fill(canvas, color, area);
    } else if texture.is_opaque && quad.color == u32::MAX {
        copy(canvas, quad, texture, area);
    } else {
        blend(canvas, quad, texture, area);
    }
}

fn fill(canvas: &mut Canvas<'_>, color: u32, area: PixelArea) {
    for y in area.top..area.bottom {
        let row = canvas.row(y, area.left, area.right);
        match pixel::alpha(color) {
            255 => row.fill(color & 0x00ff_ffff),
            _ if color == 0 => return,
            _ => row.iter_mut().for_each(|target| {
                *target = pixel::over(color, *target) & 0x00ff_ffff;
            }),
        }
    }
}

/// Copies an opaque texture in its own colors, row by row.
fn copy(canvas: &mut Canvas<'_>, quad: &Quad, texture: &Texture, area: PixelArea) {
    let [width, height] = texture.size();
    let columns: Vec<TexelTap> =
        quad.taps(0, width, texture.is_smooth, area.left..area.right).collect();
    let rows = quad.taps(1, height, texture.is_smooth, area.top..area.bottom);
    let last = width as i32 - 1;
    let whole = columns.first().zip(columns.last()).filter(|(first, end)| {
        let is_whole = first.part == 0 && end.part == 0;
        is_whole
            && first.first >= 0
            && end.first <= last
            && end.first - first.first == area.right - area.left - 1
    });
    let start = whole.map(|(first, _)| first.first as usize);
    // Two rows are mixed first, of the columns that are seen.
    let seen = columns.iter().map(|tap| tap.first.clamp(0, last));
    let (low, high) = (seen.clone().min().unwrap_or(0), seen.max().unwrap_or(0));
    let span = low as usize..((high + 2).min(width as i32)) as usize;
    let mut between: Vec<Color32> = Vec::new();
    for (y, tap) in (area.top..area.bottom).zip(rows) {
        let upper = texture.row(tap.first);
        let source = if tap.part == 0 {
            &upper[span.clone()]
        } else {
            between.clear();
            let lower = texture.row(tap.first + 1);
            let pairs = upper[span.clone()].iter().zip(&lower[span.clone()]);
            between.extend(pairs.map(|(upper, lower)| mixed_colors(*upper, *lower, tap.part)));
            &between
        };
        let row = canvas.row(y, area.left, area.right);
        if let Some(start) = start {
            let source = &source[start - span.start..];
            for (target, color) in row.iter_mut().zip(source) {
                *target = pixel::of_color(*color) & 0x00ff_ffff;
            }
            continue;
        }
        let end = source.len() - 1;
        for (target, tap) in row.iter_mut().zip(&columns) {
            let first = tap.first.clamp(0, last) as usize - span.start;
            let after = (tap.first + 1).clamp(0, last) as usize - span.start;
            let color = mixed_colors(source[first], source[after.min(end)], tap.part);
            *target = pixel::of_color(color) & 0x00ff_ffff;
        }
    }
}

/// Mixes two colors in egui's order of channels, which is of no account for that.
fn mixed_colors(a: Color32, b: Color32, part: u32) -> Color32 {
    let number = |color: Color32| u32::from_ne_bytes(color.to_array());
    let [red, green, blue, alpha] = pixel::mixed(number(a), number(b), part).to_ne_bytes();
    Color32::from_rgba_premultiplied(red, green, blue, alpha)
}

/// Lays a texture in one color over what is there, as letters are.
fn blend(canvas: &mut Canvas<'_>, quad: &Quad, texture: &Texture, area: PixelArea) {
    let [width, height] = texture.size();
    let columns: Vec<TexelTap> =
        quad.taps(0, width, texture.is_smooth, area.left..area.right).collect();
    let rows = quad.taps(1, height, texture.is_smooth, area.top..area.bottom);
    for (y, down) in (area.top..area.bottom).zip(rows) {
        let row = canvas.row(y, area.left, area.right);
        for (target, across) in row.iter_mut().zip(&columns) {
            let texel = sampled(texture, *across, down);
            if texel != 0 {
                let source = pixel::times(texel, quad.color);
                *target = pixel::over(source, *target) & 0x00ff_ffff;
            }
        }
    }
}

fn sampled(texture: &Texture, across: TexelTap, down: TexelTap) -> u32 {
    let row = |y: i32| {
        let first = texture.texel(across.first, y);
        match across.part {
            0 => first,
            part => pixel::mixed(first, texture.texel(across.first + 1, y), part),
        }
    };
    match down.part {
        0 => row(down.first),
        part => pixel::mixed(row(down.first), row(down.first + 1), part),
    }
}

fn is_same(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-6
}
