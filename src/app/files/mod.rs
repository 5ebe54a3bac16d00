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
    /// So many rows of a log were saved, of as many as it has.
    LogSaved {
        path: PathBuf,
        rows: (usize, usize),
        result: Result<(), String>,
    },
    Printed {
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

#[cfg(test)]
mod tests {
    use super::super::jobs::tests::{background, outcome};
    use super::*;
    use crate::net::scripted::{Scripted, reply};
    use crate::net::{Auth, Client};
    use crate::session::ComputersService;
    use crate::session::support::Wakes;
    use crate::ui::action::{FilePlace, LogFormat, LogRows, SavePlace};
    use crate::ui::modal::Saving;
    use crate::ui::state::SessionKey;

    fn files() -> (Files, Wakes) {
        let wakes = Wakes::default();
        (Files::new(&background(&tokio::runtime::Handle::current(), &wakes)), wakes)
    }

    fn page(id: &str) -> AskingPage {
        let session = SessionKey { service: "cloud".to_owned(), id: id.to_owned() };
        AskingPage { session, tab: Some("t1".to_owned()) }
    }

    #[tokio::test]
    async fn a_log_goes_to_the_typed_path_or_it_is_told_that_it_did_not() {
        let folder = tempfile::tempdir().unwrap();
        let (files, wakes) = files();
        for (name, is_saved) in [("log.csv", true), ("log.csv/no-folder.csv", false)] {
            let what = Saving::Log(LogFormat::Csv, LogRows::All);
            let typed = SavePlace::Path(folder.path().join(name));
            let path = files.path_or_ask(what, typed, &mut None).unwrap();
            files.save_log(path, LogFormat::Csv, Vec::new(), 7);
            match outcome(&wakes, || files.take_news()).await {
                FileNews::LogSaved { path, rows, result } => {
                    assert_eq!((path, result.is_ok()), (folder.path().join(name), is_saved));
                    assert_eq!(rows, (0, 7));
                }
                _ => panic!("another outcome for {name}"),
            }
        }
        let written = std::fs::read_to_string(folder.path().join("log.csv")).unwrap();
        assert_eq!(written.lines().count(), 1, "{written}");
    }

    #[tokio::test]
    async fn the_page_that_was_in_front_when_a_path_was_asked_for_gets_the_file() {
        let (mut files, _) = files();
        let typed = || FilePlace::Path(PathBuf::from("~/a.txt"));
        files.asking_page = Some(page("asked"));
        let (to, path) = files.file_or_ask(page("in front now"), typed(), &mut None).unwrap();
        assert_eq!(to.session.id, "asked");
        assert!(!path.starts_with("~") && path.ends_with("a.txt"), "{path:?}");
        let (to, _) = files.file_or_ask(page("in front now"), typed(), &mut None).unwrap();
        assert_eq!(to.session.id, "in front now");
    }

    #[tokio::test]
    async fn a_page_gets_a_file_that_can_be_read_and_is_not_asked_about_others() {
        let given = || reply("200 OK", "Content-Type: application/json\r\n", "{}");
        let server = Scripted::always(given()).await;
        let client = Client::new(server.url.clone(), Auth::none()).unwrap();
        let service = std::sync::Arc::new(ComputersService::new(client));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("here.txt"), "hello").unwrap();
        let (files, wakes) = files();
        for (name, is_given) in [("absent.txt", false), ("here.txt", true)] {
            let told = files.give(page("s1"), folder.path().join(name), None, service.clone());
            assert_eq!(told, name);
            match outcome(&wakes, || files.take_news()).await {
                FileNews::Given { name: told, result } => {
                    assert_eq!((told.as_str(), result.is_ok()), (name, is_given), "{result:?}");
                }
                _ => panic!("another outcome for {name}"),
            }
        }
        let heads = server.heads();
        assert_eq!(heads.len(), 1, "{heads:?}");
        assert!(heads[0].starts_with("post /computers/s1/files "), "{heads:?}");
    }
}
