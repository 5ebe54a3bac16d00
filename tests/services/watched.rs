//! A session opened as the window opens it, and what the window would know of it.

use std::time::{Duration, Instant};

use helmsight::base::Wake;
use helmsight::model::{Capabilities, Status, Update};
use helmsight::session::{Backend, OpenOptions, SessionHandle, open};
use helmsight::video::DecodePool;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::server::PATIENCE;

pub(crate) struct Watched {
    pub(crate) handle: SessionHandle,
    pub(crate) news: Vec<Update>,
    tracker: TaskTracker,
    _decode: DecodePool,
}

impl Watched {
    pub(crate) fn new(backend: Box<dyn Backend>) -> Self {
        let (decode, tracker) = (DecodePool::new(1).unwrap(), TaskTracker::new());
        let handle = open(
            &Handle::current(),
            &tracker,
            backend,
            &decode,
            Wake::none(),
            OpenOptions::default(),
        );
        Self { handle, news: Vec::new(), tracker, _decode: decode }
    }

    pub(crate) async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        loop {
            self.news.extend(self.handle.drain());
            if is_so(self) {
                return;
            }
            let status = self.handle.status();
            assert!(start.elapsed() < PATIENCE, "never: {what}: {status:?} {:#?}", self.news);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) async fn picture(&mut self) {
        self.until("a picture", |it| it.handle.take_frame().is_some()).await;
    }

    /// Waits for the end of the session, and for all that was told before.
    pub(crate) async fn ended(&mut self) {
        self.until("the end", |it| matches!(it.handle.status(), Status::Ended { .. })).await;
        self.news.extend(self.handle.drain());
    }

    /// The words of the rows of this kind, oldest first.
    pub(crate) fn rows(&self, kind: &str) -> Vec<&str> {
        let rows = self.news.iter().filter_map(|update| match update {
            Update::Event(event) if event.name == kind => Some(event.text.as_str()),
            _ => None,
        });
        rows.collect()
    }

    pub(crate) async fn row(&mut self, kind: &str) {
        self.until(kind, |it| !it.rows(kind).is_empty()).await;
    }

    pub(crate) async fn refused(&mut self, words: &str) {
        self.until(words, |it| {
            let mut news = it.news.iter();
            news.any(|update| matches!(update, Update::Refused(why) if why.contains(words)))
        })
        .await;
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        let mut told = self.news.iter().rev();
        told.find_map(|update| match update {
            Update::Capabilities(capabilities) => Some(*capabilities),
            _ => None,
        })
        .unwrap_or_default()
    }

    /// Drops the handle, and expects everything behind it to stop.
    pub(crate) async fn close(self) {
        drop(self.handle);
        self.tracker.close();
        tokio::time::timeout(PATIENCE, self.tracker.wait()).await.expect("it stops in time");
    }
}
