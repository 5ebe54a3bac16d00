//! Holds the schemas of the messages: those that other viewers know as descriptors of Protocol Buffers, and our own as
//! JSON Schema.

use super::protobuf::MessageBytes;

/// The schema of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter)]
pub(super) enum Schema {
    CompressedImage,
    Log,
    ImageAnnotations,
    Told,
    Input,
    Seal,
}

impl Schema {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CompressedImage => "foxglove.CompressedImage",
            Self::Log => "foxglove.Log",
            Self::ImageAnnotations => "foxglove.ImageAnnotations",
            Self::Told => "helmsight.Told",
            Self::Input => "helmsight.Input",
            Self::Seal => "helmsight.Seal",
        }
    }

    pub(super) fn encoding(self) -> &'static str {
        if self.messages().is_some() { "protobuf" } else { "jsonschema" }
    }

    pub(super) fn message_encoding(self) -> &'static str {
        if self.messages().is_some() { "protobuf" } else { "json" }
    }

    pub(super) fn data(self) -> Vec<u8> {
        match self.messages() {
            Some(messages) => descriptor_set(self.name(), messages),
            None => {
                let title = self.name();
                format!(r#"{{"title":"{title}","type":"object"}}"#).into_bytes()
            }
        }
    }

    fn messages(self) -> Option<&'static [&'static Message]> {
        match self {
            Self::CompressedImage => Some(&[&COMPRESSED_IMAGE]),
            Self::Log => Some(&[&LOG]),
            Self::ImageAnnotations => {
                Some(&[&IMAGE_ANNOTATIONS, &CIRCLE, &POINTS, &TEXT, &POINT, &COLOR])
            }
            Self::Told | Self::Input | Self::Seal => None,
        }
    }
}

