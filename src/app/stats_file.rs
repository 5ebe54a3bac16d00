//! Writes the file of `--stats FILE`: the figures of the overlay, one JSON line a second. `paint_ms` includes the
//! upload, and ages end where the picture is painted; [`StatsSnapshot`] says more.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;

use crate::model::StatsSnapshot;

/// The figures of one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    /// The session's id, or "wall".
    pub session: String,
    /// The name of the session's condition; empty for the wall.
    pub state: &'static str,
    /// The session's figures. On the wall they are the sums of what is counted and the worst of what is timed.
    pub stats: StatsSnapshot,
    /// The figures of each session on the wall; empty where one is shown alone.
    pub tiles: Vec<TileFigures>,
}

/// The figures of one session on the wall.
#[derive(Clone, Debug)]
pub(super) struct TileFigures {
    pub session: String,
    /// The name of the session's condition.
    pub state: &'static str,
    pub stats: StatsSnapshot,
}

/// The time between two lines.
const EVERY: Duration = Duration::from_secs(1);

/// The file, and what a line needs to know of the lines before it.
#[derive(Debug)]
pub(super) struct StatsFile {
    file: File,
    first_shown: Option<Timestamp>,
    last: Option<(Instant, Duration)>,
}

impl StatsFile {
    /// Opens the file to append to it; creates it if there is none.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::options().create(true).append(true).open(path)?,
            first_shown: None,
            last: None,
        })
    }

    /// Notes when a picture came on screen. The first such time is told in every line.
    pub(super) fn shown(&mut self, at: Timestamp) {
        self.first_shown.get_or_insert(at);
    }

    /// Returns how long it is until the next line is due.
    pub(super) fn due_in(&self, now: Instant) -> Duration {
        self.last.map_or(Duration::ZERO, |(at, _)| {
            EVERY.saturating_sub(now.saturating_duration_since(at))
        })
    }

    /// Writes a line if a second has passed since the last.
    pub(super) fn write(&mut self, now: Instant, figures: &Figures) -> io::Result<()> {
        if !self.due_in(now).is_zero() {
            return Ok(());
        }
        let cpu = process_cpu_time().unwrap_or_default();
        let cpu_percent = self.last.map(|(at, before)| {
            let wall = now.saturating_duration_since(at).as_secs_f64().max(1e-3);
            100.0 * cpu.saturating_sub(before).as_secs_f64() / wall
        });
        self.last = Some((now, cpu));
        let ms = |d: Duration| (d.as_secs_f64() * 100_000.0).round() / 100.0;
        let Figures { session, state, stats, tiles } = figures;
        let mut line = json!({
            "time": Timestamp::now().to_string(),
            "first_shown": self.first_shown.map(|at| at.to_string()),
            "session": session,
            "state": state,
            "frames_received": stats.frames_received,
            "frames_shown": stats.frames_shown,
            "frames_superseded": stats.frames_superseded,
            "frames_refused": stats.frames_refused,
            "bytes_received": stats.bytes_received,
            "bits_per_second": stats.bits_per_second.round(),
            "decode_ms": ms(stats.decode),
            "paint_ms": ms(stats.paint),
            "age_p50_ms": ms(stats.age_p50),
            "age_p95_ms": ms(stats.age_p95),
            "cpu_ms": ms(cpu),
            "cpu_percent": cpu_percent.map(|p| (p * 10.0).round() / 10.0),
            "memory_bytes": resident_memory(),
        });
        if !tiles.is_empty() {
            let tile = |tile: &TileFigures| {
                json!({
                    "session": tile.session,
                    "state": tile.state,
                    "frames_received": tile.stats.frames_received,
                    "frames_shown": tile.stats.frames_shown,
                    "age_p50_ms": ms(tile.stats.age_p50),
                    "age_p95_ms": ms(tile.stats.age_p95),
                })
            };
            line["tiles"] = tiles.iter().map(tile).collect();
        }
        writeln!(self.file, "{line}")
    }
}

/// Returns the user and system time of this process so far; `None` where the system does not tell.
#[cfg(target_os = "linux")]
fn process_cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields are counted after the name, which may hold spaces: 14 and 15 of the whole are 11 and 12 here.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let ticks = rustix::param::clock_ticks_per_second();
    Some(Duration::from_secs_f64((user + system) as f64 / ticks as f64))
}

#[cfg(target_os = "linux")]
fn resident_memory() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
fn process_cpu_time() -> Option<Duration> {
    None
}

#[cfg(not(target_os = "linux"))]
fn resident_memory() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_and_no_more() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut stats = StatsFile::open(file.path()).unwrap();
        let start = Instant::now();
        for ms in [0, 300, 999, 1000, 1500] {
            let now = start + Duration::from_millis(ms);
            stats
                .write(
                    now,
                    &Figures {
                        stats: StatsSnapshot { frames_shown: ms, ..StatsSnapshot::default() },
                        ..Figures::default()
                    },
                )
                .unwrap();
        }
        let text = std::fs::read_to_string(file.path()).unwrap();
        let shown: Vec<u64> = text
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["frames_shown"]
                    .as_u64()
                    .unwrap()
            })
            .collect();
        assert_eq!(shown, [0, 1000]);
    }
}
