//! A private display, private folders, and a turn of one's own: every test gets a stage.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use helmsight::host::chromium;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep, timeout};

use crate::browsers::processes_with;
use crate::window::signal;

/// Long enough for a machine that builds something beside.
pub(crate) const SOON: Duration = Duration::from_secs(20);

const LOOK_EVERY: Duration = Duration::from_millis(40);

const TOOLS: &[&str] = &["Xvfb", "xdotool", "import", "setxkbmap"];

/// What a program may know of the environment of the tests: no keys of services, no other display, no session bus.
const PASSED_ON: &[&str] = &[
    "PATH",
    "LD_LIBRARY_PATH",
    "LIBGL_ALWAYS_SOFTWARE",
    "LLVM_PROFILE_FILE",
    "HELMSIGHT_CHROMIUM",
];

/// Windows compete for two processors and tests look for processes: one at a time. Other runners see to it themselves.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

pub(crate) struct Stage {
    /// Names the pictures of failures.
    test: &'static str,
    /// At least one.
    displays: Vec<Display>,
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// `None`: something is missing, and the test is skipped.
    pub(crate) async fn set(test: &'static str) -> Option<Self> {
        Self::with_displays(test, 1).await
    }

    /// With a display and a keyboard for each of so many people.
    pub(crate) async fn with_displays(test: &'static str, count: usize) -> Option<Self> {
        if let Some(missing) = missing() {
            assert!(std::env::var("REQUIRE_CHROMIUM").as_deref() != Ok("1"), "{missing}");
            eprintln!("SKIPPED: {missing}");
            return None;
        }
        let turn = ONE_AT_A_TIME.lock().await;
        // Short: the browser binds a socket far below, and addresses of sockets have 108 bytes.
        let folder = tempfile::Builder::new().prefix("e2e").tempdir().unwrap();
        let mut displays = Vec::new();
        for _ in 0..count {
            displays.push(Display::start().await);
        }
        let stage = Self { test, displays, folder, _turn: turn };
        for nth in 0..count {
            // A layout that has accented letters on keys of their own.
            let mut set_layout = stage.command("setxkbmap");
            set_layout.env("DISPLAY", stage.display(nth)).arg("fr");
            stage.succeed(&mut set_layout).await;
        }
        Some(stage)
    }

    /// The name of the `nth` display.
    pub(crate) fn display(&self, nth: usize) -> &str {
        &self.displays[nth].name
    }

    /// Ends the `nth` display under everybody who has a window on it.
    pub(crate) fn end_display(&self, nth: usize) {
        signal(&self.displays[nth].xvfb, Signal::KILL);
    }

    /// The binary under test, with settings and temporary files of its own under `name`.
    pub(crate) fn program(&self, name: &str) -> Command {
        let temporary = self.temporary(name);
        let home = self.folder.path().join(format!("{name}-home"));
        for folder in [&temporary, &home] {
            std::fs::create_dir_all(folder).unwrap();
        }
        if !home.join("settings/settings.toml").exists() {
            // The markers of the test page have their places in a page of the usual size.
            self.settings(name, "version = 1\n[host]\nfits = false\n");
        }
        let mut command = self.command(env!("CARGO_BIN_EXE_helmsight"));
        command
            .env("HOME", &home)
            .env("HELMSIGHT_CONFIG_DIR", home.join("settings"))
            .env("TMPDIR", temporary);
        command
    }

    /// Gives the program called `name` a settings file.
    pub(crate) fn settings(&self, name: &str, text: &str) {
        let folder = self.path(&format!("{name}-home/settings"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("settings.toml"), text).unwrap();
    }

    /// Where the program called `name` keeps its temporary files, the profiles of its browsers among them.
    pub(crate) fn temporary(&self, name: &str) -> PathBuf {
        self.path(name)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a program to its end, which must come soon.
    pub(crate) async fn output(&self, command: &mut Command) -> Output {
        timeout(SOON, command.output())
            .await
            .unwrap_or_else(|_| panic!("{command:?} does not end"))
            .unwrap_or_else(|err| panic!("{command:?}: {err}"))
    }

    /// As [`Self::output`], of a program that has to succeed: what it prints.
    pub(crate) async fn succeed(&self, command: &mut Command) -> Vec<u8> {
        let output = self.output(command).await;
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {words}");
        output.stdout
    }

    /// Looks again and again until there is what it looks for; leaves a picture of the display when it gives up.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        within: Duration,
        mut look: impl AsyncFnMut() -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + within;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() >= deadline {
                let pictures = self.keep_pictures(what).await;
                panic!("never within {within:?}: {what}\n{pictures}\n{}", self.logs());
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn keep_pictures(&self, what: &str) -> String {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e-failures");
        std::fs::create_dir_all(&folder).unwrap();
        let mut told = Vec::new();
        for Display { name, .. } in &self.displays {
            let file = format!("{}: {what}{name}.png", self.test).replace(['/', ' ', ':'], "-");
            let path = folder.join(file);
            let mut import = self.command("import");
            import.args(["-display", name, "-window", "root"]).arg(&path);
            told.push(match self.output(&mut import).await.status.success() {
                true => format!("display {name}: {}", path.display()),
                false => format!("there is no picture of display {name}"),
            });
        }
        told.join("\n")
    }

    /// The last words of all programs.
    fn logs(&self) -> String {
        let files = std::fs::read_dir(self.folder.path()).unwrap().flatten();
        let logs = files.filter(|file| file.path().extension().is_some_and(|end| end == "log"));
        logs.map(|log| {
            let text = std::fs::read_to_string(log.path()).unwrap_or_default();
            let first = text.lines().count().saturating_sub(20);
            let last: Vec<_> = text.lines().skip(first).collect();
            format!("{}:\n{}\n", log.path().display(), last.join("\n"))
        })
        .collect()
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| PASSED_ON.iter().any(|one| name == one)))
            .env("DISPLAY", self.display(0))
            // The tool that types reads its arguments by this.
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

impl Drop for Stage {
    /// Programs were told to end, and may write into their folders until they have.
    fn drop(&mut self) {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let deadline = Instant::now() + SOON;
        while !processes_with(&folder).is_empty() && Instant::now() < deadline {
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

fn missing() -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |tool: &str| std::env::split_paths(&path).any(|dir| dir.join(tool).is_file());
    let tools: Vec<_> = TOOLS.iter().filter(|tool| !is_there(tool)).copied().collect();
    if !tools.is_empty() {
        return Some(format!("{} not found", tools.join(", ")));
    }
    chromium::find(None).err().map(|err| err.to_string())
}

/// One that nobody else uses.
struct Display {
    name: String,
    xvfb: Child,
}

impl Display {
    async fn start() -> Self {
        let mut xvfb = Command::new("Xvfb")
            // Without a last client's leaving it would forget the keyboard's layout.
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24"])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut number = String::new();
        let mut out = BufReader::new(xvfb.stdout.take().unwrap());
        timeout(SOON, out.read_line(&mut number)).await.expect("Xvfb starts").unwrap();
        Self { name: format!(":{}", number.trim()), xvfb }
    }
}
