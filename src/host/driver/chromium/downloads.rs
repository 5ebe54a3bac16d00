//! Keeps account of the files that the session downloads: tells of them once a second and always when they end, calls off
//! what goes beyond the session's limits or would leave the disk without space, and knows which files there are to fetch.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::text::{clip, file_name};
use crate::host::chromium::DownloadLimits;
use crate::host::driver::DriverError;

const TOLD_EVERY: Duration = Duration::from_secs(1);
/// So many downloads run at one time; more are called off.
const MAX_RUNNING: usize = 100;
/// So many files are kept at one time, whatever the limits say, because each takes a place in memory.
const MAX_KEPT: usize = 10_000;
/// So many downloads that came to nothing are listed; the oldest go first.
const MAX_CANCELED: usize = 100;
/// So many bytes of the disk stay free. The browser tells of a download twice a second, and so much comes meanwhile.
const KEPT_FREE: u64 = 1_000_000_000;
const MEGABYTE: u64 = 1_000_000;
/// A file's name has at most so many bytes. File systems take 255, and whoever saves the file may add to it.
pub(super) const MAX_NAME: usize = 200;
/// So much of a download's address is kept and told.
const MAX_URL: usize = 2048;

/// The downloads of a session.
#[derive(Debug)]
pub(super) struct Downloads {
    limits: DownloadLimits,
    /// The files that were begun, without those that were called off at once or removed.
    begun: u32,
    /// The downloads in the order of their beginning.
    list: Vec<DownloadEntry>,
}

