//! Paints where the other participants point, and a desktop's own pointer, over the picture.

use std::time::Instant;

use egui::{Align2, Color32, FontId, Painter, Pos2, Shape, Stroke, vec2};

use super::acts::SeenActs;
use super::geometry::FrameToUi;
use crate::base::text::one_line;
use crate::model::{FramePos, People, RemotePointer};
use crate::ui::people::color_of;

/// A pointer has this many points from its tip to the far corner.
const SIZE: f32 = 14.0;
/// Points that a label keeps from the edge of the picture.
const MARGIN: f32 = 6.0;

/// Paints where each of the other participants points and what they do there, in the participant's color.
pub(super) fn paint_pointers(
    painter: &Painter,
    geometry: &FrameToUi,
    people: &People,
    pointers: &[RemotePointer],
    acts: &SeenActs,
    now: Instant,
) {
    let painter = painter.with_clip_rect(geometry.visible_rect());
    let others = pointers.iter().filter(|pointer| pointer.index != people.me);
    for pointer in others.filter(|pointer| acts.shows(pointer.index, now)) {
        // The other participant's picture may have another size than ours.
        let tip = geometry.ui_from_frame(pointer.at.in_frame(geometry.frame()));
        let color = color_of(pointer.index);
        acts.paint_ring(&painter, pointer.index, tip, now);
        painter.add(Shape::convex_polygon(arrow(tip), color, Stroke::new(1.0, Color32::BLACK)));
        let name = one_line(&people.name_of(pointer.index), 24);
        let label = acts.label(pointer, &name, now);
        let galley = painter.layout_no_wrap(label, FontId::proportional(11.0), Color32::BLACK);
        let place = Align2::LEFT_TOP.anchor_size(tip + vec2(10.0, SIZE), galley.size());
        // A long text would be cut at the edge of the picture.
        let beyond = (place.right() + MARGIN - geometry.visible_rect().right()).max(0.0);
        let place = place.translate(vec2(-beyond, 0.0));
        painter.rect_filled(place.expand2(vec2(4.0, 1.0)), 3.0, color);
        painter.galley(place.min, galley, Color32::BLACK);
    }
}

/// Paints a desktop's own pointer, which is not in its screenshots.
pub(super) fn paint_cursor(painter: &Painter, geometry: &FrameToUi, at: FramePos) {
    let tip = geometry.ui_from_frame(at);
    let painter = painter.with_clip_rect(geometry.visible_rect());
    let edge = Stroke::new(1.0, Color32::BLACK);
    painter.add(Shape::convex_polygon(arrow(tip), Color32::WHITE, edge));
}

fn arrow(tip: Pos2) -> Vec<Pos2> {
    vec![
        tip,
        tip + vec2(0.0, SIZE),
        tip + vec2(SIZE * 0.3, SIZE * 0.72),
        tip + vec2(SIZE * 0.72, SIZE * 0.7),
    ]
}
