//! What holds for every input of a parser at an edge, and not only for the examples that somebody thought of: nothing
//! panics, a cut anywhere changes nothing, what is kept is bounded, and what we write is read again.
//!
//! Inputs are made by chance. `make test` makes a few, the same each time; `make proof` makes many new ones, as many as
//! PROPTEST_CASES says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod inputs;
mod jpeg;
mod links;
mod messages;
mod pipe;
mod readers;
mod streams;

use proptest::test_runner::{Config, RngSeed};

/// A run of so many cases, which take seconds; or of as many as were asked for.
fn cases(short: u32) -> Config {
    let usual = Config { failure_persistence: None, ..Config::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => usual,
        None => Config { cases: short, rng_seed: RngSeed::Fixed(7), ..usual },
    }
}
