//! One file or folder per system that can be watched.

pub mod camera;
pub mod cobrowse;
pub mod computers;

pub use camera::{CameraBackend, CameraSetup, ForwardSetup};
pub use cobrowse::CobrowseService;
pub use computers::ComputersBackend;
