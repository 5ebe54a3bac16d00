//! Tells of the files that the session downloads, once a second and always when they end, and calls off what goes beyond
//! the session's limits or would leave the disk without space.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::words::MAX_TEXT;
use crate::base::text::{clip, file_name};
use crate::host::chromium::DownloadLimits;

const TOLD_EVERY: Duration = Duration::from_secs(1);
/// So many downloads run at one time; more are called off.
const MAX_RUNNING: usize = 100;
/// So many bytes of the disk stay free. The browser tells of a download twice a second, and so much comes meanwhile.
const KEPT_FREE: u64 = 1_000_000_000;
const MEGABYTE: u64 = 1_000_000;
/// A file's name has at most so many bytes. File systems take 255, and whoever saves the file may add to it.
pub(super) const MAX_NAME: usize = 200;

/// The downloads of a session.
#[derive(Debug)]
pub(super) struct Downloads {
    limits: DownloadLimits,
    /// The files that were begun, without those that were called off at once.
    begun: u32,
    /// The bytes of the files that are complete.
    complete: u64,
    running: HashMap<String, Running>,
}

#[derive(Debug)]
struct Running {
    url: String,
    file_name: String,
    received: u64,
    /// The bytes of which the session was told.
    told: u64,
    told_at: Instant,
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
        Self { limits, begun: 0, complete: 0, running: HashMap::new() }
    }

    /// Takes note of a download that begins. `free`: the bytes that the disk has left, where that is known.
    pub(super) fn begin(
        &mut self,
        begin: WillBegin,
        free: Option<u64>,
        now: Instant,
    ) -> DownloadNews {
        let running = Running {
            url: clip(&begin.url, MAX_TEXT).to_owned(),
            file_name: file_name(&begin.suggested_filename, MAX_NAME),
            received: 0,
            told: 0,
            told_at: now,
        };
        let reason = match self.limits.files {
            Some(most) if self.begun >= most => {
                Some(format!("This session may download {most} files"))
            }
            _ if self.running.len() >= MAX_RUNNING => {
                Some(format!("{MAX_RUNNING} downloads run already"))
            }
            _ => self.reason_against(1, free),
        };
        if let Some(reason) = reason {
            return running.called_off(&begin.guid, None, &reason);
        }
        self.begun += 1;
        let fields = running.fields(&begin.guid, None, "in_progress");
        self.running.insert(begin.guid, running);
        DownloadNews { fields, called_off: None }
    }

    /// Takes note of how a download goes on; `None` where that is no news worth telling.
    pub(super) fn progress(
        &mut self,
        progress: &Progress,
        free: Option<u64>,
        now: Instant,
    ) -> Option<DownloadNews> {
        let running = self.running.get_mut(&progress.guid)?;
        running.received = bytes(progress.received_bytes);
        let total = Some(bytes(progress.total_bytes)).filter(|total| *total > 0);
        let state = match progress.state.as_str() {
            "completed" => "completed",
            "canceled" => "canceled",
            _ => "in_progress",
        };
        let to_come = total.unwrap_or(0).saturating_sub(running.received);
        let is_over = state == "canceled";
        if let Some(reason) = self.reason_against(to_come, free).filter(|_| !is_over) {
            let ended = self.running.remove(&progress.guid)?;
            return Some(ended.called_off(&progress.guid, total, &reason));
        }
        if state == "in_progress" {
            let running = self.running.get_mut(&progress.guid)?;
            let is_news = running.received != running.told
                && now.saturating_duration_since(running.told_at) >= TOLD_EVERY;
            if !is_news {
                return None;
            }
            (running.told, running.told_at) = (running.received, now);
            let fields = running.fields(&progress.guid, total, state);
            return Some(DownloadNews { fields, called_off: None });
        }
        let ended = self.running.remove(&progress.guid)?;
        if state == "completed" {
            self.complete += ended.received;
        }
        Some(DownloadNews { fields: ended.fields(&progress.guid, total, state), called_off: None })
    }

    /// Returns why not so many bytes more may come, where that is so.
    fn reason_against(&self, to_come: u64, free: Option<u64>) -> Option<String> {
        let received: u64 = self.running.values().map(|running| running.received).sum();
        let all = self.complete.saturating_add(received).saturating_add(to_come);
        if let Some(most) = self.limits.bytes.filter(|most| all > *most) {
            return Some(format!("This session may download {} MB in all", most / MEGABYTE));
        }
        let left = free?.saturating_sub(to_come);
        (left < KEPT_FREE)
            .then(|| format!("The disk would have less than {} MB left", KEPT_FREE / MEGABYTE))
    }
}

impl Running {
    fn fields(&self, id: &str, total: Option<u64>, state: &str) -> Value {
        json!({ "id": id, "url": self.url, "file_name": self.file_name, "received": self.received, "total": total, "state": state })
    }

    fn called_off(&self, id: &str, total: Option<u64>, reason: &str) -> DownloadNews {
        let mut fields = self.fields(id, total, "canceled");
        fields["reason"] = reason.into();
        DownloadNews { fields, called_off: Some(id.to_owned()) }
    }
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
