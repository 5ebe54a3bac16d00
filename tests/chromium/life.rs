//! How browsers start, crash and end.

use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use helmsight::host::driver::chromium::{LaunchError, launch};
use helmsight::host::driver::{DriverError, ShotFormat};
use helmsight::model::{InputControl, MouseButton, PageControl, PointerAt};
use rustix::process::{Pid, Signal, kill_process};
use tokio_util::task::TaskTracker;

use crate::support::{SOON, Session, browser, options};

/// Set in the process that is to be killed.
const VICTIM: &str = "HELMSIGHT_TEST_VICTIM";

/// A process, as far as /proc tells.
struct Seen {
    pid: i32,
    parent: i32,
    group: i32,
    zombie: bool,
    command: String,
}

fn processes() -> Vec<Seen> {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        seen.push(Seen {
            pid,
            parent: fields[1].parse().unwrap(),
            group: fields[2].parse().unwrap(),
            zombie: fields[0] == "Z",
            command: String::from_utf8_lossy(&command).replace('\0', " "),
        });
    }
    seen
}

/// The browsers that a process started: each leads its group.
fn browsers_of(parent: u32) -> Vec<Seen> {
    processes()
        .into_iter()
        .filter(|seen| {
            seen.parent.cast_unsigned() == parent && seen.group == seen.pid && !seen.zombie
        })
        .collect()
}

fn living_in(group: i32) -> Vec<i32> {
    processes()
        .into_iter()
        .filter(|seen| seen.group == group && !seen.zombie)
        .map(|seen| seen.pid)
        .collect()
}

fn profile_of(browser: &Seen) -> PathBuf {
    let argument =
        browser.command.split(' ').find_map(|argument| argument.strip_prefix("--user-data-dir="));
    PathBuf::from(argument.expect("a profile"))
}

async fn until(what: &str, within: Duration, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < within, "no {what} within {within:?}");
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn closing_leaves_nothing_behind() {
    let Some(session) = Session::start(None).await else {
        return;
    };
    let browser = browsers_of(std::process::id()).pop().expect("a browser");
    let profile = profile_of(&browser);
    assert!(profile.is_dir() && living_in(browser.pid).len() > 1);

    let driver = session.driver.clone();
    let start = Instant::now();
    driver.close().await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    driver.close().await;
    assert!(!profile.exists());
    until("end of all processes", Duration::from_secs(5), || living_in(browser.pid).is_empty())
        .await;
    assert_eq!(driver.state().borrow().ended.as_deref(), Some("it was closed"));
    assert!(matches!(driver.command(None, PageControl::Reload).await, Err(DriverError::Ended(_))));
    assert!(matches!(driver.screenshot(None, ShotFormat::Png).await, Err(DriverError::Ended(_))));
    session.event("session_state", |fields| fields["state"] == "ended").await;
    session.end().await;
}

#[tokio::test]
async fn dropping_the_driver_ends_the_browser() {
    let Some(session) = Session::start(Some("about:blank")).await else {
        return;
    };
    let browser = browsers_of(std::process::id()).pop().expect("a browser");
    let Session { driver, tracker, .. } = session;
    drop(driver);
    tracker.close();
    tokio::time::timeout(SOON, tracker.wait()).await.expect("all tasks ended");
    assert!(!profile_of(&browser).exists());
}

#[tokio::test]
async fn a_browser_that_dies_is_told() {
    let Some(session) = Session::start(Some("about:blank")).await else {
        return;
    };
    let browser = browsers_of(std::process::id()).pop().expect("a browser");
    kill_process(Pid::from_raw(browser.pid).unwrap(), Signal::KILL).unwrap();
    let state = session.state("end", |state| state.ended.is_some()).await;
    let killed = "the browser quit: it was killed by signal 9 (SIGKILL)";
    let why = state.ended.unwrap_or_default();
    assert!(why.starts_with(killed), "{why}");
    until("end of all processes", Duration::from_secs(10), || living_in(browser.pid).is_empty())
        .await;
    assert!(matches!(session.act(PageControl::Reload).await, Err(DriverError::Ended(_))));
    session.end().await;
    assert!(!profile_of(&browser).exists());
}

#[tokio::test]
async fn a_crashed_page_is_told_and_comes_back_with_a_reload() {
    let Some(session) = Session::with_page("<p>hello").await else {
        return;
    };
    let browser = browsers_of(std::process::id()).pop().expect("a browser");
    let renderers = processes()
        .into_iter()
        .filter(|seen| seen.group == browser.pid && seen.command.contains("--type=renderer"));
    for renderer in renderers {
        if let Err(err) = kill_process(Pid::from_raw(renderer.pid).unwrap(), Signal::KILL) {
            eprintln!("one ended between being seen and being killed: {err}");
        }
    }
    let crash = session.event("crash", |_| true).await;
    assert!(crash["reason"].as_str().unwrap().contains("Reload"), "{crash}");
    session.state("a crashed tab", |state| state.tabs[0].crashed).await;
    let refused = session.act(InputControl::Text { text: "x".to_owned() }).await;
    assert!(
        matches!(&refused, Err(DriverError::Failed(why)) if why.contains("crashed")),
        "{refused:?}"
    );
    assert!(session.driver.screenshot(None, ShotFormat::Png).await.is_err());
    session.act(PageControl::Reload).await.unwrap();
    let start = Instant::now();
    while session.driver.html(None).await.is_err() {
        assert!(start.elapsed() < SOON, "the page did not come back");
    }
    session.state("a tab that runs again", |state| !state.tabs[0].crashed).await;
    session.end().await;
}

