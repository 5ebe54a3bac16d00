//! Runs one pass of the window: says in which order the parts are asked before it is painted, and how everything ends.

use std::time::Duration;

use egui::{Context, Event, Key, PointerButton, RawInput, Ui, ViewportId};

use super::clipboard::{PasteTarget, Pasted};
use super::escape::take_escape;
use super::figures::figures;
use super::stats_file::StatsFile;
use super::turns::{is_key, moves_anyhow};
use super::{App, state_of};
use crate::shell::{Viewport, WindowApp};
use crate::ui::Action;
use crate::ui::binding::KeyContext;
use crate::ui::clock::ClockPace;
use crate::ui::command::Command;
use crate::ui::form_control;
use crate::ui::input::{OurKeys, PasteWanted, is_paste_key, translate_clipboard_keys};
use crate::ui::main_window::main_window_ui;
use crate::ui::picture::picture_id;
use crate::ui::wall::tile_id;

impl WindowApp for App {
    fn note_press(&mut self, key: Key, on_keypad: bool) {
        self.steering.note_press(key, on_keypad);
    }

    fn note_mapped(&mut self, is_mapped: bool) {
        self.sight.note_mapped(is_mapped);
    }

    fn raw_input_hook(&mut self, ctx: &Context, raw: &mut RawInput) {
        if !raw.events.is_empty() {
            self.clock.touched();
        }
        if raw.viewport_id != ViewportId::ROOT {
            return self.keep_input(raw);
        }
        if let Some(editor) = self.window.settings.waiting_for_key() {
            editor.take_keys(&mut raw.events, &self.bindings);
        }
        self.take_drops(ctx, raw);
        self.deal_input(ctx, raw);
        let ours = OurKeys {
            leave: self.bindings.chords_of(Command::ReleaseControl),
            paste: self.bindings.chords_of(Command::PasteAsText),
            suggestions: self.sessions.active().is_some_and(|open| open.view.has_suggestions()),
            pastes: self.sessions.active().is_some_and(|open| open.view.may_share_clipboard()),
        };
        let asked = self.steering.hook(ctx, raw, self.window.is_covered(), ours);
        if asked.leave {
            self.pending.push(Action::Run(Command::ReleaseControl));
        }
        match asked.paste {
            PasteWanted::Text => self.paste_text(),
            PasteWanted::Content => self.paste_into_page(),
            PasteWanted::No => (),
        }
        let context = KeyContext {
            control: self.steering.is_on() && self.steering.has_keyboard(),
            typing: ctx.text_edit_focused() || form_control::has_keyboard(ctx),
            modal: self.window.is_covered(),
        };
        self.lead_back(ctx, raw, context);
        let commands = self.bindings.consume(&mut raw.events, context);
        self.pending.extend(commands.into_iter().map(Action::Run));
    }

    fn logic(&mut self, ctx: &Context, last_pass: Option<Duration>) {
        self.begin_pass(ctx, last_pass);
        if self.sight.begin_pass(ctx) {
            self.sessions.hide_all();
        }
        self.ask_before_close(ctx);
        self.settle_jobs();
        self.take_service_news();
        self.sessions.update(ctx, &mut self.window, self.clock.now);
        self.recordings.follow(&mut self.sessions, &mut self.notices);
        self.follow_sessions();
        self.steering.leave_what_is_over(&self.sessions, &mut self.notices);
        let now = self.clock.now;
        self.steering.leave_what_is_not_given(ctx, &self.sessions, now, &mut self.notices);
        self.tell_refusals();
        self.follow_people(ctx);
        self.follow_clipboard();
        self.follow_downloads();
        self.copy_selected_in_pages(ctx);
        self.scripts.settle(&mut self.window.modal);
        self.follow_shortcuts(ctx);
        self.tell_concerns(ctx);
        let calls = self.state().calling().count();
        self.title.tell(ctx, self.sessions.active().map(|open| open.name.as_str()), calls);
        let keeps = self.kept.settings.keep_chats;
        self.chats.tend(&mut self.sessions, &self.services, keeps, &mut self.notices);
        self.send_input(ctx);
        self.notices.expire(self.clock.now, self.window.notices.is_being_read);
        self.write_statistics();
        self.run_pending(ctx);
        self.dialogs.ask_next(&mut self.window.modal);
        self.schedule_repaint(ctx);
    }

