//! Encodes and decodes the messages that other viewers know, too: pictures, rows of the log, and boxes.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::protobuf::{Fields, MessageBytes, Value};
use crate::model::{Area, Detection, FrameRect, FrameSize, ImageFormat};

/// More boxes than this in one picture are not read.
const MAX_BOXES: usize = 1000;

/// A `foxglove.CompressedImage`: one picture, whose bytes are those that came.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureMessage {
    /// When the picture was complete here, or was taken where the file is not ours.
    pub at: Option<Timestamp>,
    /// The compressed bytes.
    pub data: Bytes,
    /// How the picture is compressed.
    pub format: ImageFormat,
}

impl PictureMessage {
    /// Encodes the message; `session` is its frame of reference.
    pub fn encode(&self, session: &str) -> Vec<u8> {
        let format = match self.format {
            ImageFormat::Jpeg => "jpeg",
            ImageFormat::Png => "png",
            ImageFormat::WebP => "webp",
        };
        self.at
            .map_or_else(MessageBytes::default, |at| MessageBytes::default().message(1, time(at)))
            .bytes(2, &self.data)
            .text(3, format)
            .text(4, session)
            .finish()
    }

    /// Decodes a message; `None` where it is damaged or no picture that is known here. The picture's first bytes tell
    /// its format, never the label.
    pub fn decode(bytes: &Bytes) -> Option<Self> {
        let (mut at, mut data) = (None, Bytes::new());
        for field in Fields(bytes) {
            match field? {
                (1, value) => at = read_time(value),
                (2, value) => data = bytes.slice_ref(value.bytes()?),
                _ => {}
            }
        }
        Some(Self { at, format: ImageFormat::sniff(&data)?, data })
    }
}

/// How serious a row of the log is, as `foxglove.Log` counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// The row does not say.
    #[default]
    Unknown,
    /// For those who look for a fault.
    Debug,
    /// The usual.
    Info,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Error,
    /// Nothing works any more.
    Fatal,
}

/// A `foxglove.Log`: one row of the log in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogMessage {
    /// When the row came.
    pub at: Option<Timestamp>,
    /// How serious it is.
    pub level: LogLevel,
    /// The row's words.
    pub text: String,
    /// What the row is about, such as "navigation".
    pub name: String,
}

impl LogMessage {
    /// Encodes the message.
    pub fn encode(&self) -> Vec<u8> {
        self.at
            .map_or_else(MessageBytes::default, |at| MessageBytes::default().message(1, time(at)))
            .varint(2, self.level as u64)
            .text(3, &self.text)
            .text(4, &self.name)
            .finish()
    }

    /// Decodes a message; `None` where it is damaged.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut message = Self::default();
        for field in Fields(bytes) {
            match field? {
                (1, value) => message.at = read_time(value),
                (2, value) => message.level = level(value.number()?),
                (3, value) => value.text()?.clone_into(&mut message.text),
                (4, value) => value.text()?.clone_into(&mut message.name),
                _ => {}
            }
        }
        Some(message)
    }
}

fn level(number: u64) -> LogLevel {
    match number {
        1 => LogLevel::Debug,
        2 => LogLevel::Info,
        3 => LogLevel::Warning,
        4 => LogLevel::Error,
        5 => LogLevel::Fatal,
        _ => LogLevel::Unknown,
    }
}

/// A `foxglove.ImageAnnotations`: what was found in the picture of the same time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoxesMessage {
    /// When the picture was complete here.
    pub at: Option<Timestamp>,
    /// What was found, in pixels of the picture.
    pub detections: Vec<Detection>,
}

impl BoxesMessage {
    /// Encodes the message for a picture of `size`. Each box is a loop of four corners, and the text at the same place in
    /// the list of texts tells its class and confidence.
    pub fn encode(&self, size: FrameSize) -> Vec<u8> {
        let stamp = || {
            self.at.map_or_else(MessageBytes::default, |at| {
                MessageBytes::default().message(1, time(at))
            })
        };
        let color =
            || [1, 2, 3, 4].into_iter().fold(MessageBytes::default(), |c, n| c.double(n, 1.0));
        let corners = |rect: FrameRect| {
            let (right, bottom) = (rect.x + rect.width, rect.y + rect.height);
            [(rect.x, rect.y), (right, rect.y), (right, bottom), (rect.x, bottom)]
        };
        let loops = self.detections.iter().map(|found| {
            let points = corners(found.area.in_pixels(size)).map(|(x, y)| point(x, y));
            stamp().varint(2, 2).messages(3, points).message(4, color()).double(7, 2.0)
        });
        let texts = self.detections.iter().map(|found| {
            let rect = found.area.in_pixels(size);
            stamp()
                .message(2, point(rect.x, rect.y))
                .text(3, &format!("{} {}", found.class, found.confidence))
                .double(4, 12.0)
                .message(5, color())
        });
        MessageBytes::default().messages(2, loops).messages(3, texts).finish()
    }

