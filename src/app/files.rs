//! Files of this machine, given to the session's page.

use std::path::{Path, PathBuf};

use super::App;
use super::jobs::Outcome;
use super::saving::{absolute, dialogs_can_open};
use crate::model::people::AGENT;
use crate::session::PageFile;
use crate::ui::action::FilePlace;
use crate::ui::modal::Modal;
use crate::ui::state::SessionKey;

/// The host takes no larger ones.
const MAX_FILE: u64 = 16 << 20;

/// The page that was in front when a file for it was asked for: others may change tabs before it is chosen.
#[derive(Clone, Debug)]
pub(super) struct AskingPage {
    session: SessionKey,
    tab: Option<String>,
}

impl App {
    /// Gives the page in front a file: asks which, or takes the one whose path was typed.
    pub(super) fn give_file(&mut self, place: FilePlace) {
        let Some(open) = self.state.active() else {
            return;
        };
        let page = AskingPage {
            session: open.key.clone(),
            tab: open.view.active_tab().map(|tab| tab.id.clone()),
        };
        match place {
            FilePlace::Ask if dialogs_can_open() => self.ask_file(page),
            FilePlace::Ask => {
                self.asking_page = Some(page);
                self.shell.modal = Some(Modal::OpenPath { path: String::new() });
            }
            FilePlace::Path(path) => {
                let page = self.asking_page.take().unwrap_or(page);
                self.upload(page, absolute(&path));
            }
        }
    }

    fn ask_file(&mut self, page: AskingPage) {
        // Created here, on the window's thread, as some systems demand; awaited in the background.
        let dialog = rfd::AsyncFileDialog::new().set_title("Give the page a file").pick_file();
        self.jobs.spawn(async move {
            let chosen = dialog.await;
            Box::new(move |app: &mut Self| {
                if let Some(file) = chosen {
                    app.upload(page, file.path().to_owned());
                }
            }) as Outcome
        });
    }

    fn upload(&mut self, page: AskingPage, path: PathBuf) {
        let AskingPage { session: key, tab } = page;
        let open = self.state.open.iter().find(|open| open.key == key);
        let from = open.map(|open| open.view.people.me).filter(|me| *me != AGENT);
        let services = &self.state.services;
        let Some(at) = services.iter().position(|service| service.name == key.service) else {
            return self.error(format!("The service “{}” is not connected", key.service));
        };
        let service = self.services[at].service.clone();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.state.busy = Some(format!("Giving the page {name}"));
        self.jobs.spawn(async move {
            let given = match read(path).await {
                Ok(data) => {
                    let file = PageFile { name: &name, data: &data, tab: tab.as_deref(), from };
                    let given = service.give_file(&key.id, file).await;
                    given.map_err(|err| err.to_string())
                }
                Err(why) => Err(why),
            };
            Box::new(move |app: &mut Self| {
                app.state.busy = None;
                match given {
                    Ok(()) => app.good(format!("The page has {name}")),
                    Err(why) => app.error(format!("The page did not get {name}: {why}")),
                }
            }) as Outcome
        });
    }
}

async fn read(path: PathBuf) -> Result<Vec<u8>, String> {
    let reading = tokio::task::spawn_blocking(move || read_now(&path));
    match reading.await {
        Ok(read) => read,
        Err(_) => Err("reading it was interrupted".to_owned()),
    }
}

/// A device or a pipe would never end, and a file may grow while it is read.
fn read_now(path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Read as _;

    let words = |err: std::io::Error| err.to_string();
    let file = std::fs::File::open(path).map_err(words)?;
    if !file.metadata().map_err(words)?.is_file() {
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
