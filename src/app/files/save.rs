//! Saves snapshots and logs to files, whose paths come from the system's dialog or are typed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Zoned;

use super::{AskingPage, FileNews, Files, absolute, dialogs_can_open};
use crate::base::atomic_file;
use crate::model::EncodedFrame;
use crate::model::log::{Row, write_csv, write_json_lines};
use crate::session::Service;
use crate::ui::action::{LogFormat, SavePlace};
use crate::ui::modal::{Modal, Saving};
use crate::video::image_file;

impl Files {
    /// Returns the typed path. Where none was typed, asks for one in the system's dialog or in `modal`, whose answer
    /// comes back as an action, and returns `None`.
    pub(crate) fn path_or_ask(
        &self,
        what: Saving,
        place: SavePlace,
        modal: &mut Option<Modal>,
    ) -> Option<PathBuf> {
        match place {
            SavePlace::Path(path) => Some(absolute(&path)),
            SavePlace::Ask => {
                self.ask_path(what, modal);
                None
            }
        }
    }

    /// Saves the picture as it was received, without what the window paints over it.
    pub(crate) fn save_snapshot(&self, path: PathBuf, source: EncodedFrame) {
        self.jobs.spawn_blocking(move || {
            let result = image_file::png(&source)
                .map_err(|err| err.to_string())
                .and_then(|png| atomic_file::write(&path, &png).map_err(|err| err.to_string()));
            FileNews::Saved { path, result }
        });
    }

    /// Has a page printed and saves it. The file is written only once all of it has come.
    pub(crate) fn save_page(&self, path: PathBuf, page: AskingPage, service: Arc<dyn Service>) {
        let AskingPage { session, tab } = page;
        self.jobs.spawn(async move {
            let result = match service.pdf(&session.id, tab.as_deref()).await {
                Ok(pdf) => {
                    let to = path.clone();
                    let written = tokio::task::spawn_blocking(move || {
                        atomic_file::write(&to, &pdf).map_err(|err| err.to_string())
                    });
                    written.await.unwrap_or_else(|_| Err("writing it was interrupted".to_owned()))
                }
                Err(err) => Err(err.to_string()),
            };
            FileNews::Printed { path, result }
        });
    }

    /// Saves rows of the log, in the order given.
    /// Saves rows of a log that has `all` rows.
    pub(crate) fn save_log(&self, path: PathBuf, format: LogFormat, rows: Vec<Row>, all: usize) {
        self.jobs.spawn_blocking(move || {
            let mut text = Vec::new();
            let result = match format {
                LogFormat::JsonLines => write_json_lines(&rows, &mut text),
                LogFormat::Csv => write_csv(&rows, &mut text),
            };
            let result = result.and_then(|()| atomic_file::write(&path, &text));
            let rows = (rows.len(), all);
            FileNews::LogSaved { path, rows, result: result.map_err(|err| err.to_string()) }
        });
    }

    fn ask_path(&self, what: Saving, modal: &mut Option<Modal>) {
        let suggestion = suggested_path(what);
        if !dialogs_can_open() {
            *modal = Some(Modal::SavePath { what, path: suggestion.display().to_string() });
            return;
        }
        let (name, extension) = match what {
            Saving::Snapshot => ("PNG picture", "png"),
            Saving::Page => ("PDF document", "pdf"),
            Saving::Log(LogFormat::JsonLines, _) => ("JSON lines", "jsonl"),
            Saving::Log(LogFormat::Csv, _) => ("CSV table", "csv"),
        };
        // Some systems demand that the dialog is created on the window's thread; it is awaited in the background.
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Save")
            .add_filter(name, &[extension])
            .set_directory(suggestion.parent().unwrap_or(Path::new(".")))
            .set_file_name(suggestion.file_name().unwrap_or_default().to_string_lossy())
            .save_file();
        self.jobs.spawn(async move {
            let chosen = dialog.await;
            let place = chosen.map(|file| SavePlace::Path(file.path().to_owned()));
            FileNews::PlaceChosen(place.map(|place| what.action(place)))
        });
    }
}

fn suggested_path(what: Saving) -> PathBuf {
    let folder = directories::UserDirs::new()
        .map(|dirs| match what {
            Saving::Snapshot => {
                dirs.picture_dir().or(dirs.download_dir()).unwrap_or(dirs.home_dir()).to_owned()
            }
            Saving::Page | Saving::Log(..) => {
                dirs.download_dir().unwrap_or(dirs.home_dir()).to_owned()
            }
        })
        .unwrap_or_default();
    let time = Zoned::now().strftime("%Y-%m-%d %H.%M.%S").to_string();
    folder.join(match what {
        Saving::Snapshot => format!("Helmsight {time}.png"),
        Saving::Page => format!("Helmsight {time}.pdf"),
        Saving::Log(LogFormat::JsonLines, _) => format!("Helmsight {time}.jsonl"),
        Saving::Log(LogFormat::Csv, _) => format!("Helmsight {time}.csv"),
    })
}
