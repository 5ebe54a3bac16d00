//! Gives files of this machine to the session's page.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileNews, Files, absolute, dialogs_can_open};
use crate::model::FramePoint;
use crate::session::{FilesDropped, PageFile, Service};
use crate::ui::action::FilePlace;
use crate::ui::modal::Modal;
use crate::ui::state::{OpenSession, SessionKey};

/// The host takes no larger files.
const MAX_FILE: u64 = 16 << 20;

/// The page that was in front when a file for it was asked for. It is remembered because others may change tabs before
/// the file is chosen.
#[derive(Clone, Debug)]
pub(crate) struct AskingPage {
    pub session: SessionKey,
    pub(super) tab: Option<String>,
}

impl AskingPage {
    /// Returns the page that is in front in a session.
    pub(crate) fn of(open: &OpenSession) -> Self {
        let tab = open.view.active_tab().map(|tab| tab.id.clone());
        Self { session: open.key.clone(), tab }
    }
}

impl Files {
    /// Asks which file the page is to have, or returns the page and the path that was typed.
    pub(crate) fn file_or_ask(
        &mut self,
        page: AskingPage,
        place: FilePlace,
        modal: &mut Option<Modal>,
    ) -> Option<(AskingPage, PathBuf)> {
        match place {
            FilePlace::Ask if dialogs_can_open() => self.ask_file(page),
            FilePlace::Ask => {
                self.asking_page = Some(page);
                *modal = Some(Modal::OpenPath { path: String::new() });
            }
            FilePlace::Path(path) => {
                return Some((self.asking_page.take().unwrap_or(page), absolute(&path)));
            }
        }
        None
    }

    fn ask_file(&self, page: AskingPage) {
        // Some systems demand that the dialog is created on the window's thread; it is awaited in the background.
        let dialog = rfd::AsyncFileDialog::new().set_title("Give the page a file").pick_file();
        self.jobs.spawn(async move {
            let chosen = dialog.await;
            FileNews::FileChosen { page, path: chosen.map(|file| file.path().to_owned()) }
        });
    }

    /// Reads the file and hands it to the page's service; `from` is the participant who gives it. Returns the file's
    /// name.
    pub(crate) fn give(
        &self,
        page: AskingPage,
        path: PathBuf,
        from: Option<u32>,
        service: Arc<dyn Service>,
    ) -> String {
        let AskingPage { session, tab } = page;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let told = name.clone();
        self.jobs.spawn(async move {
            let result = match read(path).await {
                Ok(data) => {
                    let file = PageFile { name: &name, data: &data, tab: tab.as_deref(), from };
                    let given = service.give_file(&session.id, file).await;
                    given.map_err(|err| err.to_string())
                }
                Err(why) => Err(why),
            };
            FileNews::Given { name, result }
        });
        told
    }
}

impl Files {
    /// Reads the files and drops them at a place in the page. Returns what they are called together.
    pub(crate) fn drop_on(
        &self,
        page: AskingPage,
        paths: Vec<PathBuf>,
        at: FramePoint,
        from: Option<u32>,
        service: Arc<dyn Service>,
    ) -> String {
        let AskingPage { session, tab } = page;
        let name = match paths.as_slice() {
            [path] => name_of(path),
            paths => format!("{} files", paths.len()),
        };
        let told = name.clone();
        self.jobs.spawn(async move {
            let result = match read_all(paths).await {
                Ok(files) => {
                    let dropped = FilesDropped { files: &files, at, tab: tab.as_deref(), from };
                    let given = service.drop_files(&session.id, dropped).await;
                    given.map_err(|err| err.to_string())
                }
                Err(why) => Err(why),
            };
            FileNews::Given { name, result }
        });
        told
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads files that are no larger together than one may be.
async fn read_all(paths: Vec<PathBuf>) -> Result<Vec<(String, Vec<u8>)>, String> {
    let (mut files, mut bytes) = (Vec::new(), 0);
    for path in paths {
        let name = name_of(&path);
        let data = read(path).await.map_err(|why| format!("{name}: {why}"))?;
        bytes += data.len() as u64;
        if bytes > MAX_FILE {
            return Err(format!(
                "together they are larger than {} MiB; drop fewer at once",
                MAX_FILE >> 20
            ));
        }
        files.push((name, data));
    }
    Ok(files)
}

async fn read(path: PathBuf) -> Result<Vec<u8>, String> {
    let reading = tokio::task::spawn_blocking(move || read_now(&path));
    match reading.await {
        Ok(read) => read,
        Err(_) => Err("reading it was interrupted".to_owned()),
    }
}

/// Reads a plain file of up to [`MAX_FILE`] bytes. A device or a pipe is refused because it would never end, and the
/// limit holds while the file is read because it may grow meanwhile. An error is in words.
fn read_now(path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Read as _;

    let words = |err: std::io::Error| err.to_string();
    let file = std::fs::File::open(path).map_err(words)?;
    let about = file.metadata().map_err(words)?;
    if about.is_dir() {
        return Err("it is a folder; give the page the files in it".to_owned());
    }
    if !about.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut data = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut data).map_err(words)?;
    match data.len() as u64 > MAX_FILE {
        true => Err(format!("it is larger than {} MiB", MAX_FILE >> 20)),
        false => Ok(data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_a_bearable_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let small = folder.path().join("small");
        std::fs::write(&small, "hello").unwrap();
        assert_eq!(read_now(&small).unwrap(), b"hello");
        assert!(read_now(folder.path()).is_err());
        assert!(read_now(&folder.path().join("absent")).is_err());
        let large = folder.path().join("large");
        let file = std::fs::File::create(&large).unwrap();
        file.set_len(MAX_FILE + 1).unwrap();
        assert!(read_now(&large).unwrap_err().contains("larger than"));
    }
}
