//! Figures that mean something on a noisy machine: each as a multiple of a reference that is timed in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Odd, so that there is a median.
const ROUNDS: usize = 51;

/// Prints how many times longer `work` takes than copying `bytes`.
pub(crate) fn against_copy(name: &str, bytes: &[u8], work: impl FnMut()) {
    let mut target = vec![0; bytes.len()];
    let copy = || black_box(&mut target).copy_from_slice(black_box(bytes));
    against(name, &format!("a copy of {} KB", bytes.len() / 1_000), copy, work);
}

/// Prints how many times longer `work` takes than `reference`; both by turns, so that a slow moment hits both.
/// Silent where benches are only listed or tried out, as by a test runner.
pub(crate) fn against(name: &str, what: &str, mut reference: impl FnMut(), mut work: impl FnMut()) {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let rounds = (0..ROUNDS).map(|_| (time(&mut reference), time(&mut work)));
    let (references, works): (Vec<_>, Vec<_>) = rounds.unzip();
    let (reference, work) = (median(references), median(works));
    let ratio = work.as_secs_f64() / reference.as_secs_f64().max(1e-9);
    println!("{name:<32} {ratio:>8.1} x {what} ({work:?})");
}

fn time(work: &mut impl FnMut()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
