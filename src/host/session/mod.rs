//! Holds one hosted session together: a driver, its events, its watchers and its end.

pub(crate) mod held;
pub(crate) mod lifetime;
pub(crate) mod people;
pub(crate) mod screencast;
pub(crate) mod screenshots;

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::driver::factory::DriverKind;
use super::driver::{ANSWER_WITHIN, Driver, DriverError, DriverState};
use super::hub::Hub;
use crate::model::{EventKind, PageControl, PointerAt};
use crate::protocol::chat::messages_path;
use held::HeldMessages;
use lifetime::{SessionLifetime, wall_clock};
use people::{SessionPeople, Terms};
use screencast::Screencasts;
use screenshots::Shots;

/// A browser that takes longer to go is left to its process guard.
const CLOSE: Duration = Duration::from_secs(4);

/// A hosted session.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) kind: DriverKind,
    pub(crate) hub: Arc<Hub>,
    pub(crate) casts: Screencasts,
    pub(crate) shots: Shots,
    pub(crate) lifetime: Arc<SessionLifetime>,
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) created_at: Timestamp,
    /// The keys and buttons that REST calls hold down: they are one hand, whoever calls. This is locked under the lock
    /// of the people, or alone.
    pub(crate) held: Arc<Mutex<HeldMessages>>,
    /// The participants, and the rules about who may act.
    pub(crate) people: Arc<SessionPeople>,
    /// Whether clients may run scripts of their own in its pages.
    pub(crate) allows_scripts: bool,
    /// The scale of screenshots. This is locked alone, as is the permit.
    scale: Mutex<f64>,
    requests: AtomicU64,
    ending: OnceLock<String>,
    begun: CancellationToken,
    done: CancellationToken,
    tracker: TaskTracker,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

