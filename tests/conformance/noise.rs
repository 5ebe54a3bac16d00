//! Noise into every reader of what servers and clients send: it may be refused, and nothing else may happen.
//!
//! Seeds are fixed, so that a failure can be had again; the rounds are few, so that this costs seconds.

use std::time::{Duration, Instant};

use helmsight::model::{EncodedFrame, ImageFormat};
use helmsight::net::{Auth, Client, NetError, SseItem, SseOptions, SseStream};
use helmsight::protocol::computers::{
    CastMessage, Computer, action_result, cast_message, computers_of, event_news, tabs_of,
};
use helmsight::protocol::socket::{ClientMessage, ServerMessage};
use helmsight::video::decode::{Buffers, DecodeOptions, decode};
use helmsight::video::jpeg;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::relay::read_head;
use crate::{memory, turn};

const MOST_GROWTH: usize = 64 << 20;
/// Of one kind of noise, in a debug build.
const BUDGET: Duration = Duration::from_millis(1000);
const ROUNDS: usize = 3000;

/// A small generator: the same noise everywhere.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| self.next().to_le_bytes()[3]).collect()
    }

    /// `good` with a few bytes changed, lost, doubled, or its end cut off.
    fn damage(&mut self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(5) {
                _ if bytes.is_empty() => break,
                0 => bytes[at] = self.next().to_le_bytes()[2],
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\"{}[]:,\\\0\xFF\n\r0"[self.below(13)]),
                3 => bytes.truncate(at),
                _ => {
                    let end = bytes.len().min(at + self.below(64));
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
            }
        }
        bytes
    }
}

/// Feeds damaged forms of `goods`, and plain noise, to `read`.
fn feed(seed: u64, goods: &[Vec<u8>], mut read: impl FnMut(&[u8])) {
    let mut noise = Noise(seed);
    let before = memory::resident();
    let start = Instant::now();
    for round in 0..ROUNDS {
        let bytes = match round % 4 {
            0 => noise.bytes(2048),
            _ => {
                let good = &goods[noise.below(goods.len())];
                noise.damage(good)
            }
        };
        read(&bytes);
        if start.elapsed() > BUDGET {
            break;
        }
    }
    let growth = memory::resident().saturating_sub(before);
    assert!(growth < MOST_GROWTH, "{growth} bytes");
}

fn texts(values: &[Value]) -> Vec<Vec<u8>> {
    values.iter().map(|value| value.to_string().into()).collect()
}

#[tokio::test]
async fn pictures_and_descriptions_of_noise() {
    let _turn = turn().await;
    let image =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8M";
    let page = json!({"url": "https://a.test/", "title": "A"});
    let goods = texts(&[
        json!({"image_data": image, "metadata": {"timestamp": 1.5e9, "deviceWidth": 64}}),
        json!({"params": {"data": image, "metadata": {"timestamp": "2026-05-01T10:00:00Z"}}}),
        json!(image),
        json!({"nalu_data": "AAAA"}),
        json!({"request_id": "r", "status": "success", "page_context": page, "timestamp": 1}),
        json!({"type": "session_state", "state": "terminated", "reason": "it\u{2026}"}),
        json!({"id": "c", "status": "running", "endpoints": {"control": "/ws"}, "created_at": "2026-05-01T10:00:00Z"}),
        json!([{"tab_id": "T", "url": "u", "title": "t", "active": true}]),
        json!({"result": {"tabs": [{"id": "T"}]}}),
    ]);
    feed(1, &goods, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        for kind in ["message", "error", "h264", "cursor_update", &text] {
            if let CastMessage::Picture(frame) = cast_message(kind, &text, Instant::now()) {
                assert!(frame.data.len() <= text.len());
            }
            let news = event_news(kind, &text, &text, Timestamp::UNIX_EPOCH);
            // What the log shows is one short line, whatever came.
            assert!(news.event.text.chars().count() <= 600);
            assert!(!news.event.text.contains(['\n', '\r', '\0']));
        }
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            drop((Computer::read(&value), computers_of(&value), tabs_of(&value)));
            drop(action_result(&value));
        }
    });
}