#[tokio::test]
async fn a_page_that_answers_nothing_is_told_to_hang_until_it_answers() {
    let busy = "<script>onmousedown = () => { const end = Date.now() + 12000; while (Date.now() < end); }</script>";
    let Some(session) = Session::with_page(busy).await else {
        return;
    };
    assert!(!session.driver.state().borrow().tabs[0].hangs);
    let at = PointerAt { x: 50.0, y: 50.0, ..PointerAt::default() };
    let press = InputControl::PointerDown { at, button: MouseButton::Left, clicks: 1 };
    drop(session.driver.input(None, press));
    session.state("a tab that hangs", |state| state.tabs[0].hangs).await;
    session.state("a tab that runs again", |state| !state.tabs[0].hangs).await;
    session.end().await;
}

#[tokio::test]
async fn root_is_refused_unless_the_sandbox_is_given_up() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let Some(browser) = browser() else { return };
    let mut options = options(browser, None);
    options.no_sandbox = false;
    let refused = launch(options, std::sync::Arc::new(|_| ()), &TaskTracker::new()).await;
    let why = refused.err().expect("a refusal");
    assert!(
        matches!(why, LaunchError::Sandbox(_)) && why.to_string().contains("--no-chromium-sandbox"),
        "{why}"
    );
}

#[tokio::test]
async fn a_program_that_is_no_browser_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chromium");
    std::fs::write(&path, "#!/bin/sh\necho the cat sat on the mat >&2\nexit 7\n").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let browser = helmsight::host::chromium::find(Some(&path)).unwrap();
    let failed =
        launch(options(browser, None), std::sync::Arc::new(|_| ()), &TaskTracker::new()).await;
    let why = failed.err().expect("a failure").to_string();
    assert!(why.contains('7') && why.contains("the cat sat on the mat"), "{why}");
}

/// Runs in a process of its own: see the next test.
#[tokio::test]
async fn victim() {
    if std::env::var_os(VICTIM).is_none() {
        return;
    }
    let _session = Session::start(None).await.unwrap();
    println!("VICTIM READY");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_killed_host_leaves_no_browser() {
    if browser().is_none() {
        return;
    }
    let profile = kill_a_host(None).await;
    // Nobody was left to remove its profile; the next start does, be it that of another test.
    let Some(session) = Session::start(Some("about:blank")).await else {
        return;
    };
    until("removal of its profile", Duration::from_secs(5), || !profile.exists()).await;
    session.end().await;
}

#[tokio::test]
#[ignore = "make proof: it starts fifty browsers"]
async fn proof_that_fifty_killed_hosts_leave_nothing() {
    if browser().is_none() {
        return;
    }
    let mut profiles = Vec::new();
    for n in 0..50 {
        // Some are killed while the browser is still starting.
        let patience = (n % 5 == 0).then(|| Duration::from_millis(20 * n));
        profiles.push(kill_a_host(patience).await);
    }
    let session = Session::start(Some("about:blank")).await.unwrap();
    until("removal of all profiles", SOON, || profiles.iter().all(|profile| !profile.exists()))
        .await;
    session.end().await;
    assert!(browsers_of(std::process::id()).is_empty());
}

/// Starts a host in a process of its own and kills that once its browser is there: at once, or once it is ready. Waits
/// until none of the browser's processes lives, and returns the browser's profile.
async fn kill_a_host(at_once: Option<Duration>) -> PathBuf {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["life::victim", "--exact", "--nocapture"])
        .env(VICTIM, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(victim.stdout.take().unwrap()).lines();
    if at_once.is_none() {
        let is_ready = lines.any(|line| line.unwrap().contains("VICTIM READY"));
        assert!(is_ready, "the victim did not start");
    }
    let mut browser = None;
    until("browser", SOON, || {
        browser = browsers_of(victim.id())
            .into_iter()
            .find(|seen| seen.command.contains("--user-data-dir="));
        browser.is_some()
    })
    .await;
    let browser = browser.unwrap();
    let profile = profile_of(&browser);
    match at_once {
        None => assert!(living_in(browser.pid).len() > 1),
        Some(after) => tokio::time::sleep(after).await,
    }

    victim.kill().unwrap();
    victim.wait().unwrap();
    until("end of all its processes", Duration::from_secs(5), || living_in(browser.pid).is_empty())
        .await;
    profile
}
