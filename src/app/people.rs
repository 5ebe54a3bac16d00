//! This window's user among the others: told of who comes and goes, pointing, taking over and handing back.

use std::time::{Duration, Instant};

use egui::Context;
use jiff::Timestamp;

use super::{App, REFUSALS};
use crate::base::text::one_line;
use crate::model::people::AGENT;
use crate::model::{FramePoint, People, PeopleControl};
use crate::ui::modal::Modal;
use crate::ui::state::{Level, OpenSession, SessionKey};

/// The others see this window's pointer move at most this often.
const POINT_EVERY: Duration = Duration::from_millis(70);

/// What was told of one session's participants.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Everybody at the last look; `None` before the first.
    known: Option<People>,
    pointed: Option<FramePoint>,
    pointed_at: Option<Instant>,
    /// When the last refused action of the agent came that was told.
    refused_at: Option<Timestamp>,
}

/// What the window's user has to know.
#[derive(Clone, Debug, PartialEq)]
enum News {
    Joined(String),
    Left(String),
    /// Somebody else drives now.
    Lost(String),
    /// This window's user drives now.
    Gained,
    /// Somebody waits for this window's user to give control.
    Asks(String),
}

impl App {
    /// Compares every roster with the last one, and acts on the difference.
    pub(super) fn follow_people(&mut self, ctx: &Context) {
        for at in 0..self.state.open.len() {
            let open = &self.state.open[at];
            let (people, known) = (&open.view.people, &self.watched[at].people.known);
            // An empty roster is one that was not told yet.
            if people.participants.is_empty() || known.as_ref() == Some(people) {
                continue;
            }
            let news = known.as_ref().map(|known| news(known, people));
            let is_new_here = known.as_ref().is_none_or(|known| known.me != people.me);
            let known_is_over = known.as_ref().is_some_and(|known| request_is_over(known, people));
            let me = people.participant(people.me);
            let called = me.map(|me| me.name.clone()).filter(|_| is_new_here);
            self.watched[at].people.known = Some(people.clone());
            // The name may have been changed since the service was connected to.
            let name = self.settings.shown_name();
            if called.is_some_and(|called| called != name) && !self.settings.user_name.is_empty() {
                self.push_name(at, name);
            }
            for news in news.into_iter().flatten() {
                self.tell(ctx, at, news);
            }
            if known_is_over {
                self.forget_request(at);
            }
            // Another connection has another seat, and what the last one held is free.
            if is_new_here && self.state.control && self.state.active == Some(at) {
                self.claim();
            }
        }
        self.tell_refusals();
        self.tell_wanted_tabs();
        self.tell_notes();
        self.point(ctx);
    }

    /// Control that is given later was not asked for: what is typed by then is not meant for the page.
    pub(super) fn forget_request(&mut self, at: usize) {
        let key = &self.state.open[at].key;
        self.asked_for_control.take_if(|asked| asked == key);
    }

    /// In every session, and from now on.
    pub(super) fn rename_user(&mut self, name: String) {
        self.settings.user_name.clone_from(&name);
        for at in 0..self.state.open.len() {
            if self.state.open[at].view.capabilities.people {
                self.push_name(at, name.clone());
            }
        }
    }

    fn push_name(&self, at: usize, name: String) {
        self.watched[at].handle.push(PeopleControl::Rename { name });
    }

    /// Whether it is shown alone, with what calls for attention above its picture.
    fn is_in_front(&self, at: usize) -> bool {
        self.state.active == Some(at) && !self.state.on_wall
    }

    /// "in “Shop”", where there are several sessions.
    fn in_session(&self, at: usize) -> String {
        match self.state.open.len() {
            0 | 1 => String::new(),
            _ => format!(" in “{}”", one_line(&self.state.open[at].name, 40)),
        }
    }

    /// An agent that acts although this window's user drives, in a session that is not in front.
    fn tell_refusals(&mut self) {
        for at in 0..self.state.open.len() {
            let open = &self.state.open[at];
            let drives = open.view.people.driver == Some(open.view.people.me);
            let Some(refused) = &open.view.agent_refused else {
                continue;
            };
            let told = self.watched[at].people.refused_at.replace(refused.received_at);
            if told != Some(refused.received_at) && drives && !self.is_in_front(at) {
                let text = format!("{}{}", one_line(&refused.text, 200), self.in_session(at));
                self.warn(text);
            }
        }
    }

    /// Who asks for a tab has to be given it by whoever may.
    fn tell_wanted_tabs(&mut self) {
        for at in 0..self.state.open.len() {
            let view = &mut self.state.open[at].view;
            let Some(index) = view.tab_wanted.take().filter(|_| view.people.may_decide()) else {
                continue;
            };
            let is_here = view.people.participant(index).is_some();
            if is_here && index != view.people.me {
                let (name, place) = (view.name_of(index), self.in_session(at));
                self.warn(format!("{name} asks for a tab{place}: give it in the tab's menu"));
            }
        }
    }

