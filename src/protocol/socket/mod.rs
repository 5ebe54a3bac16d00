//! Defines the host's WebSocket language, the subprotocol `helmsight.v1`: typed JSON texts go both ways.
//!
//! Both ends have their home here: the host parses [`ClientMessage`] and writes [`ServerMessage`], and the window does
//! the reverse. Both ignore unknown message types and unknown fields, so that either end may be older.

mod people;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use strum::VariantNames as _;

pub use self::people::{ParticipantWords, RequestWords, people_of, pointers_of, said_of};
use crate::base::text::one_line;
use crate::base::{BoundedId, PageText};
use crate::model::{
    ClipboardContent, ContextMenu, Control, ControlClass, Dialog, DialogKind, Download,
    DownloadState, FormControl, FoundText, FrameSize, InputControl, Page, PageControl, PageFit,
    PageLife, PagePointer, PeopleControl, PressedShortcut, RemotePointer, Tab,
};

/// The subprotocol's name, which is offered and answered in `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "helmsight.v1";

/// A message from the window, or any client, to the host.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ClientMessage {
    /// A control of the session, in the model's own words.
    Control(Control),
    /// What is asked of this connection.
    Stream(StreamControl),
}

/// A wish of a client's for its own connection. It changes nothing in the session but the time at which that ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StreamControl {
    /// Puts off the end of the session that is due to idleness.
    KeepAlive,
    /// Asks for pictures on this socket. With `ack` the host sends the next one only after [`StreamControl::Ack`].
    Screencast {
        /// Pictures are wanted; `false` stops them.
        on: bool,
        /// The next picture waits for the acknowledgement of the last.
        #[serde(default)]
        ack: bool,
        /// JPEG quality, from 1 to 100.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quality: Option<u8>,
        /// The greatest width of a picture, in pixels.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_width: Option<u32>,
        /// The greatest number of pictures a second.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_fps: Option<f32>,
    },
    /// Acknowledges a picture.
    Ack {
        /// The picture's number.
        seq: u64,
    },
    /// Lifts every key and button that this socket holds down.
    ReleaseAll,
    /// Asks to be told of every request of the pages, each once it is over.
    Requests {
        /// Requests are wanted; `false` stops them.
        on: bool,
    },
    /// Asks whether a page that sends no pictures is still, hidden or stuck; [`ServerMessage::Looked`] answers.
    Look,
    /// Gives the pages this size for as long as this participant is alone in the session and no agent has acted in it.
    /// Otherwise nothing happens.
    Fit {
        /// Width in CSS pixels.
        width: u32,
        /// Height in CSS pixels.
        height: u32,
        /// Pixels of the picture per CSS pixel.
        scale_factor: f64,
    },
}

/// Writes the message that asks for `fit`.
pub fn fit_message(fit: PageFit) -> String {
    let FrameSize { width, height } = fit.size;
    let message = StreamControl::Fit { width, height, scale_factor: fit.scale };
    serde_json::to_string(&message).expect("these messages are plain data")
}

/// Writes the message that asks for the requests of the pages, or no longer.
pub fn requests_message(on: bool) -> String {
    serde_json::to_string(&StreamControl::Requests { on }).expect("these messages are plain data")
}

