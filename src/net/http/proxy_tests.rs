//! Tests proxies over real sockets. The environment names them, so each test runs itself again.

use std::sync::{Arc, Mutex};

use futures_util::SinkExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::net::scripted::{Scripted, is_rerun, reply, rerun};
use crate::net::tls::tests::TlsServer;
use crate::net::ws::SocketItem;
use crate::net::{SocketOptions, SseOptions, SseStream, TokenPlace, WebSocket};

/// A proxy that connects whoever asks for a tunnel to one server, wherever they want to go.
struct Tunnels {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Tunnels {
    async fn to(server: String, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        let log = heads.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, log) = (server.clone(), log.clone());
                connections.spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = client.read_u8().await else { return };
                        head.push(byte);
                    }
                    log.lock().unwrap().push(String::from_utf8(head).unwrap());
                    client.write_all(answer.as_bytes()).await.unwrap();
                    if answer.contains(" 200 ") {
                        let mut server = TcpStream::connect(server).await.unwrap();
                        copy_bidirectional(&mut client, &mut server).await.ok();
                    }
                });
            }
        });
        Self { address, heads, _tasks: tasks }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn far(url: &str) -> Client {
    Client::new(Url::parse(url).unwrap(), Auth::none()).unwrap()
}

#[tokio::test]
async fn others_are_reached_through_the_proxy_and_this_computer_is_not() {
    if is_rerun() {
        let server = Scripted::always(reply("200 OK", "", "\"direct\"")).await;
        let near = far(server.url.as_str());
        assert_eq!(near.json(Method::GET, "", None).await, Ok("direct".into()));
        assert_eq!(far("http://far.test").json(Method::GET, "x", None).await, Ok("proxy".into()));
        return;
    }
    let proxy = Scripted::always(reply("200 OK", "", "\"proxy\"")).await;
    let name =
        "net::http::proxy_tests::others_are_reached_through_the_proxy_and_this_computer_is_not";
    rerun(name, &[("http_proxy", proxy.url.as_str())]).await;
    assert!(proxy.heads()[0].starts_with("get http://far.test/x "), "{:?}", proxy.heads());
    assert_eq!(proxy.heads().len(), 1);
}

#[tokio::test]
async fn an_open_websocket_goes_through_a_tunnel() {
    if is_rerun() {
        for url in ["ws://far.test/ws?x=1", "ws://far.test:81/ws?x=1"] {
            let client = far(url);
            let mut socket =
                WebSocket::connect(&client, "", SocketOptions::default()).await.unwrap();
            loop {
                match socket.next().await.unwrap() {
                    SocketItem::Heard(_) => (),
                    SocketItem::Text(text) => break assert_eq!(text.as_str(), "hello"),
                    SocketItem::Binary(_) => panic!("no text"),
                }
            }
        }
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut sockets = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            socket.send(Message::text("hello")).await.unwrap();
            sockets.push(socket);
        }
    });
    let proxy = Tunnels::to(server, "HTTP/1.1 200 Connected\r\n\r\n").await;
    let name = "net::http::proxy_tests::an_open_websocket_goes_through_a_tunnel";
    let variable = format!("http://me:word@{}", proxy.address);
    rerun(name, &[("HTTP_PROXY", &variable)]).await;
    let heads = proxy.heads();
    assert!(heads[0].starts_with("CONNECT far.test:80 "), "{heads:?}");
    assert!(heads[1].starts_with("CONNECT far.test:81 "), "{heads:?}");
    assert!(heads[0].contains("Proxy-Authorization: Basic bWU6d29yZA=="), "{heads:?}");
}

/// Returns what is told of a server behind a proxy that is of no use, whatever is asked for.
async fn told(scheme: &str) -> Vec<String> {
    let client = far(&format!("{scheme}://far.test/"));
    let json = client.json(Method::GET, "", None).await.unwrap_err();
    let stream = SseStream::open(&client, "", SseOptions::default()).next().await.unwrap_err();
    let socket = WebSocket::connect(&client, "", SocketOptions::default()).await.unwrap_err();
    [json, stream, socket].map(|err| err.to_string()).into()
}

