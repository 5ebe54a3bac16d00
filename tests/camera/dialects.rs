//! Every way in which a camera sends pictures.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use helmsight::model::{Area, Capabilities, Condition, FrameRect, Status};
use helmsight::net::{Auth, TokenPlace};
use helmsight::protocol::camera::BoxFormat;
use secrecy::SecretString;
use serde_json::json;

use crate::scripted::{Camera, Say, answer, parts_head};
use crate::support::Watched;
use crate::watched::setup;
use crate::{message, picture};

fn only_detections(detections: bool) -> Capabilities {
    Capabilities { detections, ..Capabilities::default() }
}

#[tokio::test]
async fn json_with_detections() {
    let detections = json!([{"class": "player", "confidence": 0.91, "bbox": [4, 2, 8, 6]}]);
    let script = vec![Say::Text(message(32, detections)), Say::Hold];
    let camera = Camera::socket("/ws/stream/cam-2", vec![script]).await;
    let mut watched = Watched::at(&camera.url);
    let found = watched.picture(32).await;
    let place = FrameRect { x: 4.0, y: 2.0, width: 8.0, height: 6.0 };
    let found: Vec<_> = found.iter().map(|one| (&*one.class, one.area)).collect();
    assert_eq!(found, [("player", Area::Pixels(place))]);
    assert_eq!(watched.handle.status(), Status::Connected);
    assert_eq!(watched.capabilities(), only_detections(true));
    assert_eq!(camera.asked(), ["/ws/stream/cam-2"]);
    watched.close().await;
}

#[tokio::test]
async fn boxes_are_read_as_the_setup_says() {
    let detections = json!([{"class": "a", "bbox": [4, 2, 12, 8]}]);
    let script = vec![Say::Text(message(32, detections)), Say::Hold];
    let camera = Camera::socket("/ws/stream/1", vec![script]).await;
    let mut watched = Watched::new(helmsight::session::backend::CameraSetup {
        box_format: BoxFormat::Xyxy,
        ..setup(&camera.url)
    });
    let found = watched.picture(32).await;
    let Area::Pixels(place) = found[0].area else { panic!("pixels: {found:?}") };
    assert_eq!((place.width, place.height), (8.0, 6.0));
}

#[tokio::test]
async fn binary_messages_and_words_between_them() {
    let script = vec![
        Say::Text("warming up".to_owned()),
        Say::Text("warming up".to_owned()),
        Say::Bytes(picture(24)),
        Say::Text("lens\u{7} clean".to_owned()),
        Say::Bytes(picture(40)),
        Say::Hold,
    ];
    let camera = Camera::socket("/ws/stream/1", vec![script]).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(40).await;
    watched.row("lens  clean").await;
    let told = watched.texts();
    assert_eq!(told.iter().filter(|text| **text == "warming up").count(), 1, "{told:?}");
}

