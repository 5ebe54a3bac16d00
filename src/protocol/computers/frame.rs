//! Reads pictures of the screencast in every form in use, which are told apart by their content.

use std::time::Instant;

use super::words::error_words;
use crate::base::json;
use crate::base::text::one_line;
use crate::model::{EncodedFrame, FramePos};
use crate::protocol::payload::{Fields, Text, is_payload, is_picture_field, name_of_text, picture};

/// One event of the screencast stream.
#[derive(Debug)]
pub enum CastMessage {
    /// A picture.
    Picture(EncodedFrame),
    /// The H.264 of a desktop, which is not decoded.
    Video,
    /// The sprite of a desktop's pointer, or its place in pixels of the picture.
    Cursor(Option<FramePos>),
    /// The server tells why there are no pictures.
    Failed(String),
    /// What is in a picture's place is of no format that is shown. Its name stands after "what comes is".
    Damaged(String),
    /// The event is something else.
    Unknown,
}

/// Reads one event of the stream; `kind` is the event's name, "message" where it has none.
pub fn cast_message(kind: &str, data: &str, received_at: Instant) -> CastMessage {
    match kind {
        "h264" => CastMessage::Video,
        "cursor_update" | "cursor_position" => CastMessage::Cursor(cursor(data)),
        "error" => CastMessage::Failed(failure(data)),
        _ => unnamed(data, received_at),
    }
}

const WRAPPERS: [&str; 2] = ["data", "params"];
const METADATA: &str = "metadata";
const VIDEO: &str = "nalu_data";

fn is_known(key: &str) -> bool {
    is_picture_field(key) || WRAPPERS.contains(&key) || [METADATA, VIDEO].contains(&key)
}

fn unnamed(data: &str, received_at: Instant) -> CastMessage {
    let data = json::document_text(data);
    let data = data.as_ref();
    match data.as_bytes().first() {
        Some(b'{') => object(data, received_at),
        Some(b'"') => match serde_json::from_str::<Text<'_>>(data) {
            Ok(text) => bare(&text.0, received_at),
            Err(_) => CastMessage::Unknown,
        },
        _ => bare(data, received_at),
    }
}

fn bare(text: &str, received_at: Instant) -> CastMessage {
    match picture(text) {
        Some((format, data)) => CastMessage::Picture(EncodedFrame::bare(format, data, received_at)),
        None if is_payload(text) => CastMessage::Damaged(name_of_text(text)),
        None => CastMessage::Unknown,
    }
}

fn object(data: &str, received_at: Instant) -> CastMessage {
    let mut space = String::new();
    let Some(outer) = Fields::read(data, &mut space, is_known) else {
        return CastMessage::Damaged("JSON that is not whole".to_owned());
    };
    if outer.get(VIDEO).is_some() {
        return CastMessage::Video;
    }
    let wrapped = || WRAPPERS.iter().find_map(|key| outer.object(key));
    let inner = if outer.has_picture_text() { None } else { wrapped() };
    let metadata =
        inner.as_ref().and_then(|inner| inner.object(METADATA)).or_else(|| outer.object(METADATA));
    let scopes: Vec<_> = [&metadata, &inner].into_iter().flatten().chain([&outer]).collect();
    if let Some((format, data)) = scopes.iter().rev().find_map(|fields| fields.picture()) {
        return CastMessage::Picture(EncodedFrame {
            format,
            data,
            viewport: scopes.iter().find_map(|fields| fields.size()),
            captured_at: scopes.iter().find_map(|fields| fields.time()),
            received_at,
            detections: Default::default(),
        });
    }
    let unread = scopes.iter().rev().find_map(|fields| fields.unread_picture());
    unread.map_or(CastMessage::Unknown, CastMessage::Damaged)
}

fn cursor(data: &str) -> Option<FramePos> {
    let place = json::document(data).ok()?;
    let at = |key: &str| {
        let at = place[key].as_f64()? as f32;
        at.is_finite().then_some(at)
    };
    Some(FramePos { x: at("x")?, y: at("y")? })
}

fn failure(data: &str) -> String {
    let body = json::document(data).ok();
    body.as_ref().and_then(error_words).unwrap_or_else(|| one_line(data, 300))
}

#[cfg(test)]
mod tests {
    use base64::prelude::{
        BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _,
    };
    use jiff::Timestamp;

    use super::*;
    use crate::model::{FrameSize, ImageFormat};
    use crate::protocol::payload::PICTURES;

