//! The session's WebSocket: input and commands in, state, events and pictures out.
//!
//! Reading and writing never wait for each other: a client that reads slowly still steers at once.

mod reader;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;

use super::error::ApiError;
use super::guard::is_upgrade;
use super::hub::Subscription;
use super::people::{Desk, Seat};
use super::routes::Shared;
use super::routes::body::Params;
use super::routes::streams::EventsQuery;
use super::server::Place;
use super::session::Session;
use crate::protocol::socket::SUBPROTOCOL;
use reader::Reader;
use writer::{Note, Writer};

const MAX_MESSAGE: usize = 1 << 20;
/// One picture in base64 at the most.
const MAX_WRITE: usize = 32 << 20;
/// Answers to the client's own messages that may wait; a client that does not read them loses them.
const NOTES: usize = 64;
const PING: Duration = Duration::from_secs(10);
const DEAD: Duration = Duration::from_secs(25);
/// For the peer's half of the closing handshake.
const LEAVE: Duration = Duration::from_secs(2);

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// One open socket.
struct Socket {
    session: Arc<Session>,
    events: Subscription,
    seat: Seat,
    desk: Desk,
    kill: CancellationToken,
    _place: Option<Place>,
}

pub(super) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Params(query): Params<EventsQuery>,
    Params(who): Params<Who>,
    request: Request,
) -> Result<Response, ApiError> {
    let session = shared.session(&id)?;
    session.live()?;
    let (mut parts, _body) = request.into_parts();
    let accept = match accept_key(&parts.headers) {
        Ok(accept) => accept,
        Err(err) => {
            let version = (header::SEC_WEBSOCKET_VERSION, "13");
            return Ok(([version, (header::UPGRADE, "websocket")], err).into_response());
        }
    };
    let upgrade = parts
        .extensions
        .remove::<OnUpgrade>()
        .ok_or_else(|| ApiError::bad("this connection cannot be upgraded"))?;
    let key = query.name()?;
    let events = session.hub.subscribe(
        key.clone(),
        "ws",
        query.after(&parts.headers),
        query.history_size,
    );
    let (seat, desk) = session.people.join(&who.name, key)?;
    let socket = Socket {
        events,
        seat,
        desk,
        session,
        kill: shared.kill.clone(),
        _place: parts.extensions.remove::<Place>(),
    };
    shared.tracker.spawn(socket.run(upgrade));
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if offers_subprotocol(&parts.headers) {
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
    }
    Ok(response)
}

impl Socket {
    async fn run(self, upgrade: OnUpgrade) {
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(err) => {
                let details = "a socket was not upgraded; the client may have gone away";
                let fields = serde_json::json!({"reason": "connect_failed", "details": details});
                self.session.hub.broadcast("error", fields);
                return tracing::debug!(%err, "a socket was not upgraded");
            }
        };
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE))
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_WRITE);
        let stream: Stream =
            WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config))
                .await;
        let (sink, stream) = stream.split();
        let (notes, inbox) = mpsc::channel::<Note>(NOTES);
        let Self {
            session,
            events,
            seat,
            desk,
            kill,
            _place,
        } = self;
        let _watching = session.lifetime.watch();
        let writing = async {
            Writer::new(sink, session.clone(), events, inbox, desk)
                .run()
                .await;
            // The reader sees the peer's close, or nothing more comes of it.
            tokio::time::sleep(LEAVE).await;
        };
        let kicked = async {
            seat.kicked().await;
            tokio::time::sleep(LEAVE).await;
        };
        // With the seat goes whatever this participant held down.
        tokio::select! {
            () = Reader::new(stream, session.clone(), notes, &seat).run() => {}
            () = writing => {}
            () = kicked => {}
            () = kill.cancelled() => {}
        }
    }
}

/// What a participant says of itself as it comes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Who {
    name: String,
}

pub(super) fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    let not_a_socket = || {
        ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            "this call is a WebSocket of version 13",
        )
    };
    let names_upgrade = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let upgrade = names_upgrade
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    let version = headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .is_some_and(|version| version == "13");
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .filter(|_| upgrade && version && is_upgrade(headers))
        .ok_or_else(not_a_socket)?;
    Ok(HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 fits a header"))
}

fn offers_subprotocol(headers: &HeaderMap) -> bool {
    let offers = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok());
    offers
        .flat_map(|value| value.split(','))
        .any(|name| name.trim() == SUBPROTOCOL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_handshake_is_taken() {
        let good = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let headers = |skip: &str| -> HeaderMap {
            good.iter()
                .filter(|(name, _)| *name != skip)
                .map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_static(v)))
                .collect()
        };
        assert_eq!(
            accept_key(&headers("")).unwrap(),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
        for (missing, _) in good {
            assert_eq!(
                accept_key(&headers(missing)).unwrap_err().code,
                StatusCode::UPGRADE_REQUIRED,
                "{missing}"
            );
        }
    }
}
