//! Steers the session in front with keyboard and mouse: knows how control begins, who is asked for it first, and how it
//! ends.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use egui::{Context, Key, RawInput};

use crate::app::notices::Notices;
use crate::app::sessions::{ControlSink, OpenSessions, RosterChange};
use crate::model::people::AGENT;
use crate::model::{Control, PeopleControl};
use crate::session::Pushed;
use crate::ui::input::session_input::Asked;
use crate::ui::input::{Gate, OurKeys, SessionInput};
use crate::ui::picture::Surface;
use crate::ui::state::{NoticeSubject, SessionKey};

/// The state of control: whether keyboard and mouse go to the session in front, and what was asked of whoever drives
/// it.
#[derive(Debug, Default)]
pub(crate) struct Steering {
    is_on: bool,
    input: SessionInput,
    /// The session whose driver was asked for control, which begins once it is granted.
    asked: Option<SessionKey>,
    /// The session where entering control also claimed it from nobody, so that leaving gives it up.
    entered: Option<SessionKey>,
    /// Since when control is on and the session has not given it yet.
    waits_since: Option<Instant>,
}

/// A session that can be reached gives control within this time, or it does not.
const GIVEN_WITHIN: Duration = Duration::from_secs(10);

impl Steering {
    /// Tells whether keyboard and mouse go to the session in front.
    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Tells whether keys typed now would go to the session.
    pub(crate) fn has_keyboard(&self) -> bool {
        self.input.has_keyboard()
    }

    /// Whether the session would get the keys in `raw`. `covered`: something lies over the window.
    pub(crate) fn takes_keys(&self, ctx: &Context, raw: &RawInput, covered: bool) -> bool {
        SessionInput::takes_keys(ctx, raw, Gate { armed: self.is_on, covered })
    }

    /// Returns the text that an input method is composing.
    pub(crate) fn preedit(&self) -> &str {
        self.input.preedit()
    }

    /// Notes a press of a key that is both on the keypad and elsewhere, ahead of the input that has it.
    pub(crate) fn note_press(&mut self, key: Key, on_keypad: bool) {
        self.input.note_press(key, on_keypad);
    }

    /// Takes the session's share out of what came from keyboard and mouse. Nothing is the session's while the window is
    /// `covered` by a dialog or a menu.
    pub(crate) fn hook(
        &mut self,
        ctx: &Context,
        raw: &mut RawInput,
        covered: bool,
        ours: OurKeys<'_>,
    ) -> Asked {
        self.input.hook(ctx, raw, Gate { armed: self.is_on, covered }, ours)
    }

    /// Sends what was typed and pointed at. `surface` is the picture that was on screen then.
    pub(crate) fn send_input<H: ControlSink>(
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

    /// Begins control, which lasts until it is left. Another person who drives is asked for it first; an agent is
    /// parked.
    pub(crate) fn arm<H: ControlSink>(
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

    /// Takes control until it is handed back, and makes the agent wait. Another person who drives is asked first,
    /// unless this window's user owns the session.
    pub(crate) fn take_over<H: ControlSink>(
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
                send(sessions, PeopleControl::TakeControl, notices);
                self.begin(ctx, sessions);
            }
        }
    }

