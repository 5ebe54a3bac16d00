//! Cameras that stall, lie, refuse and go away.

use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_util::future::join_all;
use helmsight::model::{Condition, Status};
use serde_json::json;

use crate::scripted::{Camera, Say, answer, parts_head};
use crate::support::Watched;
use crate::{message, picture};

/// How long no picture came when the loss was told.
async fn stalls_and_comes_back(camera: Camera) {
    let mut watched = Watched::at(&camera.url);
    watched.picture(24).await;
    let since = Instant::now();
    assert_eq!(watched.condition(), Condition::Live);
    let why = watched.reconnecting().await;
    let took = since.elapsed();
    assert!(why.contains("stalled"), "{why}");
    assert!((4.5..20.0).contains(&took.as_secs_f32()), "{took:?}");
    assert!(watched.condition().is_stale());
    watched.row("stalled").await;
    watched.picture(40).await;
    assert_eq!(watched.condition(), Condition::Live);
    watched.close().await;
}

#[tokio::test]
async fn a_stall_is_a_fault_whatever_else_is_said() {
    // Words and pings go on: only pictures count.
    let mut stalling = vec![Say::Text(message(24, json!([])))];
    stalling.push(Say::Repeat(b"{\"type\":\"status\"}".to_vec(), 100));
    let healthy = vec![Say::Text(message(40, json!([]))), Say::Hold];
    stalls_and_comes_back(Camera::socket("/ws/stream/1", vec![stalling, healthy]).await).await;
}

#[tokio::test]
async fn a_stall_over_http_is_a_fault() {
    let head = || parts_head("multipart/x-mixed-replace; boundary=f");
    let part = |width: u32| [b"--f\r\n\r\n".as_slice(), &picture(width), b"\r\n"].concat();
    // Bytes go on, but no picture is made of them.
    let stalling =
        vec![head(), Say::Bytes(part(24)), Say::Repeat(b"--f\r\n\r\n{}\r\n".to_vec(), 100)];
    let healthy = vec![head(), Say::Bytes(part(40)), Say::Hold];
    stalls_and_comes_back(Camera::http("/stream", vec![stalling, healthy]).await).await;
}

