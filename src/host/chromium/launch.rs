//! Starts a browser that nobody else can reach: private profile, debugging pipe, no port.

#[cfg(unix)]
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::task::TaskTracker;

use super::{Browser, Process, Profile, Proxy};

const MEGABYTE: u64 = 1_000_000;

/// The options with which a session's browser is started.
#[derive(Clone, Debug)]
pub struct LaunchOptions {
    /// The browser to start.
    pub browser: Browser,
    /// Chromium runs without its sandbox: pages then have all rights of this user. This is only for where the system
    /// forbids the sandbox, as for root.
    pub no_sandbox: bool,
    /// The page's size in CSS pixels.
    pub width: u32,
    /// The page's height in CSS pixels.
    pub height: u32,
    /// Pixels of the screen for each CSS pixel.
    pub scale: f64,
    /// The first page; `None` opens Helmsight's own start page, which needs no network.
    pub start_url: Option<String>,
    /// The proxy: `http://`, `https://`, `socks4://` or `socks5://` with host and port, the first two also with a
    /// login.
    pub proxy: Option<String>,
    /// What the session may download.
    pub downloads: DownloadLimits,
}

/// The most that a session may download. What goes beyond is called off and told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadLimits {
    /// Bytes of all files together; `None` is no limit.
    pub bytes: Option<u64>,
    /// Number of files; `None` is no limit.
    pub files: Option<u32>,
}

impl Default for DownloadLimits {
    fn default() -> Self {
        Self { bytes: Some(2000 * MEGABYTE), files: Some(500) }
    }
}

impl DownloadLimits {
    /// Makes the limits of these numbers, of which 0 is no limit.
    pub fn of(megabytes: u64, files: u32) -> Self {
        Self {
            bytes: (megabytes > 0).then(|| megabytes.saturating_mul(MEGABYTE)),
            files: (files > 0).then_some(files),
        }
    }
}

/// The reason why a browser could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The sandbox can't be used, for this reason.
    #[error(
        "Chromium's sandbox can't be used: {0}. Run as another user, or add --no-chromium-sandbox if you trust the pages"
    )]
    Sandbox(String),
    /// The program could not be started.
    #[error("{} can't be started: {source}", path.display())]
    Start {
        /// The program's path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No private profile could be made.
    #[error(
        "No private folder for the browser could be made: {0}. Check that the temporary folder is writable"
    )]
    Profile(#[source] io::Error),
    /// The browser quit while it started.
    #[error("The browser quit while starting ({status}). It said: {words}")]
    Died {
        /// The exit status, in words.
        status: String,
        /// The last words on its stderr.
        words: String,
    },
    /// The browser did not answer within this time.
    #[error("The browser did not answer within {} s. Close other programs and try again", .0.as_secs())]
    Silent(Duration),
    /// The browser refused what was asked of it at the start.
    #[error("The browser refused to be driven: {0}. Try another one with --browser")]
    Refused(String),
    /// The first page's address can't be opened.
    #[error("{0}")]
    Address(String),
    /// The proxy's address can't be used; its login is left out.
    #[error(
        "The proxy {0} can't be used. Give it as http://name:password@host:port or socks5://host:port"
    )]
    Proxy(String),
    /// A SOCKS proxy can't be given a login.
    #[error("Chromium can't log in at a SOCKS proxy. Use one without a password, or an HTTP proxy")]
    SocksLogin,
    /// Browsers can't be started on this system yet.
    #[error(
        "Helmsight can't start a browser on this system yet. Connect to a host that runs elsewhere"
    )]
    Unsupported,
}

/// A started browser and the two ends of its debugging pipe.
pub struct Launched {
    /// The browser's processes.
    pub process: Process,
    /// The browser's profile, which is removed with it.
    pub profile: Profile,
    /// The end of the pipe that commands are written to.
    pub commands: Box<dyn AsyncWrite + Send + Unpin>,
    /// The end of the pipe that answers and events are read from.
    pub messages: Box<dyn AsyncRead + Send + Unpin>,
}

/// Starts the browser. It ends when the pipe closes, whatever becomes of this process.
pub fn launch(options: &LaunchOptions, tracker: &TaskTracker) -> Result<Launched, LaunchError> {
    let proxy = options.proxy.as_deref().map(Proxy::parse).transpose()?;
    check_sandbox(options.no_sandbox)?;
    super::profile::remove_stale();
    let profile = Profile::new().map_err(LaunchError::Profile)?;
    let arguments = arguments(options, proxy.as_ref(), profile.path());
    start(options, profile, &arguments, tracker)
}

