//! Runs a server for tests, which reads a request head and writes exactly the bytes that it was told to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Says nothing until the client goes away.
    Hold,
    /// Repeats these bytes until the client goes away.
    Flood(Vec<u8>),
}

/// Each connection plays the next script; the last one repeats. Dropping the server closes all connections.
pub(crate) struct Scripted {
    pub(crate) url: Url,
    heads: Arc<Mutex<Vec<String>>>,
    left: watch::Receiver<usize>,
    _server: JoinSet<()>,
}

impl Scripted {
    pub(crate) async fn start(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (leaving, left) = watch::channel(0);
        let mut server = JoinSet::new();
        server.spawn(serve(listener, scripts, Arc::clone(&heads), leaving));
        Self { url, heads, left, _server: server }
    }

    /// One script, for every connection.
    pub(crate) async fn always(steps: Vec<Step>) -> Self {
        Self::start(vec![steps]).await
    }

    /// The request heads so far, in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Waits until a client left a connection that was held open for it.
    pub(crate) async fn client_left(&mut self) {
        let left = self.left.wait_for(|&left| left > 0);
        tokio::time::timeout(Duration::from_secs(5), left)
            .await
            .expect("the client leaves in time")
            .unwrap();
    }
}

const RERUN: &str = "HELMSIGHT_TEST_RERUN";

/// Tells whether [`rerun`] started this process.
pub(crate) fn is_rerun() -> bool {
    std::env::var_os(RERUN).is_some()
}

/// Runs the test of this name again with `variables`, which cannot be set safely in a running process.
pub(crate) async fn rerun(name: &str, variables: &[(&str, &str)]) {
    let child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact"])
        .env(RERUN, "1")
        .envs(variables.iter().copied())
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    let failed = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && told.contains("1 passed"), "{told}\n{failed}");
}

/// A whole answer with a length, after which the connection closes.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    );
    vec![Step::Send(text.into_bytes())]
}

/// The head of an event stream that ends with the connection.
pub(crate) fn stream_head() -> Step {
    Step::Send(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".to_vec(),
    )
}

async fn serve(
    listener: TcpListener,
    scripts: Vec<Vec<Step>>,
    heads: Arc<Mutex<Vec<String>>>,
    leaving: watch::Sender<usize>,
) {
    let mut connections = JoinSet::new();
    for turn in 0.. {
        let Ok((socket, _)) = listener.accept().await else {
            return;
        };
        let script = scripts[turn.min(scripts.len() - 1)].clone();
        connections.spawn(play(socket, script, Arc::clone(&heads), leaving.clone()));
    }
}

async fn play(
    mut socket: TcpStream,
    script: Vec<Step>,
    heads: Arc<Mutex<Vec<String>>>,
    leaving: watch::Sender<usize>,
) {
    socket.set_nodelay(true).unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    // A body that nobody reads would turn the end of the connection into a reset.
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    if let Some(length) = length {
        let mut body = vec![0; length.parse().unwrap()];
        if socket.read_exact(&mut body).await.is_err() {
            return;
        }
    }
    heads.lock().unwrap().push(head);
    for step in script {
        match step {
            Step::Send(bytes) => {
                if socket.write_all(&bytes).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            Step::Flood(bytes) => while socket.write_all(&bytes).await.is_ok() {},
            Step::Hold => {
                while socket.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
                leaving.send_modify(|left| *left += 1);
            }
        }
    }
}
