//! Opens files of this computer, and shows them in their folders, with the system's own programs; and calls downloads off.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::{FileNews, Files};
use crate::session::Service;
use crate::ui::saved::DownloadKey;

/// A program that runs for longer than this has opened the file itself.
const OPENED_WITHIN: Duration = Duration::from_secs(5);

impl Files {
    /// Opens a file with the program that the system has for it.
    pub(crate) fn open(&self, path: PathBuf) {
        self.jobs.spawn(async move {
            let result = run(opener(&path)).await;
            FileNews::Opened { path, result }
        });
    }

    /// Shows a file in its folder; where the system can't mark it there, the folder alone.
    pub(crate) fn show(&self, path: PathBuf) {
        self.jobs.spawn(async move {
            let shown = run(shower(&path)).await;
            let result = match (shown, path.parent()) {
                (Err(_), Some(folder)) if cfg!(target_os = "linux") => run(opener(folder)).await,
                (shown, _) => shown,
            };
            FileNews::Opened { path, result }
        });
    }
}

impl Files {
    /// Calls a download off in its session.
    pub(crate) fn call_off(&self, key: DownloadKey, service: Arc<dyn Service>) {
        self.jobs.spawn(async move {
            let removed = service.remove_download(&key.session.id, &key.id).await;
            FileNews::CalledOff { result: removed.map_err(|err| err.to_string()) }
        });
    }
}

async fn run(mut command: Command) -> Result<(), String> {
    let words = |err: std::io::Error| match err.kind() {
        std::io::ErrorKind::NotFound => "this computer has no program for it".to_owned(),
        _ => err.to_string(),
    };
    let mut child = command.spawn().map_err(words)?;
    match timeout(OPENED_WITHIN, child.wait()).await {
        Ok(Ok(status)) if !status.success() && !cfg!(windows) => {
            Err("this computer has no program for it".to_owned())
        }
        Ok(Err(err)) => Err(err.to_string()),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command
}

fn opener(path: &Path) -> Command {
    let mut command = program(if cfg!(windows) {
        "explorer"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    });
    command.arg(path);
    command
}

fn shower(path: &Path) -> Command {
    if cfg!(windows) {
        let mut command = program("explorer");
        let mut argument = std::ffi::OsString::from("/select,");
        argument.push(path);
        command.arg(argument);
        return command;
    }
    if cfg!(target_os = "macos") {
        let mut command = program("open");
        command.arg("-R").arg(path);
        return command;
    }
    // Commas part the items of a list there.
    let address = url::Url::from_file_path(path).map(String::from).unwrap_or_default();
    let mut command = program("dbus-send");
    command.args([
        "--session",
        "--print-reply",
        "--reply-timeout=3000",
        "--dest=org.freedesktop.FileManager1",
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1.ShowItems",
        &format!("array:string:{}", address.replace(',', "%2C")),
        "string:",
    ]);
    command
}
