//! Tests streams over a real socket: the vectors once more, limits, refusals and silence.

use secrecy::SecretString;

use super::clean::{MAX_EVENT, MAX_LINE};
use super::vectors::{ReceivedStream, VECTORS};
use super::*;
use crate::net::scripted::{Scripted, Step, reply, stream_head};
use crate::net::{Auth, TokenPlace};

/// Returns everything until the stream ends, and the error that it ends with.
async fn drain(stream: &mut SseStream) -> (Vec<SseItem>, NetError) {
    let mut items = Vec::new();
    loop {
        match stream.next().await {
            Ok(item) => items.push(item),
            Err(why) => return (items, why),
        }
    }
}

fn events_of(items: &[SseItem]) -> Vec<(String, String, String)> {
    let event = |item: &SseItem| match item {
        SseItem::Event { kind, data, id } => Some((kind.clone(), data.clone(), id.clone())),
        _ => None,
    };
    items.iter().filter_map(event).collect()
}

fn open(server: &Scripted, options: SseOptions) -> SseStream {
    SseStream::open(&Client::new(server.url.clone(), Auth::none()).unwrap(), "", options)
}

#[tokio::test]
async fn every_vector_holds_over_a_real_socket() {
    for vector in VECTORS {
        let byte_by_byte = vector.bytes.iter().map(|&byte| Step::Send(vec![byte]));
        for steps in [
            vec![stream_head(), Step::Send(vector.bytes.to_vec())],
            [stream_head()].into_iter().chain(byte_by_byte).collect(),
        ] {
            let server = Scripted::always(steps).await;
            let mut stream = open(&server, SseOptions::default());
            let (items, why) = drain(&mut stream).await;
            let shown = String::from_utf8_lossy(vector.bytes);
            let expected = ReceivedStream::expected(vector);
            let retry = items.iter().rev().find_map(|item| match item {
                SseItem::Retry(retry) => Some(u64::try_from(retry.as_millis()).unwrap()),
                _ => None,
            });
            let heard: usize = items
                .iter()
                .map(|item| if let SseItem::Heard(heard) = item { *heard } else { 0 })
                .sum();
            assert_eq!(items[0], SseItem::Open);
            assert_eq!(events_of(&items), expected.events, "{shown:?}");
            assert_eq!(retry, expected.retry, "{shown:?}");
            assert_eq!(stream.sendable_id(), expected.sendable_id.as_deref(), "{shown:?}");
            assert_eq!(heard, vector.bytes.len(), "every byte is a sign of life");
            assert_eq!(why, NetError::Lost("The server closed the stream".to_owned()));
            assert_eq!(stream.next().await, Err(why), "the end stays the end");
        }
    }
}

#[tokio::test]
async fn chunked_bodies_are_fine_too() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream;charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = "5\r\ndata:\r\n4\r\n x\n\n\r\n0\r\n\r\n";
    let server = Scripted::always(vec![Step::Send(format!("{head}{body}").into_bytes())]).await;
    let (items, _) = drain(&mut open(&server, SseOptions::default())).await;
    assert_eq!(events_of(&items), [("message".to_owned(), "x".to_owned(), String::new())]);
}

#[tokio::test]
async fn the_id_to_resume_from_is_that_of_the_last_event_returned() {
    let body = b"id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: b\n\nid: 4\n\n".to_vec();
    let server = Scripted::always(vec![stream_head(), Step::Send(body), Step::Hold]).await;
    let mut stream =
        open(&server, SseOptions { last_event_id: Some("0".to_owned()), ..SseOptions::default() });
    let mut seen = vec![(stream.sendable_id().map(str::to_owned), "start".to_owned())];
    while seen.len() < 3 {
        if let SseItem::Event { data, .. } = stream.next().await.unwrap() {
            seen.push((stream.sendable_id().map(str::to_owned), data));
        }
    }
    let own = |id: &str, data: &str| (Some(id.to_owned()), data.to_owned());
    assert_eq!(seen, [own("0", "start"), own("1", "a"), own("3", "b")]);
    assert!(server.heads()[0].contains("last-event-id: 0\r\n"));
}