    fn ui(&mut self, ui: &mut Ui) {
        self.window.keyboard_is_sessions = self.steering.has_keyboard();
        self.window.preedit.clear();
        self.window.preedit.push_str(self.steering.preedit());
        let Self {
            clock,
            services,
            sessions,
            steering,
            host,
            notices,
            concerns,
            dialogs,
            kept,
            downloads,
            ..
        } = self;
        let state = state_of(
            clock, services, sessions, steering, host, notices, concerns, dialogs, kept, downloads,
        );
        main_window_ui(ui, &state, &mut self.window, &self.bindings, &mut self.pending);
        self.sight.painted();
        match self.sight.is_hidden(ui.ctx()) {
            true => self.sessions.hide_all(),
            false => self.sessions.tell_attention(&mut self.window),
        }
        self.sessions.look_for(&self.window.objects);
        if !self.pending.is_empty() {
            self.run_pending(ui.ctx());
            ui.ctx().request_repaint();
        }
    }

    fn viewports(&self) -> Vec<Viewport> {
        Vec::new()
    }

    fn viewport_ui(&mut self, _: &mut Ui, _: ViewportId) {}

    fn save(&mut self) {
        self.save_settings();
    }

    /// Ends everything in order: keys are lifted, then streams close, then the browsers of the host in this process
    /// end.
    fn close(&mut self) {
        self.steering.lift_all(&self.sessions, &mut self.notices);
        self.note_ends_with_window();
        self.save_settings();
        self.chats.save_now(&self.sessions, self.kept.settings.keep_chats);
        self.sessions.close_all();
        self.recordings.close();
        self.services.close_all();
        self.host.close();
    }
}

impl App {
    /// Leaves in `raw` what has its turn in this pass. What is typed after a command, or after a key or click that may
    /// move the focus, is for whoever has the keyboard then: letters of a sentence must not become commands.
    ///
    /// What is typed after the key that pastes comes after the pasted text.
    fn deal_input(&mut self, ctx: &Context, raw: &mut RawInput) {
        if let Some(text) = self.pasted_for(ViewportId::ROOT) {
            self.turns.put_first(Event::Paste(text));
        }
        let selected = self.clipboard.take_selections();
        let pastes = selected.map(|it| Event::MiddleClickPaste { pos: it.at, text: it.text });
        raw.events.extend(pastes);
        for event in &raw.events {
            if let Event::PointerButton {
                pos, button: PointerButton::Middle, pressed: true, ..
            } = event
            {
                self.clipboard.ask_selection(*pos);
            }
        }
        if self.clipboard.is_awaited_by(ViewportId::ROOT) {
            return self.turns.hold(raw);
        }
        let is_covered = self.window.is_covered();
        let context = KeyContext {
            control: self.steering.takes_keys(ctx, raw, is_covered),
            typing: ctx.text_edit_focused(),
            modal: is_covered,
        };
        let pastes = self.sessions.active().is_some_and(|open| open.view.may_share_clipboard());
        let bindings = &self.bindings;
        self.turns.deal(raw, |event, typed| {
            let is_theirs = context.control && is_key(event);
            let leaves = match is_theirs {
                true => pastes && is_paste_key(event),
                false => moves_anyhow(event) || is_paste_key(event),
            };
            leaves || bindings.means_any(event, typed, context)
        });
    }

