//! Lists what commands need to have something to work on, and says what is missing.

use crate::settings::SidePanel;
use crate::ui::state::{AppState, OpenSession};

const NO_SESSION: &str = "No session is watched";
const NO_PAGES: &str = "This session shows no pages";
const NO_TABS: &str = "This session has no tabs";

/// Something that a command needs. Most needs concern the session in front, and imply that there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A session that is shown alone and not on the wall, where the command would work unseen.
    Alone,
    /// A session in front.
    Session,
    /// A session that can be reached now, for what is asked of the session itself and not of this window.
    Connection,
    /// Another watched session to go to.
    OtherSession,
    /// A watched session at this place in the list.
    SessionAt(usize),
    /// A session in which something calls for somebody.
    Call,
    /// A session that goes on and can be ended from here.
    Endable,
    /// A session or a service that can be connected to again.
    Reconnectable,
    /// A session that can end by itself, so that there is something to keep it from.
    Lifetime,

    /// Keyboard and mouse that do not go to the session.
    Unarmed,
    /// Keyboard and mouse that go to the session.
    Armed,
    /// A session that takes clicks or keys.
    Steerable,
    /// A session that can be steered and that other people can be in.
    Company,
    /// Control that this window's user holds until it is handed back.
    Control,
    /// A participant who asks this window's user for control.
    ControlRequest,

    /// A session that shows pages.
    Pages,
    /// A session that can do more with its pages than go to an address.
    History,
    /// A page to go back to.
    PageBefore,
    /// A page to go forward to.
    PageAfter,
    /// A page that is loading.
    Loading,
    /// A session that can have tabs.
    Tabs,
    /// A tab to work on.
    Tab,
    /// A tab beside the one that is shown.
    OtherTab,
    /// A page in which text can be found.
    Find,
    /// A session whose pages can be printed.
    Print,
    /// A session in whose pages scripts can be run.
    Scripts,
    /// A session that takes files.
    Files,
    /// A session with a clipboard to share, which also tells what is selected in its page.
    Clipboard,

    /// A session whose size can be changed.
    Viewport,
    /// A picture that was received.
    Picture,
    /// A detector that looks for objects in the session in front, or on the wall in any session.
    Detector,
    /// A session that has something to show in this panel.
    Panel(SidePanel),
}

impl Need {
    /// Returns what is missing now, in words for people, or `None` if the need is met.
    pub fn unmet(self, state: &AppState<'_>) -> Option<&'static str> {
        let in_front = |unmet: &dyn Fn(&OpenSession) -> Option<&'static str>| match state.active() {
            None => Some(NO_SESSION),
            Some(open) => unmet(open),
        };
        let unless = |is_met: &dyn Fn(&OpenSession) -> bool, words| {
            in_front(&|open| (!is_met(open)).then_some(words))
        };
        match self {
            Self::Alone => state.on_wall.then_some("Show one session alone first"),
            Self::Session => in_front(&|_| None),
            Self::Connection => in_front(&OpenSession::why_away),
            Self::OtherSession => (state.open.len() < 2).then_some("No other session is watched"),
            Self::SessionAt(at) => (at >= state.open.len()).then_some("No session has this number"),
            Self::Call => state.calling().next().is_none().then_some("Nothing needs you now"),
            Self::Endable => in_front(&|open| match open.condition.is_over() {
                true => open.why_away(),
                false => state.is_camera(&open.key).then_some("A camera is not ended from here"),
            }),
            Self::Reconnectable => match state.active() {
                Some(open) if open.condition.is_over() => {
                    Some("The session has ended: nothing is left to connect to")
                }
                None if state.services.is_empty() => Some("There is nothing to connect to"),
                Some(_) | None => None,
            },
            Self::Lifetime => {
                unless(&OpenSession::has_lifetime, "This session does not end by itself")
            }

            Self::Unarmed => state.control.then_some("You have control already"),
            Self::Armed => (!state.control).then_some("Take control first"),
            Self::Steerable => {
                unless(&OpenSession::is_steerable, "This session can only be watched")
            }
            Self::Company => unless(
                &|open| open.view.capabilities.people && open.is_steerable(),
                "Nobody else can be in this session",
            ),
            Self::Control => unless(&OpenSession::drives, "You do not have control"),
            Self::ControlRequest => unless(
                &|open| open.drives() && !open.view.people.requests.is_empty(),
                "Nobody asks you for control",
            ),

            Self::Pages => unless(&|open| open.view.capabilities.navigation, NO_PAGES),
            Self::History => {
                unless(&|open| !open.lacks_history(), "This service can only go to an address")
            }
            Self::PageBefore => unless(&OpenSession::can_go_back, "There is no page to go back to"),
            Self::PageAfter => {
                unless(&OpenSession::can_go_forward, "There is no page to go forward to")
            }
            Self::Loading => unless(
                &|open| open.view.capabilities.navigation && open.view.page.loading,
                "The page is not loading",
            ),
            Self::Tabs => unless(&|open| open.view.capabilities.tabs, NO_TABS),
            Self::Tab => {
                unless(&|open| open.view.capabilities.tabs && !open.view.tabs.is_empty(), NO_TABS)
            }
            Self::OtherTab => {
                unless(&|open| open.view.tabs.len() > 1, "This session has no other tab")
            }
            Self::Find => unless(
                &|open| open.view.capabilities.find,
                "Nothing can be found in the pages of this session",
            ),
            Self::Print => unless(
                &|open| open.view.capabilities.print,
                "The pages of this session can't be printed",
            ),
            Self::Scripts => unless(
                &|open| open.view.capabilities.scripts,
                "No scripts can be run in the pages of this session",
            ),
            Self::Files => {
                unless(&|open| open.view.capabilities.files, "This session takes no files")
            }

            Self::Clipboard => unless(
                &|open| open.view.capabilities.clipboard,
                "This session has no clipboard to share",
            ),

            Self::Viewport => unless(
                &|open| open.view.capabilities.viewport,
                "This session's size can't be changed",
            ),
            Self::Picture => unless(&|open| open.picture.is_some(), "There is no picture yet"),
            // On the wall one switch is for all tiles.
            Self::Detector if state.on_wall => {
                let has_any = state.open.iter().any(|open| open.view.capabilities.detections);
                (!has_any).then_some("Nothing looks for objects in these sessions")
            }
            Self::Detector => Self::Panel(SidePanel::Objects).unmet(state),
            Self::Panel(panel) => in_front(&|open| panel.why_not_in(open)),
        }
    }
}
