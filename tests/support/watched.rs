//! A session opened as the window opens it, and what the window would know of it.

use std::sync::Arc;

use helmsight::model::{Detection, FrameSize, SessionEvent, Status, Update};
use helmsight::session::{Backend, OpenOptions, SessionHandle, open};
use helmsight::video::DecodePool;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::{PATIENCE, Wakes};

/// A session under test, with everything that came from it.
pub(crate) struct Watched {
    pub(crate) handle: SessionHandle,
    /// All news so far, oldest first. Of state that changed between two looks, only the newest is here.
    pub(crate) news: Vec<Update>,
    /// Size and detections of the pictures that were decoded, oldest first.
    pub(crate) pictures: Vec<(FrameSize, Arc<[Detection]>)>,
    wakes: Wakes,
    tracker: TaskTracker,
    _decode: DecodePool,
}

impl Watched {
    /// Opens a session on `backend`.
    pub(crate) fn open(backend: impl Backend, options: OpenOptions) -> Self {
        let decode = DecodePool::new(1).unwrap();
        let (tracker, wakes) = (TaskTracker::new(), Wakes::default());
        let handle = open(&Handle::current(), &tracker, backend, &decode, wakes.wake(), options);
        let (news, pictures) = Default::default();
        Self { handle, news, pictures, wakes, tracker, _decode: decode }
    }

    /// Takes in what comes until `is_so` holds; fails with `what` once patience is at its end.
    pub(crate) async fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let wakes = self.wakes.clone();
        let is_so = wakes.until(|| {
            self.take_in();
            is_so(self).then_some(())
        });
        let in_time = is_so.await.is_some();
        assert!(
            in_time,
            "never: {what}: {:?} {:?} {:?} {:?} {:#?}",
            self.handle.status(),
            self.handle.stats(),
            self.handle.traffic(),
            self.pictures.last(),
            self.news
        );
    }

    /// Waits for the end of the session and for all that was told before. Returns why it ended.
    pub(crate) async fn ended(&mut self) -> String {
        let why = |it: &Self| match it.handle.status() {
            Status::Ended { why, .. } => Some(why),
            _ => None,
        };
        self.until("the end", |it| why(it).is_some()).await;
        self.take_in();
        why(self).expect("an ended session stays so")
    }

    /// Returns the rows of the log, oldest first.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &SessionEvent> {
        self.news.iter().filter_map(|update| match update {
            Update::Event(event) => Some(event),
            _ => None,
        })
    }

    /// Drops the handle, and expects everything behind it to stop.
    pub(crate) async fn close(self) {
        drop(self.handle);
        self.tracker.close();
        timeout(PATIENCE, self.tracker.wait()).await.expect("it stops in time");
    }

    fn take_in(&mut self) {
        self.news.extend(self.handle.drain());
        if let Some(frame) = self.handle.take_frame() {
            self.pictures.push((frame.size, frame.source.detections));
        }
    }
}
