//! Defines the vocabulary of events: one kind for everything that the log can tell of a session.
//!
//! Whoever adds a kind adds a variant here, and the compiler then asks for its family and for who tells it. A kind that
//! the host tells also has its row in the host's PROTOCOL.md, to which a test holds it.

use serde::{Deserialize, Serialize};

use super::Family;

/// What an event is about. Its word on the wire is the variant in snake case. The other words that are read as the
/// same kind are those of other services.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EventKind {
    // The session's own state.
    /// The session's state changed.
    #[strum(
        to_string = "session_state",
        serialize = "session",
        serialize = "state",
        serialize = "status",
        serialize = "lifecycle",
        serialize = "hello"
    )]
    SessionState,
    /// The session was created; on the host a second name of a [`Self::SessionState`].
    SessionCreated,
    /// The session waits until its service has room for it.
    SessionQueued,
    /// The service has loaded the session.
    SessionLoaded,
    /// The session runs; on the host a second name of a [`Self::SessionState`].
    SessionStarted,
    /// The session is over; on the host a second name of a [`Self::SessionState`].
    SessionEnded,

    // Actions and the output of commands.
    /// An action was asked for.
    #[strum(
        to_string = "action_request",
        serialize = "action",
        serialize = "action_requested",
        serialize = "request",
        serialize = "queued"
    )]
    ActionRequest,
    /// An action was answered.
    #[strum(
        to_string = "action_response",
        serialize = "action_result",
        serialize = "action_completed",
        serialize = "response",
        serialize = "result"
    )]
    ActionResponse,
    /// A command wrote something.
    #[strum(
        to_string = "command_output",
        serialize = "output",
        serialize = "output_chunk",
        serialize = "chunk",
        serialize = "stdout",
        serialize = "stderr",
        serialize = "exit"
    )]
    CommandOutput,

    // Pages and tabs.
    /// A page begins to load.
    RelocateStart,
    /// A tab shows another page.
    #[strum(
        to_string = "navigation",
        serialize = "page_navigation",
        serialize = "navigated",
        serialize = "page",
        serialize = "page_load",
        serialize = "load"
    )]
    Navigation,
    /// The second name of a [`Self::Navigation`].
    #[strum(to_string = "relocate", serialize = "relocated")]
    Relocate,
    /// A tab was opened, activated or closed.
    #[strum(to_string = "tab", serialize = "tabs")]
    Tab,
    /// The second name of a [`Self::Tab`] that was activated.
    TabActivated,

    // What pages say, and what goes wrong in them.
    /// A page wrote to its console.
    #[strum(to_string = "console", serialize = "log")]
    Console,
    /// A page's script failed.
    #[strum(to_string = "page_error", serialize = "exception")]
    PageError,
    /// A page or its browser crashed.
    Crash,
    /// The service reports an error, such as a connection that came to nothing.
    Error,
    /// A page's request failed.
    #[strum(
        to_string = "network_failure",
        serialize = "network",
        serialize = "network_error",
        serialize = "request_failed"
    )]
    NetworkFailure,
    /// A request of a page is over. It is told to those only who asked for requests, once and without an id.
    NetworkRequest,
    /// A page's dialog was opened or closed.
    Dialog,
    /// The list or picker of a page's form control was opened or closed.
    FormControl,

    // Files.
    /// A download began, went on or ended.
    Download,
    /// The second name of a [`Self::Download`] that is complete.
    #[strum(to_string = "file_downloaded", serialize = "file_download")]
    FileDownloaded,
    /// A page asks for a file.
    FileChooser,
    /// A page was given a file.
    FileUploaded,

    // People.
    /// A participant came.
    #[strum(to_string = "participant_joined", serialize = "viewer_joined")]
    ParticipantJoined,
    /// A participant went.
    #[strum(to_string = "participant_left", serialize = "viewer_left")]
    ParticipantLeft,
    /// Something about a participant is told, in words of which only the text is read.
    #[strum(to_string = "participant", serialize = "join", serialize = "leave", serialize = "chat")]
    Participant,
    /// A participant is active.
    UserActivity,
    /// A participant asks for control.
    HostRightsRequested,
    /// A participant was refused control, or nobody answered in time.
    HostRightsRefused,
    /// Another participant has control, or nobody has it any more.
    #[strum(to_string = "host_changed", serialize = "control")]
    HostChanged,
    /// A participant hands control back, perhaps with a note.
    ControlReleased,
    /// An action of the agent was refused because a person drives.
    ActionRefused,
    /// A participant paused a tab.
    TabPaused,
    /// A paused tab takes input again.
    TabResumed,
    /// A participant asks for control of a tab.
    TabControlRequested,
    /// Control of a tab was given to a participant or taken back.
    TabControlTransferred,
    /// The huddle, in which followers change tabs together, was begun or ended.
    HuddleMode,
    /// A participant follows another one, or nobody any longer.
    HuddleFollow,
    /// A participant said something.
    ChatMessage,
    /// A program sent a message to the session's participants.
    Message,
    /// A stream or a socket that is told events was opened or closed.
    Subscriber,

    /// A service's webhook told an event for which there is no other kind.
    Hook,
    /// Events are missing here.
    Gap,
    /// The event has no name, or one that is no kind's word. Its row keeps the name as it came.
    Unknown,

    // The window's own rows about its connection.
    /// The connection stands.
    Connected,
    /// The connection was lost and is tried again, or rows were lost.
    Lost,
    /// The connection ended and is not tried again.
    Ended,
    /// The session's service tells no events.
    NoEvents,
    /// The session's video can't be shown as it comes.
    #[strum(to_string = "h264")]
    H264,
    /// A screenshot failed to come.
    Screenshot,
    /// A snapshot of a space failed to come.
    Snapshot,
    /// Webhook events do not come.
    Webhooks,
    /// The session could not be kept alive.
    KeepAlive,
    /// The camera's service tells how the camera is.
    CameraStatus,
    /// The camera's service reports an error.
    CameraError,
    /// Pictures could not be forwarded to another service.
    Forwarding,

    // The window's own rows about what it finds and does.
    /// Objects of a class appeared in the pictures.
    ObjectAppeared,
    /// No object of a class is in the pictures any more.
    ObjectLeft,
    /// An object raised an alert by one of the user's rules.
    ObjectAlert,
    /// The user started a task.
    TaskStarted,
    /// The user told the task's assistant something.
    TaskMessage,
    /// The task's assistant took a step.
    TaskStep,
    /// The task stands differently.
    TaskState,
    /// The task is over.
    TaskEnded,
}

