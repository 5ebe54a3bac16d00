//! What only these tests ask of a watched session, and how they steer it.

use helmsight::model::{
    FrameSize, InputControl, KeyInput, Modifiers, MouseButton, PointerAt, Status,
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
    fn at(&self, (x, y): (f32, f32)) -> PointerAt {
        let (FrameSize { width, height }, _) = *self.pictures.last().expect("a picture was seen");
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
