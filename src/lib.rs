//! Helmsight watches live browser and camera sessions in a native window and steers them.
//!
//! Rooms, bottom up; each imports only those above it in this list. ARCHITECTURE.md has the map and the reasons.

pub mod base;
pub mod model;
pub mod protocol;
pub mod net;
pub mod video;
pub mod session;
pub mod host;
pub mod settings;
pub mod ui;
pub mod app;
pub mod cli;
