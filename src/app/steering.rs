//! Keyboard and mouse in the session in front: how control of it begins, who is asked for it first, and how it ends.

use std::time::Instant;

use egui::{Context, RawInput};

use super::notices::Notices;
use super::sessions::{ControlSink, OpenSessions, RosterChange};
use crate::model::people::AGENT;
use crate::model::{Control, PeopleControl};
use crate::session::Pushed;
use crate::ui::input::session_input::Asked;
use crate::ui::input::{Gate, OurKeys, SessionInput};
use crate::ui::picture::Surface;
use crate::ui::state::SessionKey;

/// What is said of requests that a session refused: the newest answer is the one that counts.
pub(super) const REFUSALS: &str = "refusals";

/// Whether keyboard and mouse go to the session in front, and what was asked of whoever drives it.
#[derive(Debug, Default)]
pub(super) struct Steering {
    is_on: bool,
    input: SessionInput,
    /// Where control was asked for of whoever drives: it begins once it is given.
    asked: Option<SessionKey>,
    /// Where control came with entering it: it goes with leaving.
    entered: Option<SessionKey>,
}

impl Steering {
    /// Whether keyboard and mouse go to the session in front.
    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether keys typed now would go to the session.
    pub(super) fn has_keyboard(&self) -> bool {
        self.input.has_keyboard()
    }

    /// What an input method is composing.
    pub(super) fn preedit(&self) -> &str {
        self.input.preedit()
    }

    /// Takes the session's share out of what came from keyboard and mouse. `covered`: something lies over the window.
    pub(super) fn hook(
        &mut self,
        ctx: &Context,
        raw: &mut RawInput,
        covered: bool,
        ours: OurKeys<'_>,
    ) -> Asked {
        self.input.hook(ctx, raw, Gate { armed: self.is_on, covered }, ours)
    }

    /// Sends what was typed and pointed at. `surface`: the picture that was on screen then.
    pub(super) fn send_input<H: ControlSink>(
        &mut self,
        ctx: &Context,
        surface: Option<&Surface>,
        sessions: &OpenSessions<H>,
        now: Instant,
        notices: &mut Notices,
    ) {
        let Some(open) = sessions.active().filter(|_| self.is_on) else {
            return;
        };
        for control in self.input.controls(ctx, &open.condition, surface, now) {
            send(sessions, control, notices);
        }
    }

    /// Begins control for as long as it is not left. Where somebody else drives, they are asked, and an agent is parked.
    pub(super) fn arm<H: ControlSink>(
        &mut self,
        ctx: &Context,
        sessions: &mut OpenSessions<H>,
        notices: &mut Notices,
    ) {
        let Some(open) = sessions.active() else {
            return;
        };
        let people = &open.view.people;
        match people.driver.filter(|driver| *driver != people.me) {
            Some(AGENT) => self.take_over(ctx, sessions, notices),
            Some(other) => {
                let (name, key) = (people.name_of(other), open.key.clone());
                self.ask(key, &name, sessions, notices);
            }
            None => {
                self.begin(ctx, sessions);
                self.claim(sessions, notices);
            }
        }
    }

    /// Takes control for as long as it is wanted, and so that the agent has to wait.
    pub(super) fn take_over<H: ControlSink>(
        &mut self,
        ctx: &Context,
        sessions: &mut OpenSessions<H>,
        notices: &mut Notices,
    ) {
        let Some(open) = sessions.active() else {
            return;
        };
        let people = &open.view.people;
        let is_owner = people.participant(people.me).is_some_and(|me| me.owner);
        let other = people.driver.filter(|driver| *driver != people.me && *driver != AGENT);
        match other {
            Some(other) if !is_owner => {
                let (key, name) = (open.key.clone(), people.name_of(other));
                self.ask(key, &name, sessions, notices);
            }
            _ => {
                self.entered = None;
                send(sessions, Control::People(PeopleControl::TakeControl), notices);
                self.begin(ctx, sessions);
            }
        }
    }