/// Who tells events of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// The embedded host tells them. PROTOCOL.md describes these kinds.
    Host,
    /// Only other services tell them.
    Service,
    /// The window tells them in rows of its own. No server's event is ever read as such a kind.
    Window,
}

impl EventKind {
    /// Returns the kind that a server means by `name`, in whatever spelling.
    pub fn of(name: &str) -> Self {
        let word = name.to_ascii_lowercase().replace(['-', '.', ' '], "_");
        let kind = word.parse().unwrap_or(Self::Unknown);
        if kind.teller() == Teller::Window { Self::Unknown } else { kind }
    }

    /// Returns the word on the wire and in exports.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Returns the color and the filter of the kind's rows.
    pub fn family(self) -> Family {
        match self {
            Self::SessionState
            | Self::SessionCreated
            | Self::SessionQueued
            | Self::SessionLoaded
            | Self::SessionStarted
            | Self::SessionEnded => Family::Session,
            Self::ActionRequest
            | Self::ActionResponse
            | Self::TaskStarted
            | Self::TaskMessage
            | Self::TaskStep
            | Self::TaskState
            | Self::TaskEnded => Family::Action,
            Self::CommandOutput => Family::Output,
            Self::RelocateStart
            | Self::Navigation
            | Self::Relocate
            | Self::Tab
            | Self::TabActivated => Family::Page,
            Self::Console => Family::Console,
            Self::NetworkFailure | Self::NetworkRequest => Family::Network,
            Self::Dialog | Self::FormControl => Family::Dialog,
            Self::Download | Self::FileDownloaded | Self::FileChooser | Self::FileUploaded => {
                Family::Download
            }
            Self::ParticipantJoined
            | Self::ParticipantLeft
            | Self::Participant
            | Self::UserActivity
            | Self::HostRightsRequested
            | Self::HostRightsRefused
            | Self::HostChanged
            | Self::ControlReleased
            | Self::ActionRefused
            | Self::TabPaused
            | Self::TabResumed
            | Self::TabControlRequested
            | Self::TabControlTransferred
            | Self::HuddleMode
            | Self::HuddleFollow
            | Self::ChatMessage
            | Self::Message
            | Self::Subscriber => Family::People,
            Self::ObjectAppeared | Self::ObjectLeft | Self::ObjectAlert => Family::Object,
            Self::PageError
            | Self::Crash
            | Self::Error
            | Self::KeepAlive
            | Self::CameraError
            | Self::Forwarding => Family::Error,
            Self::Gap
            | Self::Connected
            | Self::Lost
            | Self::Ended
            | Self::NoEvents
            | Self::H264
            | Self::Screenshot
            | Self::Snapshot
            | Self::Webhooks
            | Self::CameraStatus => Family::Stream,
            Self::Hook | Self::Unknown => Family::Other,
        }
    }

