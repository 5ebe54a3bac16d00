//! Turns bytes into the model and back. There is a file or folder for each dialect, and no I/O.

pub mod agent;
pub mod camera;
pub mod chat;
pub mod cobrowse;
pub mod completions;
pub mod computers;
pub mod hooks;
pub mod lines;
pub mod link;
pub mod media;
mod payload;
pub mod session_url;
pub mod socket;
mod time;
