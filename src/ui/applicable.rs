//! Whether a command has anything to work on right now. The rest is greyed in menus and last in the palette, and its
//! keys say why they do nothing.

use super::command::{Command, Group};
use super::side::Side;
use super::state::{AppState, OpenSession};
use crate::model::{Condition, History};

const NO_SESSION: &str = "No session is watched";
const NO_PAGES: &str = "This session shows no pages";
const NO_TABS: &str = "This session has no tabs";
const OVER: &str = "The session has ended";
const AWAY: &str = "The session is not connected";

pub fn is_applicable(command: Command, state: &AppState<'_>) -> bool {
    why_not(command, state).is_none()
}

/// Why a command has nothing to work on, in words for people; `None`: it applies.
pub fn why_not(command: Command, state: &AppState<'_>) -> Option<&'static str> {
    let of_active = |works: &dyn Fn(&OpenSession) -> bool, why| match state.active() {
        None => Some(NO_SESSION),
        Some(open) => (!works(open)).then_some(why),
    };
    if state.on_wall && needs_one_alone(command) {
        return Some("Show one session alone first");
    }
    if let Some(why) = state.active().and_then(why_away)
        && needs_connection(command)
    {
        return Some(why);
    }
    match command {
        Command::ArmControl if state.control => Some("You have control already"),
        Command::ArmControl => match state.active() {
            None => Some(NO_SESSION),
            Some(open) => (!can_be_steered(open)).then_some("This session can only be watched"),
        },
        Command::TakeOver => of_active(
            &|open| open.view.capabilities.people && can_be_steered(open),
            "Nobody else can be in this session",
        ),
        Command::HandBack => of_active(&drives, "You do not have control"),
        Command::GrantControl | Command::RefuseControl => of_active(
            &|open| drives(open) && !open.view.people.requests.is_empty(),
            "Nobody asks you for control",
        ),
        Command::ReleaseControl | Command::PasteAsText => {
            (!state.control).then_some("Take control first")
        }

        Command::EndSession if state.active().is_some_and(|open| open.condition.is_over()) => {
            Some(OVER)
        }
        Command::EndSession => {
            of_active(&|open| !state.is_camera(&open.key), "A camera is not ended from here")
        }
        Command::StopWatching
        | Command::ZoomFit
        | Command::ZoomActual
        | Command::ZoomIn
        | Command::ZoomOut
        | Command::FollowLog
        | Command::FocusLogFilter
        | Command::ClearLogFilter
        | Command::CopyRow
        | Command::SaveLog => of_active(&|_| true, NO_SESSION),
        Command::ReconnectNow if state.active().is_some_and(|open| open.condition.is_over()) => {
            Some("The session has ended: nothing is left to connect to")
        }
        Command::ReconnectNow => (state.active().is_none() && state.services.is_empty())
            .then_some("There is nothing to connect to"),
        Command::ToggleKeepAlive => of_active(&has_lifetime, "This session does not end by itself"),
        Command::NextSession | Command::PreviousSession => {
            (state.open.len() < 2).then_some("No other session is watched")
        }
        Command::Session1
        | Command::Session2
        | Command::Session3
        | Command::Session4
        | Command::Session5
        | Command::Session6
        | Command::Session7
        | Command::Session8
        | Command::Session9 => command
            .session_index()
            .is_none_or(|at| at >= state.open.len())
            .then_some("No session has this number"),

        Command::FocusAddress => of_active(&|open| open.view.capabilities.navigation, NO_PAGES),
        Command::Back | Command::Forward | Command::Reload | Command::Stop
            if state.active().is_some_and(lacks_history) =>
        {
            Some("This service can only go to an address")
        }
        Command::Reload => of_active(&|open| open.view.capabilities.navigation, NO_PAGES),
        Command::Back => of_active(&can_go_back, "There is no page to go back to"),
        Command::Forward => of_active(&can_go_forward, "There is no page to go forward to"),
        Command::Stop => of_active(
            &|open| open.view.capabilities.navigation && open.view.page.loading,
            "The page is not loading",
        ),
        Command::NewTab => of_active(&|open| open.view.capabilities.tabs, NO_TABS),
        Command::CloseTab => {
            of_active(&|open| open.view.capabilities.tabs && !open.view.tabs.is_empty(), NO_TABS)
        }
        Command::NextTab | Command::PreviousTab => {
            of_active(&|open| open.view.tabs.len() > 1, "This session has no other tab")
        }
        Command::MatchViewport => of_active(
            &|open| open.view.capabilities.viewport,
            "This session's size can't be changed",
        ),
        Command::SaveSnapshot | Command::CopySnapshot => {
            of_active(&|open| open.picture.is_some(), "There is no picture yet")
        }
        Command::ShowDownloads => of_active(&|open| open.view.capabilities.navigation, NO_PAGES),
        Command::GiveFile => {
            of_active(&|open| open.view.capabilities.files, "This session takes no files")
        }

        Command::ToggleChat => {
            of_active(&|open| Side::Chat.is_in(open), "Nobody answers in this session")
        }
        Command::TogglePeople => {
            of_active(&|open| Side::People.is_in(open), "This session does not tell who is in it")
        }
        // On the wall it is one switch for all tiles.
        Command::ToggleBoxes if state.on_wall => {
            let mut tiles = state.open.iter();
            let has_any = tiles.any(|open| Side::Objects.is_in(open));
            (!has_any).then_some("Nothing looks for objects in these sessions")
        }
        Command::ToggleBoxes | Command::ToggleObjects => of_active(
            &|open| Side::Objects.is_in(open),
            "Nothing looks for objects in this session",
        ),

        Command::NewSession
        | Command::ConnectService
        | Command::AddCamera
        | Command::DemoCamera
        | Command::Palette
        | Command::Help
        | Command::ToggleSessions
        | Command::ToggleWall
        | Command::ToggleLog
        | Command::ToggleStats
        | Command::FullScreen
        | Command::UiLarger
        | Command::UiSmaller
        | Command::UiReset
        | Command::ThemeSystem
        | Command::ThemeDark
        | Command::ThemeLight
        | Command::ThemeHighContrast
        | Command::ShowMessages
        | Command::ShowSettingsFile
        | Command::About
        | Command::Quit => None,
    }
}

/// Why nothing that is asked of a session can reach it now; `None`: it can.
pub fn why_away(open: &OpenSession) -> Option<&'static str> {
    match open.condition {
        Condition::Ended { .. } => Some(OVER),
        ref condition => condition.is_away().then_some(AWAY),
    }
}

