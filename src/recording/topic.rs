//! Names the topics of a recording: each session has its own, and the seals are the file's.

use std::fmt;

use super::schema::Schema;

/// The most bytes that a session's name in topics has.
const MAX_NAME: usize = 80;

/// What a channel of a session carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter)]
pub enum Channel {
    /// The pictures as they came.
    Screencast,
    /// The rows of the log.
    Events,
    /// All that the session told, of which the window's view is folded.
    Raw,
    /// What was sent to the session, masked.
    Input,
    /// What was found in the pictures.
    Boxes,
}

impl Channel {
    /// Returns the last part of the topic.
    pub fn word(self) -> &'static str {
        match self {
            Self::Screencast => "screencast",
            Self::Events => "events",
            Self::Raw => "raw",
            Self::Input => "input",
            Self::Boxes => "boxes",
        }
    }

    pub(super) fn schema(self) -> Schema {
        match self {
            Self::Screencast => Schema::CompressedImage,
            Self::Events => Schema::Log,
            Self::Raw => Schema::Told,
            Self::Input => Schema::Input,
            Self::Boxes => Schema::ImageAnnotations,
        }
    }

    fn of(word: &str) -> Option<Self> {
        use strum::IntoEnumIterator as _;
        Self::iter().find(|channel| channel.word() == word)
    }
}

/// One topic of a recording.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A channel of a session.
    Session {
        /// The session's name in this file, which is one part of a path.
        session: String,
        /// What the channel carries.
        channel: Channel,
    },
    /// The seals of the file.
    Seal,
}

impl Topic {
    /// Reads a topic; `None` where it is none of ours.
    pub fn parse(topic: &str) -> Option<Self> {
        if topic == "/seal" {
            return Some(Self::Seal);
        }
        let (session, word) = topic.strip_prefix('/')?.split_once('/')?;
        let channel = Channel::of(word)?;
        (!session.is_empty()).then(|| Self::Session { session: session.to_owned(), channel })
    }

    pub(super) fn schema(&self) -> Schema {
        match self {
            Self::Session { channel, .. } => channel.schema(),
            Self::Seal => Schema::Seal,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session { session, channel } => write!(f, "/{session}/{}", channel.word()),
            Self::Seal => f.write_str("/seal"),
        }
    }
}

/// Returns the name that a session with this id has in topics, which is none of `taken`.
pub fn session_name(id: &str, taken: impl Fn(&str) -> bool) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = id.chars().take(MAX_NAME).map(plain).collect();
    let name = if name.is_empty() { "session".to_owned() } else { name };
    if !taken(&name) {
        return name;
    }
    let numbered = |n: u32| format!("{name}-{n}");
    (2..).map(numbered).find(|name| !taken(name)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_as_they_are_written() {
        use strum::IntoEnumIterator as _;
        for channel in Channel::iter() {
            let topic = Topic::Session { session: "a-1".to_owned(), channel };
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
        }
        assert_eq!(Topic::parse(&Topic::Seal.to_string()), Some(Topic::Seal));
        for foreign in ["", "/", "seal", "/camera", "//raw", "/a/b/raw", "/a/rawer"] {
            assert_eq!(Topic::parse(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn names_of_sessions_are_one_part_and_are_all_different() {
        assert_eq!(session_name("../a/ü b", |_| false), ".._a___b");
        assert_eq!(session_name("", |_| false), "session");
        assert_eq!(session_name("a", |name| ["a", "a-2"].contains(&name)), "a-3");
        assert_eq!(session_name(&"x".repeat(500), |_| false).len(), MAX_NAME);
    }
}
