//! Computes where the picture lies in the window, and which of its pixels is under the pointer.
//!
//! There are three spaces: *frame* (pixels of the received picture), *pixels* (of the screen) and *points* (egui's
//! unit).

use egui::{Pos2, Rect, TextureFilter, TextureOptions, Vec2, pos2, vec2};

use crate::model::{FramePos, FrameSize, PageFit};

/// The size at which the picture is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Zoom {
    /// The picture is as large as the area allows.
    #[default]
    Fit,
    /// One pixel of the picture is one pixel of the screen.
    Actual,
    /// Pixels of the screen per pixel of the picture.
    Factor(f32),
}

/// The part of the picture that the user chose to see.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View {
    /// The size at which the picture is shown.
    pub zoom: Zoom,
    /// The place in the middle of the area, in frame pixels right and down of the picture's own middle.
    pub center: Vec2,
}

/// The factors that zooming in and out steps through.
const LADDER: [f32; 18] = [
    0.1, 0.15, 0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0,
    16.0,
];
const MIN_SCALE: f32 = LADDER[0];
const MAX_SCALE: f32 = LADDER[LADDER.len() - 1];

/// A smaller page is of no use, in points.
const FIT_MIN: Vec2 = vec2(320.0, 200.0);

/// A picture that would fill the area with this many pixels to spare is shown 1:1 instead, because sharp is better than
/// large.
const SPARE_FOR_SHARP: f32 = 4.0;

/// Positions are rounded to 1/64 pixel, which is finer than any pointer and coarser than the error of the conversion
/// from pixels to points and back.
const POSITION_STEPS: f32 = 64.0;

/// The direction of a step on the ladder of sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoomStep {
    /// The picture gets larger.
    In,
    /// The picture gets smaller.
    Out,
}

/// The placing of one picture in one area of the window; converts between the spaces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameToUi {
    frame: FrameSize,
    /// The area of the window that shows pictures, in pixels.
    area: Rect,
    /// The whole picture, in pixels. Invariant: whole numbers, at least one pixel large.
    image: Rect,
    pixels_per_point: f32,
    view: View,
}

impl FrameToUi {
    /// Places a picture in `area`, which is in points. Returns `None` while there is no picture or no room for one.
    pub fn new(frame: FrameSize, area: Rect, pixels_per_point: f32, view: View) -> Option<Self> {
        let area = Rect {
            min: (area.min * pixels_per_point).round(),
            max: (area.max * pixels_per_point).round(),
        };
        if frame.width == 0 || frame.height == 0 || !area.is_positive() {
            return None;
        }
        let frame_size = vec2(frame.width as f32, frame.height as f32);
        let scale = wanted_scale(frame_size, area.size(), view.zoom);
        let size = (frame_size * scale).round().max(Vec2::splat(1.0));
        let wanted = area.center() - size / 2.0 - view.center * scale;
        let min = pos2(
            placed(wanted.x, size.x, area.min.x, area.max.x),
            placed(wanted.y, size.y, area.min.y, area.max.y),
        );
        // The part of a pan that could not be granted is forgotten, or a pan beyond the edge would have to be undone
        // first.
        let center = vec2(
            granted(view.center.x, wanted.x - min.x, scale),
            granted(view.center.y, wanted.y - min.y, scale),
        );
        Some(Self {
            frame,
            area,
            image: Rect::from_min_size(min, size),
            pixels_per_point,
            view: View { center, ..view },
        })
    }

    /// Returns the size of the received picture, in pixels.
    pub fn frame(&self) -> FrameSize {
        self.frame
    }

    /// Returns the view with its pan kept within the picture.
    pub fn view(&self) -> View {
        self.view
    }

    /// Returns the size that a page is to have to fill the area; `None` where the area is too small for one.
    pub fn page_fit(&self) -> Option<PageFit> {
        let size = (self.area.size() / self.pixels_per_point).floor();
        (size.x >= FIT_MIN.x && size.y >= FIT_MIN.y).then(|| PageFit {
            size: FrameSize { width: size.x as u32, height: size.y as u32 },
            scale: self.pixels_per_point.into(),
        })
    }

