//! Tests that boxes are where their objects are, at every zoom and scale, and that labels can be read.

use std::sync::Arc;

use egui::epaint::{ClippedShape, TextShape};
use egui::{Context, RawInput};

use super::*;
use crate::model::{Area, FrameRect, FrameSize};
use crate::ui::picture::{View, Zoom};

const SIZE: FrameSize = FrameSize { width: 640, height: 360 };
/// The area for pictures, in points. It is not at the origin, so that a forgotten offset is found.
const AREA: Rect = Rect { min: pos2(30.0, 20.0), max: pos2(930.0, 620.0) };

fn found(class: &str, confidence: f32, x: f32, y: f32, width: f32, height: f32) -> Detection {
    Detection {
        class: Arc::from(class),
        confidence,
        area: Area::Pixels(FrameRect { x, y, width, height }),
    }
}

fn geometry(zoom: Zoom, pixels_per_point: f32, center: Vec2) -> FrameToUi {
    FrameToUi::new(SIZE, AREA, pixels_per_point, View { zoom, center }).unwrap()
}

/// Returns all shapes that are painted.
fn paint(geometry: &FrameToUi, found: &[Detection], filter: &DetectionFilter) -> Vec<ClippedShape> {
    let ctx = Context::default();
    let mut input = RawInput::default();
    let root = input.viewports.get_mut(&egui::ViewportId::ROOT).unwrap();
    root.native_pixels_per_point = Some(geometry.pixels_per_point());
    let output = ctx.run_ui(input, |ui| {
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(2_000.0, 2_000.0));
        let painter = ui.painter().with_clip_rect(screen);
        paint_boxes(&painter, geometry, found, filter);
    });
    let shapes = output.shapes.clone();
    output.drop_without_applying_deltas();
    shapes
}

fn shown(geometry: &FrameToUi, found: &[Detection]) -> Vec<ClippedShape> {
    paint(geometry, found, &DetectionFilter::default())
}

/// The frame around one object.
struct Frame {
    rect: Rect,
    width: f32,
    color: Color32,
}

/// Returns the colored frames in the order in which they were painted. Each consists of four bars.
fn frames(shapes: &[ClippedShape]) -> Vec<Frame> {
    let vertices = shapes.iter().flat_map(|shape| match &shape.shape {
        Shape::Mesh(mesh) => mesh.vertices.clone(),
        _ => Vec::new(),
    });
    let colored: Vec<_> = vertices.filter(|vertex| vertex.color != OUTLINE).collect();
    let frames = colored.chunks(16).map(|bars| Frame {
        rect: Rect::from_points(&bars.iter().map(|vertex| vertex.pos).collect::<Vec<_>>()),
        width: bars[2].pos.y - bars[0].pos.y,
        color: bars[0].color,
    });
    frames.collect()
}

fn labels(shapes: &[ClippedShape]) -> Vec<(&TextShape, Rect)> {
    let texts = shapes.iter().filter_map(|shape| match &shape.shape {
        Shape::Text(text) => Some((text, text.visual_bounding_rect())),
        _ => None,
    });
    texts.collect()
}

fn assert_near(got: Rect, wanted: Rect) {
    let apart = (got.min - wanted.min).abs().max((got.max - wanted.max).abs());
    assert!(apart.max_elem() < 0.02, "{got:?} is not {wanted:?}");
}

