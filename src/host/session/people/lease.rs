//! Knows who drives, since when, and who asked for it. These rules are pure: the time comes from outside.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// One moment on both clocks: on the one that measures waits, and on the one that people read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Instant,
    pub(super) wall: Timestamp,
}

/// The times after which requests and leases end by themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// A request that nobody answers expires after this.
    pub(crate) request: Duration,
    /// Somebody who drives without having asked drives until this long after their last input.
    pub(crate) implicit: Duration,
}

/// One participant's hold on the session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    pub(super) index: u32,
    pub(super) since: Timestamp,
    /// The lease came about by acting while nobody drove, and it ends by itself.
    pub(super) implicit: bool,
    used: Instant,
}

/// A request for control that waits for the driver's answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeaseRequest {
    pub(super) index: u32,
    pub(super) expires_at: Timestamp,
    due: Instant,
}

/// Who drives, and who asked to.
#[derive(Debug)]
pub(super) struct Lease {
    terms: Terms,
    hold: Option<Hold>,
    requests: Vec<LeaseRequest>,
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

    pub(super) fn requests(&self) -> &[LeaseRequest] {
        &self.requests
    }

    /// Makes `to` the driver, or nobody. The request of whoever gets control is gone.
    pub(super) fn pass(&mut self, to: Option<u32>, implicit: bool, now: Moment) {
        self.hold = to.map(|index| Hold { index, since: now.wall, implicit, used: now.at });
        if let Some(index) = to {
            self.withdraw(index);
        }
    }

    /// Takes note that the driver wants to go on driving.
    pub(super) fn confirm(&mut self) {
        if let Some(hold) = &mut self.hold {
            hold.implicit = false;
        }
    }

    /// Takes note that the driver acted.
    pub(super) fn touch(&mut self, now: Moment) {
        if let Some(hold) = &mut self.hold {
            hold.used = now.at;
        }
    }

    /// Takes note of a request; `false` where it is known already.
    pub(super) fn ask(&mut self, index: u32, now: Moment) -> bool {
        if self.requests.iter().any(|request| request.index == index) {
            return false;
        }
        self.requests.push(LeaseRequest {
            index,
            expires_at: now.wall.saturating_add(self.terms.request).unwrap_or(Timestamp::MAX),
            due: now.at + self.terms.request,
        });
        true
    }

    /// Takes a request back; `false` where there was none.
    pub(super) fn withdraw(&mut self, index: u32) -> bool {
        let before = self.requests.len();
        self.requests.retain(|request| request.index != index);
        self.requests.len() < before
    }

    /// Returns when [`Lease::expired`] or [`Lease::lapsed`] should be asked again.
    pub(super) fn due(&self) -> Option<Instant> {
        let requests = self.requests.iter().map(|request| request.due);
        requests.chain(self.lapses_at()).min()
    }

    /// Takes out the requests that nobody answered in time.
    pub(super) fn expired(&mut self, now: Moment) -> Vec<u32> {
        let (over, open): (Vec<_>, Vec<_>) =
            self.requests.drain(..).partition(|request| request.due <= now.at);
        self.requests = open;
        over.into_iter().map(|request| request.index).collect()
    }

    /// Returns who drove without having asked and has done nothing for too long.
    pub(super) fn lapsed(&self, now: Moment) -> Option<u32> {
        self.lapses_at().filter(|at| *at <= now.at).and(self.driver())
    }

    fn lapses_at(&self) -> Option<Instant> {
        self.hold.filter(|hold| hold.implicit).map(|hold| hold.used + self.terms.implicit)
    }
}
