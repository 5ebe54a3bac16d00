//! Keeps what a session knows of one participant besides the rules.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::budget::Budgets;
use super::clipboard::ClipboardShare;
use super::desk::Whisper;
use super::lease::Moment;
use crate::host::session::held::HeldMessages;

/// One participant's connection and what it holds down.
pub(super) struct SessionParticipant {
    /// The keys and buttons that it holds down. This is locked under `SessionPeople::inner`, or alone.
    pub(super) held: Arc<Mutex<HeldMessages>>,
    outbox: Option<mpsc::Sender<Whisper>>,
    /// The name that its client gave its connection.
    pub(super) key: Option<String>,
    pub(super) kicked: CancellationToken,
    pub(super) budgets: Budgets,
    pub(super) clipboard: ClipboardShare,
}

impl SessionParticipant {
    pub(super) fn new(
        held: Arc<Mutex<HeldMessages>>,
        outbox: Option<mpsc::Sender<Whisper>>,
        key: Option<String>,
    ) -> Self {
        Self {
            held,
            outbox,
            key,
            kicked: CancellationToken::new(),
            budgets: Budgets::new(Moment::now().at),
            clipboard: ClipboardShare::default(),
        }
    }

    /// Tells whether there is a socket to tell something to. The agent has none.
    pub(super) fn listens(&self) -> bool {
        self.outbox.is_some()
    }

    pub(super) fn whisper(&self, whisper: Whisper) {
        if let Some(outbox) = &self.outbox
            && outbox.try_send(whisper).is_err()
        {
            tracing::debug!(
                "A message is lost, because the participant does not read what it is told"
            );
        }
    }
}

pub(super) fn lock(held: &Mutex<HeldMessages>) -> MutexGuard<'_, HeldMessages> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
