//! The window's contents: reads state, paints, and asks for commands. Sees no channel, socket, file or clock.

pub mod action;
pub mod binding;
pub mod chord;
pub mod command;
pub mod fuzzy;
pub mod help;
pub mod icon;
pub mod palette;
pub mod state;
pub mod theme;
pub mod widgets;

pub use action::Action;
pub use binding::{Bindings, KeyContext};
pub use command::Command;
pub use state::AppState;
