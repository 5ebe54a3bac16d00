//! Follows the session's webhook events, which a session host receives and passes on.

use std::time::Instant;

use jiff::Timestamp;
use tokio::time::sleep;

use crate::base::{Backoff, json};
use crate::model::{EventKind, SessionEvent};
use crate::net::{Client, NetError, SseItem, SseOptions, SseStream};
use crate::protocol::cobrowse::Dialect;
use crate::protocol::computers::event_news;
use crate::session::SessionSink;

/// Path of the host's stream for all services and sessions.
const PATH: &str = "hooks/events";

/// Source of the webhook events, and how far they were read.
#[derive(Clone, Debug)]
pub(super) struct Webhooks {
    client: Client,
    /// Name of the service in the events.
    service: &'static str,
    last_id: Option<String>,
}

impl Webhooks {
    /// Reads from the session host of `client`, which takes the webhooks.
    pub(super) fn new(client: Client, dialect: Dialect) -> Self {
        Self {
            client,
            service: dialect.into(),
            // A host keeps a history and replays all of it after the id 0.
            last_id: Some("0".to_owned()),
        }
    }

    /// Puts the session's events into the log. A failure is only a log row, written once until the stream works again,
    /// because the session can be watched without these events. Returns when the host refuses them for good.
    pub(super) async fn follow(&mut self, id: &str, sink: &SessionSink) {
        let mut backoff = Backoff::default();
        let mut has_told = false;
        let mut has_worked = false;
        loop {
            let began = Instant::now();
            let mut has_opened = false;
            let error = self.read(id, sink, &mut has_opened).await;
            has_worked |= has_opened;
            if has_opened {
                has_told = false;
                // The end of the stream is not logged, because the host replays the missed events.
                backoff.connection_was_healthy_for(began.elapsed());
            } else if !std::mem::replace(&mut has_told, true) {
                let text = format!("Webhook events do not come: {error}");
                sink.event(SessionEvent::ours(EventKind::Webhooks, text));
            }
            if !error.may_pass(has_worked) {
                return;
            }
            let wait = match error.is_about_key() {
                true => backoff.next_delay_of_key(0.5),
                false => backoff.next_delay(0.5),
            };
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

/// Tells whether an event is about the session. An event that names no session is about the whole space, and so about
/// each session.
fn is_about(service: &str, id: &str, data: &str) -> bool {
    let Ok(body) = json::document(data) else {
        return false;
    };
    let names = |key: &str, expected: &str| body[key].as_str().is_none_or(|name| name == expected);
    names("service", service) && names("session_id", id)
}
