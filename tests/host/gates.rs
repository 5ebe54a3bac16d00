//! Who gets in, and how much of the host one stranger can take.

use std::time::{Duration, Instant};

use helmsight::host::HostConfig;
use helmsight::model::EventKind;
use http::Method;
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
    let head = format!("Host: {}\r\nAuthorization: Bearer {}\r\n", stage.addr(), stage.token());
    let mut open = Vec::new();
    for _ in 0..128 {
        let mut stream = TcpStream::connect(stage.addr()).await.unwrap();
        // Answered and kept open: the place is taken for sure.
        stream.write_all(format!("GET /cameras HTTP/1.1\r\n{head}\r\n").as_bytes()).await.unwrap();
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
        let again = format!("GET /cameras HTTP/1.1\r\n{head}Connection: close\r\n\r\n");
        let again = stage.raw(again.as_bytes()).await;
        if status(&again) == "200" {
            break;
        }
        assert!(Instant::now() < deadline, "{again}");
    }
}

/// What strangers can send without a token: half a head, whole calls on an open connection, and a webhook that never
/// ends.
#[tokio::test]
async fn whoever_has_shown_no_token_locks_nobody_out() {
    let stage = Stage::with(HostConfig {
        hook_secret: Some(secrecy::SecretString::from("a secret of the webhooks")),
        ..HostConfig::default()
    })
    .await;
    let session = stage.session().await;
    let mut watched = stage.sse(&format!("{session}/events")).await;
    let addr = stage.addr();
    for request in [
        String::new(),
        "GET /computers HTTP/1.1\r\nHost: ".to_owned(),
        format!("GET /start HTTP/1.1\r\nHost: {addr}\r\n\r\n"),
        format!("GET /computers HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer wrong\r\n\r\n"),
        format!("POST /hooks/webfuse HTTP/1.1\r\nHost: {addr}\r\nContent-Length: 9\r\n\r\n{{"),
    ] {
        let mut strangers = Vec::new();
        for _ in 0..300 {
            let mut stream = TcpStream::connect(&addr).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            strangers.push(stream);
        }
        let asked = Instant::now();
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        let url = stage.host.base_url().join(&session).unwrap();
        let answer = http.get(url).bearer_auth(stage.token()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{request}");
        assert!(asked.elapsed() < Duration::from_secs(2), "{request}: {:?}", asked.elapsed());
    }
    // Whoever was in before is still served.
    stage.drivers.last().emit(EventKind::Console, json!({"text": "still here"}));
    assert_eq!(watched.wait_for("console").await["text"], "still here");
}

#[tokio::test]
async fn a_token_in_the_query_opens_only_what_a_browser_cannot_send_a_header_to() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let (addr, token) = (stage.addr(), stage.token());
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (method, path, headers, expected) in [
        ("GET", "computers", upgrade, "401"),
        ("GET", &session, upgrade, "401"),
        ("GET", &format!("{session}/tabs"), upgrade, "401"),
        ("DELETE", &session, upgrade, "401"),
        ("POST", "computers", upgrade, "401"),
        ("POST", &format!("{session}/control"), upgrade, "401"),
        ("POST", &format!("{session}/events"), "", "401"),
        ("HEAD", &format!("{session}/events"), "", "401"),
        ("GET", "cameras", "", "401"),
        ("GET", "hooks/events", "", "401"),
        ("GET", "nothing", upgrade, "401"),
        ("GET", &format!("{session}/ws"), "", "426"),
        ("GET", &format!("v1/{session}/ws"), upgrade, "101"),
        ("GET", &format!("{session}/control"), upgrade, "101"),
        ("GET", "ws/stream/demo", upgrade, "101"),
        ("GET", "cameras/demo/stream.mjpeg", "", "200"),
        ("GET", &format!("{session}/events"), "", "200"),
        ("GET", &format!("{session}/screencast"), "", "200"),
    ] {
        let mut stream = TcpStream::connect(&addr).await.unwrap();
        let request =
            format!("{method} /{path}?token={token} HTTP/1.1\r\nHost: {addr}\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer[9..], expected.as_bytes(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_what_it_has_a_token_for() {
    let allow = |origin: &str| HostConfig {
        allow_origins: vec![origin.parse().unwrap()],
        headers: vec!["X-From: here".parse().unwrap(), "Cache-Control: no-store".parse().unwrap()],
        ..HostConfig::default()
    };
    let dash = "http://dash.test:3000";
    for (config, origin, allowed, credentials) in [
        (allow(dash), dash, Some(dash), Some("true")),
        (allow(dash), "http://evil.test", None, None),
        (allow("*"), "http://any.test", Some("*"), None),
        (allow("*"), "null", Some("*"), None),
        (HostConfig::default(), dash, None, None),
    ] {
        let stage = Stage::with(config).await;
        let session = stage.session().await;
        let url = stage.host.base_url().join(&format!("{session}/events?token={}", stage.token()));
        let page = |method, url: url::Url| {
            let request = stage.http.request(method, url);
            request.header("origin", origin).header("sec-fetch-site", "cross-site")
        };
        let name = |answer: &reqwest::Response, name: &str| {
            answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let answer = page(Method::GET, url.unwrap()).send().await.unwrap();
        assert_eq!(answer.status() == 200, allowed.is_some(), "{origin}");
        assert_eq!(name(&answer, "access-control-allow-origin").as_deref(), allowed);
        assert_eq!(name(&answer, "access-control-allow-credentials").as_deref(), credentials);
        if allowed.is_some() {
            assert_eq!(name(&answer, "vary").as_deref(), Some("origin"));
            assert_eq!(name(&answer, "x-from").as_deref(), Some("here"));
            assert_eq!(name(&answer, "cache-control").as_deref(), Some("no-store"));
        }
        // A refusal can be read, too, and a browser may ask before it sends a token.
        let url = stage.host.base_url().join(&format!("{session}/click")).unwrap();
        let refused = page(Method::POST, url.clone()).send().await.unwrap();
        assert_eq!(refused.status(), if allowed.is_some() { 401 } else { 403 });
        assert_eq!(name(&refused, "access-control-allow-origin").as_deref(), allowed);
        let asked = page(Method::OPTIONS, url)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
            .send()
            .await
            .unwrap();
        assert_eq!(asked.status(), if allowed.is_some() { 204 } else { 403 });
        let headers = name(&asked, "access-control-allow-headers");
        assert_eq!(headers.as_deref(), allowed.map(|_| "authorization"));
    }
}

#[tokio::test]
async fn localhost_is_both_addresses_where_there_is_ipv6() {
    if tokio::net::TcpListener::bind("[::1]:0").await.is_err() {
        eprintln!("SKIPPED: no IPv6 here");
        return;
    }
    let config = HostConfig { ipv6_too: true, ..HostConfig::default() };
    let stage = Stage::with(config).await;
    let port = stage.host.base_url().port().unwrap();
    for host in ["127.0.0.1", "[::1]"] {
        let url = format!("http://{host}:{port}/computers");
        let answer = stage.http.get(url).bearer_auth(stage.token());
        assert_eq!(answer.send().await.unwrap().status(), 200, "{host}");
    }
    let config = HostConfig {
        listen: format!("127.0.0.1:{port}").parse().unwrap(),
        ..HostConfig::default()
    };
    let taken = helmsight::host::Host::start(config, &tokio::runtime::Handle::current()).await;
    assert!(taken.is_err(), "the port is taken");
}
