//! Stands between the client and a server: notes what is asked, and does the harm that a test orders.

use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use url::Url;

use crate::memory;
use crate::noted::Noted;

const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
const FLOOD_LIMIT: usize = 40 << 20;

/// One request, as its head came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// "METHOD /path", without the query.
    pub(crate) line: String,
    pub(crate) head: String,
}

#[derive(Clone)]
pub(crate) enum Fault {
    /// This answer, head and all, in the server's place.
    Answer(String),
    /// A stream that begins with this before it goes on as the server's.
    Before(Arc<Vec<u8>>),
    /// A stream of this and no more, held open.
    Only(Arc<Vec<u8>>),
    /// A stream of this again and again, until the client has had enough.
    Flood(&'static [u8]),
    /// A WebSocket that is closed at once.
    Close(u16, &'static str),
}

struct Rule {
    method: &'static str,
    suffix: String,
    times: usize,
    fault: Fault,
}

/// What a client took of a flood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flooded {
    pub(crate) bytes: usize,
    /// How much the process grew by meanwhile.
    pub(crate) growth: usize,
}

#[derive(Default)]
struct Shared {
    upstream: String,
    seen: Noted<Seen>,
    rules: Mutex<Vec<Rule>>,
    floods: Noted<Flooded>,
    cuts: watch::Sender<u64>,
}

pub(crate) struct Relay {
    pub(crate) base: Url,
    /// What clients took of the floods that are over.
    pub(crate) floods: Noted<Flooded>,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

impl Relay {
    /// For the server at `target`, with the same path.
    pub(crate) async fn start(target: &Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut base = target.clone();
        base.set_host(Some("127.0.0.1")).unwrap();
        base.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let upstream =
            format!("{}:{}", target.host_str().unwrap(), target.port_or_known_default().unwrap());
        let shared = Arc::new(Shared { upstream, ..Shared::default() });
        let mut tasks = JoinSet::new();
        let state = shared.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(connection(state.clone(), stream));
            }
        });
        Self { base, floods: shared.floods.clone(), shared, _tasks: tasks }
    }

    /// The next `times` requests whose path ends so meet `fault`.
    pub(crate) fn harm(&self, method: &'static str, suffix: &str, times: usize, fault: Fault) {
        self.shared.rules.lock().unwrap().push(Rule {
            method,
            suffix: suffix.to_owned(),
            times,
            fault,
        });
    }

    pub(crate) fn heal(&self) {
        self.shared.rules.lock().unwrap().clear();
    }

    /// Drops every connection that stands.
    pub(crate) fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    pub(crate) fn seen(&self, method: &str, suffix: &str) -> Vec<Seen> {
        let mut seen = self.shared.seen.all();
        seen.retain(|seen| is_meant(&seen.line, method, suffix));
        seen
    }

    /// Waits until this many such requests came.
    pub(crate) async fn is_asked(&self, method: &str, suffix: &str, count: usize) {
        let is_meant = |seen: &&Seen| is_meant(&seen.line, method, suffix);
        let has_come = |seen: &[Seen]| seen.iter().filter(is_meant).count() >= count;
        self.shared.seen.until(suffix, has_come).await;
    }

    pub(crate) fn count(&self, method: &str, suffix: &str) -> usize {
        self.seen(method, suffix).len()
    }
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

fn is_meant(line: &str, method: &str, suffix: &str) -> bool {
    line.strip_prefix(method).is_some_and(|path| path.starts_with(' ') && path.ends_with(suffix))
}

/// The request's head up to its blank line, byte by byte so that nothing of the body is taken.
pub(crate) async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn connection(shared: Arc<Shared>, mut client: TcpStream) {
    let mut cuts = shared.cuts.subscribe();
    let Some(head) = read_head(&mut client).await else {
        return;
    };
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next());
    let path = target.unwrap_or_default().split('?').next();
    let seen = Seen { line: format!("{method} {}", path.unwrap_or_default()), head };
    let fault = shared.take_fault(&seen.line);
    shared.seen.add(|_| seen.clone());
    tokio::select! {
        changed = cuts.changed() => drop(changed),
        // A connection that breaks is what these tests are about.
        ended = serve(&shared, client, &seen, fault) => drop(ended),
    }
}

