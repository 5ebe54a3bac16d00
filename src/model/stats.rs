//! The figures of the statistics overlay and of `--stats`.

use std::time::Duration;

/// Counts since the session was opened and times of the last few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StatsSnapshot {
    pub frames_received: u64,
    pub frames_shown: u64,
    /// Replaced by a newer one before decoding or before painting.
    pub frames_superseded: u64,
    /// Not a picture, too large, or damaged.
    pub frames_refused: u64,
    pub bytes_received: u64,
    /// Over the last second.
    pub bits_per_second: f64,
    pub shown_per_second: f64,
    pub decode: Duration,
    /// A pass of the window that shows a new picture: layout, the upload and painting, which the painter does as one;
    /// not the wait for the screen.
    pub paint: Duration,
    /// From capture (or receipt, where the server tells no time) until its pass was painted, over the last 256
    /// pictures; the network, the queues and decoding are in it, the screen's own delay is not.
    pub age_p50: Duration,
    pub age_p95: Duration,
}
