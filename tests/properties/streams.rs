//! Event streams and moving pictures over a real connection, where each piece of the body arrives on its own.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use helmsight::net::{Auth, Client, NetError, PartItem, SseItem, SseOptions, SseStream};
use proptest::prelude::*;
use proptest::sample::select;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::cases;
use crate::inputs::{broken, cuts, pieces};

/// The runtime of all tests of this program.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    &RUNTIME
}

/// A server that gives every request the same answer, until it is told another one.
struct Server {
    client: Client,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let answer = Arc::<Mutex<Vec<u8>>>::default();
        let listener = runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let answers = answer.clone();
        drop(runtime().spawn(async move {
            let mut replies = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.lock().unwrap().clone();
                replies.spawn(reply(stream, answer));
            }
        }));
        Self { client: Client::new(base, Auth::none()).unwrap(), answer }
    }

    /// Each piece is a chunk of its own, which no layer puts together with the next one.
    fn says(&self, media: &str, pieces: &[&[u8]]) {
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        .into_bytes();
        for piece in pieces {
            answer.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            answer.extend_from_slice(piece);
            answer.extend_from_slice(b"\r\n");
        }
        answer.extend_from_slice(b"0\r\n\r\n");
        *self.answer.lock().unwrap() = answer;
    }

    fn events(&self, pieces: &[&[u8]]) -> (Vec<SseItem>, NetError) {
        self.says("text/event-stream", pieces);
        runtime().block_on(async {
            let mut stream = SseStream::open(&self.client, "", SseOptions::default());
            let mut events = Vec::new();
            loop {
                match stream.next().await {
                    Ok(event @ (SseItem::Event { .. } | SseItem::Retry(_))) => events.push(event),
                    Ok(_) => {}
                    Err(why) => return (events, why),
                }
            }
        })
    }

    /// Returns the pictures of a stream, to its end.
    fn parts(&self, media: &str, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        self.says(media, pieces);
        runtime().block_on(async {
            let mut stream = self.client.pictures("", Duration::from_secs(5)).await.unwrap();
            let mut parts = Vec::new();
            loop {
                match stream.next().await {
                    Ok(PartItem::Part(part)) => parts.push(part.to_vec()),
                    Ok(PartItem::Heard(_)) => {}
                    Ok(PartItem::Done) | Err(_) => return parts,
                }
            }
        })
    }
}

async fn reply(stream: TcpStream, answer: Vec<u8>) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        line.clear();
    }
    // The client may have had enough.
    drop(stream.write_all(&answer).await);
    drop(stream.shutdown().await);
}

fn good_events() -> Vec<Vec<u8>> {
    [
        "\u{feff}id: 1\nevent: tick\ndata: a\ndata: b\n\n: beat\n\ndata:é\r\n\r\nretry: 500\n\nid\ndata\n\n",
        "data: {\"type\":\"console\",\"text\":\"x\"}\r\rid: \u{1f600}\rdata: y\r\r",
        "event: error\ndata: {\"error_message\":\"no\"}\n\nunknown: field\ndata: z\n\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

const EVENT_MARKS: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b":",
    b"data:",
    b"id:",
    b"event:",
    b"retry:",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\xE2\x80",
    b" ",
];

/// A picture as far as a parser of parts knows one.
fn jpeg() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>().prop_filter("no marker", |byte| *byte != 0xFF), 1..60)
        .prop_map(|body| [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2][..], &body, &[0xFF, 0xD9]].concat())
}

/// One way in which cameras write a stream of pictures.
fn moving_picture(pictures: &[Vec<u8>], with_length: bool, line_end: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for picture in pictures {
        body.extend(format!("--frame{line_end}Content-Type: image/jpeg{line_end}").into_bytes());
        if with_length {
            body.extend(format!("Content-Length: {}{line_end}", picture.len()).into_bytes());
        }
        body.extend_from_slice(line_end.as_bytes());
        body.extend_from_slice(picture);
        body.extend_from_slice(line_end.as_bytes());
    }
    body.extend_from_slice(b"--frame--");
    body.extend_from_slice(line_end.as_bytes());
    body
}

const PART_MARKS: &[&[u8]] = &[
    b"--frame",
    b"--frame--",
    b"--",
    b"\r\n",
    b"\n",
    b"\r\n\r\n",
    b"Content-Length: 5",
    b"Content-Length: 99999999999",
    &[0xFF, 0xD8],
    &[0xFF, 0xD9],
    b"frame",
];

static SERVER: LazyLock<(Server, Mutex<()>)> =
    LazyLock::new(|| (Server::start(), Mutex::default()));

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn events_are_the_same_however_they_are_cut(bytes in broken(good_events(), EVENT_MARKS), cuts in cuts()) {
        let (server, turn) = &*SERVER;
        let _turn = turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        prop_assert_eq!(server.events(&[&bytes]), server.events(&pieces(&bytes, &cuts)));
    }

    #[test]
    fn pictures_come_whole_however_they_are_cut(
        pictures in proptest::collection::vec(jpeg(), 1..5),
        with_length: bool,
        line_end in select(vec!["\r\n", "\n"]),
        media in select(vec!["multipart/x-mixed-replace; boundary=frame", "multipart/x-mixed-replace;boundary=\"--frame\"", "multipart/x-mixed-replace"]),
        cuts in cuts(),
    ) {
        let (server, turn) = &*SERVER;
        let _turn = turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let body = moving_picture(&pictures, with_length, line_end);
        prop_assert_eq!(server.parts(media, &pieces(&body, &cuts)), pictures);
    }

    #[test]
    fn no_stream_of_pictures_is_more_than_lost(
        bytes in broken(vec![moving_picture(&[vec![0xFF, 0xD8, 1, 2, 0xFF, 0xD9], vec![7; 40]], true, "\r\n")], PART_MARKS),
        cuts in cuts(),
    ) {
        let (server, turn) = &*SERVER;
        let _turn = turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let parts = server.parts("multipart/x-mixed-replace; boundary=frame", &pieces(&bytes, &cuts));
        prop_assert!(parts.iter().map(Vec::len).sum::<usize>() <= bytes.len());
    }
}
