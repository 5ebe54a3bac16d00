//! Plays a screencast of whatever tab is active, over a session of its own, so that each has its own size and quality.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::words::{AttachedSession, CapturedScreenshot};
use crate::host::cdp::{BASE64, CallError, CdpClient, Frame};
use crate::host::driver::{CastFrame, CastOptions, CastSink, DriverState};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const START_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// A page that draws nothing for this long is photographed instead.
const FIRST_WITHIN: Duration = Duration::from_millis(700);

/// One running screencast.
pub(super) struct TabScreencast {
    pub(super) client: CdpClient,
    pub(super) options: CastOptions,
    pub(super) sink: CastSink,
    pub(super) active: watch::Receiver<Option<String>>,
    pub(super) state: watch::Receiver<DriverState>,
}

/// Keeps the order of pictures: they are compressed in parallel, so that an older one may come a little later. The wall
/// clock says nothing of it, because it can be set back: the browser's other clock does, and without that pictures are
/// taken as they come.
#[derive(Default)]
struct Latest {
    /// The time of the newest picture by the clock that is never set, in microseconds.
    newest: AtomicU64,
    has_any: AtomicBool,
    first: Notify,
}

impl TabScreencast {
    /// Runs until `stop`, or until the browser is gone.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut active = self.active.clone();
        loop {
            let target = active.borrow_and_update().clone();
            let session = match target {
                Some(target) => self.attach(&target).await,
                None => None,
            };
            let over = tokio::select! {
                () = stop.cancelled() => true,
                changed = active.changed() => changed.is_err(),
                () = self.play(session.as_deref()) => true,
            };
            if let Some(session) = session {
                self.client.leave_frames(&session);
                self.client.tell(Some(&session), "Page.stopScreencast", json!({}));
                self.client.tell(None, "Target.detachFromTarget", json!({ "sessionId": session }));
            }
            if over {
                return;
            }
        }
    }

    async fn attach(&self, target: &str) -> Option<String> {
        let params = json!({ "targetId": target, "flatten": true });
        let attached: Result<AttachedSession, CallError> =
            self.client.call(None, "Target.attachToTarget", params, ANSWER_WITHIN).await;
        // The tab closed meanwhile: the next active one follows.
        attached
            .inspect_err(|err| tracing::debug!(%err, "A tab has no screencast, because it could not be attached to"))
            .ok()
            .map(|attached| attached.session_id)
    }

    /// Plays until it is dropped.
    async fn play(&self, session: Option<&str>) {
        let Some(session) = session else {
            return std::future::pending().await;
        };
        let latest = Arc::new(Latest::default());
        let sink = self.sink.clone();
        let order = latest.clone();
        self.client.take_frames(
            session,
            Arc::new(move |frame: Frame| {
                if order.admit(frame.monotonic) {
                    sink(CastFrame {
                        data: frame.data,
                        width: frame.width,
                        height: frame.height,
                        timestamp: frame.timestamp.unwrap_or_else(now),
                    });
                }
            }),
        );
        let mut params = json!({ "format": "jpeg", "quality": self.options.quality.clamp(1, 100) });
        if let Some(width) = self.options.max_width {
            params["maxWidth"] = json!(width);
        }
        // A tab that is on its way to a page in another process may refuse for a moment.
        while let Err(err) = self
            .client
            .call::<Value>(Some(session), "Page.startScreencast", params.clone(), ANSWER_WITHIN)
            .await
        {
            tracing::debug!(%err, "A screencast did not start and is tried again");
            tokio::time::sleep(START_AGAIN_AFTER).await;
        }
        if tokio::time::timeout(FIRST_WITHIN, latest.first.notified()).await.is_err()
            && let Some(frame) = self.photograph(session).await
            && latest.admit_first()
        {
            (self.sink)(frame);
        }
        std::future::pending().await
    }

    async fn photograph(&self, session: &str) -> Option<CastFrame> {
        let params = json!({ "format": "jpeg", "quality": self.options.quality.clamp(1, 100) });
        let shot: CapturedScreenshot = self
            .client
            .call(Some(session), "Page.captureScreenshot", params, ANSWER_WITHIN)
            .await
            .ok()?;
        let data = Bytes::from(BASE64.decode(shot.data).ok()?);
        let state = self.state.borrow();
        Some(CastFrame { data, width: state.width, height: state.height, timestamp: now() })
    }
}

impl Latest {
    /// Tells whether a picture of this time is news.
    fn admit(&self, monotonic: Option<f64>) -> bool {
        self.has_any.store(true, Ordering::Relaxed);
        self.first.notify_one();
        let Some(seconds) = monotonic else {
            return true;
        };
        let micros = (seconds * 1e6) as u64;
        self.newest.fetch_max(micros, Ordering::Relaxed) < micros
    }

    /// Tells whether there is no picture yet.
    fn admit_first(&self) -> bool {
        !self.has_any.swap(true, Ordering::Relaxed)
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_pictures_are_left_out() {
        let latest = Latest::default();
        assert!(latest.admit_first() && !latest.admit_first());
        for (monotonic, news) in [(5.0, true), (6.0, true), (5.5, false), (6.0, false), (7.0, true)]
        {
            assert_eq!(latest.admit(Some(monotonic)), news, "{monotonic}");
        }
        assert!(!latest.admit_first());
        assert!(
            latest.admit(None) && latest.admit(Some(8.0)),
            "one without a time says nothing of the others"
        );
    }
}
