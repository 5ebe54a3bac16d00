//! Holds the one table of commands, which menus, tooltips, the palette, the help sheet, the keys and the guide all
//! read.

mod need;
mod row;
mod table;

use strum::IntoEnumIterator as _;

pub use self::need::Need;
pub use self::row::{CommandRow, Group, Scope, Unmet};
pub use self::table::Command;
use super::state::AppState;

impl Command {
    /// Returns all commands, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Returns the name of the command in the settings file.
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// Returns the name of the command in the window.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the place in the list of open sessions that this command goes to, if it goes to one.
    pub fn session_index(self) -> Option<usize> {
        self.row().needs.iter().find_map(|need| {
            let Need::SessionAt(index) = need else { return None };
            Some(*index)
        })
    }

    /// Returns why the command has nothing to work on now, in words for people, or `None` if it applies.
    pub fn why_not(self, state: &AppState<'_>) -> Option<&'static str> {
        self.row().needs.iter().find_map(|need| need.unmet(state))
    }

    /// Tells whether the command has something to work on now. Other commands are grayed in menus and last in the
    /// palette.
    pub fn applies(self, state: &AppState<'_>) -> bool {
        self.why_not(state).is_none()
    }

    /// Returns why the command's key does nothing now, in words for people, or `None` if it runs.
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
