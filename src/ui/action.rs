//! Lists what the window asks the app to do. Each request carries its data, and the one executor runs it after drawing.

use std::path::PathBuf;

use super::command::Command;
use super::state::SessionKey;
use crate::model::chat::MessageId;
use crate::model::{Control, SessionKind};
use crate::protocol::link::Link;
use crate::settings::{CameraProfile, ServiceKind};

/// A request that a panel pushes and `app` runs. A [`Command`] is what a key or the palette can name; the rest carry
/// their data.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Run(Command),
    /// Sends input or a request to the active session.
    Send(Control),
    /// Shows the session alone; where the wall is shown, a new session joins it.
    Open(SessionKey),
    /// Selects the session's tile on the wall.
    Select(SessionKey),
    /// Moves a session to this place in the order of open sessions; the others move up.
    Move {
        session: SessionKey,
        to: usize,
    },
    /// Stops watching the session, which itself goes on.
    StopWatching(SessionKey),
    /// Ends the session itself. The user has confirmed it.
    End(SessionKey),
    Create(NewSession),
    Connect(NewService),
    /// Opens the form with what is known of the service of this name.
    EditService(String),
    /// Opens or connects to where the link leads. The user has confirmed it.
    FollowLink(Link),
    Forget {
        service: String,
    },
    AddCamera(NewCamera),
    /// Opens the form with what is known of the camera of this name.
    EditCamera(String),
    /// Removes the camera of this name. The user has confirmed it.
    RemoveCamera(String),
    SaveLog {
        format: LogFormat,
        rows: LogRows,
        place: SavePlace,
    },
    SaveSnapshot {
        place: SavePlace,
    },
    /// Gives the page in front a file of this machine.
    GiveFile(FilePlace),
    Copy(String),
    SetKeepAlive(bool),
    /// Asks something of the assistant of the session in front.
    Chat(ChatAction),
    Dismiss {
        notice: u64,
    },
}

/// A request to a session's assistant.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatAction {
    Ask(String),
    /// Asks once more the question that this message is, or that it answers.
    Retry(MessageId),
    Stop,
    /// Forgets what was said, also on disk.
    Forget,
    /// Keeps chats on this computer with `true`, and stops keeping them with `false`.
    Keep(bool),
    StartTask(String),
    /// Sends a message to the running task.
    Tell(String),
    Pause,
    Resume,
}

/// A session to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSession {
    /// Name of the service; `None` means the host on this machine.
    pub service: Option<String>,
    pub kind: SessionKind,
    pub width: u32,
    pub height: u32,
    pub url: String,
}

/// A service to connect to. The key goes to the keyring, never to a file.
#[derive(Clone, PartialEq)]
pub struct NewService {
    pub name: String,
    pub base_url: String,
    pub kind: ServiceKind,
    /// The space whose sessions are listed; empty means all that the key gives access to.
    pub space: String,
    /// The service's key; empty means the key that is already known, if any.
    pub key: String,
    /// The old name of the service that was changed; `None` means that the service is new.
    pub replaces: Option<String>,
}

impl std::fmt::Debug for NewService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewService")
            .field("name", &self.name)
            .field("base_url", &self.base_url)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A camera to be kept and watched, or a changed one. An empty key means the key that is already known, if any.
#[derive(Clone, PartialEq)]
pub struct NewCamera {
    pub profile: CameraProfile,
    pub key: String,
    pub forward_key: String,
    /// The old name of the camera that was changed; `None` means that the camera is new.
    pub replaces: Option<String>,
}

impl std::fmt::Debug for NewCamera {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCamera").field("profile", &self.profile).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    JsonLines,
    Csv,
}

/// Tells which rows of the log are saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRows {
    /// The rows that pass the filter.
    Shown,
    All,
}

/// Tells which file is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilePlace {
    /// The system's dialog asks for it.
    Ask,
    /// The user typed its path.
    Path(PathBuf),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavePlace {
    /// The system's dialog asks for it.
    Ask,
    /// The user typed its path.
    Path(PathBuf),
}
