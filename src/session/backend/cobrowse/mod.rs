//! A session of a co-browsing service: snapshots and descriptions, polled; control as calls where there are any.

mod service;
#[cfg(test)]
mod tests;
mod webhooks;

use std::future::pending;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};
use tokio::time::sleep;

pub use service::CobrowseService;

use self::webhooks::Webhooks;
use crate::base::text::one_line;
use crate::model::{
    Capabilities, Control, EncodedFrame, Family, ImageFormat, Page, SessionEvent, Update,
};
use crate::net::{Client, NetError};
use crate::protocol::cobrowse::{
    CALL_LIMIT_MS, Dialect, RpcActions, RpcCall, SpaceSession, changes, end_of, rpc_path,
    rpc_result, snapshot,
};
use crate::protocol::computers::{error_words, event_news, path_segment};
use crate::session::control::ControlReceiver;
use crate::session::{Attention, Backend, BackendIo, SessionError, SessionSink};

/// How often the session's description is asked for.
const STATE_PERIOD: Duration = Duration::from_secs(5);
/// A snapshot that could not be had is tried for again after this.
const SNAPSHOT_RETRY: Duration = Duration::from_secs(5);
/// A call may take [`CALL_LIMIT_MS`]; silence for longer than two is a fault.
const SILENCE: Duration = Duration::from_secs(2 * CALL_LIMIT_MS / 1000 + 10);

/// Watches one session, and steers it where the service has calls for it.
#[derive(Debug)]
pub struct CobrowseBackend {
    client: Client,
    dialect: Dialect,
    id: String,
    snapshot_period: Duration,
    /// `None`: nobody takes webhooks.
    webhooks: Option<Webhooks>,
    /// The last description: what changes is told, across reconnects.
    known: Option<SpaceSession>,
}

impl CobrowseBackend {
    /// `webhooks`: for the session host that takes the service's webhooks, where there is one.
    pub fn new(
        client: Client,
        dialect: Dialect,
        id: &str,
        snapshot_period: Duration,
        webhooks: Option<Client>,
    ) -> Self {
        Self {
            client,
            dialect,
            id: id.to_owned(),
            snapshot_period,
            webhooks: webhooks.map(Webhooks::new),
            known: None,
        }
    }

    async fn attempt(&mut self, io: &mut BackendIo) -> Result<(), SessionError> {
        let BackendIo {
            sink,
            control,
            cancel,
            attention,
            ..
        } = io;
        sink.silence_limit(SILENCE);
        let began = Instant::now();
        let lost = |err: NetError| failure(&err, began.elapsed());
        let first = cancel.run_until_cancelled(self.look(sink)).await;
        let Some(first) = first else { return Ok(()) };
        first.map_err(lost)??;
        let steered = self.dialect.can_be_steered();
        sink.update(Update::Capabilities(Capabilities {
            clicks: steered,
            keys: steered,
            navigation: steered,
            tabs: steered,
            ..Capabilities::default()
        }));
        sink.connected();
        let line = Line {
            client: self.client.clone(),
            dialect: self.dialect,
            id: self.id.clone(),
            // One call at a time: the page does one thing at a time, too, and the service counts calls.
            turn: Mutex::new(()),
        };
        let period = self.snapshot_period;
        let (id, mut webhooks) = (self.id.clone(), self.webhooks.take());
        let told = async {
            match &mut webhooks {
                Some(webhooks) => webhooks.follow(&id, sink).await,
                None => pending().await,
            }
        };
        let end = tokio::select! {
            never = told => never,
            () = cancel.cancelled() => Ok(()),
            () = line.steer(sink, control), if steered => Ok(()),
            error = line.watch(sink, attention.clone(), period) => Err(lost(error)),
            end = self.follow(sink) => end.map_err(lost).flatten(),
        };
        // How far they were read counts in the next attempt, too.
        self.webhooks = webhooks;
        end
    }

    /// Asks for the description again and again, until the session ends or the service does not answer.
    async fn follow(&mut self, sink: &SessionSink) -> Result<Result<(), SessionError>, NetError> {
        loop {
            sleep(STATE_PERIOD).await;
            if let ended @ Err(_) = self.look(sink).await? {
                return Ok(ended);
            }
        }
    }

    /// Asks for the description once, and tells what changed.
    async fn look(&mut self, sink: &SessionSink) -> Result<Result<(), SessionError>, NetError> {
        let path = self.dialect.session_path(&self.id);
        let answer = match self.client.json(Method::GET, &path, None).await {
            Ok(answer) => answer,
            // Some services forget a session as soon as it ends.
            Err(err) if matches!(err.status(), Some(404 | 410)) => {
                if let Some(last) = self.known.take().filter(|last| !last.summary.ended) {
                    tell(sink, &end_of(&last));
                }
                return Err(err);
            }
            Err(err) => return Err(err),
        };
        sink.heard(answer.to_string().len());
        let Some(now) = SpaceSession::read(self.dialect, &answer) else {
            let why = "The service's answer does not describe a session".to_owned();
            return Ok(Err(SessionError::Ended(why)));
        };
        for event in changes(self.known.as_ref(), &now) {
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
        self.known = Some(now);
        Ok(match has_ended {
            true => Err(SessionError::Ended("The session has ended".to_owned())),
            false => Ok(()),
        })
    }
}

impl Backend for CobrowseBackend {
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
        Box::pin(self.attempt(io))
    }
}

