//! Reads the bundled clip: a sports ground seen from above, with what a detector would have found in each picture.
//!
//! `tests/host/clip` draws it.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::host::bundled;
use crate::model::FrameSize;

static PICTURES: &[u8] = include_bytes!("../../../assets/camera/frames.mjpeg");
static TIMELINE: &str = include_str!("../../../assets/camera/timeline.jsonl");
pub(super) const SIZE: FrameSize = FrameSize { width: 640, height: 360 };

/// The clip, which is read when the first camera is watched.
pub(super) static CLIP: LazyLock<Clip> = LazyLock::new(|| Clip::read(TIMELINE, PICTURES));

/// The pictures of the clip, in order. The last one leads to the first.
pub(super) struct Clip {
    stills: Vec<Still>,
    /// The time from one picture to the next; the last is followed by the first.
    every: Duration,
}

/// One picture of the clip, in the forms in which cameras send it.
pub(super) struct Still {
    pub(super) jpeg: Bytes,
    pub(super) base64: String,
    /// The JSON of what was found in the picture.
    pub(super) detections: String,
}

#[derive(Deserialize)]
struct ClipStep {
    detections: Value,
}

impl Clip {
    fn read(timeline: &str, pictures: &'static [u8]) -> Self {
        let steps = bundled::steps::<ClipStep>(timeline, pictures);
        let every = steps.get(1).expect("a clip has pictures").at;
        let still = |step: bundled::BundledStep<ClipStep>| {
            let jpeg = step.picture.expect("every line has a picture");
            Still {
                base64: BASE64_STANDARD.encode(&jpeg),
                jpeg,
                detections: step.rest.detections.to_string(),
            }
        };
        Self { stills: steps.into_iter().map(still).collect(), every }
    }

    pub(super) fn fps(&self) -> f64 {
        1.0 / self.every.as_secs_f64()
    }

    pub(super) fn period(&self) -> Duration {
        self.every * self.stills.len() as u32
    }

    /// Returns what is shown at this time of an endless repetition.
    pub(super) fn at(&self, time: Duration) -> &Still {
        let nth = time.as_nanos() / self.every.as_nanos();
        &self.stills[(nth % self.stills.len() as u128) as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::ImageFormat;

    #[test]
    fn the_bundled_clip_is_whole_small_and_even() {
        let bytes: usize = CLIP.stills.iter().map(|still| still.jpeg.len()).sum();
        assert_eq!(bytes, PICTURES.len());
        assert!(bytes + TIMELINE.len() < 700_000, "{bytes}");
        for still in &CLIP.stills {
            assert_eq!(ImageFormat::sniff(&still.jpeg), Some(ImageFormat::Jpeg));
            assert_eq!(still.jpeg[still.jpeg.len() - 2..], [0xFF, 0xD9]);
        }
        let steps = bundled::steps::<ClipStep>(TIMELINE, PICTURES);
        for (nth, step) in steps.iter().enumerate() {
            // The timeline counts in whole milliseconds.
            assert_eq!(step.at, CLIP.every * nth as u32);
        }
        assert!((6..=12).contains(&CLIP.period().as_secs()));
        assert!((10.0..=15.0).contains(&CLIP.fps()));
    }

    #[test]
    fn things_come_and_go_and_are_in_the_picture() {
        let mut seen = BTreeSet::new();
        let mut counts = BTreeSet::new();
        for still in &CLIP.stills {
            let found: Vec<Value> = serde_json::from_str(&still.detections).unwrap();
            counts.insert(found.len());
            for one in found {
                let number = |value: &Value| value.as_f64().unwrap();
                let [x, y, w, h] = [0, 1, 2, 3].map(|n| number(&one["bbox"][n]));
                assert!(x >= 0.0 && y >= 0.0 && w > 0.0 && h > 0.0, "{one}");
                assert!(x + w <= f64::from(SIZE.width) && y + h <= f64::from(SIZE.height));
                assert!((0.1..=1.0).contains(&number(&one["confidence"])), "{one}");
                seen.insert(one["class"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(Vec::from_iter(seen), ["ball", "car", "person"]);
        assert!(counts.len() > 2, "{counts:?}");
    }

    #[test]
    fn it_repeats_without_an_end() {
        let same = |a: Duration, b: Duration| std::ptr::eq(CLIP.at(a), CLIP.at(b));
        let (every, period) = (CLIP.every, CLIP.period());
        assert!(same(Duration::ZERO, every - Duration::from_nanos(1)));
        assert!(!same(Duration::ZERO, every));
        assert!(same(every, period * 1_000_000 + every));
    }
}
