//! Lists what about a session a person has to know or to do, as one table: how it is called, how much it matters, and
//! how it is done. Everything that tells of it reads this table: the state's word in list, tile and status bar, badges,
//! the order of what needs somebody first, and notices.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use strum::IntoEnumIterator as _;

use super::{Condition, KeepAlive, PageLife, SessionView};
use crate::base::text::one_line;

/// A session that ends by itself within this time concerns somebody.
const ENDS_SOON: Duration = Duration::from_secs(120);
/// A session with a short idle limit concerns somebody only in this part of it, or it always would.
const LAST_PART: u32 = 4;
/// So many actions in a row have to fail to concern somebody: one that fails is part of an agent's work.
pub const FAILURES: u32 = 3;
const MAX_TEXT: usize = 200;
const MAX_NAME: usize = 40;

/// What concerns a person, the most pressing first. The order is that of lists and of “go to the next”.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter)]
pub enum ConcernKind {
    /// The page that is shown crashed.
    Crashed,
    /// The scripts of the page that is shown answer nothing.
    Hangs,
    /// A page's dialog waits for an answer, and the page with it.
    Dialog,
    /// A page waits for a file.
    FileChooser,
    /// Somebody asks this window's user for control.
    ControlAsked,
    /// The session can't be watched, and trying again by itself would not help.
    Refused,
    /// No picture comes that can be read, although the connection stands.
    Stalled,
    /// The session ends by itself soon.
    EndsSoon,
    /// An action was refused, or several failed in a row.
    ActionFailed,
    /// A rule of the user's found its object.
    ObjectFound,
    /// A download is complete.
    DownloadDone,
}

/// How much it matters, which decides the color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is broken.
    Broken,
    /// Something waits for a person.
    Waits,
    /// Something may go wrong.
    Warning,
    /// Something happened that the user wants to know.
    News,
}

/// What ends a concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcernEnd {
    /// It ends by itself when the state that it is about ends.
    State,
    /// It ends when somebody has seen it.
    Sight,
}

/// All that is known of a kind of concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcernRow {
    /// The word for it. Where `is_state` holds, it is the session's state.
    pub word: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What ends it.
    pub end: ConcernEnd,
    /// Whether the word takes the place of the connection's: a page that crashed is not “Live”, whatever still comes.
    pub is_state: bool,
}

/// Something about a session that a person has to know or to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// What it is.
    pub kind: ConcernKind,
    /// One sentence about it, safe to show.
    pub text: String,
}

impl ConcernKind {
    /// Returns the row of the table.
    pub const fn row(self) -> ConcernRow {
        use ConcernEnd::{Sight, State};
        use Severity::{Broken, News, Waits, Warning};
        let (word, severity, end, is_state) = match self {
            Self::Crashed => ("Crashed", Broken, State, true),
            Self::Hangs => ("Stuck", Broken, State, true),
            Self::Dialog => ("Waits for an answer", Waits, State, true),
            Self::FileChooser => ("Waits for a file", Waits, State, true),
            Self::ControlAsked => ("Control asked for", Waits, State, true),
            Self::Refused => ("Not connected", Broken, State, false),
            Self::Stalled => ("No picture", Warning, State, false),
            Self::EndsSoon => ("Ends soon", Warning, State, false),
            Self::ActionFailed => ("Action failed", Warning, Sight, false),
            Self::ObjectFound => ("Found", News, Sight, false),
            Self::DownloadDone => ("Downloaded", News, Sight, false),
        };
        ConcernRow { word, severity, end, is_state }
    }
}

impl Concern {
    /// Makes a concern with its sentence, which is made safe to show.
    pub fn new(kind: ConcernKind, text: &str) -> Self {
        Self { kind, text: one_line(text, MAX_TEXT) }
    }

