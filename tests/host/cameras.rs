//! The demo cameras: what is told lies where it is drawn, and nobody waits for anybody.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::join_all;
use futures_util::{SinkExt as _, StreamExt as _};
use http::Method;
use image::RgbImage;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::stage::{PATIENCE, Stage};

/// How far JPEG may be off the ground's color beside a thing; nothing is drawn in a color that is nearer.
const BLUR: u8 = 72;

struct Camera(WebSocketStream<MaybeTlsStream<TcpStream>>);

struct Frame {
    words: Value,
    picture: RgbImage,
}

impl Camera {
    async fn open(stage: &Stage, id: &str) -> Self {
        let url = format!(
            "ws://{}/ws/stream/{id}{}token={}",
            stage.addr(),
            if id.contains('?') { '&' } else { '?' },
            stage.token()
        );
        Self(tokio_tungstenite::connect_async(url).await.unwrap().0)
    }

    async fn next(&mut self) -> Frame {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.expect("no picture");
            if let Message::Text(text) = message.unwrap().unwrap() {
                let words: Value = serde_json::from_str(&text).unwrap();
                let jpeg = BASE64_STANDARD.decode(words["frame"].as_str().unwrap()).unwrap();
                let picture = image::load_from_memory(&jpeg).unwrap().into_rgb8();
                return Frame { words, picture };
            }
        }
    }
}

impl Frame {
    fn boxes(&self) -> Vec<[i32; 4]> {
        let edges = |found: &Value| {
            let [x, y, w, h] = [0, 1, 2, 3].map(|n| found["bbox"][n].as_i64().unwrap() as i32);
            [x, y, x + w, y + h]
        };
        let found = self.words["detections"].as_array().unwrap();
        found.iter().map(edges).collect()
    }
}

/// What is always there: of what each place shows in all pictures, the middle.
fn ground(frames: &[Frame]) -> RgbImage {
    let (width, height) = frames[0].picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([0, 1, 2].map(|channel| {
            let mut values: Vec<u8> =
                frames.iter().map(|frame| frame.picture.get_pixel(x, y).0[channel]).collect();
            values.sort_unstable();
            values[values.len() / 2]
        }))
    })
}

/// The smallest box around what differs from the ground within this one.
fn drawn(frame: &Frame, ground: &RgbImage, [left, top, right, bottom]: [i32; 4]) -> [i32; 4] {
    let (width, height) = ground.dimensions();
    let mut edges = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
    for y in top.max(0)..bottom.min(height as i32) {
        for x in left.max(0)..right.min(width as i32) {
            let at = (x as u32, y as u32);
            let (here, there) = (frame.picture.get_pixel(at.0, at.1), ground.get_pixel(at.0, at.1));
            let differs = here.0.iter().zip(there.0).any(|(a, b)| a.abs_diff(b) > BLUR);
            if differs {
                edges =
                    [edges[0].min(x), edges[1].min(y), edges[2].max(x + 1), edges[3].max(y + 1)];
            }
        }
    }
    edges
}

