//! Places at every scale factor: pixels of a screenshot for REST, pixels of a picture for the socket.

use base64::Engine as _;
use base64::engine::Simd;
use base64::engine::general_purpose::PAD;
use futures_util::{SinkExt as _, StreamExt as _};
use helmsight::model::{FrameSize, ImageFormat};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::served::ServedHost;
use crate::support::{SOON, page};

/// A button whose middle is at 310, 215 CSS pixels.
const PAGE: &str = "<button style='position:absolute;left:300px;top:210px;width:20px;height:10px;padding:0' \
    onclick='document.title = ++n'>b</button><script>let n = 0</script>";

/// The size that a picture really has.
fn size_of(base64: &Value, format: ImageFormat) -> FrameSize {
    let bytes = Simd::standard(PAD).decode(base64.as_str().unwrap()).unwrap();
    assert_eq!(ImageFormat::sniff(&bytes), Some(format));
    let picture = image::load_from_memory(&bytes).unwrap();
    FrameSize { width: picture.width(), height: picture.height() }
}

#[tokio::test]
async fn a_place_in_a_picture_is_the_same_place_in_the_page_at_every_scale() {
    let Some(client) = ServedHost::start().await else { return };
    for scale in [1.0, 1.5, 2.0] {
        let display = json!({ "width": 640, "height": 480, "scale": scale });
        let created =
            client.post("computers", json!({ "display": display, "start_url": page(PAGE) }));
        let session = format!("computers/{}", created.await["id"].as_str().unwrap());
        client.title(&session, "ready").await;

        let shot = client.post(&format!("{session}/screenshot"), json!({ "base64": true })).await;
        let shot = size_of(&shot["result"]["screenshot_base64"], ImageFormat::Png);
        assert_eq!(f64::from(shot.width), 640.0 * scale);
        let place = |size: FrameSize| {
            (310.0 * f64::from(size.width) / 640.0, 215.0 * f64::from(size.height) / 480.0)
        };
        let (x, y) = place(shot);
        client.post(&format!("{session}/click"), json!({ "x": x, "y": y })).await;
        client.title(&session, "1").await;

        let url = format!("{}{session}/ws?token={}", client.base, client.token);
        let (mut socket, _) =
            tokio_tungstenite::connect_async(url.replace("http://", "ws://")).await.unwrap();
        let wish = json!({ "type": "screencast", "on": true });
        socket.send(Message::text(wish.to_string())).await.unwrap();
        let mut frame = Value::Null;
        while frame["type"] != "frame" {
            let next = tokio::time::timeout(SOON, socket.next()).await;
            if let Message::Text(text) = next.expect("a picture").unwrap().unwrap() {
                frame = serde_json::from_str(&text).unwrap();
            }
        }
        let picture = size_of(&frame["data"], ImageFormat::Jpeg);
        let (x, y) = place(picture);
        for kind in ["pointer_move", "pointer_down", "pointer_up"] {
            let message = json!({ "type": kind, "x": x, "y": y, "width": picture.width, "height": picture.height, "button": "left", "clicks": 1, "held": [] });
            socket.send(Message::text(message.to_string())).await.unwrap();
        }
        client.title(&session, "2").await;
    }
    client.host.shutdown().await;
}
