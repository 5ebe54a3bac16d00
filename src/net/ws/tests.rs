//! Tests handshakes, limits and endings against a real WebSocket server, and against one that breaks the rules.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;
use crate::net::TokenPlace;
use crate::net::scripted::{Scripted, reply};

type Peer = WebSocketStream<TcpStream>;

/// Address and Authorization header of each request.
type Requests = Arc<Mutex<Vec<(String, Option<String>)>>>;

struct Server {
    url: Url,
    requests: Requests,
    _tasks: JoinSet<()>,
}

#[expect(clippy::result_large_err, reason = "tungstenite's callback")]
/// Starts a server that accepts the token `key` where `place` says, and runs `talk` on each socket.
async fn server(place: TokenPlace, talk: fn(Peer) -> BoxFuture<'static, ()>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("ws://{}/ws", listener.local_addr().unwrap())).unwrap();
    let requests = Requests::default();
    let (mut tasks, seen) = (JoinSet::new(), Arc::clone(&requests));
    tasks.spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let check =
                |request: &Request, response: Response| check(&seen, &place, request, response);
            if let Ok(peer) = accept_hdr_async(connection, check).await {
                talk(peer).await;
            }
        }
    });
    Server { url, requests, _tasks: tasks }
}

#[expect(clippy::result_large_err, reason = "tungstenite's callback")]
fn check(
    seen: &Requests,
    place: &TokenPlace,
    request: &Request,
    mut response: Response,
) -> Result<Response, ErrorResponse> {
    let authorization =
        request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let uri = request.uri().to_string();
    let fine = match place {
        TokenPlace::Bearer => authorization.as_deref() == Some("Bearer key"),
        TokenPlace::Query(name) => uri.contains(&format!("{name}=key")),
        TokenPlace::Subprotocol => {
            request.headers().get("sec-websocket-protocol").is_some_and(|offered| offered == "key")
        }
        TokenPlace::Header(_) => false,
    };
    seen.lock().unwrap().push((uri, authorization));
    if !fine {
        let mut refusal = ErrorResponse::new(Some(r#"{"error":"Who are you?"}"#.to_owned()));
        *refusal.status_mut() = http::StatusCode::UNAUTHORIZED;
        return Err(refusal);
    }
    if let Some(offered) = request.headers().get("sec-websocket-protocol") {
        response.headers_mut().insert("sec-websocket-protocol", offered.clone());
    }
    Ok(response)
}

fn client(url: &Url) -> Client {
    Client::new(url.clone(), Auth::token(url, SecretString::from("key"), TokenPlace::Bearer))
        .unwrap()
}

fn silent(mut peer: Peer) -> BoxFuture<'static, ()> {
    // The server reads raw bytes, so that not even pings are answered.
    Box::pin(async move {
        while tokio::io::AsyncReadExt::read(peer.get_mut(), &mut [0; 64])
            .await
            .is_ok_and(|read| read > 0)
        {}
    })
}

fn echo(mut peer: Peer) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        while let Some(Ok(message)) = peer.next().await {
            let sent = match message {
                Message::Text(text) if text.as_str() == "bye" => {
                    let reason = "session\nover".into();
                    peer.close(Some(CloseFrame { code: CloseCode::Library(4404), reason })).await
                }
                message @ (Message::Text(_) | Message::Binary(_)) => peer.send(message).await,
                _ => Ok(()),
            };
            if sent.is_err() {
                return;
            }
        }
    })
}

/// Returns the next message and passes over the signs of life.
async fn message(socket: &mut WebSocket) -> Result<SocketItem, NetError> {
    let mut heard = 0;
    loop {
        match socket.next().await? {
            SocketItem::Heard(bytes) => heard += bytes,
            item => {
                assert!(heard > 0, "bytes are heard before what they carry");
                return Ok(item);
            }
        }
    }
}

#[tokio::test]
async fn a_token_goes_as_the_subprotocol_where_that_is_its_place() {
    let server = server(TokenPlace::Subprotocol, echo).await;
    let key = SecretString::from("key");
    let auth = Auth::token(&server.url, key, TokenPlace::Subprotocol);
    let client = Client::new(server.url.clone(), auth).unwrap();
    let socket = WebSocket::connect(&client, "", SocketOptions::default()).await.unwrap();
    // The server echoes the token, but a secret is no name of a subprotocol.
    assert_eq!(socket.subprotocol(), None);
    assert!(!format!("{socket:?}").contains("\"key\""));
    let seen = server.requests.lock().unwrap().clone();
    assert_eq!(seen, [("/ws".to_owned(), None)]);
}

