//! Prints what a command has to tell. std's own macros panic where nobody reads it or the disk is full.

use std::fmt::Display;
use std::io::{self, Write as _};

use anyhow::Context as _;

/// Prints a line to standard output. Fails where it does not get there.
pub(super) fn line(text: impl Display) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("Could not write to standard output")
}

/// Prints a line to standard error. Where that can't be written, there is no place left to tell it.
pub(super) fn say(text: impl Display) {
    drop(writeln!(io::stderr(), "{text}"));
}
