//! Takes requests in: the connections, the limits that keep strangers cheap, who may call, the bodies and streams of
//! HTTP, and the last look at every answer.

pub(crate) mod body;
pub(crate) mod door;
pub(crate) mod guard;
pub(crate) mod handshake;
pub(crate) mod listen;
pub(crate) mod origins;
mod path;
pub(crate) mod repeats;
pub(crate) mod secrets;
pub(crate) mod server;
pub(crate) mod sse;
mod stall;
pub(crate) mod subscriber;
