//! One file or folder per system that can be watched.

pub mod computers;

pub use computers::ComputersBackend;
