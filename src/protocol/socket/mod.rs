//! The host's WebSocket language, subprotocol `helmsight.v1`: typed JSON texts both ways.
//!
//! One home for both ends: the host parses [`ClientMessage`] and writes [`ServerMessage`], the window the reverse.
//! Unknown message types and unknown fields are ignored by both, so that either end may be older.

mod people;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use strum::VariantNames as _;

pub use self::people::{ParticipantWords, RequestWords, people_of, pointers_of, said_of};
use crate::base::text::one_line;
use crate::model::{
    Control, ControlClass, Dialog, DialogKind, Download, DownloadState, InputControl, Page,
    PageControl, PeopleControl, RemotePointer, Tab,
};

/// Offered and answered in `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "helmsight.v1";

/// From the window (or any client) to the host.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ClientMessage {
    /// What is asked of the session, in the model's own words.
    Control(Control),
    Stream(StreamControl),
}

/// What a client asks of its own connection. It changes nothing in the session but the time at which that ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StreamControl {
    KeepAlive,
    /// Asks for pictures on this socket. With `ack` the host sends the next one only after [`StreamControl::Ack`].
    Screencast {
        on: bool,
        #[serde(default)]
        ack: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quality: Option<u8>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_width: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_fps: Option<f32>,
    },
    Ack {
        seq: u64,
    },
    /// Lifts every key and button that this socket holds down.
    ReleaseAll,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// From the host. State messages are latest-wins; a slow reader gets the newest of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// First message on every socket.
    Hello {
        session_id: String,
        kind: String,
        width: u32,
        height: u32,
    },
    Page {
        url: String,
        title: String,
        loading: bool,
        can_go_back: bool,
        can_go_forward: bool,
    },
    Tabs {
        tabs: Vec<TabWords>,
    },
    Dialog {
        dialog: Option<DialogWords>,
    },
    Download {
        id: String,
        url: String,
        file_name: String,
        received: u64,
        total: Option<u64>,
        state: String,
    },
    /// Times are RFC 3339.
    Lifetime {
        idle_expires_at: Option<String>,
        expires_at: Option<String>,
        inactivity_timeout_seconds: Option<u64>,
    },
    /// A side event, the same JSON as on `/events`, with its id there.
    Event {
        id: u64,
        event: Value,
    },
    /// `data` is base64 of the compressed picture.
    Frame {
        seq: u64,
        data: String,
        width: u32,
        height: u32,
        timestamp: f64,
    },
    /// Everybody, and who drives. `me` is the index of this socket's participant, 0 the agent's.
    People {
        me: u32,
        participants: Vec<ParticipantWords>,
        driver: Option<u32>,
        #[serde(default)]
        requests: Vec<RequestWords>,
        #[serde(default)]
        huddle: bool,
    },
    /// Where the others point.
    Pointers {
        pointers: Vec<RemotePointer>,
    },
    /// Something said by a participant, to everybody or to this one alone.
    Said {
        from: u32,
        to: Option<u32>,
        text: String,
        /// RFC 3339.
        at: String,
    },
    /// What a message of this client's asked for did not happen.
    Refused {
        what: String,
        why: String,
    },
    Ended {
        why: String,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TabWords {
    pub tab_id: String,
    pub url: String,
    pub title: String,
    pub active: bool,
    /// Index of the participant who paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_by: Option<u32>,
    /// Index of the participant to whom this tab alone was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<u32>,
    /// Its page asks for a file.
    #[serde(default, skip_serializing_if = "is_false")]
    pub wants_file: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DialogWords {
    /// alert, confirm, prompt, beforeunload.
    pub kind: String,
    pub message: String,
    #[serde(default)]
    pub default_text: String,
    pub url: String,
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

/// The text that is sent for `control`.
pub fn encode(control: &Control) -> String {
    serde_json::to_string(control).expect("plain data serializes")
}

impl From<TabWords> for Tab {
    fn from(words: TabWords) -> Self {
        Self {
            id: words.tab_id,
            url: words.url,
            title: words.title,
            active: words.active,
            paused_by: words.paused_by,
            controller: words.controller,
            wants_file: words.wants_file,
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
        Self { kind, message: words.message, default_text: words.default_text, url: words.url }
    }
}

/// The state that a message carries, in the window's words; `None` for messages that are not state.
pub fn page_of(message: &ServerMessage) -> Option<Page> {
    let ServerMessage::Page { url, title, loading, can_go_back, can_go_forward } = message else {
        return None;
    };
    Some(Page {
        url: url.clone(),
        title: title.clone(),
        loading: *loading,
        can_go_back: *can_go_back,
        can_go_forward: *can_go_forward,
    })
}

/// The state word of a download on the wire.
pub fn download_state(word: &str) -> DownloadState {
    match word {
        "completed" => DownloadState::Done,
        "canceled" => DownloadState::Canceled,
        _ => DownloadState::Running,
    }
}

/// The download that a message carries, if it is one.
pub fn download_of(message: &ServerMessage) -> Option<Download> {
    let ServerMessage::Download { id, url, file_name, received, total, state } = message else {
        return None;
    };
    Some(Download {
        id: id.clone(),
        url: url.clone(),
        file_name: file_name.clone(),
        received: *received,
        total: *total,
        state: download_state(state),
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
