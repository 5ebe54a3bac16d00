//! Watches a camera over HTTP, by a multipart answer or by one request for each picture.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::intake::Intake;
use super::{FIRST_PICTURE_LIMIT, STALL_LIMIT};
use crate::net::{Client, PartItem, PartStream, PictureAnswer};
use crate::session::SessionError;

/// Time between the starts of two requests for one picture each.
const POLL_PERIOD: Duration = Duration::from_millis(500);

/// Watches until the connection fails or stalls.
pub(super) async fn watch(client: &Client, mut intake: Intake<'_>) -> SessionError {
    loop {
        let asked_at = Instant::now();
        let opening = client.pictures("", FIRST_PICTURE_LIMIT);
        let body = match timeout_at(intake.deadline(), opening).await {
            Ok(Ok(PictureAnswer::Stream(stream))) => return follow(*stream, intake).await,
            Ok(Ok(PictureAnswer::One(body))) => body,
            Ok(Err(err)) => return intake.failure(&err),
            Err(_elapsed) => return intake.stalled(),
        };
        intake.opened();
        intake.heard(body.len());
        take(&mut intake, body);
        sleep_until(asked_at + POLL_PERIOD).await;
        if Instant::now() >= intake.deadline() {
            return intake.stalled();
        }
    }
}

async fn follow(mut stream: PartStream, mut intake: Intake<'_>) -> SessionError {
    intake.opened();
    loop {
        match timeout_at(intake.deadline(), stream.next()).await {
            Ok(Ok(PartItem::Heard(bytes))) => intake.heard(bytes),
            Ok(Ok(PartItem::Part(body))) => take(&mut intake, body),
            Ok(Err(err)) => return intake.failure(&err),
            Err(_elapsed) => return intake.stalled(),
        }
    }
}

/// Takes in a body that is a picture or a message about it.
fn take(intake: &mut Intake<'_>, body: Bytes) {
    match std::str::from_utf8(&body) {
        Ok(text) => intake.text(text),
        Err(_) => intake.binary(body),
    }
}

const _: () = assert!(STALL_LIMIT.as_millis() > 2 * POLL_PERIOD.as_millis());
