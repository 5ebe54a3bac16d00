//! Holds small pieces that could be in std. They do no I/O, except for `atomic_file` and `web_mark`, and know nothing of
//! sessions.

pub mod address;
pub mod alike;
pub mod atomic_file;
pub mod backoff;
pub mod bounded;
pub mod interrupt;
pub mod json;
pub mod mailbox;
pub mod place;
pub mod redact;
pub mod risky_file;
pub mod rounding;
pub mod text;
pub mod wake;
pub mod web_mark;
pub mod within;

pub use address::TypedAddress;
pub use backoff::Backoff;
pub use bounded::{BoundedId, BoundedText, PageText};
pub use interrupt::Interrupts;
pub use mailbox::{Mailbox, Published};
pub use place::Place;
pub use wake::Wake;
pub use within::{NoOutcome, within};
