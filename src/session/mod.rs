//! The background side of one session: what a backend is, what supervises it, and the handle that the window holds.

pub mod attention;
pub mod backend;
pub mod chat;
pub mod control;
pub mod handle;
mod held;
pub mod inbox;
pub mod io;
#[cfg(test)]
#[path = "../../tests/support/noted.rs"]
mod noted;
mod objects;
#[cfg(test)]
mod scripted;
pub mod service;
mod silence;
pub mod supervise;
#[cfg(test)]
#[path = "../../tests/support/mod.rs"]
mod support;

use futures_util::future::BoxFuture;

pub use attention::Attention;
pub use backend::{Cameras, ComputersService, ServiceKind, ServiceSetup, service_of};
pub use chat::{ChatAccess, ChatHandle};
pub use control::{ControlSender, Pushed};
pub use handle::SessionHandle;
pub use io::{BackendIo, SessionSink};
pub use service::{
    Directory, DirectoryHandle, DirectoryNews, Interest, NewSessionRequest, PageFile, Probed,
    Service,
};
pub use supervise::{OpenOptions, open};

/// One way to reach a session.
///
/// Owns its sockets, reports through `io.sink`, takes from `io.control`, and returns promptly once `io.cancel` fires.
/// Called again after a retryable error; `&mut self` keeps its resume position between attempts.
pub trait Backend: Send + 'static {
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>>;
}

impl Backend for Box<dyn Backend> {
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
        self.as_mut().run(io)
    }
}

/// Why a backend's run ended. Variants name what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The network or the server failed; trying again may help.
    #[error("{what}")]
    Lost {
        what: String,
        /// The server asked to wait this long.
        retry_after: Option<std::time::Duration>,
        /// How long bytes had been coming before it failed.
        healthy_for: std::time::Duration,
    },
    /// Trying again by itself would be wrong, as with refused credentials; the user may.
    #[error("{0}")]
    Ended(String),
    /// There is no such session any more: nobody need try again.
    #[error("{0}")]
    Over(String),
}

impl SessionError {
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}
