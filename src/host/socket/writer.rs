//! Tells a socket's client the latest state, every event in order, and the newest picture.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::SplitSink;
use futures_util::{FutureExt as _, SinkExt as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use crate::base::redact;
use crate::host::driver::{DriverError, DriverState};
use crate::host::http::handshake::{PING, Stream, close_frame};
use crate::host::hub::{HubEvent, Next, Subscription};
use crate::host::session::Session;
use crate::host::session::lifetime::wall_clock;
use crate::host::session::people::{Desk, DeskNews};
use crate::host::session::screencast::cast_options;
use crate::host::session::screencast::{ScreencastPicture, Watcher};
use crate::model::{
    ContextMenu, EventKind, FormControl, FoundText, PageLife, PagePointer, PressedShortcut,
};
use crate::protocol::socket::{DialogWords, ServerMessage, TabWords};

/// The session's end is looked at so often.
const LIFETIME: Duration = Duration::from_secs(1);
/// Messages are plain data, which is always written.
const PLAIN: &str = "these messages are plain data";
/// Input puts the end off all the time. Only a difference of this much is news.
const PUT_OFF: SignedDuration = SignedDuration::from_secs(5);

/// A message of the reader to the writer.
#[derive(Debug)]
pub(super) enum Note {
    Refused {
        what: String,
        why: String,
    },
    /// The client wants pictures of this kind, or none.
    Cast(Option<Wish>),
    Ack(u64),
    Lifetime,
    /// The client wants to be told of the requests of pages, or no longer.
    Requests(bool),
    /// This is what the page does.
    Looked(PageLife),
}

/// What a client wants of the pictures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) ack: bool,
    pub(super) quality: Option<u8>,
    pub(super) max_width: Option<u32>,
    pub(super) max_fps: Option<f32>,
}

/// The half of a session's socket that tells its client what happens.
pub(super) struct Writer {
    sink: SplitSink<Stream, Message>,
    session: Arc<Session>,
    events: Subscription,
    notes: mpsc::Receiver<Note>,
    state: watch::Receiver<DriverState>,
    desk: Desk,
    kill: CancellationToken,
    told: ToldState,
    cast: WatchedScreencast,
}

/// The state that the client knows, so that it is told only what changed.
#[derive(Default)]
struct ToldState {
    page: Option<ServerMessage>,
    tabs: Option<Vec<TabWords>>,
    people: Option<ServerMessage>,
    dialog: Option<DialogWords>,
    form_control: Option<FormControl>,
    pointer: Option<PagePointer>,
    menu: Option<ContextMenu>,
    found: Option<FoundText>,
    shortcut: Option<PressedShortcut>,
    ends: Option<(Option<Timestamp>, Option<Timestamp>)>,
}

#[derive(Default)]
struct WatchedScreencast {
    starting: Option<BoxFuture<'static, Result<Watcher, DriverError>>>,
    watcher: Option<Watcher>,
    ack: bool,
    /// The picture that the client has not acknowledged yet.
    unacknowledged: Option<u64>,
}

/// The next step of the writer.
enum WriterStep {
    Note(Note),
    State,
    Started(Result<Watcher, DriverError>),
    Next(Next),
    ScreencastPicture(Arc<ScreencastPicture>),
    People(DeskNews),
    Lifetime,
    Ping,
    /// The reader gave up: the client closed, is silent or breaks the rules.
    Over,
    /// The host is gone.
    Killed,
}

impl Writer {
    pub(super) fn new(
        sink: SplitSink<Stream, Message>,
        session: Arc<Session>,
        events: Subscription,
        notes: mpsc::Receiver<Note>,
        desk: Desk,
        kill: CancellationToken,
    ) -> Self {
        let state = session.driver.state();
        Self {
            sink,
            session,
            events,
            notes,
            state,
            desk,
            kill,
            told: ToldState::default(),
            cast: WatchedScreencast::default(),
        }
    }

    /// Writes until the session or the connection ends.
    pub(super) async fn run(mut self) {
        if let Err(err) = self.write().await {
            tracing::debug!(%err, "The socket of a session failed");
        }
    }