impl LaunchError {
    /// Reads the reason out of what a browser wrote before it died.
    pub(crate) fn died(status: String, words: String) -> Self {
        let no_sandbox = [
            "No usable sandbox",
            "Running as root without --no-sandbox",
            "setuid_sandbox",
            "SUID sandbox",
        ];
        if no_sandbox.iter().any(|sign| words.contains(sign)) {
            return Self::Sandbox(
                "this system forbids the user namespaces that it needs".to_owned(),
            );
        }
        let words = if words.is_empty() { "nothing".to_owned() } else { words };
        Self::Died { status, words }
    }
}

fn check_sandbox(no_sandbox: bool) -> Result<(), LaunchError> {
    match sandbox_problem().filter(|_| !no_sandbox) {
        Some(why) => Err(LaunchError::Sandbox(why.to_owned())),
        None => Ok(()),
    }
}

/// Tells why this user can't use the sandbox, as far as that can be told without a browser.
pub fn sandbox_problem() -> Option<&'static str> {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        return Some("it does not run as root");
    }
    None
}

fn arguments(options: &LaunchOptions, proxy: Option<&Proxy>, profile: &Path) -> Vec<String> {
    let mut arguments: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    arguments.push(format!("--disable-features={}", DISABLED_FEATURES.join(",")));
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={},{}", options.width, options.height));
    if let Some(proxy) = proxy.and_then(Proxy::argument) {
        arguments.push(format!("--proxy-server={proxy}"));
    }
    if options.no_sandbox {
        arguments.push("--no-sandbox".to_owned());
    }
    if shared_memory_is_small() {
        arguments.push("--disable-dev-shm-usage".to_owned());
    }
    arguments
}

const FLAGS: &[&str] = &[
    "--headless=new",
    "--remote-debugging-pipe",
    // The first tab is opened at its address when somebody listens, so that there is nothing to go back to.
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--no-pings",
    "--noerrdialogs",
    "--mute-audio",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    // Our own extension is loaded over the pipe. Pages can't install any.
    "--enable-unsafe-extension-debugging",
    "--metrics-recording-only",
    // The user's own keyring and keychain are not for pages of a session.
    "--password-store=basic",
    "--use-mock-keychain",
];

const DISABLED_FEATURES: &[&str] = &[
    "DialMediaRouteProvider",
    "GlobalMediaControls",
    "InterestFeedContentSuggestions",
    "MediaRouter",
    "OptimizationHints",
    "Translate",
];

/// Tells whether shared memory is small: containers often have 64 MiB of it, in which pages crash.
#[cfg(target_os = "linux")]
fn shared_memory_is_small() -> bool {
    const ENOUGH: u64 = 512 * 1024 * 1024;
    rustix::fs::statvfs("/dev/shm")
        .map_or(true, |fs| fs.f_blocks.saturating_mul(fs.f_frsize) < ENOUGH)
}

#[cfg(not(target_os = "linux"))]
fn shared_memory_is_small() -> bool {
    false
}

#[cfg(unix)]
fn start(
    options: &LaunchOptions,
    profile: Profile,
    arguments: &[String],
    tracker: &TaskTracker,
) -> Result<Launched, LaunchError> {
    use std::process::Stdio;

    use command_fds::{CommandFdExt as _, FdMapping};
    use tokio::net::unix::pipe::{Receiver, Sender};

    let path = &options.browser.path;
    let failed = |source: io::Error| LaunchError::Start { path: path.clone(), source };
    let (theirs_in, ours_out) = pipe().map_err(failed)?;
    let (ours_in, theirs_out) = pipe().map_err(failed)?;
    let mut command = tokio::process::Command::new(path);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command.env_clear().envs(environment(std::env::vars_os()));
    if cfg!(target_os = "linux") {
        command.env("TMPDIR", profile.temporary());
    }
    command
        .fd_mappings(vec![
            FdMapping { parent_fd: theirs_in, child_fd: 3 },
            FdMapping { parent_fd: theirs_out, child_fd: 4 },
        ])
        .map_err(|err| failed(io::Error::other(err)))?;
    let child = command.spawn().map_err(failed)?;
    // Our copies of the child's ends go with the command. With one left open the pipe would never close.
    drop(command);
    Ok(Launched {
        process: Process::new(child, tracker),
        profile,
        commands: Box::new(Sender::from_owned_fd(ours_out).map_err(failed)?),
        messages: Box::new(Receiver::from_owned_fd(ours_in).map_err(failed)?),
    })
}

#[cfg(not(unix))]
fn start(
    _options: &LaunchOptions,
    _profile: Profile,
    _arguments: &[String],
    _tracker: &TaskTracker,
) -> Result<Launched, LaunchError> {
    Err(LaunchError::Unsupported)
}

