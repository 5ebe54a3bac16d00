//! Turns compressed pictures into pixels, guards the decoders, and counts what every stage does.

pub mod decode;
pub mod image_file;
pub mod jpeg;
pub mod limits;
mod pace;
pub mod pool;
mod queue;
mod request;
pub mod shrink;
pub mod stats;
mod stream;
mod turn;

use std::sync::Arc;
use std::time::Instant;

use egui::ColorImage;
use jiff::Timestamp;

use crate::model::{EncodedFrame, FrameSize};

pub use pool::DecodePool;
pub use request::DecodeRequest;
pub use stats::{StreamStats, age_of};

/// A picture that is ready to be uploaded to the GPU.
#[derive(Clone, Debug)]
pub struct DecodedFrame {
    /// The pixels, at `size`, or at an integer fraction of it where the picture is shown much smaller.
    pub image: Arc<ColorImage>,
    /// The size of the received picture, in pixels. Every coordinate that is sent is in this space.
    pub size: FrameSize,
    /// When the picture was captured, by the server's clock, where it tells.
    pub captured_at: Option<Timestamp>,
    /// When the picture was received.
    pub received_at: Instant,
    /// The compressed picture, from which a snapshot is saved as received.
    pub source: EncodedFrame,
}

/// The reason why a picture is not shown.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The picture exceeds a limit.
    #[error("the picture is larger than {limit}")]
    TooLarge {
        /// The limit in words, such as "36 megapixels".
        limit: &'static str,
    },
    /// The picture is of a kind that is not shown.
    #[error("a picture of this kind is not shown: {0}")]
    Unsupported(&'static str),
    /// The picture can't be decoded.
    #[error("the picture is damaged: {0}")]
    Damaged(String),
}

impl DecodeError {
    /// Returns the reason and what to do about it, as plain sentences without the last full stop.
    pub fn with_advice(&self) -> String {
        let advice = match self {
            Self::TooLarge { .. } => "Make its source send smaller ones",
            Self::Unsupported(_) => "Make its source send ordinary JPEG, PNG or WebP",
            Self::Damaged(_) => {
                "If this goes on, check the connection to its source, or start that anew"
            }
        };
        format!("{self}. {advice}")
    }
}