    /// Lets Escape lead back from full screen, and else from a session to the wall that it was opened from.
    fn lead_back(&mut self, ctx: &Context, raw: &mut RawInput, context: KeyContext) {
        let is_full = self.window.full_screen.is_on();
        let is_away = self.sessions.is_away_from_wall();
        if self.steering.is_on() || !(is_full || is_away) {
            return;
        }
        let open = self.sessions.active();
        let asks = open.is_some_and(|open| open.view.dialog.is_some());
        let has_drawer = is_full && self.window.shows_panel() && !self.sessions.on_wall();
        let shown = match open.filter(|_| self.sessions.on_wall()) {
            Some(open) => tile_id(&open.key),
            None => picture_id(),
        };
        if take_escape(ctx, raw, context, asks || has_drawer, shown) {
            let leads = if is_full { Command::FullScreen } else { Command::ToggleWall };
            self.pending.push(Action::Run(leads));
        }
    }

    /// Leaves to a window beside the main one all that is typed and pointed at in it: the session in front and the
    /// commands belong to the main window. Only the clipboard's keys have to be told to its text fields.
    fn keep_input(&mut self, raw: &mut RawInput) {
        if let Some(text) = self.pasted_for(raw.viewport_id) {
            raw.events.insert(0, Event::Paste(text));
        }
        if translate_clipboard_keys(raw) == PasteWanted::Text {
            self.clipboard.ask(PasteTarget::Window(raw.viewport_id));
        }
    }

    /// Returns the text that a window asked the clipboard for, once it is there, and tells why there is none. What goes to
    /// a page is sent here: it comes before everything that waits.
    fn pasted_for(&mut self, window: ViewportId) -> Option<String> {
        match self.clipboard.take_for(window)? {
            (_, Pasted::Text(text)) => return Some(text),
            (PasteTarget::Page(session), pasted) => self.pasted_into_page(&session, pasted),
            (_, Pasted::Refused(why)) => self.notices.error(why),
            (_, Pasted::Nothing | Pasted::Content(_) | Pasted::Files(_)) => (),
        }
        None
    }

    /// Begins a pass. Times tick only while somebody looks, and so do a text field's caret and the lists of the
    /// services.
    fn begin_pass(&mut self, ctx: &Context, last_pass: Option<Duration>) {
        if let Some(pace) = self.clock.tick() {
            let ticks = pace == ClockPace::Ticking;
            ctx.all_styles_mut(|style| style.visuals.text_cursor.blink = ticks);
            self.services.set_interest(self.clock.interest());
        }
        let Some(took) = last_pass else {
            return;
        };
        let shown = self.sessions.painted(took, self.clock.now, self.clock.wall);
        if let Some(file) = &mut self.stats_file {
            shown.into_iter().for_each(|at| file.shown(at));
        }
        self.clock.repaints.pass_took(took, self.sessions.on_wall(), self.clock.now);
    }

    /// Sends keys and mouse to the session in front while it is steered.
    fn send_input(&mut self, ctx: &Context) {
        let Some(open) = self.sessions.active().filter(|_| self.steering.is_on()) else {
            return;
        };
        let surface = self.window.of(&open.key).picture.surface();
        let now = self.clock.now;
        self.steering.send_input(ctx, surface, &self.sessions, now, &mut self.notices);
    }

    fn write_statistics(&mut self) {
        let now = self.clock.now;
        let is_due = |file: &StatsFile| file.due_in(now).is_zero();
        if !self.stats_file.as_ref().is_some_and(is_due) {
            return;
        }
        let (Some(figures), Some(file)) = (figures(&self.state()), &mut self.stats_file) else {
            return;
        };
        if let Err(err) = file.write(now, &figures) {
            self.stats_file = None;
            self.notices.error(format!("The figures could not be written: {err}"));
        }
    }

    fn schedule_repaint(&self, ctx: &Context) {
        if self.turns.is_waiting() && !self.clipboard.is_awaited_by(ViewportId::ROOT) {
            ctx.request_repaint();
        }
        let statistics = self.stats_file.as_ref().map(|file| file.due_in(self.clock.now));
        if let Some(due) = self.clock.repaint_due(&self.state(), statistics) {
            ctx.request_repaint_after(due);
        }
    }
}
