//! Paints what was found in a picture onto it: a box for each object, with its class and how sure the detector is.
//!
//! Boxes are in pixels of the picture, so they stay on their objects at every zoom and pan.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Galley, Mesh, Painter, Pos2, Rect, Shape, Vec2, pos2, vec2};

use super::class_look::{ClassLook, OUTLINE};
use super::geometry::FrameToUi;
use crate::base::text::one_line;
use crate::model::{Detection, DetectionFilter, FramePos};

/// At most this many boxes are painted. A server may claim any number, and more could not be told apart.
const MAX_BOXES: usize = 1_000;
/// At most this many boxes have a label, because more would hide the picture. The surest objects have theirs.
const MAX_LABELS: usize = 60;
/// A class's name is cut to this many characters.
const MAX_NAME: usize = 24;
/// A picture narrower than this many points has smaller texts, or none.
const SMALL: f32 = 420.0;
const TINY: f32 = 160.0;
/// Each side of a box has at least this many points, or a far object would have no box.
const MIN_SIDE: f32 = 6.0;
const PAD: Vec2 = vec2(4.0, 1.0);

/// Paints the boxes of `detections` that pass `filter` over the picture at `geometry`, clipped to its visible part.
pub fn paint_boxes(
    painter: &Painter,
    geometry: &FrameToUi,
    detections: &[Detection],
    filter: &DetectionFilter,
) {
    let seen = geometry.visible_rect();
    let painter = painter.with_clip_rect(seen.intersect(painter.clip_rect()));
    let mut boxes: Vec<Placed<'_>> = detections
        .iter()
        .filter(|found| filter.shows(found))
        .filter_map(|found| Placed::new(found, geometry))
        .filter(|placed| placed.rect.intersects(seen))
        .take(MAX_BOXES)
        .collect();
    if boxes.is_empty() {
        return;
    }
    // The surest object comes last, so that it lies on top and keeps its label where there are too many.
    boxes.sort_by(|a, b| a.found.confidence.total_cmp(&b.found.confidence));
    let pixels = geometry.pixels_per_point();
    let width = line_width(geometry).round_to_pixels(pixels);
    let edge = 1.0_f32.round_to_pixels(pixels);
    // All frames are one mesh. Strokes have four times as many triangles, which counts where there is no GPU.
    let mut frames = Mesh::default();
    for placed in &boxes {
        let rect = placed.rect.round_to_pixels(pixels);
        add_frame(&mut frames, rect.expand(edge), width + 2.0 * edge, OUTLINE);
        add_frame(&mut frames, rect, width, placed.look.color);
    }
    painter.add(frames);
    label_boxes(&painter, geometry, &boxes);
}

/// One object with its box on screen, in points.
struct Placed<'a> {
    found: &'a Detection,
    rect: Rect,
    look: ClassLook,
}

impl<'a> Placed<'a> {
    /// Places an object. Returns `None` where it lies wholly outside of the picture, or its box is no rectangle.
    fn new(found: &'a Detection, geometry: &FrameToUi) -> Option<Self> {
        let size = geometry.frame();
        let area = found.area.in_pixels(size);
        let picture = Rect::from_min_size(Pos2::ZERO, vec2(size.width as f32, size.height as f32));
        let area = Rect::from_min_size(pos2(area.x, area.y), vec2(area.width, area.height));
        if !area.is_finite() || area.is_negative() {
            return None;
        }
        // The box is cut where the picture ends, so that one that reaches out of it is still closed.
        let area = area.intersect(picture);
        if area.is_negative() {
            return None;
        }
        let on_screen = |at: Pos2| geometry.ui_from_frame(FramePos { x: at.x, y: at.y });
        let rect = Rect::from_min_max(on_screen(area.min), on_screen(area.max));
        let rect = Rect::from_center_size(rect.center(), rect.size().max(Vec2::splat(MIN_SIDE)));
        Some(Self { found, rect, look: ClassLook::of(&found.class) })
    }
}

