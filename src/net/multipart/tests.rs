//! Tests bodies as cameras write them, cut at every byte, and answers over a real socket.

use image::codecs::jpeg::JpegEncoder;

use super::*;
use crate::net::Auth;
use crate::net::scripted::{Scripted, Step, reply};

const IDLE: Duration = Duration::from_secs(5);

/// Returns a small real picture.
pub(super) fn jpeg(shade: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let image = image::RgbImage::from_pixel(8, 8, image::Rgb([shade, 40, 90]));
    image.write_with_encoder(JpegEncoder::new(&mut jpeg)).unwrap();
    jpeg
}

/// Returns the parts of `body`, which is fed in pieces that end at `cuts`.
fn parts(boundary: Option<&str>, body: &[u8], cuts: &[usize]) -> Vec<Bytes> {
    let mut parser = Parser::new(boundary, 1 << 20);
    let mut found = Vec::new();
    let mut from = 0;
    for to in cuts.iter().copied().chain([body.len()]) {
        parser.feed(&body[from..to]);
        from = to;
        while let Some(part) = parser.next().unwrap() {
            found.push(part);
        }
    }
    found
}

/// Returns what a camera sends that writes boundaries, heads and the ends of parts like this, and its two pictures.
fn written(line: &str, head: impl Fn(&[u8]) -> String, tail: &str) -> (Vec<u8>, [Vec<u8>; 2]) {
    let pictures = [jpeg(1), jpeg(200)];
    let mut body = Vec::new();
    for picture in &pictures {
        body.extend(line.as_bytes());
        body.extend(head(picture).as_bytes());
        body.extend(picture);
        body.extend(tail.as_bytes());
    }
    (body, pictures)
}

#[test]
fn every_way_of_writing_parts_is_read_wherever_it_is_cut() {
    let length = |picture: &[u8]| {
        format!("Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", picture.len())
    };
    let none = |_: &[u8]| "Content-Type: image/jpeg\r\n\r\n".to_owned();
    let bare = |_: &[u8]| "content-type:image/jpeg\n\n".to_owned();
    let zero = |_: &[u8]| "Content-Length: 0\r\n\r\n".to_owned();
    let long = |picture: &[u8]| format!("Content-Length: {}\r\n\r\n", picture.len() + 300);
    let empty = |_: &[u8]| "\r\n".to_owned();
    for (boundary, (body, pictures)) in [
        (Some("frame"), written("--frame\r\n", length, "\r\n")),
        (Some("frame"), written("--frame\r\n", none, "\r\n\r\n")),
        (Some("frame"), written("--frame\n", bare, "\n")),
        (Some("--frame"), written("--frame\r\n", length, "\r\n")),
        (Some("--frame"), written("----frame\r\n", none, "\r\n")),
        (Some("frame"), written("\r\n\r\n--frame  \r\n", length, "")),
        (Some("frame"), written("--frame\r\n", none, "")),
        (Some("frame"), written("--frame\r\n", zero, "\r\n")),
        (Some("frame"), written("--frame\r\n", long, "\r\n")),
        (Some("frame"), written("--frame\r\n", empty, "\r\n")),
        (None, written("--anything at all\r\n", none, "\r\n")),
        (Some("--"), written("--x\r\n", length, "\r\n")),
    ] {
        let text = String::from_utf8_lossy(&body[..60]).into_owned();
        assert_eq!(parts(boundary, &body, &[]), pictures, "whole: {text}");
        for cut in 1..body.len() {
            assert_eq!(parts(boundary, &body, &[cut]), pictures, "{cut}: {text}");
        }
        let all: Vec<usize> = (1..body.len()).collect();
        assert_eq!(parts(boundary, &body, &all), pictures, "bytes: {text}");
    }
}

#[test]
fn a_picture_is_there_before_the_next_boundary_is() {
    for head in ["Content-Length: LENGTH\r\n\r\n", "Content-Type: image/jpeg\r\n\r\n"] {
        let picture = jpeg(7);
        let head = head.replace("LENGTH", &picture.len().to_string());
        let body = [b"--b\r\n", head.as_bytes(), &picture].concat();
        assert_eq!(parts(Some("b"), &body, &[]), [picture]);
    }
}

#[test]
fn other_parts_have_their_length_or_their_boundary() {
    let body = b"preamble\r\n--b\r\nContent-Length: 4\r\n\r\nabcd\r\n--b\r\n\r\n{\"x\":1}\r\n--bb\r\n\r\n--b--\r\n--b\r\n\r\nlate\r\n--b\r\n";
    let wanted = [&b"abcd"[..], b"{\"x\":1}\r\n--bb\r\n"];
    assert_eq!(parts(Some("b"), body, &[]), wanted);
    for cut in 1..body.len() {
        assert_eq!(parts(Some("b"), body, &[cut]), wanted, "{cut}");
    }
    // A length that is too short costs its own part only.
    let short =
        b"--b\r\nContent-Length: 2\r\n\r\nabcd\r\n--b\r\nContent-Length: 2\r\n\r\nef\r\n--b\r\n";
    assert_eq!(parts(Some("b"), short, &[]), [&b"ab"[..], b"ef"]);
}

