//! Lists what the window asks the app to do. Each request carries its data, and the one executor runs it after drawing.

use std::path::PathBuf;

use super::chord::Chord;
use super::command::Command;
use super::state::{ConcernMark, SessionKey};
use crate::model::chat::MessageId;
use crate::model::{ConcernKind, Control, SessionKind};
use crate::protocol::link::Link;
use crate::settings::{CameraProfile, ServiceKind, SessionLabel, SettingValue};

/// A request that a panel pushes and `app` runs. A [`Command`] is what a key or the palette can name; the rest carry
/// their data.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Runs a command.
    Run(Command),
    /// Sends input or a request to the active session.
    Send(Control),
    /// Shows the session alone; where the wall is shown, a new session joins it.
    Open(SessionKey),
    /// Selects the session's tile on the wall.
    Select(SessionKey),
    /// Moves a session to this place in the order of open sessions; the others move up.
    Move {
        /// The session that moves.
        session: SessionKey,
        /// Its new place, counted from 0.
        to: usize,
    },
    /// Stops watching the session, which itself goes on.
    StopWatching(SessionKey),
    /// Ends the session itself. The user has confirmed it.
    End(SessionKey),
    /// Creates a session and watches it once it exists.
    Create(NewSession),
    /// Tries a service's address and key, and keeps the service in the settings once it answers.
    Connect(NewService),
    /// Opens the form with what is known of the service of this name.
    EditService(String),
    /// Opens or connects to where the link leads. The user has confirmed it.
    FollowLink(Link),
    /// Removes a service from the list and the settings, with its key. The user has confirmed it.
    Forget {
        /// The service's name in the list.
        service: String,
    },
    /// Keeps a new or changed camera in the settings, and watches it.
    AddCamera(NewCamera),
    /// Opens the form with what is known of the camera of this name.
    EditCamera(String),
    /// Removes the camera of this name. The user has confirmed it.
    RemoveCamera(String),
    /// Saves the log of the session in front.
    SaveLog {
        /// The format of the file.
        format: LogFormat,
        /// Which rows are saved.
        rows: LogRows,
        /// The file that is written, or the wish to be asked for it.
        place: SavePlace,
    },
    /// Saves the page in front as a PDF, to `place`.
    SavePage {
        /// The file that is written, or the wish to be asked for it.
        place: SavePlace,
    },
    /// Saves the picture in front, as it was received, to `place`.
    SaveSnapshot {
        /// The file that is written, or the wish to be asked for it.
        place: SavePlace,
    },
    /// Gives the page in front a file of this machine.
    GiveFile(FilePlace),
    /// Runs a script in the page of a session, for the form that is open.
    RunScript {
        /// The session.
        key: SessionKey,
        /// The script.
        script: String,
    },
    /// Keeps what the user says of a session: its name, group, color and pin.
    Label(SessionLabel),
    /// Shares the clipboard with a session, or does not.
    ShareClipboard {
        /// The session that was asked about.
        session: SessionKey,
        /// The answer.
        share: bool,
        /// What the question came of, which goes on with a yes.
        then: AfterSharing,
    },
    /// Changes a setting, in the window and in the file.
    Set {
        /// Where the setting stands in the file, which is [`SettingRow::path`](crate::settings::SettingRow::path).
        setting: &'static str,
        /// What it becomes.
        value: SettingValue,
    },
    /// Gives a command these keys and no others; with `None` its usual ones.
    SetKeys {
        /// The command.
        command: Command,
        /// Its keys, of which the first is shown.
        keys: Option<Vec<Chord>>,
    },
    /// Closes the window and ends its browsers. The user has agreed.
    Quit {
        /// Whether the user is asked the next time, too.
        ask_again: bool,
    },
    /// Puts this text on the clipboard.
    Copy(String),
    /// Starts or stops keeping the session in front from its idle end.
    SetKeepAlive(bool),
    /// Asks something of the assistant of the session in front.
    Chat(ChatAction),
    /// Shows a session because of something about it, alone and with what it is about where that has a place of its own.
    GoTo {
        /// The session.
        session: SessionKey,
        /// What it is about.
        about: Option<ConcernKind>,
    },
    /// Marks something that concerns somebody as seen or as put off, or takes the mark away.
    MarkConcern {
        /// The id of the concern, which is [`OpenConcern::id`](super::state::OpenConcern::id).
        concern: u64,
        /// What somebody did about it.
        mark: ConcernMark,
    },
    /// Takes a notice off the screen before its time.
    Dismiss {
        /// The id of the notice, which is [`Notice::id`](super::state::Notice::id).
        notice: u64,
    },
}

/// What the question whether to share the clipboard came of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterSharing {
    /// Something was copied, which comes by itself, or nothing was.
    Nothing,
    /// Something is to be pasted.
    Paste,
}

/// A request to a session's assistant.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatAction {
    /// Asks a question about the session.
    Ask(String),
    /// Asks once more the question that this message is, or that it answers.
    Retry(MessageId),
    /// Stops the answer that is under way.
    Stop,
    /// Forgets what was said, also on disk.
    Forget,
    /// Keeps chats on this computer with `true`, and stops keeping them with `false`.
    Keep(bool),
    /// Starts a task in which the assistant drives the session.
    StartTask(String),
    /// Sends a message to the running task.
    Tell(String),
    /// Pauses the running task.
    Pause,
    /// Resumes the paused task.
    Resume,
}

/// A session to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSession {
    /// Name of the service; `None` means the host on this machine.
    pub service: Option<String>,
    /// What the session shows: a browser, a desktop, or the recorded sample.
    pub kind: SessionKind,
    /// The width of the page, in CSS pixels.
    pub width: u32,
    /// The height of the page, in CSS pixels.
    pub height: u32,
    /// Whether the page takes the size of the space where it is shown, while nobody else is in the session. Width and
    /// height are its size before.
    pub fits: bool,
    /// The address of the first page, as typed; empty opens the service's own start page.
    pub url: String,
}

/// A service to connect to. The key goes to the keyring, never to a file.
#[derive(Clone, PartialEq)]
pub struct NewService {
    /// The name that the list is to show; empty takes the host name of the address.
    pub name: String,
    /// The address of the service's API, as typed.
    pub base_url: String,
    /// Which API the service speaks.
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
    /// What the settings keep of the camera.
    pub profile: CameraProfile,
    /// The camera's key, which goes to the keyring.
    pub key: String,
    /// The key of the service to which pictures are sent on, which goes to the keyring.
    pub forward_key: String,
    /// The old name of the camera that was changed; `None` means that the camera is new.
    pub replaces: Option<String>,
}

impl std::fmt::Debug for NewCamera {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCamera").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// The format of a saved log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object for each line.
    JsonLines,
    /// Comma-separated values with a head.
    Csv,
}

/// Tells which rows of the log are saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRows {
    /// The rows that pass the filter.
    Shown,
    /// The rows that are selected.
    Selected,
    /// All rows.
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

/// Tells which file is saved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavePlace {
    /// The system's dialog asks for it.
    Ask,
    /// The user typed its path.
    Path(PathBuf),
}
