//! What the table tells of each command.

use crate::ui::chord::Chord;

/// All that is known of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// For menus, the palette and buttons; "…" where more input follows.
    pub name: &'static str,
    /// One sentence for tooltips and the help sheet.
    pub help: &'static str,
    /// Unless the settings say otherwise. The first is the one that is shown.
    pub keys: &'static [Chord],
    pub scope: Scope,
    pub group: Group,
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
