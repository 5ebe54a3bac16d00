//! Defines the state that the window shows. The parts of `app` own it, and every panel reads it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::clock::{Clock, ClockPace};
use crate::model::{
    Concern, ConcernKind, Condition, Detection, FrameSize, History, SessionSummary, SessionView,
    StatsSnapshot,
};
use crate::settings::{Settings, WindowMemory};

/// Names a session across all services, by the service's name and the session's id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// The service's name in the list of services.
    pub service: String,
    /// The session's id, as the service gave it; for a camera it is the camera's name.
    pub id: String,
}

impl SessionKey {
    /// Returns "service/id", which names the session in the settings and in rules about objects.
    pub fn path(&self) -> String {
        format!("{}/{}", self.service, self.id)
    }
}

/// A service whose sessions can be watched. The host on this machine is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceView {
    /// The service's name, by which the window tells services apart. It is unique in the list.
    pub name: String,
    /// The address of the service's API as a URL; empty for the list of cameras, which no server has.
    pub base_url: String,
    /// Whether this is the host inside this process.
    pub local: bool,
    /// Whether this is the list of cameras. They are added and removed, where sessions are created and ended.
    pub cameras: bool,
    /// Why the last fetch of the list failed, as a sentence for the user; `None` since a fetch succeeded.
    pub problem: Option<String>,
    /// Whether `problem` is a missing or refused key, so that the list offers to give one.
    pub wants_key: bool,
    /// The names of Helmsight's own demo cameras, of which nothing can be changed.
    pub fixed: Vec<String>,
    /// A lasting risk of this service, such as a browser without its sandbox, shown under its name.
    pub caution: Option<String>,
    /// The sessions that the service has, in its own order.
    pub sessions: Vec<SessionSummary>,
}

/// The newest picture of a session, uploaded as a texture.
#[derive(Clone)]
pub struct Picture {
    /// The texture that is painted, at the picture's size or at an integer fraction of it.
    pub texture: egui::TextureHandle,
    /// Size of the received picture in pixels, which is the space of coordinates. The texture may be an integer
    /// fraction of it.
    pub size: FrameSize,
    /// The moment at which the picture was received, before it was decoded.
    pub received_at: Instant,
    /// The time at which the picture was taken, where the session tells.
    pub captured_at: Option<Timestamp>,
    /// The objects that were detected in this very picture.
    pub detections: Arc<[Detection]>,
}

/// How the recording of a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingMark {
    /// When it began.
    pub since: Timestamp,
    /// The bytes of its file, with those of the sessions beside it.
    pub bytes: u64,
}

/// A session that is being watched.
pub struct OpenSession {
    /// Which session it is.
    pub key: SessionKey,
    /// The session's name in lists: the title of its page, else the page's address, else the session's id.
    pub name: String,
    /// The session as its events and state so far describe it.
    pub view: SessionView,
    /// The state of the connection and of the pictures, in one word for the user.
    pub condition: Condition,
    /// The newest picture; `None` before the first one.
    pub picture: Option<Picture>,
    /// The rates, counts and delays of the pictures, as the statistics overlay shows them.
    pub stats: StatsSnapshot,
    /// How its recording stands; `None` while it is not recorded.
    pub recording: Option<RecordingMark>,
}

impl OpenSession {
    /// Returns what of the page is the session's state in place of the connection's, such as a crash.
    pub fn page_state(&self) -> Option<Concern> {
        Concern::state_of(&self.view, &self.condition)
    }