#[test]
fn a_box_is_on_its_object_at_every_zoom_pan_and_scale() {
    let object = [found("person", 0.93, 100.0, 50.0, 200.0, 120.0)];
    for pixels_per_point in [1.0, 1.25, 2.0] {
        // The whole picture fits: 640 × 360 pixels have 900 × 600 points.
        let fit = 900.0 / 640.0;
        let top = 20.0 + (600.0 - 360.0 * fit) / 2.0;
        let wanted = Rect::from_min_size(
            pos2(30.0 + 100.0 * fit, top + 50.0 * fit),
            vec2(200.0, 120.0) * fit,
        );
        let painted = shown(&geometry(Zoom::Fit, pixels_per_point, Vec2::ZERO), &object);
        let got = frames(&painted)[0].rect;
        // The picture begins on a whole pixel.
        assert!((got.min - wanted.min).abs().max_elem() <= 1.0, "{got:?}");
        assert!((got.size() - wanted.size()).abs().max_elem() <= 1.0, "{got:?}");

        for (zoom, scale) in
            [(Zoom::Actual, 1.0), (Zoom::Factor(2.0), 2.0), (Zoom::Factor(4.0), 4.0)]
        {
            for center in [Vec2::ZERO, vec2(-60.0, 30.0)] {
                let geometry = geometry(zoom, pixels_per_point, center);
                let painted = shown(&geometry, &object);
                let points = scale / pixels_per_point;
                let origin = geometry.image_rect().min;
                let wanted = Rect::from_min_size(
                    origin + vec2(100.0, 50.0) * points,
                    vec2(200.0, 120.0) * points,
                );
                let wanted = wanted.round_to_pixels(pixels_per_point);
                assert_near(frames(&painted)[0].rect, wanted);
                assert_eq!(painted[0].clip_rect, geometry.visible_rect());
            }
        }
    }
}

#[test]
fn fractions_and_pixels_are_the_same_place() {
    let half = Detection {
        area: Area::Fraction(FrameRect { x: 0.25, y: 0.5, width: 0.5, height: 0.25 }),
        ..found("person", 0.9, 0.0, 0.0, 0.0, 0.0)
    };
    let pixels = found("person", 0.9, 160.0, 180.0, 320.0, 90.0);
    let geometry = geometry(Zoom::Factor(1.5), 1.0, Vec2::ZERO);
    let painted = shown(&geometry, &[half, pixels]);
    let frames = frames(&painted);
    assert_eq!(frames[0].rect, frames[1].rect);
}

#[test]
fn what_reaches_out_is_cut_at_the_picture_and_what_is_outside_is_not_shown() {
    let geometry = geometry(Zoom::Actual, 1.0, Vec2::ZERO);
    let image = geometry.image_rect();
    let painted = shown(&geometry, &[found("car", 0.9, -50.0, 300.0, 9e9, 9e9)]);
    let wanted = Rect::from_min_max(image.min + vec2(0.0, 300.0), image.max);
    assert_near(frames(&painted)[0].rect, wanted);
    for (x, y, width, height) in [
        (700.0, 10.0, 50.0, 50.0),
        (-80.0, 10.0, 50.0, 50.0),
        (f32::NAN, 10.0, 50.0, 50.0),
        (10.0, 10.0, f32::INFINITY, 50.0),
        (10.0, 10.0, -5.0, 50.0),
    ] {
        let painted = shown(&geometry, &[found("car", 0.9, x, y, width, height)]);
        assert!(painted.is_empty(), "{x} {y} {width} {height}");
    }
    // A far object is a point on screen, and still has a box.
    let painted = shown(&geometry, &[found("car", 0.9, 320.0, 180.0, 0.5, 0.0)]);
    assert_eq!(frames(&painted)[0].rect.size(), Vec2::splat(MIN_SIDE));
}

#[test]
fn labels_stay_in_what_is_seen_of_the_picture() {
    let long = "an extraordinarily long name of a class that nobody needs";
    for zoom in [Zoom::Fit, Zoom::Actual, Zoom::Factor(4.0)] {
        let geometry = geometry(zoom, 1.0, vec2(100.0, 50.0));
        let seen = geometry.visible_rect();
        for y in [0.0, 5.0, 100.0, 350.0, 359.0] {
            for x in [0.0, 300.0, 600.0, 639.0] {
                let object = [found(long, 0.5, x, y, 60.0, 40.0)];
                let painted = shown(&geometry, &object);
                for (text, rect) in labels(&painted) {
                    assert!(seen.expand(0.6).contains_rect(rect), "{rect:?} of {seen:?}");
                    assert!(text.galley.text().ends_with("… (50%)"));
                }
                let is_seen = frames(&painted).iter().any(|f| f.rect.intersects(seen));
                assert_eq!(labels(&painted).len(), usize::from(is_seen), "{x} {y}");
            }
        }
    }
    // A name as wide as the area is cut there, too.
    let narrow = Rect::from_min_size(pos2(10.0, 10.0), vec2(170.0, 200.0));
    let geometry = FrameToUi::new(SIZE, narrow, 1.0, View::default()).unwrap();
    let painted = shown(&geometry, &[found(&"W".repeat(24), 0.5, 0.0, 100.0, 640.0, 100.0)]);
    let (_, rect) = labels(&painted)[0];
    assert!(narrow.contains_rect(rect), "{rect:?}");
}

