//! Sixteen sessions at once, as tiles.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::program::{Line, Program};
use super::service::{Cast, Service};
use super::{PAGE_720, round, wait_for_lines, wait_for_pictures};

pub(crate) const NAME: &str = "process/wall of 16";

const TILES: usize = 16;
const PER_SECOND: u32 = 10;
/// Sixteen connections and textures take longer to settle than one.
const WARM_UP: Duration = Duration::from_secs(8);
/// So long that the 256 ages that each tile keeps are all of it.
const SECONDS: u64 = 30;

pub(crate) fn measure(seconds: Option<u64>) -> Result<Value> {
    let seconds = seconds.unwrap_or(SECONDS);
    let service = Service::start(Cast { jpeg: PAGE_720, per_second: Some(PER_SECOND) })?;
    let mut args = vec!["--wall".to_owned()];
    args.extend((1..=TILES).map(|n| service.session_url(&format!("bench-{n}"))));
    let mut program = Program::open(&args, true)?;
    wait_for_pictures(&service, &mut program)?;
    let first = program.lines()?.len() + WARM_UP.as_secs() as usize;
    let end = first + seconds as usize;
    let lines = wait_for_lines(&mut program, end + 1)?;
    drop(program);
    Ok(report(&lines[first], &lines[end], seconds))
}

fn report(before: &Line, after: &Line, seconds: u64) -> Value {
    let mut ages: Vec<f64> = after.tiles.iter().map(|tile| tile.age_p95_ms).collect();
    ages.sort_by(f64::total_cmp);
    let median_of = |values: &[f64]| values.get(values.len() / 2).copied().unwrap_or_default();
    let (best, middle) = (ages.first().copied().unwrap_or_default(), median_of(&ages));
    let worst = after.age_p95_ms;
    let shown = after.frames_shown - before.frames_shown;
    let superseded = after.frames_superseded - before.frames_superseded;
    let per_tile = after.tiles.iter().zip(&before.tiles);
    let fewest = per_tile.map(|(after, before)| after.frames_shown - before.frames_shown);
    let fewest = fewest.min().unwrap_or_default() as f64 / seconds as f64;
    let all = shown as f64 / seconds as f64;
    let cpu = (after.cpu_ms - before.cpu_ms) / (10.0 * seconds as f64);
    let memory = after.memory_bytes as f64 / f64::from(1 << 20);
    println!("{NAME}, {} tiles, {seconds} s", after.tiles.len());
    println!("  processor                    {cpu:7.1} % of one");
    println!(
        "  age on screen, 95th perc.    {worst:7.1} ms worst tile, {middle:.1} ms median tile, {best:.1} ms best tile"
    );
    println!("  age on screen, median        {:7.1} ms worst tile", after.age_p50_ms);
    println!(
        "  a picture\'s stages           {:7.1} ms decode, {:.1} ms paint of all, at worst",
        after.decode_ms, after.paint_ms
    );
    println!(
        "  pictures                     {all:7.1} /s shown, {fewest:.1} /s on the slowest tile, {superseded} superseded"
    );
    println!("  memory                       {memory:7.1} MiB");
    json!({
        "case": NAME,
        "seconds": seconds,
        "tiles": after.tiles.len(),
        "cpu_percent": round(cpu),
        "age_p50_worst_ms": after.age_p50_ms,
        "age_p95_worst_ms": worst,
        "age_p95_median_ms": middle,
        "age_p50_ms": after.tiles.iter().map(|tile| tile.age_p50_ms).collect::<Vec<_>>(),
        "age_p95_ms": ages,
        "decode_ms": after.decode_ms,
        "paint_ms": after.paint_ms,
        "shown_per_second": round(all),
        "shown_per_second_fewest": round(fewest),
        "superseded": superseded,
        "memory_bytes": after.memory_bytes,
    })
}
