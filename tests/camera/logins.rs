//! Cameras that ask for a name and a password, by Basic and by Digest, over HTTP and over a WebSocket.

use std::sync::{Arc, Mutex};

use futures_util::SinkExt as _;
use helmsight::model::Status;
use helmsight::net::{Auth, PasswordLogin};
use helmsight::session::backend::CameraSetup;
use http_auth::digest::DigestClient;
use http_auth::{PasswordParams, parse_challenges};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::picture;
use crate::support::Watched;
use crate::watched::setup;

const NAME: &str = "admin";
const PASSWORD: &str = "p@ss word";
/// What Basic makes of both.
const BASIC: &str = "Basic YWRtaW46cEBzcyB3b3Jk";

/// A camera behind a login. It sends a picture for every request, and holds a WebSocket.
struct Guarded {
    address: String,
    asked: Arc<Mutex<Asked>>,
    _tasks: JoinSet<()>,
}

/// What the camera asks for, and what it was told.
struct Asked {
    /// Challenges, with `NONCE` in the place of a nonce.
    challenges: Vec<&'static str>,
    /// Requests that one nonce is good for.
    uses: usize,
    nonce: usize,
    used: usize,
    /// The `Authorization` of each request; empty where there was none.
    told: Vec<String>,
}

impl Guarded {
    async fn start(challenges: &[&'static str], uses: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let challenges = challenges.to_vec();
        let asked = Asked { challenges, uses, nonce: 0, used: 0, told: Vec::new() };
        let asked = Arc::new(Mutex::new(asked));
        let mut tasks = JoinSet::new();
        let known = asked.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, known.clone()));
            }
        });
        Self { address, asked, _tasks: tasks }
    }

    fn told(&self) -> Vec<String> {
        self.asked.lock().unwrap().told.clone()
    }

    fn watch(&self, scheme: &str, path: &str, password: &str) -> Watched {
        let setup = setup(&format!("{scheme}://{}{path}", self.address));
        let login = PasswordLogin::new(NAME.to_owned(), SecretString::from(password));
        Watched::new(CameraSetup { auth: Auth::login(&setup.address.url, login), ..setup })
    }
}

impl Asked {
    /// Returns the challenges of a refusal; `None` where the request may pass.
    fn judge(&mut self, path: &str, told: &str) -> Option<Vec<String>> {
        self.told.push(told.to_owned());
        let with_nonce =
            |text: &&str, nonce: usize| text.replace("NONCE", &format!("nonce-{nonce}"));
        let nonce = self.nonce;
        let is_known = self
            .challenges
            .iter()
            .any(|challenge| is_answer(&with_nonce(challenge, nonce), path, self.used + 1, told));
        if is_known && self.used < self.uses {
            self.used += 1;
            return None;
        }
        self.nonce += 1;
        self.used = 0;
        let stale = if is_known { ", stale=true" } else { "" };
        let nonce = self.nonce;
        let challenge = |text| format!("{}{stale}", with_nonce(text, nonce));
        Some(self.challenges.iter().map(challenge).collect())
    }
}

/// Tells whether `told` answers this challenge for the so many-th time.
fn is_answer(challenge: &str, path: &str, count: usize, told: &str) -> bool {
    if challenge.starts_with("Basic") {
        return told == BASIC;
    }
    let Some((_, rest)) = told.split_once("cnonce=\"") else { return false };
    let nonce = rest.split('"').next().unwrap();
    let mut client = DigestClient::try_from(&parse_challenges(challenge).unwrap()[0]).unwrap();
    let asked =
        PasswordParams { username: NAME, password: PASSWORD, uri: path, method: "GET", body: None };
    let answers = (0..count).map(|_| client.respond_with_testing_cnonce(&asked, nonce).unwrap());
    answers.last().as_deref() == Some(told)
}

async fn serve(mut stream: TcpStream, asked: Arc<Mutex<Asked>>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let told = field("authorization: ").unwrap_or_default();
        let refusal = asked.lock().unwrap().judge(&path, told);
        if let Some(challenges) = refusal {
            let fields: String =
                challenges.iter().map(|it| format!("WWW-Authenticate: {it}\r\n")).collect();
            let refusal =
                format!("HTTP/1.1 401 Unauthorized\r\n{fields}Content-Length: 4\r\n\r\nWho?");
            if stream.write_all(refusal.as_bytes()).await.is_err() {
                return;
            }
            continue;
        }
        if let Some(key) = field("sec-websocket-key: ") {
            let accept = derive_accept_key(key.as_bytes());
            let upgrade = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            stream.write_all(upgrade.as_bytes()).await.unwrap();
            let mut socket =
                WebSocketStream::from_raw_socket(&mut stream, Role::Server, None).await;
            socket.send(Message::binary(picture(24))).await.unwrap();
            drop(socket);
            while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
            return;
        }
        let body = picture(24);
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(&[answer.as_bytes(), &body].concat()).await.is_err() {
            return;
        }
    }
}

