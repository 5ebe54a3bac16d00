//! How closely a session is looked at, which says what its service and the decoders may spend on it.

/// What is on screen of a session's picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attention {
    /// Nothing: no picture is asked for, none is decoded.
    Hidden,
    /// One tile among many: fewer and smaller pictures do.
    Tile {
        /// No wider picture is of use; in pixels, one of few steps.
        max_width: u32,
    },
    /// It alone: every picture, as it is sent.
    #[default]
    Focus,
}

/// Enough to see that something happens, and sixteen of them leave a small machine room to paint.
pub const TILE_RATE: u32 = 10;

/// Steps, so that a window that is drawn larger or smaller does not ask for a new stream at every pixel.
const TILE_WIDTHS: [u32; 6] = [320, 480, 640, 960, 1280, 1920];

impl Attention {
    /// A tile that is `width` pixels of the screen wide.
    pub fn tile(width: f32) -> Self {
        let steps = TILE_WIDTHS.into_iter();
        let enough = steps.clone().find(|step| *step as f32 >= width);
        Self::Tile { max_width: enough.or(steps.last()).unwrap_or_default() }
    }

    pub fn is_visible(self) -> bool {
        self != Self::Hidden
    }

    /// How many pictures a second are of use; `None`: all.
    pub fn max_rate(self) -> Option<u32> {
        match self {
            Self::Tile { .. } => Some(TILE_RATE),
            Self::Hidden | Self::Focus => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_asks_for_enough_pixels_and_rarely_for_another_number() {
        for (width, max_width) in [
            (0.0, 320),
            (320.0, 320),
            (320.5, 480),
            (1000.0, 1280),
            (4000.0, 1920),
            (f32::NAN, 1920),
        ] {
            assert_eq!(Attention::tile(width), Attention::Tile { max_width }, "{width}");
        }
    }
}
