//! A service whose sessions, as many as are asked for, each send the same picture at a steady pace, each stamped with the time at which it leaves.

use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Builder};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const SESSIONS: &str = "/computers/";
/// How often silent streams say that they live.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// As wide as every stamp that takes its place.
const NO_STAMP: &str = "0000000000.000000";

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cast {
    pub(crate) jpeg: &'static [u8],
    /// `None`: one picture and no more.
    pub(crate) per_second: Option<u32>,
}

/// Serves until the process ends.
pub(crate) struct Service {
    address: SocketAddr,
    first_sent: Arc<OnceLock<Instant>>,
}

impl Service {
    pub(crate) fn start(cast: Cast) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let first_sent = Arc::new(OnceLock::new());
        let sent = Arc::clone(&first_sent);
        let accept = move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sent = Arc::clone(&sent);
                let answer = Builder::new().name("bench-answer".to_owned());
                // A client that goes away ends its answer.
                drop(answer.spawn(move || answer_to(stream, cast, &sent)));
            }
        };
        Builder::new().name("bench-service".to_owned()).spawn(accept)?;
        Ok(Self { address, first_sent })
    }

    pub(crate) fn session_url(&self, id: &str) -> String {
        format!("http://{}{SESSIONS}{id}", self.address)
    }

    /// When the first picture left.
    pub(crate) fn first_sent(&self) -> Option<Instant> {
        self.first_sent.get().copied()
    }
}

fn answer_to(stream: TcpStream, cast: Cast, first_sent: &OnceLock<Instant>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let path = read_head(&mut reader)?;
    let mut stream = reader.into_inner();
    let path = path.split('?').next().unwrap_or_default();
    let (id, below) = match path.strip_prefix(SESSIONS) {
        Some(rest) => match rest.find('/') {
            Some(at) => (&rest[..at], Some(&rest[at..])),
            None => (rest, Some("")),
        },
        None => ("", None),
    };
    let session = json!({ "id": id, "status": "running", "kind": "browser" });
    match below {
        Some("") => send_json(&mut stream, "200 OK", &session),
        Some("/screencast") => send_pictures(&mut stream, cast, first_sent),
        Some("/events") => {
            begin_stream(&mut stream)?;
            stay_silent(&mut stream)
        }
        _ if path == "/computers" => send_json(&mut stream, "200 OK", &json!([])),
        _ => send_json(&mut stream, "404 Not Found", &json!({ "message": "not here" })),
    }
}

/// Reads a request's head and tells its path.
fn read_head(reader: &mut impl BufRead) -> io::Result<String> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > "\r\n".len() {
        line.clear();
    }
    Ok(first.split(' ').nth(1).unwrap_or_default().to_owned())
}

fn send_json(stream: &mut TcpStream, status: &str, body: &Value) -> io::Result<()> {
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn begin_stream(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: here\n\n")
}

fn stay_silent(stream: &mut TcpStream) -> io::Result<()> {
    loop {
        thread::sleep(HEARTBEAT);
        stream.write_all(b": here\n\n")?;
    }
}

fn send_pictures(
    stream: &mut TcpStream,
    cast: Cast,
    first_sent: &OnceLock<Instant>,
) -> io::Result<()> {
    begin_stream(stream)?;
    let picture = STANDARD.encode(cast.jpeg);
    let before = "data: {\"metadata\":{\"timestamp\":";
    let mut event = format!("{before}{NO_STAMP}}},\"image_data\":\"{picture}\"}}\n\n").into_bytes();
    let stamp = before.len()..before.len() + NO_STAMP.len();
    let started = Instant::now();
    let mut number = 0;
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        event[stamp.clone()].copy_from_slice(format!("{:017.6}", now.as_secs_f64()).as_bytes());
        first_sent.get_or_init(Instant::now);
        stream.write_all(&event)?;
        let Some(per_second) = cast.per_second else {
            return stay_silent(stream);
        };
        // A picture whose time is over is left out, as a live source does; nothing is caught up with.
        let period = Duration::from_secs(1) / per_second;
        let passed = (started.elapsed().as_nanos() / period.as_nanos()) as u32;
        number = passed.max(number) + 1;
        thread::sleep((period * number).saturating_sub(started.elapsed()));
    }
}
