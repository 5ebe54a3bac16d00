//! Tests redirects, credentials, limits and answers over a real socket.

use http::HeaderName;
use http::header::LOCATION;
use secrecy::SecretString;
use serde_json::json;

use super::*;
use crate::net::scripted::{Scripted, Step, reply, stream_head};
use crate::net::{SocketOptions, SseOptions, SseStream, TokenPlace, WebSocket};

fn key_for(server: &Scripted) -> Client {
    let auth = Auth::token(&server.url, SecretString::from("sk_key"), TokenPlace::Bearer)
        .with_header(HeaderName::from_static("x-api-key"), SecretString::from("sk_other"));
    Client::new(server.url.clone(), auth).unwrap()
}

fn moved(status: u16, to: &str) -> Vec<Step> {
    reply(&format!("{status} Moved"), &format!("Location: {to}\r\n"), "")
}

fn private() -> SseOptions {
    let mut headers = HeaderMap::new();
    headers.insert("x-profile", HeaderValue::from_static("sk_profile"));
    SseOptions { last_event_id: Some("9".to_owned()), headers, ..SseOptions::default() }
}

#[tokio::test]
async fn a_server_leads_to_its_own_addresses_and_to_none_around_here() {
    for status in [301, 302, 303, 307, 308] {
        let other = Scripted::always(vec![stream_head(), Step::Hold]).await;
        let first =
            Scripted::start(vec![moved(status, "/next?a=b"), moved(status, other.url.as_str())])
                .await;
        let mut stream = SseStream::open(&key_for(&first), "start", private());
        let why = stream.next().await.unwrap_err();
        assert!(matches!(why, NetError::OutOfReach(_)) && !why.is_retryable(), "{status}: {why}");
        let heads = first.heads();
        assert!(
            heads[1].starts_with("get /next?a=b "),
            "a relative address is followed: {}",
            heads[1]
        );
        for head in &heads {
            assert!(head.contains("last-event-id: 9"), "{head}");
            for secret in
                ["authorization: bearer sk_key", "x-api-key: sk_other", "x-profile: sk_profile"]
            {
                assert!(head.contains(secret), "{secret} in {head}");
            }
        }
        let client = key_for(&first);
        let why = client.json(Method::GET, "x", None).await.unwrap_err();
        assert!(matches!(why, NetError::OutOfReach(_)), "{status}: {why}");
        let why = WebSocket::connect(&client, "x", SocketOptions::default()).await.unwrap_err();
        assert!(matches!(why, NetError::OutOfReach(_)), "{status}: {why}");
        let why = client.pictures("x", HEAD_LIMIT).await.unwrap_err();
        assert!(matches!(why, NetError::OutOfReach(_)), "{status}: {why}");
        // What the server sends in its answers is asked for in the same way.
        for path in [other.url.as_str(), &other.url.as_str().replace("http", "https")] {
            let why = client.bytes(path).await.unwrap_err();
            assert!(matches!(why, NetError::OutOfReach(_)), "{path}: {why}");
        }
        assert!(other.heads().is_empty(), "{:?}", other.heads());
    }
}

#[tokio::test]
async fn five_hops_are_followed_and_no_more() {
    let server = Scripted::always(moved(302, "/again")).await;
    let why = key_for(&server).json(Method::GET, "x", None).await.unwrap_err();
    assert_eq!(why.status(), Some(302));
    assert!(!why.is_retryable());
    assert_eq!(server.heads().len(), 6);

    let mut scripts = vec![moved(308, "/again"); 5];
    scripts.push(reply("200 OK", "", "7"));
    let server = Scripted::start(scripts).await;
    assert_eq!(key_for(&server).json(Method::GET, "x", None).await, Ok(json!(7)));
}

#[tokio::test]
async fn what_is_typed_goes_to_no_other_origin() {
    let other = Scripted::always(reply("200 OK", "", "1")).await;
    let secret = json!({"text": "password"});
    for status in [301, 302, 303, 307, 308] {
        let first = Scripted::always(moved(status, other.url.as_str())).await;
        assert!(key_for(&first).json(Method::POST, "type", Some(&secret)).await.is_err());
    }
    assert!(other.heads().is_empty(), "{:?}", other.heads());
    let own = Scripted::start(vec![moved(303, "/there"), reply("200 OK", "", "1")]).await;
    assert_eq!(key_for(&own).json(Method::POST, "type", Some(&secret)).await, Ok(json!(1)));
    assert!(own.heads()[1].starts_with("get /there "), "303 asks anew");
    assert!(!own.heads()[1].contains("content-"), "{}", own.heads()[1]);
}

