//! Holds the parts of the window, asks them in turn, and runs what panels ask for. It is the only room that sees
//! everything.
//!
//! Each part owns its data and knows no other part but by an argument; [`App`] holds them, `pass` says in which order
//! they
//! are asked, and `acts` has what takes several of them.

mod acts;
mod cameras;
mod chats;
mod clipboard;
mod clock;
mod concerns;
mod dialogs;
mod escape;
mod figures;
mod files;
mod jobs;
mod kept;
mod links;
pub mod local_host;
mod notices;
mod objects;
pub mod options;
mod page_fits;
mod paired;
mod pass;
mod recordings;
mod repaint_pace;
mod scripts;
mod services;
mod sessions;
mod startup;
mod stats_file;
mod steering;
mod system_notices;
mod title;
mod turns;
pub mod window;
mod window_sight;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use self::cameras::CameraList;
use self::chats::Chats;
use self::clipboard::{Sharing, SystemClipboard};
use self::clock::WindowClock;
use self::concerns::Concerns;
use self::dialogs::Dialogs;
use self::files::Files;
use self::jobs::Background;
use self::kept::Kept;
use self::local_host::LocalHost;
use self::notices::Notices;
use self::page_fits::PageFits;
use self::recordings::Recordings;
use self::scripts::Scripts;
use self::services::{Connector, Services};
use self::sessions::OpenSessions;
use self::stats_file::StatsFile;
use self::steering::Steering;
use self::system_notices::SystemNotices;
use self::title::WindowTitle;
use self::turns::Turns;
use self::window_sight::WindowSight;
use crate::ui::binding::Bindings;
use crate::ui::main_window::MainWindowState;
use crate::ui::state::SessionKey;
use crate::ui::{Action, AppState};

/// The program behind the window, which owns everything that the window shows.
pub struct App {
    clock: WindowClock,
    /// What the panels remember.
    window: MainWindowState,
    bindings: Bindings,
    /// What panels and keys asked for and has not been run yet.
    pending: Vec<Action>,
    background: Background,
    kept: Kept,
    notices: Notices,
    concerns: Concerns,
    system_notices: SystemNotices,
    dialogs: Dialogs,
    services: Services,
    connector: Connector,
    cameras: CameraList,
    host: LocalHost,
    sessions: OpenSessions,
    steering: Steering,
    chats: Chats,
    files: Files,
    recordings: Recordings,
    scripts: Scripts,
    fits: PageFits,
    stats_file: Option<StatsFile>,
    turns: Turns,
    clipboard: SystemClipboard,
    sharing: Sharing,
    sight: WindowSight,
    title: WindowTitle,
    /// The watched sessions that can be reached, as the lists of their services were told.
    reached: BTreeSet<SessionKey>,
    /// The watched sessions of which it is noted that they have ended.
    ended: BTreeSet<SessionKey>,
    /// Whether the window is to close without a question: its user has agreed, or a signal ends it.
    close_meant: Arc<AtomicBool>,
}

impl App {
    /// Returns what panels read.
    fn state(&self) -> AppState<'_> {
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
            ..
        } = self;
        state_of(clock, services, sessions, steering, host, notices, concerns, dialogs, kept)
    }
}

/// Puts together what panels read. It borrows the parts one by one, so that the app can lend what panels remember at
/// the same time.
fn state_of<'a>(
    clock: &'a WindowClock,
    services: &'a Services,
    sessions: &'a OpenSessions,
    steering: &'a Steering,
    host: &'a LocalHost,
    notices: &'a Notices,
    concerns: &'a Concerns,
    dialogs: &'a Dialogs,
    kept: &'a Kept,
) -> AppState<'a> {
    AppState {
        now: clock.now,
        wall: clock.wall,
        zone: &clock.zone,
        pace: clock.pace,
        services: services.views(),
        open: sessions.views(),
        active: sessions.active_place(),
        on_wall: sessions.on_wall(),
        control: steering.is_on(),
        local_browser: host.browser(),
        notices: notices.shown(),
        told: notices.told(),
        concerns: concerns.list(),
        busy: dialogs.busy(),
        settings: &kept.settings,
        memory: &kept.memory,
    }
}
