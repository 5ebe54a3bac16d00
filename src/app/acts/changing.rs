//! Changes settings while the window runs: in the file, and in whatever they hold for.

use std::sync::atomic::Ordering;

use egui::{Context, ViewportCommand};

use crate::app::App;
use crate::app::kept::restore_window;
use crate::model::SessionKind;
use crate::settings::{SettingRow, SettingValue, Settings};
use crate::ui::binding::Bindings;
use crate::ui::chord::Chord;
use crate::ui::command::Command;
use crate::ui::modal::Modal;
use crate::ui::theme;

impl App {
    /// Opens the settings screen on what the file has now.
    pub(in crate::app) fn show_settings(&mut self, ctx: &Context) {
        self.change_settings(ctx, |_| ());
        self.window.settings.open();
    }

    /// Changes one setting, as the settings screen asks for.
    pub(in crate::app) fn set(&mut self, ctx: &Context, setting: &str, value: &SettingValue) {
        let Some(row) = SettingRow::at(setting) else {
            return;
        };
        let mut refused = None;
        self.change_settings(ctx, |settings| refused = row.set(settings, value).err());
        if let Some(why) = refused {
            self.notices.error(why);
        }
    }

    /// Gives a command these keys; with `None` its usual ones.
    pub(in crate::app) fn set_keys(
        &mut self,
        ctx: &Context,
        command: Command,
        keys: Option<Vec<Chord>>,
    ) {
        self.change_settings(ctx, |settings| match keys {
            Some(keys) => {
                let keys = keys.into_iter().map(Chord::setting).collect();
                settings.keys.insert(command.id().to_owned(), keys);
            }
            None => drop(settings.keys.remove(command.id())),
        });
    }

    /// Changes the settings after what somebody else wrote into the file was taken over, and puts all that has changed
    /// into force.
    fn change_settings(&mut self, ctx: &Context, change: impl FnOnce(&mut Settings)) {
        self.remember_window();
        let before = self.kept.settings.clone();
        if let Err(err) = self.kept.refresh() {
            self.notices.error(err.to_string());
        }
        change(&mut self.kept.settings);
        self.put_into_force(ctx, &before);
        self.save_settings();
    }

    fn put_into_force(&mut self, ctx: &Context, before: &Settings) {
        let now = &self.kept.settings;
        if *now == *before {
            return;
        }
        if (now.theme, now.ui_scale) != (before.theme, before.ui_scale) {
            theme::apply(ctx, now.theme, now.clamped_ui_scale());
        }
        if now.keys != before.keys {
            // What is wrong with them is told where they are changed.
            self.bindings = Bindings::from_settings(&now.keys).0;
        }
        if now.user_name != before.user_name {
            self.sessions.rename_user(&now.shown_name());
        }
        if now.host.browser != before.host.browser {
            self.host.look_for_browser(&now.host);
        }
        restore_window(now, &mut self.window);
        let wall = now.panels.wall;
        match (wall, self.sessions.on_wall()) {
            (true, false) => self.show_wall(),
            (false, true) => self.show_alone(self.sessions.active_place().unwrap_or_default()),
            (true, true) | (false, false) => (),
        }
    }

    /// Closes the window, unless its user has to be asked first: browsers that it started would end.
    pub(in crate::app) fn quit(&mut self, ctx: &Context) {
        match self.quit_question() {
            Some(question) => self.window.modal = Some(question),
            None => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// Keeps the window open where its frame's button would close it and its user has to be asked first.
    pub(in crate::app) fn ask_before_close(&mut self, ctx: &Context) {
        if !ctx.input(|input| input.viewport().close_requested())
            || self.close_meant.load(Ordering::Relaxed)
        {
            return;
        }
        if let Some(question) = self.quit_question() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.window.modal = Some(question);
        }
    }

    /// Closes the window. Its user has agreed, and perhaps wants no more to be asked.
    pub(in crate::app) fn quit_now(&mut self, ctx: &Context, ask_again: bool) {
        self.kept.settings.ask_before_quit = ask_again;
        self.close_meant.store(true, Ordering::Relaxed);
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Returns the question to ask before the window closes, where it would end browsers of its own host.
    fn quit_question(&self) -> Option<Modal> {
        let asks = self.kept.settings.ask_before_quit;
        let services = self.services.views().iter().filter(|service| service.local && asks);
        let sessions = services.flat_map(|service| &service.sessions);
        let browsers = sessions.filter(|session| session.kind == SessionKind::Browser).count();
        (browsers > 0).then_some(Modal::ConfirmQuit { browsers, ask_again: true })
    }
}