    /// Returns what of the page takes the place of the connection's state, the most pressing. Of a session that can't be
    /// reached, or whose picture is old, the connection's own word is the true one.
    pub fn state_of(view: &SessionView, condition: &Condition) -> Option<Self> {
        if condition.is_stale() {
            return None;
        }
        let mut kinds = ConcernKind::iter().filter(|kind| kind.row().is_state);
        // None of these depends on the time.
        kinds.find_map(|kind| Self::of(kind, view, condition, Timestamp::MIN))
    }

    /// Returns all that lasts, the most pressing first.
    pub fn lasting(view: &SessionView, condition: &Condition, wall: Timestamp) -> Vec<Self> {
        let kinds = ConcernKind::iter().filter(|kind| kind.row().end == ConcernEnd::State);
        kinds.filter_map(|kind| Self::of(kind, view, condition, wall)).collect()
    }

    fn of(
        kind: ConcernKind,
        view: &SessionView,
        condition: &Condition,
        wall: Timestamp,
    ) -> Option<Self> {
        // What is known of a session that can't be reached may no longer be true.
        if condition.is_away() && kind != ConcernKind::Refused {
            return None;
        }
        let tab = view.active_tab();
        let text = match kind {
            ConcernKind::Crashed => {
                tab.filter(|tab| tab.crashed)?;
                "The page crashed. Reload it to go on".to_owned()
            }
            ConcernKind::Hangs => {
                let is_stuck = matches!(condition, Condition::Quiet { page: PageLife::Stuck, .. });
                tab.filter(|tab| tab.hangs || (is_stuck && !tab.crashed))?;
                "The page answers nothing. Wait, or reload it".to_owned()
            }
            ConcernKind::Dialog => {
                let dialog = view.dialog.as_ref()?;
                match one_line(&dialog.message, MAX_TEXT) {
                    message if message.is_empty() => "The page waits for an answer".to_owned(),
                    message => format!("The page asks: “{message}”"),
                }
            }
            ConcernKind::FileChooser => {
                view.tabs.iter().find(|tab| tab.wants_file)?;
                "The page waits for a file".to_owned()
            }
            ConcernKind::ControlAsked => {
                let people = &view.people;
                let asking = people.requests.first()?;
                if people.driver != Some(people.me) || asking.index == people.me {
                    return None;
                }
                let name = one_line(&people.name_of(asking.index), MAX_NAME);
                format!("{name} asks for control")
            }
            ConcernKind::Refused => match condition {
                Condition::Refused { why } => why.clone(),
                _ => return None,
            },
            ConcernKind::Stalled => match condition {
                Condition::Stalled { .. } => "Nothing is heard of the session".to_owned(),
                Condition::Unreadable { why, .. } => format!("Pictures can't be read: {why}"),
                // A page may stop moving at any time. What can only be watched, such as a camera, does not.
                Condition::Missing { .. } if !view.capabilities.clicks => {
                    "Its pictures stopped coming".to_owned()
                }
                _ => return None,
            },
            ConcernKind::EndsSoon => {
                let left = ends_in(view, wall).filter(|left| *left < soon(view))?;
                match left.as_secs().div_ceil(60) {
                    0 | 1 => "The session ends in less than a minute".to_owned(),
                    minutes => format!("The session ends in {minutes} minutes"),
                }
            }
            ConcernKind::ActionFailed | ConcernKind::ObjectFound | ConcernKind::DownloadDone => {
                return None;
            }
        };
        Some(Self::new(kind, &text))
    }
}

/// Returns after what time the words about the end of a session change, although nothing comes.
pub fn end_words_change_in(view: &SessionView, wall: Timestamp) -> Option<Duration> {
    let left = ends_in(view, wall)?;
    match left.checked_sub(soon(view)) {
        Some(until_soon) => Some(until_soon + Duration::from_millis(1)),
        None => Some(Duration::from_secs(left.as_secs() % 60) + Duration::from_millis(1)),
    }
}

