//! Pictures as they arrive, and the space their pixels span.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
