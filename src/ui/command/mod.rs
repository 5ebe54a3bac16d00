//! The one table of commands: menus, tooltips, the palette, the help sheet, the keys and the guide all read it.

mod need;
mod row;
mod table;

use strum::IntoEnumIterator as _;

pub use self::need::Need;
pub use self::row::{CommandRow, Group, Scope, Unmet};
pub use self::table::Command;
use super::state::AppState;

impl Command {
    /// All commands, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// What it is called in the settings file.
    pub fn id(self) -> &'static str {
        self.into()
    }

    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The place in the list of open sessions that this command goes to.
    pub fn session_index(self) -> Option<usize> {
        self.row().needs.iter().find_map(|need| {
            let Need::SessionAt(index) = need else { return None };
            Some(*index)
        })
    }

    /// Why it has nothing to work on now, in words for people; `None`: it applies.
    pub fn why_not(self, state: &AppState<'_>) -> Option<&'static str> {
        self.row().needs.iter().find_map(|need| need.unmet(state))
    }

    /// Whether it has something to work on now. What has not is grayed in menus and last in the palette.
    pub fn applies(self, state: &AppState<'_>) -> bool {
        self.why_not(state).is_none()
    }

    /// Why its key does nothing now, in words for people; `None`: it runs.
    pub fn why_refused(self, state: &AppState<'_>) -> Option<&'static str> {
        let runs = match self.row().unmet {
            Unmet::Told => false,
            Unmet::RunsInControl => state.control,
            Unmet::Runs => true,
        };
        if runs { None } else { self.why_not(state) }
    }
}

#[cfg(test)]
mod tests;
