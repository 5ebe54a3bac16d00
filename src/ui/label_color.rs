//! Names and paints the colors that a user gives to sessions.

use egui::{Color32, Context, Theme};

use crate::settings::LabelColor;

/// Returns the color of a label as it is painted on the ground of the window.
pub fn color_of(ctx: &Context, color: LabelColor) -> Color32 {
    let (dark, light) = match color {
        LabelColor::Red => (0xff6b5e, 0xc02a1e),
        LabelColor::Orange => (0xf5a05a, 0xa04a00),
        LabelColor::Green => (0x4fd08b, 0x0d6b3c),
        LabelColor::Blue => (0x6cb2ff, 0x0a58c2),
        LabelColor::Purple => (0xc792f0, 0x6a2fb0),
    };
    let hex: u32 = if ctx.theme() == Theme::Dark { dark } else { light };
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

/// Returns the name of a label's color.
pub fn word_of(color: LabelColor) -> &'static str {
    match color {
        LabelColor::Red => "Red",
        LabelColor::Orange => "Orange",
        LabelColor::Green => "Green",
        LabelColor::Blue => "Blue",
        LabelColor::Purple => "Purple",
    }
}