    /// Decodes a message; `None` where it is damaged. Boxes around the points of foreign files are read, too.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (mut at, mut rects, mut labels) = (None, Vec::new(), Vec::new());
        for field in Fields(bytes) {
            match field? {
                (2, value) if rects.len() < MAX_BOXES => {
                    let (time, rect) = read_loop(value)?;
                    at = at.or(time);
                    rects.push(rect);
                }
                (3, value) if labels.len() < MAX_BOXES => labels.push(read_label(value)?),
                _ => {}
            }
        }
        let mut labels = labels.into_iter();
        let detection = |rect| {
            let label = labels.next().unwrap_or_default();
            let confident = label.rsplit_once(' ').and_then(|(class, confidence)| {
                Some((class.to_owned(), confidence.parse::<f32>().ok()?))
            });
            let (class, confidence) = confident.unwrap_or((label, 1.0));
            Detection { class: Arc::from(class), confidence, area: Area::Pixels(rect) }
        };
        Some(Self { at, detections: rects.into_iter().map(detection).collect() })
    }
}

fn read_loop(value: Value<'_>) -> Option<(Option<Timestamp>, FrameRect)> {
    let (mut at, mut corners) = (None, None::<[f64; 4]>);
    for field in Fields(value.bytes()?) {
        match field? {
            (1, value) => at = read_time(value),
            (3, value) => {
                let (x, y) = read_point(value)?;
                let [left, top, right, bottom] = corners.unwrap_or([x, y, x, y]);
                corners = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
            }
            _ => {}
        }
    }
    let [left, top, right, bottom] = corners.unwrap_or_default();
    let rect = FrameRect {
        x: left as f32,
        y: top as f32,
        width: (right - left) as f32,
        height: (bottom - top) as f32,
    };
    Some((at, rect))
}

fn read_label(value: Value<'_>) -> Option<String> {
    let mut label = String::new();
    for field in Fields(value.bytes()?) {
        if let (3, value) = field? {
            label = crate::base::text::one_line(value.text()?, 200);
        }
    }
    Some(label)
}

fn point(x: f32, y: f32) -> MessageBytes {
    MessageBytes::default().double(1, x.into()).double(2, y.into())
}

fn read_point(value: Value<'_>) -> Option<(f64, f64)> {
    let mut point = (0.0, 0.0);
    for field in Fields(value.bytes()?) {
        match field? {
            (1, value) => point.0 = value.double()?,
            (2, value) => point.1 = value.double()?,
            _ => {}
        }
    }
    Some(point)
}

fn time(at: Timestamp) -> MessageBytes {
    let (seconds, nanos) = (at.as_second(), at.subsec_nanosecond());
    // A time before 1970 has both parts negative there, and ours is none.
    MessageBytes::default().varint(1, seconds.max(0) as u64).varint(2, nanos.max(0) as u64)
}

fn read_time(value: Value<'_>) -> Option<Timestamp> {
    let (mut seconds, mut nanos) = (0, 0);
    for field in Fields(value.bytes()?) {
        match field? {
            (1, value) => seconds = value.number()?.cast_signed(),
            (2, value) => nanos = i32::try_from(value.number()?).ok()?,
            _ => {}
        }
    }
    Timestamp::new(seconds, nanos).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Option<Timestamp> {
        Timestamp::new(1_790_000_000, 123_456_789).ok()
    }

    #[test]
    fn messages_are_decoded_as_they_are_encoded() {
        let data = Bytes::from_static(&[0xFF, 0xD8, 0xFF, 7, 0, 9]);
        let picture = PictureMessage { at: at(), data, format: ImageFormat::Jpeg };
        let bytes = Bytes::from(picture.encode("a"));
        assert_eq!(PictureMessage::decode(&bytes), Some(picture));

        let log = LogMessage {
            at: at(),
            level: LogLevel::Error,
            text: "Éa\nb".to_owned(),
            name: "page_error".to_owned(),
        };
        assert_eq!(LogMessage::decode(&log.encode()), Some(log.clone()));

        let rect = FrameRect { x: 10.0, y: 20.0, width: 30.0, height: 40.5 };
        let found = Detection {
            class: Arc::from("traffic light"),
            confidence: 0.87,
            area: Area::Pixels(rect),
        };
        let boxes = BoxesMessage { at: at(), detections: vec![found.clone(), found] };
        let bytes = boxes.encode(FrameSize { width: 640, height: 360 });
        assert_eq!(BoxesMessage::decode(&bytes), Some(boxes));
        for length in 0..bytes.len() {
            // Cut messages are refused or read in part, and never panic.
            drop(BoxesMessage::decode(&bytes[..length]));
        }
    }

    #[test]
    fn fractions_become_pixels() {
        let rect = FrameRect { x: 0.5, y: 0.25, width: 0.5, height: 0.5 };
        let found =
            Detection { class: Arc::from("ball"), confidence: 1.0, area: Area::Fraction(rect) };
        let boxes = BoxesMessage { at: None, detections: vec![found] };
        let bytes = boxes.encode(FrameSize { width: 640, height: 360 });
        let pixels = FrameRect { x: 320.0, y: 90.0, width: 320.0, height: 180.0 };
        assert_eq!(BoxesMessage::decode(&bytes).unwrap().detections[0].area, Area::Pixels(pixels));
    }
}
