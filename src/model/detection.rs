//! Describes what a camera's detector found in a picture. A detection belongs to its own picture and is shown with no
//! other one.

use std::sync::Arc;

use super::FrameSize;

/// One object in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The kind of object, such as "person" or "ball". The set is open; the text is safe to show.
    pub class: Arc<str>,
    /// How sure the detector is, from 0 to 1.
    pub confidence: f32,
    /// Where the object is.
    pub area: Area,
}

/// Where an object is. Some servers count in pixels, others in fractions of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Area {
    /// A rectangle in pixels of the picture.
    Pixels(FrameRect),
    /// A rectangle whose sides run from 0 to 1 across and down the picture.
    Fraction(FrameRect),
}

/// A rectangle, origin top left. It may reach out of the picture; its sizes are not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameRect {
    /// The left edge.
    pub x: f32,
    /// The top edge.
    pub y: f32,
    /// The distance from the left edge to the right one.
    pub width: f32,
    /// The distance from the top edge to the bottom one.
    pub height: f32,
}

impl Area {
    /// Returns the area in pixels of a picture of `size`.
    pub fn in_pixels(self, size: FrameSize) -> FrameRect {
        match self {
            Self::Pixels(rect) => rect,
            Self::Fraction(rect) => {
                let (width, height) = (size.width as f32, size.height as f32);
                FrameRect {
                    x: rect.x * width,
                    y: rect.y * height,
                    width: rect.width * width,
                    height: rect.height * height,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_count_in_the_picture_that_is_shown() {
        let half = FrameRect { x: 0.5, y: 0.25, width: 0.5, height: 0.5 };
        let size = FrameSize { width: 640, height: 360 };
        let pixels = FrameRect { x: 320.0, y: 90.0, width: 320.0, height: 180.0 };
        assert_eq!(Area::Fraction(half).in_pixels(size), pixels);
        assert_eq!(Area::Pixels(half).in_pixels(size), half);
    }
}
