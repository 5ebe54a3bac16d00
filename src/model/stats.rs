//! Defines the figures of the statistics overlay and of `--stats`.

use std::time::Duration;

/// Counts since the session was opened, and times of the last few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StatsSnapshot {
    /// Pictures that came over the wire.
    pub frames_received: u64,
    /// Pictures that were painted.
    pub frames_shown: u64,
    /// Pictures that a newer one replaced before they were decoded or painted.
    pub frames_superseded: u64,
    /// Pictures that were damaged, too large, or no pictures at all.
    pub frames_refused: u64,
    /// Bytes that came over the wire.
    pub bytes_received: u64,
    /// Bits that came in the last second.
    pub bits_per_second: f64,
    /// Pictures that were painted in the last second.
    pub shown_per_second: f64,
    /// The time that decoding one picture takes.
    pub decode: Duration,
    /// The time of one pass of the window that shows a new picture. It has layout, upload and painting in it, which
    /// the painter does as one; the wait for the screen is not in it.
    pub paint: Duration,
    /// The median age of the last 256 pictures: from capture (or receipt, where the server tells no time) until the
    /// pass was painted. The network, the queues and decoding are in it; the screen's own delay is not.
    pub age_p50: Duration,
    /// The 95th percentile of the same ages.
    pub age_p95: Duration,
}
