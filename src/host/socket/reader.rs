//! What a socket's client asks for, in its order, and without waiting for the browser more than needed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, SplitStream};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use super::writer::{Note, Wish};
use crate::base::json;
use crate::base::text::one_line;
use crate::host::driver::{ANSWER_WITHIN, DriverError};
use crate::host::http::handshake::{DEAD, Stream};
use crate::host::session::people::Seat;
use crate::host::session::{Session, told_action};
use crate::protocol::socket::{ClientMessage, PeopleMessage};

/// Inputs that wait or that the browser has not answered yet; beyond it the client's socket waits.
const MAX_IN_FLIGHT: usize = 64;
/// Beyond this, pointer moves and wheel steps wait for their turn, and neighbors become one.
const MOVES_IN_FLIGHT: usize = 2;
/// Between two refusals of moves.
const MOVES_REFUSED: Duration = Duration::from_secs(1);

pub(super) struct Reader<'a> {
    stream: SplitStream<Stream>,
    session: Arc<Session>,
    notes: mpsc::Sender<Note>,
    seat: &'a Seat,
    /// When a refused move was last told: they come in swarms.
    moves_refused: Option<Instant>,
    in_flight: FuturesUnordered<BoxFuture<'static, (&'static str, Result<(), DriverError>)>>,
    waiting: VecDeque<ClientMessage>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        stream: SplitStream<Stream>,
        session: Arc<Session>,
        notes: mpsc::Sender<Note>,
        seat: &'a Seat,
    ) -> Self {
        Self {
            stream,
            session,
            notes,
            seat,
            moves_refused: None,
            in_flight: FuturesUnordered::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Until the client is gone.
    pub(super) async fn run(mut self) {
        let mut dead_at = Instant::now() + DEAD;
        loop {
            tokio::select! {
                Some((what, result)) = self.in_flight.next() => {
                    if let Err(err) = result {
                        self.refuse(what, &err.to_string());
                    }
                    self.send_waiting(MOVES_IN_FLIGHT);
                }
                message = self.stream.next(), if !self.is_full() => {
                    dead_at = Instant::now() + DEAD;
                    match message {
                        Some(Ok(Message::Text(text))) => self.take(&text),
                        Some(Ok(Message::Binary(_))) => self.refuse("message", "messages are JSON in text frames"),
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => {}
                        Some(Err(err)) => return tracing::debug!(%err, "a socket failed"),
                        None => return,
                    }
                }
                () = tokio::time::sleep_until(dead_at), if !self.is_full() => {
                    return tracing::debug!(session = self.session.id, "a socket's client is silent");
                }
            }
        }
    }

    fn is_full(&self) -> bool {
        self.in_flight.len() + self.waiting.len() >= MAX_IN_FLIGHT
    }

    fn take(&mut self, text: &str) {
        let value: Value = match json::from_str(text) {
            Ok(value) => value,
            Err(err) => {
                return self
                    .refuse("message", &format!("not JSON: {}", one_line(&err.to_string(), 200)));
            }
        };
        let what = value
            .get("type")
            .and_then(Value::as_str)
            .map(|kind| one_line(kind, 40))
            .unwrap_or_else(|| "message".to_owned());
        if PeopleMessage::is(&what) {
            return match serde_json::from_value(value) {
                Ok(message) => self.ask(&what, &message),
                Err(err) => self.refuse(&what, &one_line(&err.to_string(), 200)),
            };
        }
        match serde_json::from_value(value) {
            Ok(message) => self.act(message),
            Err(err) => self.refuse(&what, &one_line(&err.to_string(), 200)),
        }
    }

    fn ask(&self, what: &str, message: &PeopleMessage) {
        match self.seat.ask(message) {
            Ok(None) => {}
            Ok(Some(reason)) => {
                let session = self.session.clone();
                self.session.spawn(async move { session.end(&reason).await });
            }
            Err(why) => self.refuse(what, &why),
        }
    }

    fn act(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::PointerMove(_) | ClientMessage::Wheel { .. } => {
                self.queue(message);
                self.send_waiting(MOVES_IN_FLIGHT);
            }
            ClientMessage::PointerDown { .. } | ClientMessage::PointerUp { .. } => {
                self.input(message)
            }
            ClientMessage::KeyDown(_) | ClientMessage::KeyUp(_) | ClientMessage::Text { .. } => {
                self.input(message)
            }
            ClientMessage::Navigate { .. } | ClientMessage::Back | ClientMessage::Forward => {
                self.command(message)
            }
            ClientMessage::Reload | ClientMessage::Stop | ClientMessage::Viewport { .. } => {
                self.command(message)
            }
            ClientMessage::NewTab { .. }
            | ClientMessage::SelectTab { .. }
            | ClientMessage::CloseTab { .. } => self.command(message),
            ClientMessage::AnswerDialog { .. } => self.command(message),
            ClientMessage::KeepAlive => {
                self.session.lifetime.touch();
                self.note(Note::Lifetime);
            }
            ClientMessage::Screencast { on, ack, quality, max_width, max_fps } => {
                self.note(Note::Cast(on.then_some(Wish { ack, quality, max_width, max_fps })));
            }
            ClientMessage::Ack { seq } => self.note(Note::Ack(seq)),
            ClientMessage::ReleaseAll => {
                self.send_waiting(usize::MAX);
                self.seat.release_all();
            }
        }
    }

    /// Never before what came earlier.
    fn input(&mut self, message: ClientMessage) {
        self.send_waiting(usize::MAX);
        self.perform(message);
    }

    fn command(&mut self, message: ClientMessage) {
        self.send_waiting(usize::MAX);
        let what = name(&message);
        let action = told_action(&message);
        let command = || self.session.command(message.clone(), action);
        let command = match self.seat.act(&message, command) {
            Ok(Some(command)) => command,
            Ok(None) => return,
            Err(why) => return self.refuse(what, &why),
        };
        self.session.lifetime.touch();
        // In a task of its own: it is told to its end, even when this socket closes.
        let task = self.session.spawn(command);
        self.in_flight.push(Box::pin(async move {
            (what, task.await.unwrap_or_else(|_| Err(DriverError::no_answer())))
        }));
    }

    /// Moves give way to newer ones, wheel steps add up.
    fn queue(&mut self, message: ClientMessage) {
        match (self.waiting.back_mut(), message) {
            (Some(ClientMessage::PointerMove(at)), ClientMessage::PointerMove(newer)) => {
                *at = newer
            }
            (
                Some(ClientMessage::Wheel { at, dx, dy }),
                ClientMessage::Wheel { at: newer, dx: more_x, dy: more_y },
            ) => {
                (*at, *dx, *dy) = (newer, *dx + more_x, *dy + more_y);
            }
            (_, message) => self.waiting.push_back(message),
        }
    }

    /// Sends what waits while fewer than `limit` are in flight.
    fn send_waiting(&mut self, limit: usize) {
        while self.in_flight.len() < limit
            && let Some(message) = self.waiting.pop_front()
        {
            self.perform(message);
        }
    }

    /// The call is made here and now, so that calls are in order whoever waits for them.
    fn perform(&mut self, message: ClientMessage) {
        let what = name(&message);
        let input = || self.session.driver.perform(None, message.clone());
        let performed = match self.seat.act(&message, input) {
            Ok(Some(performed)) => performed,
            Ok(None) => return,
            Err(why) if matches!(message, ClientMessage::PointerMove(_)) => {
                return self.refuse_move(&why);
            }
            Err(why) => return self.refuse(what, &why),
        };
        self.session.lifetime.touch();
        self.in_flight.push(Box::pin(async move {
            match tokio::time::timeout(ANSWER_WITHIN, performed).await {
                Ok(result) => (what, result),
                Err(_) => (what, Err(DriverError::no_answer())),
            }
        }));
    }

    /// Once a second is enough.
    fn refuse_move(&mut self, why: &str) {
        let now = Instant::now();
        let recent = |told: Instant| now.duration_since(told) < MOVES_REFUSED;
        if !self.moves_refused.is_some_and(recent) {
            self.moves_refused = Some(now);
            self.refuse("pointer_move", why);
        }
    }

    fn refuse(&self, what: &str, why: &str) {
        self.note(Note::Refused { what: what.to_owned(), why: why.to_owned() });
    }

    fn note(&self, note: Note) {
        if self.notes.try_send(note).is_err() {
            tracing::debug!(session = self.session.id, "a client does not read its answers");
        }
    }
}

/// The message's type on the wire.
fn name(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::PointerMove(_) => "pointer_move",
        ClientMessage::PointerDown { .. } => "pointer_down",
        ClientMessage::PointerUp { .. } => "pointer_up",
        ClientMessage::Wheel { .. } => "wheel",
        ClientMessage::KeyDown(_) => "key_down",
        ClientMessage::KeyUp(_) => "key_up",
        ClientMessage::Text { .. } => "text",
        ClientMessage::Navigate { .. } => "navigate",
        ClientMessage::Back => "back",
        ClientMessage::Forward => "forward",
        ClientMessage::Reload => "reload",
        ClientMessage::Stop => "stop",
        ClientMessage::NewTab { .. } => "new_tab",
        ClientMessage::SelectTab { .. } => "select_tab",
        ClientMessage::CloseTab { .. } => "close_tab",
        ClientMessage::AnswerDialog { .. } => "answer_dialog",
        ClientMessage::Viewport { .. } => "viewport",
        ClientMessage::KeepAlive => "keep_alive",
        ClientMessage::Screencast { .. } => "screencast",
        ClientMessage::Ack { .. } => "ack",
        ClientMessage::ReleaseAll => "release_all",
    }
}
