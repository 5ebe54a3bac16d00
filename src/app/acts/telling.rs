//! Tells this window's user what happens in the sessions.

use egui::{Context, UserAttentionType, ViewportCommand};

use crate::app::App;
use crate::app::sessions::RosterNews;
use crate::app::system_notices::SystemNotice;
use crate::base::text::one_line;
use crate::model::{ConcernKind, FramePoint, PageControl, Shortcut};
use crate::ui::Action;
use crate::ui::command::Command;
use crate::ui::modal::Modal;
use crate::ui::state::{NoticeLead, OpenConcern, OpenSession, SessionKey};

impl App {
    /// Forgets a refused request for control, so that nothing begins if it is granted later.
    pub(in crate::app) fn tell_refusals(&mut self) {
        for (session, why) in self.sessions.take_refusals() {
            self.steering.forget_request(&session);
            let lead = NoticeLead { session, about: None, picture: None };
            self.notices.refused(why, lead);
        }
    }

    /// Returns the way to a session, with its picture of now.
    fn lead_to(&mut self, ctx: &Context, session: &SessionKey) -> NoticeLead {
        let pair = self.sessions.pair_mut(session);
        let picture = pair.and_then(|(_, watched)| watched.small_picture(ctx));
        NoticeLead { session: session.clone(), about: None, picture }
    }

    /// Compares every roster with the last one, and acts on the difference.
    pub(in crate::app) fn follow_people(&mut self, ctx: &Context) {
        let settings = &self.kept.settings;
        let name = (!settings.user_name.is_empty()).then(|| settings.shown_name());
        for change in self.sessions.compare_rosters(name.as_deref()) {
            for news in &change.news {
                self.tell_people(ctx, &change.session, news);
            }
            self.steering.follow(&change, &self.sessions, &mut self.notices);
        }
        self.tell_agent_refusals(ctx);
        self.tell_wanted_tabs(ctx);
        self.tell_notes(ctx);
        self.point(ctx);
    }

    fn tell_people(&mut self, ctx: &Context, session: &SessionKey, news: &RosterNews) {
        let place = self.sessions.place_in_words(session);
        match news {
            RosterNews::Joined(name) => {
                let lead = self.lead_to(ctx, session);
                self.notices.good_in(format!("{name} joined the session{place}"), lead);
            }
            RosterNews::Left(name) => {
                let lead = self.lead_to(ctx, session);
                self.notices.good_in(format!("{name} left the session{place}"), lead);
            }
            RosterNews::Lost(name) => {
                self.steering.lost(session, name, &self.sessions, &mut self.notices);
            }
            RosterNews::Gained => {
                let covered = self.window.is_covered();
                let (sessions, notices) = (&mut self.sessions, &mut self.notices);
                self.steering.gained(ctx, session, covered, sessions, notices);
            }
        }
    }

    /// Tells that an agent acts although this window's user drives, in a session that is not in front.
    fn tell_agent_refusals(&mut self, ctx: &Context) {
        for (session, text) in self.sessions.take_agent_refusals() {
            let place = self.sessions.place_in_words(&session);
            let lead = self.lead_to(ctx, &session);
            self.notices.warn_in(format!("{}{place}", one_line(&text, 200)), lead);
        }
    }

    /// Tells who asks for a tab that this window's user may give.
    fn tell_wanted_tabs(&mut self, ctx: &Context) {
        for (session, name) in self.sessions.take_wanted_tabs() {
            let place = self.sessions.place_in_words(&session);
            let text = format!("{name} asks for a tab{place}: give it in the tab's menu");
            let lead = self.lead_to(ctx, &session);
            self.notices.warn_in(text, lead);
        }
    }

    /// Shows the notes with which control was handed back: whoever goes on has to know where things stand.
    fn tell_notes(&mut self, ctx: &Context) {
        for (session, name, note) in self.sessions.take_notes() {
            let place = self.sessions.place_in_words(&session);
            let lead = self.lead_to(ctx, &session);
            self.notices.note(format!("{name} handed control back{place}: {note}"), lead);
        }
    }

    /// Does what keys ask of the window once the page in front has left them alone.
    pub(in crate::app) fn follow_shortcuts(&mut self, ctx: &Context) {
        for (session, shortcut) in self.sessions.take_shortcuts() {
            let is_here = self.steering.is_on() && self.steering.has_keyboard();
            let drives = self.sessions.active().is_some_and(OpenSession::has_control);
            if !is_here || !drives || !self.sessions.is_active(&session) {
                continue;
            }
            match shortcut {
                Shortcut::Find => self.run(ctx, Command::FindInPage),
                Shortcut::FindNext | Shortcut::FindPrevious => {
                    let backward = shortcut == Shortcut::FindPrevious;
                    match self.window.find_bar.step(&session, backward) {
                        Some(search) => self.send(PageControl::Find(search)),
                        None => self.run(ctx, Command::FindInPage),
                    }
                }
                Shortcut::Print => self.run(ctx, Command::SavePage),
                Shortcut::Address | Shortcut::NewTab => self.run(ctx, Command::FocusAddress),
                // The host does these itself.
                Shortcut::Back
                | Shortcut::Forward
                | Shortcut::Reload
                | Shortcut::Stop
                | Shortcut::ZoomIn
                | Shortcut::ZoomOut
                | Shortcut::ZoomReset => (),
            }
        }
    }

