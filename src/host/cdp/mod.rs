//! A small client of the Chrome DevTools Protocol: messages over a pipe, flat sessions, nothing that it need not know.

mod client;
mod framing;
mod message;

pub(crate) use client::BASE64;
pub use client::{Answer, CallError, Client, Frame, FrameSink, Reply};
pub use message::Event;
