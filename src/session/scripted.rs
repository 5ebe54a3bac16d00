//! Runs a service over a real socket for tests. It does what a test says and remembers its requests.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::{Router, response::IntoResponse as _};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_util::{SinkExt as _, StreamExt as _, stream};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use crate::net::{Auth, Client};
use crate::protocol::socket::{SUBPROTOCOL, ServerMessage};
use crate::session::noted::Noted;

/// A request that the server got.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The request as "METHOD /path".
    pub(super) line: String,
    pub(super) query: String,
    /// Number of earlier requests with the same line.
    pub(super) nth: usize,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

pub(super) enum Reply {
    /// A JSON body with this status.
    Json(u16, Value),
    /// An empty answer with this status and one header.
    WithHeader(u16, &'static str, &'static str),
    /// An event stream of this text, which is cut at its end.
    Cut(String),
    /// An event stream of this text, which is cut once the token is cancelled.
    CutWhen(String, CancellationToken),
    /// An event stream of this text, which is held open after it.
    Held(String),
    /// An event stream that is labeled as plain text and held open.
    Plain(String),
    /// The session host's socket, which sends the messages. A received text is seen as a request "WS /path" with the
    /// text as its body.
    Socket(Vec<ServerMessage>),
}

type Script = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

pub(super) struct Server {
    pub(super) base: String,
    pub(super) seen: Noted<Seen>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) async fn start(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let seen = Noted::default();
        let script: Script = Arc::new(script);
        let (sockets, mut upgraded) = mpsc::channel(8);
        let app = Router::new().fallback({
            let seen = seen.clone();
            move |request: Request| answer(request, seen.clone(), script.clone(), sockets.clone())
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let log = seen.clone();
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            while let Some((upgrade, messages, line)) = upgraded.recv().await {
                talks.spawn(talk(upgrade, messages, line, log.clone()));
            }
        });
        Self { base, seen, _tasks: tasks }
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.base.parse().unwrap(), Auth::none()).unwrap()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen.all().into_iter().map(|seen| seen.line).collect()
    }

    pub(super) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|seen| *seen == line).count()
    }

    /// Waits until this many requests with this line came.
    pub(super) async fn is_asked(&self, line: &str, count: usize) {
        let is_it = |seen: &&Seen| seen.line == line;
        self.seen.until(line, |seen| seen.iter().filter(is_it).count() >= count).await;
    }

    /// Returns the bodies of the requests with this line, in order.
    pub(super) fn bodies(&self, line: &str) -> Vec<String> {
        let seen = self.seen.all().into_iter();
        seen.filter(|seen| seen.line == line).map(|seen| seen.body).collect()
    }
}

async fn answer(
    mut request: Request,
    seen: Noted<Seen>,
    script: Script,
    sockets: mpsc::Sender<(OnUpgrade, Vec<ServerMessage>, String)>,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let line = format!("{} {path}", request.method());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let headers = request.headers().clone();
    let upgrade = hyper::upgrade::on(&mut request);
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let mut this = Seen { line, query, nth: 0, headers, body };
    seen.add(|before| {
        this.nth = before.iter().filter(|other| other.line == this.line).count();
        this.clone()
    });
    let events = |label: &str, text: String, more: bool| {
        let start = stream::iter([Ok::<_, std::io::Error>(Bytes::from(text))]);
        let rest = stream::pending().take(if more { 1 } else { 0 });
        let body = Body::from_stream(start.chain(rest));
        Response::builder().header("content-type", label).body(body).unwrap()
    };
    match script(&this) {
        Reply::Json(status, body) => {
            (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
        }
        Reply::WithHeader(status, name, value) => {
            Response::builder().status(status).header(name, value).body(Body::empty()).unwrap()
        }
        Reply::Cut(text) => events("text/event-stream", text, false),
        Reply::CutWhen(text, cut) => {
            let start = stream::iter([Ok::<_, std::io::Error>(Bytes::from(text))]);
            let end = stream::once(async move {
                cut.cancelled_owned().await;
                Ok(Bytes::new())
            });
            let body = Body::from_stream(start.chain(end));
            Response::builder().header("content-type", "text/event-stream").body(body).unwrap()
        }
        Reply::Held(text) => events("text/event-stream", text, true),
        Reply::Plain(text) => events("text/plain", text, true),
        Reply::Socket(messages) => {
            sockets.send((upgrade, messages, format!("WS {path}"))).await.unwrap();
            let key = derive_accept_key(this.headers["sec-websocket-key"].as_bytes());
            Response::builder()
                .status(101)
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-accept", key)
                .header("sec-websocket-protocol", SUBPROTOCOL)
                .body(Body::empty())
                .unwrap()
        }
    }
}

async fn talk(upgrade: OnUpgrade, messages: Vec<ServerMessage>, line: String, seen: Noted<Seen>) {
    let io = TokioIo::new(upgrade.await.unwrap());
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    for message in messages {
        socket.send(Message::text(serde_json::to_string(&message).unwrap())).await.unwrap();
    }
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            let body = text.as_str().to_owned();
            let seen_now = Seen {
                line: line.clone(),
                query: String::new(),
                nth: 0,
                headers: HeaderMap::new(),
                body,
            };
            seen.add(|_| seen_now);
        }
    }
}

/// Starts a server that works, but for the requests that `special` answers.
pub(super) async fn well(
    special: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    Server::start(move |seen| {
        special(seen).unwrap_or_else(|| match seen.line.as_str() {
            "GET /computers/c1" => running(),
            "GET /computers/c1/screencast" => Reply::Held(picture()),
            "GET /computers/c1/events" => Reply::Held(": hello\n\n".to_owned()),
            line if line.starts_with("POST /computers/c1/") => {
                Reply::Json(200, json!({"status": "success"}))
            }
            _ => Reply::Json(404, json!({"error_message": "Not found"})),
        })
    })
    .await
}

fn running() -> Reply {
    Reply::Json(200, json!({"id": "c1", "status": "running", "inactivity_timeout_seconds": 60}))
}

fn picture() -> String {
    let mut jpeg = Vec::new();
    let image = image::RgbImage::from_pixel(8, 8, image::Rgb([200, 30, 30]));
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
    image.write_with_encoder(encoder).unwrap();
    let data = json!({"image_data": BASE64_STANDARD.encode(jpeg), "metadata": {"deviceWidth": 8, "deviceHeight": 8}});
    format!("data: {data}\n\n")
}
