//! Tests every form of message and of box that is understood, and what is refused.

use serde_json::json;

use super::*;
use crate::model::{Area, Detection, FrameRect};

const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF, 0xE0, 0xFB, 0xEF, 0xBE, 0x3E, 0x3F, 0x01];

fn image() -> String {
    BASE64_STANDARD.encode(JPEG)
}

fn read(text: &str, format: BoxFormat) -> CameraMessage {
    text_message(text, format, Instant::now())
}

#[track_caller]
fn picture_of(message: CameraMessage) -> (EncodedFrame, Option<String>) {
    match message {
        CameraMessage::Picture { frame, camera_id, .. } => (frame, camera_id),
        other => panic!("no picture: {other:?}"),
    }
}

/// The detections of a frame with this list.
#[track_caller]
fn found(message: Value, format: BoxFormat) -> Vec<Detection> {
    picture_of(read(&message.to_string(), format)).0.detections.to_vec()
}

fn rect([x, y, width, height]: [f32; 4]) -> FrameRect {
    FrameRect { x, y, width, height }
}

#[test]
fn the_published_form_is_read_whole() {
    let text = json!({
        "frame": image(), "timestamp": 1_777_629_600_123_u64, "camera_id": "cam-2",
        "detections": [{"class": "player", "confidence": 0.91, "bbox": [120, 64, 40, 96]}],
    });
    let (frame, camera_id) = picture_of(read(&text.to_string(), BoxFormat::Xywh));
    assert_eq!(frame.data, JPEG);
    assert_eq!(camera_id.as_deref(), Some("cam-2"));
    let at = frame.captured_at.map(Timestamp::as_millisecond);
    assert_eq!(at, Some(1_777_629_600_123));
    let wanted = Detection {
        class: "player".into(),
        confidence: 0.91,
        area: Area::Pixels(rect([120.0, 64.0, 40.0, 96.0])),
    };
    assert_eq!(*frame.detections, [wanted]);
}

#[test]
fn every_shape_of_message_has_its_picture_and_its_detections() {
    let one = json!([{"label": "cat", "score": 0.5, "box": [2, 3, 4, 5]}]);
    for (message, id) in [
        (
            json!({"camera_id": 7, "timestamp": "2026-05-01T10:00:00Z", "sequence": 3, "format": "jpeg", "data": image(), "objects": one}),
            Some("7"),
        ),
        (json!({"type": "image", "format": "jpeg", "data": image(), "predictions": one}), None),
        (
            json!({"type": "detection", "data": {"image": image(), "timestamp": 3.5, "detections": one}}),
            None,
        ),
        (json!({"image_data": image(), "detections": one}), None),
        (json!({"image_data": image(), "detections": {"predictions": one}}), None),
        (json!({"frame": {"data": image()}, "camera": "door", "detections": one}), Some("door")),
        (
            json!({"frame": format!("data:image/jpeg;base64,{}", image()), "metadata": {"detections": one}}),
            None,
        ),
    ] {
        let (frame, camera_id) = picture_of(read(&message.to_string(), BoxFormat::Xywh));
        assert_eq!((frame.data.as_ref(), camera_id.as_deref()), (JPEG, id), "{message}");
        assert_eq!(frame.detections.len(), 1, "{message}");
    }
    for bare in [image(), format!("\"{}\"", image()), format!("data:image/jpeg;base64,{}", image())]
    {
        assert_eq!(picture_of(read(&bare, BoxFormat::Xywh)).0.data, JPEG);
    }
    let binary = binary_message(Bytes::from_static(JPEG), BoxFormat::Xywh, Instant::now());
    assert_eq!(picture_of(binary).0.data, JPEG);
    let json_in_bytes = Bytes::from(json!({"frame": image()}).to_string());
    picture_of(binary_message(json_in_bytes, BoxFormat::Xywh, Instant::now()));
}