/// Makes a pipe and returns its reading end and its writing end. Neither is inherited: a second browser that holds the
/// first one's pipe would keep it alive.
#[cfg(target_os = "linux")]
fn pipe() -> io::Result<(std::os::fd::OwnedFd, std::os::fd::OwnedFd)> {
    Ok(rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn pipe() -> io::Result<(std::os::fd::OwnedFd, std::os::fd::OwnedFd)> {
    let (read, write) = rustix::pipe::pipe()?;
    rustix::io::fcntl_setfd(&read, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::fcntl_setfd(&write, rustix::io::FdFlags::CLOEXEC)?;
    Ok((read, write))
}

/// The variables that a browser needs, and all that it gets. Pages must not find our keys in the environment of their
/// process, and which of the others are secrets only their owners know.
#[cfg(unix)]
const ENVIRONMENT: &[&str] = &[
    // Where programs, libraries and the user's own files are.
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_CONFIG_HOME",
    "XDG_DATA_DIRS",
    "XDG_DATA_HOME",
    // A browser from Snap or Flatpak is started by way of the user's session.
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    // How texts look.
    "LANG",
    "LANGUAGE",
    "LOCPATH",
    "TZ",
    "TZDIR",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "__CF_USER_TEXT_ENCODING",
    "CHROME_DEVEL_SANDBOX",
];

/// The variables with proxies, in capitals. They are passed on without a login, which Chromium would not use.
#[cfg(unix)]
const PROXIES: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/// Returns what of our own environment a browser gets.
#[cfg(unix)]
fn environment(
    ours: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    ours.filter_map(|(name, value)| {
        let known = name.to_str()?;
        if ENVIRONMENT.contains(&known) || known.starts_with("LC_") {
            return Some((name, value));
        }
        if !PROXIES.contains(&known.to_ascii_uppercase().as_str()) {
            return None;
        }
        let proxy = value.to_str()?;
        let (before, rest) = proxy
            .split_once("://")
            .map_or(("", proxy), |(scheme, rest)| (&proxy[..scheme.len() + 3], rest));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        Some((name, format!("{before}{host}").into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> LaunchOptions {
        let browser =
            Browser { path: PathBuf::from("/nowhere/chromium"), name: "Chromium", version: None };
        LaunchOptions {
            browser,
            no_sandbox: true,
            width: 800,
            height: 600,
            scale: 1.0,
            start_url: None,
            proxy: None,
            downloads: DownloadLimits::default(),
        }
    }

    #[test]
    fn the_sandbox_is_on_unless_it_was_forbidden() {
        let mut options = options();
        let flags = |options: &LaunchOptions| arguments(options, None, Path::new("/profile"));
        assert!(flags(&options).contains(&"--no-sandbox".to_owned()));
        options.no_sandbox = false;
        assert!(!flags(&options).contains(&"--no-sandbox".to_owned()));
        assert!(!flags(&options).iter().any(|flag| flag.starts_with("--remote-debugging-port")));
    }

    #[test]
    fn a_refused_sandbox_is_told_as_such() {
        let died = LaunchError::died(
            "exit 1".to_owned(),
            "FATAL: No usable sandbox! Update your kernel".to_owned(),
        );
        assert!(died.to_string().contains("--no-chromium-sandbox"), "{died}");
        let died = LaunchError::died("exit 1".to_owned(), "cannot open display".to_owned());
        assert!(died.to_string().contains("cannot open display"), "{died}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error =
            launch(&options(), &TaskTracker::new()).err().expect("there is no such program");
        assert!(error.to_string().starts_with("/nowhere/chromium can't be started"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_browser_gets_what_it_needs_and_nothing_else() {
        for (name, value, passed) in [
            ("PATH", "/bin", Some("/bin")),
            ("HOME", "/home/me", Some("/home/me")),
            ("LC_TIME", "C", Some("C")),
            ("https_proxy", "http://me:hunter2@proxy:8080", Some("http://proxy:8080")),
            ("HTTP_PROXY", "me:p@ss@proxy:8080", Some("proxy:8080")),
            ("no_proxy", "localhost,.lan", Some("localhost,.lan")),
            ("TZAFON_API_KEY", "k", None),
            ("HELMSIGHT_TOKEN", "t", None),
            ("GITHUB_PAT", "t", None),
            ("PGPASSFILE", "/f", None),
            ("SSH_AUTH_SOCK", "/s", None),
            ("LD_PRELOAD", "/l", None),
            ("CHROME_LOG_FILE", "/l", None),
        ] {
            let ours = [(OsString::from(name), OsString::from(value))];
            let passes: Vec<_> = environment(ours.into_iter()).collect();
            let expected = passed.map(|value| (OsString::from(name), OsString::from(value)));
            assert_eq!(passes, expected.into_iter().collect::<Vec<_>>(), "{name}");
        }
    }
}