    /// Lifts everything that is down and takes mouse and keyboard back.
    pub(crate) fn leave<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        self.lift_all(sessions, notices);
        self.is_on = false;
        self.give_up_entered(sessions, notices);
    }

    /// Lifts everything that is down, and keeps control.
    pub(crate) fn lift_all<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        for control in self.input.release_all() {
            send(sessions, control, notices);
        }
    }

    /// Takes mouse and keyboard back, and keeps control until it is handed back with a note.
    pub(crate) fn leave_to_hand_back<H: ControlSink>(
        &mut self,
        sessions: &OpenSessions<H>,
        notices: &mut Notices,
    ) {
        self.entered = None;
        self.leave(sessions, notices);
    }

    /// Leaves control where nothing is watched any more, or where the session in front is over.
    pub(crate) fn leave_what_is_over<H: ControlSink>(
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

    /// Leaves control that the session in front has not given for too long, and says so.
    pub(crate) fn leave_what_is_not_given<H: ControlSink>(
        &mut self,
        ctx: &Context,
        sessions: &OpenSessions<H>,
        now: Instant,
        notices: &mut Notices,
    ) {
        // While the session can't be reached, nobody expects an answer, and the picture says so.
        let waits = sessions
            .active()
            .filter(|open| self.is_on && !open.has_control() && !open.condition.is_away());
        let Some(open) = waits else {
            self.waits_since = None;
            return;
        };
        let since = *self.waits_since.get_or_insert(now);
        let left = GIVEN_WITHIN.saturating_sub(now.saturating_duration_since(since));
        if !left.is_zero() {
            ctx.request_repaint_after(left);
            return;
        }
        let name = open.name.clone();
        self.leave(sessions, notices);
        notices.warn(format!("{name} did not give you control within 10 s; take it again"));
    }

    /// Forgets that control was asked for: if it is granted later, what is typed by then is not meant for the page.
    pub(crate) fn forget_request(&mut self, session: &SessionKey) {
        self.asked.take_if(|asked| asked == session);
    }

    /// Leaves control of a session that `driver` drives now, and says so.
    pub(crate) fn lost<H: ControlSink>(
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

    /// Begins control of a session that this window's user drives now, if it was asked for. While the window is
    /// `covered`, what is typed is not meant for the page, so control does not begin.
    pub(crate) fn gained<H: ControlSink>(
        &mut self,
        ctx: &Context,
        session: &SessionKey,
        covered: bool,
        sessions: &mut OpenSessions<H>,
        notices: &mut Notices,
    ) {
        let wanted = self.asked.take_if(|asked| asked == session);
        notices.settled(NoticeSubject::RequestRefused);
        if wanted.is_some() && sessions.is_active(session) && !self.is_on && !covered {
            self.begin(ctx, sessions);
            notices.good("You have control now");
        }
    }

    /// Follows a change of who is in a session, after its news were told.
    pub(crate) fn follow<H: ControlSink>(
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

    /// Turns steering on. It leaves the wall first, because what is steered is seen in full.
    fn begin<H: ControlSink>(&mut self, ctx: &Context, sessions: &mut OpenSessions<H>) {
        sessions.leave_wall();
        self.is_on = true;
        self.input.begin(ctx);
    }

    /// Asks for the seat of the driver where it is free, so that the others and the agent know of it before the first
    /// key.
    fn claim<H: ControlSink>(&mut self, sessions: &OpenSessions<H>, notices: &mut Notices) {
        let Some(open) = sessions.active() else {
            return;
        };
        if open.view.capabilities.people && open.view.people.driver.is_none() {
            self.entered = Some(open.key.clone());
            // If somebody else was faster, this same request asks them.
            self.asked = Some(open.key.clone());
            send(sessions, PeopleControl::RequestControl, notices);
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
        send(sessions, PeopleControl::RequestControl, notices);
        notices.good(format!("Asked {driver} for control"));
    }

    /// Gives control up that was claimed only by entering it, unless somebody waits for an answer about it.
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
            send(sessions, PeopleControl::ReleaseControl { note }, notices);
        }
    }
}

/// Sends a control to the session in front. A press that finds the queue full is refused, and the user is told.
pub(crate) fn send<H: ControlSink>(
    sessions: &OpenSessions<H>,
    control: impl Into<Control>,
    notices: &mut Notices,
) {
    match sessions.send(control) {
        Pushed::Queued | Pushed::Coalesced => (),
        Pushed::Full => notices.error(
            "The session does not keep up with the input: what was typed last did not reach it",
        ),
    }
}

/// Answers whoever asked first.
pub(crate) fn answer_request<H: ControlSink>(
    grant: bool,
    sessions: &OpenSessions<H>,
    notices: &mut Notices,
) {
    let request = sessions.active().and_then(|open| open.view.people.requests.first());
    if let Some(index) = request.map(|request| request.index) {
        send(sessions, PeopleControl::AnswerRequest { index, grant }, notices);
    }
}
