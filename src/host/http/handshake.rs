//! Does the server's half of a WebSocket handshake, and holds what all sockets of the host have in common.

use std::pin::pin;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use super::guard::is_upgrade;
use super::server::ConnectionPermit;
use crate::base::text::clip;
use crate::host::error::ApiError;

pub(crate) const PING: Duration = Duration::from_secs(10);
/// A client that is silent for this long is given up.
pub(crate) const DEAD: Duration = Duration::from_secs(25);
/// The peer has this long for its half of the closing handshake.
const LEAVE: Duration = Duration::from_secs(2);

pub(crate) type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// A request that becomes a socket.
pub(crate) struct Handshake {
    pub(crate) upgrade: OnUpgrade,
    pub(crate) headers: HeaderMap,
    /// The answer to the client's key, which [`switching`] takes.
    pub(crate) accept: HeaderValue,
    /// The connection's place, which is held for as long as the socket is open.
    pub(crate) permit: Option<ConnectionPermit>,
}

impl Handshake {
    /// Reads an upgrade. The inner error is the answer to a client that speaks no WebSocket here, and says what it
    /// would have to send.
    pub(crate) fn read(request: Request) -> Result<Result<Self, Response>, ApiError> {
        let (mut parts, _body) = request.into_parts();
        let accept = match accept_key(&parts.headers) {
            Ok(accept) => accept,
            Err(err) => {
                let version = (header::SEC_WEBSOCKET_VERSION, "13");
                let refusal = ([version, (header::UPGRADE, "websocket")], err).into_response();
                return Ok(Err(refusal));
            }
        };
        let upgrade = parts
            .extensions
            .remove::<OnUpgrade>()
            .ok_or_else(|| ApiError::bad("this connection cannot be upgraded"))?;
        Ok(Ok(Self {
            upgrade,
            accept,
            permit: parts.extensions.remove::<ConnectionPermit>(),
            headers: parts.headers,
        }))
    }
}

/// Returns the socket, once the client has seen [`switching`]. At most `max_write` bytes wait for a client that reads
/// slowly.
pub(crate) async fn stream(
    upgrade: OnUpgrade,
    max_message: usize,
    max_write: usize,
) -> Result<Stream, hyper::Error> {
    let io = TokioIo::new(upgrade.await?);
    let config = WebSocketConfig::default()
        .max_message_size(Some(max_message))
        .max_frame_size(Some(max_message))
        .write_buffer_size(0)
        .max_write_buffer_size(max_write);
    Ok(WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await)
}

/// Runs a socket's two halves until one of them ends, or `cut` does. The other half then has [`LEAVE`] for its part of the
/// closing handshake: the writer to say goodbye to a client that is silent or breaks the rules, the reader to see the
/// client's answer.
pub(crate) async fn goodbye(
    reading: impl Future<Output = ()>,
    writing: impl Future<Output = ()>,
    cut: impl Future<Output = ()>,
) {
    let (mut reading, mut writing) = (pin!(reading.fuse()), pin!(writing.fuse()));
    tokio::select! {
        () = &mut reading => drop(timeout(LEAVE, writing).await),
        () = &mut writing => drop(timeout(LEAVE, reading).await),
        () = cut => drop(timeout(LEAVE, futures_util::future::join(reading, writing)).await),
    }
}

/// Makes the close frame of an end that is nobody's fault, or of one that leaves the connection of no use.
pub(crate) fn close_frame(code: CloseCode, why: &str) -> Message {
    // A close frame has room for 123 bytes.
    Message::Close(Some(CloseFrame { code, reason: clip(why, 120).to_owned().into() }))
}

/// Makes the answer after which the connection is a socket.
pub(crate) fn switching(accept: HeaderValue) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    let not_a_socket =
        || ApiError::new(StatusCode::UPGRADE_REQUIRED, "this call is a WebSocket of version 13");
    let names_upgrade =
        headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let upgrade = names_upgrade
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    let version = headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .filter(|_| upgrade && version && is_upgrade(headers))
        .ok_or_else(not_a_socket)?;
    Ok(HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 fits a header"))
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
        assert_eq!(accept_key(&headers("")).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for (missing, _) in good {
            assert_eq!(
                accept_key(&headers(missing)).unwrap_err().code,
                StatusCode::UPGRADE_REQUIRED,
                "{missing}"
            );
        }
    }
}
