//! Makes a running app from options and settings.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::Context as _;
use egui::Context;
use jiff::tz::TimeZone;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::App;
use super::cameras::CameraList;
use super::chats::Chats;
use super::clipboard::{Sharing, SystemClipboard};
use super::clock::WindowClock;
use super::concerns::Concerns;
use super::dialogs::Dialogs;
use super::downloads::DownloadSaver;
use super::files::Files;
use super::jobs::Background;
use super::kept::{Kept, restore_window};
use super::local_host::LocalHost;
use super::notices::Notices;
use super::objects::choices_of;
use super::options::Options;
use super::page_fits::PageFits;
use super::recordings::{Recordings, folder_for};
use super::scripts::Scripts;
use super::services::{Connector, Services};
use super::sessions::OpenSessions;
use super::stats_file::StatsFile;
use super::steering::Steering;
use super::system_notices::SystemNotices;
use super::title::WindowTitle;
use super::turns::Turns;
use super::window_sight::WindowSight;
use crate::base::{Interrupts, Wake};
use crate::model::SessionKind;
use crate::model::log::LogFilter;
use crate::settings::{Settings, Store, config_dir, data_dir};
use crate::ui::action::NewSession;
use crate::ui::binding::{Bindings, silence_built_in_shortcuts};
use crate::ui::main_window::MainWindowState;
use crate::ui::right_to_left::RightToLeft;
use crate::ui::theme;
use crate::video::DecodePool;

/// Two decoder threads are enough for a wall of pictures, and leave the window its processor.
const DECODERS: usize = 2;

impl App {
    /// Makes the app and opens what `options` ask for. Fails where the decoder threads can't start or the file of the
    /// figures can't be written.
    pub fn new(
        ctx: &Context,
        options: Options,
        runtime: Handle,
        tracker: TaskTracker,
    ) -> anyhow::Result<Self> {
        let dir =
            options.config_dir.clone().or_else(|| config_dir(|name| std::env::var(name).ok()));
        let loaded = dir.map(|dir| Store::load(&dir));
        let (store, settings, problem) = match loaded {
            Some(loaded) => (Some(loaded.store), loaded.settings, loaded.problem),
            None => (None, Settings::default(), None),
        };
        let (bindings, clashes) = Bindings::from_settings(&settings.keys);
        theme::install_fonts(ctx);
        ctx.add_plugin(RightToLeft::default());
        theme::apply(ctx, settings.theme, settings.clamped_ui_scale());
        silence_built_in_shortcuts(ctx);

        let clock = WindowClock::new();
        let (repaint, paced) = (ctx.clone(), clock.repaints.clone());
        let wake = Wake::new(move || repaint.request_repaint_after(paced.wait(Instant::now())));
        let decode = DecodePool::new(DECODERS).context("Could not start the decoder threads")?;
        let side = ctx.input(|i| i.max_texture_side);
        decode.set_max_texture_side(u32::try_from(side).unwrap_or(u32::MAX));
        let background = Background { runtime, tracker, wake, decode: Arc::new(decode) };
        let stats_file = match &options.stats {
            Some(path) => Some(
                StatsFile::open(path)
                    .with_context(|| format!("Could not open {}", path.display()))?,
            ),
            None => None,
        };
        let data_dir =
            options.config_dir.clone().or_else(|| data_dir(|name| std::env::var(name).ok()));

        let recordings = folder_for(options.config_dir.is_some(), data_dir.as_deref());

        let mut app = Self {
            clock,
            window: main_window(&settings),
            bindings,
            pending: Vec::new(),
            notices: Notices::default(),
            concerns: Concerns::default(),
            system_notices: SystemNotices::default(),
            dialogs: Dialogs::default(),
            services: Services::default(),
            connector: Connector::new(&background),
            cameras: CameraList::new(&background),
            host: LocalHost::new(options.browser.clone(), &settings.host, &background),
            sessions: OpenSessions::new(choices_of(&settings)),
            steering: Steering::default(),
            chats: Chats::new(data_dir.clone(), &background),
            files: Files::new(&background),
            downloads: DownloadSaver::new(&background),
            recordings: Recordings::new(recordings, &background),
            scripts: Scripts::new(&background),
            fits: PageFits::default(),
            kept: Kept::new(settings, store, &background),
            clipboard: SystemClipboard::new(&background),
            sharing: Sharing::default(),
            background,
            stats_file,
            turns: Turns::default(),
            sight: WindowSight::new(),
            title: WindowTitle::default(),
            reached: BTreeSet::new(),
            ended: BTreeSet::new(),
            close_meant: Arc::default(),
        };
        let memory_problem = data_dir.and_then(|dir| app.kept.remember_in(&dir));
        for problem in problem.iter().chain(&memory_problem).map(ToString::to_string).chain(clashes)
        {
            app.notices.error(problem);
        }
        if options.browser.no_sandbox {
            let risk = "Chromium runs without its sandbox: open only pages that you trust";
            app.notices.warn(risk);
        }
        app.close_on_signal(ctx.clone());
        app.open_at_start(options);
        Ok(app)
    }

    /// Connects to all that is known, and opens what is asked for, else what was watched at the last time.
    fn open_at_start(&mut self, options: Options) {
        let last = std::mem::take(&mut self.kept.settings.last_sessions);
        if options.targets.is_empty() {
            self.sessions.reopen(last);
            self.sessions.set_on_wall(self.kept.settings.panels.wall);
        }
        self.connect_known_services();
        self.chats.connect_profiles(&self.kept.settings.chats);
        self.cameras.connect_known(&self.kept.settings, &mut self.notices);
        self.list_cameras();
        if options.wall {
            self.show_wall();
        }
        for target in options.targets {
            self.open_target(target);
        }
        if self.sessions.on_wall() {
            self.bring_to_front(0);
        }
    }

    /// Closes the window in order at a signal, such as Ctrl+C in the terminal. The wait for it ends with the runtime.
    fn close_on_signal(&self, ctx: Context) {
        let meant = self.close_meant.clone();
        let runtime = &self.background.runtime;
        let mut interrupts = {
            let _entered = runtime.enter();
            Interrupts::listen()
        };
        runtime.spawn(async move {
            interrupts.next().await;
            meant.store(true, Ordering::Relaxed);
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            ctx.request_repaint();
        });
    }
}

fn main_window(settings: &Settings) -> MainWindowState {
    let new_session = NewSession {
        service: None,
        kind: SessionKind::Browser,
        width: settings.host.width,
        height: settings.host.height,
        fits: settings.host.fits,
        url: String::new(),
    };
    let mut window = MainWindowState::new(new_session, TimeZone::system(), LogFilter::default());
    restore_window(settings, &mut window);
    window
}