/// What snapshots and control share.
struct Line {
    client: Client,
    dialect: Dialect,
    id: String,
    turn: Mutex<()>,
}

impl Line {
    /// Does what is asked for, in order, for ever.
    async fn steer(&self, sink: &SessionSink, control: &ControlReceiver) {
        control.drop_stale_input();
        let mut actions = RpcActions::default();
        loop {
            let first = control.recv().await;
            let mut calls = Vec::new();
            // What came while the last call was under way goes as one batch, so that typing is one call.
            for next in std::iter::once(first).chain(std::iter::from_fn(|| control.try_recv())) {
                if let Control::Navigate(url) = &next {
                    sink.update(Update::Page(Page {
                        url: url.clone(),
                        ..Page::default()
                    }));
                }
                calls.extend(actions.push(&next));
            }
            calls.extend(actions.flush());
            for call in calls {
                self.make(sink, &call).await;
            }
        }
    }

    async fn make(&self, sink: &SessionSink, call: &RpcCall) {
        let done = match (call, call.body()) {
            (RpcCall::Refused(why), _) => Err((*why).to_owned()),
            (RpcCall::Call { .. }, body) => match self.call(sink, body.as_ref()).await {
                Ok(answer) => rpc_result(&answer).map(drop),
                Err(err) => Err(err.to_string()),
            },
        };
        if let Err(why) = done {
            sink.update(Update::Refused(one_line(&why, 300)));
        }
    }

    async fn call(&self, sink: &SessionSink, body: Option<&Value>) -> Result<Value, NetError> {
        let _turn = self.turn.lock().await;
        let answer = self
            .client
            .json(Method::POST, &rpc_path(&self.id), body)
            .await?;
        sink.heard(answer.to_string().len());
        Ok(answer)
    }

    /// Takes snapshots while somebody looks. What fails is told once, until one succeeds. Returns when the service
    /// does not answer.
    async fn watch(
        &self,
        sink: &SessionSink,
        mut attention: watch::Receiver<Attention>,
        period: Duration,
    ) -> NetError {
        let mut has_told = false;
        loop {
            if attention.wait_for(|now| now.is_visible()).await.is_err() {
                // The window's end is gone: the session is being closed.
                return pending().await;
            }
            let began = Instant::now();
            match self.picture(sink).await {
                Ok(Ok(())) => {
                    has_told = false;
                    sleep(period.saturating_sub(began.elapsed())).await;
                }
                Ok(Err(why)) => {
                    if !std::mem::replace(&mut has_told, true) {
                        let text = format!("No picture: {}", one_line(&why, 300));
                        sink.event(SessionEvent::ours(Family::Stream, "snapshot", text));
                    }
                    sleep(SNAPSHOT_RETRY.max(period)).await;
                }
                Err(err) => return err,
            }
        }
    }

    async fn picture(&self, sink: &SessionSink) -> Result<Result<(), String>, NetError> {
        let frame = match self.dialect {
            Dialect::Webfuse => {
                let body = json!({ "method": "take_gui_snapshot", "parameters": {}, "timeout": CALL_LIMIT_MS });
                let answer = self.call(sink, Some(&body)).await?;
                match rpc_result(&answer) {
                    Ok(result) => snapshot(result, Instant::now()),
                    Err(why) => return Ok(Err(why)),
                }
            }
            Dialect::Surfly => {
                let session = format!("sessions/{}/screenshots", path_segment(&self.id));
                let asked = self
                    .client
                    .json(Method::POST, &format!("{session}/create/"), None)
                    .await;
                if let Err(NetError::Refused { message, .. }) = asked {
                    return Ok(Err(message));
                }
                asked?;
                let answer = self
                    .client
                    .json(Method::GET, &format!("{session}/latest/"), None)
                    .await?;
                sink.heard(answer.to_string().len());
                if let Some(why) = error_words(&answer) {
                    return Ok(Err(why));
                }
                self.linked(&answer)
                    .await?
                    .or_else(|| snapshot(&answer, Instant::now()))
            }
        };
        match frame {
            Some(frame) => {
                sink.frame(frame);
                Ok(Ok(()))
            }
            None => {
                sink.bad_frame();
                Ok(Err("The answer holds no picture".to_owned()))
            }
        }
    }

    /// A picture that the answer only points to.
    async fn linked(&self, answer: &Value) -> Result<Option<EncodedFrame>, NetError> {
        let link = ["url", "screenshot_url", "link"]
            .iter()
            .find_map(|key| answer[*key].as_str());
        let Some(link) = link else { return Ok(None) };
        let data = self.client.bytes(link).await?;
        Ok(
            ImageFormat::sniff(&data)
                .map(|format| EncodedFrame::bare(format, data, Instant::now())),
        )
    }
}

fn tell(sink: &SessionSink, event: &Value) {
    sink.event(event_news("message", &event.to_string(), "", Timestamp::now()).event);
}

fn failure(err: &NetError, healthy_for: Duration) -> SessionError {
    if err.is_retryable() {
        return SessionError::Lost {
            what: err.to_string(),
            retry_after: err.retry_after(),
            healthy_for,
        };
    }
    SessionError::Ended(match err.status() {
        Some(401 | 403) => format!("The service refused the key, connect to it again: {err}"),
        Some(404 | 410) => format!("The session is gone: {err}"),
        _ => err.to_string(),
    })
}
