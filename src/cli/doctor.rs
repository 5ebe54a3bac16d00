//! Runs `helmsight doctor`, which tells what works on this machine, and what to do about the rest.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use url::Url;

use super::print::line;
use super::{exit, session_url};
use crate::base::text::one_line;
#[cfg(target_os = "linux")]
use crate::base::{NoOutcome, within};
use crate::host::chromium;
use crate::net::NetError;
use crate::session::service_of;
use crate::settings::{self, LoadedSettings, Settings, Store, env, secrets};
#[cfg(target_os = "linux")]
use crate::shell::Renderer;
use crate::shell::wayland::{self, Compositor};

/// A display server answers in less time than this.
#[cfg(target_os = "linux")]
const DISPLAY_LIMIT: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helmsight doctor
  helmsight doctor --browser /opt/chromium/chrome

Exit codes: 0 everything needed is there, 1 something is not, 2 wrong arguments, 130 interrupted.")]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct DoctorArgs {
    /// Browser to check instead of the one that is found
    #[arg(long, value_name = "PATH")]
    browser: Option<PathBuf>,
}

/// How well something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grade {
    /// It works.
    Good,
    /// It does not work, but a user may live without it.
    Limited,
    /// It does not work, and the program needs it.
    Bad,
}

/// One line of the report.
struct Finding {
    /// What was looked at, in one word.
    what: &'static str,
    grade: Grade,
    /// What was found, and what to do about it.
    says: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Good => "ok     ",
            Grade::Limited => "limited",
            Grade::Bad => "problem",
        };
        write!(f, "{grade}  {:<9} {}", self.what, self.says)
    }
}

pub(super) async fn run(args: DoctorArgs) -> anyhow::Result<u8> {
    let findings = [
        settings_file(),
        display(),
        renderer(),
        browser(args.browser.as_deref()),
        keyring().await,
        network().await,
    ];
    for finding in &findings {
        line(finding)?;
    }
    let bad = findings.iter().any(|finding| finding.grade == Grade::Bad);
    Ok(if bad { exit::FAILED } else { exit::OK })
}

fn finding(what: &'static str, grade: Grade, says: impl Into<String>) -> Finding {
    Finding { what, grade, says: says.into() }
}

fn settings_file() -> Finding {
    match settings::config_dir(|name| std::env::var(name).ok()) {
        Some(folder) => match Store::<Settings>::load(&folder) {
            LoadedSettings { store, problem: None, .. } => {
                finding("settings", Grade::Good, store.path().display().to_string())
            }
            LoadedSettings { problem: Some(problem), .. } => {
                finding("settings", Grade::Limited, problem.to_string())
            }
        },
        None => finding(
            "settings",
            Grade::Limited,
            "No home folder: settings are not kept. Set HELMSIGHT_CONFIG_DIR",
        ),
    }
}

#[cfg(target_os = "linux")]
fn display() -> Finding {
    let x11 = wayland::from_env("DISPLAY").filter(|name| !name.is_empty());
    match (wayland::compositor(wayland::from_env), x11) {
        (Compositor::Present(named), _) => with_libraries(Grade::Good, named, WAYLAND_LIBRARIES),
        (Compositor::Unusable(why), None) => {
            finding("display", Grade::Bad, format!("{why}: {NO_DISPLAY}"))
        }
        (Compositor::Unnamed, None) => finding(
            "display",
            Grade::Bad,
            format!("Neither WAYLAND_DISPLAY nor DISPLAY is set: {NO_DISPLAY}"),
        ),
        (compositor, Some(name)) => match try_x11(&name) {
            Err(why) => {
                finding("display", Grade::Bad, format!("DISPLAY={name}: {why}: {NO_DISPLAY}"))
            }
            Ok(()) => match compositor {
                Compositor::Unusable(why) => {
                    let says = format!("{why}; the window opens on X11 instead (DISPLAY={name})");
                    with_libraries(Grade::Limited, says, X11_LIBRARIES)
                }
                _ => with_libraries(Grade::Good, format!("DISPLAY={name}"), X11_LIBRARIES),
            },
        },
    }
}

#[cfg(target_os = "linux")]
const NO_DISPLAY: &str =
    "start it in a desktop session, or under `xvfb-run`. `helmsight host` needs none";