#[test]
fn every_form_of_box_is_the_same_place() {
    use BoxFormat::{Cxcywh, Xywh, Xyxy};
    let wanted = Area::Pixels(rect([10.0, 20.0, 30.0, 40.0]));
    for (detection, format) in [
        (json!({"bbox": [10, 20, 30, 40]}), Xywh),
        (json!({"bbox": ["10", "20.0", "30", "40"]}), Xywh),
        (json!({"box": [10, 20, 40, 60]}), Xyxy),
        (json!({"bbox": [25, 40, 30, 40]}), Cxcywh),
        (json!({"xywh": [10, 20, 30, 40]}), Xywh),
        (json!({"xyxy": [10, 20, 40, 60]}), Xywh),
        (json!({"xyxy": [[10, 20, 40, 60]]}), Xywh),
        (json!({"cxcywh": [25, 40, 30, 40]}), Xyxy),
        (json!({"x": 10, "y": 20, "width": 30, "height": 40}), Xyxy),
        (json!({"x": 25, "y": 40, "width": 30, "height": 40}), Cxcywh),
        (json!({"x": 10, "y": 20, "w": 30, "h": 40}), Xywh),
        (json!({"x1": 10, "y1": 20, "x2": 40, "y2": 60}), Cxcywh),
        (json!({"xmin": 10, "ymin": 20, "xmax": 40, "ymax": 60}), Xywh),
        (json!({"left": 10, "top": 20, "right": 40, "bottom": 60}), Xywh),
        (json!({"left": 10, "top": 20, "width": 30, "height": 40}), Cxcywh),
        (json!({"cx": 25, "cy": 40, "w": 30, "h": 40}), Xywh),
        (json!({"bbox": {"x": 10, "y": 20, "width": 30, "height": 40}}), Xywh),
        (json!({"boundingBox": {"left": 10, "top": 20, "right": 40, "bottom": 60}}), Xywh),
        (json!({"box": [[10, 20], [40, 60]]}), Xywh),
    ] {
        let message = json!({"frame": image(), "detections": [detection]});
        let found = found(message, format);
        assert_eq!(
            found.iter().map(|d| d.area).collect::<Vec<_>>(),
            [wanted],
            "{detection} {format:?}"
        );
    }
}

#[test]
fn fractions_and_other_sizes_count_in_the_picture() {
    let half = Area::Fraction(rect([0.5, 0.25, 0.25, 0.5]));
    let with = |more: Value, bbox: [f64; 4], format| {
        let mut message = json!({"frame": image(), "detections": [{"class": "a", "bbox": bbox}]});
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        found(message, format)[0].area
    };
    assert_eq!(with(json!({}), [0.5, 0.25, 0.25, 0.5], BoxFormat::Xywh), half);
    assert_eq!(with(json!({}), [0.5, 0.25, 0.75, 0.75], BoxFormat::Xyxy), half);
    assert_eq!(with(json!({}), [0.625, 0.5, 0.25, 0.5], BoxFormat::Cxcywh), half);
    let pixels = [320.0, 90.0, 160.0, 180.0];
    for size in [
        json!({"width": 640, "height": 360}),
        json!({"frame_width": 640, "frame_height": 360, "width": 1, "height": 1}),
        json!({"image_size": [640, 360]}),
        json!({"image": {"width": 640, "height": 360}}),
        json!({"metadata": {"width": 640, "height": 360}}),
    ] {
        assert_eq!(with(size.clone(), pixels, BoxFormat::Xywh), half, "{size}");
    }
    // A size that is none changes nothing.
    let absurd = with(json!({"width": 0, "height": -5}), pixels, BoxFormat::Xywh);
    assert!(matches!(absurd, Area::Pixels(_)), "{absurd:?}");
    // A fraction may reach out of the picture and stays one.
    let out = with(json!({}), [0.9, -0.1, 0.3, 0.2], BoxFormat::Xywh);
    assert!(matches!(out, Area::Fraction(_)), "{out:?}");
}

#[test]
fn names_and_confidence_are_read_in_every_form() {
    for (detection, class, confidence) in [
        (json!({"class": "a", "confidence": 0.5}), "a", 0.5),
        (json!({"label": "a", "score": 50}), "a", 0.5),
        (json!({"cls": 3, "name": "a", "conf": "50%"}), "a", 0.5),
        (json!({"class_name": " a\n", "probability": 1}), "a", 1.0),
        (json!({"class": {"name": "a"}}), "a", 1.0),
        (json!({"class_id": 3}), "class 3", 1.0),
        (json!({"cls": 3}), "class 3", 1.0),
        (json!({"class": ""}), "object", 1.0),
        (json!({"class": "x\u{202E}y"}), r"x\u202ey", 1.0),
    ] {
        let mut one = detection.clone();
        one["bbox"] = json!([1, 2, 3, 4]);
        let found = found(json!({"frame": image(), "detections": [one]}), BoxFormat::Xywh);
        assert_eq!((&*found[0].class, found[0].confidence), (class, confidence), "{detection}");
    }
    let long = json!({"class": "x".repeat(9000), "bbox": [1, 2, 3, 4]});
    let found = found(json!({"frame": image(), "detections": [long]}), BoxFormat::Xywh);
    assert!(found[0].class.chars().count() <= MAX_ID);
}

