//! Finishes recordings that were cut off, as by a crash: what is whole in them gets an index.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::RecordingError;
use super::file::options;
use super::source::{Entry, Source};

/// What a finished file ends with.
const END: &[u8] = b"\x89MCAP0\r\n";

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// The file is finished, and nothing was done.
    WasWhole,
    /// The file is finished now.
    Finished {
        /// How many messages are in it.
        messages: u64,
    },
}

/// Finishes a file in its place. It is replaced at the very end, so that it is never worse than before.
pub fn recover(path: &Path) -> Result<Recovered, RecordingError> {
    if is_finished(path)? {
        return Ok(Recovered::WasWhole);
    }
    let mut source = Source::open(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let copy = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    let mut writer = options().create(BufWriter::new(copy.reopen()?))?;
    let mut messages = 0;
    loop {
        match source.next_entry() {
            Ok(Some(Entry::Message(message))) => {
                writer.write(&message)?;
                messages += 1;
            }
            Ok(Some(Entry::Metadata(metadata))) => writer.write_metadata(&metadata)?,
            Ok(Some(Entry::End) | None) => break,
            Err(RecordingError::Format(error)) if source_began(&error) => {
                tracing::info!("A recording ends early: {error}: {}", path.display());
                break;
            }
            Err(error) => return Err(error),
        }
    }
    writer.finish()?;
    let file = writer.into_inner().into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    copy.persist(path).map_err(|error| error.error)?;
    Ok(Recovered::Finished { messages })
}

/// Tells whether an error is one of a file that began well.
fn source_began(error: &mcap::McapError) -> bool {
    !matches!(error, mcap::McapError::BadMagic)
}

/// Finishes all recordings in a folder that were cut off and that nobody is writing. Returns those that were finished.
pub fn recover_folder(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "mcap"));
    paths.sort();
    paths.retain(|path| match recover_free(path) {
        Ok(recovered) => recovered != Recovered::WasWhole,
        Err(error) => {
            tracing::warn!("Could not finish a recording: {error}: {}", path.display());
            false
        }
    });
    paths
}

fn recover_free(path: &Path) -> Result<Recovered, RecordingError> {
    let file = File::open(path)?;
    if file.try_lock().is_err() {
        return Ok(Recovered::WasWhole);
    }
    recover(path)
}

fn is_finished(path: &Path) -> Result<bool, RecordingError> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    // Its beginning has the same bytes.
    if length < 2 * END.len() as u64 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-(END.len() as i64)))?;
    let mut end = [0; END.len()];
    file.read_exact(&mut end)?;
    Ok(end == END)
}