impl Shared {
    fn take_fault(&self, line: &str) -> Option<Fault> {
        let mut rules = self.rules.lock().unwrap();
        let rule = rules
            .iter_mut()
            .find(|rule| rule.times > 0 && is_meant(line, rule.method, &rule.suffix))?;
        rule.times -= 1;
        Some(rule.fault.clone())
    }
}

async fn serve(
    shared: &Shared,
    mut client: TcpStream,
    seen: &Seen,
    fault: Option<Fault>,
) -> std::io::Result<()> {
    match fault {
        Some(Fault::Answer(answer)) => client.write_all(answer.as_bytes()).await,
        Some(Fault::Only(bytes)) => {
            client.write_all(STREAM_HEAD.as_bytes()).await?;
            client.write_all(&bytes).await?;
            client.read_u8().await.map(drop)
        }
        Some(Fault::Flood(pattern)) => {
            flood(shared, client, pattern).await;
            Ok(())
        }
        Some(Fault::Close(code, reason)) => close(client, seen, code, reason).await,
        Some(Fault::Before(bytes)) => {
            // HTTP/1.0 has no chunks: what is put in between needs no framing.
            let head = forwarded(shared, seen).replacen("HTTP/1.1\r\n", "HTTP/1.0\r\n", 1);
            let mut server = TcpStream::connect(&shared.upstream).await?;
            server.write_all(head.as_bytes()).await?;
            let answer = read_head(&mut server).await.unwrap_or_default();
            client.write_all(answer.as_bytes()).await?;
            client.write_all(&bytes).await?;
            copy(&mut server, &mut client).await.map(drop)
        }
        None => {
            let mut server = TcpStream::connect(&shared.upstream).await?;
            server.write_all(forwarded(shared, seen).as_bytes()).await?;
            copy_bidirectional(&mut client, &mut server).await.map(drop)
        }
    }
}

/// The head under the server's own name, and for one request only unless it asks for a WebSocket.
fn forwarded(shared: &Shared, seen: &Seen) -> String {
    let is_upgrade = seen.header("upgrade").is_some();
    let mut head = String::new();
    for line in seen.head.lines().filter(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default();
        let is_dropped = name.eq_ignore_ascii_case("host")
            || (name.eq_ignore_ascii_case("connection") && !is_upgrade);
        if !is_dropped {
            head += line;
            head += "\r\n";
        }
    }
    head += &format!("Host: {}\r\n", shared.upstream);
    if !is_upgrade {
        head += "Connection: close\r\n";
    }
    head + "\r\n"
}

async fn flood(shared: &Shared, mut client: TcpStream, pattern: &'static [u8]) {
    let chunk = pattern.repeat((64 << 10) / pattern.len());
    let before = memory::resident();
    let mut flooded = Flooded { bytes: 0, growth: 0 };
    let mut wrote = client.write_all(STREAM_HEAD.as_bytes()).await;
    while wrote.is_ok() && flooded.bytes < FLOOD_LIMIT {
        wrote = client.write_all(&chunk).await;
        flooded.bytes += chunk.len();
        let growth = memory::resident().saturating_sub(before);
        flooded.growth = flooded.growth.max(growth);
    }
    shared.floods.add(|_| flooded);
}

async fn close(
    mut client: TcpStream,
    seen: &Seen,
    code: u16,
    reason: &'static str,
) -> std::io::Result<()> {
    let key = seen.header("sec-websocket-key").unwrap_or_default();
    let protocol = seen.header("sec-websocket-protocol").unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    client.write_all(answer.as_bytes()).await?;
    let mut socket = WebSocketStream::from_raw_socket(client, Role::Server, None).await;
    let frame = CloseFrame { code: code.into(), reason: reason.into() };
    // The client may be gone before the goodbye is over.
    drop(socket.close(Some(frame)).await);
    while let Some(Ok(_)) = socket.next().await {}
    Ok(())
}
