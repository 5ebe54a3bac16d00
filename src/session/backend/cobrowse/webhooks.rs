//! Webhook events of the session, which a session host takes and tells on.

use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

use crate::base::{Backoff, json};
use crate::model::{EventKind, SessionEvent};
use crate::net::{Client, NetError, SseItem, SseOptions, SseStream};
use crate::protocol::cobrowse::Dialect;
use crate::protocol::computers::event_news;
use crate::session::SessionSink;

/// The host's stream for all services and sessions.
const PATH: &str = "hooks/events";

/// Where webhook events come from, and how far they were read.
#[derive(Clone, Debug)]
pub(super) struct Webhooks {
    client: Client,
    /// As events name it.
    service: &'static str,
    last_id: Option<String>,
}

impl Webhooks {
    /// `client`: for the session host that takes the webhooks.
    pub(super) fn new(client: Client, dialect: Dialect) -> Self {
        Self {
            client,
            service: dialect.into(),
            // A host keeps a history and replays all of it after 0.
            last_id: Some("0".to_owned()),
        }
    }

    /// Puts the session's events into the log. The session itself is watched without them, so what fails is a row of
    /// the log, told once until it works again. Returns when the host refuses them for good.
    pub(super) async fn follow(&mut self, id: &str, sink: &SessionSink) {
        let mut backoff = Backoff::default();
        let mut has_told = false;
        loop {
            let began = Instant::now();
            let mut has_opened = false;
            let error = self.read(id, sink, &mut has_opened).await;
            if has_opened {
                has_told = false;
                // What was missed meanwhile is replayed: that a stream ended is no news.
                backoff.connection_was_healthy_for(began.elapsed());
            } else if !std::mem::replace(&mut has_told, true) {
                let text = format!("Webhook events do not come: {error}");
                sink.event(SessionEvent::ours(EventKind::Webhooks, text));
            }
            if !error.is_retryable() {
                return;
            }
            let wait = backoff.next_delay(0.5);
            sleep(wait.max(error.retry_after().unwrap_or_default())).await;
        }
    }

    async fn read(&mut self, id: &str, sink: &SessionSink, has_opened: &mut bool) -> NetError {
        let options = SseOptions { last_event_id: self.last_id.clone(), ..SseOptions::default() };
        let mut stream = SseStream::open(&self.client, PATH, options);
        loop {
            match stream.next().await {
                Ok(SseItem::Open) => *has_opened = true,
                Ok(SseItem::Event { kind, data, id: event_id }) => {
                    if is_about(self.service, id, &data) {
                        sink.event(event_news(&kind, &data, &event_id, Timestamp::now()).event);
                    }
                    self.last_id = stream.sendable_id().map(str::to_owned);
                }
                Ok(SseItem::Heard(_) | SseItem::IdleLimit(_) | SseItem::Retry(_)) => (),
                Err(err) => return err,
            }
        }
    }
}

/// Whether an event is the session's. One that names no session is of the whole space, and so of each.
fn is_about(service: &str, id: &str, data: &str) -> bool {
    let Ok(body) = json::from_str::<Value>(data) else {
        return false;
    };
    let names = |key: &str, expected: &str| body[key].as_str().is_none_or(|name| name == expected);
    names("service", service) && names("session_id", id)
}
