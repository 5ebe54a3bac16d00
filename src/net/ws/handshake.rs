//! Upgrades from HTTP to WebSocket, with the same client, limits, redirects and proxies as any request.

use bytes::Bytes;
use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Method, StatusCode};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use url::Url;

use super::SocketOptions;
use crate::net::NetError;
use crate::net::auth::Auth;
use crate::net::http::{Client, Fetch, HEAD_LIMIT};
use crate::net::tls::Versions;

/// Opens a connection and returns it with the subprotocol that the server chose.
pub(super) async fn upgrade(
    client: &Client,
    auth: &Auth,
    url: Url,
    options: &SocketOptions,
) -> Result<(reqwest::Upgraded, Option<String>), NetError> {
    let key = generate_key();
    let request = Fetch {
        method: Method::GET,
        url,
        headers: request_headers(&key, options.subprotocol),
        private: options.headers.clone(),
        body: None::<Bytes>,
        head_limit: HEAD_LIMIT,
        versions: Versions::Http1,
    };
    let first = request.url.clone();
    let answer = client.fetch_as(auth, request).await?;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(match answer.status().is_success() {
            true => NetError::NotAStream(
                "This address does not speak WebSocket; check the address".to_owned(),
            ),
            false => answer.refusal().await,
        });
    }
    let mut headers = answer.headers().clone();
    let echoes_token = headers
        .get(SEC_WEBSOCKET_PROTOCOL)
        .and_then(|chosen| chosen.to_str().ok())
        .is_some_and(|chosen| auth.offers_subprotocol(&first, chosen.trim()));
    if echoes_token {
        // The server chose the token, which was offered and is no name of a subprotocol.
        headers.remove(SEC_WEBSOCKET_PROTOCOL);
    }
    let subprotocol = check(&headers, &key, options.subprotocol).map_err(|why| {
        NetError::NotAStream(format!("The server breaks the WebSocket handshake: {why}"))
    })?;
    Ok((answer.upgrade().await?, subprotocol))
}

fn request_headers(key: &str, subprotocol: Option<&'static str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_str(key).expect("base64 can be sent"));
    if let Some(subprotocol) = subprotocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
    }
    headers
}

/// Checks what RFC 6455 section 4.1 requires of a client. Returns the chosen subprotocol.
fn check(
    headers: &HeaderMap,
    key: &str,
    offered: Option<&str>,
) -> Result<Option<String>, &'static str> {
    let text =
        |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if !text(UPGRADE).is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        return Err("it upgrades to something else");
    }
    let upgrades = text(CONNECTION).is_some_and(|value| {
        value.split(',').any(|token| token.trim().eq_ignore_ascii_case("upgrade"))
    });
    if !upgrades {
        return Err("it does not upgrade the connection");
    }
    if text(SEC_WEBSOCKET_ACCEPT) != Some(&derive_accept_key(key.as_bytes())) {
        return Err("it does not answer this request");
    }
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Err("it uses an extension that was not offered");
    }
    match text(SEC_WEBSOCKET_PROTOCOL) {
        None => Ok(None),
        chosen if chosen == offered => Ok(chosen.map(str::to_owned)),
        Some(_) => Err("it chooses a subprotocol that was not offered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // This key is the example of RFC 6455.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    #[test]
    fn an_answer_has_to_follow_the_rules() {
        let good = [
            ("upgrade", "WebSocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-accept", ACCEPT),
        ];
        for (change, expected) in [
            (("x-other", "1"), Some(None)),
            (("sec-websocket-protocol", "helmsight.v1"), Some(Some("helmsight.v1"))),
            (("sec-websocket-protocol", "other"), None),
            (("sec-websocket-extensions", "permessage-deflate"), None),
            (("upgrade", "h2c"), None),
            (("connection", "close"), None),
            (("sec-websocket-accept", KEY), None),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in good.into_iter().chain([change]) {
                headers.insert(name, HeaderValue::from_static(value));
            }
            let found = check(&headers, KEY, Some("helmsight.v1")).ok();
            assert_eq!(found, expected.map(|chosen| chosen.map(str::to_owned)), "{change:?}");
        }
    }
}
