//! Tells this window's user what happens in the sessions.

use egui::{Context, UserAttentionType, ViewportCommand};

use crate::app::App;
use crate::app::sessions::RosterNews;
use crate::base::text::one_line;
use crate::model::{FramePoint, PageControl, Shortcut};
use crate::ui::command::Command;
use crate::ui::state::{NoticeSubject, OpenSession, SessionKey};

impl App {
    /// Forgets a refused request for control, so that nothing begins if it is granted later.
    pub(in crate::app) fn tell_refusals(&mut self) {
        for (session, why) in self.sessions.take_refusals() {
            self.steering.forget_request(&session);
            self.notices.error_about(NoticeSubject::RequestRefused, why);
        }
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
        self.tell_agent_refusals();
        self.tell_wanted_tabs();
        self.tell_notes();
        self.point(ctx);
    }

    fn tell_people(&mut self, ctx: &Context, session: &SessionKey, news: &RosterNews) {
        let place = self.sessions.place_in_words(session);
        match news {
            RosterNews::Joined(name) => {
                self.notices.good(format!("{name} joined the session{place}"));
            }
            RosterNews::Left(name) => self.notices.good(format!("{name} left the session{place}")),
            // The session in front shows buttons to answer with.
            RosterNews::Asks(_) if self.sessions.is_in_front(session) => (),
            RosterNews::Asks(name) => {
                self.notices.warn(format!("{name} asks for control{place}"));
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
    fn tell_agent_refusals(&mut self) {
        for (session, text) in self.sessions.take_agent_refusals() {
            let place = self.sessions.place_in_words(&session);
            self.notices.warn(format!("{}{place}", one_line(&text, 200)));
        }
    }

    /// Tells who asks for a tab that this window's user may give.
    fn tell_wanted_tabs(&mut self) {
        for (session, name) in self.sessions.take_wanted_tabs() {
            let place = self.sessions.place_in_words(&session);
            self.notices.warn(format!("{name} asks for a tab{place}: give it in the tab's menu"));
        }
    }

    /// Shows the notes with which control was handed back: whoever goes on has to know where things stand.
    fn tell_notes(&mut self) {
        for (session, name, note) in self.sessions.take_notes() {
            let place = self.sessions.place_in_words(&session);
            self.notices.note(format!("{name} handed control back{place}: {note}"));
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

    /// Shows the alerts of the rules, and asks for the user's attention without taking the focus.
    pub(in crate::app) fn tell_alerts(&mut self, ctx: &Context) {
        let alerts = self.sessions.take_alerts();
        if alerts.is_empty() {
            return;
        }
        for text in alerts {
            self.notices.alert(text);
        }
        if !ctx.input(|input| input.focused) {
            let informational = UserAttentionType::Informational;
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(informational));
        }
    }
}
