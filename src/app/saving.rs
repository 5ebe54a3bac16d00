//! Snapshots and logs to files, through the system's dialog or a typed path.

use std::path::{Path, PathBuf};

use jiff::Zoned;

use super::App;
use super::jobs::Outcome;
use crate::base::atomic_file;
use crate::model::log::{Row, write_csv, write_json_lines};
use crate::ui::action::{LogFormat, LogRows, SavePlace};
use crate::ui::modal::{Modal, Saving};
use crate::video::image_file;

impl App {
    pub(super) fn save_snapshot(&mut self, place: SavePlace) {
        let Some(path) = self.path_or_ask(Saving::Snapshot, place) else {
            return;
        };
        let Some(source) = self.active_watched().and_then(|watched| watched.source.clone()) else {
            return self.error("There is no picture to save yet");
        };
        self.jobs.spawn_blocking(move || {
            let result = image_file::png(&source)
                .map_err(|err| err.to_string())
                .and_then(|png| atomic_file::write(&path, &png).map_err(|err| err.to_string()));
            told(path, result)
        });
    }

    /// The picture as received, in the clipboard.
    pub(super) fn copy_snapshot(&mut self, ctx: &egui::Context) {
        let Some(source) = self.active_watched().and_then(|watched| watched.source.clone()) else {
            return self.error("There is no picture to copy yet");
        };
        match image_file::pixels(&source) {
            Ok(image) => {
                ctx.copy_image(image);
                self.good("The picture is in the clipboard");
            }
            Err(err) => self.error(format!("The picture could not be copied: {err}")),
        }
    }

    pub(super) fn save_log(&mut self, format: LogFormat, rows: LogRows, place: SavePlace) {
        let Some(path) = self.path_or_ask(Saving::Log(format, rows), place) else {
            return;
        };
        let Some(open) = self.state.active() else {
            return;
        };
        // Taken now, written in the background: what is saved is what is seen.
        let log = &mut self.shell.of(&open.key).side.log;
        let rows: Vec<Row> = log.rows(&open.view.log, rows).cloned().collect();
        self.jobs.spawn_blocking(move || {
            let mut text = Vec::new();
            let result = match format {
                LogFormat::JsonLines => write_json_lines(&rows, &mut text),
                LogFormat::Csv => write_csv(&rows, &mut text),
            };
            let result = result.and_then(|()| atomic_file::write(&path, &text));
            told(path, result.map_err(|err| err.to_string()))
        });
    }

    /// The typed path, or `None` after having opened the dialog, whose answer comes back as an action.
    fn path_or_ask(&mut self, what: Saving, place: SavePlace) -> Option<PathBuf> {
        match place {
            SavePlace::Path(path) => Some(absolute(&path)),
            SavePlace::Ask => {
                self.ask_path(what);
                None
            }
        }
    }

    fn ask_path(&mut self, what: Saving) {
        let suggestion = suggested_path(what);
        if !dialogs_can_open() {
            self.shell.modal =
                Some(Modal::SavePath { what, path: suggestion.display().to_string() });
            return;
        }
        let (name, extension) = match what {
            Saving::Snapshot => ("PNG picture", "png"),
            Saving::Log(LogFormat::JsonLines, _) => ("JSON lines", "jsonl"),
            Saving::Log(LogFormat::Csv, _) => ("CSV table", "csv"),
        };
        // Created here, on the window's thread, as some systems demand; awaited in the background.
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Save")
            .add_filter(name, &[extension])
            .set_directory(suggestion.parent().unwrap_or(Path::new(".")))
            .set_file_name(suggestion.file_name().unwrap_or_default().to_string_lossy())
            .save_file();
        self.jobs.spawn(async move {
            let chosen = dialog.await;
            Box::new(move |app: &mut Self| {
                if let Some(file) = chosen {
                    app.pending.push(what.action(SavePlace::Path(file.path().to_owned())));
                }
            }) as Outcome
        });
    }
}

/// A dialog that can't open looks like one that was canceled, so it is not tried where it can't.
pub(super) fn dialogs_can_open() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let has_portal = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some();
    let has_zenity = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join("zenity").exists())
    });
    has_portal || has_zenity
}

fn suggested_path(what: Saving) -> PathBuf {
    let folder = directories::UserDirs::new()
        .map(|dirs| match what {
            Saving::Snapshot => {
                dirs.picture_dir().or(dirs.download_dir()).unwrap_or(dirs.home_dir()).to_owned()
            }
            Saving::Log(..) => dirs.download_dir().unwrap_or(dirs.home_dir()).to_owned(),
        })
        .unwrap_or_default();
    let time = Zoned::now().strftime("%Y-%m-%d %H.%M.%S").to_string();
    folder.join(match what {
        Saving::Snapshot => format!("Helmsight {time}.png"),
        Saving::Log(LogFormat::JsonLines, _) => format!("Helmsight {time}.jsonl"),
        Saving::Log(LogFormat::Csv, _) => format!("Helmsight {time}.csv"),
    })
}

/// "~/x" is the home folder's x, as people type it.
pub(super) fn absolute(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::UserDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

fn told(path: PathBuf, result: Result<(), String>) -> Outcome {
    Box::new(move |app: &mut App| match result {
        Ok(()) => app.good(format!("Saved to {}", path.display())),
        Err(err) => app.error(format!("Could not save: {err}\nFile: {}", path.display())),
    })
}
