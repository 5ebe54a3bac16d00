//! Defines the columns of the table of commands, and makes the commands from its rows.

use super::need::Need;
use crate::ui::chord::Chord;
use crate::ui::icon::Icon;

/// All that is known of a command. No column has a default, so that none can be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandRow {
    /// The group under which the command stands in menus and in the help sheet.
    pub group: Group,
    /// Name in menus, in the palette and on buttons. It ends in "…" where more input follows.
    pub name: &'static str,
    /// One sentence for tooltips and the help sheet that tells what the command does.
    pub help: &'static str,
    /// The keys that run the command unless the settings say otherwise. The first is the one that is shown.
    pub keys: &'static [Chord],
    /// When the keys are live.
    pub scope: Scope,
    /// Whether holding the key down runs it again and again.
    pub repeats: bool,
    /// The picture on the command's buttons, where there is one that people know.
    pub icon: Option<Icon>,
    /// What the command needs to have something to work on. The first need that is not met is the reason that is told.
    pub needs: &'static [Need],
    /// What the command's key does while a need is not met. Menus gray the command in any case.
    pub unmet: Unmet,
}

/// When the keys of a command are live. All but `Control` are also live where those before them are.
/// A key that types or edits text is never live while a text field has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The keys are live in the window, while no text field has the focus and nothing lies over it.
    Window,
    /// The keys are also live in text fields.
    Text,
    /// The keys are also live while a dialog, the palette or the help sheet is open.
    Dialog,
    /// The keys are also live while keyboard and mouse go to the session.
    Always,
    /// The keys are live only while keyboard and mouse go to the session, which does not get them.
    Control,
}

impl Scope {
    /// Tells whether the keys are live while keyboard and mouse go to the session.
    pub fn is_live_in_control(self) -> bool {
        matches!(self, Self::Always | Self::Control)
    }
}

/// A group of commands in menus and in the help sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter)]
pub enum Group {
    /// Commands about who steers the session.
    Control,
    /// Commands that open, choose and end sessions.
    Sessions,
    /// Commands on the page and its tabs.
    Page,
    /// Commands on the picture and its size.
    Picture,
    /// Commands on the log.
    Log,
    /// Commands on the window itself.
    Window,
}

/// What a command's key does while something that the command needs is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// The key does nothing, and the reason is told.
    Told,
    /// The command still runs while keyboard and mouse go to the session.
    RunsInControl,
    /// The command still runs.
    Runs,
}

impl Group {
    /// Returns the title of the group in menus and in the help sheet.
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

/// Makes the enum and its rows from one list, so that a command without a row, or with half of one, does not compile.
/// Rows stand in the order of menus and of the help sheet.
macro_rules! commands {
    (
        $($group:path => {
            $($command:ident { name: $name:literal, help: $help:literal, $($column:tt)* })*
        })*
    ) => {
        /// Something that a key, a menu or the palette can name. What carries data is an [`Action`](crate::ui::Action).
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            strum::EnumIter, strum::EnumString, strum::IntoStaticStr,
        )]
        #[strum(serialize_all = "snake_case")]
        pub enum Command {
            $($(#[doc = concat!($help, ".")] $command,)*)*
        }

        impl Command {
            /// Returns all that is known of the command.
            pub const fn row(self) -> &'static $crate::ui::command::CommandRow {
                match self {
                    $($(Self::$command => const {
                        &$crate::ui::command::CommandRow { group: $group, name: $name, help: $help, $($column)* }
                    },)*)*
                }
            }
        }
    };
}
pub(super) use commands;
