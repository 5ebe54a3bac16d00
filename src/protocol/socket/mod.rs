//! The host's WebSocket language, subprotocol `helmsight.v1`: typed JSON texts both ways.
//!
//! One home for both ends: the host parses [`ClientMessage`] and writes [`ServerMessage`], the window the reverse.
//! Unknown message types and unknown fields are ignored by both, so that either end may be older.

mod people;

use serde::{Deserialize, Serialize};

pub use self::people::{
    ParticipantWords, PeopleMessage, PointerWords, RequestWords, people_of, pointers_of, said_of,
};
use crate::model::{
    Control, Dialog, DialogKind, Download, DownloadState, FramePos, FrameSize, KeyIdentity,
    KeyInput, Modifiers, MouseButton, Page, Pointer, PointerInput, Tab,
};

/// Offered and answered in `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "helmsight.v1";

/// From the window (or any client) to the host, and on to what drives the session; what is between the participants
/// is a [`PeopleMessage`]. `x` and `y` are pixels of a picture of `width` × `height`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    PointerMove(PointerAt),
    PointerDown {
        #[serde(flatten)]
        at: PointerAt,
        button: MouseButton,
        #[serde(default = "one")]
        clicks: u8,
    },
    PointerUp {
        #[serde(flatten)]
        at: PointerAt,
        button: MouseButton,
        #[serde(default = "one")]
        clicks: u8,
    },
    /// `dx`, `dy` in pixels of the picture; positive scrolls right and down.
    Wheel {
        #[serde(flatten)]
        at: PointerAt,
        dx: f32,
        dy: f32,
    },
    KeyDown(KeyWords),
    KeyUp(KeyWords),
    Text {
        text: String,
    },
    Navigate {
        url: String,
    },
    Back,
    Forward,
    Reload,
    Stop,
    NewTab {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    SelectTab {
        tab_id: String,
    },
    CloseTab {
        tab_id: String,
    },
    AnswerDialog {
        accept: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    Viewport {
        width: u32,
        height: u32,
    },
    KeepAlive,
    /// Asks for pictures on this socket. With `ack` the host sends the next one only after [`ClientMessage::Ack`].
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

fn one() -> u8 {
    1
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PointerAt {
    pub x: f32,
    pub y: f32,
    /// Size of the picture that `x` and `y` count in; 0: the page's CSS pixels.
    #[serde(default)]
    pub width: u32,
    #[serde(default)]
    pub height: u32,
    /// Buttons down after this action.
    #[serde(default)]
    pub held: Vec<MouseButton>,
    #[serde(default)]
    pub modifiers: Modifiers,
}

/// A place in a picture of `width` × `height`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PointWords {
    pub x: f32,
    pub y: f32,
    pub width: u32,
    pub height: u32,
}

/// The DOM's `KeyboardEvent` words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyWords {
    pub key: String,
    #[serde(default)]
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default)]
    pub modifiers: Modifiers,
    #[serde(default)]
    pub repeat: bool,
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
        event: serde_json::Value,
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
        pointers: Vec<PointerWords>,
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

impl ClientMessage {
    /// What is sent for `control`; `None` where it is a [`PeopleMessage`].
    pub fn of(control: &Control) -> Option<Self> {
        Some(match control {
            Control::Pointer(input) => pointer_message(input),
            Control::Key(input) if input.down => Self::KeyDown(input.into()),
            Control::Key(input) => Self::KeyUp(input.into()),
            Control::Text(text) => Self::Text { text: text.clone() },
            Control::Navigate(url) => Self::Navigate { url: url.clone() },
            Control::Back => Self::Back,
            Control::Forward => Self::Forward,
            Control::Reload => Self::Reload,
            Control::Stop => Self::Stop,
            Control::NewTab { url } => Self::NewTab { url: url.clone() },
            Control::SelectTab { id } => Self::SelectTab { tab_id: id.clone() },
            Control::CloseTab { id } => Self::CloseTab { tab_id: id.clone() },
            Control::AnswerDialog { accept, text } => {
                Self::AnswerDialog { accept: *accept, text: text.clone() }
            }
            Control::Viewport(size) => Self::Viewport { width: size.width, height: size.height },
            Control::People(_) => return None,
        })
    }
}

