//! Lets several people share one session: it knows who is there and who drives, and that nobody else's input reaches
//! the page.
//!
//! The rules are pure (`state`, `rules`); here they meet sockets, the browser and the event stream. An input is
//! admitted and handed to the browser under one lock, so that none slips in after control has gone to somebody else.
//!
//! # Order of locks
//!
//! A session has these locks. Whoever holds one takes only those below it, and none is held while anything is awaited.
//!
//! 1. `SessionPeople::inner`: who is there, who may act. It is changed by way of a [`Change`].
//! 2. `HeldMessages` of a participant: what that one holds down.
//! 3. The driver: `Driver::perform` and its like put a job into a queue, and `Driver::state` is a `watch` whose value
//!    is only ever copied out of it.
//! 4. `Hub::queue`, where an event gets its place among the others.
//!
//! The hub's other locks (`publishing`, then its queue or its ring) are taken under none of these: an event is written
//! and told by [`Change`]'s drop, after the lock of the people is gone.

mod acts;
mod budget;
mod clipboard;
mod desk;
mod events;
mod lease;
mod participant;
mod roster;
mod rules;
mod seat;
mod state;
mod tab_rights;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;

pub(crate) use desk::{Desk, DeskNews};
pub(crate) use lease::Terms;
pub(crate) use seat::Seat;
pub(crate) use state::LeaseHolder;

use super::held::HeldMessages;
use crate::host::driver::{ANSWER_WITHIN, Driver};
use crate::host::hub::Hub;
use crate::model::EventKind;
use crate::model::people::AGENT;
use crate::model::{CommandTab, InputControl, PageControl, PeopleControl};
use crate::protocol::socket::{ServerMessage, TabWords};
use acts::ShownPointer;
use desk::Whisper;
use lease::Moment;
use participant::{SessionParticipant, lock};
use state::{Deed, Refusal, RulesOutcome, State};

/// So many messages to one participant may wait; a client that does not read loses more.
const WHISPERS: usize = 64;

/// The people of one session, and what they share.
pub(crate) struct SessionPeople {
    /// The first lock of a session; see the order of locks above.
    inner: Mutex<PeopleInner>,
    /// This number is bumped after every change of who is there and who may do what.
    news: watch::Sender<u64>,
    pointers: watch::Sender<Vec<ShownPointer>>,
    hub: Arc<Hub>,
    driver: Arc<dyn Driver>,
    tracker: TaskTracker,
    rt: Handle,
}

struct PeopleInner {
    state: State,
    participants: BTreeMap<u32, SessionParticipant>,
}

/// The lock of the people while something changes. What follows from the change is queued under it, and told once the
/// lock is gone: writing and telling events holds up nobody's input, and two changes are told in their order.
struct Change<'a> {
    /// The lock; `None` only in `drop`.
    inner: Option<MutexGuard<'a, PeopleInner>>,
    people: &'a SessionPeople,
    /// The participants or their rights are others than before.
    is_news: bool,
}

/// An action of the agent's that was refused because a person has control.
#[derive(Clone, Debug)]
pub(crate) struct Parked {
    pub(crate) why: String,
    pub(crate) driver: Option<LeaseHolder>,
}

/// The turn to act: while it is there, nobody else acts.
pub(crate) struct ControlTurn<'a> {
    _change: Change<'a>,
}

impl SessionPeople {
    /// Makes the people of a new session. `agent_holds` is what REST calls hold down.
    pub(crate) fn new(
        terms: Terms,
        hub: Arc<Hub>,
        driver: Arc<dyn Driver>,
        agent_holds: Arc<Mutex<HeldMessages>>,
        tracker: TaskTracker,
    ) -> Arc<Self> {
        let agent = SessionParticipant::new(agent_holds, None, None);
        Arc::new(Self {
            inner: Mutex::new(PeopleInner {
                state: State::new(terms),
                participants: BTreeMap::from([(AGENT, agent)]),
            }),
            news: watch::Sender::new(0),
            pointers: watch::Sender::new(Vec::new()),
            hub,
            driver,
            tracker,
            rt: Handle::current(),
        })
    }

