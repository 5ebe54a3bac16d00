//! Tells of the files that the session downloads, once a second and always when they end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::words::MAX_TEXT;
use crate::base::text::{clip, file_name};

const TOLD_EVERY: Duration = Duration::from_secs(1);
/// So many downloads are told of at one time; more are not.
const MAX_RUNNING: usize = 100;
/// A file's name has at most so many bytes. File systems take 255, and whoever saves the file may add to it.
pub(super) const MAX_NAME: usize = 200;

/// The downloads that run.
#[derive(Debug, Default)]
pub(super) struct Downloads {
    running: HashMap<String, Running>,
}

#[derive(Debug)]
struct Running {
    url: String,
    file_name: String,
    received: u64,
    told_at: Instant,
}

/// `Browser.downloadWillBegin`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WillBegin {
    guid: String,
    url: String,
    #[serde(default)]
    suggested_filename: String,
}

/// `Browser.downloadProgress`. Numbers are bytes.
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
    /// Makes the fields of a `download` event.
    pub(super) fn begin(&mut self, begin: WillBegin, now: Instant) -> Option<Value> {
        if self.running.len() >= MAX_RUNNING {
            return None;
        }
        let running = Running {
            url: clip(&begin.url, MAX_TEXT).to_owned(),
            file_name: file_name(&begin.suggested_filename, MAX_NAME),
            received: 0,
            told_at: now,
        };
        let fields = running.fields(&begin.guid, None, "in_progress");
        self.running.insert(begin.guid, running);
        Some(fields)
    }

    /// Makes the fields of a `download` event, where there is news worth telling.
    pub(super) fn progress(&mut self, progress: &Progress, now: Instant) -> Option<Value> {
        let running = self.running.get_mut(&progress.guid)?;
        let received = bytes(progress.received_bytes);
        let total = Some(bytes(progress.total_bytes)).filter(|total| *total > 0);
        let state = match progress.state.as_str() {
            "completed" => "completed",
            "canceled" => "canceled",
            _ => "in_progress",
        };
        if state == "in_progress" {
            let news = received != running.received
                && now.saturating_duration_since(running.told_at) >= TOLD_EVERY;
            if !news {
                return None;
            }
            (running.received, running.told_at) = (received, now);
            return Some(running.fields(&progress.guid, total, state));
        }
        let mut ended = self.running.remove(&progress.guid)?;
        ended.received = received;
        Some(ended.fields(&progress.guid, total, state))
    }
}

impl Running {
    fn fields(&self, id: &str, total: Option<u64>, state: &str) -> Value {
        json!({ "id": id, "url": self.url, "file_name": self.file_name, "received": self.received, "total": total, "state": state })
    }
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

    #[test]
    fn progress_is_told_rarely_and_the_end_always_and_once() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut downloads = Downloads::default();
        let begin = WillBegin {
            guid: "g".to_owned(),
            url: "https://a.test/f".to_owned(),
            suggested_filename: "f.txt".to_owned(),
        };
        assert_eq!(
            downloads.begin(begin, start),
            Some(
                json!({ "id": "g", "url": "https://a.test/f", "file_name": "f.txt", "received": 0, "total": null, "state": "in_progress" })
            )
        );
        assert_eq!(downloads.progress(&progress(1.0, "inProgress"), at(990)), None);
        assert_eq!(
            downloads.progress(&progress(2.0, "inProgress"), at(1010)).unwrap()["received"],
            2
        );
        assert_eq!(downloads.progress(&progress(2.0, "inProgress"), at(2900)), None);
        let end = downloads.progress(&progress(10.0, "completed"), at(2901)).unwrap();
        assert_eq!(
            (&end["state"], &end["received"], &end["total"]),
            (&json!("completed"), &json!(10), &json!(10))
        );
        assert_eq!(downloads.progress(&progress(10.0, "completed"), at(2902)), None);
    }
}
