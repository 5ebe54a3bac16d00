//! Messages of services, cameras, the session host and its clients.

use std::time::Instant;

use helmsight::model::{
    Area, ClipboardContent, Control, FrameSize, InputControl, KeyInput, Modifiers, MouseButton,
    PageControl, PointerAt,
};
use helmsight::protocol::camera::{BoxFormat, CameraMessage, binary_message, text_message};
use helmsight::protocol::cobrowse::{Dialect, SpaceSession, changes, sessions_of};
use helmsight::protocol::computers::{
    Computer, action_result, cast_message, computers_of, error_words, event_news, screenshot,
    tabs_of,
};
use helmsight::protocol::socket::{ClientMessage, ServerMessage, encode};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::cases;
use crate::inputs::{broken, is_plain, json, text};

const WORDS: &[&str] = &[
    "id",
    "computer_id",
    "session_id",
    "kind",
    "type",
    "status",
    "state",
    "title",
    "url",
    "created_at",
    "expires_at",
    "inactivity_timeout_seconds",
    "timeout_seconds",
    "last_activity_at",
    "endpoints",
    "control",
    "chat",
    "tabs",
    "result",
    "data",
    "tab_id",
    "active",
    "request_id",
    "action",
    "page_context",
    "error",
    "error_message",
    "message",
    "timestamp",
    "clientIndex",
    "userData",
    "name",
    "driver",
    "index",
    "running",
    "terminated",
    "success",
    "is_stderr",
    "x",
    "y",
    "text",
    "level",
    "sessions",
    "link",
    "participants",
    "reason",
    "note",
    "screenshot_url",
    "image_data",
    "metadata",
    "width",
    "height",
];

const CAMERA_WORDS: &[&str] = &[
    "frame",
    "image",
    "image_data",
    "data",
    "timestamp",
    "camera_id",
    "detections",
    "objects",
    "predictions",
    "class",
    "label",
    "confidence",
    "score",
    "bbox",
    "box",
    "xyxy",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "w",
    "h",
    "width",
    "height",
    "image_size",
    "frame_width",
    "frame_height",
    "metadata",
    "payload",
    "error",
    "/9j/4AAQSkZJRg==",
    "data:image/jpeg;base64,/9j/4AAQ",
];

const JSON_MARKS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\",
    b"\\ud83d",
    b"\\u0000",
    b"NaN",
    b"Infinity",
    b"1e400",
    b"-",
    b"null",
    b"true",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"'",
    b"b'",
    b"\n",
    b"[[[[[[[[",
];

fn good_camera_messages() -> Vec<Vec<u8>> {
    [
        json!({"frame": "/9j/4AAQSkZJRg==", "timestamp": 1_777_629_600_123_u64, "camera_id": "cam-2",
            "detections": [{"class": "person", "confidence": 0.91, "bbox": [4, 2, 8, 6]}, {"label": "ball", "score": 88, "x1": 1, "y1": 2, "x2": 3, "y2": 4}]}),
        json!({"data": {"image": "data:image/jpeg;base64,/9j/4AAQ", "metadata": {"width": 640, "height": 480}}, "objects": [{"cls": 3, "xyxy": [0.1, 0.2, 0.3, 0.4]}]}),
        json!({"error": "no such camera"}),
        json!({"type": "status", "message": "warming up"}),
    ]
    .map(|json| json.to_string().into_bytes())
    .to_vec()
}

fn check_camera(message: &CameraMessage) -> Result<(), TestCaseError> {
    match message {
        CameraMessage::Picture { frame, camera_id, .. } => {
            prop_assert!(frame.detections.len() <= 500);
            for found in frame.detections.iter() {
                prop_assert!((0.0..=1.0).contains(&found.confidence), "{found:?}");
                prop_assert!(
                    found.class.chars().count() <= 61 && is_plain(&found.class),
                    "{found:?}"
                );
                let (Area::Pixels(at) | Area::Fraction(at)) = found.area;
                prop_assert!([at.x, at.y, at.width, at.height].iter().all(|side| side.is_finite()));
                prop_assert!(at.width >= 0.0 && at.height >= 0.0, "{found:?}");
            }
            prop_assert!(camera_id.as_ref().is_none_or(|id| is_plain(id)));
        }
        CameraMessage::Status(words) | CameraMessage::Failed(words) => {
            prop_assert!(is_plain(words) && words.chars().count() <= 301, "{words}");
        }
        CameraMessage::Damaged(_) | CameraMessage::Other => {}
    }
    Ok(())
}

fn format() -> impl Strategy<Value = BoxFormat> {
    select(vec![BoxFormat::Xywh, BoxFormat::Xyxy, BoxFormat::Cxcywh])
}