#[test]
fn what_is_too_large_is_given_up_while_it_arrives() {
    let flood = |start: &str, piece: &[u8]| {
        let mut parser = Parser::new(Some("b"), 1 << 16);
        parser.feed(start.as_bytes());
        for _ in 0..10_000 {
            parser.feed(piece);
            match parser.next() {
                Ok(part) => assert_eq!(part, None),
                Err(what) => return what,
            }
            assert!(parser.buffered() < 1 << 18, "memory is bounded");
        }
        panic!("no end of {start:?}")
    };
    assert_eq!(flood("--b\r\n", b"X-Header: yes\r\n"), "part header");
    assert_eq!(flood("--b\r\n", b"no line at all"), "part header");
    assert_eq!(flood("--b\r\n\r\n", &[7; 999]), "part");
    assert_eq!(flood("", &[7; 999]), "part");
    assert_eq!(flood("--b\r\nContent-Length: 99999999\r\n\r\n", b"x"), "part");
    let mut unknown = Parser::new(None, 1 << 16);
    unknown.feed(&[7; 1 << 17]);
    assert_eq!(unknown.next(), Err("part header"));
}

#[test]
fn the_media_type_tells_what_it_is() {
    for (header, boundary) in [
        ("multipart/x-mixed-replace; boundary=frame", Some("frame")),
        ("multipart/x-mixed-replace;boundary=\"a b;c\"", Some("a b;c")),
        ("Multipart/Mixed; charset=x; BOUNDARY = --x ; y=z", Some("--x")),
        ("multipart/x-mixed-replace", None),
        ("multipart/x-mixed-replace; boundary=", None),
    ] {
        let boundary = boundary.map(str::to_owned);
        assert_eq!(media(header), Ok(Media::Parts { boundary }), "{header}");
    }
    for header in ["image/jpeg", "image/webp; q=1", "", "application/octet-stream"] {
        assert_eq!(media(header), Ok(Media::Picture), "{header}");
    }
    let Err(NetError::NotAStream(why)) = media("text/html; charset=utf-8") else {
        panic!("a page is no picture")
    };
    assert!(why.contains("text/html"), "{why}");
}

async fn open(server: &Scripted, idle: Duration) -> Result<PictureAnswer, NetError> {
    let client = Client::new(server.url.clone(), Auth::none()).unwrap();
    client.pictures("stream", idle).await
}

async fn stream(server: &Scripted, idle: Duration) -> PartStream {
    match open(server, idle).await {
        Ok(PictureAnswer::Stream(stream)) => *stream,
        other => panic!("no stream: {other:?}"),
    }
}

fn head() -> Step {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\nConnection: close\r\n\r\n";
    Step::Send(head.as_bytes().to_vec())
}

#[tokio::test]
async fn bytes_are_told_before_their_part_and_the_end_has_a_reason() {
    let (body, pictures) = written("--frame\r\n", |_| "\r\n".to_owned(), "\r\n");
    let server = Scripted::always(vec![head(), Step::Send(body.clone())]).await;
    let mut stream = stream(&server, IDLE).await;
    let (mut heard, mut seen) = (0, Vec::new());
    let why = loop {
        match stream.next().await {
            Ok(PartItem::Heard(bytes)) => heard += bytes,
            Ok(PartItem::Part(part)) => {
                assert!(heard >= part.len());
                seen.push(part);
            }
            Err(why) => break why,
        }
    };
    assert_eq!((heard, seen.as_slice()), (body.len(), &pictures.map(Bytes::from)[..]));
    assert_eq!(why, ended());
    assert_eq!(stream.next().await, Err(ended()), "the reason stays");
}

#[tokio::test]
async fn silence_is_a_loss_and_a_flood_is_cut() {
    let silent = Scripted::always(vec![head(), Step::Hold]).await;
    let mut stream_of = stream(&silent, Duration::from_millis(50)).await;
    assert!(matches!(stream_of.next().await, Err(NetError::Lost(why)) if why.contains("silent")));

    let start = Step::Send(b"--frame\r\n\r\n".to_vec());
    let flood = Scripted::always(vec![head(), start, Step::Flood(vec![7; 1 << 16])]).await;
    let mut stream_of = stream(&flood, IDLE).await;
    let why = loop {
        if let Err(why) = stream_of.next().await {
            break why;
        }
    };
    assert_eq!(why, NetError::TooLarge { what: "part" });
}

#[tokio::test]
async fn one_picture_and_refusals() {
    let one = Scripted::always(reply("200 OK", "Content-Type: image/jpeg\r\n", "abc")).await;
    assert!(matches!(open(&one, IDLE).await, Ok(PictureAnswer::One(body)) if &*body == b"abc"));
    let page = Scripted::always(reply("200 OK", "Content-Type: text/html\r\n", "<html>")).await;
    assert!(matches!(open(&page, IDLE).await, Err(NetError::NotAStream(_))));
    let gone = Scripted::always(reply("404 Not Found", "", "no such camera")).await;
    let Err(NetError::Refused { status: 404, message }) = open(&gone, IDLE).await else {
        panic!("not found is final")
    };
    assert_eq!(message, "no such camera");
}
