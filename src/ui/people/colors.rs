//! Gives each participant a color, which is the same in the roster, in the talk and at the pointer.

use egui::Color32;

use crate::model::people::AGENT;

/// Colors of participants. They are told apart also with red-green color blindness, on dark and on light ground.
const PALETTE: [Color32; 7] = [
    Color32::from_rgb(0x56, 0xB4, 0xE9),
    Color32::from_rgb(0xE6, 0x9F, 0x00),
    Color32::from_rgb(0x00, 0x9E, 0x73),
    Color32::from_rgb(0xCC, 0x79, 0xA7),
    Color32::from_rgb(0xD5, 0x5E, 0x00),
    Color32::from_rgb(0x4C, 0x7F, 0xD9),
    Color32::from_rgb(0xB8, 0xA9, 0x1F),
];

/// The agent has a gray of its own, because it is no person and always there.
const AGENT_COLOR: Color32 = Color32::from_rgb(0x9A, 0xA0, 0xA6);

/// Returns the color of a participant. The same index always has the same color.
pub fn color_of(index: u32) -> Color32 {
    match index {
        AGENT => AGENT_COLOR,
        index => {
            let (round, at) = (index as usize / PALETTE.len(), index as usize % PALETTE.len());
            // Indices only rise, so the next seven participants get other shades than those who may still be there.
            match round % 2 {
                0 => PALETTE[at],
                _ => PALETTE[at].lerp_to_gamma(Color32::WHITE, 0.5),
            }
        }
    }
}