#[tokio::test]
async fn a_camera_that_falls_silent_says_so_within_two_seconds() {
    let mut script: Vec<Say> = (0..20).map(|_| Say::Text(message(24, json!([])))).collect();
    script.push(Say::Hold);
    let camera = Camera::socket("/ws/stream/1", vec![script]).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(24).await;
    let since = Instant::now();
    assert_eq!(watched.condition(), Condition::Live);
    // Nothing comes that could wake anybody, so the time is asked.
    while !matches!(watched.condition(), Condition::Missing { .. }) {
        assert!(since.elapsed() < Duration::from_secs(2), "{:?}", watched.condition());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    watched.close().await;
}

#[tokio::test]
async fn a_camera_that_goes_away_is_tried_again() {
    let scripts =
        vec![vec![Say::Bytes(picture(24))], vec![], vec![Say::Bytes(picture(40)), Say::Hold]];
    let camera = Camera::socket("/ws/stream/1", scripts).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(40).await;
    assert_eq!(watched.handle.status(), Status::Connected);
    assert_eq!(camera.asked().len(), 3);
}

#[tokio::test]
async fn lies_are_counted_and_the_stream_goes_on() {
    let mut jpeg = picture(24);
    jpeg.truncate(40);
    let lies = vec![
        Say::Text(r#"{"frame":"@@@ no base64 @@@"}"#.to_owned()),
        Say::Text(r#"{"frame":"AAAA","detections":[]}"#.to_owned()),
        Say::Text(r#"{"frame":"#.to_owned()),
        Say::Bytes(vec![0; 1000]),
        Say::Bytes(jpeg),
        Say::Text(message(40, json!([{"bbox": [-1, -1, -1, -1]}, {"bbox": "x"}, null]))),
        Say::Hold,
    ];
    let camera = Camera::socket("/ws/stream/1", vec![lies]).await;
    let mut watched = Watched::at(&camera.url);
    assert!(watched.picture(40).await.is_empty());
    // The torn one may have been replaced before anybody tried to decode it.
    let refused = watched.handle.stats().frames_refused;
    assert!((4..=5).contains(&refused), "{refused}");
    assert_eq!(camera.asked().len(), 1, "one connection");
}

/// Watches a camera until its state says that pictures come and can't be read. Returns the state's words.
async fn unread(camera: &Camera, count: u64) -> String {
    let mut watched = Watched::at(&camera.url);
    let words = |it: &Watched| match it.condition() {
        Condition::Unreadable { count: n, why } => (n >= count).then(|| why.to_string()),
        Condition::Live | Condition::Idle { .. } => panic!("{:?}", it.condition()),
        _ => None,
    };
    watched.until("the state", |it| words(it).is_some()).await;
    words(&watched).unwrap()
}

#[tokio::test]
async fn a_stream_whose_pictures_are_all_refused_says_so_and_never_live() {
    let mut cut = picture(24);
    cut.truncate(200);
    let part = |data: &[u8]| [b"--f\r\n\r\n", data, b"\r\n"].concat();
    let base64 = |data: &[u8]| BASE64_STANDARD.encode(data);
    let cmyk = include_bytes!("../data/pictures/cmyk.jpg").to_vec();
    for (data, words) in [
        (cut, "damaged"),
        (cmyk, "CMYK"),
        (b"GIF89a and more of it".to_vec(), "a GIF"),
        (b"\0\0\0\x01\x67\x42\x00\x1F".to_vec(), "H.264"),
    ] {
        let ws = vec![Say::Repeat(data.clone(), 30)];
        let camera = Camera::socket("/ws/stream/1", vec![ws]).await;
        let why = unread(&camera, 3).await;
        assert!(why.contains(words) && why.contains(". "), "{why}");
        assert_eq!(camera.asked().len(), 1, "another connection would bring the same");
        let text = json!({"frame": base64(&data), "detections": []}).to_string();
        let ws = vec![Say::Text(text.clone()), Say::Text(text), Say::Hold];
        let camera = Camera::socket("/ws/stream/1", vec![ws]).await;
        let why = unread(&camera, 1).await;
        assert!(why.contains(words), "{why}");
        let head = parts_head("multipart/x-mixed-replace; boundary=f");
        let http = vec![head, Say::Repeat(part(&data), 30)];
        let why = unread(&Camera::http("/stream", vec![http]).await, 2).await;
        assert!(why.contains(words), "{why}");
        let one = answer("200 OK", "image/jpeg", &data);
        let why = unread(&Camera::http("/shot", vec![one]).await, 2).await;
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test]
async fn one_picture_that_can_be_read_is_enough() {
    let mut cut = picture(24);
    cut.truncate(200);
    let script = vec![Say::Bytes(cut.clone()), Say::Bytes(cut), Say::Listen, Say::Hold];
    let healthy = vec![Say::Bytes(b"GIF89a".to_vec()), Say::Bytes(picture(40)), Say::Hold];
    let camera = Camera::socket("/ws/stream/1", vec![script, healthy]).await;
    let mut watched = Watched::at(&camera.url);
    let is_unread = |it: &Watched| matches!(it.condition(), Condition::Unreadable { .. });
    watched.until("the state", is_unread).await;
    watched.handle.reconnect_now();
    watched.picture(40).await;
    assert_eq!(watched.condition(), Condition::Live);
}

#[tokio::test]
async fn too_large_a_message_costs_its_connection_only() {
    let huge = vec![Say::Bytes(vec![7; 33 << 20]), Say::Hold];
    let healthy = vec![Say::Bytes(picture(40)), Say::Hold];
    let camera = Camera::socket("/ws/stream/1", vec![huge, healthy]).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(40).await;
    watched.row("more than is accepted").await;
}

#[tokio::test]
async fn parts_of_a_wrong_size_cost_themselves_only() {
    let part = |length: usize, jpeg: &[u8]| {
        let head = format!("--f\r\nContent-Length: {length}\r\n\r\n");
        Say::Bytes([head.as_bytes(), jpeg, b"\r\n"].concat())
    };
    let (first, last) = (picture(24), picture(40));
    let script = vec![
        parts_head("multipart/x-mixed-replace; boundary=f"),
        part(first.len() / 2, &first),
        part(first.len() + 100, &first),
        part(last.len(), &last),
        Say::Hold,
    ];
    let camera = Camera::http("/stream", vec![script]).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(40).await;
    assert_eq!(camera.asked().len(), 1, "one connection");
}

#[tokio::test]
async fn final_answers_are_not_repeated() {
    for (status, kind, words) in [
        ("404 Not Found", "text/plain", "no camera at this address"),
        ("401 Unauthorized", "text/plain", "refused the key"),
        ("200 OK", "text/html", "instead of pictures"),
    ] {
        let camera = Camera::http("/x", vec![answer(status, kind, b"")]).await;
        let mut watched = Watched::at(&camera.url);
        let why = watched.ended().await;
        assert!(why.contains(words), "{status}: {why}");
        assert_eq!(camera.asked(), ["/x"]);
    }
}

#[tokio::test]
async fn what_a_camera_answers_while_it_restarts_is_no_end() {
    let one = |width: u32| {
        let part = [b"--f\r\n\r\n".as_slice(), &picture(width), b"\r\n--f\r\n"].concat();
        vec![parts_head("multipart/x-mixed-replace; boundary=f"), Say::Bytes(part)]
    };
    let faults = [
        (answer("404 Not Found", "text/plain", b""), "HTTP 404"),
        (answer("401 Unauthorized", "text/plain", b""), "HTTP 401"),
        (answer("403 Forbidden", "text/plain", b""), "HTTP 403"),
        (answer("503 Busy", "text/plain", b""), "HTTP 503"),
        (answer("200 OK", "text/html", b"<h1>Starting</h1>"), "instead of pictures"),
        (vec![], "broke"),
    ];
    join_all(faults.map(async |(fault, words)| {
        let healthy = [one(40), vec![Say::Hold]].concat();
        let camera = Camera::http("/x", vec![one(24), fault, healthy]).await;
        let mut watched = Watched::at(&camera.url);
        watched.picture(24).await;
        watched.row(words).await;
        watched.picture(40).await;
        assert_eq!(watched.handle.status(), Status::Connected, "{words}");
        assert_eq!(camera.asked().len(), 3, "{words}");
        watched.close().await;
    }))
    .await;
}

#[tokio::test]
async fn a_close_code_with_a_meaning_is_told_and_obeyed() {
    // At first contact it is final, as the HTTP status would be.
    let refusing = vec![Say::Close(4404, "no such camera")];
    let camera = Camera::socket("/ws/stream/1", vec![refusing]).await;
    let mut watched = Watched::at(&camera.url);
    let why = watched.ended().await;
    assert!(why.contains("no such camera") && why.contains("4404"), "{why}");
    assert_eq!(camera.asked().len(), 1);
    watched.close().await;
    // After pictures it may pass, but the camera is left in peace for a while.
    let closing = vec![Say::Bytes(picture(24)), Say::Close(4401, "")];
    let healthy = vec![Say::Bytes(picture(40)), Say::Hold];
    let camera = Camera::socket("/ws/stream/1", vec![closing, healthy]).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(24).await;
    let why = watched.reconnecting().await;
    assert!(why.contains("does not accept the key") && why.contains("4401"), "{why}");
    let Status::Reconnecting { retry_at, .. } = watched.handle.status() else {
        panic!("it waits");
    };
    assert!(retry_at - Instant::now() > Duration::from_secs(3));
    watched.picture(40).await;
    assert_eq!(camera.asked().len(), 2);
    watched.close().await;
}

#[tokio::test]
async fn a_detection_that_cannot_be_read_is_told_and_costs_nothing_else() {
    let image = BASE64_STANDARD.encode(picture(40));
    let odd = format!(
        r#"{{"frame":"b'{image}'","detections":[{{"class":"good","bbox":[1,2,3,4]}},{{"class":"car","confidence":NaN,"bbox":[1,1,5,5]}}]}}"#
    );
    let camera = Camera::socket("/ws/stream/1", vec![vec![Say::Text(odd), Say::Hold]]).await;
    let mut watched = Watched::at(&camera.url);
    let found = watched.picture(40).await;
    assert_eq!(found.iter().map(|it| &*it.class).collect::<Vec<_>>(), ["good"]);
    watched.row("A detection can't be read: car: its confidence can't be read").await;
    watched.close().await;
}

#[tokio::test]
async fn closing_does_not_wait_for_a_camera() {
    for script in [vec![Say::Hold], vec![Say::Repeat(picture(24), 10)]] {
        let camera = Camera::socket("/ws/stream/1", vec![script]).await;
        let mut watched = Watched::at(&camera.url);
        watched.until("connection", |it| it.handle.status() == Status::Connected).await;
        let start = Instant::now();
        watched.close().await;
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}
