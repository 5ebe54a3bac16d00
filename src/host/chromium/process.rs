//! Watches the browser's processes, hears what the browser says when it dies, and ends it.

#![cfg_attr(not(unix), expect(dead_code, reason = "`launch` can't start a browser there yet"))]

use std::collections::VecDeque;
use std::io;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStderr};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::base::text::one_line;

/// So many bytes of what the browser writes to stderr are kept for the error.
const STDERR_KEPT: usize = 8 * 1024;
const LAST_WORDS_WITHIN: Duration = Duration::from_millis(500);
/// This long passes between the polite signal and the other.
const AFTER_TERM: Duration = Duration::from_millis(700);

/// A running browser: one child, and on Unix the process group that it leads.
#[derive(Debug)]
pub struct Process {
    child: Child,
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    pub(super) fn new(mut child: Child, tracker: &TaskTracker) -> Self {
        let stderr = Arc::<Mutex<VecDeque<u8>>>::default();
        let reader = child.stderr.take().map(|pipe| tracker.spawn(keep_tail(pipe, stderr.clone())));
        #[cfg(unix)]
        let group = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        Self {
            child,
            #[cfg(unix)]
            group,
            stderr,
            reader,
        }
    }

    /// Returns the browser's process id; `None` once it was waited for.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the browser has ended. It is cancel-safe.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Returns the last words on stderr, without control characters.
    pub fn last_words(&self) -> String {
        let tail = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = tail.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        text.chars().filter(|c| *c == '\n' || !c.is_control()).collect::<String>().trim().to_owned()
    }

    /// Waits for the last words of a browser that has ended: for all of them, unless a helper keeps its stderr open.
    pub async fn all_words(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            drop(tokio::time::timeout(LAST_WORDS_WITHIN, reader).await);
        }
        self.last_words()
    }

    /// Gives the browser `grace` to end by itself, then ends it and everything it started.
    pub async fn end(&mut self, grace: Duration) {
        let by_itself = tokio::time::timeout(grace, self.child.wait()).await.is_ok();
        if !by_itself {
            self.terminate();
            if tokio::time::timeout(AFTER_TERM, self.child.wait()).await.is_err() {
                tracing::warn!("The browser did not end when it was told to, so it is killed");
            }
        }
        // Helpers are ended after a good end, too: one that hangs would outlive its browser.
        self.kill();
        if let Err(err) = self.child.wait().await {
            tracing::warn!(%err, "The end of the browser could not be awaited");
        }
    }

    #[cfg(unix)]
    fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    #[cfg(unix)]
    fn kill(&mut self) {
        self.signal(rustix::process::Signal::KILL);
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let Some(group) = self.group else { return };
        match rustix::process::kill_process_group(group, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(err) => tracing::warn!(%err, "The browser could not be told to end"),
        }
    }

    #[cfg(not(unix))]
    fn terminate(&self) {}

    #[cfg(not(unix))]
    fn kill(&mut self) {
        if let Err(err) = self.child.start_kill() {
            tracing::debug!(%err, "The browser was gone already");
        }
    }
}

/// This is the last line of defense, where a task was dropped instead of ended.
#[cfg(unix)]
impl Drop for Process {
    fn drop(&mut self) {
        // A child that was waited for has no id any more, and its group may be somebody else's by now.
        if self.child.id().is_some() {
            self.kill();
        }
    }
}

/// Tells how a browser that ran has ended, with its own words where they say why.
pub(crate) fn ending(status: ExitStatus, words: &str) -> String {
    let (how, said) = match killed_by(status) {
        // A script that started it also says something, and knows no more than this.
        Some(signal) => {
            (format!("the browser quit: it was killed by {signal}"), fatal_words(words))
        }
        None => (format!("the browser quit ({status})"), reason_in(words)),
    };
    match said {
        Some(said) => format!("{how}. It said: {said}"),
        None => how,
    }
}

/// Returns the signal that killed a browser, in words. A script that started it ends with 128 and the signal's number.
#[cfg(unix)]
pub(crate) fn killed_by(status: ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt as _;
    let by_script =
        || status.code().map(|code| code - 128).filter(|signal| (1..64).contains(signal));
    let signal = status.signal().or_else(by_script)?;
    let words = ExitStatus::from_raw(signal).to_string().replacen("signal: ", "signal ", 1);
    const KILL: i32 = rustix::process::Signal::KILL.as_raw();
    // Nobody else sends it as often as a system that is out of memory.
    let hint = if signal == KILL { "; the system may have run out of memory" } else { "" };
    Some(format!("{words}{hint}"))
}

#[cfg(not(unix))]
pub(crate) fn killed_by(_status: ExitStatus) -> Option<String> {
    None
}

