//! Bytes to model and back, pure: one file per dialect, no I/O.

pub mod camera;
pub mod cobrowse;
pub mod computers;
pub mod hooks;
mod payload;
pub mod socket;
mod time;
