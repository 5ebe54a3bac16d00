//! Serves a camera over a WebSocket: there is one text of JSON for each picture, with what was found in it.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::OnUpgrade;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use super::{CameraPicture, Cameras, Feed, FeedQuery};
use crate::host::error::ApiError;
use crate::host::grant::GRANT_ENDED;
use crate::host::http::body::Params;
use crate::host::http::door::DoorPlace;
use crate::host::http::handshake::{DEAD, Handshake, LEAVE, PING, Stream, stream, switching};

/// A client's message has at most so many bytes: nothing that it says matters.
const MAX_MESSAGE: usize = 4 << 10;
/// One picture in Base64 has at most so many bytes.
const MAX_WRITE: usize = 1 << 20;

struct CameraSocket {
    feed: Feed,
    closing: CancellationToken,
    grant_ended: CancellationToken,
    kill: CancellationToken,
    _place: Option<DoorPlace>,
}

pub(super) async fn upgrade(
    State(cameras): State<Arc<Cameras>>,
    Path(id): Path<String>,
    Params(query): Params<FeedQuery>,
    request: Request,
) -> Result<Response, ApiError> {
    let feed = cameras.feed(id, &query)?;
    let handshake = match Handshake::read(request) {
        Ok(handshake) => handshake,
        Err(declined) => return Ok(declined.into_response()),
    };
    let socket = CameraSocket {
        feed,
        closing: cameras.tasks.closing.clone(),
        grant_ended: handshake.grant_ended(),
        kill: cameras.tasks.kill.clone(),
        _place: handshake.place,
    };
    cameras.tasks.tracker.spawn(socket.run(handshake.upgrade));
    Ok(switching(handshake.accept))
}

impl CameraSocket {
    async fn run(mut self, upgrade: OnUpgrade) {
        let stream = match stream(upgrade, MAX_MESSAGE, MAX_WRITE).await {
            Ok(stream) => stream,
            Err(err) => return tracing::debug!(%err, "The socket of a camera was not upgraded"),
        };
        let (mut sink, stream) = stream.split();
        let kill = self.kill.clone();
        let writing = async {
            if let Err(err) = self.write(&mut sink).await {
                tracing::debug!(%err, "The socket of a camera failed");
            }
            // Here the reader sees the peer's close; a peer that never closes is left after this.
            tokio::time::sleep(LEAVE).await;
        };
        tokio::select! {
            () = read(stream) => {}
            () = writing => {}
            () = kill.cancelled() => {}
        }
    }

    async fn write(&mut self, sink: &mut SplitSink<Stream, Message>) -> Result<(), Error> {
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let close = loop {
            let message = tokio::select! {
                shot = self.feed.next() => Message::text(text(&self.feed.id, &shot)),
                _ = ping.tick() => Message::Ping(Bytes::new()),
                () = self.closing.cancelled() => break (CloseCode::Away, "the host is shutting down"),
                () = self.grant_ended.cancelled() => break (CloseCode::Policy, GRANT_ENDED),
            };
            sink.send(message).await?;
        };
        let close = CloseFrame { code: close.0, reason: close.1.into() };
        sink.send(Message::Close(Some(close))).await
    }
}

/// Reads until the client is gone.
async fn read(mut stream: SplitStream<Stream>) {
    while let Ok(Some(Ok(_))) = timeout(DEAD, stream.next()).await {}
}

fn text(id: &str, shot: &CameraPicture) -> String {
    format!(
        r#"{{"frame":"{}","timestamp":{},"camera_id":"{id}","detections":{}}}"#,
        shot.still.base64, shot.timestamp, shot.still.detections
    )
}
