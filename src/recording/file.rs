//! Writes one file of a recording. It is whole up to the last flush, whatever happens afterwards.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mcap::records::MessageHeader;
use mcap::{WriteOptions, Writer};

use super::RecordingError;
use super::metadata::{FileInfo, SessionInfo};
use super::seal::{Sealer, unhex};
use super::topic::Topic;

/// The size from which on a chunk is written.
const CHUNK: u64 = 1 << 20;

/// How all of our files are written: in chunks that are whole when they get into the file.
pub(super) fn options() -> WriteOptions {
    WriteOptions::new()
        .compression(None)
        .profile("")
        .library(concat!("helmsight ", env!("CARGO_PKG_VERSION")))
        .chunk_size(Some(CHUNK))
        .disable_seeking(true)
}

/// One file that is being written. Whoever writes it holds a lock, so that nobody takes it for an unfinished one.
pub(super) struct PartFile {
    writer: Writer<BufWriter<File>>,
    file: File,
    path: PathBuf,
    channels: HashMap<String, u16>,
    sealer: Sealer,
    sequence: u32,
    last_time: u64,
    /// Bytes up to the end of the last flush.
    whole: u64,
    /// Bytes since then.
    open: u64,
}

impl PartFile {
    /// Makes a new file, and refuses where there is one of that name.
    pub(super) fn create(path: &Path, info: &FileInfo) -> Result<Self, RecordingError> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        // Where the file system knows no locks, the recording goes on without.
        drop(file.try_lock());
        let mut writer = options().create(BufWriter::new(file.try_clone()?))?;
        writer.write_metadata(&info.to_record())?;
        let mut part = Self {
            writer,
            file,
            path: path.to_owned(),
            channels: HashMap::new(),
            sealer: Sealer::after(unhex(&info.last_seal).unwrap_or(super::seal::FIRST)),
            sequence: 0,
            last_time: 0,
            whole: 0,
            open: 0,
        };
        part.flush(info.started_at)?;
        Ok(part)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the bytes of the file, with those that were not flushed yet.
    pub(super) fn bytes(&self) -> u64 {
        self.whole + self.open
    }

    pub(super) fn last_seal(&self) -> [u8; 32] {
        self.sealer.last()
    }

    pub(super) fn add_session(&mut self, info: &SessionInfo) -> Result<(), RecordingError> {
        Ok(self.writer.write_metadata(&info.to_record())?)
    }

    /// Adds a message. Times never go back in a file, because readers look for a moment by them.
    pub(super) fn write(
        &mut self,
        topic: &Topic,
        at: Timestamp,
        published: Option<Timestamp>,
        data: &[u8],
    ) -> Result<(), RecordingError> {
        let name = topic.to_string();
        let channel_id = match self.channels.get(&name) {
            Some(id) => *id,
            None => self.add_channel(topic, &name)?,
        };
        let log_time = nanos(at).max(self.last_time);
        let publish_time = published.map_or(log_time, nanos);
        let header = MessageHeader { channel_id, sequence: self.sequence, log_time, publish_time };
        self.writer.write_to_known_channel(&header, data)?;
        self.sequence = self.sequence.wrapping_add(1);
        self.last_time = log_time;
        self.open += data.len() as u64 + 31;
        if *topic != Topic::Seal {
            self.sealer.add(&name, log_time, data);
        }
        Ok(())
    }

    fn add_channel(&mut self, topic: &Topic, name: &str) -> Result<u16, RecordingError> {
        let schema = topic.schema();
        let schema_id = self.writer.add_schema(schema.name(), schema.encoding(), &schema.data())?;
        let metadata = BTreeMap::from([("version".to_owned(), "1".to_owned())]);
        let id = self.writer.add_channel(schema_id, name, schema.message_encoding(), &metadata)?;
        self.channels.insert(name.to_owned(), id);
        Ok(id)
    }

    /// Seals what came since the last flush, and gives everything to the system, so that it outlives this process.
    pub(super) fn flush(&mut self, at: Timestamp) -> Result<(), RecordingError> {
        if self.sealer.has_open() {
            let seal = serde_json::to_vec(&self.sealer.seal()).unwrap_or_default();
            self.write(&Topic::Seal, at, None, &seal)?;
        }
        self.writer.flush()?;
        self.whole = self.file.stream_position()?;
        self.open = 0;
        Ok(())
    }

    /// Writes the index, and ends the file. Returns its last seal.
    pub(super) fn finish(mut self, at: Timestamp) -> Result<[u8; 32], RecordingError> {
        if let Err(error) = self.flush(at).and_then(|()| Ok(self.writer.finish().map(drop)?)) {
            self.abandon();
            return Err(error);
        }
        drop(self.file.sync_data());
        Ok(self.sealer.last())
    }

    /// Cuts off what is not whole after a write failed. What remains is readable, and only its index is missing.
    pub(super) fn abandon(self) {
        let Self { writer, file, whole, path, .. } = self;
        // The writer tries to finish when it goes, which may add more that is not whole.
        drop(writer);
        if let Err(error) = file.set_len(whole) {
            tracing::error!(
                "Could not cut off the torn end of a recording: {error}: {}",
                path.display()
            );
        }
    }
}

/// Returns a time as files count it. A time before 1970 is none.
fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.as_nanosecond()).unwrap_or(0)
}

/// Returns the bytes that a user may still write where `path` is; `None` where the system does not tell.
#[cfg(unix)]
pub(super) fn space_left(path: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Returns the bytes that a user may still write where `path` is; `None` where the system does not tell.
#[cfg(not(unix))]
pub(super) fn space_left(_path: &Path) -> Option<u64> {
    None
}
