//! Keeps the figures of one stream: what came, what was shown, and how long each stage took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::model::StatsSnapshot;

/// A picture that seems older than this comes from a server whose clock is wrong.
const MAX_PLAUSIBLE_AGE: Duration = Duration::from_secs(60);
const AGES: usize = 256;
/// After this time without a picture on screen, the ages of the pictures before the gap are forgotten.
const AGES_GAP: Duration = Duration::from_secs(5);
const TIMES: usize = 32;

/// The figures of one stream. Every stage of the frame path adds to them, and the statistics overlay reads them.
///
/// Plain counts are atomics. The sliding windows share one lock, which is held for a few stores.
#[derive(Debug)]
pub struct StreamStats {
    received: AtomicU64,
    shown: AtomicU64,
    superseded: AtomicU64,
    refused: AtomicU64,
    bytes: AtomicU64,
    windows: Mutex<Windows>,
}

impl Default for StreamStats {
    fn default() -> Self {
        Self::starting(Instant::now())
    }
}

impl StreamStats {
    fn starting(at: Instant) -> Self {
        Self {
            received: AtomicU64::new(0),
            shown: AtomicU64::new(0),
            superseded: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            windows: Mutex::new(Windows {
                bytes: Rate::starting(at),
                shown: Rate::starting(at),
                decode: DurationRing::default(),
                paint: DurationRing::default(),
                ages: DurationRing::default(),
                shown_at: at,
            }),
        }
    }

    /// Counts bytes that were received.
    pub fn add_bytes(&self, bytes: usize) {
        self.add_bytes_at(bytes, Instant::now());
    }

