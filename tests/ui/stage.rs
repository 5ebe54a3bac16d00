//! A window without an app behind it: a state made by the test, and a list of what was asked for.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use egui::{ColorImage, Context, TextureOptions, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use helmsight::model::log::LogFilter;
use helmsight::model::{
    Capabilities, Condition, FrameSize, History, Lifetime, Page, SessionKind, SessionView,
    StatsSnapshot, Tab,
};
use helmsight::settings::{Settings, ThemeChoice, WindowMemory};
use helmsight::ui::action::NewSession;
use helmsight::ui::clock::ClockPace;
use helmsight::ui::main_window::{MainWindowState, main_window_ui};
use helmsight::ui::saved::SavedDownloads;
use helmsight::ui::state::{
    AppState, LocalBrowser, Notice, OpenConcern, OpenSession, Picture, ServiceView, SessionKey,
    Told,
};
use helmsight::ui::{Action, Bindings, theme};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) const ROOMY: Vec2 = Vec2::new(1280.0, 800.0);

pub(crate) struct Stage {
    pub state: Shown,
    pub window: MainWindowState,
    pub bindings: Bindings,
    /// What the window asked for, in order.
    pub asked: Vec<Action>,
}

/// What the window shows, to be changed as a test likes.
pub(crate) struct Shown {
    pub now: Instant,
    pub wall: Timestamp,
    pub zone: TimeZone,
    pub pace: ClockPace,
    pub services: Vec<ServiceView>,
    pub open: Vec<OpenSession>,
    pub active: Option<usize>,
    pub on_wall: bool,
    pub control: bool,
    pub local_browser: LocalBrowser,
    pub notices: Vec<Notice>,
    pub told: VecDeque<Told>,
    pub concerns: Vec<OpenConcern>,
    pub busy: Option<String>,
    pub settings: Settings,
    pub memory: WindowMemory,
    pub saved: SavedDownloads,
}

impl Shown {
    /// What panels read of it.
    pub(crate) fn state(&self) -> AppState<'_> {
        AppState {
            now: self.now,
            wall: self.wall,
            zone: &self.zone,
            pace: self.pace,
            services: &self.services,
            open: &self.open,
            active: self.active,
            on_wall: self.on_wall,
            control: self.control,
            local_browser: &self.local_browser,
            notices: &self.notices,
            told: &self.told,
            concerns: &self.concerns,
            busy: self.busy.as_deref(),
            settings: &self.settings,
            memory: &self.memory,
            saved: &self.saved,
        }
    }
}

pub(crate) type Window = Harness<'static, Stage>;

/// A window of `size` in which nothing is watched yet, on a machine with a browser.
pub(crate) fn window(size: Vec2) -> Window {
    let window = MainWindowState::new(new_session(), TimeZone::UTC, LogFilter::default());
    let state = Shown {
        now: Instant::now(),
        wall: wall(),
        zone: TimeZone::UTC,
        pace: ClockPace::Ticking,
        services: Vec::new(),
        open: Vec::new(),
        active: None,
        on_wall: false,
        control: false,
        local_browser: LocalBrowser::Found { name: "Chromium".to_owned() },
        notices: Vec::new(),
        told: Default::default(),
        concerns: Vec::new(),
        busy: None,
        settings: Settings::default(),
        memory: WindowMemory::default(),
        saved: SavedDownloads::default(),
    };
    let stage = Stage { state, window, bindings: Bindings::default(), asked: Vec::new() };
    Harness::builder()
        .with_size(size)
        .with_context_setup(|ctx| {
            theme::install_fonts(ctx);
            theme::apply(ctx, ThemeChoice::Dark, 1.0);
        })
        .build_ui_state(
            |ui, stage: &mut Stage| {
                let state = stage.state.state();
                main_window_ui(ui, &state, &mut stage.window, &stage.bindings, &mut stage.asked);
            },
            stage,
        )
}

/// A window in which one session is watched that can do everything.
pub(crate) fn watching(size: Vec2) -> Window {
    let mut window = window(size);
    let open = session(&window.ctx, &window.state().state, "s1");
    let state = &mut window.state_mut().state;
    state.services.push(service("This computer", true));
    state.open.push(open);
    state.active = Some(0);
    window.run();
    window
}

/// What was asked for since the last time.
pub(crate) fn asked(window: &mut Window) -> Vec<Action> {
    std::mem::take(&mut window.state_mut().asked)
}

pub(crate) fn press(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run();
}

/// Puts the focus into the field and types, as a person does.
pub(crate) fn type_into(window: &mut Window, name: &str, text: &str) {
    window.get_by_label(name).focus();
    window.run();
    window.get_by_label(name).type_text(text);
    window.run();
}

pub(crate) fn press_key(window: &mut Window, key: egui::Key) {
    window.key_press(key);
    window.run();
}

/// The name of what has the keyboard.
pub(crate) fn focused(window: &Window) -> Option<String> {
    window
        .root()
        .children_recursive()
        .find(|node| node.is_focused())
        .and_then(|node| node.accesskit_node().label())
}

pub(crate) fn new_session() -> NewSession {
    NewSession {
        service: None,
        kind: SessionKind::Browser,
        width: 1280,
        height: 720,
        fits: true,
        url: String::new(),
    }
}

pub(crate) fn service(name: &str, local: bool) -> ServiceView {
    ServiceView {
        name: name.to_owned(),
        base_url: format!("https://{}.example", name.replace(' ', "-")),
        local,
        ..ServiceView::default()
    }
}

pub(crate) fn key(id: &str) -> SessionKey {
    SessionKey { service: "This computer".to_owned(), id: id.to_owned() }
}

pub(crate) fn tab(id: &str, title: &str, active: bool) -> Tab {
    Tab {
        id: id.to_owned(),
        url: format!("https://{id}.example/"),
        title: title.to_owned(),
        active,
        ..Tab::default()
    }
}

/// A live session with a picture, two tabs and four minutes to live.
pub(crate) fn session(ctx: &Context, state: &Shown, id: &str) -> OpenSession {
    let all = Capabilities {
        clicks: true,
        pointer_moves: true,
        keys: true,
        navigation: true,
        history: History::Told,
        tabs: true,
        dialogs: true,
        viewport: true,
        find: true,
        print: true,
        downloads: true,
        scripts: true,
        files: true,
        clipboard: true,
        requests: true,
        people: false,
        chat: false,
        detections: false,
    };
    OpenSession {
        recording: None,
        key: key(id),
        name: format!("Page of {id}"),
        view: SessionView {
            capabilities: all,
            lifetime: Lifetime {
                idle_expires_at: Some(state.wall + Duration::from_secs(252)),
                expires_at: None,
                idle_limit: Some(Duration::from_secs(300)),
            },
            page: Page {
                url: "https://one.example/".to_owned(),
                title: "First".to_owned(),
                ..Page::default()
            },
            tabs: vec![tab("one", "First", true), tab("two", "Second", false)],
            ..SessionView::default()
        },
        condition: Condition::Live,
        picture: Some(Picture {
            texture: ctx.load_texture("test", ColorImage::example(), TextureOptions::NEAREST),
            size: FrameSize { width: 1280, height: 720 },
            received_at: state.now,
            captured_at: None,
            detections: Default::default(),
        }),
        stats: StatsSnapshot::default(),
    }
}

fn wall() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().expect("a time")
}
