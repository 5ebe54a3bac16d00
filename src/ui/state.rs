//! What the window shows: owned by the parts of `app`, read by every panel.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::clock::{Clock, Pace};
use crate::model::{
    Condition, Detection, FrameSize, History, SessionSummary, SessionView, StatsSnapshot,
};

/// Names a session: the service it lives on and its id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    pub service: String,
    pub id: String,
}

impl SessionKey {
    /// What it is called in the settings: "service/id".
    pub fn path(&self) -> String {
        format!("{}/{}", self.service, self.id)
    }
}

/// A service whose sessions can be watched. The host on this machine is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceView {
    pub name: String,
    pub base_url: String,
    /// Whether it is the host inside this process.
    pub local: bool,
    /// Whether it is the list of cameras, which are not created or ended but added and removed.
    pub cameras: bool,
    /// Why it can't be used, with the next step.
    pub problem: Option<String>,
    /// Whether that is because of the key.
    pub wants_key: bool,
    /// Its cameras that are Helmsight's own: nothing of them can be changed.
    pub fixed: Vec<String>,
    /// What to bear in mind while it is used.
    pub caution: Option<String>,
    pub sessions: Vec<SessionSummary>,
}

/// The picture of a session, uploaded.
#[derive(Clone)]
pub struct Picture {
    pub texture: egui::TextureHandle,
    /// Of the received picture: the space of coordinates. The texture may be an integer fraction of it.
    pub size: FrameSize,
    pub received_at: Instant,
    pub captured_at: Option<Timestamp>,
    /// What was found in this very picture.
    pub detections: Arc<[Detection]>,
}

/// A session that is being watched.
pub struct OpenSession {
    pub key: SessionKey,
    /// What it is called in lists: its title, else its id.
    pub name: String,
    pub view: SessionView,
    pub condition: Condition,
    pub picture: Option<Picture>,
    pub stats: StatsSnapshot,
}

impl OpenSession {
    /// Why nothing that is asked of the session can reach it now, in words for people; `None`: it can.
    pub fn why_away(&self) -> Option<&'static str> {
        match self.condition {
            Condition::Ended { .. } => Some("The session has ended"),
            ref condition => condition.is_away().then_some("The session is not connected"),
        }
    }

    /// Whether it takes clicks or keys, and can not only be watched.
    pub fn is_steerable(&self) -> bool {
        self.view.capabilities.clicks || self.view.capabilities.keys
    }

    /// Whether this window's user holds control until it is handed back.
    pub fn drives(&self) -> bool {
        self.view.capabilities.people
            && !self.condition.is_away()
            && self.view.people.driver == Some(self.view.people.me)
    }

    /// Whether nobody else's input counts. Where several people may be in the session, it has to say so first.
    pub fn has_control(&self) -> bool {
        !self.condition.is_away() && (!self.view.capabilities.people || self.drives())
    }

    /// Whether its pages can be gone to, but not back from nor loaded again.
    pub fn lacks_history(&self) -> bool {
        self.view.capabilities.navigation && self.view.capabilities.history == History::None
    }

    /// Whether there is a page before this one; where the session does not tell, it is tried.
    pub fn can_go_back(&self) -> bool {
        match self.view.capabilities.history {
            History::None => false,
            History::Chords => true,
            History::Told => self.view.page.can_go_back,
        }
    }

    /// Whether there is a page after this one; where the session does not tell, it is tried.
    pub fn can_go_forward(&self) -> bool {
        match self.view.capabilities.history {
            History::None => false,
            History::Chords => true,
            History::Told => self.view.page.can_go_forward,
        }
    }

    /// Whether it can end by itself, so that there is something to keep it from. Nothing is known of one that is away.
    pub fn has_lifetime(&self) -> bool {
        let lifetime = &self.view.lifetime;
        let has_limit = lifetime.ends_at().is_some() || lifetime.idle_limit.is_some();
        !self.condition.is_away() && has_limit
    }
}

/// Something to tell the user, until it is dismissed, grows old, or is overtaken by newer words about the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub id: u64,
    pub text: String,
    pub level: Level,
    /// What it is about: newer words about the same replace it.
    pub subject: Option<NoticeSubject>,
    pub since: Instant,
}

/// What a notice can be about, where newer words about the same replace it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeSubject {
    /// A command that has nothing to work on at the moment.
    NotNow,
    /// A request that a session refused.
    RequestRefused,
}

/// What was told, to be read again.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub text: String,
    pub level: Level,
    pub at: Timestamp,
}

/// How much a notice matters: how it looks, and how long it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Good,
    /// Of what the user asked to be told.
    Alert,
    Warning,
    Error,
}

/// Whether a browser can be started on this machine.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalBrowser {
    Found {
        name: String,
    },
    /// With what to do about it.
    Missing {
        advice: String,
    },
}

/// All that panels read, put together by `app` from its parts for one look.
#[derive(Clone, Copy)]
pub struct AppState<'a> {
    pub now: Instant,
    pub wall: Timestamp,
    /// In which times of day are told.
    pub zone: &'a TimeZone,
    /// Whether times on screen move.
    pub pace: Pace,
    pub services: &'a [ServiceView],
    pub open: &'a [OpenSession],
    /// Index into `open`; on the wall, the selected tile.
    pub active: Option<usize>,
    /// Whether all of `open` are shown as tiles, and none alone.
    pub on_wall: bool,
    /// Whether keyboard and mouse go to the active session.
    pub control: bool,
    pub local_browser: &'a LocalBrowser,
    pub notices: &'a [Notice],
    /// All that was told lately, the newest last.
    pub told: &'a VecDeque<Told>,
    /// A long job under way, in words: "Starting Chromium".
    pub busy: Option<&'a str>,
    /// Whether chats are kept on this computer.
    pub keep_chats: bool,
}

impl<'a> AppState<'a> {
    pub fn clock(&self) -> Clock<'a> {
        Clock { wall: self.wall, zone: self.zone, pace: self.pace }
    }

    pub fn active(&self) -> Option<&'a OpenSession> {
        self.open.get(self.active?)
    }

    pub fn is_camera(&self, key: &SessionKey) -> bool {
        let mut services = self.services.iter();
        services.any(|service| service.cameras && service.name == key.service)
    }

    /// Whether it can be changed: it is none of Helmsight's own.
    pub fn is_fixed(&self, camera: &str) -> bool {
        let mut services = self.services.iter();
        services.any(|service| service.fixed.iter().any(|fixed| fixed == camera))
    }
}

/// A window at work on nothing, for tests to add to.
#[cfg(test)]
pub(crate) fn nothing_watched(now: Instant) -> AppState<'static> {
    static ZONE: TimeZone = TimeZone::UTC;
    static BROWSER: LocalBrowser = LocalBrowser::Missing { advice: String::new() };
    static TOLD: VecDeque<Told> = VecDeque::new();
    AppState {
        now,
        wall: Timestamp::UNIX_EPOCH,
        zone: &ZONE,
        pace: Pace::Ticking,
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
