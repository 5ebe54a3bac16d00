//! Finds out whether an address that was typed without a scheme is one of http or https.
//!
//! Nothing secret goes out with a try: it has no credential, and asks for nothing but the address itself.

use std::ops::Range;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Position, Url};

use super::error::is_for_https;
use super::tls::{self, Versions};
use crate::base::{Place, TypedAddress};

const TRY_LIMIT: Duration = Duration::from_secs(5);
/// First bytes of what a server says that speaks TLS: its part of the handshake, or an alert.
const TLS_RECORDS: [u8; 2] = [0x16, 0x15];
const HTTP_ANSWER: &[u8] = b"HTTP/1.";
/// Where the status stands in an answer of HTTP/1.0 or 1.1.
const STATUS: Range<usize> = 9..12;
/// Bytes of an answer that tell why it is refused.
const MAX_ANSWER: u64 = 4 << 10;

/// Returns the address with the scheme that its server speaks, where it was typed without one. Where http is the guess
/// it is tried first, and https only where nobody answers in http. Takes up to 10 s where nobody answers at all.
pub async fn settle(address: TypedAddress) -> Url {
    let TypedAddress { url, is_guessed } = address;
    let mut secure = url.clone();
    if !is_guessed || url.scheme() != "http" || secure.set_scheme("https").is_err() {
        return url;
    }
    if speaks_http(&url).await {
        return url;
    }
    match timeout(TRY_LIMIT, speaks_tls(&secure)).await {
        Ok(Some(true)) => secure,
        Ok(_) | Err(_) => url,
    }
}

/// Tells whether a server that gave no secure answer to `url` speaks http there. Many wait for the end of a request, which
/// no secure greeting has. Servers on the internet are not asked: whoever is on the way to them could answer.
pub(super) async fn speaks_http_instead(url: &Url) -> bool {
    if url.scheme() != "https" || Place::of(url) == Some(Place::Internet) {
        return false;
    }
    let mut open = url.clone();
    let port = url.port_or_known_default();
    open.set_path("/");
    open.set_query(None);
    let is_open = open.set_scheme("http").and_then(|()| open.set_port(port)).is_ok();
    is_open && speaks_http(&open).await
}

/// Tells whether the server answers in http, and not to say that it speaks https.
async fn speaks_http(url: &Url) -> bool {
    match timeout(TRY_LIMIT, http_answer(url)).await {
        Ok(Some(answer)) => answer.starts_with(HTTP_ANSWER) && !is_for_https(&answer),
        Ok(None) | Err(_) => false,
    }
}

/// Asks for `url` without following anything, and returns the start of the answer: the first bytes, or as much as tells
/// why where it is status 400. It is `None` where nobody answers.
async fn http_answer(url: &Url) -> Option<Vec<u8>> {
    let mut stream = connected(url).await?;
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let request = format!(
        "GET {target} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    let mut start = stream.take(MAX_ANSWER);
    while start.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {
        if answer.get(STATUS).is_some_and(|status| status != b"400") {
            break;
        }
    }
    (!answer.is_empty()).then_some(answer)
}

async fn connected(url: &Url) -> Option<TcpStream> {
    let host = url.host_str()?.trim_matches(['[', ']']);
    TcpStream::connect((host, url.port_or_known_default()?)).await.ok()
}

/// Tells whether the server answers a secure greeting with one. It is `None` where nobody answers.
async fn speaks_tls(url: &Url) -> Option<bool> {
    let name = ServerName::try_from(url.host_str()?.trim_matches(['[', ']']).to_owned()).ok()?;
    let config = tls::config(Versions::Http1Or2);
    let mut greeting = Vec::new();
    rustls::ClientConnection::new(config.into(), name).ok()?.write_tls(&mut greeting).ok()?;
    let mut stream = connected(url).await?;
    stream.write_all(&greeting).await.ok()?;
    Some(TLS_RECORDS.contains(&stream.read_u8().await.ok()?))
}

#[cfg(test)]
mod tests {
    use http::Method;
    use http::header::HeaderMap;

    use super::*;
    use crate::net::http::Fetch;
    use crate::net::scripted::{Scripted, reply};
    use crate::net::tls::tests::TlsServer;
    use crate::net::{Auth, Client, TokenPlace};

    async fn settled(typed: &str) -> String {
        settle(TypedAddress::read(typed).unwrap()).await.to_string()
    }

    fn place(url: &Url) -> String {
        format!("127.0.0.1:{}/v1", url.port().unwrap())
    }

    #[tokio::test]
    async fn http_is_tried_first_and_then_https() {
        let open = Scripted::always(reply("401 No", "", "{}")).await;
        assert_eq!(settled(&place(&open.url)).await, format!("{}v1", open.url));
        assert_eq!(open.heads().len(), 1);
        assert!(open.heads()[0].starts_with("get /v1 "), "{:?}", open.heads());
        assert!(!open.heads()[0].contains("authorization"), "{:?}", open.heads());
        let secure = TlsServer::start(&["127.0.0.1"]).await;
        assert_eq!(settled(&place(&secure.url)).await, format!("{}v1", secure.url));
    }

    #[tokio::test]
    async fn a_server_that_waits_for_the_end_of_a_request_is_found_out() {
        let open = Scripted::always(reply("200 OK", "", "{}")).await;
        let mut url = open.url.clone();
        url.set_scheme("https").unwrap();
        let auth = Auth::token(&url, "sk_key".into(), TokenPlace::Query("key".to_owned()));
        let client = Client::new(url.clone(), auth).unwrap();
        let request = Fetch {
            method: Method::GET,
            url: url.join("secret?a=b").unwrap(),
            headers: HeaderMap::new(),
            private: HeaderMap::new(),
            body: None,
            head_limit: Duration::from_millis(200),
            versions: Versions::Http1Or2,
        };
        let why = client.fetch(request).await.err().unwrap();
        assert!(why.to_string().starts_with("This is an http address"), "{why}");
        assert_eq!(open.heads().len(), 1);
        assert!(open.heads()[0].starts_with("get / "), "{:?}", open.heads());
        assert!(!open.heads()[0].contains("sk_key"), "{:?}", open.heads());
    }

    #[tokio::test]
    async fn what_is_typed_whole_or_cannot_be_tried_stays() {
        let open = Scripted::always(reply("200 OK", "", "{}")).await;
        let whole = open.url.to_string();
        assert_eq!(settled(&whole).await, whole);
        assert!(open.heads().is_empty());
        assert_eq!(settled("nowhere.invalid").await, "https://nowhere.invalid/");
        assert_eq!(settled("127.0.0.1:1").await, "http://127.0.0.1:1/");
    }
}
