//! Describes pictures as they arrive, and the space that their pixels span.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Detection;

/// How a picture is compressed. Its first bytes tell, never its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// JPEG, which begins with FF D8 FF.
    Jpeg,
    /// PNG, which begins with 89 and `PNG`.
    Png,
    /// WebP, which is a RIFF file of the type `WEBP`.
    WebP,
}

impl ImageFormat {
    /// Reads the magic number; `None` where it is of no format that is known here.
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
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// The size that a page is to have to fill the space where it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageFit {
    /// Size in CSS pixels.
    pub size: FrameSize,
    /// Pixels of the screen per CSS pixel.
    pub scale: f64,
}

/// A position in pixels of the received picture, origin top left. Only such coordinates are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FramePos {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
}

/// A place in a picture of a known size, so that whoever sees the picture in another size can convert it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FramePoint {
    /// Distance from the left edge, in pixels of the picture.
    pub x: f32,
    /// Distance from the top edge, in pixels of the picture.
    pub y: f32,
    /// Width of the picture in pixels; 0 where it is not told.
    pub width: u32,
    /// Height of the picture in pixels; 0 where it is not told.
    pub height: u32,
}

impl FramePoint {
    /// Places `at` in a picture of the size `frame`.
    pub fn new(at: FramePos, frame: FrameSize) -> Self {
        Self { x: at.x, y: at.y, width: frame.width, height: frame.height }
    }

    /// Returns the place in pixels of its own picture.
    pub fn pos(&self) -> FramePos {
        FramePos { x: self.x, y: self.y }
    }

    /// Returns the same place in a picture of the size `frame`. Where the size of its own picture is 0, the place
    /// counts in `frame` already.
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

/// One compressed picture as it came over the wire.
#[derive(Clone, Debug)]
pub struct EncodedFrame {
    /// How the picture is compressed.
    pub format: ImageFormat,
    /// The compressed bytes.
    pub data: Bytes,
    /// The page's size in CSS pixels, where the server tells it; the picture may be smaller.
    pub viewport: Option<FrameSize>,
    /// When the picture was taken by the server's clock, which may be wrong.
    pub captured_at: Option<Timestamp>,
    /// When the picture was complete here.
    pub received_at: Instant,
    /// What was found in this picture; empty where nobody looked.
    pub detections: Arc<[Detection]>,
}

impl EncodedFrame {
    /// Creates a picture of which nothing else is known.
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