/// What is asked of the session itself, and not of this window.
fn needs_connection(command: Command) -> bool {
    matches!(
        command,
        Command::ArmControl
            | Command::TakeOver
            | Command::HandBack
            | Command::GrantControl
            | Command::RefuseControl
            | Command::PasteAsText
            | Command::ToggleKeepAlive
            | Command::Back
            | Command::Forward
            | Command::Reload
            | Command::Stop
            | Command::NewTab
            | Command::CloseTab
            | Command::NextTab
            | Command::PreviousTab
            | Command::MatchViewport
            | Command::GiveFile
    )
}

/// What works on the session that is shown alone, and would work unseen on the selected tile.
pub fn needs_one_alone(command: Command) -> bool {
    match command.info().group {
        Group::Page | Group::Log => true,
        Group::Picture => {
            !matches!(command, Command::SaveSnapshot | Command::CopySnapshot | Command::ToggleBoxes)
        }
        Group::Control | Group::Sessions | Group::Window => matches!(
            command,
            Command::PasteAsText
                | Command::ToggleLog
                | Command::ToggleChat
                | Command::TogglePeople
                | Command::ToggleObjects
        ),
    }
}

/// Whether there is a page before this one; where the session does not tell, it is tried.
fn can_go_back(open: &OpenSession) -> bool {
    match open.view.capabilities.history {
        History::None => false,
        History::Chords => true,
        History::Told => open.view.page.can_go_back,
    }
}

fn can_go_forward(open: &OpenSession) -> bool {
    match open.view.capabilities.history {
        History::None => false,
        History::Chords => true,
        History::Told => open.view.page.can_go_forward,
    }
}

/// Whether its pages can be gone to, but not back from nor loaded again.
pub fn lacks_history(open: &OpenSession) -> bool {
    let can = open.view.capabilities;
    can.navigation && can.history == History::None
}

/// Whether it can end by itself, so that there is something to keep it from. Nothing is known of one that is away.
pub fn has_lifetime(open: &OpenSession) -> bool {
    !open.condition.is_away() && has_limit(open)
}

fn has_limit(open: &OpenSession) -> bool {
    open.view.lifetime.ends_at().is_some() || open.view.lifetime.idle_limit.is_some()
}

/// Whether this window's user holds control until it is handed back.
pub fn drives(open: &OpenSession) -> bool {
    open.view.capabilities.people
        && !open.condition.is_away()
        && open.view.people.driver == Some(open.view.people.me)
}

/// Whether nobody else's input counts: not known before the session says so, where several people may be in it.
pub fn has_control(open: &OpenSession) -> bool {
    !open.condition.is_away() && (!open.view.capabilities.people || drives(open))
}

fn can_be_steered(open: &OpenSession) -> bool {
    let can = open.view.capabilities;
    can.clicks || can.keys
}
