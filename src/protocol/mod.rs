//! Bytes to model and back, pure: one file per dialect, no I/O.

pub mod agent;
pub mod chat;
pub mod completions;
pub mod computers;
pub mod lines;
pub mod socket;
