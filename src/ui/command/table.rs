//! The table itself: name, help, keys, scope and group of every command.

use egui::Key;

use super::Command;
use super::info::{Group, Info, Scope};
use crate::ui::chord::Chord;

impl Command {
    pub fn info(self) -> Info {
        use Scope::{Always, Control, Dialog, Text, Window};
        match self {
            Self::ArmControl => Info {
                name: "Take control",
                help: "Send keyboard and mouse to the session",
                keys: const { &[Chord::plain(Key::I)] },
                scope: Window,
                group: Group::Control,
            },
            Self::ReleaseControl => Info {
                name: "Release keyboard",
                help: "Take keyboard and mouse back from the session",
                keys: const { &[Chord::control(Key::G).with_alt()] },
                scope: Always,
                group: Group::Control,
            },
            Self::TakeOver => Info {
                name: "Take and keep control",
                help: "Have control until you hand it back: the agent waits, other people are asked",
                keys: const { &[Chord::plain(Key::T)] },
                scope: Window,
                group: Group::Control,
            },
            Self::HandBack => Info {
                name: "Hand back control…",
                help: "Let the agent or others go on, with a note about where things stand",
                keys: const { &[Chord::plain(Key::H)] },
                scope: Window,
                group: Group::Control,
            },
            Self::GrantControl => Info {
                name: "Give control",
                help: "Give control to whoever asked for it first",
                keys: const { &[Chord::plain(Key::Y)] },
                scope: Window,
                group: Group::Control,
            },
            Self::RefuseControl => Info {
                name: "Refuse control",
                help: "Keep control, and tell whoever asked for it first",
                keys: const { &[Chord::plain(Key::N)] },
                scope: Window,
                group: Group::Control,
            },
            Self::PasteAsText => Info {
                name: "Paste as text",
                help: "Type the text of the clipboard into the session",
                keys: const { &[Chord::primary(Key::V).with_shift()] },
                scope: Control,
                group: Group::Control,
            },

            Self::NewSession => Info {
                name: "New session…",
                help: "Start a browser here or on a service",
                keys: const { &[Chord::primary(Key::N)] },
                scope: Text,
                group: Group::Sessions,
            },
            Self::ConnectService => Info {
                name: "Connect to a service…",
                help: "Watch the sessions of a server by its address and key",
                keys: const { &[Chord::primary(Key::O)] },
                scope: Text,
                group: Group::Sessions,
            },
            Self::AddCamera => Info {
                name: "Add camera…",
                help: "Watch a camera by its address",
                keys: &[],
                scope: Text,
                group: Group::Sessions,
            },
            Self::DemoCamera => Info {
                name: "Watch a demo camera",
                help: "See what a camera with detections looks like; once more for another one",
                keys: &[],
                scope: Text,
                group: Group::Sessions,
            },
            Self::EndSession => Info {
                name: "End session…",
                help: "Close the session's browser for everybody, after asking",
                keys: const { &[Chord::primary(Key::E).with_shift()] },
                scope: Text,
                group: Group::Sessions,
            },
            Self::StopWatching => Info {
                name: "Stop watching",
                help: "Close the view; the session itself goes on",
                keys: const { &[Chord::primary(Key::W).with_shift()] },
                scope: Text,
                group: Group::Sessions,
            },
            Self::ReconnectNow => Info {
                name: "Reconnect now",
                help: "Connect again without waiting",
                keys: const { &[Chord::primary(Key::R).with_shift()] },
                scope: Text,
                group: Group::Sessions,
            },
            Self::ToggleKeepAlive => Info {
                name: "Keep alive",
                help: "Keep the session from ending while it is idle, or stop doing so",
                keys: const { &[Chord::plain(Key::K)] },
                scope: Window,
                group: Group::Sessions,
            },
            Self::NextSession => Info {
                name: "Next session",
                help: "Go to the next open session",
                keys: const { &[Chord::primary(Key::PageDown)] },
                scope: Text,
                group: Group::Sessions,
            },
            Self::PreviousSession => Info {
                name: "Previous session",
                help: "Go to the open session before this one",
                keys: const { &[Chord::primary(Key::PageUp)] },
                scope: Text,
                group: Group::Sessions,
            },
            Self::Session1 => session("Session 1", const { &[Chord::plain(Key::Num1)] }),
            Self::Session2 => session("Session 2", const { &[Chord::plain(Key::Num2)] }),
            Self::Session3 => session("Session 3", const { &[Chord::plain(Key::Num3)] }),
            Self::Session4 => session("Session 4", const { &[Chord::plain(Key::Num4)] }),
            Self::Session5 => session("Session 5", const { &[Chord::plain(Key::Num5)] }),
            Self::Session6 => session("Session 6", const { &[Chord::plain(Key::Num6)] }),
            Self::Session7 => session("Session 7", const { &[Chord::plain(Key::Num7)] }),
            Self::Session8 => session("Session 8", const { &[Chord::plain(Key::Num8)] }),
            Self::Session9 => session("Session 9", const { &[Chord::plain(Key::Num9)] }),

            Self::FocusAddress => Info {
                name: "Go to address",
                help: "Edit the address of the page",
                keys: const { &[Chord::primary(Key::L)] },
                scope: Text,
                group: Group::Page,
            },
            Self::Back => Info {
                name: "Back",
                help: "Go back in the page's history",
                keys: const {
                    &[Chord::plain(Key::ArrowLeft).with_alt(), Chord::plain(Key::BrowserBack)]
                },
                scope: Window,
                group: Group::Page,
            },
            Self::Forward => Info {
                name: "Forward",
                help: "Go forward in the page's history",
                keys: const {
                    &[Chord::plain(Key::ArrowRight).with_alt(), Chord::plain(Key::BrowserForward)]
                },
                scope: Window,
                group: Group::Page,
            },
            Self::Reload => Info {
                name: "Reload",
                help: "Load the page again",
                keys: const {
                    &[
                        Chord::plain(Key::F5),
                        Chord::primary(Key::R),
                        Chord::plain(Key::BrowserRefresh),
                    ]
                },
                scope: Text,
                group: Group::Page,
            },
            Self::Stop => Info {
                name: "Stop loading",
                help: "Stop loading the page",
                keys: const { &[Chord::plain(Key::Escape).with_shift(), Chord::plain(Key::BrowserStop)] },
                scope: Window,
                group: Group::Page,
            },
            Self::NewTab => Info {
                name: "New tab",
                help: "Open a tab in the session's browser",
                keys: const { &[Chord::primary(Key::T)] },
                scope: Text,
                group: Group::Page,
            },
            Self::CloseTab => Info {
                name: "Close tab",
                help: "Close the tab that is shown",
                keys: const { &[Chord::primary(Key::W)] },
                // In a text field Ctrl+W deletes a word.
                scope: Window,
                group: Group::Page,
            },
            Self::GiveFile => Info {
                name: "Give the page a file…",
                help: "Hand a file to the page's file chooser or file field",
                keys: const { &[Chord::plain(Key::U)] },
                scope: Window,
                group: Group::Page,
            },
            Self::ShowDownloads => Info {
                name: "Downloads…",
                help: "List what was downloaded in the session",
                keys: const { &[Chord::plain(Key::D)] },
                scope: Window,
                group: Group::Page,
            },
            Self::NextTab => Info {
                name: "Next tab",
                help: "Show the next tab of the session's browser",
                keys: const { &[Chord::control(Key::Tab)] },
                scope: Text,
                group: Group::Page,
            },
            Self::PreviousTab => Info {
                name: "Previous tab",
                help: "Show the tab before this one",
                keys: const { &[Chord::control(Key::Tab).with_shift()] },
                scope: Text,
                group: Group::Page,
            },

            Self::ZoomFit => Info {
                name: "Fit to window",
                help: "Show the whole picture as large as it fits",
                keys: const { &[Chord::plain(Key::F)] },
                scope: Window,
                group: Group::Picture,
            },
            Self::ZoomActual => Info {
                name: "Actual size",
                help: "Show one pixel of the picture as one pixel of the screen",
                keys: const { &[Chord::plain(Key::Num0)] },
                scope: Window,
                group: Group::Picture,
            },
            Self::ZoomIn => Info {
                name: "Zoom in",
                help: "Show the picture larger",
                keys: const { &[Chord::plain(Key::Plus), Chord::plain(Key::Equals)] },
                scope: Window,
                group: Group::Picture,
            },
            Self::ZoomOut => Info {
                name: "Zoom out",
                help: "Show the picture smaller",
                keys: const { &[Chord::plain(Key::Minus)] },
                scope: Window,
                group: Group::Picture,
            },
            Self::MatchViewport => Info {
                name: "Match page to window",
                help: "Give the page the size of the space it is shown in",
                keys: const { &[Chord::plain(Key::M)] },
                scope: Window,
                group: Group::Picture,
            },
            Self::SaveSnapshot => Info {
                name: "Save snapshot…",
                help: "Save the picture as a PNG file, at the size it was received",
                keys: const { &[Chord::primary(Key::S).with_shift()] },
                scope: Text,
                group: Group::Picture,
            },
            Self::CopySnapshot => Info {
                name: "Copy snapshot",
                help: "Copy the picture to the clipboard, at the size it was received",
                keys: const { &[Chord::primary(Key::C).with_shift()] },
                scope: Window,
                group: Group::Picture,
            },
            Self::ToggleBoxes => Info {
                name: "Boxes",
                help: "Show or hide the boxes around what was found in the picture",
                keys: const { &[Chord::plain(Key::B)] },
                scope: Window,
                group: Group::Picture,
            },

            Self::FollowLog => Info {
                name: "Follow log",
                help: "Keep the newest rows in view, or pause",
                keys: const { &[Chord::plain(Key::P)] },
                scope: Window,
                group: Group::Log,
            },
            Self::FocusLogFilter => Info {
                name: "Filter log",
                help: "Type what the rows shown must contain",
                keys: const { &[Chord::plain(Key::Slash), Chord::primary(Key::F)] },
                scope: Text,
                group: Group::Log,
            },
            Self::ClearLogFilter => Info {
                name: "Clear log filter",
                help: "Show all rows again",
                keys: &[],
                scope: Text,
                group: Group::Log,
            },
            Self::CopyRow => Info {
                name: "Copy row",
                help: "Copy the selected row as the server sent it",
                // Ctrl+C stays free for selected text; the log takes it while it has the focus.
                keys: &[],
                scope: Window,
                group: Group::Log,
            },
            Self::SaveLog => Info {
                name: "Save log…",
                help: "Save the rows as JSON lines or CSV",
                keys: const { &[Chord::primary(Key::S)] },
                scope: Text,
                group: Group::Log,
            },

            Self::Palette => Info {
                name: "Command palette",
                help: "Find a command or a session by name",
                keys: const { &[Chord::primary(Key::K)] },
                scope: Dialog,
                group: Group::Window,
            },
            Self::Help => Info {
                name: "Keyboard help",
                help: "Show all commands and their keys",
                keys: const { &[Chord::plain(Key::Questionmark), Chord::plain(Key::F1)] },
                scope: Dialog,
                group: Group::Window,
            },
            Self::ToggleSessions => Info {
                name: "Session list",
                help: "Show or hide the list of sessions",
                keys: const { &[Chord::plain(Key::F2)] },
                scope: Text,
                group: Group::Window,
            },
            Self::ToggleWall => Info {
                name: "Wall",
                help: "Show all watched sessions as tiles, or one alone",
                keys: const { &[Chord::plain(Key::W)] },
                scope: Window,
                group: Group::Window,
            },
            Self::ToggleLog => Info {
                name: "Event log",
                help: "Show or hide the event log",
                keys: const { &[Chord::plain(Key::F3)] },
                scope: Text,
                group: Group::Window,
            },
            Self::ToggleChat => Info {
                name: "Chat",
                help: "Show or hide the talk with the session's assistant",
                keys: const { &[Chord::plain(Key::F6)] },
                scope: Text,
                group: Group::Window,
            },
            Self::TogglePeople => Info {
                name: "People",
                help: "Show or hide who is in the session and who has control",
                keys: const { &[Chord::plain(Key::F7)] },
                scope: Text,
                group: Group::Window,
            },
            Self::ToggleObjects => Info {
                name: "Objects",
                help: "Show or hide what was found in the pictures",
                keys: const { &[Chord::plain(Key::F8)] },
                scope: Text,
                group: Group::Window,
            },
            Self::ToggleStats => Info {
                name: "Statistics",
                help: "Show or hide frame rate, bit rate and delays",
                keys: const { &[Chord::plain(Key::F4)] },
                scope: Text,
                group: Group::Window,
            },
            Self::FullScreen => Info {
                name: "Full screen",
                help: "Fill the screen, or go back to a window",
                keys: const { &[Chord::plain(Key::F11)] },
                scope: Dialog,
                group: Group::Window,
            },
            Self::UiLarger => Info {
                name: "Larger text",
                help: "Make texts and buttons of this window larger",
                keys: const { &[Chord::primary(Key::Plus), Chord::primary(Key::Equals)] },
                scope: Dialog,
                group: Group::Window,
            },
            Self::UiSmaller => Info {
                name: "Smaller text",
                help: "Make texts and buttons of this window smaller",
                keys: const { &[Chord::primary(Key::Minus)] },
                scope: Dialog,
                group: Group::Window,
            },
            Self::UiReset => Info {
                name: "Normal text size",
                help: "Give texts and buttons their usual size",
                keys: const { &[Chord::primary(Key::Num0)] },
                scope: Dialog,
                group: Group::Window,
            },
            Self::ThemeSystem => {
                theme("System theme", "Follow the system's light or dark appearance")
            }
            Self::ThemeDark => theme("Dark theme", "Light text on dark"),
            Self::ThemeLight => theme("Light theme", "Dark text on light"),
            Self::ThemeHighContrast => {
                theme("High contrast theme", "White on black, with strong outlines")
            }
            Self::ShowMessages => Info {
                name: "Messages…",
                help: "Read again what went wrong and what was done",
                keys: const { &[Chord::plain(Key::E)] },
                scope: Window,
                group: Group::Window,
            },
            Self::ShowSettingsFile => Info {
                name: "Show settings file",
                help: "Open the folder that holds the settings file",
                keys: const { &[Chord::primary(Key::Comma)] },
                scope: Text,
                group: Group::Window,
            },
            Self::About => Info {
                name: "About Helmsight",
                help: "Show version and licenses",
                keys: &[],
                scope: Text,
                group: Group::Window,
            },
            Self::Quit => Info {
                name: "Quit",
                help: "Close the window and end the browsers it started",
                keys: const { &[Chord::primary(Key::Q)] },
                scope: Dialog,
                group: Group::Window,
            },
        }
    }
}

fn session(name: &'static str, keys: &'static [Chord]) -> Info {
    Info {
        name,
        help: "Go to the open session at this place in the list",
        keys,
        scope: Scope::Window,
        group: Group::Sessions,
    }
}

fn theme(name: &'static str, help: &'static str) -> Info {
    Info { name, help, keys: &[], scope: Scope::Text, group: Group::Window }
}
