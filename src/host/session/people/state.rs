//! Keeps who is there and who may act in a session with several people in it, and knows the rules of it. They are pure:
//! what has to happen outside comes back as a [`RulesOutcome`].

use tokio::time::Instant;

use super::events::{EventTab, RequestEnd, RulesEvent};
use super::lease::{Hold, Lease, Moment, Terms};
use super::roster::ParticipantRoster;
use super::tab_rights::TabRights;
use crate::model::people::AGENT;
use crate::model::{InputControl, PageControl, PeopleControl};
use crate::protocol::socket::{RequestWords, ServerMessage, TabWords};

/// At least this long passes between two `user_activity` events.
const ACTIVITY: std::time::Duration = std::time::Duration::from_secs(1);

/// What the rules decide from: who is there, who drives, and who may act in which tab.
#[derive(Debug)]
pub(super) struct State {
    pub(super) roster: ParticipantRoster,
    pub(super) lease: Lease,
    pub(super) tabs: TabRights,
    /// Whether the agent has acted in the session.
    agent_acted: bool,
    activity_told: Option<Instant>,
}

/// The consequences of a change.
#[derive(Debug, Default)]
pub(super) struct RulesOutcome {
    /// The events for everybody's stream, in order.
    pub(super) events: Vec<RulesEvent>,
    /// The participants whose keys and buttons come up.
    pub(super) lifted: Vec<u32>,
    /// The messages for single participants.
    pub(super) told: Vec<(u32, ServerMessage)>,
    /// The session is to end, with this reason.
    pub(super) ends: Option<String>,
}

/// What an input or a command to the browser amounts to for the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// It points, without a press.
    Move,
    /// It lets go of something; with `own`, of something that the same participant pressed.
    Release { own: bool },
    /// It presses, types, scrolls or steers the page.
    Act,
    /// It chooses the tab that everybody sees.
    Select,
    /// It changes the size of the page, as windows do by themselves.
    Resize,
}

/// The reason why something was not done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    Gone,
    Driven(LeaseHolder),
    Paused(String),
    Controlled(String),
}

/// Whoever has control, as those who do not are told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LeaseHolder {
    pub(crate) index: u32,
    pub(crate) name: String,
    /// The time since when, by RFC 3339.
    pub(crate) since: String,
}

impl Deed {
    pub(super) fn of_input(input: &InputControl, own: bool) -> Self {
        match input {
            InputControl::PointerMove(_) => Self::Move,
            InputControl::PointerUp { .. } | InputControl::KeyUp(_) => Self::Release { own },
            InputControl::PointerDown { .. }
            | InputControl::Wheel { .. }
            | InputControl::KeyDown(_)
            | InputControl::Text { .. }
            | InputControl::Paste(_) => Self::Act,
        }
    }

    /// Classes a command. One that is not named here acts, which needs the most rights.
    pub(super) fn of_command(command: &PageControl) -> Self {
        match command {
            PageControl::SelectTab { .. } => Self::Select,
            PageControl::Viewport(_) => Self::Resize,
            _ => Self::Act,
        }
    }
}

impl Refusal {
    /// Tells the refusal in one sentence; `what` is "the input" or "the action".
    pub(super) fn sentence(&self, what: &str) -> String {
        match self {
            Self::Gone => "you are no longer in this session; connect again".to_owned(),
            Self::Driven(LeaseHolder { name, since, .. }) => format!(
                "{name} has control of this session (since {since}); {what} was refused, not queued"
            ),
            Self::Paused(name) => {
                format!("{name} paused this tab; {what} was refused, not queued")
            }
            Self::Controlled(name) => {
                format!("{name} controls this tab; {what} was refused, not queued")
            }
        }
    }

    pub(super) fn driver(&self) -> Option<&LeaseHolder> {
        match self {
            Self::Driven(driver) => Some(driver),
            Self::Gone | Self::Paused(_) | Self::Controlled(_) => None,
        }
    }
}

impl RulesOutcome {
    pub(super) fn event(&mut self, event: RulesEvent) {
        self.events.push(event);
    }
}

impl State {
    pub(super) fn new(terms: Terms) -> Self {
        Self {
            roster: ParticipantRoster::new(),
            lease: Lease::new(terms),
            tabs: TabRights::default(),
            agent_acted: false,
            activity_told: None,
        }
    }

    pub(super) fn join(&mut self, name: &str) -> Option<(u32, RulesOutcome)> {
        let index = self.roster.join(name)?;
        let mut outcome = RulesOutcome::default();
        outcome.event(RulesEvent::Joined { index, name: self.roster.name(index) });
        Some((index, outcome))
    }

    pub(super) fn leave(&mut self, index: u32, tabs: &[TabWords], now: Moment) -> RulesOutcome {
        let mut outcome = RulesOutcome::default();
        let Some(name) = self.roster.leave(index) else {
            return outcome;
        };
        outcome.event(RulesEvent::Left { index, name });
        outcome.lifted.push(index);
        self.lease.withdraw(index);
        let (resumed, freed) = self.tabs.forget(index);
        for tab in resumed {
            outcome.event(RulesEvent::TabResumed(EventTab::new(&tab, tabs, index)));
        }
        for tab in freed {
            outcome.event(self.transferred(&tab, tabs, self.lease.driver()));
        }
        if self.lease.driver() == Some(index) {
            self.free(now, &mut outcome);
        }
        outcome
    }

    /// Decides whether `who` may do this in this tab now. Whoever acts while nobody drives, drives.
    /// Tells whether nobody but `who` is in the session, and no agent has acted in it.
    pub(super) fn is_alone(&self, who: u32) -> bool {
        !self.agent_acted && self.roster.has(who) && self.roster.count() == 1
    }

