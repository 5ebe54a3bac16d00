//! Turns the window's raw input into what is sent to a session. Each key has one path, and nothing is left held down.

pub mod hook;
pub mod keyboard;
pub mod keypad;
pub mod keys;
pub mod mapper;
pub mod pointer;
pub mod session_input;

pub use hook::{OurKeys, PasteWanted, is_paste_key, translate_clipboard_keys};
pub use mapper::InputMapper;
pub use pointer::PointerTarget;
pub use session_input::{Gate, SessionInput};
