//! Knows the sessions of a host: the live ones, and for a while those that ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::host::error::ApiError;
use crate::host::session::Session;

/// An ended session can still be asked about for this long.
pub(crate) const KEEP_ENDED: Duration = Duration::from_secs(600);
const MAX_ENDED: usize = 64;

/// The sessions of a host, by their ids.
#[derive(Default)]
pub(crate) struct SessionRegistry(Mutex<Registered>);

#[derive(Default)]
struct Registered {
    /// The sessions in the order of their creation.
    sessions: Vec<Arc<Session>>,
    closed: bool,
}

impl SessionRegistry {
    /// Takes a session in; `false` where the host is shutting down.
    pub(crate) fn add(&self, session: Arc<Session>) -> bool {
        let mut inner = self.lock();
        if !inner.closed {
            inner.sessions.push(session);
            while inner.sessions.iter().filter(|s| s.ended().is_some()).count() > MAX_ENDED {
                let oldest =
                    inner.sessions.iter().position(|s| s.ended().is_some()).unwrap_or_default();
                inner.sessions.remove(oldest);
            }
        }
        !inner.closed
    }

    pub(crate) fn find(&self, id: &str) -> Option<Arc<Session>> {
        self.lock().sessions.iter().find(|session| session.id == id).cloned()
    }

    /// Returns the session of this id, over or not; an error for the caller where there is none.
    pub(crate) fn session(&self, id: &str) -> Result<Arc<Session>, ApiError> {
        self.find(id).ok_or_else(ApiError::no_session)
    }

    /// Returns the session of this id; an error for the caller where there is none or it is over.
    pub(crate) fn live(&self, id: &str) -> Result<Arc<Session>, ApiError> {
        let session = self.session(id)?;
        session.live()?;
        Ok(session)
    }

    pub(crate) fn list(&self) -> Vec<Arc<Session>> {
        self.lock().sessions.clone()
    }

    pub(crate) fn forget(&self, id: &str) {
        self.lock().sessions.retain(|session| session.id != id);
    }

    /// Takes no more sessions in, and returns those that are there.
    pub(crate) fn close(&self) -> Vec<Arc<Session>> {
        let mut inner = self.lock();
        inner.closed = true;
        inner.sessions.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Registered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