    /// Returns why no request can reach the session now, in words for people; `None` where requests reach it.
    pub fn why_away(&self) -> Option<&'static str> {
        match self.condition {
            Condition::Ended { .. } => Some("The session has ended"),
            ref condition => condition.is_away().then_some("The session is not connected"),
        }
    }

    /// Tells whether the session takes clicks or keys, and can not only be watched.
    pub fn is_steerable(&self) -> bool {
        self.view.capabilities.clicks || self.view.capabilities.keys
    }

    /// Tells whether this window's user holds control until it is handed back.
    pub fn drives(&self) -> bool {
        self.view.capabilities.people
            && !self.condition.is_away()
            && self.view.people.driver == Some(self.view.people.me)
    }

    /// Tells whether nobody else's input counts. A session that several people may be in has to say so first.
    pub fn has_control(&self) -> bool {
        !self.condition.is_away() && (!self.view.capabilities.people || self.drives())
    }

    /// Tells whether the session can open pages, but can neither go back nor reload them.
    pub fn lacks_history(&self) -> bool {
        self.view.capabilities.navigation && self.view.capabilities.history == History::None
    }

    /// Tells whether there is a page before this one; where the session does not say, it is assumed, so that it can be
    /// tried.
    pub fn can_go_back(&self) -> bool {
        match self.view.capabilities.history {
            History::None => false,
            History::Chords => true,
            History::Told => self.view.page.can_go_back,
        }
    }

    /// Tells whether there is a page after this one; where the session does not say, it is assumed, so that it can be
    /// tried.
    pub fn can_go_forward(&self) -> bool {
        match self.view.capabilities.history {
            History::None => false,
            History::Chords => true,
            History::Told => self.view.page.can_go_forward,
        }
    }

    /// Tells whether the session can end by itself, so that it can be kept alive. Nothing is known of a session that is
    /// away.
    pub fn has_lifetime(&self) -> bool {
        let lifetime = &self.view.lifetime;
        let has_limit = lifetime.ends_at().is_some() || lifetime.idle_limit.is_some();
        !self.condition.is_away() && has_limit
    }
}

/// A message to the user, which stays until it is dismissed, grows old, or is replaced by a newer one about the same
/// subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Number of the notice, which is unique in this window.
    pub id: u64,
    /// The sentence that is shown, which may quote a server.
    pub text: String,
    /// How much the notice matters, which decides its color and how long it stays.
    pub level: Level,
    /// The subject of the notice, whose newer notice replaces this one.
    pub subject: Option<NoticeSubject>,
    /// The moment from which the time on screen counts. It moves on while the notice is read.
    pub since: Instant,
    /// Where the notice leads.
    pub lead: Option<NoticeLead>,
}

/// Where a notice leads: to the session that it tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct NoticeLead {
    /// The session.
    pub session: SessionKey,
    /// What the notice is about, where that has a place of its own.
    pub about: Option<ConcernKind>,
    /// The session's picture at that moment.
    pub picture: Option<SmallPicture>,
}

/// A small picture of a session at some moment, as a texture.
#[derive(Clone, PartialEq)]
pub struct SmallPicture(pub egui::TextureHandle);

impl std::fmt::Debug for SmallPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SmallPicture").field(&self.0.id()).finish()
    }
}

/// What somebody did about a concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcernMark {
    /// Nothing: it calls.
    Open,
    /// It was seen.
    Seen,
    /// It calls again at this time.
    Snoozed(Timestamp),
}

/// Something about a watched session that a person has to know or to do, as the inbox lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenConcern {
    /// Number of the concern, which is unique in this window.
    pub id: u64,
    /// The session.
    pub session: SessionKey,
    /// What it is about.
    pub concern: Concern,
    /// When it began.
    pub at: Timestamp,
    /// The session's picture at that moment.
    pub picture: Option<SmallPicture>,
    /// What somebody did about it.
    pub mark: ConcernMark,
}

impl OpenConcern {
    /// Tells whether it calls for somebody now.
    pub fn calls(&self) -> bool {
        self.mark == ConcernMark::Open
    }
}

/// A subject that has only one notice at a time: a newer notice replaces the older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeSubject {
    /// A command has nothing to work on at the moment.
    NotNow,
    /// A session refused a request.
    RequestRefused,
}

/// A notice that was shown, kept to be read again.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The sentence that was shown.
    pub text: String,
    /// How much the notice mattered.
    pub level: Level,
    /// The time of day at which it was shown.
    pub at: Timestamp,
    /// The session that it tells of.
    pub session: Option<SessionKey>,
}

/// How much a notice matters, which decides how it looks and how long it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Good,
    /// The user asked to be notified of this.
    Alert,
    /// Something may be wrong.
    Warning,
    /// Something failed.
    Error,
}

/// Whether a browser can be started on this machine.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalBrowser {
    /// A browser was found.
    Found {
        /// The browser's name, such as "Chromium".
        name: String,
    },
    /// No browser was found; the fields say what to do about it.
    Missing {
        /// What the user can do about it.
        advice: String,
    },
}

