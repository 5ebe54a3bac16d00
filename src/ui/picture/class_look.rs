//! Gives each class of objects a color and a mark. They follow from its name alone, so that they are the same on every
//! run and on every machine.

use egui::{Color32, Painter, Pos2, Rect, Shape, Vec2, vec2};

/// Colors that the color-blind can tell apart, too: those of M. Okabe and K. Ito, "Color Universal Design", without
/// black, and with the blue lightened to be seen on dark pictures.
const COLORS: [Color32; 7] = [
    Color32::from_rgb(0xE6, 0x9F, 0x00),
    Color32::from_rgb(0x56, 0xB4, 0xE9),
    Color32::from_rgb(0x00, 0x9E, 0x73),
    Color32::from_rgb(0xF0, 0xE4, 0x42),
    Color32::from_rgb(0x2F, 0x80, 0xD0),
    Color32::from_rgb(0xD5, 0x5E, 0x00),
    Color32::from_rgb(0xCC, 0x79, 0xA7),
];

/// The color around and under what is painted on a picture, so that it is seen on any ground.
pub const OUTLINE: Color32 = Color32::from_black_alpha(200);

/// The shape by which classes differ for eyes and screens that tell few colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassMark {
    /// A square.
    Square,
    /// A circle.
    Circle,
    /// A triangle.
    Triangle,
    /// A square on its corner.
    Diamond,
}

const MARKS: [ClassMark; 4] =
    [ClassMark::Square, ClassMark::Circle, ClassMark::Triangle, ClassMark::Diamond];

/// How a class of objects looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassLook {
    /// The color of its boxes.
    pub color: Color32,
    /// The mark on its labels.
    pub mark: ClassMark,
}

impl ClassLook {
    /// Returns the look of a class by its name.
    pub fn of(class: &str) -> Self {
        let hash = hash(class) as usize % (COLORS.len() * MARKS.len());
        Self { color: COLORS[hash % COLORS.len()], mark: MARKS[hash / COLORS.len()] }
    }

    /// Paints the mark with its dark border. `side` is the side of the square around both, in points.
    pub fn paint(self, painter: &Painter, center: Pos2, side: f32) {
        painter.extend(self.shapes(center, side));
    }

    pub(super) fn shapes(self, center: Pos2, side: f32) -> [Shape; 2] {
        let shape = |side: f32, color: Color32| {
            let half = side / 2.0;
            let rect = Rect::from_center_size(center, Vec2::splat(side));
            match self.mark {
                ClassMark::Square => Shape::rect_filled(rect.shrink(side * 0.08), 0.0, color),
                ClassMark::Circle => Shape::circle_filled(center, half, color),
                ClassMark::Triangle => {
                    let points = vec![rect.center_top(), rect.right_bottom(), rect.left_bottom()];
                    Shape::convex_polygon(points, color, egui::Stroke::NONE)
                }
                ClassMark::Diamond => {
                    let points =
                        [vec2(0.0, -half), vec2(half, 0.0), vec2(0.0, half), vec2(-half, 0.0)];
                    let points = points.map(|by| center + by).to_vec();
                    Shape::convex_polygon(points, color, egui::Stroke::NONE)
                }
            }
        };
        [shape(side, OUTLINE), shape(side * 0.72, self.color)]
    }
}

/// Hashes with FNV-1a and mixes the bits. It must never change, because people know the colors of their classes. The
/// start value gives the classes that detectors find most often (person, car, ball, dog, cat, bicycle and truck)
/// different colors.
fn hash(class: &str) -> u32 {
    const START: u32 = 0x811c_a8de;
    let hash =
        class.bytes().fold(START, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let hash = (hash ^ hash >> 16).wrapping_mul(0x7feb_352d);
    hash ^ hash >> 15
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn common_classes_differ_in_color_and_more_of_them_in_color_and_mark() {
        let common = ["person", "car", "ball", "dog", "cat", "bicycle", "truck"];
        let colors: BTreeSet<_> = common.map(|c| ClassLook::of(c).color.to_array()).into();
        assert_eq!(colors.len(), common.len());
        let more = ["bus", "bird", "motorcycle", "face", "bag"];
        let looks: BTreeSet<_> = common
            .into_iter()
            .chain(more)
            .map(|class| {
                let look = ClassLook::of(class);
                (look.color.to_array(), look.mark as u8)
            })
            .collect();
        assert_eq!(looks.len(), common.len() + more.len());
    }

    #[test]
    fn a_look_is_the_same_on_every_run() {
        let person = ClassLook { color: COLORS[1], mark: ClassMark::Triangle };
        assert_eq!(ClassLook::of("person"), person);
        assert_eq!(hash(""), hash(""));
        for class in ["", "ß", "a very long name of a class"] {
            assert_eq!(ClassLook::of(class), ClassLook::of(class));
        }
    }
}
