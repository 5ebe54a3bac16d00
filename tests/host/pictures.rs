//! The screencast: one cast for many, newest first, and only while somebody watches.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::stage::{Stage, until};

fn picture(event: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(event["image_data"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn watchers_share_a_cast_and_the_last_one_stops_it() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let cast = format!("{session}/screencast");
    let driver = stage.drivers.last();
    let mut first = stage.sse(&cast).await;
    assert_eq!(driver.casts().len(), 1);
    driver.show(b"\xFF\xD8one");
    let (id, event) = first.event().await.unwrap();
    assert_eq!((id, picture(&event)), (None, b"\xFF\xD8one".to_vec()));
    assert_eq!(
        event["metadata"],
        json!({"timestamp": 1_700_000_000.5, "deviceWidth": 1280, "deviceHeight": 720})
    );

    // A late watcher has the current picture at once, without a new one.
    let mut second = stage.sse(&cast).await;
    assert_eq!(picture(&second.event().await.unwrap().1), b"\xFF\xD8one");
    assert_eq!(driver.casts().len(), 1);

    // A thumbnail is a cast of its own.
    let thumb = stage.sse(&format!("{cast}?quality=40&max_width=320&max_fps=1")).await;
    let options = driver.casts();
    assert_eq!((options.len(), options[1].quality, options[1].max_width), (2, 40, Some(320)));
    assert_eq!(stage.get(&format!("{session}/subscribers")).await.1["casts"], 2);

    drop(thumb);
    until("the thumbnail's cast stops", || driver.casts().len() == 1).await;
    drop(first);
    driver.show(b"\xFF\xD8two");
    assert_eq!(picture(&second.event().await.unwrap().1), b"\xFF\xD8two");
    drop(second);
    until("the cast stops", || driver.casts().is_empty()).await;
    // And starts again for the next.
    let mut third = stage.sse(&cast).await;
    driver.show(b"\xFF\xD8three");
    assert_eq!(picture(&third.event().await.unwrap().1), b"\xFF\xD8three");
}

#[tokio::test]
async fn a_limited_watcher_gets_the_newest_picture_of_each_period() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let driver = stage.drivers.last();
    let mut stream = stage.sse(&format!("{session}/screencast?max_fps=4")).await;
    driver.show(b"first");
    assert_eq!(picture(&stream.event().await.unwrap().1), b"first");
    let started = Instant::now();
    for skipped in [&b"a"[..], b"b", b"c", b"newest"] {
        driver.show(skipped);
    }
    assert_eq!(picture(&stream.event().await.unwrap().1), b"newest");
    assert!(started.elapsed() > Duration::from_millis(150), "{:?}", started.elapsed());
}
