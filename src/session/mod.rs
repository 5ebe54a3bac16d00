//! Runs the background side of one session: the backend, its supervisor, and the handle that the window holds.

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
pub mod saving;
#[cfg(test)]
mod scripted;
pub mod service;
mod silence;
pub mod supervise;
#[cfg(test)]
#[path = "../../tests/support/mod.rs"]
pub(crate) mod support;

use futures_util::future::BoxFuture;

pub use attention::Attention;
pub use backend::{CameraService, ComputersService, ServiceKind, ServiceSetup, service_of};
pub use chat::{ChatAccess, ChatHandle};
pub use control::{ControlSender, Pushed};
pub use handle::SessionHandle;
pub use io::{BackendIo, SessionSink};
pub use saving::{FileOrder, SavingError, SavingPlace, save_file};
pub use service::{
    Directory, DirectoryHandle, DirectoryNews, FilesDropped, Interest, NewSessionRequest, PageFile,
    Probed, Service,
};
pub use supervise::{OpenOptions, open};

/// A way to reach a session.
///
/// A backend owns its sockets, reports through `io.sink`, takes control from `io.control`, and returns promptly once
/// `io.cancel` fires. The supervisor runs it again after a retryable error; `&mut self` keeps its resume position
/// between attempts.
pub trait Backend: Send + 'static {
    /// Runs until the session ends, a connection fails, or `io.cancel` fires.
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>>;
}

impl Backend for Box<dyn Backend> {
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
        self.as_mut().run(io)
    }
}

/// Reason why a backend's run ended. Variants name what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The network or the server failed, and trying again may help.
    #[error("{what}")]
    Lost {
        /// What failed, as one plain sentence.
        what: String,
        /// Time that the server asked to wait, if it did.
        retry_after: Option<std::time::Duration>,
        /// Time that bytes had been coming before the failure.
        healthy_for: std::time::Duration,
        /// Whether the server refused the credential. It is asked ever less often then.
        key_refused: bool,
    },
    /// Only the user may try again, as after refused credentials.
    #[error("{0}")]
    Ended(String),
    /// The session no longer exists, so nobody needs to try again.
    #[error("{0}")]
    Over(String),
}

impl SessionError {
    /// Returns whether the supervisor may try again by itself.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}