    /// Lifts everything that is down and takes mouse and keyboard back.
    pub(super) fn leave<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        self.lift_all(sessions, notices);
        self.is_on = false;
        self.give_up_entered(sessions, notices);
    }

    /// Lifts everything that is down, and keeps control.
    pub(super) fn lift_all<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        for control in self.input.release_all() {
            send(sessions, control, notices);
        }
    }

    /// Takes mouse and keyboard back, and keeps control until it is handed back with a note.
    pub(super) fn leave_to_hand_back<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        self.entered = None;
        self.leave(sessions, notices);
    }

    /// Nothing is left to have control of where nothing is watched, or the session in front is over.
    pub(super) fn leave_what_is_over<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        match sessions.active() {
            None => self.is_on = false,
            Some(open) if open.condition.is_over() && self.is_on => self.leave(sessions, notices),
            Some(_) => (),
        }
    }

    /// Answers whoever asked first.
    pub(super) fn answer<H: ControlSink>(
        grant: bool,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        let request = sessions.active().and_then(|open| open.view.people.requests.first());
        if let Some(index) = request.map(|request| request.index) {
            send(sessions, Control::People(PeopleControl::AnswerRequest { index, grant }), notices);
        }
    }

    /// Control that is given later was not asked for: what is typed by then is not meant for the page.
    pub(super) fn forget_request(&mut self, session: &SessionKey) {
        self.asked.take_if(|asked| asked == session);
    }

    /// Somebody else drives a session now.
    pub(super) fn lost<H: ControlSink>(
        &mut self,
        session: &SessionKey,
        driver: &str,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        if self.is_on && sessions.is_active(session) {
            self.leave(sessions, notices);
            notices.warn(format!("{driver} has control now"));
        }
    }

    /// This window's user drives a session now. `covered`: something lies over the window.
    pub(super) fn gained<H: ControlSink>(
        &mut self,
        ctx: &Context,
        session: &SessionKey,
        covered: bool,
        sessions: &mut OpenSessions<H>,
        notices: &mut Notices,
    ) {
        let wanted = self.asked.take_if(|asked| asked == session);
        notices.settled(REFUSALS);
        if wanted.is_some() && sessions.is_active(session) && !self.is_on && !covered {
            self.begin(ctx, sessions);
            notices.good("You have control now");
        }
    }

    /// After the news of a change were told.
    pub(super) fn follow<H: ControlSink>(
        &mut self,
        change: &RosterChange,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        if change.request_is_over {
            self.forget_request(&change.session);
        }
        if change.is_new_here && self.is_on && sessions.is_active(&change.session) {
            self.claim(sessions, notices);
        }
    }

    /// What is steered is seen in full.
    fn begin<H: ControlSink>(&mut self, ctx: &Context, sessions: &mut OpenSessions<H>) {
        sessions.leave_wall();
        self.is_on = true;
        self.input.begin(ctx);
    }

    /// Whoever is in control of what nobody drives drives it: the others and the agent know before the first key.
    fn claim<H: ControlSink>(&mut self, sessions: &OpenSessions<H>, notices: &mut Notices) {
        let Some(open) = sessions.active() else {
            return;
        };
        if open.view.capabilities.people && open.view.people.driver.is_none() {
            self.entered = Some(open.key.clone());
            // Should somebody else have been faster, they are asked.
            self.asked = Some(open.key.clone());
            send(sessions, Control::People(PeopleControl::RequestControl), notices);
        }
    }

    fn ask<H: ControlSink>(
        &mut self,
        session: SessionKey,
        driver: &str,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        self.asked = Some(session);
        send(sessions, Control::People(PeopleControl::RequestControl), notices);
        notices.good(format!("Asked {driver} for control"));
    }

    /// Control that came with entering it goes with leaving, unless somebody waits for an answer about it.
    fn give_up_entered<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        let entered = self.entered.take();
        let Some(open) = sessions.active().filter(|open| entered.as_ref() == Some(&open.key))
        else {
            return;
        };
        let people = &open.view.people;
        if people.may_drive() && people.requests.is_empty() {
            self.asked = None;
            let note = String::new();
            send(sessions, Control::People(PeopleControl::ReleaseControl { note }), notices);
        }
    }
}