/// The parts that a session is made of.
pub(crate) struct Parts {
    pub(crate) id: String,
    pub(crate) kind: DriverKind,
    pub(crate) hub: Arc<Hub>,
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) lifetime: SessionLifetime,
    pub(crate) scale: f64,
    pub(crate) allows_scripts: bool,
    pub(crate) terms: Terms,
    pub(crate) tracker: TaskTracker,
    /// The place that the session takes among the live ones.
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Session {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let Parts {
            id,
            kind,
            hub,
            driver,
            lifetime,
            scale,
            allows_scripts,
            terms,
            tracker,
            permit,
        } = parts;
        let held = Arc::<Mutex<HeldMessages>>::default();
        let people =
            SessionPeople::new(terms, hub.clone(), driver.clone(), held.clone(), tracker.clone());
        hub.broadcast(EventKind::SessionState, json!({"state": "running"}));
        Arc::new(Self {
            id,
            kind,
            hub,
            casts: Screencasts::new(driver.clone()),
            shots: Shots::default(),
            lifetime: Arc::new(lifetime),
            driver,
            created_at: Timestamp::now(),
            held,
            people,
            allows_scripts,
            scale: Mutex::new(scale),
            requests: AtomicU64::new(0),
            ending: OnceLock::new(),
            begun: CancellationToken::new(),
            done: CancellationToken::new(),
            tracker,
            permit: Mutex::new(Some(permit)),
        })
    }

    /// Waits for whatever ends the session, and ends it.
    pub(crate) async fn supervise(self: &Arc<Self>) {
        let mut state = self.driver.state();
        let gone = async {
            match state.wait_for(|state| state.ended.is_some()).await {
                Ok(state) => state.ended.clone().unwrap_or_default(),
                Err(_) => "the browser is gone".to_owned(),
            }
        };
        let reason = tokio::select! {
            expiry = self.lifetime.expired() => expiry.reason(),
            reason = gone => reason,
            never = self.people.mind() => match never {},
            never = self.follow_wishes() => match never {},
            () = self.begun.cancelled() => return self.done.cancelled().await,
        };
        self.end(&reason).await;
    }

    /// Has the driver tell of the requests of its pages for as long as anybody wants that.
    async fn follow_wishes(&self) -> Infallible {
        let mut wanted = self.hub.wants_requests();
        loop {
            self.driver.tell_requests(*wanted.borrow_and_update());
            if wanted.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Closes the browser, sends the final event and closes the streams. Once begun, this goes on by itself.
    pub(crate) async fn end(self: &Arc<Self>, reason: &str) {
        if self.ending.set(reason.to_owned()).is_ok() {
            self.begun.cancel();
            let session = self.clone();
            self.tracker.spawn(async move { session.finish().await });
        }
        self.done.cancelled().await;
    }

    async fn finish(&self) {
        let last = self.state().url;
        if tokio::time::timeout(CLOSE, self.driver.close()).await.is_err() {
            tracing::warn!(session = self.id, "The browser did not close in time");
        }
        let reason = self.ending.get().cloned().unwrap_or_default();
        self.hub.broadcast(
            EventKind::SessionState,
            json!({"state": "terminated", "reason": reason, "final_location": last}),
        );
        self.hub.close();
        self.shots.clear();
        self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.done.cancel();
    }

    /// Spawns work that has to be finished whatever becomes of whoever asked for it.
    pub(crate) fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tracker.spawn(work)
    }

    /// Returns why the session is over, as soon as it is ending.
    pub(crate) fn ended(&self) -> Option<&str> {
        self.ending.get().map(String::as_str)
    }

    /// Returns the token that fires when the streams should end.
    pub(crate) fn done(&self) -> &CancellationToken {
        &self.done
    }

    /// Fails once the session is ending.
    pub(crate) fn live(&self) -> Result<(), DriverError> {
        self.ended().map_or(Ok(()), |why| Err(DriverError::Ended(why.to_owned())))
    }

    pub(crate) fn state(&self) -> DriverState {
        let mut state = self.driver.state().borrow().clone();
        self.people.mark(&mut state.tabs);
        state
    }

    pub(crate) fn next_request_id(&self) -> String {
        format!("r-{}", self.requests.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(crate) fn held(&self) -> MutexGuard<'_, HeldMessages> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn scale(&self) -> f64 {
        *self.scale.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_scale(&self, scale: f64) {
        *self.scale.lock().unwrap_or_else(PoisonError::into_inner) = scale;
    }

    /// Makes a place in a picture as REST clients receive it, which has the page's size times its scale.
    pub(crate) fn place(&self, x: f32, y: f32) -> PointerAt {
        let (scale, state) = (self.scale(), self.state());
        let pixels = |css: u32| (f64::from(css) * scale).round() as u32;
        let held = self.held();
        let (width, height) = (pixels(state.width), pixels(state.height));
        PointerAt { x, y, width, height, held: held.buttons(), modifiers: held.modifiers() }
    }

    /// Makes the place in the middle of the page.
    pub(crate) fn middle(&self) -> PointerAt {
        let corner = self.place(0.0, 0.0);
        PointerAt { x: corner.width as f32 / 2.0, y: corner.height as f32 / 2.0, ..corner }
    }

    /// A command of a socket: told on the event stream, as a REST action is. It is on its way when this returns.
    ///
    /// This is called while the people are locked, so that the request is only queued; it is told once the lock is gone.
    /// `action`: what [`told_action`] made of the command.
    pub(crate) fn command(
        self: &Arc<Self>,
        command: PageControl,
        action: Value,
    ) -> BoxFuture<'static, Result<(), DriverError>> {
        let request_id = self.next_request_id();
        let asked = request_id.clone();
        let fields = move || json!({"request_id": asked, "action": action});
        self.hub.queue(EventKind::ActionRequest, fields);
        let started = Instant::now();
        let performed = self.driver.command(None, command);
        let session = self.clone();
        Box::pin(async move {
            let result = match tokio::time::timeout(ANSWER_WITHIN, performed).await {
                Ok(result) => result,
                Err(_) => Err(DriverError::no_answer()),
            };
            let mut response = json!({
                "request_id": request_id,
                "status": if result.is_ok() { "success" } else { "error" },
                "duration_ms": millis(started.elapsed()),
            });
            if let Err(err) = &result {
                response["error_message"] = err.to_string().into();
            }
            session.hub.broadcast(EventKind::ActionResponse, response);
            result
        })
    }

    /// Describes the session in the API's words.
    pub(crate) fn computer(&self) -> Value {
        let (limits, state, id) = (self.lifetime.limits(), self.state(), &self.id);
        let (idle, last) = (self.lifetime.idle_deadline(), self.lifetime.final_deadline());
        let mut computer = json!({
            "id": id,
            "kind": self.kind,
            "status": if self.ended().is_some() { "terminated" } else { "running" },
            "created_at": self.created_at,
            "last_activity_at": self.lifetime.last_activity_at(),
            "active_connections": self.hub.active(),
            "idle_timeout_enabled": limits.idle.is_some(),
            "display": {"width": state.width, "height": state.height, "scale": self.scale()},
            "endpoints": {
                "events": format!("/computers/{id}/events"),
                "screencast": format!("/computers/{id}/screencast"),
                "ws": format!("/computers/{id}/ws"),
                "control": format!("/computers/{id}/ws"),
                "chat": format!("/{}", messages_path(id)),
            },
        });
        if let Some(limit) = limits.idle {
            computer["inactivity_timeout_seconds"] = limit.as_secs().into();
        }
        if let Some(limit) = limits.max {
            computer["max_lifetime_seconds"] = limit.as_secs().into();
        }
        if let Some(why) = self.ended() {
            computer["termination_reason"] = why.into();
            return computer;
        }
        if let Some(at) = idle {
            computer["idle_expires_at"] = wall_clock(at).to_string().into();
        }
        if let Some(at) = last {
            computer["expires_at"] = wall_clock(at).to_string().into();
        }
        computer
    }
}

/// Describes a command as the event stream tells it.
pub(crate) fn told_action(command: &PageControl) -> Value {
    serde_json::to_value(command).unwrap_or(Value::Null)
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
