//! Defines the state that the window shows. The parts of `app` own it, and every panel reads it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::clock::{Clock, ClockPace};
use crate::model::{
    Condition, Detection, FrameSize, History, SessionSummary, SessionView, StatsSnapshot,
};

/// Names a session by the service it lives on and its id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// Name of the service.
    pub service: String,
    /// Id of the session at the service.
    pub id: String,
}

impl SessionKey {
    /// Returns the session's name in the settings, "service/id".
    pub fn path(&self) -> String {
        format!("{}/{}", self.service, self.id)
    }
}

/// A service whose sessions can be watched. The host on this machine is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceView {
    /// Name of the service.
    pub name: String,
    /// Base address of the service.
    pub base_url: String,
    /// Whether this is the host inside this process.
    pub local: bool,
    /// Whether this is the list of cameras, which are not created or ended but added and removed.
    pub cameras: bool,
    /// Why the service can't be used, with the next step.
    pub problem: Option<String>,
    /// Whether the problem is the key.
    pub wants_key: bool,
    /// Names of the cameras that are Helmsight's own, of which nothing can be changed.
    pub fixed: Vec<String>,
    /// A caution to bear in mind while the service is used.
    pub caution: Option<String>,
    /// The sessions that the service lists.
    pub sessions: Vec<SessionSummary>,
}

/// The picture of a session, uploaded as a texture.
#[derive(Clone)]
pub struct Picture {
    /// The texture that is painted.
    pub texture: egui::TextureHandle,
    /// Size of the received picture in pixels, which is the space of coordinates. The texture may be an integer
    /// fraction of it.
    pub size: FrameSize,
    /// The moment at which the picture was received.
    pub received_at: Instant,
    /// The moment at which the picture was taken, where the session tells.
    pub captured_at: Option<Timestamp>,
    /// The objects that were detected in this very picture.
    pub detections: Arc<[Detection]>,
}

/// A session that is being watched.
pub struct OpenSession {
    /// The session's name and service.
    pub key: SessionKey,
    /// The session's name in lists: its title, or its id where it has none.
    pub name: String,
    /// The session as it stands after its events so far.
    pub view: SessionView,
    /// The state of the connection.
    pub condition: Condition,
    /// The newest picture, if any.
    pub picture: Option<Picture>,
    /// Rates and delays of the pictures.
    pub stats: StatsSnapshot,
}

impl OpenSession {
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
    /// The words.
    pub text: String,
    /// How much the notice matters.
    pub level: Level,
    /// The subject of the notice, whose newer notice replaces this one.
    pub subject: Option<NoticeSubject>,
    /// The moment from which its age counts.
    pub since: Instant,
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
    /// The words.
    pub text: String,
    /// How much the notice mattered.
    pub level: Level,
    /// The moment at which it was shown.
    pub at: Timestamp,
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
        /// Name of the browser.
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
    /// Whether times on screen move.
    pub pace: ClockPace,
    /// The services in the order of the list.
    pub services: &'a [ServiceView],
    /// The sessions that are watched, in the order of their numbers.
    pub open: &'a [OpenSession],
    /// Index into `open` of the session in front, which is the selected tile on the wall.
    pub active: Option<usize>,
    /// Whether all of `open` are shown as tiles, and none alone.
    pub on_wall: bool,
    /// Whether keyboard and mouse go to the active session.
    pub control: bool,
    /// Whether a browser can be started on this machine.
    pub local_browser: &'a LocalBrowser,
    /// The notices that are shown, the newest last.
    pub notices: &'a [Notice],
    /// The notices of late, the newest last.
    pub told: &'a VecDeque<Told>,
    /// A long job under way, in words, such as "Starting Chromium".
    pub busy: Option<&'a str>,
    /// Whether chats are kept on this computer.
    pub keep_chats: bool,
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
        busy: None,
        keep_chats: false,
    }
}
