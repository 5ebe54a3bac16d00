//! What the whole program costs while it watches: processor time per shown picture, memory, and how old pictures are
//! on screen. The real program in a real window, fed over loopback; `make bench` gives it a display of its own.
//!
//! A machine's speed is in every figure, so processor time is also told as a multiple of the least that showing a
//! picture takes: decoding it and copying its pixels once, measured in the same run.
//!
//! `ARGS="process/720p"` picks cases by a part of their names. `BENCH_SECONDS=180` watches each for longer.
//! `BENCH_RENDERER=gl` has the window painted by OpenGL also where the processor would paint it.

mod browser;
mod program;
mod service;
mod wall;

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use helmsight::model::{EncodedFrame, ImageFormat};
use helmsight::video::decode::{Buffers, DecodeOptions, decode};
use serde_json::{Value, json};

use self::program::{Line, Program};
use self::service::{Cast, Service};

/// Where one session is enough.
const SESSION: &str = "bench";

const PAGE_720: &[u8] = include_bytes!("../../data/pictures/page-720p.jpg");
const PAGE_1080: &[u8] = include_bytes!("../../data/pictures/page-1080p.jpg");

/// Until caches are warm and the window has settled; memory is compared with what it is then.
const WARM_UP: Duration = Duration::from_secs(5);
/// Times on screen stand still half a minute after the start; the words about that have been painted then.
const STILL_WARM_UP: Duration = Duration::from_secs(35);
const STILL_FOR: Duration = Duration::from_secs(20);
const START_LIMIT: Duration = Duration::from_secs(30);
const REPORT: &str = "out/bench-process.jsonl";

struct Case {
    name: &'static str,
    cast: Cast,
    seconds: u64,
}

const CASES: &[Case] = &[
    case("process/720p at 30", PAGE_720, Some(30), 20),
    case("process/1080p at 30", PAGE_1080, Some(30), 20),
    case("process/720p flood", PAGE_720, Some(300), 15),
    case("process/720p still", PAGE_720, None, 0),
];

const fn case(
    name: &'static str,
    jpeg: &'static [u8],
    per_second: Option<u32>,
    seconds: u64,
) -> Case {
    Case { name, cast: Cast { jpeg, per_second }, seconds }
}

fn main() -> Result<()> {
    let (options, filters): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    // Silent where benches are only listed or tried out, as by a test runner.
    if !options.iter().any(|option| option == "--bench") {
        return Ok(());
    }
    if !cfg!(target_os = "linux") {
        println!("process: measured on Linux only");
        return Ok(());
    }
    let seconds = match std::env::var("BENCH_SECONDS") {
        Ok(text) => Some(text.parse().context("BENCH_SECONDS is not a number")?),
        Err(_) => None,
    };
    let wanted = |case: &&Case| {
        filters.is_empty() || filters.iter().any(|filter| case.name.contains(filter))
    };
    for case in CASES.iter().filter(wanted) {
        let report = match case.cast.per_second {
            Some(_) => measure_stream(case, seconds.unwrap_or(case.seconds))?,
            None => measure_still(case)?,
        };
        save(&report)?;
    }
    if filters.is_empty() || filters.iter().any(|filter| browser::NAME.contains(filter)) {
        browser::measure()?.iter().try_for_each(save)?;
    }
    if filters.is_empty() || filters.iter().any(|filter| wall::NAME.contains(filter)) {
        save(&wall::measure(seconds)?)?;
    }
    Ok(())
}

