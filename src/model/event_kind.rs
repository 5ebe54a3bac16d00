//! The vocabulary of events: one kind for everything that the log can tell of a session.
//!
//! Whoever adds a kind adds a variant here, and the compiler then asks for its family and for who tells it. A kind that
//! the host tells also has its row in the host's PROTOCOL.md, to which a test holds it.

use super::Family;

/// What an event is about. Its word on the wire is the variant in snake case; the other words that are read as the same
/// kind are those of other services.
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
)]
#[strum(serialize_all = "snake_case")]
pub enum EventKind {
    // The session's own state.
    #[strum(
        to_string = "session_state",
        serialize = "session",
        serialize = "state",
        serialize = "status",
        serialize = "lifecycle",
        serialize = "hello"
    )]
    SessionState,
    SessionCreated,
    SessionQueued,
    SessionLoaded,
    SessionStarted,
    SessionEnded,

    // Actions and the output of commands.
    #[strum(
        to_string = "action_request",
        serialize = "action",
        serialize = "action_requested",
        serialize = "request",
        serialize = "queued"
    )]
    ActionRequest,
    #[strum(
        to_string = "action_response",
        serialize = "action_result",
        serialize = "action_completed",
        serialize = "response",
        serialize = "result"
    )]
    ActionResponse,
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
    #[strum(to_string = "tab", serialize = "tabs")]
    Tab,
    /// The second name of a [`Self::Tab`] that was activated.
    TabActivated,

    // What pages say, and what goes wrong in them.
    #[strum(to_string = "console", serialize = "log")]
    Console,
    #[strum(to_string = "page_error", serialize = "exception")]
    PageError,
    Crash,
    Error,
    #[strum(
        to_string = "network_failure",
        serialize = "network",
        serialize = "network_error",
        serialize = "request_failed"
    )]
    NetworkFailure,
    Dialog,

    // Files.
    Download,
    /// The second name of a [`Self::Download`] that is complete.
    #[strum(to_string = "file_downloaded", serialize = "file_download")]
    FileDownloaded,
    FileChooser,
    FileUploaded,

    // People.
    #[strum(to_string = "participant_joined", serialize = "viewer_joined")]
    ParticipantJoined,
    #[strum(to_string = "participant_left", serialize = "viewer_left")]
    ParticipantLeft,
    /// Something about a participant, in words of which only the text is read.
    #[strum(to_string = "participant", serialize = "join", serialize = "leave", serialize = "chat")]
    Participant,
    UserActivity,
    HostRightsRequested,
    HostRightsRefused,
    #[strum(to_string = "host_changed", serialize = "control")]
    HostChanged,
    ControlReleased,
    ActionRefused,
    TabPaused,
    TabResumed,
    TabControlRequested,
    TabControlTransferred,
    HuddleMode,
    HuddleFollow,
    ChatMessage,
    Message,

    /// A service's webhook event for which there is no other kind.
    Hook,
    /// Events are missing here.
    Gap,
    /// An event without a name, or with one that is no kind's word: its row keeps the name as it came.
    Unknown,

    // The window's own rows about its connection.
    Connected,
    /// The connection was lost and is tried again, or rows were lost.
    Lost,
    Ended,
    NoEvents,
    #[strum(to_string = "h264")]
    H264,
    /// A screenshot failed to come.
    Screenshot,
    /// A snapshot of a space failed to come.
    Snapshot,
    /// Webhook events do not come.
    Webhooks,
    KeepAlive,
    CameraStatus,
    CameraError,
    /// Pictures could not be forwarded to another service.
    Forwarding,

    // The window's own rows about what it finds and does.
    ObjectAppeared,
    ObjectLeft,
    ObjectAlert,
    TaskStarted,
    TaskMessage,
    TaskStep,
    TaskState,
    TaskEnded,
}

/// Who tells events of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// The embedded host. PROTOCOL.md describes these kinds.
    Host,
    /// Other services only.
    Service,
    /// The window itself, in rows of its own. No server's event is ever read as such a kind.
    Window,
}

impl EventKind {
    /// The kind that a server means by `name`, in whatever spelling.
    pub fn of(name: &str) -> Self {
        let word = name.to_ascii_lowercase().replace(['-', '.', ' '], "_");
        let kind = word.parse().unwrap_or(Self::Unknown);
        if kind.teller() == Teller::Window { Self::Unknown } else { kind }
    }

    /// The word on the wire and in exports.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The color and the filter of its rows.
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
            Self::NetworkFailure => Family::Network,
            Self::Dialog => Family::Dialog,
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
            | Self::Message => Family::People,
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

    /// Who tells events of this kind.
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
            | Self::Dialog
            | Self::Download
            | Self::FileDownloaded
            | Self::FileChooser
            | Self::FileUploaded
            | Self::ParticipantJoined
            | Self::ParticipantLeft
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
