//! Holds the transports with their limits: one HTTP client per credential, with SSE and WebSocket on top of it.
//!
//! A credential is bound to its origin and never leaves it. Every limit of RELIABILITY is enforced while bytes arrive.

pub mod auth;
pub mod error;
pub mod http;
mod login;
pub mod multipart;
mod reach;
pub mod scheme;
pub mod sse;
pub mod tls;
pub mod ws;

#[cfg(test)]
pub(crate) mod scripted;

pub use auth::{Auth, TokenPlace};
pub use error::NetError;
pub use http::{BodyOptions, BodyStream, Client, FileStream};
pub use login::PasswordLogin;
pub use multipart::{PartItem, PartStream};
pub use sse::{SseItem, SseOptions, SseStream};
pub use ws::{SocketOptions, WebSocket};
