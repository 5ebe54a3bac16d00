//! The window's contents: reads state, paints, and asks for commands. Sees no channel, socket, file or clock.

pub mod action;
pub mod applicable;
pub mod binding;
pub mod chat;
pub mod chord;
pub mod command;
pub mod downloads;
pub mod format;
pub mod fuzzy;
pub mod help;
pub mod icon;
pub mod input;
pub mod keep_alive_bar;
pub mod log;
pub mod modal;
pub mod notices;
pub mod objects;
pub mod page_dialog;
pub mod palette;
pub mod panel_io;
pub mod people;
pub mod picture;
pub mod sessions;
pub mod shell;
pub mod side;
pub mod start;
pub mod state;
pub mod tabs;
pub mod theme;
pub mod toolbar;
pub mod wall;
pub mod widgets;

pub use action::Action;
pub use binding::{Bindings, KeyContext};
pub use command::Command;
pub use state::AppState;