    /// Lets a new participant in. `key` is its client's own name for the connection; an older connection of that name
    /// gives way. The error tells in one sentence that there is no place left.
    pub(crate) fn join(
        self: &Arc<Self>,
        name: &str,
        key: Option<String>,
    ) -> Result<(Seat, Desk), String> {
        let mut change = self.change();
        if let Some(older) = change.with_key(key.as_deref()) {
            self.kick(&mut change, older);
        }
        let Some((index, outcome)) = change.state.join(name) else {
            let why = format!(
                "{} people are in this session, more are not let in; ask one to leave",
                roster::MAX_PARTICIPANTS
            );
            let told = why.clone();
            let fields = move || json!({"reason": "connect_failed", "details": told});
            self.hub.queue(EventKind::Error, fields);
            return Err(why);
        };
        let (outbox, whispers) = mpsc::channel(WHISPERS);
        let participant = SessionParticipant::new(Arc::default(), Some(outbox), key);
        let kicked = participant.kicked.clone();
        change.participants.insert(index, participant);
        self.settle(&mut change, outcome);
        drop(change);
        let seat = Seat::new(self.clone(), index, kicked);
        let desk = Desk::new(
            index,
            self.clone(),
            whispers,
            self.news.subscribe(),
            self.pointers.subscribe(),
        );
        Ok((seat, desk))
    }

    fn kick(&self, change: &mut Change<'_>, index: u32) {
        let why = "this connection's name is in use elsewhere now; the newer connection stays";
        self.hub.queue(
            EventKind::Error,
            move || json!({"reason": "other_connection", "details": why, "clientIndex": index}),
        );
        self.dismiss(change, index, why);
    }

    fn dismiss(&self, change: &mut Change<'_>, index: u32, why: &str) {
        if let Some(participant) = change.participants.get(&index) {
            participant.whisper(Whisper::Leave(why.to_owned()));
            participant.kicked.cancel();
        }
        self.leave(change, index);
    }

    fn leave(&self, change: &mut Change<'_>, index: u32) {
        let outcome = change.state.leave(index, &self.tabs(), Moment::now());
        // The participant is taken out after this, because what it holds can be lifted only while it is known.
        self.settle(change, outcome);
        change.participants.remove(&index);
        self.point(index, None);
    }

    /// Does what one participant asks of the others. `Some` says that the session is to end, with this reason.
    pub(crate) fn ask(
        self: &Arc<Self>,
        who: u32,
        control: &PeopleControl,
    ) -> Result<Option<String>, String> {
        let (now, mut change) = (Moment::now(), self.change());
        if let Some(participant) = change.participants.get_mut(&who) {
            let (budget, why) = match control {
                PeopleControl::Say { .. } => {
                    (&mut participant.budgets.say, "you say too much at once; wait a second")
                }
                PeopleControl::Point { .. } => (
                    &mut participant.budgets.point,
                    "your pointer tells of itself too often; 100 times a second is plenty",
                ),
                _ => (&mut participant.budgets.ask, "you ask for too much at once; wait a second"),
            };
            if !budget.spend(now.at) {
                return Err(why.to_owned());
            }
        }
        if let PeopleControl::Point { at } = control {
            let known = change.participants.contains_key(&who);
            if known {
                self.point(who, *at);
            }
            return Ok(None);
        }
        if let PeopleControl::ShareClipboard { on } = control {
            self.share_clipboard(&mut change, who, *on);
            return Ok(None);
        }
        let mut outcome = change.state.ask(who, control, &self.tabs(), now)?;
        let ends = outcome.ends.take();
        self.settle(&mut change, outcome);
        // A new name is told with the roster, not as an event.
        change.is_news = true;
        Ok(ends)
    }

