//! Saves what sessions download on this computer, and remembers how far each file is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::jobs::{Background, Jobs};
use crate::model::{Download, DownloadState};
use crate::session::{FileOrder, SavingError, save_file};
use crate::settings::DownloadSettings;
use crate::ui::saved::{DownloadKey, SavedDownload, SavedDownloads, SavedState};
use crate::ui::state::OpenSession;

/// How far a file is, is shown so often.
const TOLD_EVERY: Duration = Duration::from_millis(200);
/// So many files are remembered; the oldest go first.
const MAX_REMEMBERED: usize = 500;

/// The downloads that are or were saved.
pub(super) struct DownloadSaver {
    jobs: Jobs<SavingNews>,
    saved: SavedDownloads,
    running: BTreeMap<DownloadKey, RunningSave>,
    /// The downloads whose end was noted.
    noted: BTreeSet<DownloadKey>,
}

struct RunningSave {
    cancel: CancellationToken,
    received: Arc<AtomicU64>,
}

/// What became of a file that was to be saved.
pub(super) struct SavingNews {
    pub(super) key: DownloadKey,
    pub(super) name: String,
    pub(super) result: Result<PathBuf, SavingError>,
}

impl DownloadSaver {
    pub(super) fn new(background: &Background) -> Self {
        Self {
            jobs: Jobs::new(background),
            saved: SavedDownloads::default(),
            running: BTreeMap::new(),
            noted: BTreeSet::new(),
        }
    }

    pub(super) fn saved(&self) -> &SavedDownloads {
        &self.saved
    }

    /// Takes the folder of choice from the settings.
    pub(super) fn choose_folder(&mut self, settings: &DownloadSettings) {
        self.saved.folder = settings.folder.clone().unwrap_or_else(|| {
            directories::UserDirs::new()
                .map(|dirs| dirs.download_dir().unwrap_or(dirs.home_dir()).to_owned())
                .unwrap_or_default()
        });
    }

    /// Begins to save a file, which is called `name`. One that is being saved already goes on as it is.
    pub(super) fn save(&mut self, key: DownloadKey, name: String, order: FileOrder) {
        if self.running.contains_key(&key) {
            return;
        }
        let (cancel, received) = (CancellationToken::new(), Arc::<AtomicU64>::default());
        let running = RunningSave { cancel: cancel.clone(), received: received.clone() };
        self.running.insert(key.clone(), running);
        self.set(key.clone(), SavedState::Saving { received: 0 });
        let (wake, begun) = (self.jobs.background().wake.clone(), Instant::now());
        let told = AtomicU64::new(0);
        self.jobs.spawn(async move {
            let tell = move |bytes| {
                received.store(bytes, Ordering::Relaxed);
                let turn = (begun.elapsed().as_millis() / TOLD_EVERY.as_millis()) as u64;
                if told.swap(turn, Ordering::Relaxed) != turn {
                    wake.wake();
                }
            };
            let result = save_file(order, tell, cancel).await;
            SavingNews { key, name, result }
        });
    }

    /// Stops saving a file.
    pub(super) fn stop(&self, key: &DownloadKey) {
        if let Some(running) = self.running.get(key) {
            running.cancel.cancel();
        }
    }

    /// Takes the outcomes since the last call, and notes how far the others are.
    pub(super) fn take_news(&mut self) -> Vec<SavingNews> {
        let news = self.jobs.take_finished();
        for SavingNews { key, result, .. } in &news {
            self.running.remove(key);
            match result {
                Ok(path) => self.set(key.clone(), SavedState::Saved { path: path.clone() }),
                Err(SavingError::Canceled) => self.saved.list.retain(|saved| saved.key != *key),
                Err(err) => self.set(key.clone(), SavedState::Failed { why: err.to_string() }),
            }
        }
        for saved in &mut self.saved.list {
            if let (SavedState::Saving { received }, Some(running)) =
                (&mut saved.state, self.running.get(&saved.key))
            {
                *received = running.received.load(Ordering::Relaxed);
            }
        }
        news
    }

    /// Returns the downloads that have ended well since the last call, while this window watched.
    pub(super) fn take_finished(&mut self, open: &[OpenSession]) -> Vec<(DownloadKey, Download)> {
        let mut finished = Vec::new();
        for session in open.iter().filter(|session| session.view.capabilities.downloads) {
            for download in &session.view.downloads {
                let is_news = download.state == DownloadState::Done && !download.is_past;
                let key = DownloadKey { session: session.key.clone(), id: download.id.clone() };
                if is_news && self.noted.insert(key.clone()) {
                    finished.push((key, download.clone()));
                }
            }
        }
        let is_watched = |key: &DownloadKey| open.iter().any(|it| it.key == key.session);
        self.noted.retain(is_watched);
        finished
    }

    fn set(&mut self, key: DownloadKey, state: SavedState) {
        self.saved.list.retain(|saved| saved.key != key);
        if self.saved.list.len() >= MAX_REMEMBERED
            && let Some(at) = self
                .saved
                .list
                .iter()
                .position(|saved| !matches!(saved.state, SavedState::Saving { .. }))
        {
            self.saved.list.remove(at);
        }
        self.saved.list.push(SavedDownload { key, state, since: Instant::now() });
    }
}