    /// Returns the rectangle of the whole picture, in points. It may reach beyond the area.
    pub fn image_rect(&self) -> Rect {
        self.image / self.pixels_per_point
    }

    /// Returns the part of the picture that is seen, in points.
    pub fn visible_rect(&self) -> Rect {
        self.image.intersect(self.area) / self.pixels_per_point
    }

    /// Returns the size of the area for pictures, in pixels.
    pub fn area_pixels(&self) -> Vec2 {
        self.area.size()
    }

    /// Returns the pixels of the screen per pixel of the picture.
    pub fn scale(&self) -> f32 {
        self.image.width() / self.frame.width as f32
    }

    /// Tells whether part of the picture is out of sight.
    pub fn can_pan(&self) -> bool {
        !self.area.contains_rect(self.image)
    }

    /// Returns the pixels of the screen per point.
    pub fn pixels_per_point(&self) -> f32 {
        self.pixels_per_point
    }

    /// Returns the place in the window, in points, of a place in the picture.
    pub fn ui_from_frame(&self, at: FramePos) -> Pos2 {
        let pixel = self.image.min + vec2(at.x, at.y) * self.pixels_per_frame();
        pixel / self.pixels_per_point
    }

    /// Returns the place in the picture under `at`, which is in points, or `None` on the bars around the picture.
    pub fn frame_from_ui(&self, at: Pos2) -> Option<FramePos> {
        let pixel = self.pixel(at);
        let seen = self.image.intersect(self.area);
        let inside = |p: f32, min: f32, max: f32| min <= p && p < max;
        (inside(pixel.x, seen.min.x, seen.max.x) && inside(pixel.y, seen.min.y, seen.max.y))
            .then(|| self.frame_from_pixel(pixel))
    }

    /// Returns the place in the picture that is nearest to `at`, which is in points, for drags that leave the picture.
    pub fn nearest_frame_from_ui(&self, at: Pos2) -> FramePos {
        let last = self.image.max - Vec2::splat(1.0);
        self.frame_from_pixel(self.pixel(at).clamp(self.image.min, last))
    }

    /// Converts a distance from points to pixels of the picture.
    pub fn frame_from_points(&self, distance: Vec2) -> Vec2 {
        distance * self.pixels_per_point / self.pixels_per_frame()
    }

    /// Returns the view at another size, with the same place under `about` (points).
    pub fn zoomed(&self, zoom: Zoom, about: Pos2) -> View {
        let frame_size = vec2(self.frame.width as f32, self.frame.height as f32);
        let scale = wanted_scale(frame_size, self.area.size(), zoom);
        let about = self.pixel(about);
        let under = (about - self.image.min) / self.pixels_per_frame();
        let center = under - frame_size / 2.0 + (self.area.center() - about) / scale;
        View { zoom, center }
    }

    /// Returns the view at the next size up or down from the present one, around the middle.
    pub fn stepped(&self, step: ZoomStep) -> View {
        let now = self.scale();
        let next = match step {
            ZoomStep::In => LADDER.into_iter().find(|&scale| scale > now * 1.01),
            ZoomStep::Out => LADDER.into_iter().rev().find(|&scale| scale < now * 0.99),
        };
        let zoom = match next {
            Some(1.0) => Zoom::Actual,
            Some(scale) => Zoom::Factor(scale),
            None => return self.view,
        };
        self.zoomed(zoom, self.area.center() / self.pixels_per_point)
    }

    /// Returns the view larger or smaller by a factor, with the same place under `about` (points).
    pub fn zoomed_by(&self, factor: f32, about: Pos2) -> View {
        let scale = (self.scale() * factor).clamp(MIN_SCALE, MAX_SCALE);
        self.zoomed(Zoom::Factor(scale), about)
    }

    /// Returns the view with the picture moved by a distance in points.
    pub fn panned(&self, by: Vec2) -> View {
        View { center: self.view.center - self.frame_from_points(by), ..self.view }
    }

