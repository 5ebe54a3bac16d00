//! Finds Chromium, Chrome or Edge on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// This variable names a browser for all of Helmsight. `--browser` and the settings go before it.
pub(super) const ENV: &str = "HELMSIGHT_CHROMIUM";

const VERSION_WITHIN: Duration = Duration::from_secs(5);

/// A browser that can be driven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// The program's path.
    pub path: PathBuf,
    /// The name that people call it by.
    pub name: &'static str,
    /// The version as the program tells it; `None` until it was asked, or where it does not tell.
    pub version: Option<String>,
}

/// The reason why no browser can be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// The browser that was asked for by name is not there.
    /// The browser that was asked for by name is not there.
    #[error("There is no browser at {}. Check {named_by}", path.display())]
    Named {
        /// The path that was named.
        path: PathBuf,
        /// Whatever named it: an option, the settings or a variable.
        named_by: &'static str,
    },
    /// No known browser is installed.
    #[error("No Chromium, Chrome or Edge was found. {ADVICE}")]
    None,
    /// Browsers can't be started on this system yet.
    #[error("Helmsight can't start a browser on this system yet. {ADVICE}")]
    Unsupported,
}

impl NotFound {
    /// Tells how to get a browser on this system.
    pub fn advice(&self) -> &'static str {
        ADVICE
    }
}

#[cfg(target_os = "linux")]
const ADVICE: &str = "Install one with your package manager, for example `sudo apt install chromium` or `sudo dnf install chromium`";
#[cfg(target_os = "macos")]
const ADVICE: &str =
    "Install Google Chrome from google.com/chrome, or run `brew install --cask chromium`";
#[cfg(windows)]
const ADVICE: &str = "Connect to a service, or to a `helmsight host` on another machine";
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
const ADVICE: &str = "Install Chromium with your package manager";

/// Returns the browser that `explicit` names, else the environment's, else the first that is known on this system.
pub fn find(explicit: Option<&Path>) -> Result<Browser, NotFound> {
    // `launch` refuses this, too. It is told here before anybody installs a browser in vain.
    if !cfg!(unix) {
        return Err(NotFound::Unsupported);
    }
    let from_env = std::env::var_os(ENV).filter(|value| !value.is_empty()).map(PathBuf::from);
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(path) = explicit {
        return named(path, "--browser and the settings", &search_path);
    }
    if let Some(path) = from_env {
        return named(&path, ENV, &search_path);
    }
    let on_path = NAMES.iter().filter_map(|name| on_path(OsStr::new(name), &search_path));
    let known = places().into_iter().filter(|path| is_program(path));
    on_path.chain(known).next().map(Browser::at).ok_or(NotFound::None)
}

impl Browser {
    fn at(path: PathBuf) -> Self {
        let name = name_of(&path);
        Self { path, name, version: None }
    }

    /// Asks the program for its version. This starts the program once, and some take a second.
    pub async fn with_version(mut self) -> Self {
        // The version stays unknown on Windows, where the browser opens a window instead of answering.
        if cfg!(windows) {
            return self;
        }
        let asked =
            tokio::process::Command::new(&self.path).arg("--version").kill_on_drop(true).output();
        if let Ok(Ok(output)) = tokio::time::timeout(VERSION_WITHIN, asked).await {
            let text = String::from_utf8_lossy(&output.stdout);
            self.version = text
                .split_whitespace()
                .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
                .map(str::to_owned);
        }
        self
    }
}

fn named(path: &Path, named_by: &'static str, search_path: &OsStr) -> Result<Browser, NotFound> {
    let is_bare = path.components().count() == 1;
    let found = if is_bare { on_path(path.as_os_str(), search_path) } else { None };
    found
        .or_else(|| is_program(path).then(|| path.to_owned()))
        .map(Browser::at)
        .ok_or_else(|| NotFound::Named { path: path.to_owned(), named_by })
}

fn on_path(name: &OsStr, search_path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(search_path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    let Ok(data) = path.metadata() else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        data.is_file() && data.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    data.is_file()
}

fn name_of(path: &Path) -> &'static str {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if name.contains("edge") {
        "Microsoft Edge"
    } else if name.contains("brave") {
        "Brave"
    } else if name.contains("chromium") {
        "Chromium"
    } else {
        "Google Chrome"
    }
}