    /// Whoever goes on has to know where things stand.
    fn tell_notes(&mut self) {
        for at in 0..self.state.open.len() {
            for (name, note) in std::mem::take(&mut self.state.open[at].view.notes) {
                let place = self.in_session(at);
                let text = format!("{name} handed control back{place}: {note}");
                self.notice(text, Level::Alert);
            }
        }
    }

    fn tell(&mut self, ctx: &Context, at: usize, news: News) {
        let is_active = self.state.active == Some(at);
        match news {
            News::Joined(name) => {
                let place = self.in_session(at);
                self.good(format!("{name} joined the session{place}"));
            }
            News::Left(name) => {
                let place = self.in_session(at);
                self.good(format!("{name} left the session{place}"));
            }
            // In front there are buttons to answer with.
            News::Asks(_) if self.is_in_front(at) => (),
            News::Asks(name) => {
                let place = self.in_session(at);
                self.warn(format!("{name} asks for control{place}"));
            }
            News::Lost(name) => {
                if is_active && self.state.control {
                    self.leave_control();
                    self.warn(format!("{name} has control now"));
                }
            }
            News::Gained => {
                let key = self.state.open[at].key.clone();
                let wanted = self.asked_for_control.take_if(|asked| *asked == key);
                self.settled(REFUSALS);
                let is_on = is_active && self.state.control;
                if wanted.is_some() && is_active && !is_on && !self.shell.is_covered() {
                    self.begin_control(ctx);
                    self.good("You have control now");
                }
            }
        }
    }

    /// Begins control for as long as it is not left. Where somebody else drives, they are asked, and an agent is parked.
    pub(super) fn arm_control(&mut self, ctx: &Context) {
        let Some(open) = self.state.active() else {
            return;
        };
        let people = &open.view.people;
        match people.driver.filter(|driver| *driver != people.me) {
            Some(AGENT) => self.take_over(ctx),
            Some(other) => {
                let (name, key) = (people.name_of(other), open.key.clone());
                self.ask_for_control(key, &name);
            }
            None => {
                self.begin_control(ctx);
                self.claim();
            }
        }
    }

    /// Whoever is in control of what nobody drives drives it: the others and the agent know before the first key.
    fn claim(&mut self) {
        let is_free = |open: &&OpenSession| {
            open.view.capabilities.people && open.view.people.driver.is_none()
        };
        let Some(open) = self.state.active().filter(is_free) else {
            return;
        };
        let key = open.key.clone();
        self.entered = Some(key.clone());
        // Should somebody else have been faster, they are asked.
        self.asked_for_control = Some(key);
        self.send(PeopleControl::RequestControl);
    }

    /// Control that came with entering it goes with leaving, unless somebody waits for an answer about it.
    pub(super) fn give_up_entered(&mut self) {
        let entered = self.entered.take();
        let Some(open) = self.state.active().filter(|open| entered.as_ref() == Some(&open.key))
        else {
            return;
        };
        let people = &open.view.people;
        if people.may_drive() && people.requests.is_empty() {
            self.asked_for_control = None;
            let note = String::new();
            self.send(PeopleControl::ReleaseControl { note });
        }
    }

    fn ask_for_control(&mut self, key: SessionKey, driver: &str) {
        self.asked_for_control = Some(key);
        self.send(PeopleControl::RequestControl);
        self.good(format!("Asked {driver} for control"));
    }

    /// Takes control for as long as it is wanted, and so that the agent has to wait.
    pub(super) fn take_over(&mut self, ctx: &Context) {
        let Some(open) = self.state.active() else {
            return;
        };
        let people = &open.view.people;
        let is_owner = people.participant(people.me).is_some_and(|me| me.owner);
        let other = people.driver.filter(|driver| *driver != people.me && *driver != AGENT);
        match other {
            Some(other) if !is_owner => {
                let (key, name) = (open.key.clone(), people.name_of(other));
                self.ask_for_control(key, &name);
            }
            _ => {
                self.entered = None;
                self.send(PeopleControl::TakeControl);
                self.begin_control(ctx);
            }
        }
    }

    /// Asks for a note first: who goes on should know where things stand.
    pub(super) fn ask_hand_back(&mut self) {
        self.entered = None;
        self.leave_control();
        self.shell.modal = Some(Modal::HandBack { note: String::new() });
    }

    /// Answers whoever asked first.
    pub(super) fn answer_request(&mut self, grant: bool) {
        let request = self.state.active().and_then(|open| open.view.people.requests.first());
        let Some(index) = request.map(|request| request.index) else {
            return;
        };
        self.send(PeopleControl::AnswerRequest { index, grant });
    }

