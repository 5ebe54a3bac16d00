//! Acts on the results of background work and on the news of the services.

use std::path::PathBuf;

use crate::app::App;
use crate::app::files::{AskingPage, FileNews};
use crate::app::services::ServiceNews;
use crate::model::people::AGENT;
use crate::ui::action::FilePlace;

impl App {
    /// Takes the outcomes of all parts' jobs since the last pass.
    pub(in crate::app) fn settle_jobs(&mut self) {
        self.settle_connections();
        if self.cameras.take_ready(&self.kept.settings, &mut self.notices) {
            self.list_cameras();
        }
        for started in self.host.take_started() {
            self.host_started(started);
        }
        for news in self.files.take_news() {
            self.settle_file(news);
        }
        for problem in self.kept.take_problems() {
            self.notices.error(problem);
        }
    }

    /// Does what the news of the services ask for.
    pub(in crate::app) fn take_service_news(&mut self) {
        for news in self.services.take_news() {
            match news {
                ServiceNews::Created(key) => {
                    self.dialogs.created(&mut self.window.modal);
                    self.window.of(&key).fits = self.fits.created(&key);
                    self.open(key);
                }
                ServiceNews::Ended(key) => {
                    // Its log can be read until the user closes it.
                    self.note_end(&key, "Ended from this window");
                    self.notices.good("The session has ended");
                }
                ServiceNews::NotCreated { service, why } => {
                    self.fits.not_created(&service);
                    self.not_created(why);
                }
                ServiceNews::Failed(why) => {
                    self.dialogs.set_idle();
                    self.notices.error(why);
                }
                ServiceNews::KeyUnread(why) => self.notices.error(why),
            }
        }
    }

    fn settle_file(&mut self, news: FileNews) {
        match news {
            FileNews::Saved { path, result: Ok(()) } => {
                self.notices.good(format!("Saved to {}", path.display()));
            }
            FileNews::LogSaved { path, rows: (saved, all), result: Ok(()) } => {
                let rows = match all {
                    _ if saved < all => {
                        format!("{saved} of {all} rows; “Save” at the log offers all")
                    }
                    1 => "1 row".to_owned(),
                    _ => format!("All {all} rows"),
                };
                self.notices.good(format!("{rows}\nSaved to {}", path.display()));
            }
            FileNews::Saved { path, result: Err(err) }
            | FileNews::LogSaved { path, result: Err(err), .. } => {
                self.notices.error(format!("Could not save: {err}\nFile: {}", path.display()));
            }
            FileNews::Printed { path, result } => {
                self.dialogs.set_idle();
                match result {
                    Ok(()) => {
                        self.notices.good(format!("The page was saved to {}", path.display()));
                    }
                    Err(why) => self.notices.error(format!(
                        "The page could not be saved: {why}\nFile: {}",
                        path.display()
                    )),
                }
            }
            FileNews::PlaceChosen(action) => self.pending.extend(action),
            FileNews::FileChosen { page, path: Some(path) } => self.upload(page, path),
            FileNews::FileChosen { path: None, .. } => (),
            FileNews::Given { name, result } => {
                self.dialogs.set_idle();
                match result {
                    Ok(()) => self.notices.good(format!("The page has {name}")),
                    Err(why) => {
                        self.notices.error(format!("The page did not get {name}: {why}"));
                    }
                }
            }
        }
    }

    /// Gives the page in front a file: the one whose path was typed, else one that the user is asked for.
    pub(in crate::app) fn give_file(&mut self, place: FilePlace) {
        let Some(page) = self.sessions.active().map(AskingPage::of) else {
            return;
        };
        if let Some((page, path)) = self.files.file_or_ask(page, place, &mut self.window.modal) {
            self.upload(page, path);
        }
    }

    pub(in crate::app) fn upload(&mut self, page: AskingPage, path: PathBuf) {
        let open = self.sessions.by_key(&page.session);
        let from = open.map(|open| open.view.people.me).filter(|me| *me != AGENT);
        match self.services.of(&page.session) {
            Ok(connection) => {
                let name = self.files.give(page, path, from, connection.service.clone());
                self.dialogs.set_busy(format!("Giving the page {name}"));
            }
            Err(why) => self.notices.error(why),
        }
    }
}