    /// Shows the others where this window's pointer is.
    fn point(&mut self, ctx: &Context) {
        let front = self.sessions.active().filter(|_| self.sessions.has_onlookers());
        let pointed = front.and_then(|open| {
            let geometry = self.window.of(&open.key).picture.surface()?.geometry;
            let pointer = ctx.input(|input| input.pointer.hover_pos())?;
            Some(FramePoint::new(geometry.frame_from_ui(pointer)?, geometry.frame()))
        });
        if let Some(wait) = self.sessions.point(pointed, self.clock.now) {
            ctx.request_repaint_after(wait);
        }
    }

    /// Notices what concerns somebody in the sessions, and tells of what is new: in the window, and by the system where
    /// the window is not in front.
    pub(in crate::app) fn tell_concerns(&mut self, ctx: &Context) {
        let is_focused = ctx.input(|input| input.focused);
        let front = self.sessions.active_key().filter(|_| !self.sessions.on_wall());
        let seen = front.filter(|_| is_focused && !self.sight.is_hidden(ctx));
        let wall = self.clock.wall;
        let fresh = self.concerns.follow(ctx, &mut self.sessions, seen.as_ref(), wall);
        for new in &fresh {
            self.tell_concern(new);
            if !is_focused {
                self.tell_system(ctx, new);
            }
        }
        for (session, kind) in self.system_notices.take_followed() {
            // The user clicked the notification, so it is no stolen focus.
            ctx.send_viewport_cmd(ViewportCommand::Focus);
            self.pending.push(Action::GoTo { session, about: Some(kind) });
        }
    }

    fn tell_concern(&mut self, new: &OpenConcern) {
        let is_in_front = self.sessions.is_in_front(&new.session);
        let text = &new.concern.text;
        // All else is shown by the session in front itself.
        if is_in_front && new.concern.kind != ConcernKind::ObjectFound {
            return;
        }
        let name = self.sessions.by_key(&new.session).map(|open| one_line(&open.name, 40));
        let text = match (new.concern.kind, name) {
            (ConcernKind::ObjectFound, Some(name)) => format!("{text} in {name}"),
            (_, Some(name)) => format!("“{name}”: {text}"),
            (_, None) => text.clone(),
        };
        let (session, picture) = (new.session.clone(), new.picture.clone());
        let lead = NoticeLead { session, about: Some(new.concern.kind), picture };
        self.notices.alert(text, lead);
    }

    /// Lets the system tell of it, and asks for the user's attention without taking the focus.
    fn tell_system(&mut self, ctx: &Context, new: &OpenConcern) {
        let name = self.sessions.by_key(&new.session).map_or(&new.session.id, |open| &open.name);
        let notice = SystemNotice {
            subject: (new.session.clone(), new.concern.kind),
            title: one_line(name, 80),
            text: new.concern.text.clone(),
        };
        let time = self.clock.wall.to_zoned(self.clock.zone.clone()).time();
        let settings = &self.kept.settings.notifications;
        if self.system_notices.tell(ctx, notice, settings, self.clock.now, time) {
            let informational = UserAttentionType::Informational;
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(informational));
        }
    }

    /// Shows a session because of something about it, alone and with what it is about.
    pub(in crate::app) fn go_to(&mut self, session: SessionKey, about: Option<ConcernKind>) {
        if self.sessions.place_of(&session).is_none() {
            return self.notices.warn("This session is not watched any more");
        }
        self.open(session);
        if about == Some(ConcernKind::DownloadDone) {
            self.window.modal = Some(Modal::Downloads);
        }
    }

    /// Goes to the next session that needs somebody, after the one in front and around.
    pub(in crate::app) fn go_to_next_need(&mut self) {
        let front = self.sessions.active_key().filter(|_| !self.sessions.on_wall());
        let state = self.state();
        let needing = state.needing();
        let at = needing.iter().position(|key| Some(*key) == front.as_ref());
        let next = needing.get(at.map_or(0, |at| (at + 1) % needing.len()));
        let Some(next) = next.filter(|next| Some(**next) != front.as_ref()) else {
            return self.notices.good("No other session needs you");
        };
        let next = (*next).clone();
        let about = state.calling().find(|it| it.session == next).map(|it| it.concern.kind);
        self.go_to(next, about);
    }
}
