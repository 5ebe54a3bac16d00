//! The only room that sees everything: owns the state, drains the background side, runs what panels ask for.

mod cameras;
mod chat;
mod commands;
mod dialogs;
mod executor;
mod files;
mod jobs;
mod link;
pub mod local_host;
mod objects;
mod people;
mod profile;
mod repaint_pace;
mod saving;
mod services;
mod startup;
mod stats_file;
mod timing;
mod wall;
mod watched;
pub mod window;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use eframe::Frame;
use egui::{Context, RawInput, Ui, ViewportCommand};
use jiff::Timestamp;

use self::chat::Chats;
use self::files::AskingPage;
use self::jobs::Jobs;
use self::local_host::{BrowserOptions, LocalHost};
use self::repaint_pace::RepaintPace;
use self::services::Listed;
use self::stats_file::StatsFile;
use self::watched::Watched;
use crate::model::ObjectChoices;
use crate::protocol::link::Link;
use crate::session::backend::CameraSetup;
use crate::settings::secrets::SecretError;
use crate::settings::{Settings, Store, WatchedSession};
use crate::ui::Action;
use crate::ui::binding::{Bindings, KeyContext};
use crate::ui::clock::Clock;
use crate::ui::command::Command;
use crate::ui::input::{Gate, OurKeys, PasteWanted, SessionInput};
use crate::ui::notices;
use crate::ui::shell::{ShellState, shell_ui};
use crate::ui::state::{AppState, Level, Notice, OpenSession, SessionKey, Told};
use crate::video::DecodePool;

/// What is said of requests that a session refused: the newest answer is the one that counts.
const REFUSALS: &str = "refusals";

/// The window's owner of everything.
pub struct App {
    state: AppState,
    shell: ShellState,
    settings: Settings,
    /// `None` where there is no folder for settings.
    store: Option<Store>,
    bindings: Bindings,
    /// In the order of `state.open`.
    watched: Vec<Watched>,
    /// In the order of `state.services`.
    services: Vec<Listed>,
    /// In the order of the list; with their keys.
    cameras: Vec<CameraSetup>,
    /// What was watched at the last time, in order.
    remembered: Vec<WatchedSession>,
    /// What of that has no service yet.
    awaited: Vec<WatchedSession>,
    /// Links to places that are not known: each is asked about in turn.
    asked_links: VecDeque<Link>,
    chats: Chats,
    local_host: LocalHost,
    browser: BrowserOptions,
    jobs: Jobs,
    decode: DecodePool,
    pace: RepaintPace,
    input: SessionInput,
    /// Where control was asked for of whoever drives: it begins once it is given.
    asked_for_control: Option<SessionKey>,
    /// Where control came with entering it: it goes with leaving.
    entered: Option<SessionKey>,
    /// Sessions that are over and were taken off the list, which services tell of for a while.
    removed: BTreeSet<SessionKey>,
    /// Waits for the path of a file to be typed.
    asking_page: Option<AskingPage>,
    /// By service: why it is used without the key that it may have.
    unread_keys: BTreeMap<String, SecretError>,
    /// Asked for and not run yet.
    pending: Vec<Action>,
    stats_file: Option<StatsFile>,
    next_notice: u64,
    /// Of what a dialog waits for.
    next_check: u64,
    /// What the sessions were last told to look for.
    told_objects: ObjectChoices,
    /// When the user last touched keyboard or mouse: how fine the clocks on screen need to be.
    last_input: Instant,
}

impl eframe::App for App {
    fn raw_input_hook(&mut self, ctx: &Context, raw: &mut RawInput) {
        if !raw.events.is_empty() {
            self.last_input = Instant::now();
        }
        let gate = Gate { armed: self.state.control, covered: self.shell.is_covered() };
        let ours = OurKeys {
            leave: self.bindings.chords_of(Command::ReleaseControl),
            paste: self.bindings.chords_of(Command::PasteAsText),
        };
        let asked = self.input.hook(ctx, raw, gate, ours);
        if asked.leave {
            self.pending.push(Action::Run(Command::ReleaseControl));
        }
        if asked.paste == PasteWanted::Yes {
            ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
        }
        let context = KeyContext {
            control: self.state.control && self.input.has_keyboard(),
            typing: ctx.text_edit_focused(),
            modal: self.shell.is_covered(),
        };
        self.escape_to_wall(ctx, raw, context);
        let commands = self.bindings.consume(&mut raw.events, context);
        self.pending.extend(commands.into_iter().map(Action::Run));
    }

    fn logic(&mut self, ctx: &Context, frame: &mut Frame) {
        self.state.now = Instant::now();
        self.state.wall = Timestamp::now();
        self.set_pace(ctx);
        if let Some(seconds) = frame.info().cpu_usage {
            let took = Duration::from_secs_f32(seconds);
            self.painted(took);
            self.pace_repaints(took);
        }
        for outcome in self.jobs.take_finished() {
            outcome(self);
        }
        self.drain_services();
        self.drain_sessions(ctx);
        self.follow_people(ctx);
        self.show_alerts(ctx);
        self.tend_chats();
        self.send_input(ctx);
        self.drop_old_notices();
        self.write_statistics();
        self.run_pending(ctx);
        self.ask_about_links();
        self.schedule_repaint(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        self.shell.keyboard_is_sessions = self.input.has_keyboard();
        self.shell.preedit.clear();
        self.shell.preedit.push_str(self.input.preedit());
        shell_ui(ui, &self.state, &mut self.shell, &self.bindings, &mut self.pending);
        self.tell_attention(ui.ctx());
        self.tell_objects();
        if !self.pending.is_empty() {
            self.run_pending(ui.ctx());
            ui.ctx().request_repaint();
        }
    }

    fn save(&mut self, _: &mut dyn eframe::Storage) {
        self.save_settings();
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.close();
    }
}

impl App {
    fn active_watched(&self) -> Option<&Watched> {
        self.watched.get(self.state.active?)
    }