fn measure_stream(case: &Case, seconds: u64) -> Result<Value> {
    let service = Service::start(case.cast)?;
    let mut program = Program::open(&[service.session_url(SESSION)], true)?;
    let start = wait_for_pictures(&service, &mut program)?;
    let first = program.lines()?.len() + WARM_UP.as_secs() as usize;
    let end = first + seconds as usize;
    let lines = wait_for_lines(&mut program, end + 1)?;
    drop(program);
    let (before, after) = (&lines[first], &lines[end]);
    let reference = reference(case.cast.jpeg)?;

    let shown = after.frames_shown - before.frames_shown;
    let per_shown = (after.cpu_ms - before.cpu_ms) / shown.max(1) as f64;
    let ratio = per_shown / reference;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let growth = mib(after.memory_bytes) - mib(before.memory_bytes);
    // The first of these ages are of the warm-up where the case is short: 256 pictures are kept.
    let worst = lines[first..].iter().map(|line| line.age_p95_ms);
    let worst = worst.fold(0.0, f64::max);

    println!("{}, {seconds} s", case.name);
    println!(
        "  processor per shown picture  {per_shown:7.1} ms, {ratio:.1} x decoding and copying it ({reference:.1} ms)"
    );
    println!(
        "  a picture's stages           {:7.1} ms decode, {:.1} ms upload and paint",
        after.decode_ms, after.paint_ms
    );
    println!(
        "  age on screen                {:7.1} ms median, {:.1} ms 95th percentile ({:.1} at first, {worst:.1} at worst)",
        after.age_p50_ms, after.age_p95_ms, before.age_p95_ms
    );
    println!(
        "  pictures                     {:7} received, {shown} shown, {} superseded",
        after.frames_received - before.frames_received,
        after.frames_superseded - before.frames_superseded
    );
    println!(
        "  memory                       {:7.1} MiB, {growth:+.1} since second {}",
        mib(after.memory_bytes),
        WARM_UP.as_secs()
    );
    println!("  start to first picture       {start:7.0} ms");
    Ok(json!({
        "seconds": seconds,
        "case": case.name,
        "cpu_ms_per_shown": round(per_shown),
        "cpu_to_reference": round(ratio),
        "reference_ms": round(reference),
        "decode_ms": after.decode_ms,
        "paint_ms": after.paint_ms,
        "age_p50_ms": after.age_p50_ms,
        "age_p95_ms": after.age_p95_ms,
        "age_p95_first_ms": before.age_p95_ms,
        "age_p95_worst_ms": round(worst),
        "received": after.frames_received - before.frames_received,
        "shown": shown,
        "superseded": after.frames_superseded - before.frames_superseded,
        "memory_bytes": after.memory_bytes,
        "memory_growth_bytes": after.memory_bytes as i64 - before.memory_bytes as i64,
        "start_ms": round(start),
    }))
}

/// Without `--stats`, which itself wakes the window every second.
fn measure_still(case: &Case) -> Result<Value> {
    let service = Service::start(case.cast)?;
    let mut program = Program::open(&[service.session_url(SESSION)], false)?;
    wait_for(|| Ok(service.first_sent()), &mut program, START_LIMIT)?;
    sleep(STILL_WARM_UP);
    let before = program.cpu()?;
    sleep(STILL_FOR);
    program.check()?;
    let spent = (program.cpu()? - before).as_secs_f64();
    let percent = 100.0 * spent / STILL_FOR.as_secs_f64();
    println!("{}, {} s", case.name, STILL_FOR.as_secs());
    println!("  processor                    {percent:7.2} % of one, {:.0} ms in all", spent * 1e3);
    Ok(json!({
        "case": case.name,
        "seconds": STILL_FOR.as_secs(),
        "cpu_ms": round(spent * 1e3),
        "cpu_percent": round(percent),
    }))
}

/// Milliseconds from the start to the first picture on screen, at most: its age is taken as the oldest of the first second.
fn wait_for_pictures(service: &Service, program: &mut Program) -> Result<f64> {
    let started = program.started();
    let sent = wait_for(|| Ok(service.first_sent()), program, START_LIMIT)?;
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Some(line) = program.lines()?.iter().find(|line| line.frames_shown > 0) {
            return Ok((sent - started).as_secs_f64() * 1e3 + line.age_p95_ms);
        }
        pause(program, deadline)?;
    }
}

fn wait_for<T>(
    mut look: impl FnMut() -> Result<Option<T>>,
    program: &mut Program,
    limit: Duration,
) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        pause(program, deadline)?;
    }
}

fn wait_for_lines(program: &mut Program, count: usize) -> Result<Vec<Line>> {
    let deadline = Instant::now() + START_LIMIT + Duration::from_secs(2 * count as u64);
    loop {
        let lines = program.lines()?;
        if lines.len() >= count {
            return Ok(lines);
        }
        pause(program, deadline)?;
    }
}

/// Between two looks: rare enough to cost the program nothing.
fn pause(program: &mut Program, deadline: Instant) -> Result<()> {
    program.check()?;
    if Instant::now() > deadline {
        bail!("The program shows no pictures, or writes no figures");
    }
    sleep(Duration::from_millis(100));
    Ok(())
}

/// Milliseconds of decoding `jpeg` and copying its pixels: the median of many.
fn reference(jpeg: &'static [u8]) -> Result<f64> {
    let frame = EncodedFrame::bare(ImageFormat::Jpeg, Bytes::from_static(jpeg), Instant::now());
    let mut buffers = Buffers::default();
    let mut copy = Vec::new();
    let mut times = Vec::new();
    for _ in 0..101 {
        let started = Instant::now();
        let (image, _) = decode(black_box(&frame), DecodeOptions::ALL, &mut buffers)
            .context("The picture is sound")?;
        copy.clear();
        copy.extend_from_slice(black_box(&image.pixels));
        black_box(&copy);
        times.push(started.elapsed());
        buffers.pixels = image.pixels;
    }
    times.sort_unstable();
    Ok(times[times.len() / 2].as_secs_f64() * 1e3)
}

/// One more line for comparing runs.
fn save(report: &Value) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(REPORT);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::options().create(true).append(true).open(path)?;
    writeln!(file, "{report}")?;
    Ok(())
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