    /// Returns how a texture of this size has to be sampled: nearest where its pixels fall on whole pixels of the
    /// screen, which is sharp and, without a GPU, a quarter cheaper; else linear.
    pub fn wanted_filter(&self, texture: [usize; 2]) -> TextureOptions {
        let times = self.image.size() / vec2(texture[0].max(1) as f32, texture[1].max(1) as f32);
        let is_whole = |t: f32| t >= 1.0 && t.fract() == 0.0;
        let filter = if is_whole(times.x) && is_whole(times.y) {
            TextureFilter::Nearest
        } else {
            TextureFilter::Linear
        };
        TextureOptions { magnification: filter, minification: filter, ..TextureOptions::LINEAR }
    }

    fn pixel(&self, at: Pos2) -> Pos2 {
        (at * self.pixels_per_point * POSITION_STEPS).round() / POSITION_STEPS
    }

    fn frame_from_pixel(&self, pixel: Pos2) -> FramePos {
        let at = (pixel - self.image.min) / self.pixels_per_frame();
        FramePos { x: at.x, y: at.y }
    }

    fn pixels_per_frame(&self) -> Vec2 {
        self.image.size() / vec2(self.frame.width as f32, self.frame.height as f32)
    }
}

fn wanted_scale(frame: Vec2, area: Vec2, zoom: Zoom) -> f32 {
    match zoom {
        Zoom::Actual => 1.0,
        Zoom::Factor(factor) => factor.clamp(MIN_SCALE, MAX_SCALE),
        Zoom::Fit => {
            let scale = (area / frame).min_elem();
            let spare = (scale - 1.0) * frame.max_elem();
            if (0.0..=SPARE_FOR_SHARP).contains(&spare) { 1.0 } else { scale }
        }
    }
}

/// Returns where a picture of this size begins: in the middle if it fits, else so that no bar shows.
fn placed(wanted: f32, size: f32, area_min: f32, area_max: f32) -> f32 {
    let room = area_max - area_min;
    if size <= room {
        area_min + ((room - size) / 2.0).floor()
    } else {
        wanted.round().clamp(area_max - size, area_min)
    }
}

