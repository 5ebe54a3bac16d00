//! Turns what happens in a session into messages, and JSON messages back into what happened.

use std::io::Cursor;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::message::{BoxesMessage, LogLevel, LogMessage, PictureMessage};
use super::topic::Channel;
use crate::base::redact;
use crate::model::{
    ClipboardContent, Control, EncodedFrame, Family, FrameSize, InputControl, PageControl,
    PeopleControl, SessionEvent, Status, Update,
};

/// What stands for text that is not kept.
const MASK: &str = "•";

/// One thing that is recorded.
#[derive(Clone, Debug)]
pub enum Record {
    /// A picture came.
    Picture(EncodedFrame),
    /// The session told something.
    Told(Box<Told>),
    /// Something was sent to the session, which is masked here already.
    Sent(Box<Control>),
}

/// What a message on the channel `raw` says: the whole of what was told, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// News of the session, which the window's view folds.
    Update(Update),
    /// The state of the connection changed.
    Connection(Connection),
    /// The page's size in CSS pixels in the pictures from here on.
    Viewport(FrameSize),
    /// The disk was too slow, so that records are missing here.
    Missing {
        /// How many are missing.
        records: u64,
    },
}

/// The state of a connection, without times of the clock that counts from the start of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// The first connection is being made.
    Connecting,
    /// The connection stands.
    Connected,
    /// The connection was lost and is tried again.
    Reconnecting {
        /// One plain sentence.
        why: String,
    },
    /// The connection is not tried again by itself.
    Ended {
        /// One plain sentence.
        why: String,
        /// Whether there is no such session any more.
        over: bool,
    },
}

impl From<&Status> for Connection {
    fn from(status: &Status) -> Self {
        match status {
            Status::Connecting { .. } => Self::Connecting,
            Status::Connected => Self::Connected,
            Status::Reconnecting { why, .. } => Self::Reconnecting { why: why.clone() },
            Status::Ended { why, over } => Self::Ended { why: why.clone(), over: *over },
        }
    }
}

impl Record {
    /// Returns the record of news. What is for this window's user alone is none: what was copied, and the keys and menus
    /// that the page left to the window.
    pub fn update(update: &Update) -> Option<Self> {
        match update {
            Update::Copied(_) | Update::Shortcut(_) | Update::ContextMenu(_) => None,
            update => Some(Self::Told(Box::new(Told::Update(update.clone())))),
        }
    }

    /// Returns the record of a state of the connection.
    pub fn status(status: &Status) -> Self {
        Self::Told(Box::new(Told::Connection(status.into())))
    }

    /// Returns the record of what is sent, with everything that is typed masked.
    pub fn sent(control: &Control) -> Self {
        Self::Sent(Box::new(masked(control)))
    }

    /// Returns about how many bytes the record holds.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Picture(frame) => frame.data.len(),
            Self::Told(told) => match &**told {
                Told::Update(Update::Event(event)) => event.bytes(),
                _ => 1024,
            },
            Self::Sent(_) => 256,
        }
    }

    /// Returns the messages of the record. `session` is the session's name in topics.
    pub fn encode(&self, at: Timestamp, session: &str) -> Vec<(Channel, Vec<u8>)> {
        match self {
            Self::Picture(frame) => encode_picture(frame, at, session),
            Self::Told(told) => {
                let mut messages = vec![(Channel::Raw, told.encode())];
                if let Some(row) = told.row(at) {
                    messages.push((Channel::Events, row.encode()));
                }
                messages
            }
            Self::Sent(control) => vec![(Channel::Input, json(control))],
        }
    }
}

fn encode_picture(frame: &EncodedFrame, at: Timestamp, session: &str) -> Vec<(Channel, Vec<u8>)> {
    let picture = PictureMessage { at: Some(at), data: frame.data.clone(), format: frame.format };
    let mut messages = vec![(Channel::Screencast, picture.encode(session))];
    if frame.detections.is_empty() {
        return messages;
    }
    if let Some(size) = size_of(&frame.data) {
        let boxes = BoxesMessage { at: Some(at), detections: frame.detections.to_vec() };
        messages.push((Channel::Boxes, boxes.encode(size)));
    }
    messages
}

/// Reads the size of a picture from its first bytes.
fn size_of(picture: &[u8]) -> Option<FrameSize> {
    let reader = image::ImageReader::new(Cursor::new(picture)).with_guessed_format().ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some(FrameSize { width, height })
}

impl Told {
    /// Encodes the message. Passwords in addresses are hidden as in the log.
    pub fn encode(&self) -> Vec<u8> {
        json(self)
    }

    /// Decodes a message; `None` where it is damaged or of a later version.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Returns the row on the channel `events`, which says the same in words.
    fn row(&self, at: Timestamp) -> Option<LogMessage> {
        let ours = |level, name: &str, text: String| {
            Some(LogMessage { at: Some(at), level, text, name: name.to_owned() })
        };
        match self {
            Self::Update(Update::Event(event)) => Some(row_of(event)),
            Self::Update(_) | Self::Viewport(_) => None,
            Self::Connection(Connection::Connecting) => {
                ours(LogLevel::Info, "connection", "Connecting".to_owned())
            }
            Self::Connection(Connection::Connected) => {
                ours(LogLevel::Info, "connection", "Connected".to_owned())
            }
            Self::Connection(Connection::Reconnecting { why }) => {
                ours(LogLevel::Warning, "connection", format!("Reconnecting: {why}"))
            }
            Self::Connection(Connection::Ended { why, .. }) => {
                ours(LogLevel::Warning, "connection", why.clone())
            }
            Self::Missing { records } => {
                let text = format!("{records} records are missing, because the disk was too slow");
                ours(LogLevel::Warning, "missing", text)
            }
        }
    }
}