/// Adds the border of `rect`, which lies inside of it.
fn add_frame(mesh: &mut Mesh, rect: Rect, width: f32, color: Color32) {
    let width = width.min(rect.size().min_elem() / 2.0);
    let (outer, inner) = (rect, rect.shrink(width));
    let parts = [
        (outer.min, pos2(outer.right(), inner.top())),
        (pos2(outer.left(), inner.bottom()), outer.max),
        (pos2(outer.left(), inner.top()), inner.left_bottom()),
        (inner.right_top(), pos2(outer.right(), inner.bottom())),
    ];
    for (min, max) in parts {
        mesh.add_colored_rect(Rect::from_min_max(min, max), color);
    }
}

/// Returns the width of a border in points: thin in a tile, thicker where the picture is shown large.
fn line_width(geometry: &FrameToUi) -> f32 {
    (geometry.image_rect().size().min_elem() / 240.0).clamp(1.0, 3.0)
}

fn label_boxes(painter: &Painter, geometry: &FrameToUi, boxes: &[Placed<'_>]) {
    let seen = geometry.visible_rect();
    let width = geometry.image_rect().width();
    if width < TINY {
        return;
    }
    let font = FontId::proportional(if width < SMALL { 10.0 } else { 12.5 });
    let mark = font.size * 0.8;
    let mut taken: Vec<Rect> = Vec::new();
    let (mut marks, mut labels) = (Vec::new(), Vec::new());
    for placed in boxes.iter().rev() {
        let label = (taken.len() < MAX_LABELS)
            .then(|| Label::new(painter, placed, &font, mark, seen.width()))
            .and_then(|label| Some((label.place(placed.rect, seen, &taken)?, label)));
        let Some((rect, label)) = label else {
            let center = placed.rect.intersect(seen).min + Vec2::splat(mark / 2.0);
            marks.extend(placed.look.shapes(center, mark));
            continue;
        };
        taken.push(rect);
        labels.push(Shape::rect_filled(rect, 2.0, OUTLINE));
        let center = pos2(rect.left() + PAD.x + mark / 2.0, rect.center().y);
        labels.extend(placed.look.shapes(center, mark));
        let at = pos2(rect.left() + 2.0 * PAD.x + mark, rect.top() + PAD.y);
        labels.push(Shape::galley(at, label.text, Color32::WHITE));
    }
    painter.extend(marks.into_iter().chain(labels));
}

/// A label such as "person (93%)", laid out.
struct Label {
    text: Arc<Galley>,
    size: Vec2,
}

impl Label {
    fn new(painter: &Painter, placed: &Placed<'_>, font: &FontId, mark: f32, room: f32) -> Self {
        let beside = 3.0 * PAD.x + mark;
        let text = painter.layout_job(LayoutJob {
            wrap: TextWrapping::truncate_at_width((room - beside).max(0.0)),
            ..LayoutJob::single_section(
                words(placed.found),
                TextFormat::simple(font.clone(), Color32::WHITE),
            )
        });
        let size = text.size() + vec2(beside, 2.0 * PAD.y);
        Self { text, size }
    }

    /// Returns where the label lies: above the box, in its top, below it, or in its bottom. The first of these that
    /// lies in the picture and covers no other label wins, else the first that lies in the picture. Returns `None`
    /// where none does.
    fn place(&self, rect: Rect, seen: Rect, taken: &[Rect]) -> Option<Rect> {
        let rect = rect.intersect(seen);
        let Vec2 { x, y } = self.size;
        let left = rect.left().min(seen.right() - x).max(seen.left());
        let right = (rect.right() - x).clamp(seen.left(), (seen.right() - x).max(seen.left()));
        let tops = [rect.top() - y, rect.top(), rect.bottom(), rect.bottom() - y];
        let places = tops.into_iter().flat_map(|top| [pos2(left, top), pos2(right, top)]);
        let inside: Vec<Rect> = places
            .map(|at| Rect::from_min_size(at, self.size))
            .filter(|place| seen.expand(0.5).contains_rect(*place))
            .collect();
        let is_free = |place: &&Rect| !taken.iter().any(|other| other.intersects(**place));
        inside.iter().find(is_free).or(inside.first()).copied()
    }
}

fn words(found: &Detection) -> String {
    let percent = (found.confidence.clamp(0.0, 1.0) * 100.0).round();
    format!("{} ({percent}%)", one_line(&found.class, MAX_NAME))
}

#[cfg(test)]
mod tests;
