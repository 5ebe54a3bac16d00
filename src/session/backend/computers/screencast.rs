//! Streams the session's pictures while somebody looks, only as many and as large as are of use.

use std::future::pending;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use super::attempt::{Attempt, ControlPath, StreamName, StreamState};
use super::video_shots::{NO_SCREENSHOT, VideoShots};
use crate::base::Backoff;
use crate::model::{EventKind, PictureSource, SessionEvent, Status, Update};
use crate::net::{NetError, SseItem, SseOptions, SseStream};
use crate::protocol::computers::{CastMessage, cast_message};
use crate::session::{Attention, SessionError};

/// JPEG quality of a tile's pictures. They are drawn so small that artifacts are not seen.
const TILE_QUALITY: u8 = 70;

/// End of one connection to the stream.
struct CastEnd {
    err: NetError,
    /// The server's message from before the end, which explains more than the end itself.
    said: Option<String>,
    /// How long the stream had been open.
    healthy_for: Duration,
}

impl CastEnd {
    fn words(&self) -> String {
        match &self.said {
            Some(why) => format!("No pictures: {why}"),
            None => self.err.to_string(),
        }
    }

    /// Returns what the end means for the whole session.
    fn failure(&self, attempt: &Attempt<'_>) -> SessionError {
        match self.said {
            Some(_) if self.err.is_retryable() => {
                attempt.lost(self.words(), self.err.retry_after())
            }
            _ => attempt.failure(&self.err),
        }
    }
}

/// Waits before pictures are asked for again, while events go on. The last picture must not look as if it were new, so
/// that the status tells the wait.
async fn pause(attempt: &Attempt<'_>, end: &CastEnd, wait: Duration, tries: u32) {
    let why = end.words();
    if !end.healthy_for.is_zero() {
        attempt.sink.event(SessionEvent::ours(EventKind::Lost, why.clone()));
    }
    let retry_at = tokio::time::Instant::now() + wait;
    let reconnecting = Status::Reconnecting { attempt: tries, retry_at: retry_at.into_std(), why };
    attempt.sink.status(reconnecting);
    sleep_until(retry_at).await;
    attempt.sink.status(Status::Connecting { attempt: tries });
}

/// Streams while somebody looks, so that a hidden session costs the server nothing. Returns when the stream fails and
/// events don't go on either.
pub(super) async fn watch(
    attempt: &Attempt<'_>,
    shots: &VideoShots,
    has_told_of_video: &mut bool,
) -> SessionError {
    let mut attention = shots.attention.clone();
    let mut backoff = Backoff::default();
    loop {
        let wanted = request(*attention.borrow_and_update(), attempt.control);
        let is_same = |now: &Attention| request(*now, attempt.control) == wanted;
        let changed = async { attention.wait_for(|now| !is_same(now)).await.is_ok() };
        let (end, is_watched) = match &wanted {
            Some(request) => tokio::select! {
                end = stream(attempt, request, shots, has_told_of_video) => (Some(end), true),
                never = shots.follow(attempt) => match never {},
                is_watched = changed => (None, is_watched),
            },
            None => {
                attempt.stream_is(StreamName::Pictures, StreamState::Absent);
                (None, changed.await)
            }
        };
        if let Some(end) = end {
            let CastEnd { err, healthy_for, .. } = &end;
            let name = StreamName::Pictures;
            match attempt.wait_without(name, err, &mut backoff, *healthy_for) {
                Some(wait) => pause(attempt, &end, wait, backoff.attempt()).await,
                None => return end.failure(attempt),
            }
        }
        if !is_watched {
            // The window's end is gone, so the session is being closed.
            pending().await
        }
    }
}

/// Returns the path and query to ask for below the session, or `None` where no picture is wanted.
///
/// Only a service with the session host's socket is known to honor rate and size. Another would be asked anew at every
/// change for the very same pictures.
fn request(attention: Attention, control: ControlPath) -> Option<String> {
    match (attention, control, attention.max_rate()) {
        (Attention::Hidden, ..) => None,
        (Attention::Tile { max_width }, ControlPath::Socket, Some(rate)) => {
            Some(format!("screencast?max_fps={rate}&max_width={max_width}&quality={TILE_QUALITY}"))
        }
        (Attention::Tile { .. } | Attention::Focus | Attention::Unseen, ..) => {
            Some("screencast".to_owned())
        }
    }
}

async fn stream(
    attempt: &Attempt<'_>,
    request: &str,
    shots: &VideoShots,
    has_told_of_video: &mut bool,
) -> CastEnd {
    let options =
        SseOptions { lenient_media_type: attempt.lenient_media_type, ..SseOptions::default() };
    let mut stream = SseStream::open(attempt.client, &attempt.path(request), options);
    let mut said = None;
    let mut opened_at: Option<Instant> = None;
    let mut is_video = false;
    loop {
        match stream.next().await {
            Ok(SseItem::Open) => {
                opened_at = Some(Instant::now());
                attempt.sink.pictures_begin();
                attempt.stream_is(StreamName::Pictures, StreamState::Open);
            }
            Ok(SseItem::Heard(bytes)) => attempt.sink.heard(bytes),
            Ok(SseItem::IdleLimit(limit)) => attempt.sink.silence_limit(limit),
            Ok(SseItem::Retry(wish)) => attempt.wishes_retry_after(wish),
            Ok(SseItem::Event { kind, data, .. }) => {
                match cast_message(&kind, &data, Instant::now()) {
                    CastMessage::Picture(frame) => {
                        if std::mem::take(&mut is_video) {
                            let source = Update::PictureSource(PictureSource::Stream);
                            attempt.sink.update(source);
                        }
                        attempt.sink.frame(frame);
                    }
                    CastMessage::Video => {
                        match shots.are_refused.load(Ordering::Relaxed) {
                            true => attempt.sink.unread_frame(NO_SCREENSHOT),
                            false => attempt.sink.bad_frame(),
                        }
                        is_video = true;
                        shots.moved.notify_one();
                        if !std::mem::replace(has_told_of_video, true) {
                            let text = "This desktop sends H.264 video, which this version does not decode: screenshots \
                                        are shown instead, at most two a second. The service may count them as activity";
                            attempt.sink.event(SessionEvent::ours(EventKind::H264, text));
                        }
                    }
                    CastMessage::Cursor(Some(at)) => attempt.sink.update(Update::Cursor(at)),
                    CastMessage::Cursor(None) => (),
                    CastMessage::Failed(why) => said = Some(why),
                    CastMessage::Damaged(what) => attempt.sink.unread_frame(&format!(
                        "what comes is {what}. Only JPEG, PNG and WebP are shown"
                    )),
                    CastMessage::Unknown => attempt.sink.bad_frame(),
                }
            }
            Err(err) => {
                let healthy_for = opened_at.map_or(Duration::ZERO, |at| at.elapsed());
                return CastEnd { err, said, healthy_for };
            }
        }
    }
}
