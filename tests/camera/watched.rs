//! A camera opened as the window opens it, and what the window would know of it.

use std::time::{Duration, Instant};

use helmsight::base::Wake;
use helmsight::model::{
    Area, Capabilities, Condition, Forwarding, FrameSize, SessionEvent, Status, Update,
};
use helmsight::net::Auth;
use helmsight::protocol::camera::{BoxFormat, CameraAddress};
use helmsight::session::backend::{CameraBackend, CameraSetup, ForwardSetup};
use helmsight::session::{OpenOptions, SessionHandle, open};
use helmsight::video::DecodePool;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Longest wait for anything: a stall takes five seconds, and others use the machine, too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One picture that was decoded, with the classes and areas of its detections.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) size: FrameSize,
    pub(crate) found: Vec<(String, Area)>,
}

pub(crate) struct Watched {
    pub(crate) handle: SessionHandle,
    pub(crate) shown: Vec<Shown>,
    pub(crate) news: Vec<Update>,
    tracker: TaskTracker,
    _decode: DecodePool,
}

pub(crate) fn setup(url: &str) -> CameraSetup {
    CameraSetup {
        name: "Camera".to_owned(),
        address: CameraAddress::parse(url).unwrap(),
        auth: Auth::none(),
        box_format: BoxFormat::Xywh,
        forward: None,
    }
}

impl Watched {
    pub(crate) fn new(setup: CameraSetup) -> Self {
        let decode = DecodePool::new(1).unwrap();
        let tracker = TaskTracker::new();
        let handle = open(
            &Handle::current(),
            &tracker,
            CameraBackend::new(setup),
            &decode,
            Wake::none(),
            OpenOptions::default(),
        );
        Self { handle, shown: Vec::new(), news: Vec::new(), tracker, _decode: decode }
    }

    pub(crate) fn at(url: &str) -> Self {
        Self::new(setup(url))
    }

    pub(crate) fn forwarding_to(url: &str, base: &str, auth: Auth, per_second: f32) -> Self {
        let base = base.parse().unwrap();
        let forward = ForwardSetup { base, auth, per_second };
        Self::new(CameraSetup { forward: Some(forward), ..setup(url) })
    }

    /// Waits until `is_so`.
    pub(crate) async fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        loop {
            self.news.extend(self.handle.drain());
            if let Some(frame) = self.handle.take_frame() {
                let found = frame.source.detections.iter();
                self.shown.push(Shown {
                    size: frame.size,
                    found: found.map(|d| (d.class.to_string(), d.area)).collect(),
                });
            }
            if is_so(self) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "no {what}: {:?} {:?} {:?} {:?} {:?}",
                self.shown.last(),
                self.handle.status(),
                self.handle.stats(),
                self.condition(),
                self.texts()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits for a picture of this width.
    pub(crate) async fn picture(&mut self, width: u32) -> Shown {
        let is_it = |shown: &&Shown| shown.size.width == width;
        self.until("such a picture", |it| it.shown.iter().any(|shown| is_it(&shown))).await;
        self.shown.iter().find(is_it).unwrap().clone()
    }

    pub(crate) async fn row(&mut self, words: &str) {
        self.until(words, |it| it.texts().iter().any(|text| text.contains(words))).await;
    }

    pub(crate) async fn reconnecting(&mut self) -> String {
        let why = |it: &Self| match it.handle.status() {
            Status::Reconnecting { why, .. } => Some(why),
            _ => None,
        };
        self.until("loss", |it| why(it).is_some()).await;
        why(self).unwrap_or_default()
    }

    pub(crate) async fn ended(&mut self) -> String {
        let why = |it: &Self| match it.handle.status() {
            Status::Ended { why, .. } => Some(why),
            _ => None,
        };
        self.until("end", |it| why(it).is_some()).await;
        why(self).expect("an ended session stays so")
    }

    pub(crate) fn condition(&self) -> Condition {
        Condition::of(&self.handle.status(), &self.handle.traffic(), Instant::now())
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        self.rows().map(|row| row.text.as_str()).collect()
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &SessionEvent> {
        self.news.iter().filter_map(|update| match update {
            Update::Event(event) => Some(event),
            _ => None,
        })
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        let told = self.news.iter().rev().find_map(|update| match update {
            Update::Capabilities(capabilities) => Some(*capabilities),
            _ => None,
        });
        told.unwrap_or_default()
    }

    pub(crate) fn forwarding(&self) -> Forwarding {
        let told = self.news.iter().rev().find_map(|update| match update {
            Update::Forwarding(forwarding) => Some(forwarding.clone()),
            _ => None,
        });
        told.unwrap_or_default()
    }

    /// Drops the handle, and expects everything behind it to stop.
    pub(crate) async fn close(self) {
        drop(self.handle);
        self.tracker.close();
        tokio::time::timeout(Duration::from_secs(5), self.tracker.wait())
            .await
            .expect("it closes in time");
    }
}
