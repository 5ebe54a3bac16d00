//! Screenshots in the place of video that is not decoded: taken only after the video has moved, and few.
//!
//! Each is an action of the service's: it costs, and it counts as activity. So a desktop that stands still is not asked
//! at all, and one that moves by itself is not kept alive for ever by somebody who is not there.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::attempt::Attempt;
use super::screenshot::take_screenshot;
use crate::base::text::one_line;
use crate::model::{EventKind, PictureSource, SessionEvent, Update};
use crate::session::Attention;

/// From one screenshot to the next while the user does something, while they only look, and for a tile.
const PERIODS: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// So long after doing something the user waits for what comes of it.
const ACTS_FOR: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_secs(3);

pub(super) struct Shots {
    /// The video moved: the last screenshot is no longer what the desktop shows.
    pub(super) moved: Notify,
    pub(super) attention: watch::Receiver<Attention>,
    pub(super) last_user_action: watch::Receiver<Instant>,
    /// Without a user action for so long, none is taken.
    pub(super) cap: Duration,
}

impl Shots {
    /// Runs as long as the stream that moves it.
    pub(super) async fn follow(&self, attempt: &Attempt<'_>) -> Infallible {
        let mut user = self.last_user_action.clone();
        let mut has_failed = false;
        let tell = |source| attempt.sink.update(Update::PictureSource(source));
        loop {
            self.moved.notified().await;
            if user.borrow_and_update().elapsed() >= self.cap {
                tell(PictureSource::Paused);
                if user.changed().await.is_err() {
                    // The window's end is gone: the session is being closed.
                    std::future::pending().await
                }
            }
            let began = Instant::now();
            match take_screenshot(attempt.client, attempt.session()).await {
                Ok(frame) => {
                    has_failed = false;
                    attempt.sink.heard(frame.data.len());
                    attempt.sink.frame(frame);
                    tell(PictureSource::Screenshots);
                    sleep(self.period().saturating_sub(began.elapsed())).await;
                }
                Err(err) => {
                    attempt.doubt.notify_one();
                    tell(PictureSource::Unavailable);
                    if !std::mem::replace(&mut has_failed, true) {
                        let text = one_line(&format!("No screenshot: {err}"), 300);
                        attempt.sink.event(SessionEvent::ours(EventKind::Screenshot, text));
                    }
                    if err.is_refusal() {
                        // It would be refused again.
                        std::future::pending().await
                    }
                    sleep(err.retry_after().unwrap_or(RETRY)).await;
                    // What could not be shown is still to be shown.
                    self.moved.notify_one();
                }
            }
        }
    }

    fn period(&self) -> Duration {
        let [acting, looking, tile] = PERIODS;
        match *self.attention.borrow() {
            Attention::Tile { .. } | Attention::Hidden => tile,
            Attention::Focus if self.last_user_action.borrow().elapsed() < ACTS_FOR => acting,
            Attention::Focus => looking,
        }
    }
}