/// Everything that panels read, put together by `app` from its parts for one pass.
#[derive(Clone, Copy)]
pub struct AppState<'a> {
    /// The moment of this pass.
    pub now: Instant,
    /// The time of day of this pass.
    pub wall: Timestamp,
    /// The time zone in which times of day are shown.
    pub zone: &'a TimeZone,
    /// The pace at which times on screen move.
    pub pace: ClockPace,
    /// The services in the order of the list.
    pub services: &'a [ServiceView],
    /// The sessions that are watched, in the order of their numbers.
    pub open: &'a [OpenSession],
    /// Index into `open` of the session in front, which is the selected tile on the wall.
    pub active: Option<usize>,
    /// Whether all of `open` are shown as tiles, and none alone.
    pub on_wall: bool,
    /// Whether control mode is on, so that keyboard and mouse go to the session in front.
    pub control: bool,
    /// Whether a browser can be started on this machine.
    pub local_browser: &'a LocalBrowser,
    /// The notices that are shown, the newest last.
    pub notices: &'a [Notice],
    /// The notices of late, the newest last.
    pub told: &'a VecDeque<Told>,
    /// What concerns somebody about the watched sessions, the most pressing first.
    pub concerns: &'a [OpenConcern],
    /// The long job under way, in words such as "Starting the browser".
    pub busy: Option<&'a str>,
    /// The settings.
    pub settings: &'a Settings,
    /// What the window remembers beside the settings.
    pub memory: &'a WindowMemory,
}

impl<'a> AppState<'a> {
    /// Returns the clock that puts times into words.
    pub fn clock(&self) -> Clock<'a> {
        Clock { wall: self.wall, zone: self.zone, pace: self.pace }
    }

    /// Returns the session in front, if any.
    pub fn active(&self) -> Option<&'a OpenSession> {
        self.open.get(self.active?)
    }

    /// Returns what calls for somebody, the most pressing first.
    pub fn calling(&self) -> impl Iterator<Item = &'a OpenConcern> {
        self.concerns.iter().filter(|concern| concern.calls())
    }

    /// Returns how many things about a session call for somebody.
    pub fn calls_of(&self, key: &SessionKey) -> usize {
        self.calling().filter(|concern| concern.session == *key).count()
    }

    /// Returns the sessions that need somebody, the most pressing first.
    pub fn needing(&self) -> Vec<&'a SessionKey> {
        let mut needing: Vec<&SessionKey> = Vec::new();
        for concern in self.calling() {
            if !needing.contains(&&concern.session) {
                needing.push(&concern.session);
            }
        }
        needing
    }

    /// Tells whether a session is a camera.
    pub fn is_camera(&self, key: &SessionKey) -> bool {
        let mut services = self.services.iter();
        services.any(|service| service.cameras && service.name == key.service)
    }

    /// Tells whether a camera is one of Helmsight's own, which can't be changed.
    pub fn is_fixed(&self, camera: &str) -> bool {
        let mut services = self.services.iter();
        services.any(|service| service.fixed.iter().any(|fixed| fixed == camera))
    }
}

/// Returns the state of a window that watches nothing, for tests to add to.
#[cfg(test)]
pub(crate) fn nothing_watched(now: Instant) -> AppState<'static> {
    static ZONE: TimeZone = TimeZone::UTC;
    static BROWSER: LocalBrowser = LocalBrowser::Missing { advice: String::new() };
    static TOLD: VecDeque<Told> = VecDeque::new();
    static MEMORY: std::sync::LazyLock<WindowMemory> =
        std::sync::LazyLock::new(WindowMemory::default);
    static SETTINGS: std::sync::LazyLock<Settings> = std::sync::LazyLock::new(Settings::default);
    AppState {
        now,
        wall: Timestamp::UNIX_EPOCH,
        zone: &ZONE,
        pace: ClockPace::Ticking,
        services: &[],
        open: &[],
        active: None,
        on_wall: false,
        control: false,
        local_browser: &BROWSER,
        notices: &[],
        told: &TOLD,
        concerns: &[],
        busy: None,
        settings: &SETTINGS,
        memory: &MEMORY,
    }
}
