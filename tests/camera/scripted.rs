//! A camera that does what a test says, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::support::PATIENCE;

#[derive(Clone, Debug)]
pub(crate) enum Say {
    Text(String),
    /// Over HTTP, the bytes as they are; over a WebSocket, a binary message.
    Bytes(Vec<u8>),
    /// Over a WebSocket, closes it with this code and reason.
    Close(u16, &'static str),
    /// Waits for a message and remembers it.
    Listen,
    /// Says this again and again, so many milliseconds apart.
    Repeat(Vec<u8>, u64),
    /// Says nothing more and keeps the connection.
    Hold,
}

/// Each connection plays the next script, the last one again and again; after its script it is closed.
pub(crate) struct Camera {
    pub(crate) url: String,
    heads: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// How many connections are open.
    open: watch::Receiver<usize>,
    _tasks: JoinSet<()>,
}

impl Camera {
    pub(crate) async fn socket(path: &str, scripts: Vec<Vec<Say>>) -> Self {
        Self::start("ws", path, scripts).await
    }

    pub(crate) async fn http(path: &str, scripts: Vec<Vec<Say>>) -> Self {
        Self::start("http", path, scripts).await
    }

    /// A camera that talks at once, over plain TCP.
    pub(crate) async fn tcp(scripts: Vec<Vec<Say>>) -> Self {
        Self::start("tcp", "", scripts).await
    }

    /// The heads of all requests over HTTP, in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Paths with their queries, and messages that were listened for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until nobody is connected.
    pub(crate) async fn is_left(&self) {
        let mut open = self.open.clone();
        let left = open.wait_for(|open| *open == 0);
        timeout(PATIENCE, left).await.expect("it is left").unwrap();
    }

    async fn start(scheme: &'static str, path: &str, scripts: Vec<Vec<Say>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{}{path}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        let log = asked.clone();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let noted = heads.clone();
        let (open_now, open) = watch::channel(0);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            for turn in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let script = scripts[turn.min(scripts.len() - 1)].clone();
                let (log, noted) = (log.clone(), noted.clone());
                let open_now = open_now.clone();
                connections.spawn(async move {
                    open_now.send_modify(|open| *open += 1);
                    match scheme {
                        "ws" => play_socket(stream, script, log).await,
                        "tcp" => {
                            log.lock().unwrap().push("connected".to_owned());
                            play_bytes(stream, script).await;
                        }
                        _ => play_http(stream, script, log, noted).await,
                    }
                    open_now.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { url, heads, asked, open, _tasks: tasks }
    }
}

#[expect(clippy::result_large_err, reason = "tungstenite's callback")]
async fn play_socket(stream: TcpStream, script: Vec<Say>, asked: Arc<Mutex<Vec<String>>>) {
    let log = asked.clone();
    let note = move |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        log.lock().unwrap().push(request.uri().to_string());
        Ok(response)
    };
    let Ok(mut socket) = accept_hdr_async(stream, note).await else {
        return;
    };
    for say in script {
        let sent = match say {
            Say::Text(text) => socket.send(Message::text(text)).await,
            Say::Bytes(bytes) => socket.send(Message::binary(bytes)).await,
            Say::Close(code, reason) => {
                let frame = CloseFrame { code: code.into(), reason: reason.into() };
                // A client that is gone already needs no farewell.
                socket.close(Some(frame)).await.ok();
                while let Some(Ok(_)) = socket.next().await {}
                return;
            }
            Say::Listen => match socket.next().await {
                Some(Ok(message)) => {
                    asked.lock().unwrap().push(message.to_string());
                    Ok(())
                }
                _ => return,
            },
            Say::Repeat(bytes, period) => {
                while socket.send(Message::binary(bytes.clone())).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(period)).await;
                }
                return;
            }
            Say::Hold => {
                while let Some(Ok(_)) = socket.next().await {}
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
    // A client that is gone already needs no farewell.
    socket.close(None).await.ok();
}

async fn play_http(
    mut stream: TcpStream,
    script: Vec<Say>,
    asked: Arc<Mutex<Vec<String>>>,
    heads: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    heads.lock().unwrap().push(head.to_lowercase());
    asked.lock().unwrap().push(path);
    play_bytes(stream, script).await;
}

async fn play_bytes(mut stream: TcpStream, script: Vec<Say>) {
    for say in script {
        let sent = match say {
            Say::Text(text) => stream.write_all(text.as_bytes()).await,
            Say::Bytes(bytes) => stream.write_all(&bytes).await,
            Say::Repeat(bytes, period) => {
                while stream.write_all(&bytes).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(period)).await;
                }
                return;
            }
            Say::Close(..) | Say::Listen | Say::Hold => {
                while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The head of a multipart answer.
pub(crate) fn parts_head(content_type: &str) -> Say {
    Say::Text(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n"
    ))
}

/// A whole answer.
pub(crate) fn answer(status: &str, content_type: &str, body: &[u8]) -> Vec<Say> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    vec![Say::Text(head), Say::Bytes(body.to_vec())]
}
