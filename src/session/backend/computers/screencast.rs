//! The session's pictures, as long as somebody looks.

use std::future::pending;
use std::time::Instant;

use tokio::sync::watch;

use super::attempt::Attempt;
use crate::model::{Family, SessionEvent};
use crate::net::{SseItem, SseOptions};
use crate::protocol::computers::{CastMessage, cast_message};
use crate::session::SessionError;

/// Streams while `visible`; a hidden session costs the server nothing. Returns when the stream fails.
pub(super) async fn watch(
    attempt: &Attempt<'_>,
    mut visible: watch::Receiver<bool>,
    has_told_of_video: &mut bool,
) -> SessionError {
    loop {
        if *visible.borrow_and_update() {
            tokio::select! {
                error = stream(attempt, has_told_of_video) => return error,
                () = until(&mut visible, false) => (),
            }
        } else {
            attempt.pictures_are_open();
            until(&mut visible, true).await;
        }
    }
}

async fn until(visible: &mut watch::Receiver<bool>, wanted: bool) {
    if visible
        .wait_for(|visible| *visible == wanted)
        .await
        .is_err()
    {
        // The window's end is gone: the session is being closed.
        pending().await
    }
}

async fn stream(attempt: &Attempt<'_>, has_told_of_video: &mut bool) -> SessionError {
    let mut stream = attempt
        .client
        .sse(&attempt.path("screencast"), SseOptions::default());
    let mut said = None;
    loop {
        match stream.next().await {
            Ok(SseItem::Open) => attempt.pictures_are_open(),
            Ok(SseItem::Heard(bytes)) => attempt.sink.heard(bytes),
            Ok(SseItem::IdleLimit(limit)) => attempt.sink.silence_limit(limit),
            Ok(SseItem::Retry(wish)) => attempt.wishes_retry_after(wish),
            Ok(SseItem::Event { kind, data, .. }) => {
                match cast_message(&kind, &data, Instant::now()) {
                    CastMessage::Picture(frame) => attempt.sink.frame(frame),
                    CastMessage::Video => {
                        attempt.sink.bad_frame();
                        if !std::mem::replace(has_told_of_video, true) {
                            let text = "This desktop sends H.264 video, which this version does not decode";
                            attempt
                                .sink
                                .event(SessionEvent::ours(Family::Stream, "h264", text));
                        }
                    }
                    CastMessage::Cursor => (),
                    CastMessage::Failed(why) => said = Some(why),
                    CastMessage::Unknown => attempt.sink.bad_frame(),
                }
            }
            Err(err) => {
                // What the server said before it hung up explains more than that it did.
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