fn row_of(event: &SessionEvent) -> LogMessage {
    let level = match event.family() {
        Family::Error => LogLevel::Error,
        Family::Network | Family::Dialog | Family::Object => LogLevel::Warning,
        _ => LogLevel::Info,
    };
    LogMessage {
        at: Some(event.received_at),
        level,
        text: redact::text(&event.text).into_owned(),
        name: event.name.clone().into_owned(),
    }
}

/// Serializes a message with the passwords of all addresses hidden. What can't be serialized becomes `null`.
fn json(message: &impl Serialize) -> Vec<u8> {
    let mut value = serde_json::to_value(message).unwrap_or_default();
    redact::json(&mut value);
    value.to_string().into_bytes()
}

/// Reads what was sent from a message on the channel `input`; `None` where it is damaged or of a later version.
pub fn decode_sent(bytes: &[u8]) -> Option<Control> {
    let input = serde_json::from_slice::<InputControl>(bytes).map(Control::Input);
    let page = || serde_json::from_slice::<PageControl>(bytes).map(Control::Page);
    let people = || serde_json::from_slice::<PeopleControl>(bytes).map(Control::People);
    input.or_else(|_| page()).or_else(|_| people()).ok()
}

/// Returns a control without what its user typed, said or pasted. That something was typed is kept, and where.
fn masked(control: &Control) -> Control {
    let mut control = control.clone();
    let hide = |text: &mut String| *text = MASK.repeat(text.chars().count().min(64));
    match &mut control {
        Control::Input(InputControl::KeyDown(key) | InputControl::KeyUp(key)) => {
            // A key that types nothing is named by a word, such as "Enter".
            if key.text.is_some() || key.key.chars().count() == 1 {
                hide(&mut key.key);
                key.code.clear();
                key.text.iter_mut().for_each(hide);
            }
        }
        Control::Input(InputControl::Text { text }) => hide(text),
        Control::Input(InputControl::Paste(content)) => {
            *content = ClipboardContent { text: Some(MASK.to_owned()), ..Default::default() };
        }
        Control::Page(PageControl::AnswerDialog { text, .. }) => text.iter_mut().for_each(hide),
        Control::Page(PageControl::Choose { values, .. }) => values.iter_mut().for_each(hide),
        Control::Page(PageControl::Find(search)) => hide(&mut search.text),
        Control::People(
            PeopleControl::Say { text, .. } | PeopleControl::ReleaseControl { note: text },
        ) => hide(text),
        Control::Input(_) | Control::Page(_) | Control::People(_) => {}
    }
    control
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EventKind, KeyInput, Page, SessionView, TextSearch};

    const CANARY: &str = "canary-7f3a";

    #[test]
    fn nothing_that_is_typed_is_kept() {
        let text = || CANARY.to_owned();
        let key = KeyInput { key: "c".to_owned(), code: "KeyC".to_owned(), ..Default::default() };
        let controls: [Control; 8] = [
            InputControl::Text { text: text() }.into(),
            InputControl::Paste(ClipboardContent { text: Some(text()), ..Default::default() })
                .into(),
            InputControl::KeyDown(KeyInput { text: Some(text()), ..key.clone() }).into(),
            PageControl::AnswerDialog { accept: true, text: Some(text()) }.into(),
            PageControl::Choose { id: "1".to_owned(), values: vec![text()] }.into(),
            PageControl::Find(TextSearch { text: text(), ..Default::default() }).into(),
            PeopleControl::Say { text: text(), to: None }.into(),
            PageControl::Navigate { url: format!("https://me:{CANARY}@a.test/") }.into(),
        ];
        for control in controls {
            let (channel, bytes) =
                Record::sent(&control).encode(Timestamp::now(), "a").pop().unwrap();
            assert_eq!(channel, Channel::Input);
            let told = String::from_utf8(bytes).unwrap();
            assert!(!told.contains(CANARY), "{told}");
            assert!(decode_sent(told.as_bytes()).is_some(), "{told}");
        }
        let Control::Input(InputControl::KeyUp(masked)) = masked(&InputControl::KeyUp(key).into())
        else {
            panic!("the class stays");
        };
        assert_eq!((masked.key.as_str(), masked.code.as_str()), (MASK, ""));
        let enter =
            InputControl::KeyDown(KeyInput { key: "Enter".to_owned(), ..Default::default() });
        assert_eq!(super::masked(&enter.clone().into()), enter.into());
    }

    #[test]
    fn a_view_is_folded_from_messages_as_from_news() {
        let mut event = SessionEvent::ours(EventKind::Navigation, "Opened https://a.test/");
        event.raw = r#"{"url":"https://a.test/"}"#.into();
        let page = Page { url: "https://a.test/".to_owned(), ..Default::default() };
        let news = [Update::Event(event), Update::Page(page), Update::Dialog(None)];
        let (mut live, mut replayed) = (SessionView::default(), SessionView::default());
        for update in news {
            let record = Record::update(&update).unwrap();
            let messages = record.encode(Timestamp::now(), "a");
            let Some(Told::Update(read)) = Told::decode(&messages[0].1) else {
                panic!("an update is read as one");
            };
            assert_eq!(read, update);
            live.apply(update);
            replayed.apply(read);
        }
        assert_eq!(format!("{live:?}"), format!("{replayed:?}"));
    }
}