#[test]
fn what_is_no_place_is_passed_over_and_the_rest_is_kept() {
    let good = json!({"class": "good", "bbox": [1, 2, 3, 4]});
    let bad = [
        json!({"bbox": [1, 2, -3, 4]}),
        json!({"bbox": [1, 2, 3]}),
        json!({"bbox": [1, 2, 3, 4, 5]}),
        json!({"bbox": [1, 2, 3, null]}),
        json!({"bbox": ["NaN", 2, 3, 4]}),
        json!({"bbox": ["inf", 2, 3, 4]}),
        json!({"bbox": [1e300, 2, 3, 4]}),
        json!({"xyxy": [9, 9, 3, 12]}),
        json!({"bbox": [1, 2, 3, 4], "confidence": -1}),
        json!({"bbox": [1, 2, 3, 4], "confidence": 1000}),
        json!({"class": "nowhere"}),
        json!("text"),
        json!(null),
        json!({"bbox": [1, 2, 3, 4], "pad": "x".repeat(20_000)}),
    ];
    for bad in bad {
        let list = json!([bad.clone(), good]);
        let found = found(json!({"frame": image(), "detections": list}), BoxFormat::Xywh);
        let classes: Vec<_> = found.iter().map(|d| &*d.class).collect();
        assert_eq!(classes, ["good"], "{bad}");
    }
    // A list that is none costs nothing but itself.
    for list in [json!("none"), json!(3), json!({"x": 1}), json!(null)] {
        let message = json!({"frame": image(), "detections": list});
        assert!(found(message, BoxFormat::Xywh).is_empty(), "{list}");
    }
}