/// Writes the message that asks what a page without pictures does.
pub fn look_message() -> String {
    serde_json::to_string(&StreamControl::Look).expect("these messages are plain data")
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A message from the host. Of messages about state the latest wins: a slow reader gets the newest of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message on every socket.
    Hello {
        /// The session's id.
        session_id: String,
        /// "browser" or "sample".
        kind: String,
        /// The page's width in CSS pixels.
        width: u32,
        /// The page's height in CSS pixels.
        height: u32,
    },
    /// The page of the active tab.
    Page {
        /// The page's address.
        url: PageText,
        /// The page's title.
        title: PageText,
        /// The page is loading.
        loading: bool,
        /// There is a page to go back to.
        can_go_back: bool,
        /// There is a page to go forward to.
        can_go_forward: bool,
        /// How large the page is shown, in percent of its own size; 0 where that is not known.
        #[serde(default)]
        zoom: u32,
    },
    /// All tabs of the session.
    Tabs {
        /// The tabs, in the order of their opening.
        tabs: Vec<TabWords>,
    },
    /// The dialog that a page has open.
    Dialog {
        /// The dialog; null once it is gone.
        dialog: Option<DialogWords>,
    },
    /// The form control whose list or picker is open in the active tab.
    FormControl {
        /// Whether one is open.
        open: bool,
        /// The control, its fields beside `open`; none of them once it is closed.
        #[serde(flatten)]
        control: Option<FormControl>,
    },
    /// The pointer's shape and the tooltip where the pointer is in the active tab.
    Pointer(PagePointer),
    /// A context menu is asked for, and the page leaves it to the browser.
    ContextMenu(ContextMenu),
    /// What was searched in the active tab.
    Found {
        /// What was found; null once nothing is marked any more.
        found: Option<FoundText>,
    },
    /// A key that the page left to the browser.
    Shortcut(PressedShortcut),
    /// A download and how far it is.
    Download {
        /// The download's id.
        id: BoundedId,
        /// The address of the file.
        url: PageText,
        /// The name under which the file is kept.
        file_name: PageText,
        /// Bytes that have come.
        received: u64,
        /// Bytes of the whole file, where the server told.
        total: Option<u64>,
        /// "in_progress", "completed" or "canceled".
        state: BoundedId,
        /// The reason why the host called it off, where it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<PageText>,
    },
    /// The session's limits of time. Times are written as RFC 3339 has them.
    Lifetime {
        /// The end of the session if nothing happens.
        idle_expires_at: Option<String>,
        /// The end of the session whatever happens.
        expires_at: Option<String>,
        /// The seconds of idleness after which the session ends.
        inactivity_timeout_seconds: Option<u64>,
    },
    /// A side event, the same JSON as on `/events`, with its id there.
    Event {
        /// The event's id.
        id: u64,
        /// The event's JSON.
        event: Value,
    },
    /// A picture of the screencast.
    Frame {
        /// The picture's number among all of the session.
        seq: u64,
        /// The picture in Base64.
        data: String,
        /// The page's width in CSS pixels.
        width: u32,
        /// The page's height in CSS pixels.
        height: u32,
        /// The time of the picture, in Unix seconds.
        timestamp: f64,
    },
    /// The roster: everybody, and who drives. Index 0 is the agent's.
    People {
        /// The index of this socket's participant.
        me: u32,
        /// Everybody who is there.
        participants: Vec<ParticipantWords>,
        /// The index of the participant who has control; null where nobody has.
        driver: Option<u32>,
        /// The requests for control that nobody has answered.
        #[serde(default)]
        requests: Vec<RequestWords>,
        /// The participants go where the driver leads.
        #[serde(default)]
        huddle: bool,
    },
    /// The places where the others point.
    Pointers {
        /// The pointers of the others.
        pointers: Vec<RemotePointer>,
    },
    /// Something that a participant said, to everybody or to this one alone.
    Said {
        /// The index of the participant who said it.
        from: u32,
        /// The index of the participant to whom alone it was said.
        to: Option<u32>,
        /// The words.
        text: String,
        /// The time, by RFC 3339.
        at: String,
    },
    /// Something was copied in the page by this client's participant, who has control.
    Clipboard {
        /// What was copied; nothing where it is not shared, or is too large.
        #[serde(flatten)]
        content: ClipboardContent,
        /// Whether the client asked for what is copied, and not only to be told that something was.
        shared: bool,
        /// The reason why something is missing, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<PageText>,
    },
    /// The answer to [`StreamControl::Look`].
    Looked {
        /// What the page of the active tab does.
        page: PageLife,
    },
    /// The wish of a message of this client's was refused.
    Refused {
        /// The name of the message that was refused.
        what: String,
        /// The reason, in one sentence.
        why: String,
    },
    /// The session is over.
    Ended {
        /// The reason, in one sentence.
        why: String,
    },
}

