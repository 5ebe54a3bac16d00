//! A session opened as the window opens it, and what the window would know of it.

use std::time::{Duration, Instant};

use helmsight::base::Wake;
use helmsight::model::{
    Control, FramePos, FrameSize, KeyInput, Modifiers, MouseButton, Pointer, PointerInput,
    SessionEvent, Status, Update,
};
use helmsight::net::Client;
use helmsight::session::{ComputersService, OpenOptions, SessionHandle, open};
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
        let backend = ComputersService::new(client).session(id);
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
    fn pointer(&self, kind: Pointer, (x, y): (f32, f32)) {
        let frame = *self.pictures.last().expect("a picture was seen");
        let at =
            FramePos { x: (x * frame.width as f32).round(), y: (y * frame.height as f32).round() };
        let held = match kind {
            Pointer::Down { button, .. } => vec![button],
            _ => Vec::new(),
        };
        self.handle.push(Control::Pointer(PointerInput {
            kind,
            at,
            frame,
            held,
            modifiers: Modifiers::default(),
        }));
    }

    pub(crate) fn press(&self, button: MouseButton, clicks: u8, from: (f32, f32), to: (f32, f32)) {
        self.pointer(Pointer::Move, from);
        self.pointer(Pointer::Down { button, clicks }, from);
        if from != to {
            self.pointer(Pointer::Move, to);
        }
        self.pointer(Pointer::Up { button, clicks }, to);
    }

    pub(crate) fn wheel(&self, at: (f32, f32)) {
        self.pointer(Pointer::Wheel { dx: 0.0, dy: 120.0 }, at);
    }

    pub(crate) fn key(&self, down: bool, key: &str, code: &str, modifiers: Modifiers) {
        self.handle.push(Control::Key(KeyInput {
            down,
            key: key.to_owned(),
            code: code.to_owned(),
            text: None,
            modifiers,
            repeat: false,
        }));
    }
}