#[test]
fn a_flood_of_detections_is_cut() {
    let one = r#"{"class":"a","bbox":[1,2,3,4]}"#;
    let list = vec![one; 20_000].join(",");
    let text = format!(r#"{{"frame":"{}","detections":[{list}]}}"#, image());
    let (frame, _) = picture_of(read(&text, BoxFormat::Xywh));
    assert_eq!(frame.detections.len(), 500);
    // One name in memory, however often it comes.
    let first = &frame.detections[0].class;
    assert!(frame.detections.iter().all(|d| std::sync::Arc::ptr_eq(first, &d.class)));
}

#[test]
fn what_is_no_picture_says_what_it_is() {
    for (text, wanted) in [
        ("camera offline\n", r#"Status("camera offline")"#),
        ("", "Other"),
        ("42", "Other"),
        ("[1]", "Other"),
        ("<!DOCTYPE html><p>log in", r#"Damaged("a web page")"#),
        ("GIF89a", r#"Damaged("a GIF")"#),
        (r#"{"type":"mjpeg"}"#, "Other"),
        (r#"{"type":"status","message":"warming up"}"#, r#"Status("warming up")"#),
        (
            r#"{"type":"error","value":"mjpeg: no such stream"}"#,
            r#"Failed("mjpeg: no such stream")"#,
        ),
        (r#"{"type":"error","data":"dark"}"#, r#"Failed("dark")"#),
        (r#"{"error":{"message":"no rights"}}"#, r#"Failed("no rights")"#),
        (r#"{"type":"error"}"#, r#"Failed("no reason given")"#),
        (r#"{"detections":[{"bbox":[1,2,3,4]}]}"#, "Other"),
        (r#"{"frame":"@@@"}"#, r#"Damaged("text that is no Base64")"#),
        (r#"{"frame":""}"#, r#"Damaged("empty")"#),
        (r#"{"frame":"R0lGODlh"}"#, r#"Damaged("a GIF")"#),
        (r#"{"frame":"/9j/4A"#, r#"Damaged("JSON that is not whole")"#),
    ] {
        assert_eq!(format!("{:?}", read(text, BoxFormat::Xywh)), wanted, "{text}");
    }
    let deep = format!(r#"{{"frame":"x","detections":{}"#, "[".repeat(1_000_000));
    assert!(matches!(read(&deep, BoxFormat::Xywh), CameraMessage::Damaged(_)));
    let video = Bytes::from_static(&[0, 0, 0, 1, 0x67]);
    let video = binary_message(video, BoxFormat::Xywh, Instant::now());
    assert!(matches!(video, CameraMessage::Damaged(what) if what.contains("H.264")));
    let bare = BASE64_STANDARD.encode([&b"GIF89a"[..], &[7; 60]].concat());
    let bare = read(&bare, BoxFormat::Xywh);
    assert!(matches!(&bare, CameraMessage::Damaged(what) if what == "a GIF"), "{bare:?}");
}

#[test]
fn a_forwarded_picture_has_exactly_the_published_fields() {
    let at = Timestamp::from_millisecond(1_777_629_600_123).unwrap();
    let body = forwarded(JPEG, at, "cam-2");
    let wanted = json!({
        "streamName": "webcam", "streamType": "frame", "frame": image(),
        "timestamp": 1_777_629_600_123_i64, "camera_id": "cam-2",
    });
    assert_eq!(body, wanted);
}

#[test]
fn an_odd_token_costs_no_picture_and_no_other_detection() {
    let image = image();
    let (good, whole) = (r#"{"class":"good","bbox":[1,2,3,4]}"#, image.as_str());
    let with = |odd: &str| format!(r#"{{"frame":"{whole}","detections":[{good},{odd}]}}"#);
    for (odd, words) in [
        (
            r#"{"class":"car","confidence":NaN,"bbox":[1,1,5,5]}"#,
            "car: its confidence can't be read",
        ),
        (
            r#"{"class":"car","confidence":1e400,"bbox":[1,1,5,5]}"#,
            "car: its confidence can't be read",
        ),
        (r#"{"class":"car","bbox":[-Infinity,1,5,5]}"#, "car: its place can't be read"),
        (r#"{"class":"\ud83d","bbox":[1,undefined,5,5]}"#, "\u{FFFD}: its place can't be read"),
        (r#""car""#, "object: its place can't be read"),
    ] {
        let CameraMessage::Picture { frame, unread, .. } = read(&with(odd), BoxFormat::Xywh) else {
            panic!("no picture: {odd}");
        };
        assert_eq!(frame.data, JPEG, "{odd}");
        assert_eq!(frame.detections.iter().map(|d| &*d.class).collect::<Vec<_>>(), ["good"]);
        assert_eq!(unread, Some(UnreadDetections { count: 1, first: words.to_owned() }), "{odd}");
    }
    let (frame, _) =
        picture_of(read(&with(r#"{"class":"half \ude00","bbox":[1,1,5,5]},"#), BoxFormat::Xywh));
    assert_eq!(&*frame.detections[1].class, "half \u{FFFD}");
}

#[test]
fn what_others_wrap_around_a_message_or_a_picture_is_taken_off() {
    const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF, 0xFB, 0xEF, 0xBE, 0x00, 0x01];
    let image = BASE64_STANDARD.encode(JPEG);
    assert!(image.contains('+'), "it has what a form makes a space of");
    let plain = format!(r#"{{"frame":"{image}","detections":[{{"class":"a","bbox":[1,2,3,4]}}]}}"#);
    let as_text = Value::from(plain.as_str()).to_string();
    let spaced = image.replace('+', " ");
    let broken = format!("{} {}", &image[..8], &image[8..]);
    for text in [
        format!("\u{FEFF}{plain}"),
        as_text.clone(),
        Value::from(as_text.as_str()).to_string(),
        format!("b'{plain}'"),
        format!(r#"{{"topic":"cam","payload":{as_text}}}"#),
        format!(
            r#"{{"frame":"b'{image}'","detections":"[{{\"class\":\"a\",\"bbox\":[1,2,3,4]}}]"}}"#
        ),
        format!(r#"{{"frame":"{spaced}","detections":[{{"class":"a","bbox":[1,2,3,4]}}]}}"#),
        format!(r#"{{"frame":"{broken}","detections":[{{"class":"a","bbox":[1,2,3,4]}}]}}"#),
        format!(
            "{{\"frame\":\"data:image/jpeg;base64,{}\n{}\",\"detections\":[{{\"class\":\"a\",\"bbox\":[1,2,3,4]}}],\"x\":NaN}}",
            &image[..8],
            &image[8..]
        ),
    ] {
        let (frame, _) = picture_of(read(&text, BoxFormat::Xywh));
        assert_eq!((&frame.data[..], frame.detections.len()), (JPEG, 1), "{text}");
        let as_bytes = binary_message(text.clone().into(), BoxFormat::Xywh, Instant::now());
        assert_eq!(picture_of(as_bytes).0.data, JPEG, "{text}");
    }
    for bare in [format!("b'{image}'"), format!("\u{FEFF}{image}\n"), spaced] {
        assert_eq!(picture_of(read(&bare, BoxFormat::Xywh)).0.data, JPEG, "{bare}");
    }
}
