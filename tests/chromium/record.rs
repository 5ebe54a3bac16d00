//! Makes the bundled sample session: `cargo test --test chromium record -- --ignored`.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use helmsight::host::driver::{CastFrame, CastOptions};
use helmsight::model::{InputControl, Modifiers, MouseButton, PageControl, PointerAt};
use serde_json::{Value, json};

use crate::support::Session;

/// Two dozen pictures of this page stay under a megabyte.
const QUALITY: u8 = 42;
/// From one kept picture to the next, at least.
const EVERY: Duration = Duration::from_millis(390);
const KINDS: &[&str] = &["navigation", "console", "dialog", "download"];

fn at(x: f32, y: f32) -> PointerAt {
    PointerAt { x, y, ..PointerAt::default() }
}

/// The tempo of the recording, which is all that these pauses are for.
async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// A person using the start page, for about eleven seconds.
async fn use_it(session: &Session) {
    pause(900).await;
    session.click(200.0, 212.0).await;
    for letter in "Ahoy, Göteborg! ⚓".chars() {
        if letter.is_ascii_alphabetic() {
            let code = format!("Key{}", letter.to_ascii_uppercase());
            session
                .key(&letter.to_string(), &code, Some(&letter.to_string()), Modifiers::default())
                .await;
        } else {
            session.act(InputControl::Text { text: letter.to_string() }).await.unwrap();
        }
        pause(130).await;
    }
    for _ in 0..3 {
        session.click(560.0, 215.0).await;
        pause(350).await;
    }
    let left = MouseButton::Left;
    session
        .act(InputControl::PointerDown { at: at(120.0, 500.0), button: left, clicks: 1 })
        .await
        .unwrap();
    for step in 0..=40 {
        let along = step as f32 / 40.0;
        let place = at(120.0 + along * 560.0, 500.0 + (along * 12.0).sin() * 55.0);
        session.act(InputControl::PointerMove(place)).await.unwrap();
        pause(40).await;
    }
    session
        .act(InputControl::PointerUp { at: at(680.0, 510.0), button: left, clicks: 1 })
        .await
        .unwrap();
    for _ in 0..8 {
        session
            .act(InputControl::Wheel { at: at(1020.0, 500.0), dx: 0.0, dy: 60.0 })
            .await
            .unwrap();
        pause(120).await;
    }
    session.click(905.0, 212.0).await;
    session.state("a dialog", |state| state.dialog.is_some()).await;
    pause(1200).await;
    session
        .act(PageControl::AnswerDialog { accept: true, text: Some("Endeavour".to_owned()) })
        .await
        .unwrap();
    pause(500).await;
    session.click(1010.0, 212.0).await;
    session.event("download", |fields| fields["state"] == "completed").await;
    pause(900).await;
}

#[tokio::test]
#[ignore = "rewrites assets/sample"]
async fn record() {
    let session = Session::start(None).await.expect("a browser");
    session.title("Welcome to Helmsight").await;
    let start = Instant::now();
    let pictures = Arc::new(Mutex::new(Vec::<(Duration, CastFrame)>::new()));
    let sink = pictures.clone();
    let keep = move |frame: CastFrame| {
        let mut pictures = sink.lock().unwrap();
        let now = start.elapsed();
        if pictures.last().is_none_or(|(last, _)| now - *last >= EVERY) {
            pictures.push((now, frame));
        }
    };
    let guard = session
        .driver
        .cast(CastOptions { quality: QUALITY, max_width: None }, Arc::new(keep))
        .await
        .unwrap();
    let mut told = session.events.clone();
    let mut timed: Vec<(Duration, &str, Value)> = Vec::new();
    let mut used = Box::pin(use_it(&session));
    let mut seen = 0;
    loop {
        let done = tokio::select! {
            biased;
            changed = told.changed() => changed.is_err(),
            () = &mut used => true,
        };
        let news = told.borrow_and_update().clone();
        for event in &news[seen..] {
            if let Some(kind) = KINDS.iter().find(|kind| **kind == event.kind.word()) {
                let mut fields = event.fields.clone();
                if fields.get("tab_id").is_some() {
                    fields["tab_id"] = json!("sample");
                }
                timed.push((start.elapsed(), kind, fields));
            }
        }
        seen = news.len();
        if done {
            break;
        }
    }
    drop(used);
    drop(guard);

    let mut lines: Vec<(Duration, Value)> = timed
        .into_iter()
        .map(|(at, kind, fields)| {
            (at, json!({ "at_ms": at.as_millis() as u64, "kind": kind, "fields": fields }))
        })
        .collect();
    let mut frames = Vec::new();
    for (at, frame) in pictures.lock().unwrap().iter() {
        frames.extend_from_slice(&frame.data);
        lines.push((*at, json!({ "at_ms": at.as_millis() as u64, "frame": frame.data.len() })));
    }
    lines.sort_by_key(|(at, _)| *at);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample");
    std::fs::write(folder.join("frames.mjpeg"), &frames).unwrap();
    let text: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    std::fs::write(folder.join("timeline.jsonl"), text).unwrap();
    println!("{} lines, {} bytes of pictures", lines.len(), frames.len());
    session.end().await;
}
