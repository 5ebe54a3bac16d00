//! Waits for the user's wish to stop the program, as the terminal or the system tells it.

use std::future::poll_fn;
use std::task::{Context, Poll};

/// Asks one of the system's signals whether it came.
type SignalPoll = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<()>> + Send>;

/// Hears the wish to stop: Ctrl+C, on Unix SIGTERM and the end of the terminal (SIGHUP) as well, on Windows the closing
/// of the console.
///
/// From [`Self::listen`] on, none of them ends the process by itself any more.
pub struct Interrupts {
    signals: Vec<SignalPoll>,
}

impl Interrupts {
    /// Begins to listen at once, on a thread of a tokio runtime. What the system refuses to tell is not heard.
    pub fn listen() -> Self {
        Self { signals: signals() }
    }

    /// Waits for the next wish. Cancel-safe.
    pub async fn next(&mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let is_told = self.signals.iter_mut().any(|signal| signal(cx).is_ready());
        if is_told { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[cfg(unix)]
fn signals() -> Vec<SignalPoll> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
    if !ignores(SignalKind::hangup().as_raw_value()) {
        kinds.push(SignalKind::hangup());
    }
    let heard = kinds.into_iter().filter_map(|kind| signal(kind).ok());
    heard.map(|mut signal| -> SignalPoll { Box::new(move |cx| signal.poll_recv(cx)) }).collect()
}

/// Tells whether the program was started so that a signal does not matter to it, as `nohup` does with the end of the
/// terminal.
#[cfg(unix)]
fn ignores(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

#[cfg(windows)]
fn signals() -> Vec<SignalPoll> {
    use tokio::signal::windows::{ctrl_c, ctrl_close};
    let mut signals: Vec<SignalPoll> = Vec::new();
    if let Ok(mut keys) = ctrl_c() {
        signals.push(Box::new(move |cx| keys.poll_recv(cx)));
    }
    if let Ok(mut console) = ctrl_close() {
        signals.push(Box::new(move |cx| console.poll_recv(cx)));
    }
    signals
}
