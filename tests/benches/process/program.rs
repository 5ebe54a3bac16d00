//! The program as users start it, watched from outside: its figures' file, its processor time and its memory.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde::Deserialize;
use tempfile::TempDir;

/// One line of `--stats`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Line {
    /// When the first picture of the run came on screen.
    #[serde(default)]
    pub(crate) first_shown: Option<Timestamp>,
    pub(crate) frames_received: u64,
    pub(crate) frames_shown: u64,
    pub(crate) frames_superseded: u64,
    pub(crate) decode_ms: f64,
    pub(crate) paint_ms: f64,
    pub(crate) age_p50_ms: f64,
    pub(crate) age_p95_ms: f64,
    pub(crate) cpu_ms: f64,
    pub(crate) memory_bytes: u64,
    /// On the wall.
    #[serde(default)]
    pub(crate) tiles: Vec<TileLine>,
}

/// What a line tells of one tile.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TileLine {
    pub(crate) frames_shown: u64,
    pub(crate) age_p50_ms: f64,
    pub(crate) age_p95_ms: f64,
}

pub(crate) struct Program {
    child: Child,
    started: Instant,
    started_at: Timestamp,
    /// Where it finds no settings of anybody's, and leaves its own.
    home: TempDir,
}

impl Program {
    /// `args`: addresses of sessions, and options.
    pub(crate) fn open(args: &[String], with_stats: bool) -> Result<Self> {
        Self::open_with(args, with_stats, None)
    }

    /// With the token for the addresses among `args`.
    pub(crate) fn open_with(
        args: &[String],
        with_stats: bool,
        token: Option<&str>,
    ) -> Result<Self> {
        let home = TempDir::new()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_helmsight"));
        command
            .arg("open")
            .args(args)
            .env("HELMSIGHT_CONFIG_DIR", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env_remove("HELMSIGHT_TOKEN")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Ok(renderer) = std::env::var("BENCH_RENDERER") {
            command.args(["--renderer", &renderer]);
        }
        if with_stats {
            command.arg("--stats").arg(stats_path(&home));
        }
        if let Some(token) = token {
            command.env("HELMSIGHT_TOKEN", token);
        }
        let (started, started_at) = (Instant::now(), Timestamp::now());
        let child = command.spawn().context("Could not start the program")?;
        Ok(Self { child, started, started_at, home })
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Fails if it has ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "The program ended by itself: {ended:?}");
        Ok(())
    }

    /// The figures so far, one line a second.
    pub(crate) fn lines(&self) -> Result<Vec<Line>> {
        let Ok(text) = fs::read_to_string(stats_path(&self.home)) else {
            return Ok(Vec::new());
        };
        let complete = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
        complete
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
            .collect()
    }

    /// Processor time so far, user and system, of all threads.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        cpu_of(&stat).context("The kernel's figures are of another form")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn stats_path(home: &TempDir) -> PathBuf {
    home.path().join("stats.jsonl")
}

/// Fields 14 and 15, counted after the name, which may hold spaces. The kernel counts in 1/100 s for everybody.
fn cpu_of(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}
