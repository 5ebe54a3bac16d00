//! From the window's raw input to what is sent to a session: each key one path, nothing left held down.

pub mod hook;
pub mod keyboard;
pub mod keys;
pub mod mapper;
pub mod pointer;
pub mod session_input;

pub use hook::{OurKeys, PasteWanted, translate_clipboard_keys};
pub use mapper::InputMapper;
pub use pointer::Target;
pub use session_input::{Gate, SessionInput};