#[tokio::test]
async fn a_proxy_of_no_use_is_named() {
    let name = "net::http::proxy_tests::a_proxy_of_no_use_is_named";
    if is_rerun() {
        let words = std::env::var("HELMSIGHT_TEST_WORDS").unwrap();
        for text in [told("http").await, told("https").await].concat() {
            assert!(words.split('|').all(|word| text.contains(word)), "{text} without {words}");
            assert!(!text.contains("hunter2"), "{text}");
        }
        return;
    }
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().to_string()
    };
    for (proxy, words) in [
        ("socks://127.0.0.1:1080", "socks://127.0.0.1:1080|ALL_PROXY|socks5://host:port"),
        ("http://me:hunter2@a b", "ALL_PROXY"),
        (&format!("http://me:hunter2@{nobody}"), &format!("far.test|the proxy {nobody}|refused")),
        (&format!("socks5://{nobody}"), &format!("far.test|the proxy {nobody}")),
    ] {
        rerun(name, &[("ALL_PROXY", proxy), ("HELMSIGHT_TEST_WORDS", words)]).await;
    }
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told() {
    let name = "net::http::proxy_tests::what_a_proxy_refuses_is_told";
    if is_rerun() {
        let words = std::env::var("HELMSIGHT_TEST_WORDS").unwrap();
        let client = far("https://far.test/");
        let json = client.json(Method::GET, "", None).await.unwrap_err().to_string();
        let open = far("ws://far.test/");
        let socket = WebSocket::connect(&open, "", SocketOptions::default()).await;
        for text in [json, socket.unwrap_err().to_string()] {
            assert!(text.contains("through the proxy") && text.contains(&words), "{text}");
        }
        return;
    }
    for (answer, words) in [
        ("HTTP/1.1 407 Login\r\n\r\n", "wants a name and a password"),
        ("HTTP/1.1 403 No\r\n\r\n", "does not connect to there"),
    ] {
        let proxy = Tunnels::to(String::new(), answer).await;
        let url = format!("http://{}", proxy.address);
        rerun(name, &[("ALL_PROXY", &url), ("HELMSIGHT_TEST_WORDS", words)]).await;
    }
}

#[tokio::test]
async fn a_public_server_is_asked_securely_and_without_a_credential() {
    let name = "net::http::proxy_tests::a_public_server_is_asked_securely_and_without_a_credential";
    if is_rerun() {
        let first = Scripted::always(reply(
            "302 Moved",
            "Location: https://user:word@far.test/there\r\n",
            "",
        ))
        .await;
        let auth = Auth::token(&first.url, "sk_key".into(), TokenPlace::Bearer);
        let client = Client::new(first.url.clone(), auth).unwrap();
        assert_eq!(client.json(Method::GET, "here", None).await, Ok("/there".into()));
        assert_eq!(client.json(Method::GET, "https://far.test/x", None).await, Ok("/x".into()));
        return;
    }
    let (server, trusted) = TlsServer::with_file(&["far.test"]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trusted.pem");
    std::fs::write(&file, trusted).unwrap();
    let authority = server.url.authority().to_owned();
    let proxy = Tunnels::to(authority, "HTTP/1.1 200 Connected\r\n\r\n").await;
    let url = format!("http://{}", proxy.address);
    rerun(name, &[("HTTPS_PROXY", &url), ("SSL_CERT_FILE", file.to_str().unwrap())]).await;
    assert!(proxy.heads()[0].starts_with("CONNECT far.test:443 "), "{:?}", proxy.heads());
    let heads = server.heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 2);
    for head in heads {
        let head = head.to_lowercase();
        assert!(!head.contains("sk_key") && !head.contains("authorization"), "{head}");
        assert!(!head.contains("referer"), "{head}");
    }
}
