//! Reads the session's event stream into the log.

use std::future::pending;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::LAST_EVENT;
use super::attempt::{Attempt, ControlPath};
use super::resume::Resume;
use super::socket::finished_download;
use crate::model::{EventKind, SessionEvent};
use crate::net::sse::IdleLimit;
use crate::net::{NetError, SseItem, SseOptions, SseStream};
use crate::protocol::computers::event_news;
use crate::session::SessionError;

/// Time to wait for the host's last event. The session host tells that the browser ends, and once it is gone it tells
/// who ended the session and its last page.
const BROWSER_END: Duration = Duration::from_secs(5);

/// Reads until the stream fails. A service without the stream is watched without it.
pub(super) async fn watch(attempt: &Attempt<'_>, resume: &mut Resume) -> SessionError {
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
    let mut stream = SseStream::open(attempt.client, &attempt.path("events"), options);
    // The last words about the end, and the time until which more may follow.
    let mut over: Option<(String, Instant)> = None;
    loop {
        let item = match &over {
            None => stream.next().await,
            Some((why, until)) => match timeout_at(*until, stream.next()).await {
                Ok(Ok(item)) => Ok(item),
                Ok(Err(_)) | Err(_) => return SessionError::Over(why.clone()),
            },
        };
        match item {
            Ok(SseItem::Open) => {
                if let Some(row) = resume.opened(Instant::now().into_std()) {
                    attempt.sink.event(row);
                }
                attempt.events_are_open();
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
                if let Some(download) = finished_download(news.event.kind, &data) {
                    attempt.sink.update(download);
                }
                attempt.sink.event(news.event);
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
            Err(NetError::Refused { status: 204 | 404 | 405 | 406 | 501, message }) => {
                let text = format!("The service tells no events of this session: {message}");
                attempt.sink.event(SessionEvent::ours(EventKind::NoEvents, text));
                attempt.events_are_open();
                // Pictures go on. The state will tell if the session itself is gone.
                attempt.doubt.notify_one();
                return pending().await;
            }
            Err(err) => return attempt.failure(&err),
        }
    }
}
