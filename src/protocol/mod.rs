//! Bytes to model and back, pure: one file per dialect, no I/O.

pub mod cobrowse;
pub mod computers;
pub mod hooks;
pub mod socket;
