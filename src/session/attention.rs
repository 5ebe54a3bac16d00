//! Describes how closely the user looks at a session, which bounds what its service and the decoders may spend on it.

/// How a session's picture is shown on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attention {
    /// The picture is not shown, so none is asked for or decoded.
    Hidden,
    /// The picture is not shown, but objects are looked for in it: it is asked for and not decoded.
    Unseen,
    /// The picture is one tile among many, for which fewer and smaller pictures do.
    Tile {
        /// Greatest useful width of the picture, in pixels. It is one of a few steps.
        max_width: u32,
    },
    /// The picture is shown alone, so every picture is wanted as it is sent.
    #[default]
    Focus,
}

/// Pictures per second of a tile. They are enough to see that something happens, and sixteen tiles leave a small
/// machine room to paint.
pub const TILE_RATE: u32 = 10;

/// Steps of a tile's width in pixels, so that a window that is resized does not ask for a new stream at every pixel.
const TILE_WIDTHS: [u32; 6] = [320, 480, 640, 960, 1280, 1920];

impl Attention {
    /// Returns the attention of a tile that is `width` pixels of the screen wide.
    pub fn tile(width: f32) -> Self {
        let steps = TILE_WIDTHS.into_iter();
        let enough = steps.clone().find(|step| *step as f32 >= width);
        Self::Tile { max_width: enough.or(steps.last()).unwrap_or_default() }
    }

    /// Returns whether any picture is shown.
    pub fn is_visible(self) -> bool {
        matches!(self, Self::Tile { .. } | Self::Focus)
    }

    /// Returns whether pictures are of any use, shown or not.
    pub fn wants_pictures(self) -> bool {
        self != Self::Hidden
    }

    /// Returns how many pictures a second are of use. `None` means all.
    pub fn max_rate(self) -> Option<u32> {
        match self {
            Self::Tile { .. } => Some(TILE_RATE),
            Self::Hidden | Self::Unseen | Self::Focus => None,
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
