//! Watches a session of the computers API: it has two event streams, and control over the session host's socket or over
//! REST.
//!
//! One attempt opens everything at once. When one of the two streams is lost, the other goes on and only that one is
//! asked for anew. When both are, or the socket is, all are opened anew: they lead to the same server over the same
//! network, one status has to describe them together, and opening them costs four requests. Either way the session's
//! state is refetched, so that an end during the break is noticed.

mod attempt;
mod events;
mod keep_alive;
mod lookout;
mod own_shots;
mod rest;
mod resume;
mod screencast;
mod screenshot;
mod service;
mod socket;
#[cfg(test)]
mod tests;
mod video_shots;

use std::pin::pin;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::Method;
use tokio::sync::Notify;
use tokio::time::timeout;

pub use self::service::ComputersService;
pub(super) use self::service::KIND;

use self::attempt::{Attempt, ControlPath};
use self::resume::Resume;
use crate::model::{Capabilities, ChatNews, ChatOffer, EventKind, SessionEvent, Update};
use crate::net::{Client, NetError, SocketOptions, WebSocket};
use crate::protocol::computers::{Computer, path_segment};
use crate::protocol::socket::SUBPROTOCOL;
use crate::session::backend::setup::KEEP_ALIVE_CAP;
use crate::session::held::HeldControls;
use crate::session::{Backend, BackendIo, SessionError};

/// Time limit for the session's last event, where another connection noticed the end before.
const LAST_EVENT: Duration = Duration::from_millis(500);

/// Watches and steers one session of a service.
#[derive(Debug)]
pub struct ComputersBackend {
    client: Client,
    id: String,
    keep_alive_cap: Duration,
    user: Option<String>,
    lenient_media_type: bool,
    /// State that outlives an attempt.
    has_worked: AtomicBool,
    resume: Resume,
    held: HeldControls,
    down: rest::Down,
    has_told_of_video: bool,
}

impl ComputersBackend {
    /// Makes the backend of the session `id` at the service of `client`.
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self {
            client,
            id: id.into(),
            keep_alive_cap: KEEP_ALIVE_CAP,
            user: None,
            lenient_media_type: false,
            has_worked: AtomicBool::new(false),
            resume: Resume::default(),
            held: HeldControls::default(),
            down: rest::Down::default(),
            has_told_of_video: false,
        }
    }

    /// Sets how long the session may be kept alive without a user action. The default is 60 min.
    pub fn with_keep_alive_cap(self, keep_alive_cap: Duration) -> Self {
        Self { keep_alive_cap, ..self }
    }

    /// Sets the name by which others in the session know this window's user.
    pub fn with_user(self, user: String) -> Self {
        Self { user: Some(user), ..self }
    }

    /// Sets whether event streams may be labeled as plain text or not at all.
    pub fn with_lenient_media_type(self, lenient_media_type: bool) -> Self {
        Self { lenient_media_type, ..self }
    }

    async fn attempt(&mut self, io: &mut BackendIo) -> Result<(), SessionError> {
        let BackendIo {
            sink,
            control,
            cancel,
            attention,
            fit,
            requests,
            keep_alive,
            last_user_action,
        } = io;
        let mut attempt = Attempt::new(&self.client, &self.id, &self.has_worked, sink);
        attempt.lenient_media_type = self.lenient_media_type;
        let Some(connected) =
            cancel.run_until_cancelled(connect(&mut attempt, self.user.as_deref())).await
        else {
            return Ok(());
        };
        let (computer, socket) = connected?;
        let attempt = &attempt;
        let steer = async {
            match socket {
                Some(socket) => {
                    let wishes = socket::Wishes { fit, requests };
                    socket::drive(attempt, socket, control, wishes, &mut self.held, cancel).await
                }
                None => rest::drive(attempt, control, &mut self.down, cancel).await,
            }
        };
        let keep = keep_alive::Keeper {
            idle_limit: computer.lifetime.idle_limit,
            cap: self.keep_alive_cap,
            hard_stop: keep_alive::HARD_STOP,
            attention: attention.clone(),
            chosen: keep_alive.clone(),
            last_user_action: last_user_action.clone(),
        };
        let shots = video_shots::VideoShots {
            are_refused: Default::default(),
            moved: Notify::new(),
            attention: attention.clone(),
            last_user_action: last_user_action.clone(),
            cap: self.keep_alive_cap,
        };
        let mut events = pin!(events::watch(attempt, &mut self.resume));
        let end = tokio::select! {
            end = steer => end,
            error = screencast::watch(attempt, &shots, &mut self.has_told_of_video) => Err(error),
            error = &mut events => return Err(error),
            error = keep.run(attempt) => Err(error),
            error = attempt.watch_state() => Err(error),
        };
        // All connections end together with the session, but only its events tell the whole reason, and they may be a
        // little late.
        if end.is_err()
            && let rest = cancel.run_until_cancelled(timeout(LAST_EVENT, events))
            && let Some(Ok(last @ (SessionError::Ended(_) | SessionError::Over(_)))) = rest.await
        {
            return Err(last);
        }
        end
    }
}

