//! From options and settings to a running app.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Context as _;
use eframe::CreationContext;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use url::Url;

use super::App;
use super::chat::Chats;
use super::jobs::Jobs;
use super::local_host::{self, LocalHost, Wanted};
use super::objects::{choices_of, keep_choices};
use super::repaint_pace::RepaintPace;
use super::stats_file::StatsFile;
use super::window::{Options, Target};
use crate::base::Wake;
use crate::host::chromium;
use crate::model::SessionKind;
use crate::model::log::LogFilter;
use crate::settings::{LogFilters, Panels, Settings, Store, WatchedSession, config_dir, data_dir};
use crate::ui::action::NewSession;
use crate::ui::binding::{Bindings, silence_built_in_shortcuts};
use crate::ui::clock::Pace;
use crate::ui::shell::ShellState;
use crate::ui::state::{AppState, LocalBrowser, SessionKey};
use crate::ui::theme;
use crate::video::DecodePool;

/// Two are enough for a wall of pictures, and leave the window its processor.
const DECODERS: usize = 2;
impl App {
    pub fn new(
        cc: &CreationContext<'_>,
        options: Options,
        runtime: Handle,
        tracker: TaskTracker,
    ) -> anyhow::Result<Self> {
        let ctx = cc.egui_ctx.clone();
        let dir =
            options.config_dir.clone().or_else(|| config_dir(|name| std::env::var(name).ok()));
        let loaded = dir.map(|dir| Store::load(&dir));
        let (store, settings, problem) = match loaded {
            Some(loaded) => (Some(loaded.store), loaded.settings, loaded.problem),
            None => (None, Settings::default(), None),
        };
        let (bindings, clashes) = Bindings::from_settings(&settings.keys);
        theme::install_fonts(&ctx);
        theme::apply(&ctx, settings.theme, settings.clamped_ui_scale());
        silence_built_in_shortcuts(&ctx);

        let repaint = ctx.clone();
        let pace = RepaintPace::new(Instant::now());
        let paced = pace.clone();
        let wake = Wake::new(move || repaint.request_repaint_after(paced.wait(Instant::now())));
        let decode = DecodePool::new(DECODERS).context("Could not start the decoder threads")?;
        let side = ctx.input(|i| i.max_texture_side);
        decode.set_max_texture_side(u32::try_from(side).unwrap_or(u32::MAX));
        let stats_file = match &options.stats {
            Some(path) => Some(
                StatsFile::open(path)
                    .with_context(|| format!("Could not open {}", path.display()))?,
            ),
            None => None,
        };

        let mut app = Self {
            state: AppState {
                now: Instant::now(),
                wall: Timestamp::now(),
                zone: TimeZone::system(),
                pace: Pace::default(),
                services: Vec::new(),
                open: Vec::new(),
                active: None,
                on_wall: false,
                control: false,
                local_browser: local_browser(&options, &settings),
                notices: Vec::new(),
                told: Default::default(),
                busy: None,
                keep_chats: settings.keep_chats,
            },
            told_objects: choices_of(&settings),
            shell: shell(&settings),
            chats: Chats::new(
                options.config_dir.clone().or_else(|| data_dir(|name| std::env::var(name).ok())),
            ),
            settings,
            store,
            bindings,
            watched: Vec::new(),
            services: Vec::new(),
            cameras: Vec::new(),
            remembered: Vec::new(),
            awaited: Vec::new(),
            asked_links: Default::default(),
            local_host: LocalHost::default(),
            browser: options.browser.clone(),
            jobs: Jobs::new(runtime, tracker, wake),
            decode,
            pace,
            input: Default::default(),
            asked_for_control: None,
            entered: None,
            removed: Default::default(),
            asking_page: None,
            unread_keys: Default::default(),
            pending: Vec::new(),
            stats_file,
            next_notice: 0,
            next_check: 0,
            last_input: Instant::now(),
        };
        for problem in problem.iter().map(ToString::to_string).chain(clashes) {
            app.error(problem);
        }
        if options.browser.no_sandbox {
            app.warn("Chromium runs without its sandbox: open only pages that you trust");
        }
        app.close_on_signal(ctx);
        let reopened = std::mem::take(&mut app.settings.last_sessions);
        if options.targets.is_empty() {
            app.awaited.clone_from(&reopened);
            app.remembered = reopened;
            app.state.on_wall = app.settings.panels.wall;
        }
        app.connect_known_services();
        app.connect_chat_profiles();
        app.connect_known_cameras();
        if options.wall {
            app.show_wall();
        }
        for target in options.targets {
            app.open_target(target);
        }
        if app.state.on_wall {
            app.bring_to_front(0);
        }
        Ok(app)
    }

