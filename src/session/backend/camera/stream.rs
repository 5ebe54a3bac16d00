//! Watches a camera over HTTP or plain TCP, by an answer that goes on or by one request for each picture.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use super::intake::Intake;
use super::{FIRST_PICTURE_LIMIT, STALL_LIMIT};
use crate::net::{Client, NetError, PartItem, PartStream};
use crate::protocol::media::is_binary;
use crate::session::SessionError;

/// Time between the starts of two requests for one picture each.
const POLL_PERIOD: Duration = Duration::from_millis(500);

/// A place that pictures are read from.
#[derive(Debug)]
pub(super) enum CameraSource {
    /// The client's address, by HTTP.
    Http(Client),
    /// A host and a port, which send pictures without being asked.
    Tcp(Url),
}

impl CameraSource {
    async fn open(&self) -> Result<PartStream, NetError> {
        match self {
            Self::Http(client) => client.pictures("", FIRST_PICTURE_LIMIT).await,
            Self::Tcp(address) => PartStream::over_tcp(address, FIRST_PICTURE_LIMIT).await,
        }
    }
}

/// Watches until the connection fails or stalls.
pub(super) async fn watch(source: &CameraSource, mut intake: Intake<'_>) -> SessionError {
    loop {
        let asked_at = Instant::now();
        let mut stream = match timeout_at(intake.deadline(), source.open()).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(err)) => return intake.failure(&err),
            Err(_elapsed) => return intake.stalled(),
        };
        intake.opened();
        if let Some(error) = follow(&mut stream, &mut intake).await {
            return error;
        }
        sleep_until(asked_at + POLL_PERIOD).await;
        if Instant::now() >= intake.deadline() {
            return intake.stalled();
        }
    }
}

/// Follows one answer. Returns `None` where it was one picture and no stream.
async fn follow(stream: &mut PartStream, intake: &mut Intake<'_>) -> Option<SessionError> {
    loop {
        match timeout_at(intake.deadline(), stream.next()).await {
            Ok(Ok(PartItem::Heard(bytes))) => intake.heard(bytes),
            Ok(Ok(PartItem::Part(body))) => take(intake, body),
            Ok(Ok(PartItem::Done)) => return None,
            Ok(Err(err)) => return Some(intake.failure(&err)),
            Err(_elapsed) => return Some(intake.stalled()),
        }
    }
}

/// Takes in a body that is a picture or a message about it.
fn take(intake: &mut Intake<'_>, body: Bytes) {
    match std::str::from_utf8(&body) {
        // Video may consist of such bytes as are in texts.
        Ok(text) if !is_binary(&body) => intake.text(text),
        Ok(_) | Err(_) => intake.binary(body),
    }
}

const _: () = assert!(STALL_LIMIT.as_millis() > 2 * POLL_PERIOD.as_millis());
