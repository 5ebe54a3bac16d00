//! The host with a real browser behind it, as a client of its API sees it.

use std::time::Instant;

use futures_util::StreamExt as _;
use helmsight::host::{Host, HostConfig};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::support::{SOON, Turn, browser, page, turn};

pub(crate) struct ServedHost {
    pub(crate) host: Host,
    /// Ends in a slash.
    pub(crate) base: String,
    pub(crate) token: String,
    http: reqwest::Client,
    _turn: Turn,
}

impl ServedHost {
    /// `None`: there is no browser to test with.
    pub(crate) async fn start() -> Option<Self> {
        browser()?;
        let turn = turn().await;
        drop(rustls::crypto::ring::default_provider().install_default());
        let config = HostConfig {
            no_chromium_sandbox: rustix::process::geteuid().is_root(),
            ..HostConfig::default()
        };
        let host = Host::start(config, &Handle::current()).await.unwrap();
        Some(Self {
            base: host.base_url().to_string(),
            token: host.token().expose_secret().to_owned(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            host,
            _turn: turn,
        })
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (_, answer) = self.ask(path, body).await;
        assert!(answer["error_message"].is_null(), "{path}: {answer}");
        answer
    }

    /// Status and answer, which may be an error.
    pub(crate) async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        let request = self.http.post(url).bearer_auth(&self.token);
        let answer = request.body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap().parse().unwrap())
    }

    /// Creates a session with this page, loaded.
    pub(crate) async fn session(&self, html: &str) -> String {
        let body = json!({"start_url": page(html)});
        let computer = self.post("computers", body).await;
        let session = format!("computers/{}", computer["id"].as_str().unwrap());
        self.title(&session, "ready").await;
        session
    }

    /// The answer's text.
    pub(crate) async fn get(&self, path: &str) -> String {
        let url = format!("{}{path}", self.base);
        let answer = self.http.get(url).bearer_auth(&self.token).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// Everything that `session` has told, until `last` is told.
    pub(crate) async fn history(&self, session: &str, last: &str) -> String {
        self.stream(&format!("{session}/events"), last).await
    }

    /// Everything that the stream at `path` tells, until `last` is told.
    pub(crate) async fn stream(&self, path: &str, last: &str) -> String {
        let url = format!("{}{path}", self.base);
        let request = self.http.get(url).bearer_auth(&self.token).header("Last-Event-ID", "0");
        let mut stream = request.send().await.unwrap().bytes_stream();
        let mut told = Vec::new();
        let reading = async {
            while !String::from_utf8_lossy(&told).contains(last) {
                told.extend_from_slice(&stream.next().await.expect("the stream ended").unwrap());
            }
        };
        let came = tokio::time::timeout(SOON, reading).await;
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(came.is_ok(), "no {last} in {told}");
        told
    }

    pub(crate) async fn title(&self, session: &str, title: &str) {
        let start = Instant::now();
        loop {
            let answer = self.post(&format!("{session}/html"), json!({})).await;
            if answer["page_context"]["title"] == title {
                return;
            }
            assert!(start.elapsed() < SOON, "no {title}: {answer}");
        }
    }
}