#[tokio::test]
async fn what_is_told_lies_where_it_is_drawn() {
    let stage = Stage::new().await;
    let names: Vec<String> = (1..=16).map(|n| format!("demo-{n}")).collect();
    let mut cameras = join_all(names.iter().map(|id| Camera::open(&stage, id))).await;
    // Sixteen phases of the clip at once, and all between them: what is seen of it is no matter of the moment.
    let mut frames = Vec::new();
    for _ in 0..5 {
        frames.extend(join_all(cameras.iter_mut().map(Camera::next)).await);
    }
    let ground = ground(&frames[..16]);
    let (mut checked, mut exact, mut classes) = (0, 0, BTreeSet::new());
    for (frame, id) in frames.iter().zip(names.iter().cycle()) {
        assert_eq!(frame.words["camera_id"], **id);
        assert_eq!(frame.picture.dimensions(), (640, 360));
        let boxes = frame.boxes();
        for (n, told) in boxes.iter().enumerate() {
            let around = [told[0] - 6, told[1] - 6, told[2] + 6, told[3] + 6];
            let apart = |other: &[i32; 4]| {
                other[2] <= around[0]
                    || other[0] >= around[2]
                    || other[3] <= around[1]
                    || other[1] >= around[3]
            };
            if !boxes.iter().enumerate().all(|(m, other)| m == n || apart(other)) {
                continue;
            }
            let seen = drawn(frame, &ground, around);
            let off = told.iter().zip(seen).map(|(a, b)| a.abs_diff(b)).max();
            assert!(
                off <= Some(2),
                "{id}: told {told:?}, drawn {seen:?}: {}",
                frame.words["detections"][n]
            );
            exact += usize::from(off == Some(0));
            checked += 1;
            classes.insert(frame.words["detections"][n]["class"].to_string());
        }
    }
    assert!(checked >= 150 && classes.len() == 3, "{checked} {classes:?}");
    // JPEG blurs an edge here and there.
    assert!(exact * 4 >= checked * 3, "{exact} of {checked}");
    let different: BTreeSet<String> =
        frames[..16].iter().map(|frame| frame.words["frame"].to_string()).collect();
    assert_eq!(different.len(), 16);
}

#[tokio::test]
async fn a_wall_a_browser_session_and_calls_fit_together() {
    let stage = Stage::new().await;
    let (status, list) = stage.get("cameras").await;
    assert_eq!((status, list.as_array().unwrap().len()), (200, 16));
    assert_eq!(
        list[15],
        json!({"id": "demo-16", "name": "Demo camera 16", "width": 640, "height": 360, "fps": 10.0, "watching": 0,
            "endpoints": {"ws": "/ws/stream/demo-16", "mjpeg": "/cameras/demo-16/stream.mjpeg"}})
    );
    let ids: Vec<&str> =
        list.as_array().unwrap().iter().map(|camera| camera["id"].as_str().unwrap()).collect();
    let mut wall = join_all(ids.iter().map(|id| Camera::open(&stage, id))).await;
    let session = stage.session().await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    let _events = stage.sse(&format!("{session}/events")).await;
    assert!(socket.next().await.is_some());
    assert_eq!(stage.get("v1/cameras").await.1[0]["watching"], 1);
    for camera in &mut wall {
        camera.next().await;
    }
    // Whoever leaves is forgotten; some say goodbye and some do not.
    for camera in wall.drain(..8) {
        drop(camera);
    }
    for camera in &mut wall {
        camera.0.close(None).await.unwrap();
    }
    let gone = async {
        loop {
            let (_, list) = stage.get("cameras").await;
            if list.as_array().unwrap().iter().all(|camera| camera["watching"] == 0) {
                break;
            }
        }
    };
    timeout(PATIENCE, gone).await.expect("somebody still watches");
}

#[tokio::test]
async fn a_slow_subscriber_holds_up_nobody() {
    let stage = Stage::new().await;
    let mut slow = Camera::open(&stage, "demo?fps=60").await;
    slow.next().await;
    let mut quick = Camera::open(&stage, "demo?fps=20").await;
    let mut times = Vec::new();
    for _ in 0..20 {
        times.push(quick.next().await.words["timestamp"].as_i64().unwrap());
    }
    assert!(times.is_sorted() && times[19] - times[0] < 3000, "{times:?}");
    // Whatever it says is no reason to stop, unless it says too much.
    quick.0.send(Message::text("hello")).await.unwrap();
    quick.next().await;
    quick.0.send(Message::text("x".repeat(5000))).await.unwrap();
    let ended = async { while let Some(Ok(_)) = quick.0.next().await {} };
    timeout(PATIENCE, ended).await.expect("it listens to anything");
    slow.next().await;
}

