//! What the test programs and the tests in the crate share: a session to watch, and waiting that does not poll.
//!
//! It is compiled into each of them, so it holds only what all of them use. What some of them share is a file beside
//! it, and what a single one needs stands with its tests.

mod wakes;
mod watched;

pub(crate) use wakes::{PATIENCE, Wakes};
pub(crate) use watched::Watched;