#[tokio::test]
async fn events_without_an_id_carry_on_the_one_we_resumed_from() {
    let server = Scripted::always(vec![stream_head(), Step::Send(b"data: a\n\n".to_vec())]).await;
    let mut stream =
        open(&server, SseOptions { last_event_id: Some("…".to_owned()), ..SseOptions::default() });
    let (items, _) = drain(&mut stream).await;
    assert_eq!(events_of(&items)[0].2, "…");
    assert_eq!(stream.sendable_id(), Some("…"));
    assert!(server.heads()[0].contains("last-event-id: …\r\n"));
}

#[tokio::test]
async fn the_request_says_what_is_wanted() {
    let server = Scripted::always(vec![stream_head()]).await;
    let client = Client::new(
        server.url.clone(),
        Auth::token(&server.url, SecretString::from("key"), TokenPlace::Bearer),
    )
    .unwrap();
    drain(&mut SseStream::open(&client, "a/events?x=1", SseOptions::default())).await;
    let head = &server.heads()[0];
    assert!(head.starts_with("get /a/events?x=1 http/1.1\r\n"), "{head}");
    for line in [
        "accept: text/event-stream",
        "cache-control: no-store",
        "accept-encoding: identity",
        "authorization: bearer key",
    ] {
        assert_eq!(head.matches(&format!("\r\n{line}\r\n")).count(), 1, "{line} in {head}");
    }
    assert!(!head.contains("last-event-id"), "{head}");
}

#[tokio::test]
async fn long_names_and_ids_are_cut_and_not_sent() {
    let long_id = "i".repeat(5000);
    let body = format!("id: good\n\nevent: {}\nid: {long_id}\ndata: x\n\n", "e".repeat(5000));
    let server = Scripted::always(vec![stream_head(), Step::Send(body.into_bytes())]).await;
    let mut stream = open(&server, SseOptions::default());
    let (items, _) = drain(&mut stream).await;
    let (kind, _, id) = &events_of(&items)[0];
    assert_eq!((kind.len(), id.len()), (256, 4096));
    assert_eq!(stream.sendable_id(), Some("good"));
}

#[tokio::test]
async fn a_picture_of_16_mib_passes_and_one_byte_more_does_not() {
    let line = |len: usize| {
        let mut bytes = b"data:".to_vec();
        bytes.resize(len, b'x');
        bytes.extend_from_slice(b"\n\n");
        vec![stream_head(), Step::Send(bytes), Step::Hold]
    };
    let server = Scripted::start(vec![line(MAX_EVENT), line(MAX_LINE + 1)]).await;
    let mut fits = open(&server, SseOptions::default());
    let event = loop {
        if let SseItem::Event { data, .. } = fits.next().await.unwrap() {
            break data;
        }
    };
    assert_eq!(event.len(), MAX_EVENT - "data:".len());
    let (items, why) = drain(&mut open(&server, SseOptions::default())).await;
    assert_eq!(why, NetError::TooLarge { what: "line" });
    assert!(events_of(&items).is_empty());
}

#[tokio::test]
async fn what_never_ends_is_cut() {
    for (endless, what) in [
        (&b"data: 0123456789abcdef\n"[..], "event"),
        (b"data\n", "event"),
        (b"event: 0123456789abcdef\n", "event"),
        (b":comment without an end", "line"),
        (b"unknown-field-without-an-end", "line"),
        (b"\xFF\xFE", "line"),
    ] {
        let server = Scripted::always(vec![stream_head(), Step::Flood(endless.repeat(4096))]).await;
        let (items, why) = drain(&mut open(&server, SseOptions::default())).await;
        assert_eq!(why, NetError::TooLarge { what }, "{endless:?}");
        assert!(events_of(&items).is_empty());
    }
}

#[tokio::test]
async fn comments_may_go_on_for_ever_and_each_is_heard() {
    let server = Scripted::always(vec![stream_head(), Step::Flood(b": beat\n".repeat(4096))]).await;
    let mut stream = open(&server, SseOptions::default());
    let mut heard = 0;
    while heard < 2 * MAX_EVENT {
        if let SseItem::Heard(bytes) = stream.next().await.unwrap() {
            heard += bytes;
        }
    }
}

