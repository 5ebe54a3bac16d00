//! A session opened as the window opens it, and what the window would know of it.

use std::time::{Duration, Instant};

use helmsight::base::Wake;
use helmsight::model::{
    FrameSize, InputControl, KeyInput, Modifiers, MouseButton, PointerAt, SessionEvent, Status,
    Update,
};
use helmsight::net::Client;
use helmsight::session::{OpenOptions, ServiceClient, SessionHandle, open};
use helmsight::video::DecodePool;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Longest wait for anything; long enough for a browser on a machine that builds something beside.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Opened {
    pub(crate) handle: SessionHandle,
    pub(crate) news: Vec<Update>,
    /// Sizes of the pictures that were decoded, in order.
    pub(crate) pictures: Vec<FrameSize>,
    tracker: TaskTracker,
    _decode: DecodePool,
}

impl Opened {
    pub(crate) fn new(client: Client, id: &str, options: OpenOptions) -> Self {
        let decode = DecodePool::new(1).unwrap();
        let tracker = TaskTracker::new();
        let backend = ServiceClient::new(client).session(id);
        let handle = open(&Handle::current(), &tracker, backend, &decode, Wake::none(), options);
        Self { handle, news: Vec::new(), pictures: Vec::new(), tracker, _decode: decode }
    }

    /// Connected, with a picture.
    pub(crate) async fn live(client: Client, id: &str) -> Self {
        let mut session = Self::new(client, id, OpenOptions::default());
        session.connected().await;
        session.pictures(1).await;
        session
    }

    /// Waits until `is_so`.
    pub(crate) async fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        loop {
            self.news.extend(self.handle.drain());
            if let Some(frame) = self.handle.take_frame() {
                self.pictures.push(frame.size);
            }
            if is_so(self) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "no {what}: {:?} {:?} {:?} {:#?}",
                self.handle.status(),
                self.handle.stats(),
                self.handle.traffic(),
                self.rows().map(|row| format!("{}: {}", row.kind, row.text)).collect::<Vec<_>>()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) async fn connected(&mut self) {
        let is_connected = |session: &Self| session.handle.status() == Status::Connected;
        self.until("connection", is_connected).await;
    }

    /// Waits for this many pictures since it was opened.
    pub(crate) async fn pictures(&mut self, count: usize) {
        self.until("picture", |session| session.pictures.len() >= count).await;
    }

    pub(crate) async fn reconnecting(&mut self) -> String {
        let why = |session: &Self| match session.handle.status() {
            Status::Reconnecting { why, .. } => Some(why),
            _ => None,
        };
        self.until("loss", |session| why(session).is_some()).await;
        why(self).unwrap_or_default()
    }

    pub(crate) async fn ended(&mut self) -> String {
        let why = |session: &Self| match session.handle.status() {
            Status::Ended { why, .. } => Some(why),
            _ => None,
        };
        self.until("end", |session| why(session).is_some()).await;
        why(self).expect("an ended session stays so")
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &SessionEvent> {
        self.news.iter().filter_map(|update| match update {
            Update::Event(event) => Some(event),
            _ => None,
        })
    }

    pub(crate) async fn row(&mut self, kind: &str) {
        self.until(kind, |session| session.rows().any(|row| row.kind == kind)).await;
    }

    /// Drops the handle, and expects everything behind it to stop.
    pub(crate) async fn close(self) {
        drop(self.handle);
        self.tracker.close();
        tokio::time::timeout(PATIENCE, self.tracker.wait()).await.expect("it closes in time");
    }

    /// In the space of the last picture; `x` and `y` are parts of its sides.
    fn at(&self, (x, y): (f32, f32)) -> PointerAt {
        let FrameSize { width, height } = *self.pictures.last().expect("a picture was seen");
        let (x, y) = ((x * width as f32).round(), (y * height as f32).round());
        PointerAt { x, y, width, height, ..PointerAt::default() }
    }

    pub(crate) fn press(&self, button: MouseButton, clicks: u8, from: (f32, f32), to: (f32, f32)) {
        self.handle.push(InputControl::PointerMove(self.at(from)));
        let at = PointerAt { held: vec![button], ..self.at(from) };
        self.handle.push(InputControl::PointerDown { at, button, clicks });
        if from != to {
            self.handle.push(InputControl::PointerMove(self.at(to)));
        }
        self.handle.push(InputControl::PointerUp { at: self.at(to), button, clicks });
    }

    pub(crate) fn wheel(&self, at: (f32, f32)) {
        self.handle.push(InputControl::Wheel { at: self.at(at), dx: 0.0, dy: 120.0 });
    }

    pub(crate) fn key(&self, down: bool, key: &str, code: &str, modifiers: Modifiers) {
        let (key, code) = (key.to_owned(), code.to_owned());
        let key = KeyInput { key, code, modifiers, ..KeyInput::default() };
        let input = if down { InputControl::KeyDown(key) } else { InputControl::KeyUp(key) };
        self.handle.push(input);
    }
}
