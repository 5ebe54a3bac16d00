//! Holds one folder per system that can be watched. Its `Service` lists sessions, and its `Backend` watches one.

pub mod camera;
pub mod cobrowse;
pub mod computers;
mod kind;
mod setup;

pub use camera::{CameraBackend, CameraService, CameraSetup, ForwardSetup};
pub use computers::{ComputersBackend, ComputersService};
pub use kind::{ServiceKind, service_of};
pub use setup::ServiceSetup;