fn control() -> impl Strategy<Value = Control> {
    let at = || {
        (0.0..4000.0_f32, -10.0..4000.0_f32, any::<u32>(), any::<u32>(), any::<bool>()).prop_map(
            |(x, y, width, height, shift)| PointerAt {
                x,
                y,
                width,
                height,
                held: vec![MouseButton::Left],
                modifiers: Modifiers { shift, ..Modifiers::default() },
            },
        )
    };
    let key = || {
        (text(), text(), proptest::option::of(text()), any::<bool>()).prop_map(
            |(key, code, text, repeat)| KeyInput { key, code, text, repeat, ..KeyInput::default() },
        )
    };
    prop_oneof![
        at().prop_map(|at| InputControl::PointerMove(at).into()),
        (at(), any::<u8>()).prop_map(|(at, clicks)| {
            InputControl::PointerDown { at, button: MouseButton::Right, clicks }.into()
        }),
        (at(), -1e4..1e4_f32).prop_map(|(at, dy)| InputControl::Wheel { at, dx: 0.0, dy }.into()),
        key().prop_map(|key| InputControl::KeyDown(key).into()),
        text().prop_map(|text| InputControl::Text { text }.into()),
        text().prop_map(|text| {
            let text = Some(text);
            InputControl::Paste(ClipboardContent { text, ..ClipboardContent::default() }).into()
        }),
        text().prop_map(|url| PageControl::Navigate { url }.into()),
        text().prop_map(|tab_id| PageControl::CloseTab { tab_id }.into()),
        (any::<bool>(), proptest::option::of(text()))
            .prop_map(|(accept, text)| PageControl::AnswerDialog { accept, text }.into()),
        (any::<u32>(), any::<u32>()).prop_map(|(width, height)| PageControl::Viewport(FrameSize {
            width,
            height
        })
        .into()),
    ]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn what_a_service_describes_is_bounded(value in json(WORDS)) {
        for computer in Computer::read(&value).into_iter().chain(computers_of(&value).unwrap_or_default()) {
            let summary = computer.summary;
            prop_assert!(!summary.id.is_empty() && summary.id.len() <= 256);
            for text in summary.title.iter().chain(&summary.url).chain(&computer.control_endpoint) {
                prop_assert!(text.len() <= 4096 && text.capacity() <= 4096);
            }
            prop_assert!(is_plain(&summary.state));
        }
        for dialect in [Dialect::Webfuse, Dialect::Surfly] {
            let sessions = sessions_of(dialect, &value).unwrap_or_default();
            for session in SpaceSession::read(dialect, &value).iter().chain(&sessions) {
                prop_assert!(changes(None, session).len() <= 102);
            }
        }
        for tab in tabs_of(&value).unwrap_or_default() {
            prop_assert!(tab.id.len() <= 256 && tab.url.len() <= 4096 && tab.title.len() <= 4096);
        }
        for words in error_words(&value).into_iter().chain(action_result(&value).err()).chain(screenshot(&value).err()) {
            prop_assert!(is_plain(&words), "{words}");
        }
    }

    #[test]
    fn every_event_is_a_row(name in text(), value in json(WORDS), id in text()) {
        let data = value.to_string();
        let event = event_news(&name, &data, &id, Timestamp::UNIX_EPOCH).event;
        prop_assert!(is_plain(&event.text) && event.text.chars().count() <= 513, "{}", event.text);
        prop_assert!(is_plain(&event.name) && event.name.chars().count() <= 65, "{}", event.name);
        prop_assert_eq!(&*event.raw, data.as_str());
    }

    #[test]
    fn an_event_that_is_no_json_is_a_row_as_well(bytes in broken(vec![b"{\"type\":\"console\",\"text\":\"x\"}".to_vec()], JSON_MARKS)) {
        let data = String::from_utf8_lossy(&bytes);
        let event = event_news("message", &data, "", Timestamp::UNIX_EPOCH).event;
        prop_assert!(is_plain(&event.text), "{}", event.text);
        drop(cast_message("message", &data, Instant::now()));
    }

    #[test]
    fn what_a_camera_says_is_safe(bytes in broken(good_camera_messages(), JSON_MARKS), format in format()) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        check_camera(&text_message(&text, format, Instant::now()))?;
        check_camera(&binary_message(bytes.into(), format, Instant::now()))?;
    }

    #[test]
    fn any_json_of_a_camera_is_safe(value in json(CAMERA_WORDS), format in format()) {
        check_camera(&text_message(&value.to_string(), format, Instant::now()))?;
    }

    #[test]
    fn a_control_is_read_as_it_is_written(control in control()) {
        let read: ClientMessage = serde_json::from_str(&encode(&control)).unwrap();
        prop_assert_eq!(read, ClientMessage::Control(control));
    }

    #[test]
    fn what_the_host_says_is_read_as_it_is_written(url in text(), title in text(), id in text(), number: i64) {
        let event = json!({"type": title, "n": [number, null, true]});
        for message in [
            ServerMessage::Page { url: url.as_str().into(), title: title.as_str().into(), loading: true, can_go_back: false, can_go_forward: true, zoom: 100 },
            ServerMessage::Download { id: id.into(), url: url.into(), file_name: title.clone().into(), received: 7, total: None, state: "running".into(), reason: None },
            ServerMessage::Refused { what: "say".to_owned(), why: title },
            ServerMessage::Event { id: 9, event },
        ] {
            let wire = serde_json::to_string(&message).unwrap();
            prop_assert_eq!(serde_json::from_str::<ServerMessage>(&wire).unwrap(), message);
        }
    }

    #[test]
    fn no_message_of_a_client_or_a_host_is_more_than_refused(value in json(WORDS)) {
        let text = value.to_string();
        drop((serde_json::from_str::<ClientMessage>(&text), serde_json::from_str::<ServerMessage>(&text)));
        for dialect in [Dialect::Webfuse, Dialect::Surfly] {
            drop(dialect.read(text.as_bytes()));
        }
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}
