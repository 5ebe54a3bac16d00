//! Streams the session's pictures while somebody looks, only as many and as large as are of use.

use std::future::pending;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::attempt::{Attempt, ControlPath};
use super::video_shots::{NO_SCREENSHOT, VideoShots};
use crate::model::{EventKind, PictureSource, SessionEvent, Update};
use crate::net::{SseItem, SseOptions, SseStream};
use crate::protocol::computers::{CastMessage, cast_message};
use crate::session::{Attention, SessionError};

/// JPEG quality of a tile's pictures. They are drawn so small that artifacts are not seen.
const TILE_QUALITY: u8 = 70;

/// Streams while somebody looks, so that a hidden session costs the server nothing. Returns when the stream fails.
pub(super) async fn watch(
    attempt: &Attempt<'_>,
    shots: &VideoShots,
    has_told_of_video: &mut bool,
) -> SessionError {
    let mut attention = shots.attention.clone();
    loop {
        let wanted = request(*attention.borrow_and_update(), attempt.control);
        let changed = attention.wait_for(|now| request(*now, attempt.control) != wanted);
        let over = match &wanted {
            Some(request) => tokio::select! {
                error = stream(attempt, request, shots, has_told_of_video) => return error,
                never = shots.follow(attempt) => match never {},
                changed = changed => changed.is_err(),
            },
            None => {
                attempt.pictures_are_open();
                changed.await.is_err()
            }
        };
        if over {
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
        (Attention::Tile { .. } | Attention::Focus, ..) => Some("screencast".to_owned()),
    }
}

async fn stream(
    attempt: &Attempt<'_>,
    request: &str,
    shots: &VideoShots,
    has_told_of_video: &mut bool,
) -> SessionError {
    let options =
        SseOptions { lenient_media_type: attempt.lenient_media_type, ..SseOptions::default() };
    let mut stream = SseStream::open(attempt.client, &attempt.path(request), options);
    let mut said = None;
    let mut is_video = false;
    loop {
        match stream.next().await {
            Ok(SseItem::Open) => attempt.pictures_are_open(),
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
                // The server's message from before the end explains more than the end itself.
                return match said {
                    Some(why) if err.is_retryable() => {
                        attempt.lost(format!("No pictures: {why}"), err.retry_after())
                    }
                    _ => attempt.failure(&err),
                };
            }
        }
    }
}
