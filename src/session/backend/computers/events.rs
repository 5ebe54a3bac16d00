//! Reads the session's event stream into the log.

use std::future::pending;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout_at};

use super::LAST_EVENT;
use super::attempt::{Attempt, ControlPath, StreamName, StreamState};
use super::resume::Resume;
use super::socket::finished_download;
use crate::base::Backoff;
use crate::model::{EventKind, SessionEvent};
use crate::net::sse::IdleLimit;
use crate::net::{NetError, SseItem, SseOptions, SseStream};
use crate::protocol::computers::event_news;
use crate::session::SessionError;

/// Time to wait for the host's last event. The session host tells that the browser ends, and once it is gone it tells
/// who ended the session and its last page.
const BROWSER_END: Duration = Duration::from_secs(5);

/// End of one connection to the stream.
enum EventsEnd {
    /// The events told the end of the session.
    Over(String),
    /// The service has no such stream, as this sentence says.
    Missing(String),
    Failed(NetError),
}

/// Reads until the session ends or its pictures are lost, too. A service without the stream is watched without it.
pub(super) async fn watch(attempt: &Attempt<'_>, resume: &mut Resume) -> SessionError {
    let mut backoff = Backoff::default();
    loop {
        let mut opened_at = None;
        let err = match read(attempt, resume, &mut opened_at).await {
            EventsEnd::Over(why) => return SessionError::Over(why),
            EventsEnd::Missing(message) => {
                let text = format!("The service tells no events of this session: {message}");
                attempt.sink.event(SessionEvent::ours(EventKind::NoEvents, text));
                attempt.stream_is(StreamName::Events, StreamState::Absent);
                // Pictures go on. The state will tell if the session itself is gone.
                attempt.doubt.notify_one();
                return pending().await;
            }
            EventsEnd::Failed(err) => err,
        };
        let healthy_for = opened_at.map_or(Duration::ZERO, |at: Instant| at.elapsed());
        let wait = attempt.wait_without(StreamName::Events, &err, &mut backoff, healthy_for);
        let Some(wait) = wait else {
            return attempt.failure(&err);
        };
        if opened_at.is_some() {
            let text = format!("Events do not come, and are asked for again: {err}");
            attempt.sink.event(SessionEvent::ours(EventKind::Lost, text));
        }
        sleep(wait).await;
    }
}

/// Reads one connection to the stream. `opened_at` takes when the server answered with it.
async fn read(
    attempt: &Attempt<'_>,
    resume: &mut Resume,
    opened_at: &mut Option<Instant>,
) -> EventsEnd {
    // Other services do not document heartbeats here, so their silence proves nothing.
    let idle_limit = match attempt.control {
        ControlPath::Socket => IdleLimit::Adaptive,
        ControlPath::Rest => IdleLimit::Off,
    };
    // The session host keeps a history and replays all of it after the id 0, so that the log begins with the session
    // and not with the window.
    let from_the_start = matches!(attempt.control, ControlPath::Socket).then(|| "0".to_owned());
    let options = SseOptions {
        last_event_id: resume.last_id.clone().or(from_the_start),
        idle_limit,
        lenient_media_type: attempt.lenient_media_type,
        ..SseOptions::default()
    };
    // What is told after a connection that told events before is news.
    let is_history = resume.last_id.is_none();
    let mut stream = SseStream::open(attempt.client, &attempt.path("events"), options);
    // The last words about the end, and the time until which more may follow.
    let mut over: Option<(String, Instant)> = None;
    loop {
        let item = match &over {
            None => stream.next().await,
            Some((why, until)) => match timeout_at(*until, stream.next()).await {
                Ok(Ok(item)) => Ok(item),
                Ok(Err(_)) | Err(_) => return EventsEnd::Over(why.clone()),
            },
        };
        match item {
            Ok(SseItem::Open) => {
                if let Some(row) = resume.opened(Instant::now().into_std()) {
                    attempt.sink.event(row);
                }
                *opened_at = Some(Instant::now());
                attempt.stream_is(StreamName::Events, StreamState::Open);
            }
            Ok(SseItem::Heard(bytes)) => {
                attempt.sink.heard(bytes);
                resume.heard(Instant::now().into_std());
            }
            Ok(SseItem::IdleLimit(_)) => (),
            Ok(SseItem::Retry(wish)) => attempt.wishes_retry_after(wish),
            Ok(SseItem::Event { kind, data, id }) => {
                let news = event_news(&kind, &data, &id, Timestamp::now());
                // The session host reports gaps itself, and its numbers skip events that a newer one repeats.
                let row = resume.event(&id, news.event.kind);
                if let Some(row) = row.filter(|_| attempt.control == ControlPath::Rest) {
                    attempt.sink.event(row);
                }
                resume.last_id = stream.sendable_id().map(str::to_owned);
                if let Some(download) = finished_download(news.event.kind, &data, is_history) {
                    attempt.sink.update(download);
                }
                attempt.own_shots.take(news.event, news.is_screenshot, attempt.sink);
                if let Some(page) = news.page {
                    attempt.page_is(page);
                }
                if let Some(why) = news.ended {
                    let limit = match attempt.control {
                        ControlPath::Socket => BROWSER_END,
                        ControlPath::Rest => LAST_EVENT,
                    };
                    let until = over.map_or_else(|| Instant::now() + limit, |(_, until)| until);
                    over = Some((why, until));
                }
            }
            // A service that told events before has only not found them yet.
            Err(err @ NetError::Refused { status: 404, .. }) if resume.was_open() => {
                return EventsEnd::Failed(err);
            }
            Err(NetError::Refused { status: 204 | 404 | 405 | 406 | 501, message }) => {
                return EventsEnd::Missing(message);
            }
            Err(err) => return EventsEnd::Failed(err),
        }
    }
}
