//! Watches a camera over a WebSocket, which sends JSON or images by itself or after a request.

use std::time::Duration;

use tokio::time::{timeout, timeout_at};

use super::intake::Intake;
use crate::net::ws::SocketItem;
use crate::net::{Client, SocketOptions, WebSocket};
use crate::protocol::camera::ask_for_jpegs;
use crate::session::SessionError;

/// Time limit for closing the connection, because a camera that stalled may not answer.
const CLOSE_LIMIT: Duration = Duration::from_millis(200);

/// Watches until the connection fails or stalls. `is_asked` says whether the server waits to be asked for pictures.
pub(super) async fn watch(client: &Client, mut intake: Intake<'_>, is_asked: bool) -> SessionError {
    let mut socket = match WebSocket::connect(client, "", SocketOptions::default()).await {
        Ok(socket) => socket,
        Err(err) => return intake.failure(&err),
    };
    intake.opened();
    if is_asked && let Err(err) = socket.send(ask_for_jpegs()).await {
        return intake.failure(&err);
    }
    loop {
        match timeout_at(intake.deadline(), socket.next()).await {
            Ok(Ok(SocketItem::Heard(bytes))) => intake.heard(bytes),
            Ok(Ok(SocketItem::Text(text))) => intake.text(&text),
            Ok(Ok(SocketItem::Binary(data))) => intake.binary(data),
            Ok(Err(err)) => return intake.failure(&err),
            Err(_elapsed) => break,
        }
        // A server that is asked answers with an error or with pictures, and nothing follows an error.
        if is_asked && intake.is_at_fault() {
            break;
        }
    }
    // The socket is dropped whether or not it closes in time.
    timeout(CLOSE_LIMIT, socket.close()).await.ok();
    intake.stalled()
}
