//! Turns pictures upright as their EXIF data say. Browsers and detectors do so, and boxes count in the turned picture.

use egui::Color32;
use image::metadata::Orientation;

use crate::model::FrameSize;

/// Returns the size that a picture of `stored` pixels has once it is upright.
pub(super) fn upright(stored: FrameSize, orientation: Orientation) -> FrameSize {
    match lies_on_its_side(orientation) {
        true => FrameSize { width: stored.height, height: stored.width },
        false => stored,
    }
}

fn lies_on_its_side(orientation: Orientation) -> bool {
    match orientation {
        Orientation::NoTransforms
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical
        | Orientation::Rotate180 => false,
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
    }
}

/// Writes the pixels of `from`, a picture of `sides`, upright into `into`, and returns its new sides.
pub(super) fn turn(
    from: &[Color32],
    sides: [usize; 2],
    orientation: Orientation,
    into: &mut Vec<Color32>,
) -> [usize; 2] {
    into.clear();
    if orientation == Orientation::NoTransforms {
        into.extend_from_slice(from);
        return sides;
    }
    let (row, last_column) = (sides[0], sides[0] - 1);
    let (last, last_row) = (from.len() - 1, from.len() - row);
    let back = |step: usize| step.wrapping_neg();
    // The place of the first pixel, and the steps to the next one and to the next row.
    let (first, right, down) = match orientation {
        Orientation::NoTransforms => (0, 1, row),
        Orientation::FlipHorizontal => (last_column, back(1), row),
        Orientation::Rotate180 => (last, back(1), back(row)),
        Orientation::FlipVertical => (last_row, 1, back(row)),
        Orientation::Rotate90FlipH => (0, row, 1),
        Orientation::Rotate90 => (last_row, back(row), 1),
        Orientation::Rotate270FlipH => (last, back(row), back(1)),
        Orientation::Rotate270 => (last_column, row, back(1)),
    };
    let [width, height] = match lies_on_its_side(orientation) {
        true => [sides[1], sides[0]],
        false => sides,
    };
    for y in 0..height {
        let start = first.wrapping_add(down.wrapping_mul(y));
        into.extend((0..width).map(|x| from[start.wrapping_add(right.wrapping_mul(x))]));
    }
    [width, height]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_orientation_is_turned_as_the_library_turns_it() {
        for (width, height) in [(3, 2), (1, 4), (5, 1), (1, 1)] {
            let gray = |x, y| image::Luma([(10 * y + x) as u8]);
            let picture = image::GrayImage::from_fn(width, height, gray);
            let pixels = |picture: &image::GrayImage| {
                picture.pixels().map(|pixel| Color32::from_gray(pixel.0[0])).collect::<Vec<_>>()
            };
            let stored = FrameSize { width, height };
            for exif in 1..=8 {
                let orientation = Orientation::from_exif(exif).unwrap();
                let mut wanted = image::DynamicImage::from(picture.clone());
                wanted.apply_orientation(orientation);
                let mut found = vec![Color32::RED; 9];
                let sides = turn(
                    &pixels(&picture),
                    [width as usize, height as usize],
                    orientation,
                    &mut found,
                );
                let size = upright(stored, orientation);
                assert_eq!((size.width, size.height), (wanted.width(), wanted.height()));
                assert_eq!(sides, [size.width as usize, size.height as usize], "{exif}");
                assert_eq!(found, pixels(&wanted.into_luma8()), "{width} x {height}, {exif}");
            }
        }
    }
}
