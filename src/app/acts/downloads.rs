//! Saves what sessions download, by itself where the user wants it so, opens it, and shows it in its folder.

use std::path::PathBuf;

use crate::app::App;
use crate::app::downloads::SavingNews;
use crate::base::risky_file;
use crate::base::text::{file_name, one_line};
use crate::model::{Download, DownloadState};
use crate::session::{FileOrder, SavingError, SavingPlace};
use crate::ui::Action;
use crate::ui::action::{DownloadAction, SavePlace};
use crate::ui::command::Command;
use crate::ui::downloads::name_of;
use crate::ui::modal::{Modal, RiskyUse, Saving};
use crate::ui::saved::{DownloadKey, SavedState};
use crate::ui::state::{Level, NoticeOffer, OpenSession};

/// A file's name has at most so many bytes, to which a number and the ending of an unfinished file are added.
const MAX_NAME: usize = 200;

impl App {
    /// Takes what became of saved files, and saves by itself what has ended since.
    pub(in crate::app) fn follow_downloads(&mut self) {
        self.downloads.choose_folder(&self.kept.settings.downloads);
        for news in self.downloads.take_news() {
            self.tell_saved(news);
        }
        for (key, download) in self.downloads.take_finished(self.sessions.views()) {
            let name = one_line(&download.file_name, 80);
            if !self.kept.settings.downloads.save_all {
                continue;
            }
            if risky_file::can_run(&download.file_name) {
                let text = format!("{name} can run programs, so it was not saved by itself");
                let offer = offer("Save…", Action::Download(DownloadAction::Save(key)));
                self.notices.offer(text, Level::Warning, offer);
            } else {
                self.save_to_folder(key);
            }
        }
    }

    fn tell_saved(&mut self, news: SavingNews) {
        let SavingNews { key, name, result } = news;
        let name = one_line(&name, 80);
        match result {
            Ok(path) => {
                let text = format!(
                    "Saved {} to {}",
                    name_of(&path),
                    path.parent().unwrap_or(&path).display()
                );
                let offer = offer("Show in folder", Action::Download(DownloadAction::Show(path)));
                self.notices.offer(text, Level::Good, offer);
            }
            Err(SavingError::Canceled) => self.notices.good(format!("{name} was not saved")),
            Err(err) => {
                let text = format!("{name} was not saved: {err}");
                let offer = offer("Try again", Action::Download(DownloadAction::Save(key)));
                self.notices.offer(text, Level::Error, offer);
            }
        }
    }

    /// Does what is asked of a download.
    pub(in crate::app) fn act_on_download(&mut self, action: DownloadAction) {
        match action {
            DownloadAction::Save(key) => match self.download(&key) {
                Some(download) if risky_file::can_run(&download.file_name) => {
                    let name = download.file_name.clone();
                    let then = RiskyUse::Save(key);
                    self.window.modal = Some(Modal::ConfirmRisky { name, then });
                }
                _ => self.save_to_folder(key),
            },
            DownloadAction::SaveRisky(key) => self.save_to_folder(key),
            DownloadAction::SaveAs { key, place } => self.save_download_as(key, place),
            DownloadAction::SaveAll => self.save_all_downloads(),
            DownloadAction::Stop(key) => self.downloads.stop(&key),
            DownloadAction::Remove(key) => match self.services.of(&key.session) {
                Ok(connection) => self.files.call_off(key, connection.service.clone()),
                Err(why) => self.notices.error(why),
            },
            DownloadAction::Open(path) if risky_file::can_run(&name_of(&path)) => {
                let (name, then) = (name_of(&path), RiskyUse::Open(path));
                self.window.modal = Some(Modal::ConfirmRisky { name, then });
            }
            DownloadAction::Open(path) | DownloadAction::OpenRisky(path) => self.files.open(path),
            DownloadAction::Show(path) => self.files.show(path),
        }
    }