/// A tab in the words of the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TabWords {
    /// The tab's id.
    pub tab_id: BoundedId,
    /// The address of its page.
    pub url: PageText,
    /// The title of its page.
    pub title: PageText,
    /// The tab is the one that is shown.
    pub active: bool,
    /// The index of the participant who paused the tab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_by: Option<u32>,
    /// The index of the participant to whom this tab alone was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<u32>,
    /// The tab's page asks for a file.
    #[serde(default, skip_serializing_if = "is_false")]
    pub wants_file: bool,
    /// The tab's page crashed and was not loaded again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub crashed: bool,
    /// The scripts of the tab's page answer nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hangs: bool,
}

/// A dialog in the words of the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DialogWords {
    /// "alert", "confirm", "prompt" or "beforeunload".
    pub kind: BoundedId,
    /// The page's message.
    pub message: PageText,
    /// The text that a prompt begins with.
    #[serde(default)]
    pub default_text: PageText,
    /// The address of the page that asks.
    pub url: PageText,
}

impl<C: Into<Control>> From<C> for ClientMessage {
    fn from(control: C) -> Self {
        Self::Control(control.into())
    }
}

/// The class is read first, so that an error is about the very message that was meant.
impl<'de> Deserialize<'de> for ClientMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let kind = value.get("type").and_then(Value::as_str);
        let class = kind.and_then(ControlClass::of);
        if let Some(kind) = kind
            && class.is_none()
            && !StreamControl::VARIANTS.contains(&kind)
        {
            return Err(D::Error::custom(format!(
                "there is no message of type {}",
                one_line(kind, 40)
            )));
        }
        let message = match class {
            Some(ControlClass::Input) => InputControl::deserialize(value).map(Self::from),
            Some(ControlClass::Page) => PageControl::deserialize(value).map(Self::from),
            Some(ControlClass::People) => PeopleControl::deserialize(value).map(Self::from),
            None => StreamControl::deserialize(value).map(Self::Stream),
        };
        message.map_err(D::Error::custom)
    }
}

/// Returns the text that is sent for `control`.
pub fn encode(control: &Control) -> String {
    serde_json::to_string(control).expect("plain data serializes")
}

impl From<TabWords> for Tab {
    fn from(words: TabWords) -> Self {
        Self {
            id: words.tab_id.into(),
            url: words.url.into(),
            title: words.title.into(),
            active: words.active,
            paused_by: words.paused_by,
            controller: words.controller,
            wants_file: words.wants_file,
            crashed: words.crashed,
            hangs: words.hangs,
        }
    }
}

impl From<DialogWords> for Dialog {
    fn from(words: DialogWords) -> Self {
        let kind = match words.kind.as_str() {
            "confirm" => DialogKind::Confirm,
            "prompt" => DialogKind::Prompt,
            "beforeunload" => DialogKind::BeforeUnload,
            _ => DialogKind::Alert,
        };
        Self {
            kind,
            message: words.message.into(),
            default_text: words.default_text.into(),
            url: words.url.into(),
        }
    }
}

/// Returns the page that a message tells of, in the window's words; `None` for other messages.
pub fn page_of(message: &ServerMessage) -> Option<Page> {
    let ServerMessage::Page { url, title, loading, can_go_back, can_go_forward, zoom } = message
    else {
        return None;
    };
    Some(Page {
        url: url.as_str().to_owned(),
        title: title.as_str().to_owned(),
        loading: *loading,
        can_go_back: *can_go_back,
        can_go_forward: *can_go_forward,
        zoom: *zoom,
    })
}

/// Reads the state word of a download on the wire.
pub fn download_state(word: &str) -> DownloadState {
    match word {
        "completed" => DownloadState::Done,
        "canceled" => DownloadState::Canceled,
        _ => DownloadState::Running,
    }
}

