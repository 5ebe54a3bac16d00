//! Answers that are a no: taken once, obeyed, and never a way for a secret to get out.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use helmsight::model::Status;
use helmsight::net::Client;
use helmsight::session::OpenOptions;
use http::HeaderName;
use secrecy::SecretString;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::relay::{Fault, read_head};
use crate::support::Watched;
use crate::target::Target;

fn answer(status: &str, headers: &str) -> Fault {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
    Fault::Answer(head)
}

pub(super) async fn a_refused_key_is_asked_about_once(target: &Target, id: &str) {
    for part in ["", "/events", "/screencast"] {
        let path = format!("/computers/{id}{part}");
        target.relay.harm("GET", &path, usize::MAX, answer("401 No", ""));
        let before = target.relay.count("GET", &path);
        let mut session = Watched::new(target.client(), id, OpenOptions::default());
        let why = session.ended().await;
        assert!(why.contains("key"), "{why}");
        session.close().await;
        assert_eq!(target.relay.count("GET", &path), before + 1, "{path}");
        target.relay.heal();
    }
}

pub(super) async fn a_stream_that_says_stop_is_not_asked_again(target: &Target, id: &str) {
    let path = format!("/computers/{id}/events");
    target.relay.harm("GET", &path, usize::MAX, answer("204 Done", ""));
    let before = target.relay.count("GET", &path);
    let mut session = Watched::live(target.client(), id).await;
    session.row("no_events").await;
    assert_eq!(session.handle.status(), Status::Connected);
    assert_eq!(target.relay.count("GET", &path), before + 1);
    target.relay.heal();
    session.close().await;
}

pub(super) async fn a_busy_server_is_given_its_time(target: &Target, id: &str) {
    let path = format!("/computers/{id}");
    target.relay.harm("GET", &path, 1, answer("503 Busy", "Retry-After: 1\r\n"));
    let before = target.relay.count("GET", &path);
    let start = Instant::now();
    let mut session = Watched::new(target.client(), id, OpenOptions::default());
    session.reconnecting().await;
    session.connected().await;
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(target.relay.count("GET", &path), before + 2);
    session.close().await;
}

pub(super) async fn no_redirect_leads_to_another_server_around_here(target: &Target, id: &str) {
    const SECOND: &str = "second-secret-0123456789";
    let thief = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = thief.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let taken = heads.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = thief.accept().await {
            let head = read_head(&mut stream).await.unwrap_or_default();
            taken.lock().unwrap().push(head);
            let no = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            drop(stream.write_all(no).await);
        }
    });
    let key = HeaderName::from_static("x-api-key");
    let auth = target.auth(&target.relay.base).with_header(key, SecretString::from(SECOND));
    let client = Client::new(target.relay.base.clone(), auth).unwrap();
    for part in ["", "/events", "/screencast", "/ws"] {
        let path = format!("/computers/{id}{part}");
        for status in ["302 Found", "307 Temporary Redirect"] {
            let location = format!("Location: http://{address}/there\r\n");
            target.relay.harm("GET", &path, usize::MAX, answer(status, &location));
            let asked = target.relay.count("GET", &path);
            let mut session = Watched::new(client.clone(), id, OpenOptions::default());
            // What comes of it is another matter: it may end, or be had without this part.
            let is_settled =
                |session: &Watched| !matches!(session.handle.status(), Status::Connecting { .. });
            session.until("an outcome", is_settled).await;
            session.close().await;
            target.relay.heal();
            let own = target.relay.seen("GET", &path);
            for seen in &own[asked..] {
                assert_eq!(seen.header("x-api-key"), Some(SECOND), "our own gets it");
            }
        }
    }
    let heads = heads.lock().unwrap();
    assert!(heads.is_empty(), "{heads:?}");
}