#[tokio::test]
async fn silence_ends_a_stream_and_any_byte_keeps_it() {
    let server = Scripted::always(vec![stream_head(), Step::Send(b":".to_vec()), Step::Hold]).await;
    let limit = Duration::from_millis(60);
    let mut stream =
        open(&server, SseOptions { idle_limit: IdleLimit::Fixed(limit), ..SseOptions::default() });
    let start = Instant::now();
    let (items, why) = drain(&mut stream).await;
    assert_eq!(items, [SseItem::Open, SseItem::Heard(1)]);
    assert_eq!(why, NetError::Lost("The server has been silent for 1 s".to_owned()));
    assert!(start.elapsed() >= limit);
}

#[tokio::test]
async fn dropping_a_stream_drops_its_socket() {
    let mut server = Scripted::always(vec![stream_head(), Step::Hold]).await;
    let mut stream = open(&server, SseOptions::default());
    assert_eq!(stream.next().await, Ok(SseItem::Open));
    drop(stream);
    server.client_left().await;
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_refused_with_one_request() {
    let stream_type = "Content-Type: text/event-stream\r\n";
    for (status, headers, body, expected) in [
        ("204 No Content", stream_type, "", "The server says that this stream is over (HTTP 204)"),
        (
            "205 Reset",
            stream_type,
            "",
            "The server gives another answer than the one that was asked for (HTTP 205)",
        ),
        (
            "299 Odd",
            stream_type,
            "",
            "The server gives another answer than the one that was asked for (HTTP 299)",
        ),
        ("401 No", "", r#"{"error_message":"Bad key"}"#, "Bad key (HTTP 401)"),
        (
            "403 No",
            "",
            "",
            "The server does not allow this; check the rights of the key (HTTP 403)",
        ),
        ("404 No", "", "<html>", "There is nothing at this address; check it (HTTP 404)"),
        ("410 Gone", "", r#"{"error":{"message":"Session ended"}}"#, "Session ended (HTTP 410)"),
        ("302 Found", "", "", "The server redirects without saying where (HTTP 302)"),
        (
            "200 OK",
            "Content-Type: text/html; charset=utf-8\r\n",
            "<html>",
            "This address answers with text/html instead of an event stream; check the address",
        ),
        (
            "200 OK",
            "",
            "data: x\n\n",
            "This address answers with no media type instead of an event stream; check the address",
        ),
        (
            "200 OK",
            "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n",
            "",
            "The server sends compressed data that was not asked for",
        ),
    ] {
        let server = Scripted::always(reply(status, headers, body)).await;
        let (items, why) = drain(&mut open(&server, SseOptions::default())).await;
        assert_eq!((items, why.to_string()), (Vec::new(), expected.to_owned()));
        assert!(!why.is_retryable(), "{status}");
        assert_eq!(server.heads().len(), 1);
    }
}

#[tokio::test]
async fn a_busy_server_says_when_to_come_back() {
    for status in ["408 Slow", "425 Early", "429 Many", "500 Oops", "503 Busy"] {
        let server = Scripted::always(reply(status, "Retry-After: 7\r\n", "")).await;
        let (_, why) = drain(&mut open(&server, SseOptions::default())).await;
        assert!(why.is_retryable(), "{status}");
        assert_eq!(why.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(why.status(), status[..3].parse().ok());
    }
}

#[tokio::test]
async fn leniency_takes_plain_text_and_nothing_else() {
    for (media_type, fine) in [
        ("Content-Type: text/plain; charset=utf-8\r\n", true),
        ("", true),
        ("Content-Type: text/html\r\n", false),
    ] {
        let server = Scripted::always(reply("200 OK", media_type, "data: x\n\n")).await;
        let lenient = SseOptions { lenient_media_type: true, ..SseOptions::default() };
        let (items, _) = drain(&mut open(&server, lenient)).await;
        assert_eq!(events_of(&items).len(), usize::from(fine), "{media_type}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_lost_and_says_so() {
    let server = Scripted::always(Vec::new()).await;
    let url = server.url.clone();
    let mut closes_at_once = open(&server, SseOptions::default());
    assert!(matches!(closes_at_once.next().await, Err(NetError::Lost(_))));
    drop(server);
    let why = SseStream::open(&Client::new(url, Auth::none()).unwrap(), "", SseOptions::default())
        .next()
        .await
        .unwrap_err();
    assert!(why.is_retryable());
    assert!(why.to_string().starts_with("Could not connect to 127.0.0.1:"), "{why}");
}