/// To the session in front. A press that finds the queue full is refused, and that is told.
pub(super) fn send<H: ControlSink>(
    sessions: &OpenSessions<H>,
    control: Control,
    notices: &mut Notices,
) {
    match sessions.send(control) {
        Pushed::Queued | Pushed::Coalesced => (),
        Pushed::Full => notices.error(
            "The session does not keep up with the input: what was typed last did not reach it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sessions::tests::{Sent, key, sent, watching};
    use super::*;
    use crate::model::{Condition, ControlRequest, Participant, People};
    use jiff::Timestamp;

    struct Stage {
        sessions: OpenSessions<Sent>,
        steering: Steering,
        notices: Notices,
        ctx: Context,
    }

    /// One session with two people in it, this window's being number 1.
    fn stage(driver: Option<u32>) -> Stage {
        let mut sessions = watching(&["a"]);
        let (open, _) = sessions.pair_mut(&key("a")).unwrap();
        open.view.capabilities.people = true;
        open.view.people = people(driver);
        Stage {
            sessions,
            steering: Steering::default(),
            notices: Notices::default(),
            ctx: Context::default(),
        }
    }

    fn people(driver: Option<u32>) -> People {
        let participant =
            |index| Participant { index, name: format!("P{index}"), ..Participant::default() };
        People {
            me: 1,
            participants: vec![participant(1), participant(2)],
            driver,
            ..People::default()
        }
    }

    impl Stage {
        fn arm(&mut self) {
            self.steering.arm(&self.ctx, &mut self.sessions, &mut self.notices);
        }

        fn leave(&mut self) {
            self.steering.leave(&self.sessions, &mut self.notices);
        }

        /// The session tells of another driver, and of who asks for control.
        fn drives(&mut self, driver: Option<u32>, asks: &[u32]) {
            let (open, _) = self.sessions.pair_mut(&key("a")).unwrap();
            let request =
                |index: &u32| ControlRequest { index: *index, expires_at: Timestamp::UNIX_EPOCH };
            let requests = asks.iter().map(request).collect();
            open.view.people = People { requests, ..people(driver) };
        }

        fn gains(&mut self, covered: bool) {
            let Self { sessions, steering, notices, ctx } = self;
            steering.gained(ctx, &key("a"), covered, sessions, notices);
        }

        fn loses(&mut self) {
            self.steering.lost(&key("a"), "P2", &self.sessions, &mut self.notices);
        }

        fn sent(&mut self) -> Vec<PeopleControl> {
            let people = |control| match control {
                Control::People(control) => Some(control),
                _ => None,
            };
            sent(&mut self.sessions, "a").into_iter().filter_map(people).collect()
        }
    }

    fn released() -> PeopleControl {
        PeopleControl::ReleaseControl { note: String::new() }
    }

    #[test]
    fn control_that_came_with_entering_goes_with_leaving() {
        let mut stage = stage(None);
        stage.sessions.show_wall();
        stage.arm();
        assert!(stage.steering.is_on() && !stage.sessions.on_wall());
        assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
        stage.drives(Some(1), &[]);
        stage.leave();
        assert!(!stage.steering.is_on());
        assert_eq!(stage.sent(), [released()]);
        // What was not entered is not given up.
        stage.leave();
        assert_eq!(stage.sent(), []);
    }

    #[test]
    fn control_that_somebody_waits_for_or_that_is_handed_back_is_not_dropped() {
        let mut stage = stage(None);
        stage.arm();
        stage.drives(Some(1), &[2]);
        stage.leave();
        assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
        stage.drives(None, &[]);
        stage.arm();
        stage.drives(Some(1), &[]);
        stage.steering.leave_to_hand_back(&stage.sessions, &mut stage.notices);
        assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
    }

    #[test]
    fn whoever_drives_is_asked_and_an_agent_is_parked() {
        let mut stage = stage(Some(2));
        stage.arm();
        assert!(!stage.steering.is_on());
        assert_eq!(stage.sent(), [PeopleControl::RequestControl]);
        // While a dialog lies over the window, what is typed is not meant for the page.
        stage.gains(true);
        assert!(!stage.steering.is_on());
        stage.arm();
        stage.gains(false);
        assert!(stage.steering.is_on());
        stage.loses();
        assert!(!stage.steering.is_on());
        // Nobody asked any more.
        stage.gains(false);
        assert!(!stage.steering.is_on());
        stage.sent();
        stage.drives(Some(AGENT), &[]);
        stage.arm();
        assert!(stage.steering.is_on());
        assert_eq!(stage.sent(), [PeopleControl::TakeControl]);
    }

    #[test]
    fn a_request_that_was_refused_begins_nothing_later() {
        let mut stage = stage(Some(2));
        stage.arm();
        stage.steering.forget_request(&key("b"));
        stage.steering.forget_request(&key("a"));
        stage.gains(false);
        assert!(!stage.steering.is_on());
    }

    #[test]
    fn a_session_that_is_over_is_left() {
        let mut stage = stage(None);
        stage.arm();
        stage.steering.leave_what_is_over(&stage.sessions, &mut stage.notices);
        assert!(stage.steering.is_on());
        let (open, _) = stage.sessions.pair_mut(&key("a")).unwrap();
        open.condition = Condition::Ended { why: "It expired".to_owned() };
        stage.steering.leave_what_is_over(&stage.sessions, &mut stage.notices);
        assert!(!stage.steering.is_on());
    }
}