/// The libraries that a window on X11 opens, and their packages.
#[cfg(target_os = "linux")]
const X11_LIBRARIES: &[(&str, &str)] = &[
    ("libX11.so.6", "libx11-6"),
    ("libX11-xcb.so.1", "libx11-xcb1"),
    ("libXcursor.so.1", "libxcursor1"),
    ("libXi.so.6", "libxi6"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
];

/// The libraries that a window on Wayland opens, and their packages.
#[cfg(target_os = "linux")]
const WAYLAND_LIBRARIES: &[(&str, &str)] = &[
    ("libwayland-client.so.0", "libwayland-client0"),
    ("libwayland-egl.so.1", "libwayland-egl1"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
];

/// Returns what is said of a display that is there, unless a library is missing that it needs.
#[cfg(target_os = "linux")]
fn with_libraries(grade: Grade, says: String, needed: &[(&str, &'static str)]) -> Finding {
    match missing_packages(needed) {
        missing if missing.is_empty() => finding("display", grade, says),
        missing => finding(
            "display",
            Grade::Bad,
            format!("Install {}, e.g. `apt install {}`", missing.join(", "), missing.join(" ")),
        ),
    }
}

/// Connects to an X server and leaves again. The error says why that is not possible.
#[cfg(target_os = "linux")]
fn try_x11(name: &str) -> Result<(), String> {
    let name = name.to_owned();
    match within(DISPLAY_LIMIT, "x11", move || x11rb::connect(Some(&name)).map(drop)) {
        Ok(tried) => tried.map_err(|err| format!("it can't be used: {err}")),
        Err(NoOutcome::Late | NoOutcome::Failed) => Err("nothing answers there".to_owned()),
    }
}

#[cfg(not(target_os = "linux"))]
fn display() -> Finding {
    finding("display", Grade::Good, "the system's own")
}

#[cfg(target_os = "linux")]
fn renderer() -> Finding {
    if Renderer::Auto.first() == Renderer::Software {
        let words = "the processor: there is no GPU that programs can draw with";
        return finding("renderer", Grade::Good, words);
    }
    let missing = missing_packages(&[("libGL.so.1", "libgl1"), ("libEGL.so.1", "libegl1")]);
    if missing.is_empty() {
        return finding("renderer", Grade::Good, "OpenGL");
    }
    let packages = missing.join(" ");
    finding(
        "renderer",
        Grade::Limited,
        format!(
            "the processor, because OpenGL is missing: e.g. `apt install {packages} libgl1-mesa-dri`"
        ),
    )
}

#[cfg(not(target_os = "linux"))]
fn renderer() -> Finding {
    finding("renderer", Grade::Good, "OpenGL")
}

/// Returns the packages whose libraries are not there. Libraries are opened while the program runs, so the linker does
/// not tell what is missing.
#[cfg(target_os = "linux")]
fn missing_packages(needed: &[(&str, &'static str)]) -> Vec<&'static str> {
    let arch = std::env::consts::ARCH;
    let mut folders: Vec<PathBuf> =
        ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from).into();
    folders.push(format!("/usr/lib/{arch}-linux-gnu").into());
    folders.push(format!("/lib/{arch}-linux-gnu").into());
    folders.extend(std::env::var_os("LD_LIBRARY_PATH").iter().flat_map(std::env::split_paths));
    needed
        .iter()
        .filter(|(library, _)| !folders.iter().any(|folder| folder.join(library).exists()))
        .map(|(_, package)| *package)
        .collect()
}

fn browser(explicit: Option<&Path>) -> Finding {
    match chromium::find(explicit) {
        Err(missing) => finding("browser", Grade::Limited, missing.to_string()),
        Ok(found) => match chromium::sandbox_problem() {
            None => finding(
                "browser",
                Grade::Good,
                format!("{} at {}", found.name, found.path.display()),
            ),
            Some(why) => finding(
                "browser",
                Grade::Limited,
                format!(
                    "{}'s sandbox can't be used: {why}. Add --no-chromium-sandbox if you trust the pages",
                    found.name
                ),
            ),
        },
    }
}

async fn keyring() -> Finding {
    match tokio::task::spawn_blocking(secrets::state).await {
        Ok(secrets::KeyringState::Available) => {
            finding("keyring", Grade::Good, "keys are kept in it")
        }
        Ok(secrets::KeyringState::Unavailable(why)) => finding(
            "keyring",
            Grade::Limited,
            format!(
                "{}, or give the service's in {} ({})",
                secrets::advice(),
                env::KEY,
                one_line(&why, 300)
            ),
        ),
        Err(err) => finding("keyring", Grade::Limited, format!("It could not be asked: {err}")),
    }
}

async fn network() -> Finding {
    if let Err(err) = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await {
        return finding(
            "network",
            Grade::Bad,
            format!("The local host can't listen on loopback: {err}"),
        );
    }
    let (service, problems) = env::from_env(|name| std::env::var(name).ok());
    if let Some(problem) = problems.first() {
        return finding("network", Grade::Bad, problem);
    }
    let Some(service) = service else {
        return finding(
            "network",
            Grade::Good,
            format!("loopback works; no service is configured ({} is not set)", env::KEY),
        );
    };
    let Ok(base) = Url::parse(&service.profile.base_url) else {
        return finding(
            "network",
            Grade::Bad,
            "The service's base URL in the environment is not a URL",
        );
    };
    let asked = async {
        let setup = service.profile.setup(base.clone(), session_url::auth_for(&base));
        service_of(service.profile.kind, setup)?.list().await
    };
    match tokio::time::timeout(Duration::from_secs(15), asked).await {
        Ok(Ok(_)) => finding("network", Grade::Good, format!("{base} answers and takes the key")),
        Ok(Err(NetError::Refused { status: status @ (401 | 403), message })) => finding(
            "network",
            Grade::Bad,
            format!("{base} refuses the key ({status}: {message}). Check {}", env::KEY),
        ),
        Ok(Err(err)) => finding("network", Grade::Bad, format!("{base}: {err}")),
        Err(_) => finding("network", Grade::Bad, format!("{base} did not answer within 15 s")),
    }
}