#[tokio::test]
async fn messages_go_both_ways_and_the_end_has_a_reason() {
    let server = server(TokenPlace::Bearer, echo).await;
    let options = SocketOptions { subprotocol: Some("helmsight.v1"), ..SocketOptions::default() };
    let mut socket = WebSocket::connect(&client(&server.url), "", options).await.unwrap();
    assert_eq!(socket.subprotocol(), Some("helmsight.v1"));
    let large = "x".repeat(300_000);
    socket.send(large.clone()).await.unwrap();
    assert_eq!(message(&mut socket).await, Ok(SocketItem::Text(large.into())));
    socket.send("bye".to_owned()).await.unwrap();
    let why = message(&mut socket).await.unwrap_err();
    assert_eq!(
        why,
        NetError::Closed {
            code: 4404,
            message: "The server closed the connection (4404: session↵over)".to_owned()
        }
    );
    assert_eq!(socket.next().await, Err(why.clone()));
    assert_eq!(socket.send("late".to_owned()).await, Err(why));
    assert_eq!(
        *server.requests.lock().unwrap(),
        [("/ws".to_owned(), Some("Bearer key".to_owned()))]
    );
}

#[tokio::test]
async fn a_refused_header_is_followed_by_one_try_with_the_query() {
    let server = server(TokenPlace::Query("token".to_owned()), echo).await;
    let mut socket =
        WebSocket::connect(&client(&server.url), "", SocketOptions::default()).await.unwrap();
    socket.send("hi".to_owned()).await.unwrap();
    assert_eq!(message(&mut socket).await, Ok(SocketItem::Text("hi".into())));
    drop(socket);
    let at_once = SocketOptions { token_in_query: true, ..SocketOptions::default() };
    WebSocket::connect(&client(&server.url), "", at_once).await.unwrap().close().await;
    let requests = server.requests.lock().unwrap();
    let query = ("/ws?token=key".to_owned(), None);
    assert_eq!(
        *requests,
        [("/ws".to_owned(), Some("Bearer key".to_owned())), query.clone(), query]
    );
}

#[tokio::test]
async fn a_key_that_is_wrong_everywhere_is_tried_twice_and_no_more() {
    let server = server(TokenPlace::Query("other".to_owned()), echo).await;
    let why =
        WebSocket::connect(&client(&server.url), "", SocketOptions::default()).await.unwrap_err();
    assert_eq!(why, NetError::Refused { status: 401, message: "Who are you?".to_owned() });
    assert_eq!(server.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_silent_server_is_pinged_and_then_lost() {
    let server = server(TokenPlace::Bearer, silent).await;
    let mut socket =
        WebSocket::connect(&client(&server.url), "", SocketOptions::default()).await.unwrap();
    socket.timing =
        Timing { ping_every: Duration::from_millis(20), dead_after: Duration::from_millis(70) };
    let why = socket.next().await.unwrap_err();
    assert_eq!(why, NetError::Lost("The server has been silent for 1 s".to_owned()));
}

#[tokio::test]
async fn pongs_keep_a_quiet_socket_alive() {
    let server = server(TokenPlace::Bearer, echo).await;
    let mut socket =
        WebSocket::connect(&client(&server.url), "", SocketOptions::default()).await.unwrap();
    let dead_after = Duration::from_millis(300);
    socket.timing = Timing { ping_every: Duration::from_millis(20), dead_after };
    let start = Instant::now();
    while start.elapsed() < dead_after * 2 {
        let item = socket.next().await;
        assert!(matches!(item, Ok(SocketItem::Heard(_))), "only pongs come: {item:?}");
    }
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_socket() {
    fn huge(mut peer: Peer) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            // The server sends only the head of a frame, whose length is enough to refuse it.
            let head = [0x82, 127, 0, 0, 0, 0, 2, 0, 0, 1];
            tokio::io::AsyncWriteExt::write_all(peer.get_mut(), &head).await.unwrap();
            silent(peer).await;
        })
    }
    let server = server(TokenPlace::Bearer, huge).await;
    let mut socket =
        WebSocket::connect(&client(&server.url), "", SocketOptions::default()).await.unwrap();
    assert_eq!(message(&mut socket).await, Err(NetError::TooLarge { what: "message" }));
}

#[tokio::test]
async fn closing_waits_only_so_long() {
    let server = server(TokenPlace::Bearer, silent).await;
    let socket =
        WebSocket::connect(&client(&server.url), "", SocketOptions::default()).await.unwrap();
    let start = Instant::now();
    socket.close().await;
    let took = start.elapsed();
    assert!(took >= CLOSE_LIMIT && took < CLOSE_LIMIT * 2, "{took:?}");
}

#[tokio::test]
async fn answers_that_are_no_upgrade_are_told_apart() {
    for (status, headers, retryable) in [
        ("200 OK", "", false),
        ("404 No", "", false),
        ("410 Gone", "", false),
        ("503 Busy", "", true),
        ("101 Switching", "Upgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n", false),
    ] {
        let server = Scripted::always(reply(status, headers, "")).await;
        let why = WebSocket::connect(&client(&server.url), "", SocketOptions::default())
            .await
            .unwrap_err();
        assert_eq!(why.is_retryable(), retryable, "{status}: {why}");
        assert_eq!(server.heads().len(), 1, "{status}");
    }
}
