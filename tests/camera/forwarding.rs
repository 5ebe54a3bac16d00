//! Pictures sent on: exactly as published, never faster than allowed, and never in the picture's way.

use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use helmsight::net::{Auth, TokenPlace};
use secrecy::SecretString;
use serde_json::json;

use crate::receiver::{Manner, Receiver};
use crate::scripted::{Camera, Say};
use crate::support::Watched;
use crate::{message, picture};

fn key_for(base: &str) -> Auth {
    let base = base.parse().unwrap();
    Auth::token(&base, SecretString::from("k9"), TokenPlace::Bearer)
}

async fn stream(period: u64) -> Camera {
    Camera::socket("/ws/stream/1", vec![vec![Say::Repeat(picture(24), period)]]).await
}

#[tokio::test]
async fn the_body_is_the_published_one() {
    let script = vec![Say::Text(message(24, json!([]))), Say::Hold];
    let camera = Camera::socket("/ws/stream/cam-2", vec![script]).await;
    let receiver = Receiver::start(Manner::Answer(200)).await;
    let auth = key_for(&receiver.base);
    let mut watched = Watched::forwarding_to(&camera.url, &receiver.base, auth, 2.0);
    watched.until("one sent", |it| it.forwarding().sent == 1).await;
    let posts = receiver.posts();
    assert_eq!(posts[0].path, "/base/api/v1/actions/actions/send");
    assert_eq!(posts[0].authorization.as_deref(), Some("Bearer k9"));
    let wanted = json!({
        "streamName": "webcam", "streamType": "frame",
        "frame": BASE64_STANDARD.encode(picture(24)),
        "timestamp": 1_777_629_600_123_u64, "camera_id": "cam-2",
    });
    assert_eq!(posts[0].body, wanted);
}

#[tokio::test]
async fn no_more_are_sent_than_allowed_and_none_after_the_end() {
    let camera = stream(10).await;
    let receiver = Receiver::start(Manner::Answer(204)).await;
    let mut watched = Watched::forwarding_to(&camera.url, &receiver.base, Auth::none(), 5.0);
    watched.until("five sent", |it| it.forwarding().sent >= 5).await;
    let posts = receiver.posts();
    let took = posts[4].at - posts[0].at;
    assert!(took >= Duration::from_millis(780), "{took:?}");
    assert!(watched.handle.stats().frames_received > 20);
    assert_eq!(posts[0].body["camera_id"], "Camera");
    // Nothing is left then that could send.
    watched.close().await;
}

#[tokio::test]
async fn a_slow_service_gets_fewer_and_newer_pictures_and_costs_nothing() {
    let camera = stream(10).await;
    for manner in [Manner::Slow(400), Manner::Dead] {
        let receiver = Receiver::start(manner).await;
        let mut watched = Watched::forwarding_to(&camera.url, &receiver.base, Auth::none(), 50.0);
        let start = Instant::now();
        watched.until("a hundred pictures", |it| it.handle.stats().frames_received >= 100).await;
        let took = start.elapsed();
        assert!(took < Duration::from_secs(8), "{manner:?}: {took:?}");
        let most = took.as_millis() / 400 + 2;
        assert!(receiver.posts().len() as u128 <= most, "{manner:?}");
        watched.close().await;
    }
}

#[tokio::test]
async fn failures_are_counted_and_told_now_and_then() {
    let camera = stream(10).await;
    let receiver = Receiver::start(Manner::Answer(500)).await;
    let mut watched = Watched::forwarding_to(&camera.url, &receiver.base, Auth::none(), 50.0);
    watched.until("three failures", |it| it.forwarding().failed >= 3).await;
    let told = watched.forwarding();
    assert!(told.last_error.unwrap().contains("500"));
    let rows = watched.rows().filter(|row| row.name == "forwarding").count();
    assert_eq!(rows, 1);
    // It is asked less often than it could be.
    let posts = receiver.posts();
    assert!(posts[2].at - posts[0].at >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_refused_key_is_not_repeated_and_never_goes_elsewhere() {
    let camera = stream(10).await;
    let refusing = Receiver::start(Manner::Answer(401)).await;
    let auth = key_for(&refusing.base);
    let mut watched = Watched::forwarding_to(&camera.url, &refusing.base, auth, 50.0);
    watched.row("Forwarding stopped").await;
    let seen = watched.handle.stats().frames_received;
    watched.until("more pictures", |it| it.handle.stats().frames_received > seen + 20).await;
    assert_eq!(refusing.posts().len(), 1);

    let thief = Receiver::start(Manner::Answer(200)).await;
    let sending = Receiver::start_toward(Manner::Elsewhere, thief.base.clone()).await;
    let auth = key_for(&sending.base);
    let mut watched = Watched::forwarding_to(&camera.url, &sending.base, auth, 50.0);
    watched.until("a failure", |it| it.forwarding().failed >= 1).await;
    assert!(thief.posts().is_empty());
}

#[tokio::test]
async fn an_address_that_can_take_nothing_leaves_the_picture_alone() {
    let camera = stream(50).await;
    let base = "http://far.test/";
    let mut watched = Watched::forwarding_to(&camera.url, base, key_for(base), 1.0);
    watched.picture(24).await;
    watched.row("Nothing can be forwarded").await;
    assert!(watched.forwarding().last_error.is_some());
}
