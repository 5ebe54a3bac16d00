//! Pictures as they arrive, and the space their pixels span.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Detection;

/// How a picture is compressed, told by its first bytes and never by its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    Jpeg,
    Png,
    WebP,
}

impl ImageFormat {
    /// Reads the magic number.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }
}

/// Width and height in pixels of a received picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameSize {
    pub width: u32,
    pub height: u32,
}

/// A position in pixels of the received picture, origin top left: the only coordinates that are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FramePos {
    pub x: f32,
    pub y: f32,
}

/// A place in a picture of a known size, so that whoever sees it in another size can convert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FramePoint {
    pub x: f32,
    pub y: f32,
    pub width: u32,
    pub height: u32,
}

impl FramePoint {
    pub fn new(at: FramePos, frame: FrameSize) -> Self {
        Self { x: at.x, y: at.y, width: frame.width, height: frame.height }
    }

    /// The place in pixels of the picture.
    pub fn pos(&self) -> FramePos {
        FramePos { x: self.x, y: self.y }
    }

    /// The same place in a picture of `frame`. Where the size of its own picture is 0, it counts in `frame` already.
    pub fn in_frame(&self, frame: FrameSize) -> FramePos {
        let scale = |value: f32, from: u32, to: u32| {
            if from == 0 { value } else { value * to as f32 / from as f32 }
        };
        FramePos {
            x: scale(self.x, self.width, frame.width),
            y: scale(self.y, self.height, frame.height),
        }
    }
}

/// One compressed picture off the wire.
#[derive(Clone, Debug)]
pub struct EncodedFrame {
    pub format: ImageFormat,
    pub data: Bytes,
    /// The page's size in CSS pixels, where the server tells it; the picture may be smaller.
    pub viewport: Option<FrameSize>,
    /// The server's clock, which may be wrong.
    pub captured_at: Option<Timestamp>,
    pub received_at: Instant,
    /// What was found in this picture; empty where nobody looked.
    pub detections: Arc<[Detection]>,
}

impl EncodedFrame {
    /// A picture of which nothing else is known.
    pub fn bare(format: ImageFormat, data: impl Into<Bytes>, received_at: Instant) -> Self {
        Self {
            format,
            data: data.into(),
            viewport: None,
            captured_at: None,
            received_at,
            detections: Arc::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_in_the_picture_of_who_points() {
        let (at, theirs) = (FramePos { x: 320.0, y: 90.0 }, FrameSize { width: 640, height: 360 });
        let ours = FrameSize { width: 1280, height: 720 };
        let point = FramePoint::new(at, theirs);
        assert_eq!(point.in_frame(ours), FramePos { x: 640.0, y: 180.0 });
        assert_eq!(point.in_frame(theirs), point.pos());
    }
}
