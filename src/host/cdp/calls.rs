//! Keeps the calls that wait for the browser's answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::error::CallError;
use super::message::read;

/// The answer to a call: JSON that is read on demand.
#[derive(Clone, Debug)]
pub struct CallAnswer(Bytes);

impl CallAnswer {
    /// Reads the answer as a `T`. Fails with [`CallError::Strange`] where it is something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        read(&self.0).map_err(|_unexpected| CallError::Strange)
    }
}

/// The calls of one connection that were sent and are not answered yet.
#[derive(Default)]
pub(super) struct PendingCalls(Mutex<UnansweredCalls>);

#[derive(Default)]
struct UnansweredCalls {
    closed: bool,
    calls: HashMap<u64, PendingCall>,
}

struct PendingCall {
    session: Option<String>,
    answer: oneshot::Sender<Result<CallAnswer, CallError>>,
}

impl PendingCalls {
    /// Waits for the answer to the call `id` from now on.
    pub(super) fn expect(
        &self,
        id: u64,
        session: Option<&str>,
    ) -> Result<oneshot::Receiver<Result<CallAnswer, CallError>>, CallError> {
        let (answer, answered) = oneshot::channel();
        let mut pending = self.lock();
        if pending.closed {
            return Err(CallError::Closed);
        }
        let session = session.map(str::to_owned);
        pending.calls.insert(id, PendingCall { session, answer });
        Ok(answered)
    }

    /// Hands the answer to whoever waits for it.
    pub(super) fn answer(&self, id: u64, answer: Result<Bytes, CallError>) {
        let call = self.lock().calls.remove(&id);
        if let Some(call) = call {
            // Where nobody waits any more, the answer is not needed.
            drop(call.answer.send(answer.map(CallAnswer)));
        }
    }

    /// Forgets a call for whose answer nobody waits any more.
    pub(super) fn forget(&self, id: u64) {
        self.lock().calls.remove(&id);
    }

    /// Fails the calls that wait in a session that ended, because the browser forgets to answer them.
    pub(super) fn session_ended(&self, session: &str) {
        let gone: Vec<PendingCall> = self
            .lock()
            .calls
            .extract_if(|_, call| call.session.as_deref() == Some(session))
            .map(|(_, call)| call)
            .collect();
        for call in gone {
            // Nobody waits any more: not every answer is needed.
            drop(call.answer.send(Err(CallError::Gone)));
        }
    }

    /// Fails all calls at the connection's end, and takes no further one.
    pub(super) fn close(&self) {
        let mut pending = self.lock();
        pending.closed = true;
        pending.calls.clear();
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().calls.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, UnansweredCalls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
