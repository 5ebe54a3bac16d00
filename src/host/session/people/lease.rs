//! Who drives, since when, and who asked for it. Pure: the time comes from outside.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// One moment on both clocks: the one that waits are measured with, and the one that people read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Instant,
    pub(super) wall: Timestamp,
}

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// An unanswered request.
    pub(crate) request: Duration,
    /// Driving without having asked, after the last input.
    pub(crate) implicit: Duration,
}

/// One participant's hold on the session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    pub(super) index: u32,
    pub(super) since: Timestamp,
    /// Came about by acting while nobody drove; ends by itself.
    pub(super) implicit: bool,
    used: Instant,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) index: u32,
    pub(super) expires_at: Timestamp,
    due: Instant,
}

#[derive(Debug)]
pub(super) struct Lease {
    terms: Terms,
    hold: Option<Hold>,
    requests: Vec<Request>,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { at: Instant::now(), wall: Timestamp::now() }
    }
}

impl Lease {
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, hold: None, requests: Vec::new() }
    }

    pub(super) fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    pub(super) fn driver(&self) -> Option<u32> {
        self.hold.map(|hold| hold.index)
    }

    pub(super) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Makes `to` the driver, or nobody. Whoever gets it asks no longer.
    pub(super) fn pass(&mut self, to: Option<u32>, implicit: bool, now: Moment) {
        self.hold = to.map(|index| Hold { index, since: now.wall, implicit, used: now.at });
        if let Some(index) = to {
            self.withdraw(index);
        }
    }

    /// The driver says that it goes on driving.
    pub(super) fn confirm(&mut self) {
        if let Some(hold) = &mut self.hold {
            hold.implicit = false;
        }
    }

    /// The driver acted.
    pub(super) fn touch(&mut self, now: Moment) {
        if let Some(hold) = &mut self.hold {
            hold.used = now.at;
        }
    }

    /// Takes note of a request; `false`: it is known already.
    pub(super) fn ask(&mut self, index: u32, now: Moment) -> bool {
        if self.requests.iter().any(|request| request.index == index) {
            return false;
        }
        self.requests.push(Request {
            index,
            expires_at: now.wall.saturating_add(self.terms.request).unwrap_or(Timestamp::MAX),
            due: now.at + self.terms.request,
        });
        true
    }

    /// `false`: there was no such request.
    pub(super) fn withdraw(&mut self, index: u32) -> bool {
        let before = self.requests.len();
        self.requests.retain(|request| request.index != index);
        self.requests.len() < before
    }

    /// When [`Lease::expired`] or [`Lease::lapsed`] should be asked again.
    pub(super) fn due(&self) -> Option<Instant> {
        let requests = self.requests.iter().map(|request| request.due);
        requests.chain(self.lapses_at()).min()
    }

    /// Takes the requests out that nobody answered in time.
    pub(super) fn expired(&mut self, now: Moment) -> Vec<u32> {
        let (over, open): (Vec<_>, Vec<_>) =
            self.requests.drain(..).partition(|request| request.due <= now.at);
        self.requests = open;
        over.into_iter().map(|request| request.index).collect()
    }

    /// Who drove without having asked and has done nothing for too long.
    pub(super) fn lapsed(&self, now: Moment) -> Option<u32> {
        self.lapses_at().filter(|at| *at <= now.at).and(self.driver())
    }

    fn lapses_at(&self) -> Option<Instant> {
        self.hold.filter(|hold| hold.implicit).map(|hold| hold.used + self.terms.implicit)
    }
}
