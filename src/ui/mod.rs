//! The window's contents: reads state, paints, and asks for commands. Sees no channel, socket, file or clock.

pub mod action;
pub mod state;

pub use action::Action;
pub use state::AppState;
