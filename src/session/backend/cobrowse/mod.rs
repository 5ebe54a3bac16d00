//! Watches a session of a co-browsing service. It polls snapshots and descriptions, and steers by calls where the
//! service has them.

mod calls;
mod service;
mod snapshots;
mod steering;
mod webhooks;

use std::future::pending;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

pub(super) use service::{SURFLY, WEBFUSE};

use self::calls::SessionCalls;
use self::steering::CallQueue;
use self::webhooks::Webhooks;
use crate::model::{Capabilities, Page, Update};
use crate::net::{Client, NetError};
use crate::protocol::cobrowse::{
    CALL_LIMIT_MS, Dialect, SpaceSession, changes, end_of, sessions_of,
};
use crate::protocol::computers::event_news;
use crate::session::{Backend, BackendIo, SessionError, SessionSink};

/// Time between two requests for the session's description.
const STATE_PERIOD: Duration = Duration::from_secs(5);
/// Time of silence that is a fault. It is longer than two calls, each of which may take [`CALL_LIMIT_MS`].
const SILENCE: Duration = Duration::from_secs(2 * CALL_LIMIT_MS / 1000 + 10);

/// Watches one session, and steers it where the service has calls for it.
#[derive(Debug)]
pub struct CobrowseBackend {
    calls: SessionCalls,
    /// Path of the list that the session is in.
    list_path: String,
    snapshot_period: Duration,
    steering: CallQueue,
    /// The webhook events, or `None` where no session host takes them.
    webhooks: Option<Webhooks>,
    /// The last description. It outlives connections, so that every change is told.
    known: Option<SpaceSession>,
}

impl CobrowseBackend {
    /// Makes the backend of session `id`, which is in the list at `list_path`. `webhooks` is a client for the session
    /// host that takes the service's webhooks, where there is one.
    pub fn new(
        client: Client,
        dialect: Dialect,
        id: &str,
        list_path: String,
        snapshot_period: Duration,
        webhooks: Option<Client>,
    ) -> Self {
        Self {
            list_path,
            calls: SessionCalls::new(client, dialect, id),
            snapshot_period,
            steering: CallQueue::default(),
            webhooks: webhooks.map(|client| Webhooks::new(client, dialect)),
            known: None,
        }
    }

    async fn attempt(&mut self, io: &mut BackendIo) -> Result<(), SessionError> {
        // The fields are borrowed and not moved, because an attempt may be dropped at any time and they outlive it.
        let Self { calls, list_path, snapshot_period, steering, webhooks, known } = self;
        let BackendIo { sink, control, cancel, attention, .. } = io;
        sink.silence_limit(SILENCE);
        let began = Instant::now();
        let has_worked = known.is_some();
        let first = cancel.run_until_cancelled(look(calls, list_path, known, sink)).await;
        let Some(first) = first else { return Ok(()) };
        first.map_err(|err| failure(&err, has_worked, began.elapsed()))??;
        let lost = |err: NetError| failure(&err, true, began.elapsed());
        let steered = calls.dialect.can_be_steered();
        sink.update(Update::Capabilities(Capabilities {
            clicks: steered,
            keys: steered,
            navigation: steered,
            tabs: steered,
            ..Capabilities::default()
        }));
        sink.connected();
        steering.forget_stale(sink, control);
        let told = async {
            if let Some(webhooks) = webhooks {
                webhooks.follow(&calls.id, sink).await;
            }
            pending::<()>().await;
        };
        tokio::select! {
            () = told => Ok(()),
            () = cancel.cancelled() => Ok(()),
            () = steering.run(calls, sink, control), if steered => Ok(()),
            error = snapshots::watch(calls, sink, attention.clone(), *snapshot_period) => Err(lost(error)),
            end = follow(calls, list_path, known, sink) => end.map_err(lost).flatten(),
        }
    }
}

impl Backend for CobrowseBackend {
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
        Box::pin(self.attempt(io))
    }
}

/// Asks for the description again and again, until the session ends or the service does not answer.
async fn follow(
    calls: &SessionCalls,
    list_path: &str,
    known: &mut Option<SpaceSession>,
    sink: &SessionSink,
) -> Result<Result<(), SessionError>, NetError> {
    loop {
        sleep(STATE_PERIOD).await;
        if let ended @ Err(_) = look(calls, list_path, known, sink).await? {
            return Ok(ended);
        }
    }
}

/// Asks for the description once and reports what changed. The inner error says that the session is over or cannot be
/// understood.
async fn look(
    calls: &SessionCalls,
    list_path: &str,
    known: &mut Option<SpaceSession>,
    sink: &SessionSink,
) -> Result<Result<(), SessionError>, NetError> {
    let path = calls.dialect.session_path(&calls.id);
    let answer = match calls.client.json(Method::GET, &path, None).await {
        Ok(answer) => answer,
        // Some services forget a session as soon as it ends.
        Err(err) if is_forgotten(calls, list_path, known.is_some(), &err).await => {
            if let Some(last) = known.take().filter(|last| !last.summary.ended) {
                tell(sink, &end_of(&last));
            }
            return Ok(Err(gone(&err)));
        }
        Err(err) => return Err(err),
    };
    sink.heard(answer.to_string().len());
    let Some(now) = SpaceSession::read(calls.dialect, &answer) else {
        let why = "The service's answer does not describe a session".to_owned();
        return Err(NetError::NotUnderstood(why));
    };
    for event in changes(known.as_ref(), &now) {
        tell(sink, &event);
    }
    if let Some(url) = &now.summary.url {
        sink.update(Update::Page(Page {
            url: url.clone(),
            title: now.summary.title.clone().unwrap_or_default(),
            ..Page::default()
        }));
    }
    let has_ended = now.summary.ended;
    *known = Some(now);
    Ok(match has_ended {
        true => Err(SessionError::Over("The session has ended".to_owned())),
        false => Ok(()),
    })
}

fn tell(sink: &SessionSink, event: &Value) {
    sink.event(event_news("message", &event.to_string(), "", Timestamp::now()).event);
}

/// Tells whether a refused description means that the session is gone. A service that has worked and only starts anew
/// knows no session for a while, but it has no list then.
async fn is_forgotten(
    calls: &SessionCalls,
    list_path: &str,
    has_worked: bool,
    err: &NetError,
) -> bool {
    match err.status() {
        Some(410) => true,
        Some(404) if has_worked => {
            let listed = calls.client.json(Method::GET, list_path, None).await;
            let listed = listed.ok().and_then(|answer| sessions_of(calls.dialect, &answer));
            listed.is_some_and(|listed| listed.iter().all(|it| it.summary.id != calls.id))
        }
        Some(404) => true,
        _ => false,
    }
}

fn gone(err: &NetError) -> SessionError {
    SessionError::Over(format!("The session is gone: {err}"))
}

fn failure(err: &NetError, has_worked: bool, healthy_for: Duration) -> SessionError {
    if err.may_pass(has_worked) {
        return SessionError::Lost {
            what: err.to_string(),
            retry_after: err.retry_after(),
            healthy_for,
            key_refused: err.is_about_key(),
        };
    }
    match err.status() {
        Some(401 | 403) => {
            SessionError::Ended(format!("The service refused the key, connect to it again: {err}"))
        }
        Some(404 | 410) => gone(err),
        _ => SessionError::Ended(err.to_string()),
    }
}
