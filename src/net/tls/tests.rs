//! Tests certificates, good and bad, over real connections of every kind.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use url::Url;

use super::provider;
use crate::net::scripted::{Scripted, is_rerun, reply, rerun};
use crate::net::{
    Auth, Client, NetError, SocketOptions, SseItem, SseOptions, SseStream, WebSocket,
};

/// A certificate for a server, with its key.
struct Identity {
    certificate: Certificate,
    key: KeyPair,
}

impl Identity {
    /// Returns a certificate that is signed by itself, as most tools make it: of an authority, too.
    fn own(names: &[&str], change: impl Fn(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = params(names);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }

    /// Returns a certificate that an authority has signed, and the authority's own.
    fn signed(names: &[&str]) -> (Self, Certificate) {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = params(&[]);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&authority_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&authority, &authority_key);
        let certificate = params(names).signed_by(&key, &issuer).unwrap();
        (Self { certificate, key }, root)
    }
}

fn params(names: &[&str]) -> CertificateParams {
    CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap()
}

/// A server over TLS that answers by the path: `/sse`, `/jpeg`, `/ws`, and JSON for all others.
pub(crate) struct TlsServer {
    pub(crate) url: Url,
    /// The heads of requests so far.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl TlsServer {
    /// Starts a server whose certificate nobody trusts.
    pub(crate) async fn start(names: &[&str]) -> Self {
        Self::with(Identity::own(names, |_| ())).await
    }

    /// Starts a server, and returns it with the text of the file that makes its certificate trusted.
    pub(crate) async fn with_file(names: &[&str]) -> (Self, String) {
        let identity = Identity::own(names, |_| ());
        let file = identity.certificate.pem();
        (Self::with(identity).await, file)
    }

    async fn with(identity: Identity) -> Self {
        let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let mut tasks = JoinSet::new();
        let log = Arc::clone(&heads);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(answer(stream, acceptor.clone(), log.clone()));
            }
        });
        Self { url, heads, _tasks: tasks }
    }
}

async fn answer(stream: TcpStream, acceptor: TlsAcceptor, heads: Arc<Mutex<Vec<String>>>) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    let path = head.split(' ').nth(1).unwrap();
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: "));
    let answer = match (path, key) {
        ("/ws", Some(key)) => format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
            derive_accept_key(key.as_bytes())
        ),
        ("/sse", _) => {
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n".to_owned()
        }
        ("/jpeg", _) => {
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: image/jpeg\r\nContent-Length: 1\r\n\r\nx".to_owned()
        }
        _ => format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n\"{path}\"",
            path.len() + 2
        ),
    };
    if stream.write_all(answer.as_bytes()).await.is_ok() {
        // The connection is held until the client goes away.
        while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
    }
}

/// Asks a server in every way that there is.
async fn ask(url: &Url) -> [Result<(), NetError>; 4] {
    let client = Client::new(url.clone(), Auth::none()).unwrap();
    let json = client.json(Method::GET, "x", None).await;
    let mut stream = SseStream::open(&client, "sse", SseOptions::default());
    let picture = client.pictures("jpeg", Duration::from_secs(5)).await;
    let socket = WebSocket::connect(&client, "ws", SocketOptions::default()).await;
    [
        json.map(|answer| assert_eq!(answer, json!("/x"))),
        stream.next().await.map(|item| assert_eq!(item, SseItem::Open)),
        picture.map(drop),
        socket.map(drop),
    ]
}

/// The environment is read once in a process, so the test runs itself again with the file of certificates.
#[tokio::test]
async fn what_the_user_trusts_is_taken_and_what_is_wrong_is_said() {
    let name = "net::tls::tests::what_the_user_trusts_is_taken_and_what_is_wrong_is_said";
    if is_rerun() {
        let given = std::env::var("HELMSIGHT_TEST_SERVERS").unwrap();
        for line in given.lines() {
            let (url, words) = line.split_once(' ').unwrap();
            for answer in ask(&url.parse().unwrap()).await {
                match (answer, words) {
                    (Ok(()), "") => (),
                    (Err(err), words) if !words.is_empty() => {
                        let err = err.to_string();
                        assert!(err.contains(words), "{err} instead of {words}");
                        assert!(err.contains(';'), "what to do is said: {err}");
                        for inside in ["InvalidCertificate", "Other(", "Issuer", "Context", "{"] {
                            assert!(!err.contains(inside), "{err}");
                        }
                    }
                    (answer, words) => panic!("{url}: {answer:?} instead of “{words}”"),
                }
            }
        }
        return;
    }
    let here = &["127.0.0.1"];
    let (signed, authority) = Identity::signed(here);
    let (stranger, _) = Identity::signed(here);
    let trusted = [
        (Identity::own(here, |_| ()), ""),
        (Identity::own(here, |params| params.is_ca = IsCa::NoCa), ""),
        (
            Identity::own(here, |params| params.not_after = date_time_ymd(2020, 1, 2)),
            "certificate expired on 2020-01-02",
        ),
        (
            Identity::own(here, |params| params.not_before = date_time_ymd(2999, 1, 2)),
            "valid from 2999-01-02",
        ),
        (Identity::own(&["door.test", "10.0.0.5"], |_| ()), "is for door.test and 10.0.0.5"),
        (Identity::own(&[], |_| ()), "names no server"),
    ];
    let pem: String = trusted.iter().map(|(known, _)| known.certificate.pem()).collect();
    let mut all: Vec<_> = trusted.into_iter().collect();
    all.push((signed, ""));
    all.push((stranger, "nobody whom this computer trusts"));
    all.push((Identity::own(here, |_| ()), "has signed its certificate itself"));
    let mut servers = Vec::new();
    let mut given = String::new();
    for (identity, words) in all {
        let server = TlsServer::with(identity).await;
        given.push_str(&format!("{} {words}\n", server.url));
        servers.push(server);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trusted.pem");
    std::fs::write(&file, pem + &authority.pem()).unwrap();
    let file = file.to_str().unwrap();
    rerun(name, &[("SSL_CERT_FILE", file), ("HELMSIGHT_TEST_SERVERS", &given)]).await;
}

#[tokio::test]
async fn an_address_with_the_other_scheme_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Servers of http take no greeting for a request, and say so at once.
            stream.read_u8().await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
        }
    });
    for answer in ask(&url).await {
        let err = answer.unwrap_err();
        assert!(err.to_string().starts_with("This is an http address"), "{err}");
        assert!(!err.is_retryable());
    }
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("https://{}/", silent.local_addr().unwrap()).parse().unwrap();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = silent.accept().await {
            let read = stream.read(&mut [0; 4096]).await.unwrap();
            assert!(read > 0, "a greeting comes");
        }
    });
    for answer in ask(&url).await {
        let err = answer.unwrap_err().to_string();
        assert!(err.contains("begin the address with http://"), "{err}");
    }
    let secure = TlsServer::start(&["127.0.0.1"]).await;
    let mut url = secure.url.clone();
    url.set_scheme("http").unwrap();
    for answer in ask(&url).await {
        let err = answer.unwrap_err().to_string();
        assert!(err.contains("begin the address with https://"), "{err}");
    }
    for words in [
        "<center>The plain HTTP request was sent to HTTPS port</center>",
        "Client sent an HTTP request to an HTTPS server.\n",
    ] {
        let says = Scripted::always(reply("400 Bad Request", "", words)).await;
        for answer in ask(&says.url).await {
            let err = answer.unwrap_err().to_string();
            assert!(err.starts_with("This is an https address"), "{err}");
        }
    }
}