#[tokio::test]
async fn cameras_ask_for_the_token_and_name_what_there_is() {
    let stage = Stage::new().await;
    let refusal = async |path: &str, headers: &[(&'static str, &str)]| {
        let mut request = stage.upgrade_request(path, None);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            other => panic!("{other:?}"),
        }
    };
    let bearer = format!("Bearer {}", stage.token());
    let known = [("authorization", bearer.as_str())];
    assert_eq!(refusal("ws/stream/demo", &[]).await, 401);
    assert_eq!(refusal("ws/stream/demo?token=wrong", &[]).await, 401);
    let foreign = [known[0], ("origin", "http://evil.test")];
    assert_eq!(refusal("ws/stream/demo", &foreign).await, 403);
    assert_eq!(refusal("ws/stream/demo-17", &known).await, 404);
    assert_eq!(refusal("ws/stream/demo?fps=0", &known).await, 400);
    assert_eq!(refusal("ws/stream/demo?fps=fast", &known).await, 400);
    assert_eq!(stage.get("ws/stream/demo").await.0, 426);
    assert_eq!(stage.get("cameras/door/stream.mjpeg").await.0, 404);
    let bare = stage.host.base_url().join("cameras").unwrap();
    assert_eq!(stage.http.get(bare).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_browser_can_show_the_moving_picture_as_it_comes() {
    let stage = Stage::new().await;
    let url = format!("cameras/demo-3/stream.mjpeg?fps=30&token={}", stage.token());
    let url = stage.host.base_url().join(&url).unwrap();
    let response = stage.http.get(url).send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let boundary = kind.strip_prefix("multipart/x-mixed-replace; boundary=").unwrap();
    let mut body = response.bytes_stream();
    let mut bytes = Vec::new();
    let mut timestamps = Vec::new();
    let delimiter = format!("--{boundary}");
    // Five parts, each complete with the boundary after it.
    while timestamps.len() < 5 {
        let chunk = timeout(PATIENCE, body.next()).await.unwrap().unwrap().unwrap();
        bytes.extend_from_slice(&chunk);
        while let Some((timestamp, length)) = part(&bytes, &delimiter) {
            timestamps.push(timestamp);
            bytes.drain(..length);
        }
    }
    assert!(timestamps.is_sorted_by(|a, b| a < b), "{timestamps:?}");
    drop(body);
    let request = stage.request(Method::GET, "cameras/demo/stream.mjpeg");
    let mut ending = request.send().await.unwrap();
    let mut whole = ending.chunk().await.unwrap().unwrap().to_vec();
    stage.host.shutdown().await;
    let rest = async {
        while let Some(chunk) = ending.chunk().await.unwrap() {
            whole.extend_from_slice(&chunk);
        }
    };
    timeout(PATIENCE, rest).await.expect("it does not end");
    assert!(whole.ends_with(b"\r\n--picture--\r\n"));
}

/// Timestamp and length of the part at the beginning, once the boundary after it is there, too.
fn part(bytes: &[u8], delimiter: &str) -> Option<(i64, usize)> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    assert_eq!(lines.next(), Some(delimiter));
    assert_eq!(lines.next(), Some("Content-Type: image/jpeg"));
    let length = lines.next()?.strip_prefix("Content-Length: ")?;
    let timestamp = lines.next()?.strip_prefix("X-Timestamp: ")?;
    let jpeg = bytes.get(end + 4..)?.get(..length.parse().ok()?)?;
    let after = format!("\r\n{delimiter}");
    let rest = bytes[end + 4 + jpeg.len()..].get(..after.len())?;
    assert_eq!(rest, after.as_bytes());
    image::load_from_memory(jpeg).unwrap();
    Some((timestamp.parse().unwrap(), end + 4 + jpeg.len() + 2))
}

#[tokio::test]
async fn the_hosts_end_is_told_to_who_watches() {
    let stage = Stage::new().await;
    let mut camera = Camera::open(&stage, "demo").await;
    camera.next().await;
    let watching = async {
        loop {
            match timeout(Duration::from_secs(10), camera.0.next()).await.unwrap() {
                Some(Ok(Message::Close(close))) => break close.unwrap().code,
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    let (code, ()) = tokio::join!(watching, stage.host.shutdown());
    assert_eq!(code, CloseCode::Away);
}
