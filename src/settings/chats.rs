//! Keeps chats on this computer: one file for each, in a folder of their own.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::atomic_file;
use crate::model::chat::Message;

/// A chat is bounded where it is shown, so a larger file is none of ours.
const MAX_FILE: u64 = 64 << 20;
/// So many chats are kept. The oldest go first, because sessions come and go.
const MAX_FILES: usize = 300;
const FOLDER: &str = "chats";

/// The folder of chats.
#[derive(Clone, Debug)]
pub struct ChatStore {
    folder: PathBuf,
}

impl ChatStore {
    /// Uses the folder for chats in `data_dir`.
    pub fn new(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(FOLDER) }
    }

    /// Returns what was said with the assistant of a session; nothing where nothing was kept. Fails where the file
    /// can't be read.
    pub fn load(&self, service: &str, id: &str) -> io::Result<Vec<Message>> {
        let path = self.path(service, id);
        match std::fs::metadata(&path) {
            Ok(file) if file.len() > MAX_FILE => {
                return Err(io::Error::other("the file is too large for a chat"));
            }
            Ok(_) => (),
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(err) => return Err(err),
        }
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// Keeps what was said. A chat in which nothing was said is forgotten.
    pub fn save(&self, service: &str, id: &str, messages: &[Message]) -> io::Result<()> {
        if messages.is_empty() {
            return self.forget(service, id);
        }
        let text = serde_json::to_vec_pretty(messages)?;
        atomic_file::write(&self.path(service, id), &text)?;
        self.prune()
    }

    /// Forgets what was said with the assistant of a session.
    pub fn forget(&self, service: &str, id: &str) -> io::Result<()> {
        match std::fs::remove_file(self.path(service, id)) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
            _ => Ok(()),
        }
    }

    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<_> = std::fs::read_dir(&self.folder)?
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "json"))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let excess = files.len().saturating_sub(MAX_FILES);
        for (_, path) in &files[..excess] {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Returns the file of a session: readable for people, and one of its own for each session whatever its id looks
    /// like.
    fn path(&self, service: &str, id: &str) -> PathBuf {
        let plain = |text: &str| -> String {
            text.chars().take(40).map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
        };
        let hash = fnv(service.bytes().chain([0]).chain(id.bytes()));
        let name = format!("{}.{}.{hash:016x}.json", plain(service), plain(id));
        self.folder.join(name)
    }
}

/// Hashes by FNV-1a, which is the same on every machine and in every version. No secret depends on it.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::chat::{MessageState, Role};

    fn message(text: &str) -> Message {
        Message {
            id: 1,
            role: Role::User,
            text: text.to_owned(),
            state: MessageState::Failed("No".to_owned()),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn chats_are_kept_apart_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = ChatStore::new(folder.path());
        assert_eq!(store.load("a", "1").unwrap(), []);
        store.save("a", "1", &[message("one")]).unwrap();
        store.save("a", "../1", &[message("two")]).unwrap();
        store.save("a.1", "", &[message("three")]).unwrap();
        assert_eq!(store.load("a", "1").unwrap(), [message("one")]);
        assert_eq!(store.load("a", "../1").unwrap(), [message("two")]);
        assert_eq!(std::fs::read_dir(folder.path().join(FOLDER)).unwrap().count(), 3);
        store.forget("a", "1").unwrap();
        store.save("a", "../1", &[]).unwrap();
        store.forget("a", "never").unwrap();
        assert_eq!(store.load("a", "1").unwrap(), []);
        assert_eq!(std::fs::read_dir(folder.path().join(FOLDER)).unwrap().count(), 1);
    }

    #[test]
    fn the_number_of_files_is_bounded_and_foreign_ones_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = ChatStore::new(folder.path());
        std::fs::create_dir_all(&store.folder).unwrap();
        std::fs::write(store.folder.join("notes.txt"), "mine").unwrap();
        for n in 0..MAX_FILES + 2 {
            std::fs::write(store.folder.join(format!("{n}.json")), "[]").unwrap();
        }
        store.save("a", "1", &[message("one")]).unwrap();
        assert_eq!(std::fs::read_dir(&store.folder).unwrap().count(), MAX_FILES + 1);
        assert_eq!(store.load("a", "1").unwrap().len(), 1);
        assert!(store.folder.join("notes.txt").exists());
    }
}
