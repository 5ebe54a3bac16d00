//! Runs each command of the palette, of the menus and of the keys.

use egui::{Context, Theme, ViewportCommand};

use crate::app::App;
use crate::app::local_host::Wanted;
use crate::app::sessions::Neighbor;
use crate::app::steering::answer_request;
use crate::model::{FrameSize, KeepAlive, PageControl};
use crate::settings::{ListForm, PanelPlace, SessionLabel, SidePanel, ThemeChoice, UI_SCALE};
use crate::ui::Action;
use crate::ui::action::{FilePlace, LogFormat, LogRows, SavePlace};
use crate::ui::command::Command;
use crate::ui::full_screen::fills_screen;
use crate::ui::modal::{CameraForm, ConnectForm, Modal};
use crate::ui::picture::{Zoom, ZoomStep};
use crate::ui::session_label::label_of;
use crate::ui::session_links::{address_of, link_of};
use crate::ui::state::{AppState, NoticeSubject, SessionKey};
use crate::ui::theme;
use crate::video::image_file;

/// Factor of one step of the size of texts and buttons.
const UI_STEP: f32 = 1.1;

impl App {
    /// Runs a command. Its key may be pressed at any time, so a command that has nothing to work on says why it does
    /// nothing.
    pub(in crate::app) fn run(&mut self, ctx: &Context, command: Command) {
        if let Some(why) = command.why_refused(&self.state()) {
            return self.notices.warn_about(NoticeSubject::NotNow, why);
        }
        match command {
            Command::ArmControl => self.steering.arm(ctx, &mut self.sessions, &mut self.notices),
            Command::ReleaseControl => self.leave_control(),
            Command::TakeOver => {
                self.steering.take_over(ctx, &mut self.sessions, &mut self.notices)
            }
            Command::HandBack => self.ask_hand_back(),
            Command::GrantControl => answer_request(true, &self.sessions, &mut self.notices),
            Command::RefuseControl => answer_request(false, &self.sessions, &mut self.notices),
            Command::PasteAsText => self.paste_text(),
            Command::ShareClipboard => self.toggle_sharing(),
            Command::CopySelection => self.ask_selected_in_page(),

            Command::NewSession => {
                self.window.modal = Some(Modal::NewSession(self.window.new_session.clone().into()))
            }
            Command::ConnectService => {
                self.window.modal = Some(Modal::Connect(ConnectForm::default()))
            }
            Command::AddCamera => self.window.modal = Some(Modal::Camera(CameraForm::default())),
            Command::DemoCamera => self.with_host(Wanted::DemoCamera),
            Command::EndSession => self.confirm_end(),
            Command::StopWatching => {
                if let Some(key) = self.sessions.active_key() {
                    self.stop_watching(&key);
                }
            }
            Command::LabelSession => {
                if let Some(open) = self.sessions.active() {
                    let label = label_of(&self.state(), &open.key);
                    self.window.modal = Some(Modal::Label(label));
                }
            }
            Command::PinSession => {
                if let Some(open) = self.sessions.active() {
                    let label = label_of(&self.state(), &open.key);
                    self.label(SessionLabel { pinned: !label.pinned, ..label });
                }
            }
            Command::CopyLink => self.copy_of_front(ctx, "The link", link_of),
            Command::CopyAddress => self.copy_of_front(ctx, "The address", address_of),
            Command::ShowHistory => self.window.modal = Some(Modal::History),
            Command::ClearHistory => self.clear_history(),
            Command::ReconnectNow => self.reconnect(),
            Command::ToggleKeepAlive => self.toggle_keep_alive(),
            Command::NextSession => self.step_session(Neighbor::Next),
            Command::PreviousSession => self.step_session(Neighbor::Previous),
            Command::NextNeed => self.go_to_next_need(),
            Command::ShowInbox => self.window.modal = Some(Modal::Inbox),
            Command::ToggleNeedsFirst => {
                let first = &mut self.kept.settings.needs_first;
                *first = !*first;
            }
            Command::Session1
            | Command::Session2
            | Command::Session3
            | Command::Session4
            | Command::Session5
            | Command::Session6
            | Command::Session7
            | Command::Session8
            | Command::Session9 => {
                if let Some(at) = command.session_index() {
                    self.show_alone(at);
                }
            }

            Command::FocusAddress => self.window.address.focus(),
            Command::Back => self.send(PageControl::Back),
            Command::Forward => self.send(PageControl::Forward),
            Command::Reload => self.send(PageControl::Reload),
            Command::Stop => self.send(PageControl::Stop),
            Command::FindInPage => {
                if let Some(key) = self.sessions.active_key() {
                    self.window.find_bar.open(key);
                }
            }
            Command::RunScript => {
                let form = self.sessions.active_key().map(|key| self.scripts.form(key));
                self.window.modal = form.map(Modal::Script).or(self.window.modal.take());
            }
            Command::NewTab => self.send(PageControl::NewTab { url: None }),
            Command::CloseTab => self.close_tab(),
            Command::ShowDownloads => self.window.modal = Some(Modal::Downloads),
            Command::SaveDownload
            | Command::SaveDownloadAs
            | Command::SaveAllDownloads
            | Command::OpenDownload
            | Command::ShowDownload => self.run_on_download(command),
            Command::ShowMessages => self.window.modal = Some(Modal::Messages),
            Command::GiveFile => self.give_file(FilePlace::Ask),
            Command::NextTab => self.step_tab(Neighbor::Next),
            Command::PreviousTab => self.step_tab(Neighbor::Previous),

            Command::ZoomFit => self.zoom_to(Zoom::Fit),
            Command::ZoomActual => self.zoom_to(Zoom::Actual),
            Command::ZoomIn => self.zoom_step(ZoomStep::In),
            Command::ZoomOut => self.zoom_step(ZoomStep::Out),
            Command::MatchViewport => self.match_viewport(),
            Command::SavePage => self.pending.push(Action::SavePage { place: SavePlace::Ask }),
            Command::SaveSnapshot => {
                self.pending.push(Action::SaveSnapshot { place: SavePlace::Ask })
            }
            Command::CopySnapshot => self.copy_snapshot(ctx),
            Command::RecordSession => self.toggle_recording(),
            Command::RecordAll => self.toggle_recording_all(),
            Command::ToggleBoxes => self.toggle_boxes(),

            Command::FollowLog => {
                if let Some((log, ui)) = self.active_log() {
                    ui.toggle_follow(log);
                }
            }
            Command::FocusLogFilter => {
                self.window.set_panel(true);
                self.window.side = SidePanel::Log;
                if let Some((_, ui)) = self.active_log() {
                    ui.focus_filter();
                }
            }
            Command::ClearLogFilter => {
                if let Some((_, ui)) = self.active_log() {
                    ui.clear_filter();
                }
            }
            Command::CopyRow => match self.active_log().and_then(|(log, ui)| ui.copy_selected(log))
            {
                Some(text) => ctx.copy_text(text),
                None => self.notices.error("No row of the log is selected"),
            },
            Command::SaveLog => self.pending.push(Action::SaveLog {
                format: LogFormat::JsonLines,
                rows: LogRows::Shown,
                place: SavePlace::Ask,
            }),

            Command::Palette => self.window.palette.toggle(),
            Command::Help => self.window.help.toggle(),
            Command::ToggleSessions => self.toggle_sessions(),
            Command::MoveList => self.move_list(ctx),
            Command::MovePanel => self.move_panel(ctx),
            Command::ToggleWall => self.toggle_wall(),
            Command::ToggleLog => self.toggle_side(SidePanel::Log),
            Command::ToggleChat => self.toggle_side(SidePanel::Chat),
            Command::TogglePeople => self.toggle_side(SidePanel::People),
            Command::ToggleObjects => self.toggle_side(SidePanel::Objects),
            Command::ToggleStats => self.window.show_statistics = !self.window.show_statistics,
            Command::FullScreen => {
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!fills_screen(ctx)));
            }
            Command::UiLarger => self.scale_ui(ctx, self.kept.settings.ui_scale * UI_STEP),
            Command::UiSmaller => self.scale_ui(ctx, self.kept.settings.ui_scale / UI_STEP),
            Command::UiReset => self.scale_ui(ctx, 1.0),
            Command::ThemeSystem => self.choose_theme(ctx, ThemeChoice::System),
            Command::ThemeDark => self.choose_theme(ctx, ThemeChoice::Dark),
            Command::ThemeLight => self.choose_theme(ctx, ThemeChoice::Light),
            Command::ThemeHighContrast => self.choose_theme(ctx, ThemeChoice::HighContrast),
            Command::ShowSettings => self.show_settings(ctx),
            Command::ShowSettingsFile => self.show_settings_file(ctx),
            Command::About => self.window.modal = Some(Modal::About),
            Command::Quit => self.quit(ctx),
        }
    }

    fn toggle_side(&mut self, side: SidePanel) {
        self.window.toggle_side(side, self.sessions.active());
    }

    /// Shows or hides the list of sessions. Full screen has no place for it.
    fn toggle_sessions(&mut self) {
        if self.window.full_screen.is_on() && self.sessions.active().is_some() {
            let palette = self.bindings.chord_of(Command::Palette).unwrap_or_default();
            return self.notices.good(format!(
                "The list of sessions is shown outside of full screen; {palette} finds sessions here, too"
            ));
        }
        self.window.show_sessions = !self.window.show_sessions;
    }

    /// Gives the list of sessions its next form, for windows as large as this one.
    fn move_list(&mut self, ctx: &Context) {
        let places = self.window.places.of_mut(ctx.content_rect().width());
        places.list = places.list.next();
        self.window.show_sessions = true;
        self.notices.good(match places.list {
            ListForm::Auto => "The session list has names where the picture has room for them",
            ListForm::Names => "The session list has names",
            ListForm::Icons => "The session list has icons",
        });
    }

    /// Puts the panel with the log into its next place, for windows as large as this one.
    fn move_panel(&mut self, ctx: &Context) {
        let places = self.window.places.of_mut(ctx.content_rect().width());
        places.panel = places.panel.next();
        let is_over = places.panel == PanelPlace::Over;
        (self.window.show_side, self.window.show_drawer) = (!is_over, is_over);
        self.notices.good(match places.panel {
            PanelPlace::Auto => "The log is where it leaves most to the picture",
            PanelPlace::Right => "The log is to the right of the picture",
            PanelPlace::Below => "The log is below the picture",
            PanelPlace::Over => "The log lies over the picture",
        });
    }

    fn toggle_wall(&mut self) {
        if self.sessions.on_wall() {
            self.show_alone(self.sessions.active_place().unwrap_or_default());
        } else {
            self.show_wall();
        }
    }

    /// Asks for a note first, because whoever goes on should know where things stand.
    fn ask_hand_back(&mut self) {
        self.steering.leave_to_hand_back(&self.sessions, &mut self.notices);
        self.window.modal = Some(Modal::HandBack { note: String::new() });
    }

    /// Shows or hides the boxes. Where nothing is found in any picture, it refuses: nobody would know later why boxes
    /// are missing.
    fn toggle_boxes(&mut self) {
        let mut open = self.sessions.views().iter();
        if open.any(|open| open.view.capabilities.detections) {
            let hidden = &mut self.window.objects.filter.all_hidden;
            *hidden = !*hidden;
        }
    }

    fn confirm_end(&mut self) {
        if let Some(open) = self.sessions.active() {
            let (key, name) = (open.key.clone(), open.name.clone());
            self.window.modal = Some(Modal::ConfirmEnd { key, name });
        }
    }

    fn reconnect(&mut self) {
        match self.sessions.active_watched() {
            Some(watched) => watched.handle.reconnect_now(),
            // Where nothing is in front, the lists of sessions are fetched again.
            None => self.services.refresh(),
        }
    }

    /// Sets whether the session in front is kept alive although nobody does anything.
    pub(in crate::app) fn set_keep_alive(&mut self, on: bool) {
        if let Some(watched) = self.sessions.active_watched() {
            watched.handle.set_keep_alive(on);
        }
    }

    /// Begins to record the session in front, or ends that.
    fn toggle_recording(&mut self) {
        if let Some(key) = self.sessions.active_key() {
            match self.recordings.has(&key) {
                true => self.recordings.stop(&key, &mut self.sessions),
                false => self.record(vec![key]),
            }
        }
    }

    /// Begins to record all sessions into one file, or ends all recordings where there are any.
    fn toggle_recording_all(&mut self) {
        let keys = self.sessions.views().iter().map(|open| open.key.clone());
        let (recorded, others): (Vec<_>, Vec<_>) = keys.partition(|key| self.recordings.has(key));
        if recorded.is_empty() {
            return self.record(others);
        }
        for key in recorded {
            self.recordings.stop(&key, &mut self.sessions);
        }
    }

    fn record(&mut self, keys: Vec<SessionKey>) {
        let Self { recordings, sessions, services, background, notices, .. } = self;
        recordings.start(keys, sessions, services, background, notices);
    }

    fn toggle_keep_alive(&mut self) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        let on = !matches!(open.view.keep_alive, KeepAlive::On { .. });
        self.set_keep_alive(on);
    }

    fn step_session(&mut self, neighbor: Neighbor) {
        if let Some(place) = self.sessions.place_beside(neighbor) {
            self.bring_to_front(place);
        }
    }

    fn step_tab(&mut self, neighbor: Neighbor) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        let tabs = &open.view.tabs;
        let Some(at) = tabs.iter().position(|tab| tab.active) else {
            return;
        };
        let id = tabs[neighbor.of(at, tabs.len())].id.clone();
        self.send(PageControl::SelectTab { tab_id: id });
    }

    fn close_tab(&mut self) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        match open.view.tabs.iter().find(|tab| tab.active).map(|tab| tab.id.clone()) {
            Some(id) => self.send(PageControl::CloseTab { tab_id: id }),
            None => self.notices.error("This session has no tabs to close"),
        }
    }

    fn zoom_to(&mut self, zoom: Zoom) {
        if let Some(key) = self.sessions.active_key() {
            self.window.of(&key).picture.zoom_to(zoom);
        }
    }

    fn zoom_step(&mut self, step: ZoomStep) {
        if let Some(key) = self.sessions.active_key() {
            self.window.of(&key).picture.zoom_step(step);
        }
    }

    /// Gives the page the size of the area, so that one pixel of the page is one of the screen.
    fn match_viewport(&mut self) {
        let Some(open) = self.sessions.active() else {
            return;
        };
        let (key, others_may_come) = (open.key.clone(), open.view.capabilities.people);
        let view = self.window.of(&key);
        let Some(area) = view.picture.area_pixels() else {
            return;
        };
        // Where nobody else can be in the session, nobody tells when the page may be resized by itself.
        view.fits = others_may_come && !view.fits;
        let goes_on = view.fits;
        if others_may_come && !goes_on {
            return self.notices.good("The page keeps its size");
        }
        let size = FrameSize { width: area.x as u32, height: area.y as u32 };
        self.send(PageControl::Viewport(size));
        self.zoom_to(Zoom::Fit);
        self.notices.good(match goes_on {
            true => "The page takes the size of its space while nobody else is in the session",
            false => "The page has the size of its space",
        });
    }

    fn active_log(&mut self) -> Option<(&crate::model::log::Log, &mut crate::ui::log::LogUiState)> {
        let open = self.sessions.active()?;
        Some((&open.view.log, &mut self.window.of(&open.key).side.log))
    }

    /// Copies the picture to the clipboard as it was received.
    fn copy_snapshot(&mut self, ctx: &Context) {
        let source = self.sessions.active_watched().and_then(|watched| watched.source.as_ref());
        let Some(source) = source else {
            return self.notices.error("There is no picture to copy yet");
        };
        match image_file::pixels(source) {
            Ok(image) => {
                ctx.copy_image(image);
                self.notices.good("The picture is in the clipboard");
            }
            Err(err) => self.notices.error(format!("The picture could not be copied: {err}")),
        }
    }

    /// Copies what names the session in front to others.
    fn copy_of_front(
        &mut self,
        ctx: &Context,
        what: &str,
        text: fn(&AppState<'_>, &SessionKey) -> Result<String, &'static str>,
    ) {
        let Some(key) = self.sessions.active_key() else {
            return;
        };
        let text = text(&self.state(), &key);
        match text {
            Ok(text) => {
                ctx.copy_text(text);
                self.notices.good(format!("{what} is in the clipboard"));
            }
            Err(why) => self.notices.warn_about(NoticeSubject::NotNow, why),
        }
    }

    fn scale_ui(&mut self, ctx: &Context, scale: f32) {
        self.kept.settings.ui_scale = scale.clamp(*UI_SCALE.start(), *UI_SCALE.end());
        theme::apply(ctx, self.kept.settings.theme, self.kept.settings.ui_scale);
    }

    fn choose_theme(&mut self, ctx: &Context, choice: ThemeChoice) {
        self.kept.settings.theme = choice;
        theme::apply(ctx, choice, self.kept.settings.ui_scale);
        let shown = match (choice, ctx.theme()) {
            (ThemeChoice::System, Theme::Dark) => "Following the system, which is dark",
            (ThemeChoice::System, Theme::Light) => "Following the system, which is light",
            (ThemeChoice::Dark | ThemeChoice::Light | ThemeChoice::HighContrast, _) => return,
        };
        self.notices.good(shown);
    }

    fn show_settings_file(&mut self, ctx: &Context) {
        self.save_settings();
        match self.kept.store() {
            Some(store) => {
                let path = store.path().display().to_string();
                ctx.copy_text(path.clone());
                self.notices.good(format!("The settings are in {path}, now in the clipboard too. What you write there holds once the settings are opened here, else from the next start"));
            }
            None => self.notices.error("There is no folder for settings: set HELMSIGHT_CONFIG_DIR"),
        }
    }
}
