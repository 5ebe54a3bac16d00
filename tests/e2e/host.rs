//! `helmsight host` as a process of its own, and what other programs ask it for.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use http::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

use crate::browsers::browsers_of;
use crate::stage::{SOON, Stage};
use crate::window::{sandbox_arguments, signal};

pub(crate) const TOKEN: &str = "a-token-of-the-tests";

pub(crate) struct Host<'a> {
    stage: &'a Stage,
    pub(crate) base_url: String,
    child: Child,
    http: reqwest::Client,
    _out: Lines<BufReader<ChildStdout>>,
}

impl<'a> Host<'a> {
    /// Listens at `address`, `127.0.0.1:0` for any.
    pub(crate) async fn start(stage: &'a Stage, address: &str) -> Self {
        // Another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut child = stage
            .program("h")
            .args(["host", "--listen", address])
            .args(sandbox_arguments())
            .env("HELMSIGHT_HOST_TOKEN", TOKEN)
            .stdout(Stdio::piped())
            .stderr(File::create(stage.path("host.log")).unwrap())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(SOON, out.next_line())
            .await
            .expect("the host starts")
            .unwrap()
            .expect("the host tells its address");
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["token"], TOKEN);
        Self {
            stage,
            base_url: ready["base_url"].as_str().unwrap().to_owned(),
            child,
            // The host closes what was idle for a few seconds, and a request could cross that.
            http: reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap(),
            _out: out,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let address = self.base_url.strip_prefix("http://").unwrap();
        address.trim_end_matches('/').parse().unwrap()
    }

    /// Creates a session on a page, and tells its id.
    pub(crate) async fn create(&self, page: &str) -> String {
        let created = self.post("computers", json!({"start_url": page})).await;
        created["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn navigate(&self, session: &str, url: &str) {
        let path = format!("computers/{session}/navigate");
        self.post(&path, json!({"url": url})).await;
    }

    pub(crate) fn session_url(&self, session: &str) -> String {
        format!("{}/computers/{session}", self.base_url)
    }

    pub(crate) fn camera_url(&self, camera: &str) -> String {
        format!("ws://{}/ws/stream/{camera}", self.address())
    }

    pub(crate) fn browsers(&self) -> Vec<String> {
        browsers_of(&self.stage.temporary("h"))
    }

    /// Sends a signal and waits for the end.
    pub(crate) async fn end(mut self, which: Signal) -> ExitStatus {
        signal(&self.child, which);
        timeout(SOON, self.child.wait()).await.expect("the host ends").unwrap()
    }

    pub(crate) async fn kill(mut self) {
        signal(&self.child, Signal::KILL);
        timeout(SOON, self.child.wait()).await.unwrap().unwrap();
    }

    /// How many event streams are followed.
    pub(crate) async fn followers(&self, session: &str) -> u64 {
        let path = format!("computers/{session}/subscribers");
        let told = self.call(Method::GET, &path, None).await;
        told["active"].as_u64().unwrap()
    }

    /// Who is in a session and who drives it.
    pub(crate) async fn people(&self, session: &str) -> Value {
        let path = format!("computers/{session}/participants");
        self.call(Method::GET, &path, None).await
    }

    /// What is asked of a session by a program, and how it is answered: by the status, too.
    pub(crate) async fn act(&self, session: &str, action: &str, body: Value) -> (u16, Value) {
        let path = format!("computers/{session}/{action}");
        let (status, text) = self.send(Method::POST, &path, Some(body)).await;
        (status.as_u16(), serde_json::from_str(&text).expect(&text))
    }

    /// The first event of this type in the session's history, or the next one.
    pub(crate) async fn event(&self, session: &str, kind: &str) -> Value {
        let url = format!("{}/computers/{session}/events?lastEventId=0", self.base_url);
        let request = self.http.get(url).bearer_auth(TOKEN);
        let look = async {
            let mut response = request.send().await.unwrap();
            let mut seen = String::new();
            while let Some(chunk) = response.chunk().await.unwrap() {
                seen.push_str(std::str::from_utf8(&chunk).unwrap());
                // The last line may be half here.
                let whole = seen.rsplit_once('\n').map_or("", |(whole, _)| whole);
                let data = whole.lines().filter_map(|line| line.strip_prefix("data: "));
                let mut events = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
                if let Some(event) = events.find(|event| event["type"] == kind) {
                    return event;
                }
            }
            panic!("the stream ended without {kind}: {seen}")
        };
        timeout(SOON, look).await.expect("such an event")
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, text) = self.send(method, path, body).await;
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).expect(&text)
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, String) {
        let url = format!("{}/{path}", self.base_url);
        let mut request = self.http.request(method, url).bearer_auth(TOKEN);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let response = timeout(SOON, request.send()).await.unwrap().unwrap();
        (response.status(), response.text().await.unwrap())
    }
}