    fn drain_sessions(&mut self, ctx: &Context) {
        for (open, watched) in self.state.open.iter_mut().zip(&mut self.watched) {
            let geometry = wall::geometry(&mut self.shell, self.state.on_wall, &open.key);
            watched.update(open, ctx, geometry.as_ref(), self.state.now);
        }
        match self.state.active() {
            None => self.state.control = false,
            // Nothing is left to have control of.
            Some(open) if open.condition.is_over() && self.state.control => self.leave_control(),
            Some(_) => (),
        }
        for at in 0..self.state.open.len() {
            for why in std::mem::take(&mut self.state.open[at].view.refused) {
                self.forget_request(at);
                self.error_about(REFUSALS, why);
            }
        }
    }

    /// Keys and mouse to the session in front, while it is armed.
    fn send_input(&mut self, ctx: &Context) {
        let Some(active) = self.state.active.filter(|_| self.state.control) else {
            return;
        };
        let open = &self.state.open[active];
        let surface = self.shell.of(&open.key).picture.surface();
        for control in self.input.controls(ctx, &open.condition, surface, self.state.now) {
            self.send(control);
        }
    }

    /// The last pass showed the uploaded pictures.
    fn painted(&mut self, took: Duration) {
        let (now, wall) = (self.state.now, self.state.wall);
        let (active, on_wall) = (self.state.active, self.state.on_wall);
        for watched in wall::painted_ones(&mut self.watched, active, on_wall) {
            let shown_at = watched.painted(took, now, wall);
            if let (Some(at), Some(file)) = (shown_at, &mut self.stats_file) {
                file.shown(at);
            }
        }
    }

    fn drop_old_notices(&mut self) {
        let now = self.state.now;
        if self.shell.notices.is_being_read {
            for notice in &mut self.state.notices {
                notices::stay(notice, now);
            }
        }
        self.state.notices.retain(|notice| notices::expires_at(notice) > now);
    }

    fn write_statistics(&mut self) {
        let is_due = |file: &StatsFile| file.due_in(self.state.now).is_zero();
        if !self.stats_file.as_ref().is_some_and(is_due) {
            return;
        }
        let (Some(figures), Some(file)) = (self.figures(), &mut self.stats_file) else {
            return;
        };
        if let Err(err) = file.write(self.state.now, &figures) {
            self.stats_file = None;
            self.error(format!("The figures could not be written: {err}"));
        }
    }

    /// Something the user should know. What is told now can be read again later.
    fn notice(&mut self, text: String, level: Level) {
        self.tell_about(None, text, level);
    }

    /// Newer words about the same replace older ones.
    fn tell_about(&mut self, subject: Option<&str>, text: String, level: Level) {
        let shown = &mut self.state.notices;
        if let Some(subject) = subject {
            shown.retain(|notice| notice.subject.as_deref() != Some(subject));
        }
        if shown.iter().any(|notice| notice.text == text) {
            return;
        }
        if shown.len() == notices::MAX_NOTICES {
            shown.remove(0);
        }
        if self.state.told.len() == notices::MAX_TOLD {
            self.state.told.pop_front();
        }
        self.state.told.push_back(Told { text: text.clone(), level, at: Timestamp::now() });
        self.next_notice += 1;
        self.state.notices.push(Notice {
            id: self.next_notice,
            text,
            level,
            subject: subject.map(str::to_owned),
            since: Instant::now(),
        });
    }

    fn error(&mut self, text: impl Into<String>) {
        let text = text.into();
        tracing::warn!("{text}");
        self.notice(text, Level::Error);
    }

    fn error_about(&mut self, subject: &str, text: String) {
        tracing::warn!("{text}");
        self.tell_about(Some(subject), text, Level::Error);
    }

    /// What was told of `subject` no longer holds.
    fn settled(&mut self, subject: &str) {
        let is_other = |notice: &Notice| notice.subject.as_deref() != Some(subject);
        self.state.notices.retain(is_other);
    }

    fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        tracing::warn!("{text}");
        self.notice(text, Level::Warning);
    }

    fn good(&mut self, text: impl Into<String>) {
        self.notice(text.into(), Level::Good);
    }

    /// Ends in order: keys up, then the streams, then the browsers of the host in this process.
    fn close(&mut self) {
        for control in self.input.release_all() {
            self.send(control);
        }
        self.save_settings();
        self.save_chats_now();
        self.watched.clear();
        self.state.open.clear();
        self.services.clear();
        if let LocalHost::Running(host) = std::mem::take(&mut self.local_host) {
            self.jobs.runtime().block_on(host.shutdown());
        }
    }
}

/// For the figures' file: one lower-case word.
fn condition_word(open: &OpenSession, clock: Clock<'_>) -> String {
    let words = crate::ui::widgets::condition_words(&open.condition, clock);
    words.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase()
}