#[tokio::test]
async fn a_body_is_sent_again_within_its_origin() {
    let server = Scripted::start(vec![moved(307, "/there"), reply("200 OK", "", "{}")]).await;
    let body = json!({"x": 1});
    assert_eq!(key_for(&server).json(Method::POST, "here", Some(&body)).await, Ok(json!({})));
    let heads = server.heads();
    assert!(
        heads[1].starts_with("post /there ") && heads[1].contains("content-length: 7"),
        "{}",
        heads[1]
    );
}

fn answer(status: u16, location: Option<&str>) -> Answer {
    let mut response = http::Response::builder().status(status);
    if let Some(location) = location {
        response = response.header(LOCATION, location);
    }
    Answer::new(response.body("").unwrap().into())
}

fn get(url: &str) -> Fetch {
    Fetch {
        method: Method::GET,
        url: Url::parse(url).unwrap(),
        headers: HeaderMap::new(),
        private: HeaderMap::new(),
        body: None,
        head_limit: HEAD_LIMIT,
        versions: Versions::Http1Or2,
    }
}

#[test]
fn redirects_lead_to_the_web_and_never_down() {
    for (from, location, to) in [
        ("https://a.test/b/c?d", "e", Ok("https://a.test/b/e")),
        ("https://a.test/b", "//b.test/x#part", Ok("https://b.test/x")),
        ("http://a.test/", "https://a.test/", Ok("https://a.test/")),
        ("http://a.test/", "ws://a.test/x", Ok("http://a.test/x")),
        ("https://a.test/", "wss://b.test/x", Ok("https://b.test/x")),
        ("https://a.test/", "ws://a.test/x", Err(true)),
        ("https://a.test/", "https://user:word@b.test/", Ok("https://b.test/")),
        ("https://a.test/", "http://a.test/", Err(true)),
        ("https://a.test/", "https://evil.test/?copy=sk_key", Err(true)),
        ("https://a.test/", "file:///etc/passwd", Err(false)),
        ("https://a.test/", "javascript:1", Err(false)),
        ("https://a.test/", "https://", Err(false)),
        ("https://a.test/", "", Err(false)),
    ] {
        let own = Url::parse(from).unwrap();
        let auth = Auth::token(&own, SecretString::from("sk_key"), TokenPlace::Bearer);
        let next = super::fetch::next_hop(&auth, &get(from), &answer(302, Some(location)));
        match (next, to) {
            (Ok(Some(next)), Ok(to)) => assert_eq!(next.as_str(), to),
            (Err(NetError::Insecure(_)), Err(true))
            | (Err(NetError::Refused { .. }), Err(false)) => {}
            (next, to) => panic!("{from} to {location}: {next:?} instead of {to:?}"),
        }
    }
    let auth = Auth::none();
    assert!(
        super::fetch::next_hop(&auth, &get("https://a.test/"), &answer(200, Some("/x")))
            .unwrap()
            .is_none()
    );
    assert!(
        super::fetch::next_hop(&auth, &get("https://a.test/"), &answer(304, Some("/x")))
            .unwrap()
            .is_none()
    );
    assert!(super::fetch::next_hop(&auth, &get("https://a.test/"), &answer(302, None)).is_err());
}

#[tokio::test]
async fn a_head_has_a_size_and_a_time() {
    let large = format!("X-Large: {}\r\n", "x".repeat(MAX_HEAD));
    let server = Scripted::always(reply("200 OK", &large, "1")).await;
    let why = key_for(&server).json(Method::GET, "", None).await.unwrap_err();
    assert_eq!(why, NetError::TooLarge { what: "response head" });

    let endless =
        vec![Step::Send(b"HTTP/1.1 200 OK\r\nX-Endless: ".to_vec()), Step::Flood(vec![b'x'; 4096])];
    let server = Scripted::always(endless).await;
    let why = key_for(&server).json(Method::GET, "", None).await.unwrap_err();
    assert_eq!(why, NetError::TooLarge { what: "response head" });

    let many =
        vec![Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Step::Flood(b"X: y\r\n".repeat(512))];
    let server = Scripted::always(many).await;
    let why = key_for(&server).json(Method::GET, "", None).await.unwrap_err();
    assert_eq!(why, NetError::TooLarge { what: "response head" });

    let server = Scripted::always(vec![Step::Hold]).await;
    let client = key_for(&server);
    let hasty = Fetch { head_limit: Duration::from_millis(50), ..get(server.url.as_str()) };
    let why = client.fetch(hasty).await.err().unwrap();
    assert!(matches!(why, NetError::Lost(_)), "{why}");
}