    /// Runs a command that is about the newest download of the session in front.
    pub(in crate::app) fn run_on_download(&mut self, command: Command) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        let newest = open.newest_download();
        let key = |download: &Download| key_of(open, download);
        let saved = self.downloads.saved().newest_of(&open.key).map(|saved| &saved.state);
        let path = match saved {
            Some(SavedState::Saved { path }) => Some(path.clone()),
            _ => None,
        };
        let action = match command {
            Command::SaveDownload => newest.map(|it| DownloadAction::Save(key(it))),
            Command::SaveDownloadAs => {
                newest.map(|it| DownloadAction::SaveAs { key: key(it), place: SavePlace::Ask })
            }
            Command::SaveAllDownloads => Some(DownloadAction::SaveAll),
            Command::OpenDownload => path.map(DownloadAction::Open),
            Command::ShowDownload => path.map(DownloadAction::Show),
            _ => None,
        };
        self.pending.extend(action.map(Action::Download));
    }

    /// Returns the path to save to, or asks for one; see [`Files::path_or_ask`](crate::app::files::Files::path_or_ask).
    pub(in crate::app) fn path_or_ask(
        &mut self,
        what: Saving,
        place: SavePlace,
    ) -> Option<PathBuf> {
        let folder = self.downloads.saved().folder.clone();
        self.files.path_or_ask(what, place, &folder, &mut self.window.modal)
    }

    fn save_download_as(&mut self, key: DownloadKey, place: SavePlace) {
        let Some(download) = self.download(&key) else {
            return self.notices.error("This download is not known any more; look at the session");
        };
        let name = file_name(&download.file_name, MAX_NAME);
        if let Some(path) = self.path_or_ask(Saving::Download(key.clone(), name), place) {
            self.save_download(key, SavingPlace::Exactly(path));
        }
    }

    fn save_all_downloads(&mut self) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        let done = open.view.downloads.iter().filter(|it| it.state == DownloadState::Done);
        let unsaved = done.filter(|it| {
            let saved = self.downloads.saved().of(&open.key, &it.id).map(|saved| &saved.state);
            !matches!(saved, Some(SavedState::Saved { .. } | SavedState::Saving { .. }))
        });
        let (risky, plain): (Vec<_>, Vec<_>) =
            unsaved.partition(|it| risky_file::can_run(&it.file_name));
        let skipped = risky.len();
        let keys: Vec<_> = plain.into_iter().map(|it| key_of(open, it)).collect();
        match (keys.len(), skipped) {
            (0, 0) => self.notices.good("All that was downloaded is saved"),
            (_, 0) => (),
            (_, skipped) => self.notices.warn(format!(
                "{skipped} of the files can run programs and were left out; save them one by one"
            )),
        }
        keys.into_iter().for_each(|key| self.save_to_folder(key));
    }

    /// Saves a file to the folder of choice, under a name that is free there.
    fn save_to_folder(&mut self, key: DownloadKey) {
        let Some(download) = self.download(&key) else {
            return self.notices.error("This download is not known any more; look at the session");
        };
        let name = file_name(&download.file_name, MAX_NAME);
        let folder = self.downloads.saved().folder.clone();
        self.save_download(key, SavingPlace::Within { folder, name });
    }

    fn save_download(&mut self, key: DownloadKey, to: SavingPlace) {
        let Some(download) = self.download(&key).cloned() else {
            return;
        };
        match self.services.of(&key.session) {
            Ok(connection) => {
                let order = FileOrder {
                    service: connection.service.clone(),
                    session: key.session.id.clone(),
                    file: key.id.clone(),
                    url: download.url,
                    to,
                };
                self.downloads.save(key, download.file_name, order);
            }
            Err(why) => self.notices.error(why),
        }
    }

    fn download(&self, key: &DownloadKey) -> Option<&Download> {
        let open = self.sessions.by_key(&key.session)?;
        open.view.downloads.iter().find(|download| download.id == key.id)
    }
}

fn key_of(open: &OpenSession, download: &Download) -> DownloadKey {
    DownloadKey { session: open.key.clone(), id: download.id.clone() }
}

fn offer(words: &'static str, action: Action) -> NoticeOffer {
    NoticeOffer { words, action }
}
