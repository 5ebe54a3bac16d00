//! Collects what one participant's socket is told about the others.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::SessionPeople;
use super::acts::ShownPointer;
use crate::host::hub::HubEvent;
use crate::model::{EventKind, RemotePointer};
use crate::protocol::socket::{ServerMessage, TabWords};

/// Pointers are told at most 15 times a second.
const POINTERS: Duration = Duration::from_millis(1000 / 15 + 1);

/// A message for one participant alone.
#[derive(Debug)]
pub(super) enum Whisper {
    Tell(ServerMessage),
    /// What was copied waits here. Only the newest does, because it may be large.
    Copied(CopiedSlot),
    Leave(String),
}

/// The newest that was copied and not told yet.
#[derive(Clone, Debug, Default)]
pub(super) struct CopiedSlot(Arc<Mutex<Option<ServerMessage>>>);

/// One piece of news to tell.
#[derive(Debug)]
pub(crate) enum DeskNews {
    /// The participants or their rights changed; see [`Desk::people`] and [`Desk::mark`].
    People,
    Tell(ServerMessage),
    /// This was copied. It goes out as it is, with whatever secrets the user copied.
    Copied(ServerMessage),
    /// The participant was sent away, for this reason.
    Leave(String),
}

/// The end at which one participant's socket hears of the others.
pub(crate) struct Desk {
    me: u32,
    people: Arc<SessionPeople>,
    whispers: mpsc::Receiver<Whisper>,
    news: watch::Receiver<u64>,
    pointers: watch::Receiver<Vec<ShownPointer>>,
    pointers_due: Instant,
    pointers_told: Vec<RemotePointer>,
}

impl CopiedSlot {
    fn take(&self) -> Option<ServerMessage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn put(&self, message: ServerMessage) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
    }
}

impl Desk {
    pub(super) fn new(
        me: u32,
        people: Arc<SessionPeople>,
        whispers: mpsc::Receiver<Whisper>,
        news: watch::Receiver<u64>,
        mut pointers: watch::Receiver<Vec<ShownPointer>>,
    ) -> Self {
        // The pointers that are there already are told, too.
        pointers.mark_changed();
        Self {
            me,
            people,
            whispers,
            news,
            pointers,
            pointers_due: Instant::now(),
            pointers_told: Vec::new(),
        }
    }

    /// Waits for the next thing to tell. It is cancel-safe.
    pub(crate) async fn next(&mut self) -> DeskNews {
        loop {
            let due = async {
                if self.pointers.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
                // A call that is canceled has told nothing, so that the next one has to find the pointers again.
                self.pointers.mark_changed();
                tokio::time::sleep_until(self.pointers_due).await;
            };
            tokio::select! {
                Some(whisper) = self.whispers.recv() => {
                    return match whisper {
                        Whisper::Tell(message) => DeskNews::Tell(message),
                        Whisper::Copied(slot) => match slot.take() {
                            Some(message) => DeskNews::Copied(message),
                            None => continue,
                        },
                        Whisper::Leave(why) => DeskNews::Leave(why),
                    };
                }
                Ok(()) = self.news.changed() => return DeskNews::People,
                () = due => {}
            }
            if let Some(message) = self.others() {
                return DeskNews::Tell(message);
            }
        }
    }

    /// Tells where the others point, if that is news.
    fn others(&mut self) -> Option<ServerMessage> {
        let now = Instant::now();
        let others: Vec<_> = self
            .pointers
            .borrow_and_update()
            .iter()
            .filter(|pointer| pointer.index() != self.me)
            .map(|pointer| pointer.told(now))
            .collect();
        if others == self.pointers_told {
            return None;
        }
        self.pointers_due = Instant::now() + POINTERS;
        self.pointers_told.clone_from(&others);
        Some(ServerMessage::Pointers { pointers: others })
    }

    pub(crate) fn people(&self) -> ServerMessage {
        self.people.words(self.me)
    }

    pub(crate) fn mark(&self, tabs: &mut [TabWords]) {
        self.people.mark(tabs);
    }

    /// Adds to an event what it says to this participant: whether it was they who gained control.
    pub(crate) fn personal(&self, event: &HubEvent) -> Option<String> {
        if event.kind != EventKind::HostChanged {
            return None;
        }
        let fields: Value = serde_json::from_slice(&event.json).ok()?;
        let (gained, me) = (fields["to"] == self.me, self.me);
        let open = event.text().strip_suffix('}')?;
        Some(format!("{open},\"gained\":{gained},\"myIndex\":{me}}}"))
    }
}