    pub(super) fn admit(
        &mut self,
        who: u32,
        deed: Deed,
        tab: Option<&str>,
        now: Moment,
    ) -> Result<RulesOutcome, Refusal> {
        let mut outcome = RulesOutcome::default();
        if !self.roster.has(who) {
            return Err(Refusal::Gone);
        }
        if deed == (Deed::Release { own: true }) {
            return Ok(outcome);
        }
        let right = tab.map(|tab| self.tabs.of(tab)).unwrap_or_default();
        if deed != Deed::Select {
            if let Some(by) = right.paused_by.filter(|by| *by != who) {
                return Err(Refusal::Paused(self.roster.name(by)));
            }
            match right.controller {
                Some(controller) if controller == who => return Ok(outcome),
                Some(other) => return Err(Refusal::Controlled(self.roster.name(other))),
                None => {}
            }
        }
        self.agent_acted |= who == AGENT;
        match self.lease.hold() {
            Some(hold) if hold.index == who => self.lease.touch(now),
            Some(hold) if deed == Deed::Select && self.leads(who, hold.index) => {
                return Ok(outcome);
            }
            Some(hold) => return Err(Refusal::Driven(self.lease_holder(*hold))),
            None if who != AGENT && matches!(deed, Deed::Act | Deed::Select) => {
                self.hand_over(Some(who), true, now, &mut outcome);
            }
            None => {}
        }
        if who != AGENT && self.lease.driver() == Some(who) {
            self.tell_activity(who, now, &mut outcome);
        }
        Ok(outcome)
    }

    /// Tells whether `who` leads: in a huddle the one whom the driver follows chooses the tab.
    fn leads(&self, who: u32, driver: u32) -> bool {
        self.roster.huddle && self.roster.following(driver) == Some(who)
    }

    fn tell_activity(&mut self, who: u32, now: Moment, outcome: &mut RulesOutcome) {
        let quiet = self
            .activity_told
            .is_none_or(|told| now.at.saturating_duration_since(told) >= ACTIVITY);
        if quiet {
            self.activity_told = Some(now.at);
            outcome.event(RulesEvent::Acts(who));
        }
    }

    /// Ends what is over because nothing happened. `holding` tells whether a participant holds a key or a button down.
    pub(super) fn tick(&mut self, now: Moment, holding: impl Fn(u32) -> bool) -> RulesOutcome {
        let mut outcome = RulesOutcome::default();
        for index in self.lease.expired(now) {
            self.refused(index, RequestEnd::Expired, &mut outcome);
        }
        match self.lease.lapsed(now) {
            // Whoever holds something down for long drives, too.
            Some(driver) if holding(driver) => self.lease.touch(now),
            Some(_) => self.free(now, &mut outcome),
            None => {}
        }
        outcome
    }

    /// Gives control to whoever asked first, else to nobody.
    pub(super) fn free(&mut self, now: Moment, outcome: &mut RulesOutcome) {
        let next = self.lease.requests().first().map(|request| request.index);
        self.hand_over(next, false, now, outcome);
    }

    /// Changes the driver. No other place does.
    pub(super) fn hand_over(
        &mut self,
        to: Option<u32>,
        implicit: bool,
        now: Moment,
        outcome: &mut RulesOutcome,
    ) {
        let from = self.lease.driver();
        self.lease.pass(to, implicit, now);
        if from == to {
            return;
        }
        // Where nobody drove, the agent may have acted, and what it holds down would now be the new driver's.
        let acted = from.or(Some(AGENT)).filter(|who| Some(*who) != to);
        outcome.lifted.extend(acted);
        outcome.event(RulesEvent::ControlPassed { from, to, implicit });
    }

    pub(super) fn refused(&self, index: u32, end: RequestEnd, outcome: &mut RulesOutcome) {
        outcome.event(RulesEvent::RequestEnded { index, end, driver: self.lease.driver() });
        let name = self.lease.driver().map(|driver| self.roster.name(driver));
        let name = name.unwrap_or_else(|| "The driver".to_owned());
        let why = match end {
            RequestEnd::Expired => format!("{name} did not answer in time; ask again"),
            RequestEnd::Refused => format!("{name} keeps control for now"),
        };
        let what = PeopleControl::RequestControl.name().to_owned();
        outcome.told.push((index, ServerMessage::Refused { what, why }));
    }

    pub(super) fn lease_holder(&self, hold: Hold) -> LeaseHolder {
        LeaseHolder {
            index: hold.index,
            name: self.roster.name(hold.index),
            since: hold.since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }

    /// Describes everybody, as `me` is told.
    pub(super) fn words(&self, me: u32) -> ServerMessage {
        let requests = self.lease.requests().iter().map(|request| RequestWords {
            index: request.index,
            expires_at: request.expires_at.to_string(),
        });
        ServerMessage::People {
            me,
            participants: self.roster.words(),
            driver: self.lease.driver(),
            requests: requests.collect(),
            huddle: self.roster.huddle,
        }
    }

    /// Makes the event of a tab whose control goes to `to`.
    pub(super) fn transferred(&self, tab: &str, tabs: &[TabWords], to: Option<u32>) -> RulesEvent {
        RulesEvent::TabGiven { to, tab: self.owners_tab(tab, tabs) }
    }

    /// Describes a tab in an event that is led by whoever owns the session.
    pub(super) fn owners_tab(&self, tab: &str, tabs: &[TabWords]) -> EventTab {
        EventTab::new(tab, tabs, self.roster.owner().unwrap_or(AGENT))
    }
}
