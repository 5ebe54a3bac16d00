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

fn labeled(boundary: Option<&str>) -> BodyLabel {
    BodyLabel::Parts { boundary: boundary.map(str::to_owned) }
}

/// Returns the parts of `body`, which is fed in pieces that end at `cuts`.
fn parts(boundary: Option<&str>, body: &[u8], cuts: &[usize]) -> Vec<Bytes> {
    let mut parser = Parser::new(labeled(boundary), 1 << 20);
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
    let nothing = |_: &[u8]| String::new();
    let spaced = |_: &[u8]| "Content-Type: image/jpeg\r\n\r\n\r\n".to_owned();
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
        // Written like an end, and announced so or not.
        (Some("data-boundary--"), written("--data-boundary--\r\n", length, "\r\n")),
        (Some("frame"), written("--frame--\r\n", none, "\r\n")),
        (Some("--video boundary--"), written("--video boundary--\r\n", none, "\r\n")),
        (None, written("--frame--\n", none, "\n")),
        // An end that is followed by a beginning.
        (Some("frame"), written("--frame--\r\n--frame\r\n", length, "\r\n")),
        // No line end after the boundary, or none at all.
        (Some("frame"), written("--frame", length, "\r\n")),
        (Some("frame"), written("--frame", none, "")),
        (None, written("--frame", none, "\r\n")),
        (Some("frame"), written("--frame", nothing, "")),
        // No head, or a head that ends twice.
        (Some("frame"), written("--frame\r\n", nothing, "\r\n")),
        (Some("frame"), written("--frame\r\n", spaced, "\r\n")),
        // Another boundary than the announced one, and none at all.
        (Some("other"), written("--frame\r\n", none, "\r\n")),
        (Some("frame"), written("", nothing, "")),
        (None, written("", nothing, "\r\n")),
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
    // An end is an end only where nothing follows.
    let wanted = [&b"abcd"[..], b"{\"x\":1}\r\n--bb\r\n", b"late"];
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
        let mut parser = Parser::new(labeled(Some("b")), 1 << 16);
        parser.feed(start.as_bytes());
        for _ in 0..10_000 {
            parser.feed(piece);
            match parser.next() {
                Ok(part) => assert_eq!(part, None),
                Err(ParseError::TooLarge(what)) => return what,
                Err(other) => panic!("{other:?}"),
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
    for label in [labeled(None), BodyLabel::Unknown] {
        let mut unknown = Parser::new(label, 1 << 16);
        unknown.feed(&[7; 1 << 17]);
        assert_eq!(unknown.next(), Err(ParseError::TooLarge("part")));
    }
}

#[test]
fn a_first_part_without_a_boundary_and_a_damaged_picture_cost_nothing_else() {
    let head = "Content-Type: image/jpeg\r\n\r\n".as_bytes();
    let [first, second] = [jpeg(1), jpeg(200)];
    let body = [head, &first, b"\r\n--f\r\n", head, &second, b"\r\n--f\r\n"].concat();
    assert_eq!(parts(Some("f"), &body, &[]), [first.clone(), second.clone()]);
    assert_eq!(parts(None, &body, &[]), [first.clone(), second.clone()]);
    // What begins in the middle of a picture goes on with the next one, with boundaries and without.
    let torn = [&first[40..], &second, &first].concat();
    assert_eq!(parts(None, &torn, &[]), [second.clone(), first.clone()]);
    let torn = [&first[40..], b"\r\n--f\r\n", head, &second, b"\r\n--f\r\n"].concat();
    assert_eq!(parts(None, &torn, &[]), std::slice::from_ref(&second));
    let mut damaged = first.clone();
    damaged[2..4].fill(0);
    damaged[2] = 0xFF;
    let body = [&damaged[..], &second, &second].concat();
    assert_eq!(parts(None, &body, &[]), [damaged, second.clone(), second]);
}

#[test]
fn the_head_tells_what_may_be_there() {
    let label = |content_type: &str, length: bool| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        headers.extend(length.then(|| (CONTENT_LENGTH, HeaderValue::from_static("7"))));
        label_of(&headers)
    };
    for (header, boundary) in [
        ("multipart/x-mixed-replace; boundary=frame", Some("frame")),
        ("multipart/x-mixed-replace;boundary=\"a b;c\"", Some("a b;c")),
        ("Multipart/Mixed; charset=x; BOUNDARY = --x ; y=z", Some("--x")),
        ("multipart/x-mixed-replace", None),
        ("multipart/x-mixed-replace; boundary=", None),
    ] {
        assert_eq!(label(header, false), labeled(boundary), "{header}");
    }
    assert_eq!(label("image/jpeg", true), BodyLabel::Picture);
    for header in ["image/webp; q=1", "", "application/octet-stream"] {
        assert_eq!(label(header, false), BodyLabel::Unknown, "{header}");
    }
    assert_eq!(label("text/html; charset=x", true), BodyLabel::Other("text/html".to_owned()));
}

#[test]
fn the_first_bytes_count_whatever_the_label_says() {
    let [first, second] = [jpeg(1), jpeg(200)];
    let stream = [
        b"--ffmpeg\r\nContent-type: image/jpeg\r\n\r\n",
        &first[..],
        b"\r\n--ffmpeg\r\nContent-type: image/jpeg\r\n\r\n",
        &second,
    ]
    .concat();
    let two = [&first[..], &second].concat();
    let html = BodyLabel::Other("text/html".to_owned());
    for label in [BodyLabel::Unknown, BodyLabel::Picture, html.clone(), labeled(None)] {
        let mut parser = Parser::new(label.clone(), 1 << 20);
        parser.feed(&stream);
        assert_eq!(parser.next(), Ok(Some(first.clone().into())), "{label:?}");
        assert_eq!(parser.next(), Ok(Some(second.clone().into())), "{label:?}");
        assert!(!parser.held_one());
    }
    for label in [BodyLabel::Unknown, html.clone(), labeled(Some("x"))] {
        let mut parser = Parser::new(label.clone(), 1 << 20);
        parser.feed(&two);
        assert_eq!(parser.next(), Ok(Some(first.clone().into())), "{label:?}");
        assert_eq!(parser.next(), Ok(Some(second.clone().into())), "{label:?}");
    }
    for (label, body, words) in [
        (
            html.clone(),
            &b"<!DOCTYPE html>"[..],
            "text/html instead of pictures: what comes is a web page",
        ),
        (html, b"hello", "text/html instead of pictures; check"),
        (BodyLabel::Unknown, b"<html>", "a web page"),
        (BodyLabel::Unknown, b"\0\0\0\x01\x67\x42", "H.264"),
    ] {
        let mut parser = Parser::new(label, 1 << 20);
        parser.feed(body);
        let Err(ParseError::NoPictures(why)) = parser.next() else { panic!("{words}") };
        assert!(why.contains(words), "{why}");
    }
    // One picture of a kind without an end marker, or a text about it, ends with the body.
    for body in [&b"\x89PNG\r\n\x1a\n..."[..], b"{\"error\":\"dark\"}", b"camera asleep"] {
        let mut parser = Parser::new(BodyLabel::Unknown, 1 << 20);
        parser.feed(body);
        assert_eq!(parser.next(), Ok(None));
        assert_eq!(parser.finish(), Ok(Some(Bytes::copy_from_slice(body))));
        assert!(parser.held_one());
    }
}

async fn open(server: &Scripted, idle: Duration) -> Result<PartStream, NetError> {
    let client = Client::new(server.url.clone(), Auth::none()).unwrap();
    client.pictures("stream", idle).await
}

async fn stream(server: &Scripted, idle: Duration) -> PartStream {
    open(server, idle).await.unwrap()
}

/// Returns the parts of the answer and how it ended.
async fn all(mut stream: PartStream) -> (Vec<Bytes>, Result<PartItem, NetError>) {
    let mut seen = Vec::new();
    loop {
        match stream.next().await {
            Ok(PartItem::Heard(_)) => (),
            Ok(PartItem::Part(part)) => seen.push(part),
            over => return (seen, over),
        }
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
            Ok(PartItem::Done) => panic!("it was a stream"),
            Err(why) => break why,
        }
    };
    assert_eq!((heard, seen.as_slice()), (body.len(), &pictures.map(Bytes::from)[..]));
    assert_eq!(why, NetError::Lost("The server ended the stream".to_owned()));
    assert_eq!(stream.next().await, Err(why), "the reason stays");
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
    let (parts, over) = all(stream(&one, IDLE).await).await;
    assert_eq!((parts.as_slice(), over), (&[Bytes::from("abc")][..], Ok(PartItem::Done)));
    let none = Scripted::always(reply("200 OK", "Content-Type: image/jpeg\r\n", "")).await;
    assert_eq!(all(stream(&none, IDLE).await).await, (Vec::new(), Ok(PartItem::Done)));
    for body in ["<html>", ""] {
        let page = Scripted::always(reply("200 OK", "Content-Type: text/html\r\n", body)).await;
        let (parts, over) = all(stream(&page, IDLE).await).await;
        assert!(parts.is_empty() && matches!(over, Err(NetError::NotAStream(_))), "{over:?}");
    }
    let gone = Scripted::always(reply("404 Not Found", "", "no such camera")).await;
    let Err(NetError::Refused { status: 404, message }) = open(&gone, IDLE).await else {
        panic!("not found is final")
    };
    assert_eq!(message, "no such camera");
}