impl Backend for ComputersBackend {
    fn run<'a>(&'a mut self, io: &'a mut BackendIo) -> BoxFuture<'a, Result<(), SessionError>> {
        Box::pin(self.attempt(io))
    }
}

/// Fetches the session's description and opens the way of control that it offers.
async fn connect(
    attempt: &mut Attempt<'_>,
    user: Option<&str>,
) -> Result<(Computer, Option<WebSocket>), SessionError> {
    let computer = attempt.fetch_state().await?;
    let socket = match &computer.control_endpoint {
        Some(endpoint) => open_socket(attempt, endpoint, user).await?,
        None => None,
    };
    attempt.control = if socket.is_some() { ControlPath::Socket } else { ControlPath::Rest };
    attempt.sink.update(Update::Capabilities(Capabilities {
        chat: computer.chat.messages.is_some(),
        ..attempt.control.capabilities(computer.summary.kind)
    }));
    let offer = ChatOffer {
        messages: computer
            .chat
            .messages
            .as_deref()
            .map(|endpoint| below_base(attempt.client.base().path(), endpoint)),
        tasks: computer.chat.tasks,
    };
    attempt.sink.update(Update::Chat(ChatNews::Offered(offer)));
    Ok((computer, socket))
}

/// Opens the session's socket. Returns `None` where the endpoint does not speak its subprotocol after all.
async fn open_socket(
    attempt: &Attempt<'_>,
    endpoint: &str,
    user: Option<&str>,
) -> Result<Option<WebSocket>, SessionError> {
    let mut path = below_base(attempt.client.base().path(), endpoint);
    if let Some(user) = user {
        let mark = if path.contains('?') { '&' } else { '?' };
        path = format!("{path}{mark}name={}", path_segment(user));
    }
    let options = SocketOptions { subprotocol: Some(SUBPROTOCOL), ..SocketOptions::default() };
    match WebSocket::connect(attempt.client, &path, options).await {
        Ok(socket) if socket.subprotocol() == Some(SUBPROTOCOL) => Ok(Some(socket)),
        Ok(socket) => {
            socket.close().await;
            Ok(None)
        }
        Err(NetError::Refused { status: 400 | 404 | 405 | 426 | 501, .. }) => Ok(None),
        Err(NetError::OutOfReach(why)) => {
            let text = format!("The session's own way of control is not used: {why}");
            attempt.sink.event(SessionEvent::ours(EventKind::Error, text));
            Ok(None)
        }
        Err(err) => Err(attempt.failure(&err)),
    }
}

/// Returns `endpoint`, which is relative to the API's root, as a path relative to the base that the user gave. The base
/// may have a prefix (`/v1`), which the endpoint may repeat.
fn below_base(base: &str, endpoint: &str) -> String {
    let Some(path) = endpoint.strip_prefix('/') else {
        return endpoint.to_owned();
    };
    let prefix = base.trim_matches('/');
    let below = path
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('/'))
        .filter(|_| !prefix.is_empty());
    below.unwrap_or(path).to_owned()
}

/// Returns one sentence for an answer that is final.
fn end_words(err: &NetError) -> String {
    match err.status() {
        Some(401 | 403) => {
            format!("The service refused the key, check it and connect again: {err}")
        }
        Some(404 | 410) => format!("The session is gone: {err}"),
        _ => err.to_string(),
    }
}
