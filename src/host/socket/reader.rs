//! Does what a socket's client asks for, in its order, and without waiting for the browser more than needed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
use crate::model::{Control, InputControl, PageControl, PeopleControl};
use crate::protocol::socket::{ClientMessage, StreamControl};

/// So many inputs may wait or be unanswered by the browser; beyond that the client's socket waits.
const MAX_IN_FLIGHT: usize = 64;
/// Beyond so many in flight, pointer moves and wheel steps wait for their turn, and neighbors become one.
const MOVES_IN_FLIGHT: usize = 2;
/// At least this long passes between two refusals of what comes in swarms, such as moves.
const OFTEN_REFUSED: Duration = Duration::from_secs(1);

/// The half of a session's socket that does what its client asks for.
pub(super) struct Reader<'a> {
    stream: SplitStream<Stream>,
    session: Arc<Session>,
    notes: mpsc::Sender<Note>,
    seat: &'a Seat,
    /// The time when a refusal of what comes in swarms was last told.
    often_refused: Option<Instant>,
    in_flight: FuturesUnordered<BoxFuture<'static, (&'static str, Result<(), DriverError>)>>,
    waiting: VecDeque<InputControl>,
    /// Whether the page is being asked what it does.
    looks: Arc<AtomicBool>,
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
            often_refused: None,
            in_flight: FuturesUnordered::new(),
            waiting: VecDeque::new(),
            looks: Arc::default(),
        }
    }

    /// Reads until the client is gone.
    pub(super) async fn run(mut self) {
        let mut dead_at = Instant::now() + DEAD;
        loop {
            tokio::select! {
                Some((what, result)) = self.in_flight.next() => {
                    match result {
                        // Fingers lift while a dialog is open, and nobody has to be told.
                        Err(DriverError::Dialog(_)) if matches!(what, "pointer_up" | "key_up") => {}
                        Err(err @ DriverError::Dialog(_)) if what == "wheel" => self.refuse_often(what, &err.to_string()),
                        Err(err) => self.refuse(what, &err.to_string()),
                        Ok(()) => {}
                    }
                    self.send_waiting(MOVES_IN_FLIGHT);
                }
                message = self.stream.next(), if !self.is_full() => {
                    dead_at = Instant::now() + DEAD;
                    match message {
                        Some(Ok(Message::Text(text))) => self.take(&text),
                        Some(Ok(Message::Binary(_))) => self.refuse("message", "messages are JSON in text frames"),
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => {}
                        Some(Err(err)) => return tracing::debug!(%err, "The socket of a session failed"),
                        None => return,
                    }
                }
                () = tokio::time::sleep_until(dead_at), if !self.is_full() => {
                    return tracing::debug!(session = self.session.id, "A socket is closed, because its client is silent");
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
        match serde_json::from_value(value) {
            Ok(ClientMessage::Control(Control::Input(input))) => self.input(input),
            Ok(ClientMessage::Control(Control::Page(command))) => self.command(command),
            Ok(ClientMessage::Control(Control::People(control))) => self.ask(&control),
            Ok(ClientMessage::Stream(control)) => self.serve(control),
            Err(err) => self.refuse(&what, &one_line(&err.to_string(), 200)),
        }
    }

    fn ask(&self, control: &PeopleControl) {
        match self.seat.ask(control) {
            Ok(None) => {}
            Ok(Some(reason)) => {
                let session = self.session.clone();
                self.session.spawn(async move { session.end(&reason).await });
            }
            Err(why) => self.refuse(control.name(), &why),
        }
    }

    /// Serves what concerns this socket alone.
    fn serve(&mut self, control: StreamControl) {
        match control {
            StreamControl::KeepAlive => {
                self.session.lifetime.touch();
                self.note(Note::Lifetime);
            }
            StreamControl::Screencast { on, ack, quality, max_width, max_fps } => {
                self.note(Note::Cast(on.then_some(Wish { ack, quality, max_width, max_fps })));
            }
            StreamControl::Ack { seq } => self.note(Note::Ack(seq)),
            StreamControl::ReleaseAll => {
                self.send_waiting(usize::MAX);
                self.seat.release_all();
            }
            StreamControl::Look => self.look(),
            StreamControl::Requests { on } => self.note(Note::Requests(on)),
            StreamControl::Fit { width, height, scale_factor } => {
                if self.seat.is_alone() {
                    self.fit(width, height, scale_factor);
                }
            }
        }
    }

    /// Finds out what the page does. Who asks again meanwhile gets the same answer.
    fn look(&mut self) {
        if self.looks.swap(true, Ordering::Relaxed) {
            return;
        }
        let (life, notes, looks) =
            (self.session.driver.page_life(), self.notes.clone(), self.looks.clone());
        self.session.spawn(async move {
            let page = life.await;
            looks.store(false, Ordering::Relaxed);
            if notes.try_send(Note::Looked(page)).is_err() {
                tracing::debug!("An answer is lost, because the client does not read its answers");
            }
        });
    }

    /// Gives the pages a size, which is no act that anybody has to know of.
    fn fit(&mut self, width: u32, height: u32, scale: f64) {
        let fitted = self.session.driver.set_viewport(None, width, height, scale);
        let task = self.session.spawn(fitted);
        self.in_flight.push(Box::pin(async move {
            // A page that asks something can't be resized. It is asked again when the space changes.
            if let Ok(Err(err)) = task.await {
                tracing::debug!(%err, "A page was not fitted to its space");
            }
            ("fit", Ok(()))
        }));
    }

    fn input(&mut self, input: InputControl) {
        match input {
            InputControl::PointerMove(_) | InputControl::Wheel { .. } => {
                self.queue(input);
                self.send_waiting(MOVES_IN_FLIGHT);
            }
            // A press never goes before what came earlier.
            InputControl::PointerDown { .. }
            | InputControl::PointerUp { .. }
            | InputControl::KeyDown(_)
            | InputControl::KeyUp(_)
            | InputControl::Text { .. }
            | InputControl::Paste(_) => {
                self.send_waiting(usize::MAX);
                self.perform(input);
            }
        }
    }

    fn command(&mut self, command: PageControl) {
        self.send_waiting(usize::MAX);
        let what = command.name();
        let action = told_action(&command);
        let begin = || self.session.command(command.clone(), action);
        let begun = match self.seat.command(&command, begin) {
            Ok(begun) => begun,
            Err(why) => return self.refuse(what, &why),
        };
        self.session.lifetime.touch();
        // A task of its own waits for it, so that its end is told even when this socket closes.
        let task = self.session.spawn(begun);
        self.in_flight.push(Box::pin(async move {
            (what, task.await.unwrap_or_else(|_| Err(DriverError::no_answer())))
        }));
    }

    /// Queues an input: moves give way to newer ones, and wheel steps add up.
    fn queue(&mut self, input: InputControl) {
        match (self.waiting.back_mut(), input) {
            (Some(InputControl::PointerMove(at)), InputControl::PointerMove(newer)) => *at = newer,
            (
                Some(InputControl::Wheel { at, dx, dy }),
                InputControl::Wheel { at: newer, dx: more_x, dy: more_y },
            ) => {
                (*at, *dx, *dy) = (newer, *dx + more_x, *dy + more_y);
            }
            (_, input) => self.waiting.push_back(input),
        }
    }

    /// Sends what waits while fewer than `limit` are in flight.
    fn send_waiting(&mut self, limit: usize) {
        while self.in_flight.len() < limit
            && let Some(input) = self.waiting.pop_front()
        {
            self.perform(input);
        }
    }

    /// Calls the driver here and now, so that calls are in order whoever waits for them.
    fn perform(&mut self, mut input: InputControl) {
        let what = input.name();
        if let InputControl::Paste(content) = &mut input
            && let Some(why) = content.bound()
        {
            return self.refuse(what, &format!("{why}, so it was not pasted"));
        }
        let act = || self.session.driver.input(None, input.clone());
        let performed = match self.seat.input(&input, act) {
            Ok(Some(performed)) => performed,
            Ok(None) => return,
            Err(why) if matches!(input, InputControl::PointerMove(_)) => {
                return self.refuse_often(what, &why);
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

    /// Tells that one of many inputs was refused, once a second at most.
    fn refuse_often(&mut self, what: &str, why: &str) {
        let now = Instant::now();
        let recent = |told: Instant| now.duration_since(told) < OFTEN_REFUSED;
        if !self.often_refused.is_some_and(recent) {
            self.often_refused = Some(now);
            self.refuse(what, why);
        }
    }

    fn refuse(&self, what: &str, why: &str) {
        self.note(Note::Refused { what: what.to_owned(), why: why.to_owned() });
    }

    fn note(&self, note: Note) {
        if self.notes.try_send(note).is_err() {
            tracing::debug!(
                session = self.session.id,
                "An answer is lost, because the client does not read its answers"
            );
        }
    }
}
