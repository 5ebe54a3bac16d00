//! Saves pictures and logs to files of this machine, and gives files to pages.

mod give;
mod save;

pub(super) use self::give::AskingPage;

use std::path::{Path, PathBuf};

use super::jobs::{Background, Jobs};
use crate::ui::Action;

/// The work on files, and the page that waits for one.
pub(crate) struct Files {
    jobs: Jobs<FileNews>,
    /// The page that waits for the path of its file to be typed.
    asking_page: Option<AskingPage>,
}

/// The outcome of work on files.
pub(crate) enum FileNews {
    Saved {
        path: PathBuf,
        result: Result<(), String>,
    },
    /// A place to save to was chosen; it is `None` where the dialog was canceled.
    PlaceChosen(Option<Action>),
    /// A file for a page was chosen; its path is `None` where the dialog was canceled.
    FileChosen {
        page: AskingPage,
        path: Option<PathBuf>,
    },
    Given {
        name: String,
        result: Result<(), String>,
    },
}

impl Files {
    pub(crate) fn new(background: &Background) -> Self {
        Self { jobs: Jobs::new(background), asking_page: None }
    }

    /// Takes the outcomes of work since the last call.
    pub(crate) fn take_news(&self) -> Vec<FileNews> {
        self.jobs.take_finished()
    }
}

/// Tells whether the system's dialogs can open. A dialog that can't open looks like one that was canceled, so it is not
/// tried.
fn dialogs_can_open() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let has_portal = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some();
    let has_zenity = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join("zenity").exists())
    });
    has_portal || has_zenity
}

/// Puts the home folder in place of a leading `~`, as people type it.
fn absolute(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::UserDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}
