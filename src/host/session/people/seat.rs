//! Holds one participant's place in a session: what a socket may do there, and that leaving gives everything back.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::SessionPeople;
use crate::model::{InputControl, PageControl, PeopleControl};

/// A participant's place. Dropping it leaves the session.
pub(crate) struct Seat {
    people: Arc<SessionPeople>,
    index: u32,
    /// The token fires when another connection of the same name takes this place.
    kicked: CancellationToken,
}

impl Seat {
    pub(super) fn new(people: Arc<SessionPeople>, index: u32, kicked: CancellationToken) -> Self {
        Self { people, index, kicked }
    }

    /// Hands `input` over to `act` if this participant may act now; `None` where there is nothing to do.
    pub(crate) fn input<T>(
        &self,
        input: &InputControl,
        act: impl FnOnce() -> T,
    ) -> Result<Option<T>, String> {
        self.people.input(self.index, input, act)
    }

    /// Hands `command` over to `act` if this participant may act now.
    pub(crate) fn command<T>(
        &self,
        command: &PageControl,
        act: impl FnOnce() -> T,
    ) -> Result<T, String> {
        self.people.command(self.index, command, act)
    }

    /// Does what this participant asks of the others. `Some` says that the session is to end, with this reason.
    pub(crate) fn ask(&self, control: &PeopleControl) -> Result<Option<String>, String> {
        self.people.ask(self.index, control)
    }

    /// Tells whether nobody else is in the session, and no agent has acted in it.
    pub(crate) fn is_alone(&self) -> bool {
        self.people.is_alone(self.index)
    }

    /// Lifts everything that this participant holds down.
    pub(crate) fn release_all(&self) {
        self.people.release_all(self.index);
    }

    /// Takes the participant out of the session at once, and tells it why.
    pub(crate) fn dismiss(&self, why: &str) {
        self.people.dismiss(&mut self.people.change(), self.index, why);
    }

    /// Waits until another connection of the same name takes this one's place.
    pub(crate) async fn kicked(&self) {
        self.kicked.cancelled().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.people.leave(&mut self.people.change(), self.index);
    }
}