#[test]
fn labels_keep_clear_of_each_other_and_tell_class_and_confidence() {
    let geometry = geometry(Zoom::Actual, 1.0, Vec2::ZERO);
    let objects = [
        found("person", 0.934, 100.0, 100.0, 80.0, 120.0),
        found("dog", 0.5, 104.0, 102.0, 80.0, 120.0),
        found("ball", 1.0, 98.0, 101.0, 80.0, 120.0),
    ];
    let painted = shown(&geometry, &objects);
    let labels = labels(&painted);
    let texts: Vec<_> = labels.iter().map(|(text, _)| text.galley.text()).collect();
    assert_eq!(texts, ["ball (100%)", "person (93%)", "dog (50%)"]);
    for (n, (_, one)) in labels.iter().enumerate() {
        for (_, other) in &labels[n + 1..] {
            assert!(!one.intersects(*other), "{one:?} {other:?}");
        }
    }
    // The surest object lies on top.
    let colors: Vec<_> = frames(&painted).iter().map(|frame| frame.color).collect();
    let wanted = ["dog", "person", "ball"].map(|class| ClassLook::of(class).color);
    assert_eq!(colors, wanted);
}

#[test]
fn the_filter_is_obeyed() {
    let geometry = geometry(Zoom::Actual, 1.0, Vec2::ZERO);
    let objects = [
        found("person", 0.9, 100.0, 100.0, 80.0, 120.0),
        found("person", 0.2, 200.0, 100.0, 80.0, 120.0),
        found("dog", 0.9, 300.0, 100.0, 80.0, 120.0),
    ];
    let count = |filter: &DetectionFilter| frames(&paint(&geometry, &objects, filter)).len();
    let mut filter = DetectionFilter::default();
    assert_eq!(count(&filter), 3);
    filter.min_confidence = 0.5;
    assert_eq!(count(&filter), 2);
    filter.set_shown(&objects[2].class, false);
    assert_eq!(count(&filter), 1);
    filter.all_hidden = true;
    assert!(paint(&geometry, &objects, &filter).is_empty());
}

#[test]
fn lines_are_thin_in_a_tile_which_has_marks_instead_of_labels() {
    let object = [found("person", 0.9, 100.0, 100.0, 300.0, 200.0)];
    let in_width = |width: f32| {
        let area = Rect::from_min_size(Pos2::ZERO, vec2(width, width));
        let geometry = FrameToUi::new(SIZE, area, 1.0, View::default()).unwrap();
        let painted = shown(&geometry, &object);
        (frames(&painted)[0].width, labels(&painted).len())
    };
    let (tile, large) = (in_width(120.0), in_width(1_600.0));
    assert_eq!(tile, (1.0, 0));
    assert_eq!(large, (3.0, 1));
}

#[test]
fn a_flood_of_boxes_is_bounded() {
    let flood: Vec<_> = (0..5_000)
        .map(|n| {
            let (x, y) = ((n * 37 % 600) as f32, (n * 53 % 320) as f32);
            found(&format!("class {n}"), 0.5, x, y, 30.0, 30.0)
        })
        .collect();
    let painted = shown(&geometry(Zoom::Fit, 1.0, Vec2::ZERO), &flood);
    assert_eq!(frames(&painted).len(), MAX_BOXES);
    assert_eq!(labels(&painted).len(), MAX_LABELS);
}