#[tokio::test]
async fn a_server_that_wants_to_be_asked_for_jpegs() {
    let script = vec![
        Say::Listen,
        Say::Text(r#"{"type":"mjpeg"}"#.to_owned()),
        Say::Bytes(picture(24)),
        Say::Hold,
    ];
    let camera = Camera::socket("/api/ws?src=front", vec![script]).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(24).await;
    assert_eq!(camera.asked(), ["/api/ws?src=front", r#"{"type":"mjpeg"}"#]);
    assert_eq!(watched.capabilities(), only_detections(false));
    assert_eq!(watched.handle.stats().frames_refused, 0);

    let refusal = r#"{"type":"error","value":"mjpeg: stream not found"}"#.to_owned();
    let script = vec![Say::Listen, Say::Text(refusal), Say::Hold];
    let camera = Camera::socket("/api/ws?src=back", vec![script]).await;
    let mut watched = Watched::at(&camera.url);
    let why = watched.reconnecting().await;
    assert!(why.contains("stream not found"), "{why}");
}

#[tokio::test]
async fn parts_with_a_length_and_without() {
    for has_length in [true, false] {
        let head = |jpeg: &[u8]| {
            let length = match has_length {
                true => format!("Content-Length: {}\r\n", jpeg.len()),
                false => String::new(),
            };
            format!("--frame\r\nContent-Type: image/jpeg\r\n{length}\r\n")
        };
        let mut script = vec![parts_head("multipart/x-mixed-replace; boundary=frame")];
        for width in [24, 40] {
            let jpeg = picture(width);
            script.extend([Say::Text(head(&jpeg)), Say::Bytes(jpeg), Say::Text("\r\n".to_owned())]);
        }
        script.push(Say::Hold);
        let camera = Camera::http("/api/stream.mjpeg?src=front", vec![script]).await;
        let mut watched = Watched::at(&camera.url);
        // The last one, too, which no boundary follows.
        watched.picture(40).await;
        assert_eq!(camera.asked(), ["/api/stream.mjpeg?src=front"]);
        assert_eq!(watched.capabilities(), only_detections(false));
        watched.close().await;
    }
}

#[tokio::test]
async fn parts_of_json_bring_their_detections() {
    let part = message(24, json!([{"label": "cat", "bbox": [0.1, 0.1, 0.5, 0.5]}]));
    let body = format!("--x\nContent-Type: application/json\n\n{part}\n--x\n");
    let script =
        vec![parts_head("multipart/x-mixed-replace; boundary=\"--x\""), Say::Text(body), Say::Hold];
    let camera = Camera::http("/stream", vec![script]).await;
    let mut watched = Watched::at(&camera.url);
    let found = watched.picture(24).await;
    assert!(matches!(found[0].area, Area::Fraction(_)), "{found:?}");
    assert_eq!(watched.capabilities(), only_detections(true));
}

#[tokio::test]
async fn one_picture_for_each_request() {
    let scripts = [24, 40, 56].map(|width| answer("200 OK", "image/jpeg", &picture(width)));
    let camera = Camera::http("/shot.jpg", scripts.to_vec()).await;
    let mut watched = Watched::at(&camera.url);
    for width in [24, 40, 56] {
        watched.picture(width).await;
    }
    assert_eq!(watched.handle.status(), Status::Connected);
}

#[tokio::test]
async fn a_key_goes_where_the_server_wants_it() {
    let script = vec![Say::Bytes(picture(24)), Say::Hold];
    let camera = Camera::socket("/ws/stream/1", vec![script]).await;
    let mut setup = setup(&camera.url);
    let place = TokenPlace::Query("token".to_owned());
    setup.auth = Auth::token(&setup.address.url, SecretString::from("k1"), place);
    let mut watched = Watched::new(setup);
    watched.picture(24).await;
    assert_eq!(camera.asked(), ["/ws/stream/1?token=k1"]);
}

/// Both dialects and every form in which a picture comes.
async fn shown_everywhere(data: &[u8], width: u32) {
    let part = [b"--f\r\nContent-Type: image/jpeg\r\n\r\n", data, b"\r\n"].concat();
    let head = || parts_head("multipart/x-mixed-replace; boundary=f");
    let text = json!({"frame": BASE64_STANDARD.encode(data), "detections": []}).to_string();
    for camera in [
        Camera::socket("/ws/1", vec![vec![Say::Bytes(data.to_vec()), Say::Hold]]).await,
        Camera::socket("/ws/2", vec![vec![Say::Text(text), Say::Hold]]).await,
        Camera::http("/parts", vec![vec![head(), Say::Bytes(part), Say::Hold]]).await,
        Camera::http("/shot.jpg", vec![answer("200 OK", "image/jpeg", data)]).await,
    ] {
        let mut watched = Watched::at(&camera.url);
        watched.picture(width).await;
        assert_eq!(watched.condition(), Condition::Live);
        watched.close().await;
    }
}

#[tokio::test]
async fn pictures_as_webcams_send_them_are_shown() {
    shown_everywhere(include_bytes!("../data/pictures/no-dht.jpg"), 640).await;
    shown_everywhere(include_bytes!("../data/pictures/no-dht-avi1.jpg"), 640).await;
}

#[tokio::test]
async fn a_turned_picture_has_its_upright_size() {
    // It is stored in 640x360, and boxes count in what detectors see.
    shown_everywhere(include_bytes!("../data/pictures/exif-6-red-top-left.jpg"), 360).await;
}

/// Parts as ffmpeg writes them, one for each width.
fn ffmpeg_parts(widths: &[u32]) -> Vec<u8> {
    let part = |width: &u32| {
        let jpeg = picture(*width);
        let head = format!(
            "--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: {}\r\n\r\n",
            jpeg.len()
        );
        [head.as_bytes(), &jpeg, b"\r\n"].concat()
    };
    widths.iter().flat_map(part).collect()
}

/// The head of an answer with these lines in it, and no length.
fn head(lines: &str) -> Say {
    Say::Text(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{lines}\r\n"))
}

#[tokio::test]
async fn streams_are_watched_whatever_they_are_labeled() {
    let pictures = [picture(24), picture(40)].concat();
    for label in [
        "",
        "Content-Type: application/octet-stream\r\n",
        "Content-Type: image/jpeg\r\n",
        "Content-Type: video/x-motion-jpeg\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: multipart/x-mixed-replace; boundary=another\r\n",
    ] {
        for body in [ffmpeg_parts(&[24, 40]), pictures.clone()] {
            let script = vec![head(label), Say::Bytes(body), Say::Hold];
            let camera = Camera::http("/stream", vec![script]).await;
            let mut watched = Watched::at(&camera.url);
            watched.picture(40).await;
            assert_eq!(camera.asked(), ["/stream"], "{label}");
        }
    }
}

#[tokio::test]
async fn what_is_no_stream_of_pictures_is_named() {
    for (label, body, words) in [
        ("image/jpeg", &b"<!DOCTYPE html><p>Log in"[..], "a web page"),
        ("application/octet-stream", b"\0\0\0\x01\x67\x42\0\x1F", "H.264"),
        ("video/mp4", b"\0\0\0\x18ftypisom", "MP4 video"),
    ] {
        let script = vec![head(&format!("Content-Type: {label}\r\n")), Say::Bytes(body.to_vec())];
        let camera = Camera::http("/x", vec![script]).await;
        let mut watched = Watched::at(&camera.url);
        let why = watched.ended().await;
        assert!(why.contains(words) && why.contains("address"), "{why}");
    }
}

#[tokio::test]
async fn pictures_come_over_plain_tcp() {
    let gstreamer = |width: u32| {
        let jpeg = picture(width);
        let head = format!(
            "\r\n--ThisRandomString\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
            jpeg.len()
        );
        [head.as_bytes(), &jpeg].concat()
    };
    // A client may come in the middle of a picture.
    let late = [&picture(16)[100..], &gstreamer(24), &gstreamer(40)].concat();
    for body in [
        [gstreamer(24), gstreamer(40)].concat(),
        [picture(24), picture(40)].concat(),
        ffmpeg_parts(&[24, 40]),
        late,
    ] {
        let camera = Camera::tcp(vec![vec![Say::Bytes(body), Say::Hold]]).await;
        let mut watched = Watched::at(&camera.url);
        watched.picture(40).await;
        assert_eq!(watched.handle.status(), Status::Connected);
        assert_eq!(camera.asked(), ["connected"]);
        watched.close().await;
    }
    let video = vec![Say::Bytes(b"\0\0\0\x01\x67\x42\0\x1F".to_vec()), Say::Hold];
    let camera = Camera::tcp(vec![video]).await;
    let why = Watched::at(&camera.url).ended().await;
    assert!(why.contains("H.264"), "{why}");
}

#[tokio::test]
async fn a_tcp_camera_that_goes_away_is_tried_again() {
    let scripts = vec![
        vec![Say::Bytes([picture(24), picture(24)].concat())],
        vec![Say::Bytes(picture(40)), Say::Hold],
    ];
    let camera = Camera::tcp(scripts).await;
    let mut watched = Watched::at(&camera.url);
    watched.row("ended the stream").await;
    watched.picture(40).await;
}

#[tokio::test]
async fn heads_and_parts_are_read_as_vendors_write_them() {
    let body = ffmpeg_parts(&[24, 40]);
    let type_line = "Content-Type: multipart/x-mixed-replace; boundary=ffmpeg\r\n";
    let many: String = (0..300).map(|n| format!("X-Field-{n}: {n}\r\n")).collect();
    for lines in [
        "Content-Type: multipart/x-mixed-replace;\r\n boundary=ffmpeg\r\n".to_owned(),
        "Content-Type: multipart/x-mixed-replace;\r\n\tboundary=ffmpeg\r\n".to_owned(),
        "Content-Type : multipart/x-mixed-replace; boundary=ffmpeg\r\n".to_owned(),
        format!("{many}{type_line}"),
        format!("no field at all\r\n{type_line}"),
        format!("X (Y): z\r\n{type_line}"),
    ] {
        let script = vec![head(&lines), Say::Bytes(body.clone()), Say::Hold];
        let camera = Camera::http("/stream", vec![script]).await;
        let mut watched = Watched::at(&camera.url);
        watched.picture(40).await;
    }
    for answer in [
        &include_bytes!("../data/streams/obs-fold-head.http")[..],
        include_bytes!("../data/streams/closing-dashes-after-every-part.http"),
    ] {
        let script = vec![Say::Bytes(answer.to_vec()), Say::Hold];
        let camera = Camera::http("/stream", vec![script]).await;
        let mut watched = Watched::at(&camera.url);
        watched.until("all five", |it| it.handle.stats().frames_received == 5).await;
        watched.picture(160).await;
    }
}

#[tokio::test]
async fn a_cookie_that_a_login_hands_out_is_kept() {
    let login = "HTTP/1.1 302 Found\r\nLocation: /stream?in=1\r\nSet-Cookie: sid=7f; Path=/; HttpOnly\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let scripts = vec![
        vec![Say::Text(login.to_owned())],
        vec![
            parts_head("multipart/x-mixed-replace; boundary=ffmpeg"),
            Say::Bytes(ffmpeg_parts(&[24])),
        ],
        vec![
            parts_head("multipart/x-mixed-replace; boundary=ffmpeg"),
            Say::Bytes(ffmpeg_parts(&[40])),
            Say::Hold,
        ],
    ];
    let camera = Camera::http("/stream", scripts).await;
    let mut watched = Watched::at(&camera.url);
    watched.picture(40).await;
    assert_eq!(camera.asked(), ["/stream", "/stream?in=1", "/stream"]);
    let heads = camera.heads();
    let has_cookie = |head: &String| head.contains("\r\ncookie: sid=7f\r\n");
    assert_eq!(heads.iter().map(has_cookie).collect::<Vec<_>>(), [false, true, true]);
}