fn soon(view: &SessionView) -> Duration {
    view.lifetime.idle_limit.map_or(ENDS_SOON, |limit| ENDS_SOON.min(limit / LAST_PART))
}

/// Returns the time until the session ends by itself. An idle end that the window puts off is none.
fn ends_in(view: &SessionView, wall: Timestamp) -> Option<Duration> {
    let ends_at = match view.keep_alive {
        KeepAlive::On { .. } => view.lifetime.expires_at,
        KeepAlive::Off | KeepAlive::Paused => view.lifetime.ends_at(),
    }?;
    let left: SignedDuration = ends_at.duration_since(wall);
    Some(Duration::try_from(left).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Capabilities, ControlRequest, Dialog, DialogKind, Download, DownloadState, Lifetime,
        ObjectAlert, Tab, Update,
    };

    fn shown(tab: Tab) -> SessionView {
        SessionView { tabs: vec![Tab { active: true, ..tab }], ..SessionView::default() }
    }

    fn asked_for_control() -> SessionView {
        let mut view = SessionView::default();
        view.people.driver = Some(view.people.me);
        let expires_at = Timestamp::UNIX_EPOCH;
        view.people.requests.push(ControlRequest { index: 7, expires_at });
        view
    }

    fn with_news(updates: impl IntoIterator<Item = Update>) -> SessionView {
        let mut view = SessionView::default();
        updates.into_iter().for_each(|update| view.apply(update));
        view
    }

    fn downloads(state: DownloadState) -> Update {
        Update::Download(Download {
            id: "d".to_owned(),
            url: "https://a.test/report.pdf".to_owned(),
            file_name: "report.pdf".to_owned(),
            received: 1,
            total: None,
            state,
            reason: None,
        })
    }

    /// The whole table: what provokes each kind, its word, how much it matters, what ends it, and whether it is the
    /// session's state.
    #[test]
    fn each_kind_has_its_word_its_severity_and_its_end() {
        use ConcernEnd::{Sight, State};
        use Severity::{Broken, News, Waits, Warning};
        let wall = Timestamp::UNIX_EPOCH;
        let live = Condition::Live;
        let dialog = Dialog {
            kind: DialogKind::Confirm,
            message: "Leave?".to_owned(),
            default_text: String::new(),
            url: String::new(),
        };
        let ends =
            Lifetime { expires_at: Some(wall + Duration::from_secs(90)), ..Default::default() };
        let found = ObjectAlert { class: "fox".into(), confidence: 0.9 };
        let refused = Condition::Refused { why: "The key was refused".to_owned() };
        let silent = Condition::Stalled { silent_for: Duration::from_secs(50) };
        let none = SessionView::default;
        let table = [
            (
                shown(Tab { crashed: true, ..Tab::default() }),
                live.clone(),
                ("Crashed", "The page crashed. Reload it to go on", Broken, State, true),
            ),
            (
                shown(Tab { hangs: true, ..Tab::default() }),
                live.clone(),
                ("Stuck", "The page answers nothing. Wait, or reload it", Broken, State, true),
            ),
            (
                SessionView { dialog: Some(dialog), ..none() },
                live.clone(),
                ("Waits for an answer", "The page asks: “Leave?”", Waits, State, true),
            ),
            (
                shown(Tab { wants_file: true, ..Tab::default() }),
                live.clone(),
                ("Waits for a file", "The page waits for a file", Waits, State, true),
            ),
            (
                asked_for_control(),
                live.clone(),
                ("Control asked for", "Participant 7 asks for control", Waits, State, true),
            ),
            (none(), refused, ("Not connected", "The key was refused", Broken, State, false)),
            (
                none(),
                silent,
                ("No picture", "Nothing is heard of the session", Warning, State, false),
            ),
            (
                SessionView { lifetime: ends, ..none() },
                live.clone(),
                ("Ends soon", "The session ends in 2 minutes", Warning, State, false),
            ),
            (
                with_news([Update::Refused("The tab is paused".to_owned())]),
                live.clone(),
                ("Action failed", "The tab is paused", Warning, Sight, false),
            ),
            (
                with_news([Update::ObjectAlert(found)]),
                live.clone(),
                ("Found", "Found: fox", News, Sight, false),
            ),
            (
                with_news([DownloadState::Running, DownloadState::Done].map(downloads)),
                live,
                ("Downloaded", "report.pdf was downloaded", News, Sight, false),
            ),
        ];
        assert_eq!(table.len(), ConcernKind::iter().count(), "each kind is provoked once");
        for (kind, (view, condition, wanted)) in ConcernKind::iter().zip(table) {
            let told = Concern::lasting(&view, &condition, wall);
            let told: Vec<Concern> = told.into_iter().chain(view.news.clone()).collect();
            let ConcernRow { word, severity, end, is_state } = kind.row();
            assert_eq!(told.len(), 1, "{kind:?}: {told:?}");
            assert_eq!(told[0].kind, kind);
            let text = told[0].text.as_str();
            assert_eq!((word, text, severity, end, is_state), wanted);
            let state = Concern::state_of(&view, &condition);
            assert_eq!(state.is_some(), is_state, "{kind:?}");
            let away = Condition::Reconnecting {
                attempt: 1,
                retry_in: Duration::ZERO,
                why: String::new(),
            };
            assert_eq!(
                Concern::lasting(&view, &away, wall),
                [],
                "{kind:?} of a session that is away"
            );
            assert_eq!(Concern::state_of(&view, &away), None);
        }
    }

    #[test]
    fn a_camera_that_falls_silent_concerns_somebody_and_a_page_that_stops_moving_does_not() {
        let missing = Condition::Missing { silent_for: Duration::from_secs(3) };
        let told = |clicks| {
            let capabilities = Capabilities { clicks, ..Capabilities::default() };
            let view = SessionView { capabilities, ..SessionView::default() };
            Concern::lasting(&view, &missing, Timestamp::UNIX_EPOCH)
        };
        let stopped = Concern::new(ConcernKind::Stalled, "Its pictures stopped coming");
        assert_eq!((told(false), told(true)), (vec![stopped], vec![]));
    }

    #[test]
    fn the_most_pressing_is_the_state() {
        let mut view = shown(Tab { crashed: true, wants_file: true, ..Tab::default() });
        let state = |view: &SessionView| Concern::state_of(view, &Condition::Live).unwrap().kind;
        assert_eq!(state(&view), ConcernKind::Crashed);
        view.tabs[0].crashed = false;
        assert_eq!(state(&view), ConcernKind::FileChooser);
        view.tabs[0].wants_file = false;
        assert_eq!(Concern::state_of(&view, &Condition::Live), None);
    }

    #[test]
    fn an_end_concerns_somebody_only_when_it_is_near_and_not_put_off() {
        let wall = Timestamp::UNIX_EPOCH;
        let seconds = Duration::from_secs;
        let idle = |left, limit| SessionView {
            lifetime: Lifetime {
                idle_expires_at: Some(wall + seconds(left)),
                idle_limit: Some(seconds(limit)),
                ..Lifetime::default()
            },
            ..SessionView::default()
        };
        let is_told =
            |view: &SessionView, wall| !Concern::lasting(view, &Condition::Live, wall).is_empty();
        for (left, limit, told) in
            [(300, 600, false), (119, 600, true), (40, 60, false), (14, 60, true)]
        {
            let view = idle(left, limit);
            assert_eq!(is_told(&view, wall), told, "{left} of {limit}");
            let changes = end_words_change_in(&view, wall).unwrap();
            assert!(told || is_told(&view, wall + changes), "{left} of {limit}");
        }
        let mut kept = idle(10, 600);
        kept.keep_alive = KeepAlive::On { period: seconds(60) };
        assert!(!is_told(&kept, wall));
    }
}
