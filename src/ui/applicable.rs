//! Whether a command has anything to work on right now: the rest is greyed in menus.

use super::command::{Command, Group};
use super::side::Side;
use super::state::{AppState, OpenSession};
use crate::model::Condition;

pub fn is_applicable(command: Command, state: &AppState) -> bool {
    let on_active = |works: &dyn Fn(&OpenSession) -> bool| state.active().is_some_and(works);
    if state.on_wall && needs_one_alone(command) {
        return false;
    }
    match command {
        Command::ArmControl => !state.control && on_active(&can_be_steered),
        Command::ReleaseControl | Command::PasteAsText => state.control,

        Command::EndSession
        | Command::StopWatching
        | Command::ZoomFit
        | Command::ZoomActual
        | Command::ZoomIn
        | Command::ZoomOut
        | Command::FollowLog
        | Command::FocusLogFilter
        | Command::ClearLogFilter
        | Command::CopyRow
        | Command::SaveLog => state.active().is_some(),
        Command::ReconnectNow => state.active().is_some() || !state.services.is_empty(),
        Command::ToggleKeepAlive => on_active(&has_lifetime),
        Command::NextSession | Command::PreviousSession => state.open.len() > 1,
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
            .is_some_and(|at| at < state.open.len()),

        Command::FocusAddress | Command::Reload => {
            on_active(&|open| open.view.capabilities.navigation)
        }
        Command::Back => on_active(&can_go_back),
        Command::Forward => on_active(&can_go_forward),
        Command::Stop => {
            on_active(&|open| open.view.capabilities.navigation && open.view.page.loading)
        }
        Command::NewTab => on_active(&|open| open.view.capabilities.tabs),
        Command::CloseTab => {
            on_active(&|open| open.view.capabilities.tabs && !open.view.tabs.is_empty())
        }
        Command::NextTab | Command::PreviousTab => on_active(&|open| open.view.tabs.len() > 1),
        Command::MatchViewport => on_active(&|open| open.view.capabilities.viewport),
        Command::SaveSnapshot | Command::CopySnapshot => on_active(&|open| open.picture.is_some()),

        Command::ToggleChat => on_active(&|open| Side::Chat.is_in(open)),
        Command::TogglePeople => on_active(&|open| Side::People.is_in(open)),
        Command::ToggleObjects => on_active(&|open| Side::Objects.is_in(open)),

        Command::NewSession
        | Command::ConnectService
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
        | Command::ShowSettingsFile
        | Command::About
        | Command::Quit => true,
    }
}

/// What works on the session that is shown alone, and would work unseen on the selected tile.
pub fn needs_one_alone(command: Command) -> bool {
    match command.info().group {
        Group::Page | Group::Log => true,
        Group::Picture => !matches!(command, Command::SaveSnapshot | Command::CopySnapshot),
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
pub fn can_go_back(open: &OpenSession) -> bool {
    let can = open.view.capabilities;
    can.navigation && (!can.history || open.view.page.can_go_back)
}

pub fn can_go_forward(open: &OpenSession) -> bool {
    let can = open.view.capabilities;
    can.navigation && (!can.history || open.view.page.can_go_forward)
}

/// Whether it can end by itself, so that there is something to keep it from.
pub fn has_lifetime(open: &OpenSession) -> bool {
    open.view.lifetime.ends_at().is_some() || open.view.lifetime.idle_limit.is_some()
}

fn can_be_steered(open: &OpenSession) -> bool {
    let can = open.view.capabilities;
    (can.clicks || can.keys) && !matches!(open.condition, Condition::Ended { .. })
}
