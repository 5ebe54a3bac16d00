//! A service over a real socket that does to each request what a test says, byte by byte where that matters, and
//! remembers what it was asked.

use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use url::Url;

use crate::noted::Noted;
use crate::support::PATIENCE;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// "METHOD /path?query".
    pub(crate) line: String,
    /// Request line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
    /// How many requests of this line came before.
    pub(crate) nth: usize,
}

impl Asked {
    /// The body as JSON; `Null` where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find_map(|(key, value)| (key == name).then_some(value))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Say {
    Bytes(Vec<u8>),
    /// Says nothing until the client goes away.
    Hold,
    /// Says nothing until the test lets it go on.
    Wait(Arc<Notify>),
    /// Repeats these bytes until the client goes away.
    Flood(Vec<u8>),
}

impl Say {
    pub(crate) fn text(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

type Script = dyn Fn(&Asked) -> Vec<Say> + Send + Sync;

/// Each connection takes one request, plays the answer and is closed. Dropping the server closes all.
pub(crate) struct Server {
    pub(crate) base: Url,
    pub(crate) asked: Noted<Asked>,
    left: watch::Receiver<usize>,
    _task: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Vec<Say> + Send + Sync + 'static) -> Self {
        // Another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Noted::default();
        let (leaving, left) = watch::channel(0);
        let (script, log): (Arc<Script>, _) = (Arc::new(script), asked.clone());
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(play(stream, script.clone(), log.clone(), leaving.clone()));
            }
        });
        Self { base: base.parse().unwrap(), asked, left, _task: task }
    }

    /// The same answer to everything.
    pub(crate) async fn always(answer: Vec<Say>) -> Self {
        Self::start(move |_| answer.clone()).await
    }

    /// The requests of this line, oldest first.
    pub(crate) fn of(&self, line: &str) -> Vec<Asked> {
        let mut asked = self.asked.all();
        asked.retain(|asked| asked.line == line);
        asked
    }

    /// Waits until this many requests of this line came.
    pub(crate) async fn is_asked(&self, line: &str, count: usize) {
        let is_it = |asked: &&Asked| asked.line == line;
        self.asked.until(line, |asked| asked.iter().filter(is_it).count() >= count).await;
    }

    /// Waits until a client left a connection that was held open for it.
    pub(crate) async fn client_left(&mut self) {
        let left = self.left.wait_for(|left| *left > 0);
        let left = tokio::time::timeout(PATIENCE, left).await;
        left.expect("the client leaves in time").unwrap();
    }
}

/// A whole answer.
pub(crate) fn answer(status: u16, content_type: &str, body: &str) -> Vec<Say> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} As Scripted\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    vec![Say::Bytes((head + body).into_bytes())]
}

pub(crate) fn json(status: u16, body: Value) -> Vec<Say> {
    answer(status, "application/json", &body.to_string())
}

/// An answer that ends with its connection, in these pieces.
pub(crate) fn stream(content_type: &str, pieces: impl IntoIterator<Item = Say>) -> Vec<Say> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n");
    [Say::Bytes(head.into_bytes())].into_iter().chain(pieces).collect()
}

async fn play(
    mut stream: TcpStream,
    script: Arc<Script>,
    log: Noted<Asked>,
    leaving: watch::Sender<usize>,
) {
    stream.set_nodelay(true).unwrap();
    let Some(asked) = read(&mut stream, &log).await else {
        return;
    };
    for say in script(&asked) {
        match say {
            Say::Bytes(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
                // So that pieces arrive as pieces.
                tokio::task::yield_now().await;
            }
            Say::Wait(go_on) => go_on.notified().await,
            Say::Flood(bytes) => while stream.write_all(&bytes).await.is_ok() {},
            Say::Hold => {
                while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
                leaving.send_modify(|left| *left += 1);
            }
        }
    }
}

/// `None`: the client went away.
async fn read(stream: &mut TcpStream, log: &Noted<Asked>) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut words = head.split(' ');
    let line = format!("{} {}", words.next().unwrap(), words.next().unwrap());
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    // A body that nobody reads would turn the end of the connection into a reset.
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    let mut asked = Asked { line, head, body: String::from_utf8(body).unwrap(), nth: 0 };
    log.add(|before| {
        asked.nth = before.iter().filter(|before| before.line == asked.line).count();
        asked.clone()
    });
    Some(asked)
}
