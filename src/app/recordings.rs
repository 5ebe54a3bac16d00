//! Records watched sessions into files, and tells how that goes.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use url::Url;

use super::jobs::{Background, Jobs};
use super::notices::Notices;
use super::services::Services;
use super::sessions::OpenSessions;
use crate::recording::recover::recover_folder;
use crate::recording::{Recorder, RecorderEnd, RecorderOptions, SessionInfo, new_name};
use crate::ui::state::{RecordingMark, SessionKey};

/// The recordings that are being made.
pub(crate) struct Recordings {
    /// Where recordings go; `None` where the system names no folder.
    folder: Option<PathBuf>,
    running: Vec<Running>,
    /// Finds what a crash cut off, and finishes it.
    mending: Jobs<Vec<PathBuf>>,
}

/// Returns where recordings go: among the user's videos, or beside the other data where that has a folder of its own.
pub(crate) fn folder_for(has_own_data: bool, data_dir: Option<&Path>) -> Option<PathBuf> {
    let user = directories::UserDirs::new().filter(|_| !has_own_data);
    let videos = user.and_then(|dirs| dirs.video_dir().map(|videos| videos.join("Helmsight")));
    videos.or_else(|| data_dir.map(|data| data.join("recordings")))
}

struct Running {
    recorder: Recorder,
    sessions: Vec<SessionKey>,
}

impl Recordings {
    /// Begins without a recording, and finishes in the background what an earlier window could not.
    pub(crate) fn new(folder: Option<PathBuf>, background: &Background) -> Self {
        let mending = Jobs::new(background);
        if let Some(folder) = folder.clone() {
            mending.spawn_blocking(move || recover_folder(&folder));
        }
        Self { folder, running: Vec::new(), mending }
    }

    /// Tells whether a session is recorded.
    pub(crate) fn has(&self, key: &SessionKey) -> bool {
        self.running.iter().any(|running| running.sessions.contains(key))
    }

    /// Records these sessions into one file.
    pub(crate) fn start(
        &mut self,
        keys: Vec<SessionKey>,
        sessions: &mut OpenSessions,
        services: &Services,
        background: &Background,
        notices: &mut Notices,
    ) {
        let Some(folder) = &self.folder else {
            return notices.error("There is no folder for recordings: this system names none");
        };
        if let Err(error) = std::fs::create_dir_all(folder) {
            let folder = folder.display();
            return notices.error(format!("Could not make the folder: {error}: {folder}"));
        }
        let options = RecorderOptions::new(folder.join(new_name(Timestamp::now())));
        let recorder = match Recorder::start(options, background.wake.clone()) {
            Ok(recorder) => recorder,
            Err(error) => {
                return notices.error(format!("Could not start the recording: {error}"));
            }
        };
        for key in &keys {
            let service = services.view(&key.service);
            let url = service.and_then(|service| Url::parse(&service.base_url).ok());
            let track = recorder.track(SessionInfo::new(&key.id, url.as_ref()));
            if let Some((_, watched)) = sessions.pair_mut(key) {
                watched.handle.record_into(Some(track));
            }
        }
        self.running.push(Running { recorder, sessions: keys });
    }

    /// Ends recording this session. Its file ends with the last session in it.
    pub(crate) fn stop(&mut self, key: &SessionKey, sessions: &mut OpenSessions) {
        if let Some((_, watched)) = sessions.pair_mut(key) {
            watched.handle.record_into(None);
        }
        for running in &mut self.running {
            running.sessions.retain(|recorded| recorded != key);
        }
        self.stop_empty();
    }

    /// Brings what panels read up to date, and tells of recordings that ended.
    pub(crate) fn follow(&mut self, sessions: &mut OpenSessions, notices: &mut Notices) {
        for files in self.mending.take_finished() {
            for file in files {
                let file = file.display();
                notices.good(format!("A recording that was cut off is whole again: {file}"));
            }
        }
        for running in &mut self.running {
            running.sessions.retain(|key| sessions.by_key(key).is_some());
        }
        self.stop_empty();
        for (open, _) in sessions.pairs_mut() {
            open.recording = None;
        }
        self.running.retain(|running| {
            let state = running.recorder.state();
            let mark = state.since.map(|since| RecordingMark { since, bytes: state.bytes });
            for key in &running.sessions {
                if let Some((open, watched)) = sessions.pair_mut(key) {
                    match &state.ended {
                        None => open.recording = mark,
                        Some(_) => watched.handle.record_into(None),
                    }
                }
            }
            let file = state.file.display();
            match &state.ended {
                None => return true,
                Some(RecorderEnd::Finished { .. }) => notices.good(format!("Recorded to {file}")),
                Some(RecorderEnd::Failed(why)) => {
                    notices.error(format!("The recording stopped: {why}: {file}"));
                }
            }
            false
        });
    }

    /// Ends all recordings, and waits until their files are whole.
    pub(crate) fn close(&mut self) {
        for running in self.running.drain(..) {
            running.recorder.finish();
        }
    }

    fn stop_empty(&self) {
        let empty = self.running.iter().filter(|running| running.sessions.is_empty());
        empty.for_each(|running| running.recorder.stop());
    }
}