#[derive(Debug)]
struct DownloadEntry {
    id: String,
    url: String,
    file_name: String,
    received: u64,
    total: Option<u64>,
    state: DownloadStage,
    /// The reason why it was called off, where it was.
    reason: Option<String>,
    /// The time of the last news of it.
    at: Timestamp,
    /// The bytes of which the session was told.
    told: u64,
    told_at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DownloadStage {
    Running,
    Completed,
    Canceled,
    Removed,
}

/// What is to be told of a download, and done about it.
#[derive(Debug, PartialEq)]
pub(super) struct DownloadNews {
    /// The fields of the `download` event.
    pub(super) fields: Value,
    /// The browser is to call off this download, or its file is to go where it is complete already.
    pub(super) called_off: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WillBegin {
    guid: String,
    url: String,
    #[serde(default)]
    suggested_filename: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Progress {
    guid: String,
    #[serde(default)]
    total_bytes: f64,
    #[serde(default)]
    received_bytes: f64,
    state: String,
}

impl Downloads {
    pub(super) fn new(limits: DownloadLimits) -> Self {
        Self { limits, begun: 0, list: Vec::new() }
    }

    /// Takes note of a download that begins. `free`: the bytes that the disk has left, where that is known.
    pub(super) fn begin(
        &mut self,
        begin: WillBegin,
        free: Option<u64>,
        now: Instant,
    ) -> DownloadNews {
        let mut entry = DownloadEntry {
            id: begin.guid,
            url: clip(&begin.url, MAX_URL).to_owned(),
            file_name: file_name(&begin.suggested_filename, MAX_NAME),
            received: 0,
            total: None,
            state: DownloadStage::Running,
            reason: None,
            at: Timestamp::now(),
            told: 0,
            told_at: now,
        };
        let reason = match self.limits.files {
            Some(most) if self.begun >= most => {
                Some(format!("This session may download {most} files"))
            }
            _ if self.begun as usize >= MAX_KEPT => {
                Some(format!("This session has {MAX_KEPT} files already"))
            }
            _ if self.running().count() >= MAX_RUNNING => {
                Some(format!("{MAX_RUNNING} downloads run already"))
            }
            _ => self.reason_against(1, free),
        };
        if reason.is_none() {
            self.begun += 1;
        } else {
            (entry.state, entry.reason) = (DownloadStage::Canceled, reason);
        }
        let news = entry.news();
        self.list.push(entry);
        self.bound_canceled();
        news
    }

    /// Takes note of how a download goes on; `None` where that is no news worth telling.
    pub(super) fn progress(
        &mut self,
        progress: &Progress,
        free: Option<u64>,
        now: Instant,
    ) -> Option<DownloadNews> {
        let is_it = |entry: &DownloadEntry| entry.is_running() && entry.id == progress.guid;
        let at = self.list.iter().position(is_it)?;
        let entry = &mut self.list[at];
        entry.received = bytes(progress.received_bytes);
        entry.total = Some(bytes(progress.total_bytes)).filter(|total| *total > 0);
        let to_come = entry.total.unwrap_or(0).saturating_sub(entry.received);
        let state = match progress.state.as_str() {
            "completed" => DownloadStage::Completed,
            "canceled" => DownloadStage::Canceled,
            _ => DownloadStage::Running,
        };
        let reason = match state {
            DownloadStage::Canceled => None,
            _ => self.reason_against(to_come, free),
        };
        let entry = &mut self.list[at];
        (entry.state, entry.at) = (state, Timestamp::now());
        if reason.is_some() {
            (entry.state, entry.reason) = (DownloadStage::Canceled, reason);
        } else if state == DownloadStage::Running {
            let is_news = entry.received != entry.told
                && now.saturating_duration_since(entry.told_at) >= TOLD_EVERY;
            if !is_news {
                return None;
            }
            (entry.told, entry.told_at) = (entry.received, now);
        }
        let news = entry.news();
        self.bound_canceled();
        Some(news)
    }

    /// Returns what is known of each download, in the order of their beginning: the fields of its last event.
    pub(super) fn list(&self) -> Vec<Value> {
        let fields = |entry: &DownloadEntry| {
            let mut fields = entry.fields();
            fields["timestamp"] = entry.at.to_string().into();
            fields
        };
        self.list.iter().map(fields).collect()
    }

    /// Returns the name of a file that is complete. Its bytes stand under its id.
    pub(super) fn complete(&self, id: &str) -> Result<String, DriverError> {
        let entry = self.list.iter().find(|entry| entry.id == id);
        match entry.map(|entry| (entry.state, entry)) {
            Some((DownloadStage::Completed, entry)) => Ok(entry.file_name.clone()),
            Some((DownloadStage::Running, _)) => Err(DriverError::NotYet(
                "The file is still coming; ask for it again once it is completed".to_owned(),
            )),
            Some((DownloadStage::Canceled | DownloadStage::Removed, _)) | None => Err(gone()),
        }
    }

    /// Takes a download off the list, and its file with it, which makes room for others. What is still coming is called
    /// off.
    pub(super) fn remove(&mut self, id: &str) -> Result<DownloadNews, DriverError> {
        let at = self.list.iter().position(|entry| entry.id == id).ok_or_else(gone)?;
        let mut entry = self.list.remove(at);
        match entry.state {
            DownloadStage::Running => {
                entry.state = DownloadStage::Canceled;
                entry.reason = Some("It was called off".to_owned());
            }
            DownloadStage::Completed => {
                self.begun = self.begun.saturating_sub(1);
                entry.state = DownloadStage::Removed;
            }
            DownloadStage::Canceled | DownloadStage::Removed => {
                entry.state = DownloadStage::Removed
            }
        }
        Ok(entry.news())
    }

    fn running(&self) -> impl Iterator<Item = &DownloadEntry> {
        self.list.iter().filter(|entry| entry.is_running())
    }

    /// Returns why not so many bytes more may come, where that is so.
    fn reason_against(&self, to_come: u64, free: Option<u64>) -> Option<String> {
        let kept = self.list.iter().filter(|entry| entry.state != DownloadStage::Canceled);
        let all = kept.map(|entry| entry.received).sum::<u64>().saturating_add(to_come);
        if let Some(most) = self.limits.bytes.filter(|most| all > *most) {
            return Some(format!("This session may download {} MB in all", most / MEGABYTE));
        }
        let left = free?.saturating_sub(to_come);
        (left < KEPT_FREE)
            .then(|| format!("The disk would have less than {} MB left", KEPT_FREE / MEGABYTE))
    }

    fn bound_canceled(&mut self) {
        let is_canceled = |entry: &DownloadEntry| entry.state == DownloadStage::Canceled;
        if self.list.iter().filter(|entry| is_canceled(entry)).count() > MAX_CANCELED
            && let Some(oldest) = self.list.iter().position(is_canceled)
        {
            self.list.remove(oldest);
        }
    }
}

impl DownloadEntry {
    fn is_running(&self) -> bool {
        self.state == DownloadStage::Running
    }

    fn fields(&self) -> Value {
        let state = match self.state {
            DownloadStage::Running => "in_progress",
            DownloadStage::Completed => "completed",
            DownloadStage::Canceled => "canceled",
            DownloadStage::Removed => "removed",
        };
        let mut fields = json!({ "id": self.id, "url": self.url, "file_name": self.file_name, "received": self.received, "total": self.total, "state": state });
        if let Some(reason) = &self.reason {
            fields["reason"] = reason.as_str().into();
        }
        fields
    }

    fn news(&self) -> DownloadNews {
        let is_over = self.reason.is_some() || self.state == DownloadStage::Removed;
        DownloadNews { fields: self.fields(), called_off: is_over.then(|| self.id.clone()) }
    }
}

fn gone() -> DriverError {
    DriverError::NotFound("There is no such file in this session".to_owned())
}

/// Returns the bytes that the disk of this folder has left for us, where the system tells.
#[cfg(unix)]
pub(super) fn free_space(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
pub(super) fn free_space(_folder: &Path) -> Option<u64> {
    None
}

fn bytes(count: f64) -> u64 {
    count.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(received: f64, state: &str) -> Progress {
        Progress {
            guid: "g".to_owned(),
            total_bytes: 10.0,
            received_bytes: received,
            state: state.to_owned(),
        }
    }

    fn begin(guid: &str) -> WillBegin {
        WillBegin {
            guid: guid.to_owned(),
            url: "https://a.test/f".to_owned(),
            suggested_filename: "f.txt".to_owned(),
        }
    }

    #[test]
    fn progress_is_told_rarely_and_the_end_always_and_once() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut downloads = Downloads::new(DownloadLimits::default());
        let begun = json!({ "id": "g", "url": "https://a.test/f", "file_name": "f.txt", "received": 0, "total": null, "state": "in_progress" });
        assert_eq!(
            downloads.begin(begin("g"), None, start),
            DownloadNews { fields: begun, called_off: None }
        );
        let mut told = |received, state, ms| {
            downloads.progress(&progress(received, state), None, at(ms)).map(|news| news.fields)
        };
        assert_eq!(told(1.0, "inProgress", 990), None);
        assert_eq!(told(2.0, "inProgress", 1010).unwrap()["received"], 2);
        assert_eq!(told(2.0, "inProgress", 2900), None);
        let end = told(10.0, "completed", 2901).unwrap();
        assert_eq!(
            (&end["state"], &end["received"], &end["total"]),
            (&json!("completed"), &json!(10), &json!(10))
        );
        assert_eq!(told(10.0, "completed", 2902), None);
    }

    #[test]
    fn what_is_removed_makes_room_and_only_what_is_complete_is_fetched() {
        let now = Instant::now();
        let mut downloads = Downloads::new(DownloadLimits { bytes: Some(15), files: Some(1) });
        downloads.begin(begin("a"), None, now);
        assert!(matches!(downloads.complete("a"), Err(DriverError::NotYet(_))));
        downloads.progress(
            &Progress { guid: "a".to_owned(), ..progress(10.0, "completed") },
            None,
            now,
        );
        assert_eq!(downloads.complete("a").unwrap(), "f.txt");
        assert!(downloads.begin(begin("b"), None, now).called_off.is_some());
        let listed: Vec<_> = downloads.list().iter().map(|it| it["state"].clone()).collect();
        assert_eq!(listed, ["completed", "canceled"]);
        let removed = downloads.remove("a").unwrap();
        assert_eq!(
            (&removed.fields["state"], removed.called_off.as_deref()),
            (&json!("removed"), Some("a"))
        );
        assert!(downloads.remove("a").is_err() && downloads.complete("a").is_err());
        assert_eq!(downloads.begin(begin("c"), None, now).called_off, None);
        let called_off = downloads.remove("c").unwrap();
        assert_eq!(called_off.fields["state"], "canceled");
        for n in 0..=MAX_CANCELED {
            downloads.begin(begin("d"), None, now);
            downloads.begin(begin(&n.to_string()), None, now);
        }
        assert!(downloads.list().len() <= MAX_CANCELED + 1);
    }

    #[test]
    fn what_goes_beyond_a_limit_is_called_off_and_says_why() {
        let now = Instant::now();
        let limits = DownloadLimits { bytes: Some(15), files: Some(3) };
        let mut downloads = Downloads::new(limits);
        let reason = |news: &DownloadNews| {
            assert_eq!(news.fields["state"], "canceled");
            news.fields["reason"].as_str().unwrap().to_owned()
        };
        downloads.begin(begin("g"), None, now);
        downloads.progress(&progress(10.0, "completed"), None, now).unwrap();
        // The server says that 10 bytes come, of which 5 are too many.
        downloads.begin(begin("g"), None, now);
        let news = downloads.progress(&progress(1.0, "inProgress"), None, now).unwrap();
        assert!(reason(&news).contains("in all") && news.called_off.as_deref() == Some("g"));
        assert_eq!(downloads.progress(&progress(1.0, "canceled"), None, now), None, "told once");
        // It does not say how much comes.
        downloads.begin(begin("g"), None, now);
        let unknown = Progress { total_bytes: 0.0, ..progress(6.0, "completed") };
        assert!(reason(&downloads.progress(&unknown, None, now).unwrap()).contains("in all"));
        assert!(reason(&downloads.begin(begin("h"), None, now)).contains("3 files"));

        let mut unlimited = Downloads::new(DownloadLimits { bytes: None, files: None });
        assert!(reason(&unlimited.begin(begin("g"), Some(KEPT_FREE), now)).contains("disk"));
        let enough = Some(KEPT_FREE + 9);
        assert_eq!(unlimited.begin(begin("g"), enough, now).called_off, None);
        let news = unlimited.progress(&progress(0.0, "inProgress"), enough, now).unwrap();
        assert!(reason(&news).contains("disk"));
        for n in 0..MAX_RUNNING {
            unlimited.begin(begin(&n.to_string()), None, now);
        }
        assert!(reason(&unlimited.begin(begin("g"), None, now)).contains("run already"));
    }
}
