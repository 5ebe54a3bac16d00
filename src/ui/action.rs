//! What the window asks the app to do: payload-carrying requests, run after drawing by the one executor.

use std::path::PathBuf;

use super::command::Command;
use super::state::SessionKey;
use crate::model::chat::MessageId;
use crate::model::{Control, SessionKind};
use crate::protocol::link::Link;
use crate::settings::{CameraProfile, ServiceKind};

/// Pushed by panels, run by `app`. A [`Command`] is what a key or the palette can name; the rest carry their data.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Run(Command),
    /// Input or a request for the active session.
    Send(Control),
    /// Shows it alone; a new one joins the wall where that is shown.
    Open(SessionKey),
    /// Selects its tile on the wall.
    Select(SessionKey),
    /// To this place in the order of open sessions; the others move up.
    Move {
        session: SessionKey,
        to: usize,
    },
    /// Stops watching; the session itself goes on.
    StopWatching(SessionKey),
    /// Ends the session itself. The asking was done.
    End(SessionKey),
    Create(NewSession),
    Connect(NewService),
    /// Opens the form with what is known of the service of this name.
    EditService(String),
    /// The asking was done.
    FollowLink(Link),
    Forget {
        service: String,
    },
    AddCamera(NewCamera),
    /// Opens the form with what is known of the camera of this name.
    EditCamera(String),
    /// The asking was done.
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
    /// To the assistant of the session in front.
    Chat(ChatAction),
    Dismiss {
        notice: u64,
    },
}

/// What the user wants of a session's assistant.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatAction {
    Ask(String),
    /// Asks again what this message asked, or answers.
    Retry(MessageId),
    Stop,
    /// Forgets what was said, also on disk.
    Forget,
    /// Keeps chats on this computer, or no longer.
    Keep(bool),
    StartTask(String),
    /// Tells the task something.
    Tell(String),
    Pause,
    Resume,
}

/// A session to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSession {
    /// Name of the service; `None`: the host on this machine.
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
    /// Empty: all that the key sees.
    pub space: String,
    /// Empty: the one that is known, if any.
    pub key: String,
    /// The name so far of the service that was changed; `None`: it is a new one.
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

/// A camera to be kept and watched, or a changed one. An empty key: the one that is known, if any.
#[derive(Clone, PartialEq)]
pub struct NewCamera {
    pub profile: CameraProfile,
    pub key: String,
    pub forward_key: String,
    /// The name so far of the camera that was changed; `None`: it is a new one.
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

/// Which rows of the log to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRows {
    /// Those that pass the filter.
    Shown,
    All,
}

/// Which file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilePlace {
    /// Ask with the system's dialog.
    Ask,
    /// A path that was typed.
    Path(PathBuf),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavePlace {
    /// Ask with the system's dialog.
    Ask,
    /// A path that was typed.
    Path(PathBuf),
}
