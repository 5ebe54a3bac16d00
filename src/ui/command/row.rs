//! The columns of the table.

use super::need::Need;
use crate::ui::chord::Chord;
use crate::ui::icon::Icon;

/// All that is known of a command. No column has a default, so that none is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandRow {
    /// Where it stands in menus and in the help sheet.
    pub group: Group,
    /// For menus, the palette and buttons; "…" where more input follows.
    pub name: &'static str,
    /// One sentence for tooltips and the help sheet.
    pub help: &'static str,
    /// The keys that run it unless the settings say otherwise. The first is the one that is shown.
    pub keys: &'static [Chord],
    /// When the keys are live.
    pub scope: Scope,
    /// Whether holding the key down runs it again and again.
    pub repeats: bool,
    /// The picture on its buttons, where there is one that people know.
    pub icon: Option<Icon>,
    /// What must hold so that it has something to work on. The first that does not hold is the reason that is told.
    pub needs: &'static [Need],
    /// What its key does while something that it needs is missing. Menus gray it in any case.
    pub unmet: Unmet,
}

/// When the keys of a command are live; each also where those before it are.
/// A key that types or edits text never is while a text field has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// In the window, while no text field has the focus and nothing lies over it.
    Window,
    /// Also in text fields.
    Text,
    /// Also while a dialog, the palette or the help sheet is open.
    Dialog,
    /// Also while keyboard and mouse go to the session.
    Always,
    /// Only while they do: the key is taken from the session.
    Control,
}

/// Where a command stands in menus and in the help sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
pub enum Group {
    Control,
    Sessions,
    Page,
    Picture,
    Log,
    Window,
}

/// What a command does while something that it needs is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// It does nothing and tells why.
    Told,
    /// It runs all the same while keyboard and mouse go to the session.
    RunsInControl,
    /// It runs all the same.
    Runs,
}

impl Group {
    pub fn title(self) -> &'static str {
        match self {
            Self::Control => "Control",
            Self::Sessions => "Sessions",
            Self::Page => "Page",
            Self::Picture => "Picture",
            Self::Log => "Log",
            Self::Window => "Window",
        }
    }
}