    /// Counts a picture that was received.
    pub fn add_received(&self) {
        self.received.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a picture that a newer one replaced before it was shown.
    pub fn add_superseded(&self) {
        self.superseded.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a picture that could not be decoded.
    pub fn add_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes how long a picture took to decode.
    pub fn decoded(&self, took: Duration) {
        self.windows().decode.push(took);
    }

    /// Notes how long a pass with a picture took to paint.
    pub fn painted(&self, took: Duration) {
        self.windows().paint.push(took);
    }

    /// Counts a picture that came on screen at this age; see [`age_of`].
    pub fn shown(&self, age: Duration) {
        self.shown_at(age, Instant::now());
    }

    /// Returns the present figures.
    pub fn snapshot(&self) -> StatsSnapshot {
        self.snapshot_at(Instant::now())
    }

    fn add_bytes_at(&self, bytes: usize, now: Instant) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.windows().bytes.add(bytes as u64, now);
    }

    fn shown_at(&self, age: Duration, now: Instant) {
        self.shown.fetch_add(1, Ordering::Relaxed);
        let mut windows = self.windows();
        windows.shown.add(1, now);
        if now.saturating_duration_since(windows.shown_at) >= AGES_GAP {
            windows.ages = DurationRing::default();
        }
        windows.shown_at = now;
        windows.ages.push(age);
    }

    fn snapshot_at(&self, now: Instant) -> StatsSnapshot {
        let mut windows = self.windows();
        let bits_per_second = windows.bytes.per_second(now) * 8.0;
        let shown_per_second = windows.shown.per_second(now);
        let (decode, paint) = (windows.decode.mean(), windows.paint.mean());
        let mut ages = windows.ages.clone();
        drop(windows);
        let ages = ages.sorted();
        StatsSnapshot {
            frames_received: self.received.load(Ordering::Relaxed),
            frames_shown: self.shown.load(Ordering::Relaxed),
            frames_superseded: self.superseded.load(Ordering::Relaxed),
            frames_refused: self.refused.load(Ordering::Relaxed),
            bytes_received: self.bytes.load(Ordering::Relaxed),
            bits_per_second,
            shown_per_second,
            decode,
            paint,
            age_p50: percentile(ages, 50),
            age_p95: percentile(ages, 95),
        }
    }

    fn windows(&self) -> MutexGuard<'_, Windows> {
        // No store under this lock can panic half-way.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns how old a picture is: since its capture where the server's clock is plausible, else since its receipt.
pub fn age_of(
    captured_at: Option<Timestamp>,
    received_at: Instant,
    now: Instant,
    wall_now: Timestamp,
) -> Duration {
    captured_at
        .and_then(|captured_at| Duration::try_from(wall_now.duration_since(captured_at)).ok())
        .filter(|age| *age <= MAX_PLAUSIBLE_AGE)
        .unwrap_or_else(|| now.saturating_duration_since(received_at))
}

#[derive(Debug)]
struct Windows {
    bytes: Rate,
    shown: Rate,
    decode: DurationRing<TIMES>,
    paint: DurationRing<TIMES>,
    ages: DurationRing<AGES>,
    /// The time at which a picture last came on screen.
    shown_at: Instant,
}

/// The last `N` durations.
#[derive(Clone, Debug)]
struct DurationRing<const N: usize> {
    values: [Duration; N],
    len: usize,
    next: usize,
}

impl<const N: usize> Default for DurationRing<N> {
    fn default() -> Self {
        Self { values: [Duration::ZERO; N], len: 0, next: 0 }
    }
}

impl<const N: usize> DurationRing<N> {
    fn push(&mut self, value: Duration) {
        self.values[self.next] = value;
        self.next = (self.next + 1) % N;
        self.len = (self.len + 1).min(N);
    }

    fn mean(&self) -> Duration {
        let values = &self.values[..self.len];
        values.iter().sum::<Duration>().checked_div(values.len() as u32).unwrap_or_default()
    }

    /// Sorts the durations, which loses their order of arrival.
    fn sorted(&mut self) -> &[Duration] {
        let values = &mut self.values[..self.len];
        values.sort_unstable();
        values
    }
}

/// Returns the smallest value that at least `percent` % of the values do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// A sum over the last whole second, in twenty slices. The slice that is still filling is left out.
#[derive(Debug)]
struct Rate {
    started: Instant,
    slices: [u64; Self::SLICES + 1],
    /// The number of the slice that is filling, counted from the start.
    current: u64,
}

impl Rate {
    const SLICES: usize = 20;
    const SLICE: Duration = Duration::from_millis(50);

    fn starting(at: Instant) -> Self {
        Self { started: at, slices: [0; Self::SLICES + 1], current: 0 }
    }

    fn add(&mut self, amount: u64, now: Instant) {
        self.advance(now);
        let slot = self.slot(self.current);
        self.slices[slot] += amount;
    }

    fn per_second(&mut self, now: Instant) -> f64 {
        self.advance(now);
        let filling = self.slices[self.slot(self.current)];
        (self.slices.iter().sum::<u64>() - filling) as f64
    }

    /// Clears the slices that have fallen out of the window.
    fn advance(&mut self, now: Instant) {
        let slice = (now.saturating_duration_since(self.started).as_millis()
            / Self::SLICE.as_millis()) as u64;
        let passed = slice.saturating_sub(self.current).min(self.slices.len() as u64);
        for n in 0..passed {
            let slot = self.slot(slice - n);
            self.slices[slot] = 0;
        }
        self.current = self.current.max(slice);
    }

    fn slot(&self, slice: u64) -> usize {
        (slice % self.slices.len() as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn rates_cover_the_last_second_only() {
        let start = Instant::now();
        let stats = StreamStats::starting(start);
        for n in 0..90 {
            stats.add_bytes_at(1_000, start + ms(n * 1_000 / 30));
            stats.shown_at(ms(10), start + ms(n * 1_000 / 30));
        }
        let busy = stats.snapshot_at(start + ms(3_000));
        assert_eq!((busy.shown_per_second, busy.bits_per_second), (30.0, 240_000.0));
        assert_eq!((busy.frames_shown, busy.bytes_received), (90, 90_000));
        let quiet = stats.snapshot_at(start + ms(3_500));
        assert_eq!(quiet.shown_per_second, 15.0);
        let silent = stats.snapshot_at(start + Duration::from_secs(3_600));
        assert_eq!(
            (silent.shown_per_second, silent.bits_per_second, silent.frames_shown),
            (0.0, 0.0, 90)
        );
    }

    #[test]
    fn a_time_that_runs_backward_changes_nothing() {
        let start = Instant::now();
        let mut rate = Rate::starting(start + ms(10_000));
        rate.add(5, start + ms(12_000));
        rate.add(5, start);
        assert_eq!(rate.per_second(start + ms(12_100)), 10.0);
    }

    #[test]
    fn ages_are_ranked_over_the_last_256_pictures() {
        let stats = StreamStats::default();
        assert_eq!(stats.snapshot().age_p95, Duration::ZERO);
        stats.shown(ms(7));
        assert_eq!((stats.snapshot().age_p50, stats.snapshot().age_p95), (ms(7), ms(7)));
        for _ in 0..AGES {
            stats.shown(Duration::from_secs(9));
        }
        for n in (1..=AGES as u64).rev() {
            stats.shown(ms(n));
        }
        let snapshot = stats.snapshot();
        assert_eq!((snapshot.age_p50, snapshot.age_p95), (ms(128), ms(244)));
    }

    #[test]
    fn ages_of_before_a_long_gap_are_forgotten() {
        let start = Instant::now();
        let stats = StreamStats::starting(start);
        for n in 0..9 {
            stats.shown_at(ms(900), start + ms(n * 100));
        }
        stats.shown_at(ms(20), start + ms(6_000));
        assert_eq!(stats.snapshot_at(start + ms(6_000)).age_p95, ms(20));
    }

    #[test]
    fn times_are_means_of_the_recent_past() {
        let stats = StreamStats::default();
        assert_eq!(stats.snapshot().decode, Duration::ZERO);
        stats.decoded(ms(500));
        stats.painted(ms(4));
        stats.painted(ms(8));
        for _ in 0..TIMES {
            stats.decoded(ms(5));
        }
        stats.add_received();
        stats.add_superseded();
        stats.add_refused();
        let snapshot = stats.snapshot();
        assert_eq!((snapshot.decode, snapshot.paint), (ms(5), ms(6)));
        assert_eq!(
            (snapshot.frames_received, snapshot.frames_superseded, snapshot.frames_refused),
            (1, 1, 1)
        );
    }

    #[test]
    fn an_implausible_server_clock_is_not_believed() {
        let (received, wall) =
            (Instant::now(), Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000));
        let now = received + ms(30);
        let age = |captured: Option<i64>| {
            age_of(
                captured.map(|ms_ago| wall - SignedDuration::from_millis(ms_ago)),
                received,
                now,
                wall,
            )
        };
        for (captured_ms_ago, wanted) in [
            (None, ms(30)),
            (Some(0), ms(0)),
            (Some(120), ms(120)),
            (Some(60_000), ms(60_000)),
            (Some(60_001), ms(30)),
            (Some(-1), ms(30)),
            (Some(-3_600_000), ms(30)),
        ] {
            assert_eq!(age(captured_ms_ago), wanted, "{captured_ms_ago:?}");
        }
    }
}
