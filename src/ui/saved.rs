//! Says which downloads of sessions are saved on this computer, and how far.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::state::SessionKey;

/// A file that was saved is still shown over the picture for so long.
pub const SHOWN_FOR: Duration = Duration::from_secs(15);

/// Names a download across all sessions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DownloadKey {
    /// The session that downloaded it.
    pub session: SessionKey,
    /// The download's id there.
    pub id: String,
}

/// A download that is or was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedDownload {
    /// Which download it is.
    pub key: DownloadKey,
    /// How far it is.
    pub state: SavedState,
    /// The moment at which it came to this state.
    pub since: Instant,
}

/// How far a download is saved.
#[derive(Clone, Debug, PartialEq)]
pub enum SavedState {
    /// It is being saved.
    Saving {
        /// The bytes that are on this computer.
        received: u64,
    },
    /// It is on this computer.
    Saved {
        /// Its path.
        path: PathBuf,
    },
    /// It was not saved.
    Failed {
        /// The reason, as a sentence for the user.
        why: String,
    },
}

/// All that is or was saved, and the folder that takes it.
#[derive(Debug, Default)]
pub struct SavedDownloads {
    /// The downloads, the newest last.
    pub list: Vec<SavedDownload>,
    /// The folder of choice.
    pub folder: PathBuf,
}

impl SavedDownloads {
    /// Returns what is known of a download's saving.
    pub fn of(&self, session: &SessionKey, id: &str) -> Option<&SavedDownload> {
        self.list.iter().find(|saved| saved.key.id == id && saved.key.session == *session)
    }

    /// Returns the path of the file of a session that was saved last.
    pub fn newest_of(&self, session: &SessionKey) -> Option<&SavedDownload> {
        let is_it = |saved: &&SavedDownload| {
            saved.key.session == *session && matches!(saved.state, SavedState::Saved { .. })
        };
        self.list.iter().rev().find(is_it)
    }

    /// Returns when a file that was saved leaves the picture, where one is over it.
    pub fn next_leaves_at(&self, now: Instant) -> Option<Instant> {
        let saved =
            self.list.iter().filter(|saved| matches!(saved.state, SavedState::Saved { .. }));
        saved.map(|saved| saved.since + SHOWN_FOR).filter(|at| *at > now).min()
    }
}
