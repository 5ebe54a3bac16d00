//! A session host that sends the largest messages that the window takes, while nobody looks at the window.

use futures_util::SinkExt as _;
use helmsight::model::Status;
use helmsight::net::{Auth, Client};
use helmsight::session::{ComputersService, OpenOptions, open};
use helmsight::video::DecodePool;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::task::TaskTracker;

use crate::support::Wakes;
use crate::{Count, MIB};

/// The head of a stream.
const STREAM: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn what_waits_for_the_window_is_bounded() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut count = Count::begin().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let (tracker, wakes) = (TaskTracker::new(), Wakes::default());
    let state_told = watch::Sender::new(false);
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut serving = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            serving.spawn(serve(stream, state_told.clone()));
        }
    });
    let decode = DecodePool::new(1).unwrap();
    let client = Client::new(base, Auth::none()).unwrap();
    let backend = ComputersService::new(client).session("c1");
    count.again();
    let options = OpenOptions::default();
    let handle = open(&Handle::current(), &tracker, backend, &decode, wakes.wake(), options);
    // Only the end wakes again, because nobody takes what waits.
    let ended = || match handle.status() {
        Status::Ended { why, .. } => Some(why),
        _ => None,
    };
    let why = wakes.until(ended).await.expect("an end");
    assert!(why.contains("all was told"), "{why}");
    count.expect("what waits for the window", 16 * MIB);
    assert!(handle.drain().len() > 100);
    drop(handle);
    tracker.close();
    tracker.wait().await;
}

async fn serve(stream: TcpStream, state_told: watch::Sender<bool>) {
    let mut stream = BufReader::new(stream);
    let (mut request, mut key) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.is_err() || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("sec-websocket-key")
        {
            key = value.trim().to_owned();
        }
        if request.is_empty() {
            request = line;
        }
    }
    let target = request.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    // The client may be gone; then there is nothing more to do.
    drop(match path {
        "/computers/c1" => describe(&mut stream).await,
        "/computers/c1/events" => events(&mut stream, state_told).await,
        "/computers/c1/screencast" => pictures(&mut stream).await,
        "/computers/c1/ws" => state(stream, &key, state_told).await,
        _ => {
            stream
                .write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .await
        }
    });
}

async fn describe(stream: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    let body =
        json!({"id": "c1", "status": "running", "endpoints": {"control": "/computers/c1/ws"}})
            .to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await
}

/// Sends no picture, and waits until the client is gone.
async fn pictures(stream: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    stream.write_all(STREAM.as_bytes()).await?;
    let mut nothing = String::new();
    stream.read_line(&mut nothing).await.map(drop)
}

/// Tells the state first, and then what the log gets, so that the end comes last.
async fn events(
    stream: &mut BufReader<TcpStream>,
    state_told: watch::Sender<bool>,
) -> std::io::Result<()> {
    stream.write_all(STREAM.as_bytes()).await?;
    drop(state_told.subscribe().wait_for(|told| *told).await);
    let event = json!({"type": "console", "level": "log", "text": "x".repeat(MIB - 1000)});
    let block = format!("data: {event}\n\n");
    for _ in 0..40 {
        stream.write_all(block.as_bytes()).await?;
    }
    let end = json!({"type": "session_state", "state": "terminated", "reason": "all was told"});
    stream.write_all(format!("data: {end}\n\n").as_bytes()).await
}

async fn state(
    mut stream: BufReader<TcpStream>,
    key: &str,
    state_told: watch::Sender<bool>,
) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: helmsight.v1\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    stream.write_all(head.as_bytes()).await?;
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let long = "x".repeat(100 << 10);
    let tabs: Vec<_> = (0..100)
        .map(|n| json!({"tab_id": format!("{n}{}", &long[..30 << 10]), "url": "u", "title": "t", "active": n == 0}))
        .collect();
    let page = json!({"type": "page", "url": long, "title": long, "loading": false, "can_go_back": false, "can_go_forward": false});
    let downloads = (0..120).map(|n| {
        json!({"type": "download", "id": format!("{n}{long}"), "url": "u", "file_name": long, "received": n, "total": null, "state": "in_progress"})
    });
    let state = [json!({"type": "tabs", "tabs": tabs}), page];
    for message in state.into_iter().chain(downloads) {
        if socket.send(Message::text(message.to_string())).await.is_err() {
            return Ok(());
        }
    }
    state_told.send_replace(true);
    use futures_util::StreamExt as _;
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
    Ok(())
}
