//! A host with scripted drivers, and clients for it.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use helmsight::host::{Host, HostConfig};
use helmsight::protocol::socket::ServerMessage;
use http::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::scripted::Drivers;

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Stage {
    pub(crate) host: Host,
    pub(crate) drivers: Drivers,
    pub(crate) http: reqwest::Client,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(HostConfig::default()).await
    }

    pub(crate) async fn with(config: HostConfig) -> Self {
        // Another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let drivers = Drivers::default();
        let host = Host::start_with(config, drivers.factory(), &Handle::current()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { host, drivers, http }
    }

    pub(crate) fn token(&self) -> &str {
        self.host.token().expose_secret()
    }

    pub(crate) fn addr(&self) -> String {
        format!("127.0.0.1:{}", self.host.base_url().port().unwrap())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, self.host.base_url().join(path).unwrap())
            .bearer_auth(self.token())
    }

    /// Status and JSON of an answer; `Null` for an empty one.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let mut request = self.request(method, path);
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (
            status,
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect(&text) },
        )
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, body).await
    }

    /// Creates a session and tells its path.
    pub(crate) async fn create(&self, body: Value) -> String {
        let (status, computer) = self.post("computers", body).await;
        assert_eq!(status, 200, "{computer}");
        format!("computers/{}", computer["id"].as_str().unwrap())
    }

    pub(crate) async fn session(&self) -> String {
        self.create(json!({})).await
    }

    pub(crate) async fn sse(&self, path: &str) -> Sse {
        self.sse_after(path, None).await
    }

    pub(crate) async fn sse_after(&self, path: &str, last_event_id: Option<&str>) -> Sse {
        let mut request = self.request(Method::GET, path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let stream = response
            .bytes_stream()
            .map(|chunk| chunk.map(|bytes| bytes.to_vec()).unwrap_or_default())
            .boxed();
        let mut sse = Sse { stream, buffer: Vec::new() };
        assert_eq!(sse.block().await.as_deref(), Some("retry: 1000"));
        sse
    }

    pub(crate) async fn socket(&self, path: &str) -> Socket {
        self.socket_with(path, self.token()).await
    }

    pub(crate) async fn socket_with(&self, path: &str, token: &str) -> Socket {
        let request = self.upgrade_request(path, Some(token));
        let (socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "helmsight.v1");
        Socket(socket)
    }

    pub(crate) fn upgrade_request(&self, path: &str, bearer: Option<&str>) -> http::Request<()> {
        let mut request = format!("ws://{}/{path}", self.addr()).into_client_request().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", "other, helmsight.v1".parse().unwrap());
        if let Some(token) = bearer {
            request
                .headers_mut()
                .insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request
    }

    /// Sends raw bytes and tells what comes back until the host closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.addr()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is as good as an end.
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("the host should have closed");
        drop(read);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

pub(crate) struct Sse {
    stream: BoxStream<'static, Vec<u8>>,
    buffer: Vec<u8>,
}

impl Sse {
    /// The next block without its blank line; `None` at the end.
    pub(crate) async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\n\n") {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Some(String::from_utf8(block[..end].to_vec()).unwrap());
            }
            let chunk =
                timeout(PATIENCE, self.stream.next()).await.expect("nothing came on the stream")?;
            self.buffer.extend(chunk);
        }
    }

    /// Id and JSON of the next event.
    pub(crate) async fn event(&mut self) -> Option<(Option<u64>, Value)> {
        loop {
            let block = self.block().await?;
            if block.starts_with(':') {
                continue;
            }
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            assert_eq!(field("event: "), None, "{block}");
            let data = field("data: ").expect(&block);
            return Some((
                field("id: ").map(|id| id.parse().unwrap()),
                serde_json::from_str(data).unwrap(),
            ));
        }
    }

    /// The next event of this type.
    pub(crate) async fn wait_for(&mut self, kind: &str) -> Value {
        loop {
            let (_, event) = self.event().await.expect("the stream ended");
            if event["type"] == kind {
                return event;
            }
        }
    }
}

pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn send(&mut self, message: Value) {
        use futures_util::SinkExt as _;
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Begins a message of so many bytes, of which no more than the head comes.
    pub(crate) async fn begin(&mut self, bytes: u64) {
        // A masked text, whose length has eight bytes.
        let mut head = vec![0x81, 0xff];
        head.extend(bytes.to_be_bytes());
        head.extend([0; 4]);
        let MaybeTlsStream::Plain(stream) = self.0.get_mut() else {
            panic!("the host speaks no TLS");
        };
        stream.write_all(&head).await.unwrap();
    }

    /// The next message; `None` when the host closed.
    pub(crate) async fn next(&mut self) -> Option<ServerMessage> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("nothing came on the socket") {
                Some(Ok(Message::Text(text))) => {
                    return Some(serde_json::from_str(&text).expect(&text));
                }
                Some(Ok(Message::Close(_)) | Err(Error::ConnectionClosed)) | None => return None,
                Some(Ok(_)) => {}
                Some(Err(err)) => panic!("{err}"),
            }
        }
    }

    /// The code with which the host closes, after all that it still tells.
    pub(crate) async fn farewell(&mut self) -> Option<u16> {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("nothing came on the socket");
            if let Message::Close(frame) = next?.ok()? {
                return frame.map(|frame| frame.code.into());
            }
        }
    }

    /// The next message that fits.
    pub(crate) async fn wait_for(
        &mut self,
        fits: impl Fn(&ServerMessage) -> bool,
    ) -> ServerMessage {
        loop {
            let message = self.next().await.expect("the socket ended");
            if fits(&message) {
                return message;
            }
        }
    }
}

static CHANGED: Notify = Notify::const_new();

/// Says that something may have become so for which a test waits.
pub(crate) fn changed() {
    CHANGED.notify_waiters();
}

/// Waits until the condition holds. It is looked at now, and whenever something [`changed`].
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut change = pin!(CHANGED.notified());
        change.as_mut().enable();
        if holds() {
            return;
        }
        assert!(timeout_at(deadline, change).await.is_ok(), "never: {what}");
    }
}