#[tokio::test]
async fn socket_messages_of_noise() {
    let _turn = turn().await;
    let goods = texts(&[
        json!({"type": "pointer_down", "x": 1.5, "y": 2, "width": 640, "height": 360, "button": "left", "clicks": 1}),
        json!({"type": "key_down", "key": "a", "code": "KeyA", "text": "a", "modifiers": {"ctrl": true}, "repeat": false}),
        json!({"type": "screencast", "on": true, "quality": 80, "max_width": 640}),
        json!({"type": "navigate", "url": "https://a.test/"}),
        json!({"type": "tabs", "tabs": [{"tab_id": "T", "url": "u", "title": "t", "active": true}]}),
        json!({"type": "event", "id": 7, "event": {"type": "console"}}),
    ]);
    feed(2, &goods, |bytes| {
        // What is understood can be said again, and means the same.
        if let Ok(message) = serde_json::from_slice::<ClientMessage>(bytes) {
            let again = serde_json::to_string(&message).unwrap();
            let same = serde_json::from_str::<ClientMessage>(&again);
            assert_eq!(same.ok().as_ref(), Some(&message), "{again}");
        }
        drop(serde_json::from_slice::<ServerMessage>(bytes));
    });
}

#[tokio::test]
async fn jpegs_of_noise() {
    let _turn = turn().await;
    let small = crate::picture(24, 16);
    let goods = [small, crate::picture(65, 33)];
    let mut buffers = Buffers::default();
    feed(3, &goods, |bytes| {
        let guarded = jpeg::check(bytes);
        let frame = EncodedFrame::bare(ImageFormat::Jpeg, bytes.to_vec(), Instant::now());
        let decoded = decode(&frame, DecodeOptions::ALL, &mut buffers);
        if let Ok((image, size)) = decoded {
            assert_eq!(guarded.ok(), Some(size), "what is decoded passed the guard");
            assert_eq!(image.width(), size.width as usize);
        }
    });
}

#[tokio::test]
async fn event_streams_of_noise() {
    const STREAMS: u64 = 60;
    let _turn = turn().await;
    // Another test may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let good = b"retry: 5\r\n\r\n:\r\n\r\nevent: a\nid: 7\ndata: L1\ndata: L2\r\ndata:\xE2\x80\xA6\r\r\nid\ndata\n\n\xEF\xBB\xBFdata: x\n\n";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut noise = Noise(4);
        while let Ok((mut stream, _)) = listener.accept().await {
            read_head(&mut stream).await;
            let head =
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
            stream.write_all(head).await.ok();
            for _ in 0..noise.below(40) {
                let bytes = match noise.below(3) {
                    0 => noise.bytes(4096),
                    _ => noise.damage(good),
                };
                stream.write_all(&bytes).await.ok();
            }
        }
    });
    let client = Client::new(base.parse().unwrap(), Auth::none()).unwrap();
    let before = memory::resident();
    let mut events = 0;
    for _ in 0..STREAMS {
        let mut stream = SseStream::open(&client, "events", SseOptions::default());
        let why = loop {
            match stream.next().await {
                Ok(SseItem::Event { id, .. }) => {
                    assert!(!id.contains(['\n', '\r']));
                    events += 1;
                }
                Ok(_) => (),
                Err(why) => break why,
            }
        };
        assert!(matches!(why, NetError::Lost(_)), "{why:?}");
        let sendable = stream.sendable_id().unwrap_or_default();
        assert!(!sendable.contains(char::is_control), "{sendable:?}");
    }
    assert!(events > 0, "some of it was heard");
    let growth = memory::resident().saturating_sub(before);
    assert!(growth < MOST_GROWTH, "{growth} bytes");
}