#[tokio::test]
async fn bodies_are_bounded_announced_or_not() {
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    let endless = Scripted::always(vec![Step::Send(head), Step::Flood(vec![b' '; 1 << 16])]).await;
    let why = key_for(&endless).json(Method::GET, "", None).await.unwrap_err();
    assert_eq!(why, NetError::TooLarge { what: "JSON answer" });

    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 33554433\r\n\r\n".to_vec();
    let announced = Scripted::always(vec![Step::Send(head), Step::Hold]).await;
    let why = key_for(&announced).bytes("shot.png").await.unwrap_err();
    assert_eq!(why, NetError::TooLarge { what: "picture" });

    let coded = Scripted::always(reply("200 OK", "Content-Encoding: gzip\r\n", "bomb")).await;
    let why = key_for(&coded).json(Method::GET, "", None).await.unwrap_err();
    assert!(matches!(why, NetError::NotAStream(_)), "{why}");
}

#[tokio::test]
async fn answers_are_json_nothing_or_a_reason() {
    for (status, body, expected) in [
        ("200 OK", r#"{"id":"c1"}"#, Ok(json!({"id": "c1"}))),
        ("200 OK", "", Ok(serde_json::Value::Null)),
        ("204 No Content", "", Ok(serde_json::Value::Null)),
        (
            "404 No",
            r#"{"status":"error","error_message":"Session not found"}"#,
            Err("Session not found (HTTP 404)"),
        ),
        ("409 No", "", Err("The server refuses the request (HTTP 409)")),
        ("502 No", "<html>", Err("The server has a problem of its own (HTTP 502)")),
        ("429 No", r#"{"detail":"Slow down"}"#, Err("Slow down (HTTP 429)")),
    ] {
        let server = Scripted::always(reply(status, "", body)).await;
        let answer =
            key_for(&server).json(Method::GET, "x", None).await.map_err(|why| why.to_string());
        assert_eq!(answer, expected.map_err(str::to_owned), "{status}");
        assert_eq!(server.heads().len(), 1);
    }
    let page = Scripted::always(reply("200 OK", "", "<html>")).await;
    let why = key_for(&page).json(Method::GET, "x", None).await.unwrap_err().to_string();
    assert!(why.starts_with("The answer is not JSON: "), "{why}");
}

#[test]
fn paths_are_taken_below_the_base() {
    let resolve = |base: &str, path: &str| {
        let client = Client::new(Url::parse(base).unwrap(), Auth::none()).unwrap();
        client.resolve(path).map(String::from)
    };
    for (base, path, whole) in [
        ("https://a.test/v1", "computers/x?y=1", "https://a.test/v1/computers/x?y=1"),
        ("https://a.test/v1/", "computers", "https://a.test/v1/computers"),
        ("https://a.test", "/computers", "https://a.test/computers"),
        ("https://a.test/v1", "/computers", "https://a.test/computers"),
        ("https://a.test/v1", "https://b.test/x", "https://b.test/x"),
        ("wss://a.test/ws?t=1#f", "", "https://a.test/ws?t=1"),
        ("https://a.test/", "ws://b.test/x", "http://b.test/x"),
    ] {
        assert_eq!(resolve(base, path).as_deref(), Ok(whole));
    }
    assert!(matches!(resolve("https://a.test", "ftp://b.test"), Err(NetError::Invalid(_))));
    assert!(matches!(resolve("https://a.test", "mailto:x"), Err(NetError::Invalid(_))));
    for base in ["file:///x", "https://user@a.test", "https://:word@a.test"] {
        let client = Client::new(Url::parse(base).unwrap(), Auth::none());
        assert!(matches!(client, Err(NetError::Invalid(_))), "{base}");
    }
    let key = SecretString::from("k");
    let open = Url::parse("http://far.test").unwrap();
    let auth = Auth::token(&open, key, TokenPlace::Bearer);
    assert!(matches!(Client::new(open, auth), Err(NetError::Insecure(_))));
}

#[tokio::test]
async fn tasks_may_own_connections() {
    fn is_send<T: Send>(_: &T) {}
    let client = Client::new(Url::parse("http://far.test").unwrap(), Auth::none()).unwrap();
    is_send(&client.json(Method::GET, "", None));
    is_send(&WebSocket::connect(&client, "", SocketOptions::default()));
    let mut stream = SseStream::open(&client, "", SseOptions::default());
    is_send(&stream.next());
    assert!(!format!("{client:?} {stream:?}").contains("http://"));
}
