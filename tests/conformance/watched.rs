//! What only these tests ask of a watched session, and how they steer it.

use helmsight::model::{
    Control, FramePos, KeyInput, Modifiers, MouseButton, Pointer, PointerInput, Status,
};
use helmsight::net::Client;
use helmsight::session::{ComputersService, OpenOptions};

use crate::support::Watched;

impl Watched {
    pub(crate) fn new(client: Client, id: &str, options: OpenOptions) -> Self {
        Self::open(ComputersService::new(client).session(id), options)
    }

    /// Connected, with a picture.
    pub(crate) async fn live(client: Client, id: &str) -> Self {
        let mut session = Self::new(client, id, OpenOptions::default());
        session.connected().await;
        session.has_pictures(1).await;
        session
    }

    pub(crate) async fn connected(&mut self) {
        let is_connected = |session: &Self| session.handle.status() == Status::Connected;
        self.until("connection", is_connected).await;
    }

    /// Waits for this many pictures since it was opened.
    pub(crate) async fn has_pictures(&mut self, count: usize) {
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

    pub(crate) async fn row(&mut self, kind: &str) {
        self.until(kind, |session| session.rows().any(|row| row.name == kind)).await;
    }

    /// In the space of the last picture; `x` and `y` are parts of its sides.
    fn pointer(&self, kind: Pointer, (x, y): (f32, f32)) {
        let (frame, _) = *self.pictures.last().expect("a picture was seen");
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