/// Returns the download that a message tells of, if it does.
pub fn download_of(message: &ServerMessage) -> Option<Download> {
    let ServerMessage::Download { id, url, file_name, received, total, state, reason } = message
    else {
        return None;
    };
    Some(Download {
        id: id.as_str().to_owned(),
        url: url.as_str().to_owned(),
        file_name: file_name.as_str().to_owned(),
        received: *received,
        total: *total,
        state: download_state(state),
        reason: reason.clone().map(String::from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FramePos, FrameSize, KeyInput, Modifiers, MouseButton, PointerAt};

    #[test]
    fn messages_look_like_this_on_the_wire() {
        let check = |message: ClientMessage, wire: &str| {
            assert_eq!(serde_json::to_string(&message).unwrap(), wire);
            assert_eq!(serde_json::from_str::<ClientMessage>(wire).unwrap(), message);
        };
        check(PageControl::Back.into(), r#"{"type":"back"}"#);
        check(
            InputControl::PointerDown {
                at: PointerAt {
                    x: 10.5,
                    y: 20.0,
                    width: 1280,
                    height: 720,
                    held: vec![MouseButton::Left],
                    modifiers: Modifiers { shift: true, ..Modifiers::default() },
                },
                button: MouseButton::Left,
                clicks: 1,
            }
            .into(),
            r#"{"type":"pointer_down","x":10.5,"y":20.0,"width":1280,"height":720,"held":["left"],"modifiers":{"alt":false,"ctrl":false,"meta":false,"shift":true},"button":"left","clicks":1}"#,
        );
        check(
            InputControl::KeyDown(KeyInput {
                key: "é".to_owned(),
                code: "Digit2".to_owned(),
                text: Some("é".to_owned()),
                ..KeyInput::default()
            })
            .into(),
            r#"{"type":"key_down","key":"é","code":"Digit2","text":"é","modifiers":{"alt":false,"ctrl":false,"meta":false,"shift":false},"repeat":false}"#,
        );
        check(PageControl::NewTab { url: None }.into(), r#"{"type":"new_tab"}"#);
    }

    #[test]
    fn every_class_is_read_as_it_is_written() {
        let id = || "T".to_owned();
        for (message, wire) in [
            (
                PageControl::SelectTab { tab_id: id() }.into(),
                r#"{"type":"select_tab","tab_id":"T"}"#,
            ),
            (
                PageControl::Viewport(FrameSize { width: 8, height: 6 }).into(),
                r#"{"type":"viewport","width":8,"height":6}"#,
            ),
            (
                PageControl::AnswerDialog { accept: true, text: None }.into(),
                r#"{"type":"answer_dialog","accept":true}"#,
            ),
            (
                PeopleControl::GiveTab { tab_id: id(), to: 2 }.into(),
                r#"{"type":"give_tab","tab_id":"T","to":2}"#,
            ),
            (ClientMessage::Stream(StreamControl::Ack { seq: 7 }), r#"{"type":"ack","seq":7}"#),
            (ClientMessage::Stream(StreamControl::ReleaseAll), r#"{"type":"release_all"}"#),
            (
                ClientMessage::Stream(StreamControl::Fit {
                    width: 8,
                    height: 6,
                    scale_factor: 2.0,
                }),
                r#"{"type":"fit","width":8,"height":6,"scale_factor":2.0}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&message).unwrap(), wire);
            assert_eq!(serde_json::from_str::<ClientMessage>(wire).unwrap(), message);
        }
    }

    #[test]
    fn an_error_is_about_the_message_that_was_meant() {
        for (wire, why) in [
            (r#"{"type":"fly"}"#, "there is no message of type fly"),
            (r#"{"type":"navigate"}"#, "missing field `url`"),
            (r#"{"type":"ack","seq":-1}"#, "invalid value"),
            (r#"{"seq":1}"#, "missing field `type`"),
        ] {
            let err = serde_json::from_str::<ClientMessage>(wire).unwrap_err().to_string();
            assert!(err.contains(why), "{wire}: {err}");
        }
    }

    #[test]
    fn every_message_of_a_client_is_described() {
        let described = include_str!("../../host/PROTOCOL.md");
        let classes = [
            InputControl::VARIANTS,
            PageControl::VARIANTS,
            PeopleControl::VARIANTS,
            StreamControl::VARIANTS,
        ];
        for name in classes.concat() {
            assert!(described.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn a_terse_client_is_understood() {
        let terse = r#"{"type":"pointer_down","x":1,"y":2,"button":"left","new_field":true}"#;
        let ClientMessage::Control(Control::Input(InputControl::PointerDown {
            at, clicks, ..
        })) = serde_json::from_str(terse).unwrap()
        else {
            panic!("another message")
        };
        assert_eq!(
            (clicks, at.in_page(FrameSize { width: 100, height: 100 })),
            (1, FramePos { x: 1.0, y: 2.0 })
        );
    }
}