/// Returns the pan that came of the wanted one when the picture lies `off` pixels from where it was wanted.
fn granted(wanted: f32, off: f32, scale: f32) -> f32 {
    // Rounding to whole pixels does not move the pan, or repeated steps would drift.
    if off.abs() <= 1.0 { wanted } else { wanted + off / scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE_FACTORS: [f32; 5] = [1.0, 1.25, 1.5, 2.0, 3.0];
    const HD: FrameSize = FrameSize { width: 1280, height: 720 };

    fn shown(area: Rect, pixels_per_point: f32, view: View) -> FrameToUi {
        FrameToUi::new(HD, area, pixels_per_point, view).unwrap()
    }

    fn area(width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(211.0, 47.0), vec2(width, height))
    }

    fn view(zoom: Zoom) -> View {
        View { zoom, center: Vec2::ZERO }
    }

    /// Returns the pointer as winit and egui tell it: whole pixels, divided into points.
    fn pointer(x: i32, y: i32, pixels_per_point: f32) -> Pos2 {
        pos2(x as f32 / pixels_per_point, y as f32 / pixels_per_point)
    }

    #[test]
    fn every_pixel_survives_the_way_there_and_back_at_every_scale_factor() {
        let zooms =
            [Zoom::Fit, Zoom::Actual, Zoom::Factor(0.33), Zoom::Factor(1.7), Zoom::Factor(3.0)];
        for pixels_per_point in SCALE_FACTORS {
            for zoom in zooms {
                for (width, height) in [(640.0, 401.0), (1013.3, 577.7), (1920.0, 1200.0)] {
                    let pan = View { zoom, center: vec2(37.3, -11.9) };
                    let map = shown(area(width, height), pixels_per_point, pan);
                    let seen = map.visible_rect() * pixels_per_point;
                    for x in (seen.min.x.round() as i32..seen.max.x.round() as i32).step_by(7) {
                        let y = seen.center().y as i32;
                        let at = pointer(x, y, pixels_per_point);
                        let frame = map.frame_from_ui(at).expect("within the picture");
                        let back = map.ui_from_frame(frame) * pixels_per_point;
                        let off = (back - pos2(x as f32, y as f32)).abs().max_elem();
                        assert!(off < 0.05, "{pixels_per_point} {zoom:?} {x}: off by {off}");
                    }
                }
            }
        }
    }

    #[test]
    fn at_1_to_1_a_pixel_of_the_screen_is_exactly_one_of_the_picture() {
        for pixels_per_point in SCALE_FACTORS {
            let map = shown(area(1500.0, 900.0), pixels_per_point, view(Zoom::Actual));
            let first = (map.image_rect().min * pixels_per_point).round();
            for n in 0..720 {
                let at = pointer(first.x as i32 + n, first.y as i32 + n, pixels_per_point);
                let wanted = FramePos { x: n as f32, y: n as f32 };
                assert_eq!(map.frame_from_ui(at), Some(wanted), "at {pixels_per_point}");
            }
        }
    }

    #[test]
    fn the_picture_lies_on_whole_pixels() {
        for pixels_per_point in SCALE_FACTORS {
            for zoom in [Zoom::Fit, Zoom::Actual, Zoom::Factor(1.37)] {
                let pan = View { zoom, center: vec2(0.4, 3.3) };
                let image = shown(area(733.3, 411.1), pixels_per_point, pan).image_rect();
                for edge in [image.min.x, image.min.y, image.max.x, image.max.y] {
                    let pixel = edge * pixels_per_point;
                    assert!((pixel - pixel.round()).abs() < 0.01, "{pixel}");
                }
            }
        }
    }

    #[test]
    fn fit_fills_one_direction_and_never_overflows() {
        let check = |width, height, wanted: (f32, f32)| {
            let map = shown(area(width, height), 1.0, view(Zoom::Fit));
            assert_eq!(map.image_rect().size(), vec2(wanted.0, wanted.1));
            assert!(!map.can_pan());
        };
        check(640.0, 500.0, (640.0, 360.0));
        check(1000.0, 360.0, (640.0, 360.0));
        check(2560.0, 1500.0, (2560.0, 1440.0));
        // This is close enough to 1:1 to be shown sharp instead.
        check(1283.0, 900.0, (1280.0, 720.0));
        check(1279.0, 900.0, (1279.0, 719.0));
    }

    #[test]
    fn the_bars_are_outside_and_a_drag_clamps_to_the_last_pixel() {
        let map = shown(area(1280.0, 900.0), 1.0, view(Zoom::Fit));
        let image = map.image_rect();
        assert_eq!(map.frame_from_ui(image.min), Some(FramePos { x: 0.0, y: 0.0 }));
        assert_eq!(map.frame_from_ui(image.min - vec2(0.0, 1.0)), None);
        assert_eq!(map.frame_from_ui(image.max), None);
        let last = FramePos { x: 1279.0, y: 719.0 };
        assert_eq!(map.frame_from_ui(image.max - vec2(1.0, 1.0)), Some(last));
        assert_eq!(map.nearest_frame_from_ui(pos2(9e3, 9e3)), last);
        assert_eq!(map.nearest_frame_from_ui(pos2(-9e3, -9e3)), FramePos::default());
    }

    #[test]
    fn what_lies_beyond_the_area_can_be_dragged_to_but_not_clicked() {
        let map = shown(area(400.0, 300.0), 1.0, view(Zoom::Actual));
        let beyond = area(400.0, 300.0).right_center() + vec2(30.0, 0.0);
        assert_eq!(map.frame_from_ui(beyond), None);
        assert_eq!(map.nearest_frame_from_ui(beyond).x, 640.0 + 200.0 + 30.0);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        for pixels_per_point in SCALE_FACTORS {
            let area = area(600.0, 400.0);
            let map = shown(area, pixels_per_point, view(Zoom::Factor(3.0)));
            let about = area.min + vec2(150.0, 170.0);
            let before = map.frame_from_ui(about).unwrap();
            let mut now = map;
            for factor in [1.3, 1.3, 1.6, 0.7] {
                now = shown(area, pixels_per_point, now.zoomed_by(factor, about));
            }
            let after = now.frame_from_ui(about).unwrap();
            let off = vec2(after.x - before.x, after.y - before.y) * now.scale();
            assert!(off.abs().max_elem() < 3.0, "{pixels_per_point}: off by {off:?} pixels");
        }
    }

    #[test]
    fn a_pan_follows_the_hand_and_stops_at_the_edge() {
        let area = area(600.0, 400.0);
        let map = shown(area, 1.5, view(Zoom::Actual));
        let moved = shown(area, 1.5, map.panned(vec2(20.0, 10.0)));
        assert_eq!((moved.image_rect().min - map.image_rect().min).round(), vec2(20.0, 10.0));
        let far = shown(area, 1.5, map.panned(vec2(1e5, 1e5)));
        assert_eq!((far.image_rect().min * 1.5).round(), (area.min * 1.5).round());
        let back = shown(area, 1.5, far.panned(vec2(-30.0, 0.0)));
        assert_eq!((far.image_rect().min.x - back.image_rect().min.x).round(), 30.0);
        let fit = shown(area, 1.5, view(Zoom::Fit));
        assert_eq!(shown(area, 1.5, fit.panned(vec2(50.0, 0.0))), fit);
    }

    #[test]
    fn steps_go_up_and_down_the_ladder_and_end() {
        let area = area(640.0, 360.0);
        let mut map = shown(area, 1.0, view(Zoom::Fit));
        map = shown(area, 1.0, map.stepped(ZoomStep::In));
        assert_eq!(map.view().zoom, Zoom::Factor(0.67));
        for _ in 0..3 {
            map = shown(area, 1.0, map.stepped(ZoomStep::In));
        }
        assert_eq!(map.view().zoom, Zoom::Actual);
        for _ in 0..30 {
            map = shown(area, 1.0, map.stepped(ZoomStep::In));
        }
        assert_eq!(map.scale(), MAX_SCALE);
        for _ in 0..40 {
            map = shown(area, 1.0, map.stepped(ZoomStep::Out));
        }
        assert_eq!(map.scale(), MIN_SCALE);
    }

    #[test]
    fn pixels_are_sampled_sharp_where_they_fall_on_whole_pixels() {
        let check = |pixels_per_point, zoom, texture, wanted| {
            let map = shown(area(2000.0, 1500.0), pixels_per_point, view(zoom));
            assert_eq!(map.wanted_filter(texture).magnification, wanted, "{zoom:?}");
        };
        check(1.0, Zoom::Actual, [1280, 720], TextureFilter::Nearest);
        check(1.5, Zoom::Actual, [1280, 720], TextureFilter::Nearest);
        check(2.0, Zoom::Factor(3.0), [1280, 720], TextureFilter::Nearest);
        check(1.0, Zoom::Factor(0.5), [640, 360], TextureFilter::Nearest);
        check(1.0, Zoom::Factor(0.5), [1280, 720], TextureFilter::Linear);
        check(1.0, Zoom::Factor(1.5), [1280, 720], TextureFilter::Linear);
        check(1.0, Zoom::Fit, [1280, 720], TextureFilter::Linear);
    }

    #[test]
    fn without_a_picture_or_room_there_is_no_place() {
        let none = FrameSize::default();
        assert_eq!(FrameToUi::new(none, area(9.0, 9.0), 1.0, View::default()), None);
        assert_eq!(FrameToUi::new(HD, area(0.0, 9.0), 1.0, View::default()), None);
        assert_eq!(FrameToUi::new(HD, area(-5.0, 9.0), 1.0, View::default()), None);
    }
}
