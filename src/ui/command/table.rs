//! Holds the table of commands, whose rows say all that is known of each. What a command does stands in `app`.

use egui::Key;

use super::need::Need;
use super::row::{Group, Scope, Unmet, commands};
use crate::settings::SidePanel;
use crate::ui::chord::Chord;
use crate::ui::icon::Icon;

commands! {
    Group::Control => {
        ArmControl {
            name: "Take control",
            help: "Send keyboard and mouse to the session",
            keys: &[Chord::plain(Key::I)], scope: Scope::Window, repeats: false,
            // In control, the command brings a keyboard that went elsewhere back to the picture.
            icon: Some(Icon::Pointer), unmet: Unmet::RunsInControl,
            needs: &[Need::Connection, Need::Unarmed, Need::Steerable],
        }
        ReleaseControl {
            name: "Release keyboard",
            help: "Take keyboard and mouse back from the session",
            keys: &[Chord::control(Key::G).with_alt()], scope: Scope::Always, repeats: false,
            // The way out needs no reason.
            icon: None, needs: &[Need::Armed], unmet: Unmet::Runs,
        }
        TakeOver {
            name: "Take and keep control",
            help: "Have control until you hand it back: the agent waits, other people are asked",
            keys: &[Chord::plain(Key::T)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Connection, Need::Company], unmet: Unmet::Told,
        }
        HandBack {
            name: "Hand back control…",
            help: "Let the agent or others go on, with a note about where things stand",
            keys: &[Chord::plain(Key::H)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Connection, Need::Control], unmet: Unmet::Told,
        }
        GrantControl {
            name: "Give control",
            help: "Give control to whoever asked for it first",
            keys: &[Chord::plain(Key::Y)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Connection, Need::ControlRequest], unmet: Unmet::Told,
        }
        RefuseControl {
            name: "Refuse control",
            help: "Keep control, and tell whoever asked for it first",
            keys: &[Chord::plain(Key::N)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Connection, Need::ControlRequest], unmet: Unmet::Told,
        }
        PasteAsText {
            name: "Paste as text",
            help: "Type the text of the clipboard into the session",
            keys: &[Chord::primary(Key::V).with_shift()], scope: Scope::Control, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Connection, Need::Armed], unmet: Unmet::Told,
        }
        ShareClipboard {
            name: "Share clipboard",
            help: "Copy and paste between the page and this computer while you have control, or stop doing so",
            keys: &[], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Clipboard), needs: &[Need::Connection, Need::Clipboard], unmet: Unmet::Told,
        }
        CopySelection {
            name: "Copy selected text",
            help: "Copy the text that is selected in the page, also while you only watch",
            keys: &[Chord::plain(Key::C)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Connection, Need::Clipboard], unmet: Unmet::Told,
        }
    }
    Group::Sessions => {
        NewSession {
            name: "New session…",
            help: "Start a browser here or on a service",
            keys: &[Chord::primary(Key::N)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Plus), needs: &[], unmet: Unmet::Told,
        }
        ConnectService {
            name: "Connect to a service…",
            help: "Watch the sessions of a server by its address and key",
            keys: &[Chord::primary(Key::O)], scope: Scope::Text, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        AddCamera {
            name: "Add camera…",
            help: "Watch a camera by its address",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        DemoCamera {
            name: "Watch a demo camera",
            help: "See what a camera with detections looks like; once more for another one",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        EndSession {
            name: "End session…",
            help: "Close the session's browser for everybody, after asking",
            keys: &[Chord::primary(Key::E).with_shift()], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Endable], unmet: Unmet::Told,
        }
        StopWatching {
            name: "Stop watching",
            help: "Close the view; the session itself goes on",
            keys: &[Chord::primary(Key::W).with_shift()], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Session], unmet: Unmet::Told,
        }
        LabelSession {
            name: "Name, group, color…",
            help: "Call the session as you like, and put it under a heading or a color",
            keys: &[Chord::primary(Key::D).with_shift()], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Session], unmet: Unmet::Told,
        }
        PinSession {
            name: "Pin session",
            help: "Put the session before all others in the list, or back",
            keys: &[Chord::primary(Key::D)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Session], unmet: Unmet::Told,
        }
        CopyLink {
            name: "Copy link to session",
            help: "Copy a helmsight:// link that opens the session, without any key",
            keys: &[], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Copy), needs: &[Need::Session], unmet: Unmet::Told,
        }
        ShowHistory {
            name: "Ended sessions…",
            help: "List the sessions that have ended, and how",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        ClearHistory {
            name: "Clear history",
            help: "Forget which addresses and sessions were opened and which have ended",
            keys: &[], scope: Scope::Dialog, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        ReconnectNow {
            name: "Reconnect now",
            help: "Connect again without waiting",
            keys: &[Chord::primary(Key::R).with_shift()], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Reload), needs: &[Need::Reconnectable], unmet: Unmet::Told,
        }
        ToggleKeepAlive {
            name: "Keep alive",
            help: "Keep the session from ending while it is idle, or stop doing so",
            keys: &[Chord::plain(Key::K)], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Heart), needs: &[Need::Connection, Need::Lifetime], unmet: Unmet::Told,
        }
        NextSession {
            name: "Next session",
            help: "Go to the next open session",
            keys: &[Chord::primary(Key::PageDown)], scope: Scope::Text, repeats: true,
            icon: None, needs: &[Need::OtherSession], unmet: Unmet::Told,
        }
        PreviousSession {
            name: "Previous session",
            help: "Go to the open session before this one",
            keys: &[Chord::primary(Key::PageUp)], scope: Scope::Text, repeats: true,
            icon: None, needs: &[Need::OtherSession], unmet: Unmet::Told,
        }
        NextNeed {
            name: "Go to the next that needs you",
            help: "Show the next session in which something waits, failed or was found, the most pressing first",
            keys: &[Chord::plain(Key::A)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Call], unmet: Unmet::Told,
        }
        ShowInbox {
            name: "What needs you…",
            help: "List what waits, failed or was found in the sessions, with the picture of that moment",
            keys: &[Chord::plain(Key::A).with_shift()], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Bell), needs: &[], unmet: Unmet::Told,
        }
        ToggleNeedsFirst {
            name: "What needs you first",
            help: "Put the sessions that need you before all others in the list, or back",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        Session1 {
            name: "Session 1",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num1)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(0)], unmet: Unmet::Told,
        }
        Session2 {
            name: "Session 2",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num2)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(1)], unmet: Unmet::Told,
        }
        Session3 {
            name: "Session 3",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num3)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(2)], unmet: Unmet::Told,
        }
        Session4 {
            name: "Session 4",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num4)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(3)], unmet: Unmet::Told,
        }
        Session5 {
            name: "Session 5",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num5)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(4)], unmet: Unmet::Told,
        }
        Session6 {
            name: "Session 6",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num6)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(5)], unmet: Unmet::Told,
        }
        Session7 {
            name: "Session 7",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num7)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(6)], unmet: Unmet::Told,
        }
        Session8 {
            name: "Session 8",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num8)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(7)], unmet: Unmet::Told,
        }
        Session9 {
            name: "Session 9",
            help: "Go to the open session at this place in the list",
            keys: &[Chord::plain(Key::Num9)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::SessionAt(8)], unmet: Unmet::Told,
        }
    }
    Group::Page => {
        FocusAddress {
            name: "Go to address",
            help: "Edit the address of the page",
            keys: &[Chord::primary(Key::L)], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Pages], unmet: Unmet::Told,
        }
        CopyAddress {
            name: "Copy address",
            help: "Copy the address of the page or of the camera",
            keys: &[], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Copy), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        Back {
            name: "Back",
            help: "Go back in the page's history",
            keys: &[Chord::plain(Key::ArrowLeft).with_alt(), Chord::plain(Key::BrowserBack)],
            scope: Scope::Window, repeats: false, icon: Some(Icon::Back), unmet: Unmet::Told,
            needs: &[Need::Alone, Need::Connection, Need::History, Need::PageBefore],
        }
        Forward {
            name: "Forward",
            help: "Go forward in the page's history",
            keys: &[Chord::plain(Key::ArrowRight).with_alt(), Chord::plain(Key::BrowserForward)],
            scope: Scope::Window, repeats: false, icon: Some(Icon::Forward), unmet: Unmet::Told,
            needs: &[Need::Alone, Need::Connection, Need::History, Need::PageAfter],
        }
        Reload {
            name: "Reload",
            help: "Load the page again",
            keys: &[
                Chord::plain(Key::F5),
                Chord::primary(Key::R),
                Chord::plain(Key::BrowserRefresh), ],
            scope: Scope::Text, repeats: false, icon: Some(Icon::Reload), unmet: Unmet::Told,
            needs: &[Need::Alone, Need::Connection, Need::History, Need::Pages],
        }
        Stop {
            name: "Stop loading",
            help: "Stop loading the page",
            keys: &[Chord::plain(Key::Escape).with_shift(), Chord::plain(Key::BrowserStop)],
            scope: Scope::Window, repeats: false, icon: Some(Icon::Cross), unmet: Unmet::Told,
            needs: &[Need::Alone, Need::Connection, Need::History, Need::Loading],
        }
        FindInPage {
            name: "Find in page…",
            help: "Search a text in the page, and go from match to match",
            keys: &[Chord::primary(Key::F).with_shift()], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Search), needs: &[Need::Alone, Need::Connection, Need::Find],
            unmet: Unmet::Told,
        }
        SavePage {
            name: "Save page as PDF…",
            help: "Print the whole page to a file, not only what is in sight",
            keys: &[Chord::primary(Key::P)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Save), needs: &[Need::Alone, Need::Connection, Need::Print],
            unmet: Unmet::Told,
        }
        RunScript {
            name: "Run script in page…",
            help: "Run JavaScript in the page and see what it returns",
            keys: &[], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Connection, Need::Scripts], unmet: Unmet::Told,
        }
        NewTab {
            name: "New tab",
            help: "Open a tab in the session's browser",
            keys: &[Chord::primary(Key::T)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Plus), unmet: Unmet::Told, needs: &[Need::Alone, Need::Connection, Need::Tabs],
        }
        CloseTab {
            name: "Close tab",
            help: "Close the tab that is shown",
            // Ctrl+W deletes a word in a text field.
            keys: &[Chord::primary(Key::W)], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Cross), unmet: Unmet::Told, needs: &[Need::Alone, Need::Connection, Need::Tab],
        }
        GiveFile {
            name: "Give the page a file…",
            help: "Hand a file to the page's file chooser or file field",
            keys: &[Chord::plain(Key::U)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Connection, Need::Files], unmet: Unmet::Told,
        }
        ShowDownloads {
            name: "Downloads…",
            help: "List what was downloaded in the session",
            keys: &[Chord::plain(Key::D)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Pages], unmet: Unmet::Told,
        }
        SaveDownload {
            name: "Save newest download", help: "Put what was downloaded last into the downloads folder",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, unmet: Unmet::Told,
            needs: &[Need::Alone, Need::Connection, Need::Download],
        }
        SaveDownloadAs {
            name: "Save newest download as…", help: "Choose where to save what was downloaded last",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, unmet: Unmet::Told, needs: &[Need::Alone, Need::Connection, Need::Download],
        }
        SaveAllDownloads {
            name: "Save all downloads", help: "Put all that was downloaded in the session into the downloads folder, but for files that can run programs",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, unmet: Unmet::Told,
            needs: &[Need::Alone, Need::Connection, Need::Download],
        }
        OpenDownload {
            name: "Open newest download", help: "Open the file that was saved last",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, unmet: Unmet::Told, needs: &[Need::Alone, Need::SavedDownload],
        }
        ShowDownload {
            name: "Show newest download in folder", help: "Show the file that was saved last in its folder",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, unmet: Unmet::Told, needs: &[Need::Alone, Need::SavedDownload],
        }
        NextTab {
            name: "Next tab",
            help: "Show the next tab of the session's browser",
            keys: &[Chord::control(Key::Tab)], scope: Scope::Text, repeats: true,
            icon: None, needs: &[Need::Alone, Need::Connection, Need::OtherTab], unmet: Unmet::Told,
        }
        PreviousTab {
            name: "Previous tab",
            help: "Show the tab before this one",
            keys: &[Chord::control(Key::Tab).with_shift()], scope: Scope::Text, repeats: true,
            icon: None, needs: &[Need::Alone, Need::Connection, Need::OtherTab], unmet: Unmet::Told,
        }
    }
    Group::Picture => {
        ZoomFit {
            name: "Fit to window",
            help: "Show the whole picture as large as it fits",
            keys: &[Chord::plain(Key::F)], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Fit), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        ZoomActual {
            name: "Actual size",
            help: "Show one pixel of the picture as one pixel of the screen",
            keys: &[Chord::plain(Key::Num0)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        ZoomIn {
            name: "Zoom in",
            help: "Show the picture larger",
            keys: &[Chord::plain(Key::Plus), Chord::plain(Key::Equals)],
            scope: Scope::Window, repeats: true,
            icon: Some(Icon::Plus), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        ZoomOut {
            name: "Zoom out",
            help: "Show the picture smaller",
            keys: &[Chord::plain(Key::Minus)], scope: Scope::Window, repeats: true,
            icon: Some(Icon::Minus), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        MatchViewport {
            name: "Match page to window",
            help: "Let the page take the size of the space it is shown in, or keep its size",
            keys: &[Chord::plain(Key::M)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Connection, Need::Viewport], unmet: Unmet::Told,
        }
        SaveSnapshot {
            name: "Save snapshot…",
            help: "Save the picture as a PNG file, at the size it was received",
            keys: &[Chord::primary(Key::S).with_shift()], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Camera), needs: &[Need::Picture], unmet: Unmet::Told,
        }
        CopySnapshot {
            name: "Copy snapshot",
            help: "Copy the picture to the clipboard, at the size it was received",
            keys: &[Chord::primary(Key::C).with_shift()], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Copy), needs: &[Need::Picture], unmet: Unmet::Told,
        }
        RecordSession {
            name: "Record",
            help: "Record the session into a file, or end that",
            keys: &[Chord::plain(Key::R)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Session], unmet: Unmet::Told,
        }
        RecordAll {
            name: "Record all",
            help: "Record all sessions into one file with one clock, or end all recordings",
            keys: &[Chord::plain(Key::R).with_shift()], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Session], unmet: Unmet::Told,
        }
        ToggleBoxes {
            name: "Boxes",
            help: "Show or hide the boxes around what was found in the picture",
            keys: &[Chord::plain(Key::B)], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Box), needs: &[Need::Detector], unmet: Unmet::Told,
        }
    }
    Group::Log => {
        FollowLog {
            name: "Follow log",
            help: "Keep the newest rows in view, or pause",
            keys: &[Chord::plain(Key::P)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        FocusLogFilter {
            name: "Filter log",
            help: "Type what the rows shown must contain",
            keys: &[Chord::plain(Key::Slash), Chord::primary(Key::F)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Search), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        ClearLogFilter {
            name: "Clear log filter",
            help: "Show all rows again",
            keys: &[], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Cross), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        CopyRow {
            name: "Copy rows",
            help: "Copy the selected rows as the server sent them",
            // Ctrl+C stays free for selected text, and the log takes it while it has the focus.
            keys: &[], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Copy), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
        SaveLog {
            name: "Save log…",
            help: "Save the rows as JSON lines or CSV",
            keys: &[Chord::primary(Key::S)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Save), needs: &[Need::Alone, Need::Session], unmet: Unmet::Told,
        }
    }
    Group::Window => {
        Palette {
            name: "Command palette",
            help: "Find a command or a session by name",
            keys: &[Chord::primary(Key::K)], scope: Scope::Dialog, repeats: false,
            icon: Some(Icon::Search), needs: &[], unmet: Unmet::Told,
        }
        Help {
            name: "Keyboard help",
            help: "Show all commands and their keys",
            keys: &[Chord::plain(Key::Questionmark), Chord::plain(Key::F1)],
            scope: Scope::Dialog, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        ToggleSessions {
            name: "Session list",
            help: "Show or hide the list of sessions",
            keys: &[Chord::plain(Key::F2)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::List), needs: &[], unmet: Unmet::Told,
        }
        ToggleWall {
            name: "Wall",
            help: "Show all watched sessions as tiles, or one alone",
            keys: &[Chord::plain(Key::W)], scope: Scope::Window, repeats: false,
            icon: Some(Icon::Tiles), needs: &[], unmet: Unmet::Told,
        }
        ToggleLog {
            name: "Event log",
            help: "Show or hide the event log",
            keys: &[Chord::plain(Key::F3)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Log), needs: &[Need::Alone], unmet: Unmet::Told,
        }
        MoveList {
            name: "Names or icons in the list",
            help: "Give the session list names, icons, or what leaves most to the picture",
            keys: &[Chord::plain(Key::F2).with_shift()], scope: Scope::Text, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        MovePanel {
            name: "Move the log",
            help: "Put the log right of the picture, below it, over it, or where it leaves most to the picture",
            keys: &[Chord::plain(Key::F3).with_shift()], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Alone], unmet: Unmet::Told,
        }
        ToggleChat {
            name: "Chat",
            help: "Show or hide the talk with the session's assistant",
            keys: &[Chord::plain(Key::F6)], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Panel(SidePanel::Chat)], unmet: Unmet::Told,
        }
        TogglePeople {
            name: "People",
            help: "Show or hide who is in the session and who has control",
            keys: &[Chord::plain(Key::F7)], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Panel(SidePanel::People)], unmet: Unmet::Told,
        }
        ToggleObjects {
            name: "Objects",
            help: "Show or hide what was found in the pictures",
            keys: &[Chord::plain(Key::F8)], scope: Scope::Text, repeats: false,
            icon: None, needs: &[Need::Alone, Need::Panel(SidePanel::Objects)], unmet: Unmet::Told,
        }
        ToggleStats {
            name: "Statistics",
            help: "Show or hide frame rate, bit rate and delays",
            keys: &[Chord::plain(Key::F4)], scope: Scope::Text, repeats: false,
            icon: Some(Icon::Chart), needs: &[], unmet: Unmet::Told,
        }
        FullScreen {
            name: "Full screen",
            help: "Fill the screen, or go back to a window",
            keys: &[Chord::plain(Key::F11)], scope: Scope::Dialog, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        UiLarger {
            name: "Larger text",
            help: "Make texts and buttons of this window larger",
            keys: &[Chord::primary(Key::Plus), Chord::primary(Key::Equals)],
            scope: Scope::Dialog, repeats: true, icon: None, needs: &[], unmet: Unmet::Told,
        }
        UiSmaller {
            name: "Smaller text",
            help: "Make texts and buttons of this window smaller",
            keys: &[Chord::primary(Key::Minus)], scope: Scope::Dialog, repeats: true,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        UiReset {
            name: "Normal text size",
            help: "Give texts and buttons their usual size",
            keys: &[Chord::primary(Key::Num0)], scope: Scope::Dialog, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        ThemeSystem {
            name: "System theme",
            help: "Follow the system's light or dark appearance",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        ThemeDark {
            name: "Dark theme",
            help: "Light text on dark",
            keys: &[], scope: Scope::Text, repeats: false, icon: None, needs: &[], unmet: Unmet::Told,
        }
        ThemeLight {
            name: "Light theme",
            help: "Dark text on light",
            keys: &[], scope: Scope::Text, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        ThemeHighContrast {
            name: "High contrast theme",
            help: "White on black, with strong outlines",
            keys: &[], scope: Scope::Text, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        ShowMessages {
            name: "Messages…",
            help: "Read again what went wrong and what was done",
            keys: &[Chord::plain(Key::E)], scope: Scope::Window, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        ShowSettings {
            name: "Settings…",
            help: "See and change all settings and keys",
            keys: &[Chord::primary(Key::Comma)], scope: Scope::Text, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        ShowSettingsFile {
            name: "Show settings file",
            help: "Tell where the settings file is, and copy its path",
            keys: &[], scope: Scope::Dialog, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        About {
            name: "About Helmsight",
            help: "Show version and licenses",
            keys: &[], scope: Scope::Text, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
        Quit {
            name: "Quit",
            help: "Close the window and end the browsers it started",
            keys: &[Chord::primary(Key::Q)], scope: Scope::Dialog, repeats: false,
            icon: None, needs: &[], unmet: Unmet::Told,
        }
    }
}