    pub(super) fn open_target(&mut self, target: Target) {
        let new = self.shell.new_session.clone();
        match target {
            Target::StartPage => self.start_page(new),
            Target::Link(text) => self.open_link(&text),
            Target::Recording(path) => self.refuse_recording(&path),
            Target::Page(url) => self.create(NewSession { url, ..new }),
            Target::Sample => self.create(NewSession { kind: SessionKind::Sample, ..new }),
            Target::Session { base, id, auth } => {
                let service = self.name_of_service(&base);
                if !self.state.services.iter().any(|known| known.name == service) {
                    self.add_service(service.clone(), base, auth, false);
                }
                self.open(SessionKey { service, id });
            }
            Target::DemoCamera => self.with_host(Wanted::DemoCamera),
            Target::Camera(setup) => self.open_camera(*setup),
        }
    }

    /// The host's name; with its port where another service on that host has the name.
    fn name_of_service(&self, base: &Url) -> String {
        let host = base.host_str().unwrap_or("Service").to_owned();
        let mut known = self.state.services.iter();
        match known.find(|service| service.name == host) {
            Some(other)
                if other.base_url.trim_end_matches('/') != base.as_str().trim_end_matches('/') =>
            {
                format!("{host}:{}", base.port_or_known_default().unwrap_or_default())
            }
            Some(_) | None => host,
        }
    }

    /// Where no browser is found, the first page says so and offers the sample.
    fn start_page(&mut self, new: NewSession) {
        match self.state.local_browser {
            LocalBrowser::Found { .. } => self.create(new),
            LocalBrowser::Missing { .. } => (),
        }
    }

    /// Ctrl+C in the terminal closes the window in order.
    fn close_on_signal(&self, ctx: egui::Context) {
        self.jobs.spawn_detached(async move {
            crate::base::interrupted().await;
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            ctx.request_repaint();
        });
    }

    /// Copies what the window remembers to the settings, and writes what changed.
    pub(super) fn save_settings(&mut self) {
        let active = self.state.active().map(|open| open.key.clone());
        let filter = self.shell.filter_of(active.as_ref());
        self.settings.log.include.clone_from(&filter.include);
        self.settings.log.exclude.clone_from(&filter.exclude);
        self.settings.log.set_hidden_families(&filter.families_off);
        self.settings.panels = Panels {
            sessions: self.shell.show_sessions,
            log: self.shell.show_side,
            side: self.shell.side,
            stats: self.shell.show_statistics,
            wall: self.state.on_wall,
        };
        keep_choices(&self.shell.objects, &mut self.settings);
        let remembered =
            self.state.open.iter().filter(|open| {
                open.key.service != local_host::SERVICE && !self.is_passing(&open.key)
            });
        let watched = remembered.map(|open| WatchedSession {
            service: open.key.service.clone(),
            id: open.key.id.clone(),
        });
        self.settings.last_sessions = watched.chain(self.awaited.iter().cloned()).collect();
        let Some(store) = &mut self.store else { return };
        if let Err(err) = store.save(&self.settings) {
            self.error(err.to_string());
        }
    }
}

fn shell(settings: &Settings) -> ShellState {
    let new_session = NewSession {
        service: None,
        kind: SessionKind::Browser,
        width: settings.host.width,
        height: settings.host.height,
        url: settings.host.start_url.clone(),
    };
    let mut shell = ShellState::new(new_session, TimeZone::system(), filter_of(&settings.log));
    shell.show_sessions = settings.panels.sessions;
    shell.show_side = settings.panels.log;
    shell.side = settings.panels.side;
    shell.show_statistics = settings.panels.stats;
    shell.objects = choices_of(settings);
    shell
}

fn filter_of(filters: &LogFilters) -> LogFilter {
    let families_off: BTreeSet<_> = filters.hidden_families();
    LogFilter { include: filters.include.clone(), exclude: filters.exclude.clone(), families_off }
}

fn local_browser(options: &Options, settings: &Settings) -> LocalBrowser {
    let explicit = options.browser.path.as_deref().or(settings.host.browser.as_deref());
    match chromium::find(explicit) {
        Ok(browser) => LocalBrowser::Found { name: browser.name.to_owned() },
        Err(missing) => LocalBrowser::Missing { advice: missing.to_string() },
    }
}
