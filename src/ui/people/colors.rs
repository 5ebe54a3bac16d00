//! A color for each participant: the same in the roster, in the talk and at the pointer.

use egui::Color32;

/// Told apart also with red-green color blindness, on dark and on light ground.
const PALETTE: [Color32; 7] = [
    Color32::from_rgb(0x56, 0xB4, 0xE9),
    Color32::from_rgb(0xE6, 0x9F, 0x00),
    Color32::from_rgb(0x00, 0x9E, 0x73),
    Color32::from_rgb(0xCC, 0x79, 0xA7),
    Color32::from_rgb(0xD5, 0x5E, 0x00),
    Color32::from_rgb(0x4C, 0x7F, 0xD9),
    Color32::from_rgb(0xB8, 0xA9, 0x1F),
];

/// The same index always has the same color.
pub fn color_of(index: u32) -> Color32 {
    PALETTE[index as usize % PALETTE.len()]
}
