//! Defines what the window knows, as plain data without I/O and without any vendor's name.
//!
//! A backend turns its dialect into [`EncodedFrame`]s, [`Update`]s and a [`Status`], and takes [`Control`] back.

pub mod chat;
pub mod clipboard;
pub mod concern;
pub mod console_level;
pub mod control;
pub mod detection;
pub mod detection_filter;
pub mod detection_rule;
pub mod event;
pub mod event_kind;
pub mod find;
pub mod form_control;
pub mod frame;
pub mod held;
pub mod log;
pub mod objects;
pub mod people;
pub mod people_event;
pub mod pointed;
pub mod presence;
pub mod script;
pub mod session;
pub mod shortcut;
pub mod stats;
pub mod status;
pub mod view;

pub use chat::{Chat, ChatNews, ChatOffer};
pub use clipboard::{ClipboardContent, Copied, MAX_CLIPBOARD_IMAGE, MAX_CLIPBOARD_TEXT};
pub use concern::{Concern, ConcernEnd, ConcernKind, Severity};
pub use console_level::ConsoleLevel;
pub use control::{
    CommandTab, Control, ControlClass, InputControl, KeyInput, Modifiers, MouseButton, PageControl,
    PointerAt,
};
pub use detection::{Area, Detection, FrameRect};
pub use detection_filter::DetectionFilter;
pub use detection_rule::{DetectionRule, ObjectAlert};
pub use event::{Family, Phase, RequestRef, SessionEvent, Update};
pub use event_kind::{EventKind, Teller};
pub use find::{FoundText, MAX_FIND, TextSearch};
pub use form_control::{FormControl, FormControlKind, FormOption, FormRect};
pub use frame::{EncodedFrame, FramePoint, FramePos, FrameSize, ImageFormat, PageFit};
pub use held::{Held, HeldButtons, HeldKeys, KeyIdentity};
pub use objects::{ObjectChoices, ObjectWatch};
pub use people::{
    ChatLine, ControlRequest, Participant, People, PeopleControl, PointerAct, PointerActKind,
    RemotePointer,
};
pub use people_event::{PeopleEvent, Person};
pub use pointed::{ContextMenu, PagePointer};
pub use script::{MAX_SCRIPT, MAX_SCRIPT_VALUE, PageScript, ScriptValue};
pub use session::{
    Capabilities, Dialog, DialogKind, Download, DownloadState, Forwarding, History, KeepAlive,
    Lifetime, Page, PictureSource, SessionKind, SessionSummary, Tab,
};
pub use shortcut::{PressedShortcut, Shortcut};
pub use stats::StatsSnapshot;
pub use status::{Condition, PageLife, Status, Traffic, UnreadPictures};
pub use view::SessionView;
