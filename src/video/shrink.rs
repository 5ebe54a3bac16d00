//! Halves pictures that are drawn small before they are uploaded.

use egui::Color32;

use crate::model::FrameSize;

/// The number of times that a picture's sides are halved before it is uploaded.
///
/// A texture that is drawn much smaller than it is gets jagged (four of its pixels are read for each one drawn) and costs
/// its full size to upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shrink(u8);

impl Shrink {
    /// The picture keeps its size.
    pub const NONE: Self = Self(0);

    /// Returns the halvings of a picture that is drawn at `scale` screen pixels per pixel of its own. It never leaves
    /// fewer pixels than are drawn.
    pub fn for_scale(scale: f32) -> Self {
        if scale > 0.5 || scale.is_nan() {
            Self::NONE
        } else if scale > 0.25 {
            Self(1)
        } else {
            Self(2)
        }
    }

    /// Adds halvings until neither side of a picture of `size` is longer than `max_side`.
    pub fn to_fit(self, size: FrameSize, max_side: u32) -> Self {
        let longest = size.width.max(size.height);
        (self.0..16)
            .map(Self)
            .find(|shrink| longest.div_ceil(1 << shrink.0) <= max_side.max(1))
            .unwrap_or(self)
    }

    pub(super) fn halvings(self) -> u8 {
        self.0
    }

    pub(super) fn from_halvings(halvings: u8) -> Self {
        Self(halvings)
    }
}

/// Averages squares of pixels in place and returns the new sides. At an odd edge the last row or column stands alone.
pub(super) fn halve(pixels: &mut [Color32], sides: [usize; 2], shrink: Shrink) -> [usize; 2] {
    let [mut width, mut height] = sides;
    let mut row = Vec::with_capacity(width.div_ceil(2));
    for _ in 0..shrink.0 {
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        for y in 0..half_height {
            let upper = &pixels[2 * y * width..][..width];
            let lower =
                if 2 * y + 1 < height { &pixels[(2 * y + 1) * width..][..width] } else { upper };
            row.clear();
            let (pairs, edge) = (upper.chunks_exact(2), width - width % 2);
            row.extend(
                pairs
                    .zip(lower.chunks_exact(2))
                    .map(|(upper, lower)| average([upper[0], upper[1], lower[0], lower[1]])),
            );
            row.extend(
                (edge < width)
                    .then(|| average([upper[edge], upper[edge], lower[edge], lower[edge]])),
            );
            pixels[y * half_width..][..half_width].copy_from_slice(&row);
        }
        (width, height) = (half_width, half_height);
    }
    [width, height]
}

/// Returns the mean of each channel. Two channels at a time are in the halves of a word, which compilers turn into
/// SIMD.
fn average(corners: [Color32; 4]) -> Color32 {
    const EVEN: u32 = 0x00FF_00FF;
    const ROUND: u32 = 0x0002_0002;
    let (mut even, mut odd) = (ROUND, ROUND);
    for corner in corners {
        let word = u32::from_ne_bytes(corner.to_array());
        even += word & EVEN;
        odd += (word >> 8) & EVEN;
    }
    let word = ((even >> 2) & EVEN) | (((odd >> 2) & EVEN) << 8);
    let [r, g, b, a] = word.to_ne_bytes();
    Color32::from_rgba_premultiplied(r, g, b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_averages_and_odd_edges_stand_alone() {
        let gray =
            |values: &[u8]| values.iter().map(|v| Color32::from_gray(*v)).collect::<Vec<_>>();
        let mut pixels = gray(&[0, 100, 40, 100, 200, 60, 9, 11, 80]);
        assert_eq!(halve(&mut pixels, [3, 3], Shrink(1)), [2, 2]);
        assert_eq!(pixels[..4], gray(&[100, 50, 10, 80]));
        let [a, b] = [[255, 0, 100, 255], [255, 4, 101, 255]]
            .map(|[r, g, b, a]| Color32::from_rgba_premultiplied(r, g, b, a));
        assert_eq!(average([a, b, a, b]).to_array(), [255, 2, 101, 255]);
        let mut one = gray(&[7]);
        assert_eq!(halve(&mut one, [1, 1], Shrink(2)), [1, 1]);
    }

    #[test]
    fn shrinking_never_leaves_fewer_pixels_than_are_drawn() {
        for (scale, halvings) in [
            (f32::NAN, 0),
            (3.0, 0),
            (1.0, 0),
            (0.51, 0),
            (0.5, 1),
            (0.26, 1),
            (0.25, 2),
            (0.01, 2),
            (0.0, 2),
        ] {
            assert_eq!(Shrink::for_scale(scale), Shrink(halvings), "{scale}");
        }
        let size = FrameSize { width: 8_192, height: 100 };
        assert_eq!(Shrink::NONE.to_fit(size, 2_048), Shrink(2));
        assert_eq!(Shrink(1).to_fit(size, 8_192), Shrink(1));
        assert_eq!(Shrink::NONE.to_fit(FrameSize { width: 2_049, height: 1 }, 2_048), Shrink(1));
    }
}
