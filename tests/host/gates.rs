//! Who gets in, and how much of the host one stranger can take.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stage::Stage;

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn nothing_is_told_without_the_token() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let base = stage.host.base_url();
    for path in [
        "computers",
        "v1/computers",
        "nothing",
        &session,
        &format!("{session}/events"),
        &format!("{session}/ws"),
    ] {
        for token in [None, Some("wrong"), Some("")] {
            let mut request = stage.http.get(base.join(path).unwrap());
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{path} {token:?}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
            let body: serde_json::Value =
                serde_json::from_str(&response.text().await.unwrap()).unwrap();
            assert_eq!(body["status"], "error");
            assert!(body["error_message"].is_string() && body["timestamp"].is_string());
        }
    }
    let in_query = base.join(&format!("computers?token={}", stage.token())).unwrap();
    assert_eq!(stage.http.get(in_query).send().await.unwrap().status(), 401);
    let start = stage.http.get(base.join("start").unwrap()).send().await.unwrap();
    assert_eq!(start.status(), 200);
    assert!(start.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn web_pages_get_nothing_even_with_the_token() {
    let stage = Stage::new().await;
    let (addr, token) = (stage.addr(), stage.token());
    let port = addr.rsplit(':').next().unwrap();
    for (headers, expected) in [
        (format!("Host: {addr}"), "200"),
        (format!("Host: localhost:{port}"), "200"),
        (format!("Host: {addr}\r\nOrigin: http://{addr}"), "200"),
        // A name that was made to point here.
        (format!("Host: evil.test:{port}"), "403"),
        (format!("Host: 0.0.0.0:{port}"), "403"),
        ("Host: 127.0.0.1".to_owned(), "403"),
        (format!("Host: {addr}\r\nOrigin: http://evil.test"), "403"),
        (format!("Host: {addr}\r\nOrigin: null"), "403"),
        (format!("Host: {addr}\r\nSec-Fetch-Site: cross-site"), "403"),
        ("X-None: 1".to_owned(), "403"),
    ] {
        let request = format!(
            "GET /computers HTTP/1.1\r\n{headers}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        let answer = stage.raw(request.as_bytes()).await;
        assert_eq!(status(&answer), expected, "{headers}\n{answer}");
        assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
    }
    let preflight = format!(
        "OPTIONS /computers HTTP/1.1\r\nHost: {addr}\r\nOrigin: http://evil.test\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(status(&stage.raw(preflight.as_bytes()).await), "403");
}

#[tokio::test]
async fn heads_and_bodies_have_limits() {
    let stage = Stage::new().await;
    let (addr, token) = (stage.addr(), stage.token());
    let head = format!("Host: {addr}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n");
    let long = format!("GET /computers HTTP/1.1\r\n{head}X-Long: {}\r\n\r\n", "x".repeat(40_000));
    assert_eq!(status(&stage.raw(long.as_bytes()).await), "431");
    let many: String = (0..101).map(|n| format!("X-{n}: 1\r\n")).collect();
    assert_eq!(
        status(&stage.raw(format!("GET /computers HTTP/1.1\r\n{head}{many}\r\n").as_bytes()).await),
        "431"
    );

    let large = json!({"text": "x".repeat(1 << 20)}).to_string();
    let session = stage.session().await;
    let response = stage
        .request(http::Method::POST, &format!("{session}/type"))
        .body(large)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
    let fits = json!({"text": "x".repeat((1 << 20) - 100)});
    assert_eq!(stage.post(&format!("{session}/type"), fits).await.0, 200);
}

#[tokio::test]
async fn a_head_that_does_not_come_is_given_up_after_five_seconds() {
    let stage = Stage::new().await;
    let started = Instant::now();
    let answer = stage.raw(b"GET /computers HTTP/1.1\r\nHost: ").await;
    let took = started.elapsed();
    assert!((4..9).contains(&took.as_secs()), "{took:?}");
    assert!(matches!(status(&answer), "" | "408"), "{answer}");
}

#[tokio::test]
async fn one_connection_too_many_is_refused_and_places_come_back() {
    let stage = Stage::new().await;
    let mut open = Vec::new();
    for _ in 0..128 {
        let mut stream = TcpStream::connect(stage.addr()).await.unwrap();
        // Answered and kept open: the place is taken for sure.
        stream
            .write_all(format!("GET /start HTTP/1.1\r\nHost: {}\r\n\r\n", stage.addr()).as_bytes())
            .await
            .unwrap();
        stream.read_exact(&mut [0; 12]).await.unwrap();
        open.push(stream);
    }
    let mut refused = TcpStream::connect(stage.addr()).await.unwrap();
    let mut answer = String::new();
    refused.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), "503");
    drop(open);
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let again = stage
            .raw(
                format!(
                    "GET /start HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                    stage.addr()
                )
                .as_bytes(),
            )
            .await;
        if status(&again) == "200" {
            break;
        }
        assert!(Instant::now() < deadline, "{again}");
    }
}

#[tokio::test]
async fn localhost_is_both_addresses_where_there_is_ipv6() {
    if tokio::net::TcpListener::bind("[::1]:0").await.is_err() {
        eprintln!("SKIPPED: no IPv6 here");
        return;
    }
    let config =
        helmsight::host::HostConfig { ipv6_too: true, ..helmsight::host::HostConfig::default() };
    let stage = Stage::with(config).await;
    let port = stage.host.base_url().port().unwrap();
    for host in ["127.0.0.1", "[::1]"] {
        let url = format!("http://{host}:{port}/computers");
        let answer = stage.http.get(url).bearer_auth(stage.token());
        assert_eq!(answer.send().await.unwrap().status(), 200, "{host}");
    }
    let config = helmsight::host::HostConfig {
        listen: format!("127.0.0.1:{port}").parse().unwrap(),
        ..helmsight::host::HostConfig::default()
    };
    let taken = helmsight::host::Host::start(config, &tokio::runtime::Handle::current()).await;
    assert!(taken.is_err(), "the port is taken");
}
