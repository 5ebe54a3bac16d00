//! Compressed pictures to pixels: the decode pool, its guard, and the figures of every stage.

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

use std::sync::Arc;
use std::time::Instant;

use egui::ColorImage;
use jiff::Timestamp;

use crate::model::{EncodedFrame, FrameSize};

pub use pool::DecodePool;
pub use request::DecodeRequest;
pub use stats::{StreamStats, age_of};

/// A picture ready to be uploaded.
#[derive(Clone, Debug)]
pub struct DecodedFrame {
    /// Pixels, at `size` or at an integer fraction of it when it is shown much smaller.
    pub image: Arc<ColorImage>,
    /// The received picture's size: the space of every coordinate that is sent.
    pub size: FrameSize,
    pub captured_at: Option<Timestamp>,
    pub received_at: Instant,
    /// The compressed picture, for a snapshot as received.
    pub source: EncodedFrame,
}

/// A picture that is not shown, and why.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("the picture is larger than {limit}")]
    TooLarge { limit: &'static str },
    #[error("not a picture of a kind that is shown: {0}")]
    Unsupported(&'static str),
    #[error("damaged picture: {0}")]
    Damaged(String),
}
