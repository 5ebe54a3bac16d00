//! Tests what the stream makes of bytes: the vectors of the standard's tests and of real servers, cut everywhere, go
//! through the real parser.

use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use bytes::Bytes;
use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};
use futures_util::{StreamExt as _, stream};
use http::{Request, Response};
use launchdarkly_sdk_transport::{ByteStream, HttpTransport, ResponseFuture};

use super::transport::{CleanBody, Tap};

/// Type, data and id of an event.
type ExpectedEvent = (&'static str, &'static str, &'static str);

pub(super) struct Vector {
    pub(super) bytes: &'static [u8],
    events: &'static [ExpectedEvent],
    retry: Option<u64>,
    sendable_id: Option<&'static str>,
}

const fn vector(bytes: &'static [u8], events: &'static [ExpectedEvent]) -> Vector {
    Vector { bytes, events, retry: None, sendable_id: None }
}

impl Vector {
    const fn retry(self, millis: u64) -> Self {
        Self { retry: Some(millis), ..self }
    }

    const fn id(self, id: &'static str) -> Self {
        Self { sendable_id: Some(id), ..self }
    }
}

/// A comment of 2048 bytes between lines that end in every way.
const LONG_COMMENT: [u8; 2101] = {
    let (before, after) =
        (b"data:1\r:\0\n:\r\ndata:2\n:", b"\rdata:3\n:data:fail\r:xxx\ndata:4\n\n");
    let mut bytes = [b'x'; 2101];
    bytes.split_at_mut(before.len()).0.copy_from_slice(before);
    bytes.split_at_mut(2101 - after.len()).1.copy_from_slice(after);
    bytes
};

pub(super) const VECTORS: &[Vector] = &[
    vector(b"data:\n\ndata\ndata\n\ndata:test\n\n", &[("message", "", ""), ("message", "\n", ""), ("message", "test", "")]),
    vector(b"\xEF\xBB\xBFdata:1\n\n\xEF\xBB\xBFdata:2\n\ndata:3\n\n", &[("message", "1", ""), ("message", "3", "")]),
    vector(b"\xEF\xBB\xBF\xEF\xBB\xBFdata:1\n\ndata:2\n\n", &[("message", "2", "")]),
    vector(b"\xEF\xBBdata:1\n\ndata:2\n\n", &[("message", "2", "")]),
    vector(&LONG_COMMENT, &[("message", "1\n2\n3\n4", "")]),
    vector(b"retry:1000\ndata:test1\n\nid:test\ndata:test2\n", &[("message", "test1", "")]).retry(1000),
    vector(b"event: \ndata:data\n\n", &[("message", "data", "")]),
    vector(b"data:\0\n\n", &[("message", "\0", "")]),
    vector(
        b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\ndata: d\n\n",
        &[("message", "a", "1"), ("message", "b", "1"), ("message", "c", ""), ("message", "d", "")],
    ),
    vector(b"id: 7\ndata: a\n\nid: a\0b\ndata: hi\n\n", &[("message", "a", "7"), ("message", "hi", "7")]).id("7"),
    vector("id: …\ndata: x\n\n".as_bytes(), &[("message", "x", "…")]).id("…"),
    vector(b"retry:2000\nretry:1000x\ndata:x\n\n", &[("message", "x", "")]).retry(2000),
    // The server faye-websocket sends this.
    vector(
        b"retry: 5000\r\n\r\n:\r\n\r\ndata: L1\ndata: L2\r\ndata: L3\rdata: L4\r\n\r\n",
        &[("message", "L1\nL2\nL3\nL4", "")],
    )
    .retry(5000),
    vector(
        b"retry: 5000\r\n\r\n:\r\n\r\nevent: tick\r\nid: 42\r\ndata: hello\r\n\r\ndata: \r\n\r\n",
        &[("tick", "hello", "42"), ("message", "", "42")],
    )
    .retry(5000)
    .id("42"),
    // The server event-flare sends this.
    vector(b"id:0\nevent:e\ndata:x\nretry:1000\n\n:\n\n", &[("e", "x", "0")]).retry(1000).id("0"),
    vector(
        b"id:7\nevent:price\ndata:{\"s\":\"AAPL\"}\nretry:1000\n\n:\n\nid:7\ndata:two\nlines\nretry:1000\n\n",
        &[("price", "{\"s\":\"AAPL\"}", "7"), ("message", "two", "7")],
    )
    .retry(1000)
    .id("7"),
    // Blocks without data commit the id and reset the type; at the end they send nothing.
    vector(b"event: a\nid: 1\n\ndata: x\n\nid: 2\n\n", &[("message", "x", "1")]).id("2"),
    vector(b"id: 1\n\nid\n\n", &[]),
    vector(b"foo: x\n\nevent: y\n\nretry: z\n\n\n\ndata: x\n\n", &[("message", "x", "")]),
    vector(b"data: x\n\nretry: 3000\n\n", &[("message", "x", "")]).retry(3000),
    vector(b"retry\nretry:\nretry: +5\nretry:  5\nretry: 99999999999999999999999\n", &[]).retry(u64::MAX),
    // Names are case-sensitive and whole; a comment is no field.
    vector(
        b"Data: a\nDATA: b\ndata : c\n data: d\ndatab: e\ndat: f\ncomment: g\n:data: h\ndata:i\n\n",
        &[("message", "i", "")],
    ),
    // Exactly one space is stripped.
    vector(b"event:  e\ndata:  x \nid:  1\n\n", &[(" e", " x ", " 1")]).id(" 1"),
    vector(b"data:\tx\n\n", &[("message", "\tx", "")]),
    vector(b"event: a\nevent: b\ndata: x\nevent: c\n\n", &[("c", "x", "")]),
    vector(b"event: a\nevent\ndata: x\n\n", &[("message", "x", "")]),
    // Bytes that are not UTF-8 are replaced, wherever they stand.
    vector(b"data: a\xFFb\xE2\x80\n\n", &[("message", "a\u{FFFD}b\u{FFFD}", "")]),
    vector(b"data: \xE2\x80\xE2\x80\xA6\xF0\x80\n\n", &[("message", "\u{FFFD}…\u{FFFD}\u{FFFD}", "")]),
    vector("data: é…😀\n\n".as_bytes(), &[("message", "é…😀", "")]),
    vector(b"event: \xFF\nid: \xFF\ndata: x\n\xFF: y\n\n", &[("\u{FFFD}", "x", "\u{FFFD}")]).id("\u{FFFD}"),
    // Lone CRs and all line ends mixed are accepted.
    vector(b"data: a\r\rdata: b\r\n\rdata: c\n\r\n", &[("message", "a", ""), ("message", "b", ""), ("message", "c", "")]),
    vector(b"\n\r\r\n\n:\n\n", &[]),
    // An id that cannot be sent is shown, and the last good one is sent.
    vector(b"id: 1\ndata: a\n\nid: \x07\ndata: b\n\n", &[("message", "a", "1"), ("message", "b", "\x07")]).id("1"),
    // The end of the stream discards a block that was not dispatched.
    vector(b"data: a\n\ndata: b\n", &[("message", "a", "")]),
    vector(b"data: a\n\nid: 9\n", &[("message", "a", "")]),
    vector(b"", &[]),
];

/// Feeds the parser from memory.
#[derive(Clone)]
struct MemoryTransport {
    chunks: Vec<Bytes>,
    tap: Arc<Mutex<Tap>>,
}

impl HttpTransport for MemoryTransport {
    fn request(&self, _request: Request<Option<Bytes>>) -> ResponseFuture {
        let chunks = self.chunks.clone().into_iter().filter(|chunk| !chunk.is_empty()).map(Ok);
        let body: ByteStream =
            Box::pin(CleanBody::new(stream::iter(chunks), Arc::clone(&self.tap)));
        Box::pin(std::future::ready(Ok(Response::new(body))))
    }
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct ReceivedStream {
    pub(super) events: Vec<(String, String, String)>,
    pub(super) retry: Option<u64>,
    pub(super) sendable_id: Option<String>,
}

impl ReceivedStream {
    pub(super) fn expected(vector: &Vector) -> Self {
        let own =
            |&(kind, data, id): &ExpectedEvent| (kind.to_owned(), data.to_owned(), id.to_owned());
        Self {
            events: vector.events.iter().map(own).collect(),
            retry: vector.retry,
            sendable_id: vector.sendable_id.map(str::to_owned),
        }
    }
}

async fn through_memory(chunks: Vec<Bytes>) -> ReceivedStream {
    let tap = Tap::new(None);
    let client = ClientBuilder::for_url("http://memory.test")
        .unwrap()
        .reconnect(ReconnectOptions::reconnect(false).build())
        .build_with_transport(MemoryTransport { chunks, tap: Arc::clone(&tap) });
    let mut events = client.stream();
    let mut seen = ReceivedStream::default();
    while let Some(Ok(item)) = events.next().await {
        if let SSE::Event(event) = item {
            seen.events.push((event.event_type, event.data, event.id.unwrap()));
        }
    }
    let (_, notes) = Tap::take(&tap);
    seen.retry = notes.retry.map(|retry| u64::try_from(retry.as_millis()).unwrap());
    seen.sendable_id = notes.sendable_id.flatten();
    seen
}

#[tokio::test]
async fn every_vector_holds_however_it_is_cut() {
    for vector in VECTORS {
        let bytes = Bytes::from_static(vector.bytes);
        let expected = ReceivedStream::expected(vector);
        let shown = String::from_utf8_lossy(vector.bytes);
        assert_eq!(through_memory(vec![bytes.clone()]).await, expected, "whole: {shown:?}");
        let single = (0..bytes.len()).map(|at| bytes.slice(at..=at)).collect();
        assert_eq!(through_memory(single).await, expected, "byte by byte: {shown:?}");
        for cut in 0..=bytes.len() {
            let halves = vec![bytes.slice(..cut), bytes.slice(cut..)];
            assert_eq!(through_memory(halves).await, expected, "cut at {cut}: {shown:?}");
        }
    }
}

#[tokio::test]
async fn a_body_of_comments_lets_others_run() {
    let endless = stream::repeat_with(|| Ok(Bytes::from_static(b": beat\n")));
    let tap = Tap::new(None);
    let mut body = CleanBody::new(endless, Arc::clone(&tap));
    for _ in 0..3 {
        assert!(body.poll_next_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
        let (heard, notes) = Tap::take(&tap);
        assert_eq!((heard, notes.comment), (7, true));
    }
}
