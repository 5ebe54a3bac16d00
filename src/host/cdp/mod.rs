//! This is a small client of the Chrome DevTools Protocol, with messages over a pipe and flat sessions. It knows nothing
//! that it need not know.

mod calls;
mod client;
mod error;
mod framing;
mod message;
mod reply;

pub use calls::CallAnswer;
pub(crate) use client::BASE64;
pub use client::{CdpClient, Frame, FrameSink};
pub use error::CallError;
pub use message::CdpEvent;
pub use reply::{Reply, SharedReply};