#[cfg(windows)]
const NAMES: &[&str] = &["chromium.exe", "chrome.exe", "msedge.exe"];
#[cfg(not(windows))]
const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
    "brave-browser",
    "google-chrome-beta",
    "google-chrome-unstable",
];

#[cfg(target_os = "macos")]
fn places() -> Vec<PathBuf> {
    const APPS: &[&str] = &[
        "Google Chrome.app/Contents/MacOS/Google Chrome",
        "Chromium.app/Contents/MacOS/Chromium",
        "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        "Brave Browser.app/Contents/MacOS/Brave Browser",
        "Google Chrome Canary.app/Contents/MacOS/Google Chrome Canary",
    ];
    let own = std::env::var_os("HOME").map(|home| PathBuf::from(home).join("Applications"));
    let folders: Vec<PathBuf> =
        std::iter::once(PathBuf::from("/Applications")).chain(own).collect();
    APPS.iter().flat_map(|app| folders.iter().map(move |folder| folder.join(app))).collect()
}

#[cfg(windows)]
fn places() -> Vec<PathBuf> {
    const PROGRAMS: &[&str] = &[
        r"Google\Chrome\Application\chrome.exe",
        r"Chromium\Application\chrome.exe",
        r"Microsoft\Edge\Application\msedge.exe",
        r"BraveSoftware\Brave-Browser\Application\brave.exe",
    ];
    let roots: Vec<PathBuf> = ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"]
        .iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from)
        .collect();
    PROGRAMS.iter().flat_map(|program| roots.iter().map(move |root| root.join(program))).collect()
}

#[cfg(not(any(target_os = "macos", windows)))]
fn places() -> Vec<PathBuf> {
    const FIXED: &[&str] = &[
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/lib/chromium/chromium",
        "/opt/google/chrome/chrome",
        "/opt/microsoft/msedge/msedge",
        "/opt/brave.com/brave/brave",
        "/snap/bin/chromium",
        "/var/lib/flatpak/exports/bin/org.chromium.Chromium",
        "/var/lib/flatpak/exports/bin/com.google.Chrome",
        "/var/lib/flatpak/exports/bin/com.microsoft.Edge",
    ];
    const OWN: &[&str] = &[
        ".local/share/flatpak/exports/bin/org.chromium.Chromium",
        ".local/share/flatpak/exports/bin/com.google.Chrome",
        ".local/share/flatpak/exports/bin/com.microsoft.Edge",
    ];
    let own = std::env::var_os("HOME")
        .into_iter()
        .flat_map(|home| OWN.iter().map(move |place| PathBuf::from(&home).join(place)));
    FIXED.iter().map(PathBuf::from).chain(own).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_name_is_looked_up_and_a_path_is_taken_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("my-edge");
        std::fs::write(&program, "#!/bin/sh\n").unwrap();
        let search_path = folder.path().as_os_str();
        let missing = |path: &Path| NotFound::Named { path: path.to_owned(), named_by: "a test" };

        // The file is not executable yet.
        assert_eq!(named(&program, "a test", search_path), Err(missing(&program)));
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let found = Browser { path: program.clone(), name: "Microsoft Edge", version: None };
        assert_eq!(named(&program, "a test", OsStr::new("")).as_ref(), Ok(&found));
        assert_eq!(named(Path::new("my-edge"), "a test", search_path).as_ref(), Ok(&found));
        assert_eq!(named(folder.path(), "a test", search_path), Err(missing(folder.path())));
    }

    #[test]
    fn what_is_missing_says_what_to_do() {
        assert!(NotFound::None.to_string().contains("nstall"), "{}", NotFound::None);
        let named = NotFound::Named { path: PathBuf::from("/nowhere"), named_by: ENV };
        assert_eq!(named.to_string(), "There is no browser at /nowhere. Check HELMSIGHT_CHROMIUM");
    }

    #[tokio::test]
    async fn the_version_is_the_first_number() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("chromium");
        std::fs::write(&program, "#!/bin/sh\necho Chromium 156.0.1 built on Debian\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(Browser::at(program).with_version().await.version.as_deref(), Some("156.0.1"));
    }
}
