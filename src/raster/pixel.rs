//! Does the arithmetic of pixels: `0xAARRGGBB`, with the color multiplied by its alpha, as egui blends.

use egui::Color32;

/// Two of the four channels, each with room above it.
const LANES: u32 = 0x00ff_00ff;

/// An area of a canvas, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelArea {
    /// The first column.
    pub left: i32,
    /// The first row.
    pub top: i32,
    /// The first column outside.
    pub right: i32,
    /// The first row outside.
    pub bottom: i32,
}

impl PixelArea {
    /// Returns what both areas have in common, or `None` where that is nothing.
    pub fn common(self, other: Self) -> Option<Self> {
        let area = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        (area.left < area.right && area.top < area.bottom).then_some(area)
    }

    /// Tells whether all of `other` lies within.
    pub(super) fn holds(self, other: Self) -> bool {
        self.left <= other.left
            && self.top <= other.top
            && self.right >= other.right
            && self.bottom >= other.bottom
    }
}

/// Returns a color of egui as a pixel.
pub(super) fn of_color(color: Color32) -> u32 {
    let [red, green, blue, alpha] = color.to_array();
    u32::from_be_bytes([alpha, red, green, blue])
}

pub(super) fn alpha(pixel: u32) -> u32 {
    pixel >> 24
}

/// Lays `source` over an opaque pixel. A color above its alpha adds light, as egui has it.
pub(super) fn over(source: u32, target: u32) -> u32 {
    let rest = 255 - alpha(source);
    let even = add(lanes_by(target, rest), source & LANES);
    let odd = add(lanes_by(target >> 8, rest), (source >> 8) & LANES);
    even | odd << 8
}

/// Multiplies all channels of a pixel by `factor`, of 255.
pub(super) fn scaled(pixel: u32, factor: u32) -> u32 {
    lanes_by(pixel, factor) | lanes_by(pixel >> 8, factor) << 8
}

/// Multiplies two pixels channel by channel.
pub(super) fn times(a: u32, b: u32) -> u32 {
    // A texel of a letter is white as far as it covers.
    if a == alpha(a) * 0x0101_0101 {
        return scaled(b, alpha(a));
    }
    let by = |shift: u32| by_255(((a >> shift) & 0xff) * ((b >> shift) & 0xff)) << shift;
    by(0) | by(8) | by(16) | by(24)
}

/// Mixes two pixels: `part` of 256 is of `b`.
pub(super) fn mixed(a: u32, b: u32, part: u32) -> u32 {
    let mix = |a: u32, b: u32| (((a & LANES) * (256 - part) + (b & LANES) * part) >> 8) & LANES;
    mix(a, b) | mix(a >> 8, b >> 8) << 8
}

/// Divides by 255 and rounds, exactly for products of two bytes.
fn by_255(product: u32) -> u32 {
    (product + 128 + ((product + 128) >> 8)) >> 8
}

fn lanes_by(pixel: u32, factor: u32) -> u32 {
    let product = (pixel & LANES) * factor + 0x0080_0080;
    ((product + ((product >> 8) & LANES)) >> 8) & LANES
}

/// Adds two pairs of channels, of which none gets above 255.
fn add(a: u32, b: u32) -> u32 {
    let sum = a + b;
    let above = (sum >> 8) & 0x0001_0001;
    (sum | (above * 0xff)) & LANES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_rounded_as_exact_ones_are() {
        for a in 0..=255_u32 {
            for b in 0..=255_u32 {
                let exact = (f64::from(a * b) / 255.0).round() as u32;
                assert_eq!(by_255(a * b), exact, "{a} {b}");
                assert_eq!(scaled(a * 0x0101_0101, b), exact * 0x0101_0101, "{a} {b}");
            }
        }
    }

    #[test]
    fn light_is_added_up_to_white() {
        assert_eq!(over(0x0040_80ff, 0x00f0_f0f0), 0x00ff_ffff);
        assert_eq!(over(0xff12_3456, 0x00f0_f0f0), 0xff12_3456);
        assert_eq!(over(0, 0x0012_3456), 0x0012_3456);
    }

    #[test]
    fn a_mix_ends_at_both_pixels() {
        let (a, b) = (0xff10_2030, 0x8040_5060);
        assert_eq!((mixed(a, b, 0), mixed(a, b, 256)), (a, b));
        assert_eq!(mixed(0, 0xff80_4020, 128), 0x7f40_2010);
    }
}
