//! Cameras over real sockets: scripted ones in every dialect, with stalls and lies, and services that pictures are
//! sent on to. All is seen through the program's own client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod dialects;
mod faults;
mod forwarding;
mod logins;
mod receiver;
mod scripted;
#[path = "../support/mod.rs"]
mod support;
mod unseen;
mod watched;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use image::codecs::jpeg::JpegEncoder;
use serde_json::{Value, json};

/// A picture of one color; its width tells it from others.
fn picture(width: u32) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let image = image::RgbImage::from_pixel(width, 16, image::Rgb([30, 90, 160]));
    image.write_with_encoder(JpegEncoder::new(&mut jpeg)).unwrap();
    jpeg
}

/// A message in the published form.
fn message(width: u32, detections: Value) -> String {
    json!({
        "frame": BASE64_STANDARD.encode(picture(width)),
        "timestamp": 1_777_629_600_123_u64,
        "camera_id": "cam-2",
        "detections": detections,
    })
    .to_string()
}
