//! The one table of commands: menus, tooltips, the palette, the help sheet, the keys and the README all read it.

mod info;
mod table;

use strum::IntoEnumIterator as _;

pub use self::info::{Group, Info, Scope};

/// What a key, a menu or the palette can name. What carries data is an [`Action`](super::Action).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum Command {
    ArmControl,
    ReleaseControl,
    TakeOver,
    HandBack,
    GrantControl,
    RefuseControl,
    PasteAsText,

    NewSession,
    ConnectService,
    AddCamera,
    DemoCamera,
    EndSession,
    StopWatching,
    ReconnectNow,
    ToggleKeepAlive,
    NextSession,
    PreviousSession,
    Session1,
    Session2,
    Session3,
    Session4,
    Session5,
    Session6,
    Session7,
    Session8,
    Session9,

    FocusAddress,
    Back,
    Forward,
    Reload,
    Stop,
    NewTab,
    CloseTab,
    GiveFile,
    ShowDownloads,
    NextTab,
    PreviousTab,

    ZoomFit,
    ZoomActual,
    ZoomIn,
    ZoomOut,
    MatchViewport,
    SaveSnapshot,
    CopySnapshot,
    ToggleBoxes,

    FollowLog,
    FocusLogFilter,
    ClearLogFilter,
    CopyRow,
    SaveLog,

    Palette,
    Help,
    ToggleSessions,
    ToggleWall,
    ToggleLog,
    ToggleChat,
    TogglePeople,
    ToggleObjects,
    ToggleStats,
    FullScreen,
    UiLarger,
    UiSmaller,
    UiReset,
    ThemeSystem,
    ThemeDark,
    ThemeLight,
    ThemeHighContrast,
    ShowMessages,
    ShowSettingsFile,
    About,
    Quit,
}

impl Command {
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// What it is called in the settings file.
    pub fn id(self) -> &'static str {
        self.into()
    }

    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The place in the list of open sessions that this command goes to.
    pub fn session_index(self) -> Option<usize> {
        Self::SESSIONS.iter().position(|command| *command == self)
    }

    /// Whether holding the key down runs it again and again.
    pub fn repeats(self) -> bool {
        matches!(
            self,
            Self::ZoomIn
                | Self::ZoomOut
                | Self::UiLarger
                | Self::UiSmaller
                | Self::NextSession
                | Self::PreviousSession
                | Self::NextTab
                | Self::PreviousTab
        )
    }

    pub const SESSIONS: [Self; 9] = [
        Self::Session1,
        Self::Session2,
        Self::Session3,
        Self::Session4,
        Self::Session5,
        Self::Session6,
        Self::Session7,
        Self::Session8,
        Self::Session9,
    ];
}

#[cfg(test)]
mod tests;