    /// Returns who tells events of this kind.
    pub fn teller(self) -> Teller {
        match self {
            Self::SessionState
            | Self::SessionCreated
            | Self::SessionQueued
            | Self::SessionStarted
            | Self::SessionEnded
            | Self::ActionRequest
            | Self::ActionResponse
            | Self::CommandOutput
            | Self::RelocateStart
            | Self::Navigation
            | Self::Relocate
            | Self::Tab
            | Self::TabActivated
            | Self::Console
            | Self::PageError
            | Self::Crash
            | Self::Error
            | Self::NetworkFailure
            | Self::NetworkRequest
            | Self::Dialog
            | Self::FormControl
            | Self::Download
            | Self::FileDownloaded
            | Self::FileChooser
            | Self::FileUploaded
            | Self::ParticipantJoined
            | Self::ParticipantLeft
            | Self::Subscriber
            | Self::UserActivity
            | Self::HostRightsRequested
            | Self::HostRightsRefused
            | Self::HostChanged
            | Self::ControlReleased
            | Self::ActionRefused
            | Self::TabPaused
            | Self::TabResumed
            | Self::TabControlRequested
            | Self::TabControlTransferred
            | Self::HuddleMode
            | Self::HuddleFollow
            | Self::ChatMessage
            | Self::Message
            | Self::Hook
            | Self::Gap => Teller::Host,
            Self::SessionLoaded | Self::Participant | Self::Unknown => Teller::Service,
            Self::Connected
            | Self::Lost
            | Self::Ended
            | Self::NoEvents
            | Self::H264
            | Self::Screenshot
            | Self::Snapshot
            | Self::Webhooks
            | Self::KeepAlive
            | Self::CameraStatus
            | Self::CameraError
            | Self::Forwarding
            | Self::ObjectAppeared
            | Self::ObjectLeft
            | Self::ObjectAlert
            | Self::TaskStarted
            | Self::TaskMessage
            | Self::TaskStep
            | Self::TaskState
            | Self::TaskEnded => Teller::Window,
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn every_kind_of_a_server_is_read_from_its_own_word_and_none_of_the_windows() {
        for kind in EventKind::iter() {
            let read = EventKind::of(kind.word());
            match kind.teller() {
                Teller::Host | Teller::Service => assert_eq!(read, kind),
                Teller::Window => assert_eq!(read, EventKind::Unknown, "{kind:?}"),
            }
        }
    }

    #[test]
    fn words_of_other_services_are_read_in_any_spelling() {
        for (name, kind) in [
            ("Page-Load", EventKind::Navigation),
            ("viewer.joined", EventKind::ParticipantJoined),
            ("request failed", EventKind::NetworkFailure),
            ("OUTPUT_CHUNK", EventKind::CommandOutput),
            ("status", EventKind::SessionState),
            ("connected", EventKind::Unknown),
            ("custom", EventKind::Unknown),
            ("", EventKind::Unknown),
        ] {
            assert_eq!(EventKind::of(name), kind, "{name}");
        }
    }
}
