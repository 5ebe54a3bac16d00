//! Keeps what sessions show and tell in MCAP files.
//!
//! One home for the format: which topics there are (`topic`), what their messages mean (`message`, `schema`), and what
//! the file says of itself (`metadata`). Whatever writes or reads a recording goes through these.

pub mod file;
pub mod message;
pub mod metadata;
mod protobuf;
pub mod record;
pub mod recorder;
pub mod recover;
mod schema;
pub mod seal;
pub mod source;
pub mod tap;
#[cfg(test)]
mod tests;
pub mod topic;
pub mod verify;

pub use message::{BoxesMessage, LogLevel, LogMessage, PictureMessage};
pub use metadata::{FileInfo, SessionInfo};
pub use record::{Connection, Record, Told};
pub use recorder::{Recorder, RecorderEnd, RecorderOptions, RecorderState, Track, new_name};
pub use recover::recover;
pub use tap::Tap;
pub use topic::{Channel, Topic};
pub use verify::verify;

/// Reason why a recording can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The system refused to read or write.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is no MCAP file, or it is damaged.
    #[error("The file is no whole recording: {0}")]
    Format(mcap::McapError),
    /// There is too little room left on the disk.
    #[error("The disk is almost full: {left} bytes are left; make room and record anew")]
    LowSpace {
        /// The bytes that are left.
        left: u64,
    },
}

impl From<mcap::McapError> for RecordingError {
    fn from(error: mcap::McapError) -> Self {
        match error {
            mcap::McapError::Io(error) => Self::Io(error),
            error => Self::Format(error),
        }
    }
}
