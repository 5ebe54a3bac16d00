//! Paints the window's contents from the state that it reads, and asks for commands. It sees no channel, socket, file
//! or clock.

pub mod action;
pub mod binding;
pub mod chat;
pub mod chord;
pub mod clock;
pub mod command;
pub mod downloads;
pub mod find_bar;
pub mod form_control;
pub mod format;
pub mod fuzzy;
pub mod help;
pub mod icon;
pub mod input;
pub mod keep_alive_bar;
pub mod layout;
pub mod log;
pub mod main_window;
pub mod modal;
pub mod notices;
pub mod objects;
pub mod page_dialog;
pub mod page_menu;
pub mod palette;
pub mod panel_io;
pub mod people;
pub mod picture;
pub mod session_label;
pub mod session_links;
pub mod sessions;
pub mod settings_sheet;
pub mod side;
mod side_panel;
pub mod start;
pub mod state;
pub mod successor;
pub mod tabs;
pub mod theme;
pub mod toolbar;
pub mod wall;
pub mod widgets;

pub use action::Action;
pub use binding::{Bindings, KeyContext};
pub use command::Command;
pub use state::AppState;
