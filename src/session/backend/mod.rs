//! One file or folder per system that can be watched.

pub mod camera;
pub mod computers;

pub use camera::{CameraBackend, CameraSetup, ForwardSetup};
pub use computers::ComputersBackend;
