//! Reads the recordings that are bundled: JPEG pictures stand one after the other in one file, which a timeline of JSON
//! lines in another cuts.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One line of a timeline.
pub(crate) struct BundledStep<T> {
    /// The time since the first line.
    pub(crate) at: Duration,
    pub(crate) picture: Option<Bytes>,
    /// The other fields of the line.
    pub(crate) rest: T,
}

#[derive(Deserialize)]
struct TimelineLine<T> {
    at_ms: u64,
    /// The length in bytes of the line's picture, if it has one.
    frame: Option<usize>,
    #[serde(flatten)]
    rest: T,
}

pub(crate) fn steps<T: DeserializeOwned>(
    timeline: &str,
    pictures: &'static [u8],
) -> Vec<BundledStep<T>> {
    let mut pictures = Bytes::from_static(pictures);
    let step = |line| {
        let TimelineLine { at_ms, frame, rest } =
            serde_json::from_str(line).expect("a test reads every bundled line");
        BundledStep {
            at: Duration::from_millis(at_ms),
            picture: frame.map(|length| pictures.split_to(length)),
            rest,
        }
    };
    timeline.lines().map(step).collect()
}
