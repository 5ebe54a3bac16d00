//! Takes screenshots in the place of video that is not decoded, only after the video has moved, and few.
//!
//! Each screenshot is an action of the service, which costs and counts as activity. So none is taken of a desktop that
//! stands still, and a desktop that moves by itself is not kept alive for ever while the user is away.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::attempt::Attempt;
use super::screenshot::{TakenShot, take_screenshot};
use crate::base::Backoff;
use crate::base::text::one_line;
use crate::model::{EventKind, PictureSource, SessionEvent, Update};
use crate::session::Attention;

/// Time between two screenshots while the user acts, while they only look, and for a tile.
const PERIODS: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];
/// The user counts as acting for this long after an action, while they wait for its effect.
const ACTS_FOR: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_secs(3);
/// What people are told where video can't be shown and nothing takes its place.
pub(super) const NO_SCREENSHOT: &str = "this desktop sends H.264 video, which is not decoded here, and gives no screenshot. The log \
                             says why";

/// What decides whether a screenshot is taken.
pub(super) struct VideoShots {
    /// Whether the last screenshot failed, so that nothing is shown in the place of the video.
    pub(super) are_refused: AtomicBool,
    /// Signal that the video moved, so the last screenshot is outdated.
    pub(super) moved: Notify,
    pub(super) attention: watch::Receiver<Attention>,
    pub(super) last_user_action: watch::Receiver<Instant>,
    /// Time without a user action after which no screenshot is taken.
    pub(super) cap: Duration,
}

impl VideoShots {
    /// Takes screenshots until the future is dropped, together with the video stream.
    pub(super) async fn follow(&self, attempt: &Attempt<'_>) -> Infallible {
        let mut user = self.last_user_action.clone();
        let mut has_worked = false;
        let mut backoff = Backoff::default();
        let tell = |source| attempt.sink.update(Update::PictureSource(source));
        loop {
            self.moved.notified().await;
            if user.borrow_and_update().elapsed() >= self.cap {
                tell(PictureSource::Paused);
                if user.changed().await.is_err() {
                    // The window's end is gone, so the session is being closed.
                    std::future::pending().await
                }
            }
            let began = Instant::now();
            let mut own = attempt.own_shots.begin(attempt.sink);
            let taken = take_screenshot(attempt.client, attempt.session()).await;
            if let Ok(taken) = &taken {
                own.answered(taken.request_id.clone());
            }
            drop(own);
            match taken {
                Ok(TakenShot { frame, .. }) => {
                    self.are_refused.store(false, Ordering::Relaxed);
                    has_worked = true;
                    backoff = Backoff::default();
                    attempt.sink.heard(frame.data.len());
                    attempt.sink.frame(frame);
                    tell(PictureSource::Screenshots);
                    sleep(self.period().saturating_sub(began.elapsed())).await;
                }
                Err(err) => {
                    attempt.doubt.notify_one();
                    tell(PictureSource::Unavailable);
                    attempt.sink.pictures_are_unread(NO_SCREENSHOT);
                    if !self.are_refused.swap(true, Ordering::Relaxed) {
                        let text = one_line(&format!("No screenshot: {err}"), 300);
                        attempt.sink.event(SessionEvent::ours(EventKind::Screenshot, text));
                    }
                    if err.is_refusal() && !err.may_pass(has_worked) {
                        // The service would refuse again.
                        std::future::pending().await
                    }
                    let wait = match err.is_about_key() {
                        true => backoff.next_delay_of_key(0.5),
                        false => backoff.next_delay(0.5),
                    };
                    sleep(err.retry_after().unwrap_or(RETRY).max(wait)).await;
                    // The change is still to be shown, so the screenshot is tried again.
                    self.moved.notify_one();
                }
            }
        }
    }

    fn period(&self) -> Duration {
        let [acting, looking, tile] = PERIODS;
        match *self.attention.borrow() {
            Attention::Tile { .. } | Attention::Unseen | Attention::Hidden => tile,
            Attention::Focus if self.last_user_action.borrow().elapsed() < ACTS_FOR => acting,
            Attention::Focus => looking,
        }
    }
}
