//! How requests come in: the sockets, the limits that keep strangers cheap, who may call, and the bodies and streams of HTTP.

pub(crate) mod body;
pub(crate) mod guard;
pub(crate) mod handshake;
pub(crate) mod listen;
pub(crate) mod server;
pub(crate) mod sse;
mod stall;
