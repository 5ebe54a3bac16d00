//! Follows the session's downloads, and hands out and removes their files.

use std::time::Instant;

use serde_json::json;

use super::BrowserActor;
use crate::host::driver::chromium::downloads::{DownloadNews, Progress, WillBegin, free_space};
use crate::host::driver::{DownloadedFile, DriverError};
use crate::model::EventKind;

impl BrowserActor {
    pub(super) fn download_begins(&mut self, begin: WillBegin) {
        let free = free_space(&self.parts.profile.downloads());
        let news = self.downloads.begin(begin, free, Instant::now());
        self.tell_download(news);
    }

    /// Returns `None` where there is nothing to tell.
    pub(super) fn download_goes_on(&mut self, progress: &Progress) -> Option<()> {
        let free = free_space(&self.parts.profile.downloads());
        let news = self.downloads.progress(progress, free, Instant::now())?;
        self.tell_download(news);
        Some(())
    }

    pub(super) fn downloaded(&self, id: &str) -> Result<DownloadedFile, DriverError> {
        let name = self.downloads.complete(id)?;
        // The browser names the files after its own ids, and only those of the list are looked for.
        Ok(DownloadedFile { name, path: self.parts.profile.downloads().join(id) })
    }

    pub(super) fn remove_download(&mut self, id: &str) -> Result<(), DriverError> {
        let news = self.downloads.remove(id)?;
        self.tell_download(news);
        Ok(())
    }

    /// Tells of a download, and calls it off where it goes too far or is not wanted any more.
    fn tell_download(&mut self, news: DownloadNews) {
        let DownloadNews { fields, called_off } = news;
        let Some(id) = called_off else {
            return self.emit(EventKind::Download, fields);
        };
        self.parts.client.tell(None, "Browser.cancelDownload", json!({ "guid": id }));
        // One that is complete can't be called off any more.
        let file = self.parts.profile.downloads().join(&id);
        if file.exists()
            && let Err(err) = std::fs::remove_file(&file)
        {
            tracing::warn!(%err, "A download that was called off stays until the session ends");
        }
        // A page begins as many as it likes.
        self.emit_noisy(EventKind::Download, fields);
    }
}
