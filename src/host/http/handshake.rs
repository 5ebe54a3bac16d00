//! Does the server's half of a WebSocket handshake, and holds what all sockets of the host have in common.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Version};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;

use super::door::DoorPlace;
use super::guard::single;
use crate::host::error::ApiError;
use crate::host::grant::Grant;

pub(crate) const PING: Duration = Duration::from_secs(10);
/// A client that is silent for this long is given up.
pub(crate) const DEAD: Duration = Duration::from_secs(25);
/// A client's key has so many bytes.
const NONCE: usize = 16;
/// The peer has this long for its half of the closing handshake.
pub(crate) const LEAVE: Duration = Duration::from_secs(2);

pub(crate) type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// A request that becomes a socket.
pub(crate) struct Handshake {
    pub(crate) upgrade: OnUpgrade,
    pub(crate) headers: HeaderMap,
    /// The answer to the client's key, which [`switching`] takes.
    pub(crate) accept: HeaderValue,
    /// The grant by which the client came in.
    pub(crate) grant: Option<Arc<Grant>>,
    /// The connection's place, which is held for as long as the socket is open.
    pub(crate) place: Option<DoorPlace>,
}

/// Why a request did not become a socket.
#[derive(Debug, PartialEq)]
pub(crate) enum Declined {
    /// The client asks for no socket; it is told what it would have to ask for.
    NoSocket(ApiError),
    /// The client asks for a socket in a way that makes none.
    Malformed(ApiError),
}

impl Handshake {
    /// Reads a request for a socket.
    pub(crate) fn read(request: Request) -> Result<Self, Declined> {
        let (mut parts, _body) = request.into_parts();
        let accept = accept_key(&parts)?;
        let grant = parts.extensions.remove::<Arc<Grant>>();
        let upgrade = parts
            .extensions
            .remove::<OnUpgrade>()
            .ok_or_else(|| Declined::malformed("this connection can't be upgraded"))?;
        Ok(Self {
            upgrade,
            accept,
            grant,
            place: parts.extensions.remove::<DoorPlace>(),
            headers: parts.headers,
        })
    }

    /// Returns the token that fires when the client's grant has ended.
    pub(crate) fn grant_ended(&self) -> CancellationToken {
        self.grant.as_ref().map(|grant| grant.ended().clone()).unwrap_or_default()
    }
}

impl Declined {
    fn malformed(why: &str) -> Self {
        let why = format!("the WebSocket's handshake is malformed: {why}");
        Self::Malformed(ApiError::bad(why).because("connect_failed"))
    }

    /// Returns the reason in words.
    pub(crate) fn why(&self) -> &str {
        let (Self::NoSocket(err) | Self::Malformed(err)) = self;
        &err.message
    }

    /// Makes the answer, which says what the client would have to send.
    pub(crate) fn into_response(self) -> Response {
        let version = (header::SEC_WEBSOCKET_VERSION, "13");
        match self {
            Self::NoSocket(err) => ([version, (header::UPGRADE, "websocket")], err).into_response(),
            Self::Malformed(err) => ([version], err).into_response(),
        }
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

/// Makes the answer after which the connection is a socket.
pub(crate) fn switching(accept: HeaderValue) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// Checks the handshake by RFC 6455, 4.2.1, and returns the answer to its key.
fn accept_key(parts: &Parts) -> Result<HeaderValue, Declined> {
    let headers = &parts.headers;
    if !names(headers, header::UPGRADE, "websocket") {
        let why = "this call is a WebSocket of version 13";
        return Err(Declined::NoSocket(ApiError::new(StatusCode::UPGRADE_REQUIRED, why)));
    }
    if parts.method != Method::GET || parts.version < Version::HTTP_11 {
        return Err(Declined::malformed("it is a GET of HTTP/1.1"));
    }
    if !names(headers, header::CONNECTION, "upgrade") {
        return Err(Declined::malformed("Connection does not name Upgrade"));
    }
    if single(headers, header::SEC_WEBSOCKET_VERSION) != Some("13") {
        return Err(Declined::malformed("Sec-WebSocket-Version is not 13"));
    }
    let key = single(headers, header::SEC_WEBSOCKET_KEY)
        .filter(|key| BASE64_STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == NONCE))
        .ok_or_else(|| Declined::malformed("Sec-WebSocket-Key is not 16 bytes in Base64"))?;
    Ok(HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 fits a header"))
}

/// Tells whether a header that is a list of names has this one.
fn names(headers: &HeaderMap, header: HeaderName, name: &str) -> bool {
    let lists = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|given| given.trim().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let request = headers
            .iter()
            .fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        request.body(axum::body::Body::empty()).unwrap().into_parts().0
    }

    #[test]
    fn only_a_whole_handshake_is_taken() {
        assert_eq!(accept_key(&parts(&GOOD)).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        for (missing, _) in GOOD {
            let rest: Vec<_> = GOOD.into_iter().filter(|(name, _)| *name != missing).collect();
            let declined = accept_key(&parts(&rest)).unwrap_err();
            let no_socket = matches!(declined, Declined::NoSocket(_));
            assert_eq!(no_socket, missing == "upgrade", "{missing}");
        }
    }

    #[test]
    fn a_malformed_handshake_is_told_from_none() {
        for (name, value) in [
            ("connection", "close"),
            ("sec-websocket-version", "12"),
            ("sec-websocket-version", "8, 13"),
            ("sec-websocket-key", "x"),
            ("sec-websocket-key", ""),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZSBpcyBsb25n"),
        ] {
            let mut headers = GOOD.to_vec();
            headers.retain(|(other, _)| *other != name);
            headers.push((name, value));
            let declined = accept_key(&parts(&headers)).unwrap_err();
            assert!(matches!(declined, Declined::Malformed(_)), "{name}: {value}");
            assert_eq!(declined.into_response().status(), StatusCode::BAD_REQUEST);
        }
        let twice = [GOOD.as_slice(), &[GOOD[3]]].concat();
        assert!(accept_key(&parts(&twice)).is_err());
        let mut post = parts(&GOOD);
        post.method = Method::POST;
        assert!(accept_key(&post).is_err());
        let mut old = parts(&GOOD);
        old.version = Version::HTTP_10;
        assert!(accept_key(&old).is_err());
    }
}