    /// This is no whole picture but its magic number, with bytes that differ between the alphabets.
    const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF, 0xE0, 0xFB, 0xEF, 0xBE, 0x3E, 0x3F, 0x01];

    fn read(kind: &str, data: &str) -> CastMessage {
        cast_message(kind, data, Instant::now())
    }

    fn frame(data: &str) -> EncodedFrame {
        match read("message", data) {
            CastMessage::Picture(frame) => frame,
            other => panic!("{data}: {other:?}"),
        }
    }

    #[test]
    fn every_payload_form_is_a_picture() {
        let plain = BASE64_STANDARD.encode(JPEG);
        let bare = BASE64_STANDARD_NO_PAD.encode(JPEG);
        let url_safe = BASE64_URL_SAFE_NO_PAD.encode(JPEG);
        assert!(
            plain.contains('/') && plain.ends_with('=') && url_safe.contains('_'),
            "the table must tell forms apart"
        );
        let escaped = plain.replace('/', "\\/");
        let wrapped = format!("{}\n{}", &plain[..4], &plain[4..]);
        let mut forms = vec![
            plain.clone(),
            bare.clone(),
            url_safe.clone(),
            wrapped,
            format!("data:image/jpeg;base64,{plain}"),
            format!("\"{plain}\""),
            format!("\"{escaped}\""),
            format!("\"data:image/jpeg;base64,{url_safe}\""),
            format!(r#"{{"data":{{"image":"{bare}"}}}}"#),
            format!(r#"{{"method":"frame","params":{{"data":"{plain}"}}}}"#),
            format!(r#" {{"image_data":null,"frame":"{plain}"}} "#),
            format!(r#"{{"data":"not a picture","screenshot":"{plain}"}}"#),
            format!(r#"{{"image_data":"{escaped}","huge":[{{"x":1}}]}}"#),
        ];
        forms.extend(PICTURES.iter().map(|key| format!(r#"{{"{key}":"{plain}"}}"#)));
        for form in &forms {
            let frame = frame(form);
            assert_eq!((frame.format, frame.data.as_ref()), (ImageFormat::Jpeg, JPEG), "{form}");
        }
    }

    #[test]
    fn metadata_tells_size_and_time() {
        let image = BASE64_STANDARD.encode(JPEG);
        let size = |width, height| Some(FrameSize { width, height });
        for (json, viewport, second) in [
            (
                format!(
                    r#"{{"image_data":"{image}","metadata":{{"timestamp":1777629600.5,"deviceWidth":1280,"deviceHeight":720}}}}"#
                ),
                size(1280, 720),
                Some(1_777_629_600),
            ),
            (
                format!(
                    r#"{{"data":"{image}","metadata":{{"ts":1777629600000,"viewport_width":800.0,"viewport_height":600}}}}"#
                ),
                size(800, 600),
                Some(1_777_629_600),
            ),
            (
                format!(
                    r#"{{"frame":"{image}","viewportWidth":5,"viewportHeight":6,"captured_at":"2026-05-01T10:00:00Z"}}"#
                ),
                size(5, 6),
                Some(1_777_629_600),
            ),
            (
                format!(
                    r#"{{"params":{{"data":"{image}","metadata":{{"device_width":7,"device_height":8}}}}}}"#
                ),
                size(7, 8),
                None,
            ),
            (
                format!(r#"{{"image":"{image}","width":9,"height":10,"time":3.5}}"#),
                size(9, 10),
                None,
            ),
            (format!(r#"{{"image":"{image}","width":0,"height":10}}"#), None, None),
            (format!(r#"{{"image":"{image}","metadata":"none"}}"#), None, None),
        ] {
            let frame = frame(&json);
            assert_eq!(
                (frame.viewport, frame.captured_at.map(Timestamp::as_second)),
                (viewport, second),
                "{json}"
            );
        }
    }

    #[test]
    fn formats_are_told_by_content() {
        let png = BASE64_STANDARD.encode([0x89, b'P', b'N', b'G', 13, 10, 26, 10]);
        assert_eq!(frame(&format!("data:image/jpeg;base64,{png}")).format, ImageFormat::Png);
    }

    #[test]
    fn what_is_no_picture_says_what_it_is() {
        for (kind, data, expected) in [
            ("h264", r#"{"nalu_data":"AAAAAWdC"}"#, "Video"),
            ("message", r#"{"nalu_data":"AAAAAWdC"}"#, "Video"),
            ("cursor_update", r#"{"hotspot":{"x":1,"y":2}}"#, "Cursor(None)"),
            ("cursor_position", r#"{"x":1,"y":1e300}"#, "Cursor(None)"),
            ("cursor_position", r#"{"x":1,"y":2}"#, "Cursor(Some(FramePos { x: 1.0, y: 2.0 }))"),
            ("error", r#"{"error_message":"No screencast"}"#, r#"Failed("No screencast")"#),
            ("error", "plain", r#"Failed("plain")"#),
            ("message", "", "Unknown"),
            (
                "message",
                r#"{"image_data":"AAAA"}"#,
                r#"Damaged("of no known kind (it begins with 00 00 00)")"#,
            ),
            ("message", r#"{"image_data":"R0lGODlh"}"#, r#"Damaged("a GIF")"#),
            ("message", r#"{"image_data":"?"}"#, r#"Damaged("text that is no Base64")"#),
            ("message", r#"{"image_data":"/9j/4A"#, r#"Damaged("JSON that is not whole")"#),
            ("message", r#"{"type":"ping","data":"AAAA"}"#, "Unknown"),
            ("message", r#"{"image_data":{"nested":true}}"#, "Unknown"),
            ("message", "[1,2]", "Unknown"),
            ("message", "data:image/jpeg", "Unknown"),
            ("message", "\"unfinished", "Unknown"),
        ] {
            assert_eq!(format!("{:?}", read(kind, data)), expected, "{kind} {data}");
        }
        let deep =
            format!(r#"{{"other":{},"metadata":{}"#, "[".repeat(1_000_000), "{".repeat(1_000_000));
        assert!(
            matches!(read("message", &deep), CastMessage::Damaged(_)),
            "no stack is spent on depth"
        );
    }
}
