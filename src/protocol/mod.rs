//! Bytes to model and back, pure: one file per dialect, no I/O.

pub mod camera;
pub mod computers;
mod payload;
pub mod socket;
mod time;
