//! Hands pictures to whoever watches: one screencast for each set of options, shared, and only while somebody looks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::PAD;
use bytes::Bytes;
use tokio::sync::{OnceCell, watch};
use tokio::time::Instant;

use crate::host::driver::{CastFrame, CastGuard, CastOptions, CastSink, Driver, DriverError};

/// A screencast that does not start within this long is given up.
const START: Duration = Duration::from_secs(10);

/// JPEG quality where a client asks for none.
const QUALITY: u8 = 80;

/// Brings what a client asked for within reason.
pub(crate) fn cast_options(quality: Option<u8>, max_width: Option<u32>) -> CastOptions {
    CastOptions {
        quality: quality.unwrap_or(QUALITY).clamp(1, 100),
        max_width: max_width.map(|width| width.clamp(16, 7680)),
    }
}

/// The running screencasts of one session.
pub(crate) struct Screencasts {
    driver: Arc<dyn Driver>,
    running: Mutex<HashMap<CastOptions, Weak<SharedScreencast>>>,
    seq: Arc<AtomicU64>,
}

struct SharedScreencast {
    newest: watch::Sender<Option<Arc<ScreencastPicture>>>,
    guard: OnceCell<CastGuard>,
}

/// A picture, which is encoded once for each transport that wants it.
#[derive(Debug)]
pub(crate) struct ScreencastPicture {
    /// The picture's number among all of the session, whatever screencast it came from.
    pub(crate) seq: u64,
    frame: CastFrame,
    base64: OnceLock<Arc<str>>,
    sse: OnceLock<Bytes>,
}

impl Screencasts {
    pub(crate) fn new(driver: Arc<dyn Driver>) -> Self {
        Self { driver, running: Mutex::default(), seq: Arc::default() }
    }

    /// Joins the screencast with these options, or starts it. `max_fps` limits this watcher only.
    pub(crate) async fn watch(
        &self,
        options: CastOptions,
        max_fps: Option<f32>,
    ) -> Result<Watcher, DriverError> {
        let cast = self.cast(options);
        let start = cast
            .guard
            .get_or_try_init(|| self.driver.cast(options, self.sink(cast.newest.clone())));
        match tokio::time::timeout(START, start).await {
            Ok(started) => started?,
            Err(_) => {
                return Err(DriverError::Failed("the browser sends no pictures".to_owned()));
            }
        };
        let mut newest = cast.newest.subscribe();
        // A watcher that comes late gets the current picture at once.
        newest.mark_changed();
        let pause = max_fps
            .filter(|fps| *fps > 0.0)
            .map(|fps| Duration::from_secs_f32(1.0 / fps.clamp(0.05, 240.0)));
        Ok(Watcher { newest, pause, next_at: Instant::now(), _cast: cast })
    }

    /// Returns how many screencasts the browser is asked for now.
    pub(crate) fn running(&self) -> usize {
        self.lock().values().filter(|cast| cast.strong_count() > 0).count()
    }

    fn cast(&self, options: CastOptions) -> Arc<SharedScreencast> {
        let mut running = self.lock();
        running.retain(|_, cast| cast.strong_count() > 0);
        if let Some(cast) = running.get(&options).and_then(Weak::upgrade) {
            return cast;
        }
        let cast =
            Arc::new(SharedScreencast { newest: watch::Sender::new(None), guard: OnceCell::new() });
        running.insert(options, Arc::downgrade(&cast));
        cast
    }

    /// Makes the driver's end. It holds the slot and not the screencast, so that the driver's copy keeps nothing
    /// running.
    fn sink(&self, newest: watch::Sender<Option<Arc<ScreencastPicture>>>) -> CastSink {
        let seq = self.seq.clone();
        Arc::new(move |frame| {
            let seq = seq.fetch_add(1, Ordering::Relaxed) + 1;
            newest.send_replace(Some(Arc::new(ScreencastPicture {
                seq,
                frame,
                base64: OnceLock::new(),
                sse: OnceLock::new(),
            })));
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CastOptions, Weak<SharedScreencast>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One viewer's place: it has the newest picture always, and never a queue.
pub(crate) struct Watcher {
    newest: watch::Receiver<Option<Arc<ScreencastPicture>>>,
    pause: Option<Duration>,
    next_at: Instant,
    /// The screencast, which stops when its last watcher is dropped.
    _cast: Arc<SharedScreencast>,
}

impl Watcher {
    /// Waits for the newest picture that this watcher has not had. It is cancel-safe.
    pub(crate) async fn next(&mut self) -> Arc<ScreencastPicture> {
        loop {
            if self.pause.is_some() {
                tokio::time::sleep_until(self.next_at).await;
            }
            if self.newest.changed().await.is_err() {
                // There will be no picture any more. The session ends its streams itself.
                std::future::pending::<()>().await;
            }
            let newest = self.newest.borrow_and_update().clone();
            if let Some(picture) = newest {
                if let Some(pause) = self.pause {
                    self.next_at = Instant::now() + pause;
                }
                return picture;
            }
        }
    }
}

impl ScreencastPicture {
    /// Returns the block of `text/event-stream`, written at the first call.
    pub(crate) fn sse(&self) -> Bytes {
        let block = || {
            let (data, CastFrame { width, height, .. }) = (self.base64(), &self.frame);
            let timestamp = self.timestamp();
            Bytes::from(format!(
                "data: {{\"image_data\":\"{data}\",\"metadata\":{{\"timestamp\":{timestamp},\"deviceWidth\":{width},\"deviceHeight\":{height}}}}}\n\n"
            ))
        };
        self.sse.get_or_init(block).clone()
    }

    /// Returns the `frame` message of the socket, written at the first call.
    pub(crate) fn message(&self) -> String {
        let (data, CastFrame { width, height, .. }) = (self.base64(), &self.frame);
        let (seq, timestamp) = (self.seq, self.timestamp());
        format!(
            "{{\"type\":\"frame\",\"seq\":{seq},\"data\":\"{data}\",\"width\":{width},\"height\":{height},\"timestamp\":{timestamp}}}"
        )
    }

    fn base64(&self) -> &str {
        self.base64.get_or_init(|| Simd::standard(PAD).encode(&self.frame.data).into())
    }

    fn timestamp(&self) -> f64 {
        if self.frame.timestamp.is_finite() { self.frame.timestamp } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::socket::ServerMessage;

    #[test]
    fn a_picture_reads_as_json_on_both_transports() {
        let frame = CastFrame {
            data: Bytes::from_static(&[0xFF, 0xD8, 0xFF]),
            width: 1280,
            height: 720,
            timestamp: 1_700_000_000.25,
        };
        let picture =
            ScreencastPicture { seq: 9, frame, base64: OnceLock::new(), sse: OnceLock::new() };
        let sse = picture.sse();
        let json = std::str::from_utf8(&sse).unwrap().strip_prefix("data: ").unwrap().trim_end();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let metadata = serde_json::json!({"timestamp": 1_700_000_000.25, "deviceWidth": 1280, "deviceHeight": 720});
        assert_eq!(json, serde_json::json!({"image_data": "/9j/", "metadata": metadata}));
        let message: ServerMessage = serde_json::from_str(&picture.message()).unwrap();
        let expected = ServerMessage::Frame {
            seq: 9,
            data: "/9j/".to_owned(),
            width: 1280,
            height: 720,
            timestamp: 1_700_000_000.25,
        };
        assert_eq!(message, expected);
    }
}