/// A message of a `.proto` file, as its descriptor tells it.
struct Message {
    name: &'static str,
    fields: &'static [Field],
    /// The enum that is declared in the message, with its values from 0 on.
    words: Option<(&'static str, &'static [&'static str])>,
}

struct Field {
    name: &'static str,
    number: u32,
    kind: Kind,
    repeated: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Double,
    Fixed32,
    Text,
    Bytes,
    Int32,
    Int64,
    Message(&'static str),
    Enum(&'static str),
}

const fn field(name: &'static str, number: u32, kind: Kind) -> Field {
    Field { name, number, kind, repeated: false }
}

const fn list(name: &'static str, number: u32, kind: Kind) -> Field {
    Field { name, number, kind, repeated: true }
}

const TIME: Kind = Kind::Message(".google.protobuf.Timestamp");

const TIMESTAMP: Message = Message {
    name: "Timestamp",
    fields: &[field("seconds", 1, Kind::Int64), field("nanos", 2, Kind::Int32)],
    words: None,
};

const COMPRESSED_IMAGE: Message = Message {
    name: "CompressedImage",
    fields: &[
        field("timestamp", 1, TIME),
        field("frame_id", 4, Kind::Text),
        field("data", 2, Kind::Bytes),
        field("format", 3, Kind::Text),
    ],
    words: None,
};

const LOG: Message = Message {
    name: "Log",
    fields: &[
        field("timestamp", 1, TIME),
        field("level", 2, Kind::Enum(".foxglove.Log.Level")),
        field("message", 3, Kind::Text),
        field("name", 4, Kind::Text),
        field("file", 5, Kind::Text),
        field("line", 6, Kind::Fixed32),
    ],
    words: Some(("Level", &["UNKNOWN", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"])),
};

const IMAGE_ANNOTATIONS: Message = Message {
    name: "ImageAnnotations",
    fields: &[
        list("circles", 1, Kind::Message(".foxglove.CircleAnnotation")),
        list("points", 2, Kind::Message(".foxglove.PointsAnnotation")),
        list("texts", 3, Kind::Message(".foxglove.TextAnnotation")),
    ],
    words: None,
};

const COLOR_KIND: Kind = Kind::Message(".foxglove.Color");
const POINT_KIND: Kind = Kind::Message(".foxglove.Point2");

const CIRCLE: Message = Message {
    name: "CircleAnnotation",
    fields: &[
        field("timestamp", 1, TIME),
        field("position", 2, POINT_KIND),
        field("diameter", 3, Kind::Double),
        field("thickness", 4, Kind::Double),
        field("fill_color", 5, COLOR_KIND),
        field("outline_color", 6, COLOR_KIND),
    ],
    words: None,
};

const POINTS: Message = Message {
    name: "PointsAnnotation",
    fields: &[
        field("timestamp", 1, TIME),
        field("type", 2, Kind::Enum(".foxglove.PointsAnnotation.Type")),
        list("points", 3, POINT_KIND),
        field("outline_color", 4, COLOR_KIND),
        list("outline_colors", 5, COLOR_KIND),
        field("fill_color", 6, COLOR_KIND),
        field("thickness", 7, Kind::Double),
    ],
    words: Some(("Type", &["UNKNOWN", "POINTS", "LINE_LOOP", "LINE_STRIP", "LINE_LIST"])),
};

const TEXT: Message = Message {
    name: "TextAnnotation",
    fields: &[
        field("timestamp", 1, TIME),
        field("position", 2, POINT_KIND),
        field("text", 3, Kind::Text),
        field("font_size", 4, Kind::Double),
        field("text_color", 5, COLOR_KIND),
        field("background_color", 6, COLOR_KIND),
    ],
    words: None,
};

const POINT: Message = Message {
    name: "Point2",
    fields: &[field("x", 1, Kind::Double), field("y", 2, Kind::Double)],
    words: None,
};

const COLOR: Message = Message {
    name: "Color",
    fields: &[
        field("r", 1, Kind::Double),
        field("g", 2, Kind::Double),
        field("b", 3, Kind::Double),
        field("a", 4, Kind::Double),
    ],
    words: None,
};

/// Returns a `FileDescriptorSet` of two files: the one with the messages, and the one with the time that it imports.
fn descriptor_set(name: &str, messages: &[&Message]) -> Vec<u8> {
    let time_file = "google/protobuf/timestamp.proto";
    let time = MessageBytes::default()
        .text(1, time_file)
        .text(2, "google.protobuf")
        .message(4, descriptor(&TIMESTAMP))
        .text(12, "proto3");
    let file = format!("{}.proto", name.replace('.', "/"));
    let own = MessageBytes::default()
        .text(1, &file)
        .text(2, "foxglove")
        .text(3, time_file)
        .messages(4, messages.iter().map(|message| descriptor(message)))
        .text(12, "proto3");
    MessageBytes::default().messages(1, [time, own]).finish()
}

fn descriptor(message: &Message) -> MessageBytes {
    let words = message.words.map(|(name, words)| {
        let values = (0..)
            .zip(words)
            .map(|(number, word)| MessageBytes::default().text(1, word).varint(2, number));
        MessageBytes::default().text(1, name).messages(2, values)
    });
    MessageBytes::default()
        .text(1, message.name)
        .messages(2, message.fields.iter().map(field_descriptor))
        .messages(4, words)
}

fn field_descriptor(field: &Field) -> MessageBytes {
    let (kind, name) = match field.kind {
        Kind::Double => (1, None),
        Kind::Int64 => (3, None),
        Kind::Int32 => (5, None),
        Kind::Fixed32 => (7, None),
        Kind::Text => (9, None),
        Kind::Message(name) => (11, Some(name)),
        Kind::Bytes => (12, None),
        Kind::Enum(name) => (14, Some(name)),
    };
    let label = if field.repeated { 3 } else { 1 };
    let described = MessageBytes::default()
        .text(1, field.name)
        .varint(3, field.number.into())
        .varint(4, label)
        .varint(5, kind);
    match name {
        Some(name) => described.text(6, name),
        None => described,
    }
}
