//! The clip of the demo cameras in a screenshot: where it lies, which of its pictures is shown, what is in that one.

use image::RgbImage;
use serde_json::Value;

use crate::picture::{Axis, Ink, Part, Picture, Placing};

/// The lines of the sports ground, which are always there.
const LINE: Ink = Ink { rgb: [206, 212, 216], off_by: 26 };
/// The field that they are on.
const FIELD: Ink = Ink { rgb: [38, 78, 122], off_by: 12 };
const FIELD_WIDTH: f64 = 576.0;
/// What there is around it.
const BESIDE_FIELD: f64 = 32.0;
const ABOVE_FIELD: f64 = 24.0;
const BELOW_FIELD: f64 = 88.0;
/// The middles of the two long lines, from above, and of the line between the halves, from the left.
const LONG: [f64; 2] = [44.0, 252.0];
const MIDDLE: f64 = 324.0;
/// From the left, where the picture is not cut.
const OUTER: [f64; 2] = [52.0, 588.0];

/// Every so many pixels of the clip are compared.
const SAMPLE_EVERY: usize = 8;

const PICTURES: &[u8] = include_bytes!("../../assets/camera/frames.mjpeg");
const TIMELINE: &str = include_str!("../../assets/camera/timeline.jsonl");

/// What the demo cameras play.
pub(crate) struct Clip {
    stills: Vec<Still>,
}

pub(crate) struct Still {
    picture: RgbImage,
    pub(crate) found: Vec<Found>,
}

pub(crate) struct Found {
    pub(crate) class: String,
    /// Left, top, right, bottom.
    pub(crate) edges: [f64; 4],
}

impl Clip {
    pub(crate) fn read() -> Self {
        let mut rest = PICTURES;
        let still = |line: &str| {
            let words: Value = serde_json::from_str(line).unwrap();
            let length = words["frame"].as_u64().unwrap() as usize;
            let (jpeg, after) = rest.split_at(length);
            rest = after;
            Still {
                picture: image::load_from_memory(jpeg).unwrap().into_rgb8(),
                found: words["detections"].as_array().unwrap().iter().map(Found::read).collect(),
            }
        };
        Self { stills: TIMELINE.lines().map(still).collect() }
    }

    /// The number of the picture that is shown; boxes and what lies on it differ from each.
    pub(crate) fn shown(&self, screen: &Picture, part: Part, placing: Placing) -> usize {
        let off = |still: &&Still| still.off(screen, part, placing);
        let nearest = self.stills.iter().enumerate().min_by_key(|(_, s)| off(s));
        nearest.unwrap().0
    }

    /// Counted in a circle.
    pub(crate) fn still(&self, nth: usize) -> &Still {
        &self.stills[nth % self.stills.len()]
    }
}

impl Still {
    fn off(&self, screen: &Picture, part: Part, placing: Placing) -> u64 {
        let (width, height) = self.picture.dimensions();
        let mut sum = 0;
        for y in (2..height).step_by(SAMPLE_EVERY) {
            for x in (2..width).step_by(SAMPLE_EVERY) {
                let at = placing.to_window((f64::from(x) + 0.5, f64::from(y) + 0.5));
                if part.contains(at)
                    && let Some(seen) = screen.at(at)
                {
                    let is = self.picture.get_pixel(x, y).0;
                    let off = is.iter().zip(seen).map(|(a, b)| u64::from(a.abs_diff(b)));
                    sum += off.sum::<u64>();
                }
            }
        }
        sum
    }
}

impl Found {
    fn read(words: &Value) -> Self {
        let [x, y, w, h] = [0, 1, 2, 3].map(|n| words["bbox"][n].as_f64().unwrap());
        Self { class: words["class"].as_str().unwrap().to_owned(), edges: [x, y, x + w, y + h] }
    }
}

/// Where the clip lies in this part of the window; `None` where its lines are not in sight.
pub(crate) fn find_ground(screen: &Picture, part: Part) -> Option<Placing> {
    let lines = |part, axis| -> Vec<f64> {
        let bands = screen.bands(&LINE, part, axis, 0.75).into_iter();
        bands.map(|(from, to)| f64::from(from + to) / 2.0).collect()
    };
    let [top, bottom] = *lines(part, Axis::Rows).as_slice() else {
        return None;
    };
    let scale = (bottom - top) / (LONG[1] - LONG[0]);
    let origin = top - LONG[0] * scale;
    let between = Part {
        top: (origin + 60.0 * scale) as i32,
        bottom: (origin + 240.0 * scale) as i32,
        ..part
    };
    match *lines(between, Axis::Columns).as_slice() {
        [left, _, right] => {
            let page = [(OUTER[0], LONG[0]), (OUTER[1], LONG[1])];
            Placing::from_points(page, [(left, top), (right, bottom)])
        }
        [middle] => Some(Placing::new((middle - MIDDLE * scale, origin), scale)),
        _ => None,
    }
}

/// The pictures of a wall whose tiles all show the clip, from left to right and then downwards.
pub(crate) fn tiles(screen: &Picture) -> Vec<Part> {
    let whole = screen.whole();
    let fields = |axis| screen.bands(&FIELD, whole, axis, 0.0);
    let columns = fields(Axis::Columns);
    let tile = |(top, bottom): (i32, i32), (left, right): (i32, i32)| {
        let scale = f64::from(right - left) / FIELD_WIDTH;
        let wide = |length: f64| (length * scale) as i32;
        Part {
            left: left - wide(BESIDE_FIELD),
            top: top - wide(ABOVE_FIELD),
            right: right + wide(BESIDE_FIELD),
            bottom: bottom + wide(BELOW_FIELD),
        }
    };
    let rows = fields(Axis::Rows).into_iter();
    rows.flat_map(|row| columns.iter().map(move |column| tile(row, *column))).collect()
}