    async fn write(&mut self) -> Result<(), Error> {
        let (width, height) = {
            let state = self.state.borrow();
            // What was pressed before this client came is not for its window.
            self.told.shortcut = state.shortcut;
            self.told.menu.clone_from(&state.context_menu);
            (state.width, state.height)
        };
        let kind = serde_json::to_value(self.session.kind)
            .ok()
            .and_then(|kind| kind.as_str().map(str::to_owned))
            .unwrap_or_default();
        self.send(&ServerMessage::Hello {
            session_id: self.session.id.clone(),
            kind,
            width,
            height,
        })
        .await?;
        self.tell_state().await?;
        self.tell_lifetime().await?;
        self.tell_people().await?;
        let interval = |period| {
            let mut interval = tokio::time::interval_at(Instant::now() + period, period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        };
        let (mut lifetime, mut ping) = (interval(LIFETIME), interval(PING));
        loop {
            let turn = tokio::select! {
                note = self.notes.recv() => note.map_or(WriterStep::Over, WriterStep::Note),
                Ok(()) = self.state.changed() => WriterStep::State,
                started = started(&mut self.cast.starting) => WriterStep::Started(started),
                next = self.events.next() => WriterStep::Next(next),
                picture = picture(&mut self.cast.watcher), if self.cast.unacknowledged.is_none() => WriterStep::ScreencastPicture(picture),
                news = self.desk.next() => WriterStep::People(news),
                _ = lifetime.tick() => WriterStep::Lifetime,
                _ = ping.tick() => WriterStep::Ping,
                () = self.kill.cancelled() => WriterStep::Killed,
            };
            match turn {
                WriterStep::Note(note) => self.take(note).await?,
                WriterStep::State => self.tell_state().await?,
                WriterStep::Started(Ok(watcher)) => {
                    (self.cast.starting, self.cast.watcher) = (None, Some(watcher))
                }
                WriterStep::Started(Err(err)) => {
                    self.cast.starting = None;
                    self.send(&ServerMessage::Refused {
                        what: "screencast".to_owned(),
                        why: err.to_string(),
                    })
                    .await?;
                }
                WriterStep::Next(
                    next @ (Next::Event(_) | Next::Gap(_) | Next::Coming(_) | Next::Passing(_)),
                ) => {
                    self.tell_next(&next).await?;
                }
                WriterStep::Next(Next::Evicted) => {
                    return self.end("this subscriber was evicted", CloseCode::Normal).await;
                }
                WriterStep::Next(Next::Closed) => {
                    let why = self.session.ended().unwrap_or_default().to_owned();
                    return self.end(&why, CloseCode::Normal).await;
                }
                WriterStep::ScreencastPicture(picture) => {
                    if self.cast.ack {
                        self.cast.unacknowledged = Some(picture.seq);
                    }
                    self.sink.send(Message::text(picture.message())).await?;
                }
                WriterStep::People(DeskNews::People) => {
                    self.tell_people().await?;
                    self.tell_state().await?;
                }
                WriterStep::People(DeskNews::Tell(message)) => self.send(&message).await?,
                WriterStep::People(DeskNews::Copied(message)) => {
                    let text = serde_json::to_string(&message).expect(PLAIN);
                    self.sink.send(Message::text(text)).await?;
                }
                WriterStep::People(DeskNews::Leave(why)) => {
                    // The event that tells the reason may still be queued by whoever sends this participant away.
                    self.session.hub.publish();
                    while let Some(next) = self.events.next().now_or_never()
                        && self.tell_next(&next).await?
                    {}
                    return self.end(&why, CloseCode::Normal).await;
                }
                WriterStep::Lifetime => self.tell_lifetime().await?,
                WriterStep::Ping => self.sink.send(Message::Ping(Bytes::new())).await?,
                // A client that closed takes nothing any more.
                WriterStep::Over => {
                    return self.close("the host gives this connection up", CloseCode::Away).await;
                }
                WriterStep::Killed => return self.close("the host is gone", CloseCode::Away).await,
            }
        }
    }

    async fn take(&mut self, note: Note) -> Result<(), Error> {
        match note {
            Note::Refused { what, why } => self.send(&ServerMessage::Refused { what, why }).await,
            Note::Cast(None) => {
                self.cast = WatchedScreencast::default();
                Ok(())
            }
            Note::Cast(Some(wish)) => {
                let session = self.session.clone();
                let options = cast_options(wish.quality, wish.max_width);
                let starting = async move { session.casts.watch(options, wish.max_fps).await };
                // The old screencast goes on until the new one has begun.
                self.cast.starting = Some(Box::pin(starting));
                (self.cast.ack, self.cast.unacknowledged) = (wish.ack, None);
                Ok(())
            }
            Note::Ack(seq) => {
                if self.cast.unacknowledged.is_some_and(|waiting| waiting <= seq) {
                    self.cast.unacknowledged = None;
                }
                Ok(())
            }
            Note::Requests(on) => {
                self.events.want_requests(on);
                Ok(())
            }
            Note::Looked(page) => self.send(&ServerMessage::Looked { page }).await,
            Note::Lifetime => {
                self.told.ends = None;
                self.tell_lifetime().await
            }
        }
    }

    async fn tell_state(&mut self) -> Result<(), Error> {
        let mut state = self.state.borrow_and_update().clone();
        self.desk.mark(&mut state.tabs);
        let page = ServerMessage::Page {
            url: state.url.into(),
            title: state.title.into(),
            loading: state.loading,
            can_go_back: state.can_go_back,
            can_go_forward: state.can_go_forward,
            zoom: state.zoom,
        };
        if self.told.page.as_ref() != Some(&page) {
            self.send(&page).await?;
            self.told.page = Some(page);
        }
        if self.told.tabs.as_ref() != Some(&state.tabs) {
            self.send(&ServerMessage::Tabs { tabs: state.tabs.clone() }).await?;
            self.told.tabs = Some(state.tabs);
        }
        if self.told.dialog != state.dialog {
            self.send(&ServerMessage::Dialog { dialog: state.dialog.clone() }).await?;
            self.told.dialog = state.dialog;
        }
        if self.told.form_control != state.form_control {
            self.send(&ServerMessage::FormControl {
                open: state.form_control.is_some(),
                control: state.form_control.clone(),
            })
            .await?;
            self.told.form_control = state.form_control;
        }
        if self.told.pointer != state.pointer {
            let pointer = state.pointer.clone().unwrap_or_default();
            self.send(&ServerMessage::Pointer(pointer)).await?;
            self.told.pointer = state.pointer;
        }
        if self.told.menu != state.context_menu {
            if let Some(menu) = &state.context_menu {
                self.send(&ServerMessage::ContextMenu(menu.clone())).await?;
            }
            self.told.menu = state.context_menu;
        }
        if self.told.found != state.found {
            self.send(&ServerMessage::Found { found: state.found.clone() }).await?;
            self.told.found = state.found;
        }
        if self.told.shortcut != state.shortcut {
            self.told.shortcut = state.shortcut;
            if let Some(pressed) = state.shortcut {
                self.send(&ServerMessage::Shortcut(pressed)).await?;
            }
        }
        Ok(())
    }

    async fn tell_people(&mut self) -> Result<(), Error> {
        let people = self.desk.people();
        if self.told.people.as_ref() != Some(&people) {
            self.send(&people).await?;
            self.told.people = Some(people);
        }
        Ok(())
    }

    async fn tell_lifetime(&mut self) -> Result<(), Error> {
        let lifetime = &self.session.lifetime;
        let ends =
            (lifetime.idle_deadline().map(wall_clock), lifetime.final_deadline().map(wall_clock));
        let is_known = |told: Option<Timestamp>, now: Option<Timestamp>| match (told, now) {
            (Some(told), Some(now)) => now.duration_since(told).abs() < PUT_OFF,
            (told, now) => told == now,
        };
        if let Some((idle, last)) = self.told.ends
            && is_known(idle, ends.0)
            && is_known(last, ends.1)
        {
            return Ok(());
        }
        self.told.ends = Some(ends);
        let message = ServerMessage::Lifetime {
            idle_expires_at: ends.0.map(|at| at.to_string()),
            expires_at: ends.1.map(|at| at.to_string()),
            inactivity_timeout_seconds: lifetime.limits().idle.map(|limit| limit.as_secs()),
        };
        self.send(&message).await
    }

    /// Tells what comes next on the event stream. Returns `false` if that is the end, which is told in other words.
    async fn tell_next(&mut self, next: &Next) -> Result<bool, Error> {
        match next {
            Next::Event(event) => self.tell_event(event).await?,
            Next::Gap(gap) => {
                self.send(&ServerMessage::Event { id: gap.to, event: gap.json() }).await?;
            }
            Next::Coming(coming) => {
                let (id, event) = (self.events.told(), coming.event.clone());
                self.send(&ServerMessage::Event { id, event }).await?;
            }
            Next::Passing(event) => {
                let (id, event) = (self.events.told(), event.clone());
                self.send(&ServerMessage::Event { id, event }).await?;
            }
            Next::Evicted | Next::Closed => return Ok(false),
        }
        Ok(true)
    }

    async fn tell_event(&mut self, event: &HubEvent) -> Result<(), Error> {
        if let Some(download) = download(event) {
            self.send(&download).await?;
        }
        let text = format!(
            "{{\"type\":\"event\",\"id\":{},\"event\":{}}}",
            event.id,
            self.desk.personal(event).as_deref().unwrap_or_else(|| event.text())
        );
        self.sink.send(Message::text(text)).await
    }

    async fn end(&mut self, why: &str, code: CloseCode) -> Result<(), Error> {
        self.send(&ServerMessage::Ended { why: why.to_owned() }).await?;
        self.close(why, code).await
    }

    async fn close(&mut self, why: &str, code: CloseCode) -> Result<(), Error> {
        self.sink.send(close_frame(code, &redact::text(why))).await
    }

    /// Sends a message without the secrets in it. Everything but events and pictures goes this way; events come without
    /// secrets.
    async fn send(&mut self, message: &ServerMessage) -> Result<(), Error> {
        let text = serde_json::to_string(message).expect(PLAIN);
        self.sink.send(Message::text(redact::json_text(&text).into_owned())).await
    }
}

/// Makes the state message of a download's event.
fn download(event: &HubEvent) -> Option<ServerMessage> {
    if event.kind != EventKind::Download {
        return None;
    }
    let message: Value = serde_json::from_slice(&event.json).ok()?;
    serde_json::from_value(message)
        .ok()
        .filter(|message| matches!(message, ServerMessage::Download { .. }))
}

async fn started(
    starting: &mut Option<BoxFuture<'static, Result<Watcher, DriverError>>>,
) -> Result<Watcher, DriverError> {
    match starting {
        Some(starting) => starting.await,
        None => std::future::pending().await,
    }
}

async fn picture(watcher: &mut Option<Watcher>) -> Arc<ScreencastPicture> {
    match watcher {
        Some(watcher) => watcher.next().await,
        None => std::future::pending().await,
    }
}