/// Finds why a browser that ran gave up, in its own words. Chromium logs all the time, and of its lines only fatal ones
/// are a reason.
fn reason_in(words: &str) -> Option<String> {
    let plain = |line: &&str| !line.trim().is_empty() && (!is_log(line) || is_fatal(line));
    words.lines().rev().find(plain).map(reason_of)
}

fn fatal_words(words: &str) -> Option<String> {
    words.lines().rev().find(|line| is_fatal(line)).map(reason_of)
}

fn is_log(line: &str) -> bool {
    line.starts_with('[') && line.contains("] ")
}

fn is_fatal(line: &str) -> bool {
    line.starts_with('[') && line.split_once("] ").is_some_and(|(head, _)| head.contains(":FATAL:"))
}

fn reason_of(line: &str) -> String {
    let text = line.split_once("] ").filter(|_| is_log(line)).map_or(line, |(_, text)| text);
    one_line(text, 300)
}

async fn keep_tail(mut pipe: ChildStderr, tail: Arc<Mutex<VecDeque<u8>>>) {
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(&chunk[..read]);
        let excess = tail.len().saturating_sub(STDERR_KEPT);
        tail.drain(..excess);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Stdio;
    use std::time::Instant;

    use super::*;

    #[test]
    fn only_what_is_fatal_is_a_reason() {
        let noise = "[1:2:1121/1.2:ERROR:on_device_model.cc(37)] Unexpected disconnect\n";
        let fatal = "[1:2:1121/1.2:FATAL:gpu.cc(40)] GPU process isn't usable. Goodbye.\n";
        for (words, reason) in [
            ("", None),
            (noise, None),
            (&format!("{fatal}{noise}"), Some("GPU process isn't usable. Goodbye.")),
            (
                &format!("{noise}symbol lookup error: libx.so\n\n"),
                Some("symbol lookup error: libx.so"),
            ),
        ] {
            assert_eq!(reason_in(words).as_deref(), reason, "{words}");
        }
    }

    #[test]
    fn a_killed_browser_is_told_as_such_whoever_started_it() {
        use std::os::unix::process::ExitStatusExt as _;
        let wrapper = "/usr/bin/chromium: line 90: 4711 Killed  \"$@\"\n";
        let fatal = "[1:2:1121/1.2:FATAL:gpu.cc(40)] GPU process isn't usable. Goodbye.\n";
        let by = |signal: i32| ExitStatus::from_raw(signal);
        let with = |code: i32| ExitStatus::from_raw(code << 8);
        let killed = "the browser quit: it was killed by signal 9 (SIGKILL); the system may have run out of memory";
        let crashed = "the browser quit: it was killed by signal 11 (SIGSEGV)";
        let goodbye = format!("{crashed}. It said: GPU process isn't usable. Goodbye.");
        for (status, words, told) in [
            (by(9), "", killed),
            (with(137), wrapper, killed),
            (by(11), wrapper, crashed),
            (with(139), &format!("{fatal}{wrapper}"), &goodbye),
            (with(1), "no display\n", "the browser quit (exit status: 1). It said: no display"),
            (with(0), "", "the browser quit (exit status: 0)"),
            (with(255), "", "the browser quit (exit status: 255)"),
        ] {
            assert_eq!(ending(status, words), told);
        }
    }

    fn shell(script: &str) -> (Process, TaskTracker) {
        let tracker = TaskTracker::new();
        let child = tokio::process::Command::new("/bin/sh")
            .args(["-c", script])
            .process_group(0)
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        (Process::new(child, &tracker), tracker)
    }

    #[tokio::test]
    async fn the_last_words_are_kept_and_bounded() {
        let (mut process, _tracker) = shell(
            "head -c 20000 /dev/zero | tr '\\0' x >&2; printf '\\033[1mthe end\\n' >&2; exit 3",
        );
        assert_eq!(process.ended().await.unwrap().code(), Some(3));
        let words = process.all_words().await;
        assert!(words.ends_with("x[1mthe end"), "{words}");
        assert!(words.len() <= STDERR_KEPT);
    }

    #[tokio::test]
    async fn a_browser_that_ignores_its_end_is_killed_with_its_children() {
        let (mut process, _tracker) = shell(
            "trap '' TERM; sh -c \"trap '' TERM; echo ready >&2; while :; do sleep 0.05; done\" & wait; while :; do sleep 0.05; done",
        );
        let start = Instant::now();
        while process.last_words() != "ready" {
            assert!(start.elapsed() < Duration::from_secs(10), "the script did not start");
            tokio::task::yield_now().await;
        }
        let group = process.group.unwrap();
        process.end(Duration::from_millis(10)).await;
        let start = Instant::now();
        while rustix::process::test_kill_process_group(group).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(2), "a child lives on");
            tokio::task::yield_now().await;
        }
    }
}
