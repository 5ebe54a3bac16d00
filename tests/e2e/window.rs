//! The window under test: its figures, its pixels, its keyboard and mouse.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::browsers::browsers_of;
use crate::picture::{Ink, Picture, Placing};
use crate::screen::{Cover, Screen};
use crate::site::find_page;
use crate::stage::{SOON, Stage};

/// The frame around the picture while it is steered, and the sign below it.
const CONTROL: Ink = Ink { rgb: [255, 176, 0], off_by: 6 };

pub(crate) struct Window<'a> {
    pub(crate) stage: &'a Stage,
    place: Place,
    child: Child,
    id: String,
    screen: Screen,
    stats: PathBuf,
}

/// What a window's files are called, and which display it is on.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) display: usize,
}

/// In pixels from the top left; the window is larger.
const BARS: (u16, u16) = (1000, 130);

const USUAL: Place = Place { name: "w", display: 0 };

/// Root may not use the browser's sandbox.
pub(crate) fn sandbox_arguments() -> &'static [&'static str] {
    if geteuid().is_root() { &["--no-chromium-sandbox"] } else { &[] }
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    kill_process(pid.expect("it runs"), signal).unwrap();
}

impl<'a> Window<'a> {
    /// `helmsight open` with these arguments, once its window is on screen and has the keyboard.
    pub(crate) async fn open(stage: &'a Stage, arguments: &[&str]) -> Self {
        Self::open_with(stage, arguments, |_| ()).await
    }

    pub(crate) async fn open_with(
        stage: &'a Stage,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        Self::open_at(stage, USUAL, arguments, |command| {
            command.args(sandbox_arguments());
            prepare(command);
        })
        .await
    }

    /// One of several windows.
    pub(crate) async fn open_at(
        stage: &'a Stage,
        place: Place,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let stats = stage.path(&format!("{}.jsonl", place.name));
        let log = stage.path(&format!("{}.log", place.name));
        let display = stage.display(place.display);
        let mut command = stage.program(place.name);
        command
            .arg("open")
            .args(arguments)
            .arg("--stats")
            .arg(&stats)
            .env("DISPLAY", display)
            .stderr(File::create(log).unwrap());
        prepare(&mut command);
        let child = command.spawn().unwrap();
        let pid = child.id().unwrap().to_string();
        let mut search = stage.command("xdotool");
        search.env("DISPLAY", display).args(["search", "--onlyvisible", "--pid", &pid]);
        let id = stage
            .until("a window", SOON, async || {
                let found = stage.output(&mut search).await;
                let ids = String::from_utf8(found.stdout).ok()?;
                ids.lines().next().map(str::to_owned)
            })
            .await;
        let window = Self {
            stage,
            place,
            child,
            screen: Screen::of(display, id.parse().unwrap()),
            id,
            stats,
        };
        // Nobody manages windows on this display.
        let focus = ["windowfocus", "--sync", &window.id];
        window.xdotool(&focus).await;
        window
    }

    /// One line a second; the last may be half-written.
    pub(crate) fn figures(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.stats).unwrap_or_default();
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }

    /// Waits for newly written figures that fit.
    pub(crate) async fn figure(
        &self,
        what: &str,
        within: Duration,
        fits: impl Fn(&Value) -> bool,
    ) -> Value {
        let known = self.figures().len();
        self.stage
            .until(what, within, async || self.figures().into_iter().skip(known).find(&fits))
            .await
    }

    /// Waits until the window calls its session one of these.
    pub(crate) async fn state(&self, states: &[&str], within: Duration) -> Value {
        let fits = |figures: &Value| states.iter().any(|state| figures["state"] == *state);
        self.figure(&states.join(" or "), within, fits).await
    }

    /// `None` while the window is not there to be looked at.
    pub(crate) fn picture(&self) -> Option<Picture> {
        self.screen.picture()
    }

    /// What is above the picture of the session: quick to get, so that it tells times.
    pub(crate) fn bars(&self) -> Option<Picture> {
        self.screen.top(BARS.0, BARS.1)
    }

    /// What the window is called.
    pub(crate) async fn title(&self) -> String {
        let printed = self.xdotool(&["getwindowname", &self.id]).await;
        String::from_utf8(printed).unwrap().trim_end().to_owned()
    }

    /// Runs a command of the tool on this window.
    pub(crate) async fn command(&self, command: &str) {
        self.xdotool(&[command, &self.id]).await;
    }

    /// Lays a window over all of the display, for as long as it lives.
    pub(crate) fn cover(&self) -> Cover {
        Cover::over(self.stage.display(self.place.display))
    }

    /// Waits until the test page is on screen, and tells where.
    pub(crate) async fn page(&self) -> Placing {
        self.stage.until("the page on screen", SOON, async || find_page(&self.picture()?)).await
    }

    /// Waits until the page is not shown as it is: gone, or greyed.
    pub(crate) async fn no_page(&self) {
        self.stage
            .until("no page as if it were live", SOON, async || {
                find_page(&self.picture()?).is_none().then_some(())
            })
            .await;
    }

    /// Presses and releases a key or a chord.
    pub(crate) async fn key(&self, key: &str) {
        self.xdotool(&["key", key]).await;
    }

    /// Types as a quick typist does.
    pub(crate) async fn write(&self, text: &str) {
        self.xdotool(&["type", "--delay", "15", text]).await;
    }

    /// What the tool prints that has the keyboard and the mouse of the window's display.
    pub(crate) async fn xdotool(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = self.stage.command("xdotool");
        command.env("DISPLAY", self.stage.display(self.place.display)).args(arguments);
        self.stage.succeed(&mut command).await
    }

    /// Moves the pointer to a pixel of the window, and then does something with the mouse.
    pub(crate) async fn mouse(&self, at: (i32, i32), then: &[&str]) {
        let (x, y) = (at.0.to_string(), at.1.to_string());
        let place = ["mousemove", "--window", &self.id, &x, &y];
        self.xdotool(&[&place, then].concat()).await;
    }

    /// Takes control and waits for its sign: keys pressed before it are the window's own.
    pub(crate) async fn take_control(&self) {
        self.key("i").await;
        self.control(true).await;
    }

    /// Waits until the window shows that its keys go to the session, or that they don't.
    pub(crate) async fn control(&self, taken: bool) {
        let what = if taken { "control" } else { "no control" };
        self.stage
            .until(what, SOON, async || {
                // The sign below the picture alone has less than half of that.
                let is_framed = self.picture()?.count(&CONTROL) > 5_000;
                (is_framed == taken).then_some(())
            })
            .await;
    }

    /// Gives the keyboard to the display's background, as to another window.
    pub(crate) async fn lose_keyboard(&self) {
        let found = self.xdotool(&["search", "--maxdepth", "0", ".*"]).await;
        let root = String::from_utf8(found).unwrap();
        self.xdotool(&["windowfocus", root.trim()]).await;
    }

    pub(crate) fn signal(&self, which: Signal) {
        signal(&self.child, which);
    }

    pub(crate) async fn exit(&mut self, within: Duration) -> ExitStatus {
        timeout(within, self.child.wait()).await.expect("the window ends in time").unwrap()
    }

    pub(crate) fn browsers(&self) -> Vec<String> {
        browsers_of(&self.stage.temporary(self.place.name))
    }
}
