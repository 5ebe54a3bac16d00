//! Files of this machine: pictures and logs that are saved, and what is given to a page.

mod give;
mod save;

pub(super) use self::give::AskingPage;

use std::path::{Path, PathBuf};

use super::jobs::{Background, Jobs};
use crate::ui::Action;

/// Work on files, and the page that waits for one.
pub(crate) struct Files {
    jobs: Jobs<FileNews>,
    /// Waits for the path of a file to be typed.
    asking_page: Option<AskingPage>,
}

/// What came of work on files.
pub(crate) enum FileNews {
    Saved {
        path: PathBuf,
        result: Result<(), String>,
    },
    /// A place to save to was chosen; `None`: the dialog was canceled.
    PlaceChosen(Option<Action>),
    /// A file for a page was chosen; `None`: the dialog was canceled.
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

    /// What came of work since the last call.
    pub(crate) fn take_news(&self) -> Vec<FileNews> {
        self.jobs.take_finished()
    }
}

/// A dialog that can't open looks like one that was canceled, so it is not tried where it can't.
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

/// "~/x" is the home folder's x, as people type it.
fn absolute(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::UserDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}