    /// Hands a participant's input over to `act` if it may act now; `None` where there is nothing to do.
    fn input<T>(
        &self,
        who: u32,
        input: &InputControl,
        act: impl FnOnce() -> T,
    ) -> Result<Option<T>, String> {
        let mut change = self.change();
        let Some(participant) = change.participants.get(&who) else {
            return Err(Refusal::Gone.sentence("the input"));
        };
        let held = participant.held.clone();
        let deed = Deed::of_input(input, lock(&held).holds(input));
        match change.state.admit(who, deed, self.active_tab().as_deref(), Moment::now()) {
            Ok(outcome) => self.settle(&mut change, outcome),
            // The key or button was lifted when control went to somebody else.
            Err(_) if matches!(deed, Deed::Release { .. }) => return Ok(None),
            Err(refusal) => return Err(refusal.sentence("the input")),
        }
        if !lock(&held).note(input) {
            return Err("too many keys are held down".to_owned());
        }
        if let Some(participant) = change.participants.get_mut(&who) {
            participant.clipboard.note(input, Moment::now().at);
        }
        self.note_acts(who, [input], None);
        Ok(Some(act()))
    }

    /// Hands a participant's command over to `act` if it may act now.
    fn command<T>(
        &self,
        who: u32,
        command: &PageControl,
        act: impl FnOnce() -> T,
    ) -> Result<T, String> {
        let mut change = self.change();
        let active = self.active_tab();
        let tab = match command.tab() {
            CommandTab::Active => active.as_deref(),
            CommandTab::Named(tab) => Some(tab),
            CommandTab::New => None,
        };
        match change.state.admit(who, Deed::of_command(command), tab, Moment::now()) {
            Ok(outcome) => self.settle(&mut change, outcome),
            Err(refusal) => return Err(refusal.sentence("the input")),
        }
        Ok(act())
    }

