//! Paints what lies around and over a picture.

use egui::{Color32, Painter, Rect};

use crate::ui::theme::Colors;

/// Fills `stage` but for what the picture covers, because without a GPU a fill of that size costs as much as the
/// picture itself.
pub(in crate::ui) fn paint_ground(painter: &Painter, stage: Rect, covered: Option<Rect>) {
    let color = Colors::of(painter.ctx()).letterbox;
    for part in around(stage, covered.unwrap_or(Rect::NOTHING)) {
        painter.rect_filled(part, 0, color);
    }
}

/// Returns `stage` without `covered`. The ground reaches a point under the picture's edges, which may lie between
/// pixels.
fn around(stage: Rect, covered: Rect) -> Vec<Rect> {
    let hole = covered.intersect(stage).shrink(1.0);
    if !hole.is_positive() {
        return vec![stage];
    }
    let beside = Rect::from_x_y_ranges(stage.x_range(), hole.y_range());
    vec![
        stage.with_max_y(hole.top()),
        stage.with_min_y(hole.bottom()),
        beside.with_max_x(hole.left()),
        beside.with_min_x(hole.right()),
    ]
}

/// Returns the color of the veil over an old picture. It takes color and contrast away, and still lets the picture be
/// read.
pub(in crate::ui) fn veil() -> Color32 {
    Color32::from_rgba_unmultiplied(72, 72, 76, 175)
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn every_point_is_filled_once_or_under_the_picture() {
        let rect = |x0, y0, x1, y1| Rect::from_min_max(pos2(x0, y0), pos2(x1, y1));
        let stage = rect(0.0, 0.0, 40.0, 30.0);
        for covered in [
            rect(5.0, 5.0, 35.0, 25.0),
            rect(0.0, 4.25, 40.0, 25.75),
            rect(-10.0, -10.0, 90.0, 90.0),
            rect(3.0, 3.0, 4.0, 4.0),
            Rect::NOTHING,
        ] {
            let parts = around(stage, covered);
            for (x, y) in (0..40).flat_map(|x| (0..30).map(move |y| (x, y))) {
                let point = pos2(x as f32 + 0.5, y as f32 + 0.5);
                let times = parts.iter().filter(|part| part.contains(point)).count();
                let hidden = covered.intersect(stage).shrink(2.0).contains(point);
                let painted = times == 1 || (times == 0 && covered.contains(point));
                assert!(painted, "{covered:?} {point:?}: {times} times");
                assert!(times == 0 || !hidden, "{covered:?} {point:?} is under the picture");
            }
        }
    }
}
