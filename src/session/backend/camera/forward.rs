//! Sends pictures on to another system: only the newest, at a bounded rate, and without delaying the shown picture.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout};

use super::ForwardSetup;
use crate::base::{Backoff, Mailbox};
use crate::model::{EventKind, Forwarding, SessionEvent, Update};
use crate::net::{Client, NetError};
use crate::protocol::camera::forwarded;
use crate::session::SessionSink;

/// Path of the call, below the base of the service.
const PATH: &str = "api/v1/actions/actions/send";
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// Least time between two log rows about failures.
const ROW_PERIOD: Duration = Duration::from_secs(10);
const RATES: (f32, f32) = (0.01, 60.0);

/// A picture that waits to be sent on.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) data: Bytes,
    /// Time at which the camera took the picture, or at which it came where the camera does not tell.
    pub(super) captured_at: Timestamp,
    pub(super) camera_id: Option<String>,
}

/// Sends a camera's pictures on. It lives as long as the session is open, across connections to the camera.
#[derive(Debug)]
pub(super) struct Forwarder {
    client: Client,
    /// Name of the camera, for cameras that do not tell their id.
    name: String,
    period: Duration,
    outgoing: Arc<Mailbox<Outgoing>>,
    told: Forwarding,
    backoff: Backoff,
    not_before: Instant,
    last_row: Option<Instant>,
    /// Number of failures when the last log row was written.
    failed_at_row: u64,
    /// Whether the service refused for good.
    is_over: bool,
}

impl Forwarder {
    pub(super) fn new(setup: ForwardSetup, name: String) -> Result<Self, NetError> {
        let (least, most) = RATES;
        let rate =
            if setup.per_second.is_finite() { setup.per_second.clamp(least, most) } else { 1.0 };
        Ok(Self {
            client: Client::new(setup.base, setup.auth)?,
            name,
            period: Duration::from_secs_f32(1.0 / rate),
            outgoing: Arc::default(),
            told: Forwarding::default(),
            backoff: Backoff::default(),
            not_before: Instant::now(),
            last_row: None,
            failed_at_row: 0,
            is_over: false,
        })
    }

    pub(super) fn outgoing(&self) -> Arc<Mailbox<Outgoing>> {
        self.outgoing.clone()
    }

    /// Sends the pictures of one connection to the camera, until the future is dropped. It sends one picture at a time,
    /// so that a slow service gets fewer pictures and not later ones.
    pub(super) async fn run(&mut self, sink: &SessionSink) -> Infallible {
        sink.update(Update::Forwarding(self.told.clone()));
        // A picture that the last connection left is outdated.
        self.outgoing.take();
        while !self.is_over {
            sleep_until(self.not_before).await;
            let next = self.outgoing.recv().await;
            self.not_before = Instant::now() + self.period;
            let body = forwarded(
                &next.data,
                next.captured_at,
                next.camera_id.as_deref().unwrap_or(&self.name),
            );
            let post = self.client.json(Method::POST, PATH, Some(&body));
            let result =
                timeout(ANSWER_LIMIT, post).await.unwrap_or_else(|_elapsed| Err(no_answer()));
            match result {
                // The body of a success is ignored, whether it is JSON or not.
                Ok(_) | Err(NetError::NotUnderstood(_)) => self.sent(),
                Err(err) => self.failed(&err, sink),
            }
            sink.update(Update::Forwarding(self.told.clone()));
        }
        std::future::pending().await
    }

    fn sent(&mut self) {
        self.told.sent += 1;
        self.told.last_error = None;
        self.backoff = Backoff::default();
    }

    fn failed(&mut self, err: &NetError, sink: &SessionSink) {
        self.told.failed += 1;
        // A service that took pictures before may only be starting anew.
        self.is_over = is_final(err) && !err.may_pass(self.told.sent > 0);
        let now = Instant::now();
        // The period holds in any case, because the first delay may be zero.
        let wait = self.backoff.next_delay(0.5);
        let least = if err.is_about_key() { AFTER_REFUSED_KEY } else { Duration::ZERO };
        let wait = wait.max(err.retry_after().unwrap_or_default()).max(least);
        self.not_before = self.not_before.max(now + wait);
        let is_due = self.last_row.is_none_or(|at| now >= at + ROW_PERIOD);
        if is_due || self.is_over {
            let count = self.told.failed - self.failed_at_row;
            let text = match (self.is_over, count) {
                (true, _) => format!("Forwarding stopped until the camera is opened again: {err}"),
                (false, 1) => format!("A picture could not be forwarded: {err}"),
                (false, _) => format!("{count} pictures could not be forwarded: {err}"),
            };
            sink.event(SessionEvent::ours(EventKind::Forwarding, text));
            (self.last_row, self.failed_at_row) = (Some(now), self.told.failed);
        }
        self.told.last_error = Some(err.to_string());
    }
}

/// Time after which a key that worked and is refused is tried again, because some services lock out clients that repeat
/// one.
const AFTER_REFUSED_KEY: Duration = Duration::from_secs(90);

/// Tells whether forwarding has to stop. It stops where nothing can be sent safely, and after a key that is refused at
/// first. Other errors may be about one picture only.
fn is_final(err: &NetError) -> bool {
    matches!(err, NetError::Insecure(_) | NetError::Invalid(_))
        || matches!(err.status(), Some(401 | 403))
}

fn no_answer() -> NetError {
    NetError::Lost(format!("The service did not answer within {} s", ANSWER_LIMIT.as_secs()))
}