    /// Shows the others where this window's pointer is: in the session in front, and in no other one any more.
    fn point(&mut self, ctx: &Context) {
        for at in 0..self.watched.len() {
            let watched = &mut self.watched[at];
            let is_told = watched.people.pointed.is_some();
            if is_told && (self.state.on_wall || self.state.active != Some(at)) {
                watched.people.pointed = None;
                watched.handle.push(PeopleControl::Point { at: None });
            }
        }
        let Some(at) = self.state.active.filter(|_| !self.state.on_wall) else {
            return;
        };
        let open = &self.state.open[at];
        let people = &open.view.people;
        let others =
            people.participants.iter().filter(|other| other.index != people.me && !other.agent);
        if !open.view.capabilities.people || others.count() == 0 {
            return;
        }
        let geometry = self.shell.of(&open.key).picture.surface().map(|surface| surface.geometry);
        let pointed = geometry.and_then(|geometry| {
            let pointer = ctx.input(|input| input.pointer.hover_pos())?;
            Some(FramePoint::new(geometry.frame_from_ui(pointer)?, geometry.frame()))
        });
        let now = self.state.now;
        let told = &mut self.watched[at].people;
        if told.pointed == pointed {
            return;
        }
        if let Some(wait) = told
            .pointed_at
            .and_then(|last| (last + POINT_EVERY).checked_duration_since(now))
            .filter(|wait| !wait.is_zero())
        {
            return ctx.request_repaint_after(wait);
        }
        told.pointed = pointed;
        told.pointed_at = Some(now);
        self.watched[at].handle.push(PeopleControl::Point { at: pointed });
    }
}

fn news(before: &People, now: &People) -> Vec<News> {
    // After a reconnect this window is somebody else, and knows nobody.
    if before.me != now.me {
        return Vec::new();
    }
    let others = |people: &People, absent_from: &People| -> Vec<String> {
        let others = people.participants.iter();
        others
            .filter(|other| absent_from.participant(other.index).is_none())
            .map(|other| other.name.clone())
            .collect()
    };
    let joined = others(now, before).into_iter().map(News::Joined);
    let left = others(before, now).into_iter().map(News::Left);
    let driver = match now.driver.filter(|_| before.driver != now.driver) {
        Some(driver) if driver == now.me => Some(News::Gained),
        Some(driver) => Some(News::Lost(now.name_of(driver))),
        None => None,
    };
    let is_mine = now.driver == Some(now.me);
    let asks = now.requests.iter().filter(|request| {
        let mut known = before.requests.iter();
        is_mine && !known.any(|known| known.index == request.index)
    });
    let asks = asks.map(|request| News::Asks(now.name_of(request.index)));
    joined.chain(left).chain(driver).chain(asks).collect()
}

/// Whether what this window's user asked for was refused or lapsed, or was another connection's.
fn request_is_over(before: &People, now: &People) -> bool {
    let asks = |people: &People| {
        let mut requests = people.requests.iter();
        requests.any(|request| request.index == people.me)
    };
    let is_mine = now.driver == Some(now.me);
    before.me != now.me || (asks(before) && !asks(now) && !is_mine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ControlRequest, Participant};

    fn people(indices: &[u32], driver: Option<u32>) -> People {
        let participant = |index: &u32| Participant {
            index: *index,
            name: format!("P{index}"),
            ..Participant::default()
        };
        People {
            me: 1,
            participants: indices.iter().map(participant).collect(),
            driver,
            ..People::default()
        }
    }

    #[test]
    fn who_comes_goes_and_drives_is_told_once() {
        let (joined, left) = (News::Joined("P2".to_owned()), News::Left("P2".to_owned()));
        let (alone, both) = (people(&[0, 1], None), people(&[0, 1, 2], None));
        assert_eq!(news(&alone, &both), [joined]);
        assert_eq!(news(&both, &alone), [left]);
        assert_eq!(news(&both, &both), []);
        let (mine, theirs) = (people(&[0, 1, 2], Some(1)), people(&[0, 1, 2], Some(2)));
        assert_eq!(news(&both, &mine), [News::Gained]);
        assert_eq!(news(&mine, &theirs), [News::Lost("P2".to_owned())]);
        assert_eq!(news(&theirs, &both), []);
        let asking = People {
            requests: vec![ControlRequest { index: 2, expires_at: Timestamp::UNIX_EPOCH }],
            ..mine.clone()
        };
        assert_eq!(news(&mine, &asking), [News::Asks("P2".to_owned())]);
        assert_eq!(news(&asking, &asking), []);
        let waiting = People {
            requests: vec![ControlRequest { index: 1, expires_at: Timestamp::UNIX_EPOCH }],
            ..theirs.clone()
        };
        // Refused or lapsed; given; still awaited; and of no concern.
        assert!(request_is_over(&waiting, &theirs));
        assert!(!request_is_over(&waiting, &mine));
        assert!(!request_is_over(&theirs, &waiting));
        assert!(!request_is_over(&mine, &theirs));
        let stranger = People { me: 5, ..people(&[5, 6], Some(6)) };
        assert_eq!(news(&both, &stranger), []);
        assert!(request_is_over(&waiting, &stranger));
    }
}