/// The text that is sent for `control`.
pub fn encode(control: &Control) -> String {
    let text = match control {
        Control::People(control) => serde_json::to_string(&PeopleMessage::from(control)),
        control => serde_json::to_string(&ClientMessage::of(control)),
    };
    text.expect("plain data serializes")
}

fn pointer_message(input: &PointerInput) -> ClientMessage {
    let at = PointerAt {
        x: input.at.x,
        y: input.at.y,
        width: input.frame.width,
        height: input.frame.height,
        held: input.held.clone(),
        modifiers: input.modifiers,
    };
    match input.kind {
        Pointer::Move => ClientMessage::PointerMove(at),
        Pointer::Down { button, clicks } => ClientMessage::PointerDown { at, button, clicks },
        Pointer::Up { button, clicks } => ClientMessage::PointerUp { at, button, clicks },
        Pointer::Wheel { dx, dy } => ClientMessage::Wheel { at, dx, dy },
    }
}

impl PointerAt {
    /// The place in a page of `page` CSS pixels.
    pub fn in_page(&self, page: FrameSize) -> FramePos {
        let scale = |value: f32, from: u32, to: u32| {
            if from == 0 { value } else { value * to as f32 / from as f32 }
        };
        FramePos {
            x: scale(self.x, self.width, page.width),
            y: scale(self.y, self.height, page.height),
        }
    }
}

impl KeyIdentity for KeyWords {
    fn code(&self) -> &str {
        &self.code
    }

    fn key(&self) -> &str {
        &self.key
    }
}

impl From<&KeyInput> for KeyWords {
    fn from(input: &KeyInput) -> Self {
        Self {
            key: input.key.clone(),
            code: input.code.clone(),
            text: input.text.clone(),
            modifiers: input.modifiers,
            repeat: input.repeat,
        }
    }
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

    #[test]
    fn messages_look_like_this_on_the_wire() {
        let check = |message: ClientMessage, wire: &str| {
            assert_eq!(serde_json::to_string(&message).unwrap(), wire);
            assert_eq!(serde_json::from_str::<ClientMessage>(wire).unwrap(), message);
        };
        check(ClientMessage::Back, r#"{"type":"back"}"#);
        check(
            ClientMessage::PointerDown {
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
            },
            r#"{"type":"pointer_down","x":10.5,"y":20.0,"width":1280,"height":720,"held":["left"],"modifiers":{"alt":false,"ctrl":false,"meta":false,"shift":true},"button":"left","clicks":1}"#,
        );
        check(
            ClientMessage::KeyDown(KeyWords {
                key: "é".to_owned(),
                code: "Digit2".to_owned(),
                text: Some("é".to_owned()),
                ..KeyWords::default()
            }),
            r#"{"type":"key_down","key":"é","code":"Digit2","text":"é","modifiers":{"alt":false,"ctrl":false,"meta":false,"shift":false},"repeat":false}"#,
        );
        check(ClientMessage::NewTab { url: None }, r#"{"type":"new_tab"}"#);
    }

    #[test]
    fn a_terse_client_is_understood() {
        let terse = r#"{"type":"pointer_down","x":1,"y":2,"button":"left","new_field":true}"#;
        let ClientMessage::PointerDown { at, clicks, .. } = serde_json::from_str(terse).unwrap()
        else {
            panic!("another message")
        };
        assert_eq!(
            (clicks, at.in_page(FrameSize { width: 100, height: 100 })),
            (1, FramePos { x: 1.0, y: 2.0 })
        );
    }

    #[test]
    fn places_are_scaled_from_the_picture_to_the_page() {
        let at = PointerAt { x: 320.0, y: 180.0, width: 640, height: 360, ..PointerAt::default() };
        assert_eq!(
            at.in_page(FrameSize { width: 1280, height: 720 }),
            FramePos { x: 640.0, y: 360.0 }
        );
    }
}
