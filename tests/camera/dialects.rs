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