    /// Lets the agent act in `tab` while the turn is there, or tells everybody that it tried.
    pub(crate) fn agents_turn(
        &self,
        tab: Option<&str>,
        select: bool,
        told: impl FnOnce() -> Value,
    ) -> Result<ControlTurn<'_>, Parked> {
        let deed = if select { Deed::Select } else { Deed::Act };
        let (change, admitted) = self.turn(AGENT, deed, tab, "the action");
        let parked = match admitted {
            Ok(()) => return Ok(ControlTurn { _change: change }),
            Err(parked) => parked,
        };
        let (mut fields, Parked { why, driver }) = (told(), parked.clone());
        self.hub.queue(EventKind::ActionRefused, move || {
            fields["driver"] = driver.as_ref().map_or(Value::Null, LeaseHolder::json);
            fields["error_message"] = why.into();
            fields
        });
        Err(parked)
    }

    /// Tells whether nobody but `who` is in the session, and no agent has acted in it.
    fn is_alone(&self, who: u32) -> bool {
        self.lock().state.is_alone(who)
    }

    /// Lets a participant act in `tab` by another way than its socket while the turn is there.
    pub(crate) fn persons_turn(
        &self,
        who: u32,
        tab: Option<&str>,
    ) -> Result<ControlTurn<'_>, Parked> {
        let (change, admitted) = self.turn(who, Deed::Act, tab, "the action");
        admitted.map(|()| ControlTurn { _change: change })
    }

    fn turn(
        &self,
        who: u32,
        deed: Deed,
        tab: Option<&str>,
        what: &str,
    ) -> (Change<'_>, Result<(), Parked>) {
        let mut change = self.change();
        let active = self.active_tab();
        let tab = tab.or(active.as_deref());
        let admitted = match change.state.admit(who, deed, tab, Moment::now()) {
            Ok(outcome) => {
                self.settle(&mut change, outcome);
                Ok(())
            }
            Err(refusal) => {
                Err(Parked { driver: refusal.driver().cloned(), why: refusal.sentence(what) })
            }
        };
        (change, admitted)
    }

    /// Looks after what ends by itself: requests, leases, and the rights to tabs that are gone.
    pub(crate) async fn mind(self: &Arc<Self>) -> Infallible {
        let (mut news, mut state) = (self.news.subscribe(), self.driver.state());
        let mut told_copies = 0;
        loop {
            news.borrow_and_update();
            let due = self.lock().state.lease.due();
            let due = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {
                    let mut change = self.change();
                    let PeopleInner { state, participants } = &mut *change;
                    let outcome = state.tick(Moment::now(), |index| {
                        participants.get(&index).is_some_and(|participant| lock(&participant.held).is_holding())
                    });
                    self.settle(&mut change, outcome);
                }
                Ok(()) = news.changed() => {}
                Ok(()) = state.changed() => {
                    let (tabs, copies) = {
                        let state = state.borrow_and_update();
                        (state.tabs.clone(), state.copies)
                    };
                    let mut change = self.change();
                    change.is_news = change.state.tabs.retain(&tabs);
                    if std::mem::replace(&mut told_copies, copies) != copies {
                        self.copied(&mut change);
                    }
                }
            }
        }
    }

    /// Describes the roster, as `me` sees it.
    pub(crate) fn words(&self, me: u32) -> ServerMessage {
        self.lock().state.words(me)
    }

    pub(crate) fn mark(&self, tabs: &mut [TabWords]) {
        self.lock().state.tabs.mark(tabs);
    }

    fn settle(&self, change: &mut Change<'_>, outcome: RulesOutcome) {
        // Others are told only where an event follows, because most inputs change nothing for anybody else.
        change.is_news |= !outcome.events.is_empty();
        for event in outcome.events {
            self.hub.queue(event.kind(), move || event.fields());
        }
        for index in outcome.lifted {
            if let Some(participant) = change.participants.get_mut(&index) {
                self.lift(&participant.held);
                if participant.clipboard.hand_back() {
                    self.clear_clipboard();
                }
            }
        }
        for (index, message) in outcome.told {
            if let Some(participant) = change.participants.get(&index) {
                participant.whisper(Whisper::Tell(message));
            }
        }
    }

    /// Lifts everything that a participant holds down.
    fn release_all(&self, who: u32) {
        if let Some(participant) = self.lock().participants.get(&who) {
            self.lift(&participant.held);
        }
    }

    /// Lifts what is held: no key or button outlives its presser's right to press it. The calls are made here, in order
    /// with all others.
    fn lift(&self, held: &Mutex<HeldMessages>) {
        let ups: Vec<_> =
            lock(held).release().into_iter().map(|up| self.driver.input(None, up)).collect();
        if ups.is_empty() {
            return;
        }
        let lifted = async move {
            let all = futures_util::future::join_all(ups);
            if tokio::time::timeout(ANSWER_WITHIN, all).await.is_err() {
                tracing::debug!("The browser did not take all releases in time");
            }
        };
        self.tracker.spawn_on(lifted, &self.rt);
    }

    fn tabs(&self) -> Vec<TabWords> {
        self.driver.state().borrow().tabs.clone()
    }

    fn active_tab(&self) -> Option<String> {
        let state = self.driver.state();
        let state = state.borrow();
        let active = state.tabs.iter().find(|tab| tab.active);
        active.map(|tab| tab.tab_id.as_str().to_owned())
    }

    fn change(&self) -> Change<'_> {
        Change { inner: Some(self.lock()), people: self, is_news: false }
    }

    /// Locks the people for somebody who only reads; see [`SessionPeople::change`].
    fn lock(&self) -> MutexGuard<'_, PeopleInner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Change<'_> {
    type Target = PeopleInner;

    fn deref(&self) -> &PeopleInner {
        self.inner.as_ref().expect("it is there until the drop")
    }
}

impl DerefMut for Change<'_> {
    fn deref_mut(&mut self) -> &mut PeopleInner {
        self.inner.as_mut().expect("it is there until the drop")
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        drop(self.inner.take());
        self.people.hub.publish();
        if self.is_news {
            self.people.news.send_modify(|n| *n += 1);
        }
    }
}

impl PeopleInner {
    fn with_key(&self, key: Option<&str>) -> Option<u32> {
        let key = key?;
        let has = |(_, participant): &(&u32, &SessionParticipant)| {
            participant.key.as_deref() == Some(key)
        };
        self.participants.iter().find(has).map(|(index, _)| *index)
    }
}

impl LeaseHolder {
    pub(crate) fn json(&self) -> Value {
        json!({"index": self.index, "name": self.name, "since": self.since})
    }
}
