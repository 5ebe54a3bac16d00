//! A small client of the Chrome DevTools Protocol: messages over a pipe, flat sessions, nothing that it need not know.

mod client;
mod framing;
mod message;
mod reply;

pub(crate) use client::BASE64;
pub use client::{Client, Frame, FrameSink};
pub use message::Event;
pub use reply::{Answer, CallError, Reply};
