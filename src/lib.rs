//! Helmsight watches live browser and camera sessions in a native window and steers them.
//!
//! Rooms, bottom up; each imports only those above it in this list. ARCHITECTURE.md has the map and the reasons.

/// Tests inside of the crate share support with those beside it, which calls the crate by its name.
#[cfg(test)]
extern crate self as helmsight;

pub mod app;
pub mod base;
pub mod cli;
pub mod host;
pub mod model;
pub mod net;
pub mod protocol;
pub mod raster;
pub mod recording;
pub mod session;
pub mod settings;
pub mod shell;
pub mod ui;
pub mod video;