const ANY: usize = usize::MAX;
const BASIC_CHALLENGE: &str = "Basic realm=\"cam\"";
const MD5: &str = "Digest realm=\"cam\", nonce=\"NONCE\", qop=\"auth\", opaque=\"o\"";
const SHA: &str = "Digest realm=\"cam\", nonce=\"NONCE\", qop=\"auth\", algorithm=SHA-256";

#[tokio::test]
async fn the_login_is_the_one_that_the_camera_asks_for() {
    for (challenges, begins) in [
        (&[BASIC_CHALLENGE][..], BASIC),
        (&[MD5], "Digest "),
        (&[SHA], "Digest "),
        (&[BASIC_CHALLENGE, MD5, SHA], "Digest "),
    ] {
        for (scheme, path) in [("http", "/shot.jpg?a=b%20c"), ("ws", "/ws/stream/1")] {
            let camera = Guarded::start(challenges, ANY).await;
            let mut watched = camera.watch(scheme, path, PASSWORD);
            watched.picture(24).await;
            assert_eq!(watched.handle.status(), Status::Connected);
            let told = camera.told();
            assert_eq!(told[0], "", "nothing is sent before the camera asks");
            assert!(told[1].starts_with(begins), "{challenges:?}: {told:?}");
            let is_digest = begins == "Digest ";
            assert!(!is_digest || told.iter().all(|it| !it.starts_with("Basic")), "{told:?}");
            watched.close().await;
        }
    }
}

#[tokio::test]
async fn later_requests_answer_at_once_and_a_stale_nonce_costs_one_refusal() {
    let camera = Guarded::start(&[SHA], 2).await;
    let mut watched = camera.watch("http", "/shot.jpg", PASSWORD);
    watched.until("five pictures", |it| it.handle.stats().frames_received >= 5).await;
    let told = camera.told();
    let counts: Vec<_> = told
        .iter()
        .map(|it| it.split_once("nc=").map_or("", |(_, rest)| &rest[..8]))
        .take(7)
        .collect();
    let [first, second, third] = ["00000001", "00000002", "00000003"];
    assert_eq!(counts, ["", first, second, third, first, second, third], "{told:?}");
    assert_eq!(watched.handle.status(), Status::Connected);
    watched.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_told() {
    for challenges in [&[BASIC_CHALLENGE][..], &[MD5]] {
        let camera = Guarded::start(challenges, ANY).await;
        let mut watched = camera.watch("http", "/shot.jpg", "wrong");
        let why = watched.ended().await;
        assert!(why.contains("name or the password"), "{why}");
        assert!(!why.contains("wrong\"") && !why.contains(PASSWORD), "{why}");
        assert_eq!(camera.told().len(), 2, "{:?}", camera.told());
        watched.close().await;
    }
    let camera = Guarded::start(&["Negotiate"], ANY).await;
    let mut watched = camera.watch("http", "/shot.jpg", PASSWORD);
    let why = watched.ended().await;
    assert!(why.contains("Negotiate"), "{why}");
    assert_eq!(camera.told(), [""]);
    watched.close().await;
}

#[tokio::test]
async fn a_login_in_the_open_needs_a_yes_and_a_private_address() {
    for (url, is_allowed, words) in [
        ("http://192.0.2.7/", false, "allow that for this camera"),
        ("ws://cam.local/", false, "allow that for this camera"),
        ("http://192.0.2.7/", true, "not in a private network"),
        ("http://8.8.8.8/shot.jpg", true, "use https"),
        ("ws://[2606:4700::1111]/ws", true, "use https"),
    ] {
        let setup = setup(url);
        let login = PasswordLogin::new(NAME.to_owned(), SecretString::from(PASSWORD));
        let auth = Auth::login(&setup.address.url, login.in_the_open(is_allowed));
        let mut watched = Watched::new(CameraSetup { auth, ..setup });
        let why = watched.ended().await;
        assert!(why.contains(words), "{url}: {why}");
        watched.close().await;
    }
}
