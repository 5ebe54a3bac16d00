//! Webhooks: who may post, what is bounded, what is told.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use helmsight::base::Wake;
use helmsight::host::HostConfig;
use helmsight::model::Update;
use helmsight::net::{Auth, Client, TokenPlace};
use helmsight::session::{OpenOptions, ServiceKind, ServiceSetup, open, service_of};
use helmsight::video::DecodePool;
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::stage::{PATIENCE, Stage};

const SECRET: &str = "a secret of the webhooks";

async fn stage() -> Stage {
    Stage::with(HostConfig {
        hook_secret: Some(SecretString::from(SECRET)),
        ..HostConfig::default()
    })
    .await
}

fn signature(bytes: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), bytes);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn event(sequence: u64, category: &str) -> Value {
    json!({"category": category, "created_at": Timestamp::now(), "sequence_id": sequence,
        "data": {"session_id": "s1", "participant": {"name": "Ann"}}})
}

/// As a service does it: without our token, and without knowing how we call ourselves.
async fn deliver(
    stage: &Stage,
    path: &str,
    body: Vec<u8>,
    signature: Option<&str>,
) -> (u16, Value) {
    let url = stage.host.base_url().join(path).unwrap();
    let mut request = stage
        .http
        .post(url)
        .header("host", "relay.example.com")
        .header("user-agent", "webfuse-webhooks/1.0")
        .body(body);
    if let Some(signature) = signature {
        request = request.header("webhook-signature", signature);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

#[tokio::test]
async fn events_of_services_are_told_in_our_words() {
    let stage = stage().await;
    let mut stream = stage.sse("hooks/events").await;
    let started = event(1, "space.session.started").to_string().into_bytes();
    let sent = gzip(&started);
    // Signed before it was packed; the next one after.
    let (status, answer) = deliver(&stage, "hooks/webfuse", sent, Some(&signature(&started))).await;
    assert_eq!(status, 200);
    let told = answer["id"].as_u64();
    let joined = gzip(event(2, "space.session.participant_joined").to_string().as_bytes());
    let proof = format!("sha256={}", signature(&joined));
    assert_eq!(deliver(&stage, "v1/hooks/webfuse", joined, Some(&proof)).await.0, 200);
    let plain = json!({"sequence_id": 1, "type": "session.queued", "data": {"session_id": "q"}})
        .to_string();
    let key = format!("hooks/surfly?key={}", signature(b"/hooks/surfly"));
    assert_eq!(deliver(&stage, &key, plain.clone().into_bytes(), None).await.0, 200);

    let (id, first) = stream.event().await.unwrap();
    assert_eq!((id, &first["type"]), (told, &json!("session_started")));
    assert_eq!(
        (&first["service"], &first["category"], &first["session_id"], &first["sequence_id"]),
        (&json!("webfuse"), &json!("space.session.started"), &json!("s1"), &json!("1"))
    );
    assert!(first["timestamp"].is_string());
    let (second_id, second) = stream.event().await.unwrap();
    assert_eq!(
        (&second["type"], &second["data"]["participant"]["name"]),
        (&json!("participant_joined"), &json!("Ann"))
    );
    let (third_id, third) = stream.event().await.unwrap();
    assert_eq!((&third["type"], &third["session_id"]), (&json!("session_queued"), &json!("q")));
    let seen = second_id.map(|id| id.to_string());
    let mut again = stage.sse_after("v1/hooks/events", seen.as_deref()).await;
    assert_eq!(again.event().await.unwrap().0, third_id);
    // Somebody who was there in an earlier run has seen none of them.
    let mut earlier = stage.sse_after("hooks/events", Some("7")).await;
    assert_eq!(earlier.event().await.unwrap().0, id);
    stage.host.shutdown().await;
    assert!(again.event().await.is_none());
}

#[tokio::test]
async fn only_who_knows_the_secret_may_post() {
    let stage = stage().await;
    let mut stream = stage.sse("hooks/events").await;
    let body = event(1, "space.session.ended").to_string().into_bytes();
    let good = signature(&body);
    let other = signature(event(2, "space.session.ended").to_string().as_bytes());
    for bad in [None, Some(""), Some("sha256="), Some(&*other), Some(&good[..63])] {
        let (status, answer) = deliver(&stage, "hooks/webfuse", body.clone(), bad).await;
        assert_eq!(status, 401, "{bad:?} {answer}");
        assert!(answer["error_message"].as_str().unwrap().contains("signature"));
    }
    // The other service's URL is no proof here, and ours no proof there.
    let key = signature(b"/hooks/surfly");
    for path in [
        format!("hooks/webfuse?key={key}"),
        format!("hooks/webfuse?key={}", signature(b"/hooks/webfuse")),
        format!("hooks/surfly?key={}", signature(b"/hooks/webfuse")),
        format!("hooks/surfly?key={SECRET}"),
        "hooks/surfly".to_owned(),
    ] {
        assert_eq!(deliver(&stage, &path, body.clone(), None).await.0, 401, "{path}");
    }
    assert_eq!(
        deliver(&stage, &format!("hooks/surfly?key={key}"), body.clone(), Some("x")).await.0,
        401
    );
    assert_eq!(deliver(&stage, "hooks/nobody", body.clone(), Some(&good)).await.0, 404);
    // The token does not help a service, nor the signature a reader.
    let response =
        stage.request(http::Method::POST, "hooks/webfuse").body(body.clone()).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let reader = stage.host.base_url().join("hooks/events").unwrap();
    assert_eq!(stage.http.get(reader).send().await.unwrap().status(), 401);
    // Nothing of all this was told.
    let (status, answer) = deliver(&stage, "hooks/webfuse", body, Some(&good)).await;
    assert_eq!(status, 200);
    assert_eq!(stream.event().await.unwrap().0, answer["id"].as_u64());
}

#[tokio::test]
async fn without_a_secret_nothing_is_taken() {
    let stage = Stage::new().await;
    let body = event(1, "space.session.ended").to_string().into_bytes();
    let proof = signature(&body);
    let (status, answer) = deliver(&stage, "hooks/webfuse", body, Some(&proof)).await;
    assert_eq!(status, 404);
    assert!(answer["error_message"].as_str().unwrap().contains("webhook secret"), "{answer}");
}

#[tokio::test]
async fn bombs_and_giants_are_refused() {
    let stage = stage().await;
    // 64 MiB of nothing are 64 KiB on the wire.
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 256 << 10, "{}", bomb.len());
    let proof = signature(&bomb);
    let (status, answer) = deliver(&stage, "hooks/webfuse", bomb, Some(&proof)).await;
    assert_eq!(status, 413, "{answer}");
    assert!(answer["error_message"].as_str().unwrap().contains("inflates"));
    let giant = vec![b' '; (256 << 10) + 1];
    assert_eq!(
        deliver(&stage, "hooks/webfuse", giant.clone(), Some(&signature(&giant))).await.0,
        413
    );
    let mut cut = gzip(event(1, "space.session.ended").to_string().as_bytes());
    cut.truncate(cut.len() - 9);
    let proof = signature(&cut);
    assert_eq!(deliver(&stage, "hooks/webfuse", cut, Some(&proof)).await.0, 400);
    let odd = b"{\"category\":".to_vec();
    let proof = signature(&odd);
    assert_eq!(deliver(&stage, "hooks/webfuse", odd, Some(&proof)).await.0, 400);
}

#[tokio::test]
async fn what_came_before_is_not_told_again() {
    let stage = stage().await;
    let mut stream = stage.sse("hooks/events").await;
    let first = event(7, "space.session.started").to_string().into_bytes();
    let proof = signature(&first);
    for duplicate in [false, true, true] {
        let (status, answer) = deliver(&stage, "hooks/webfuse", first.clone(), Some(&proof)).await;
        assert_eq!((status, &answer["duplicate"]), (200, &json!(duplicate)));
    }
    let mut old = event(8, "space.session.started");
    old["created_at"] = json!(Timestamp::now() - SignedDuration::from_hours(2));
    let old = old.to_string().into_bytes();
    let (status, answer) =
        deliver(&stage, "hooks/webfuse", old.clone(), Some(&signature(&old))).await;
    assert_eq!(status, 400);
    assert!(answer["error_message"].as_str().unwrap().contains("replay"), "{answer}");
    let next = event(9, "space.session.ended").to_string().into_bytes();
    assert_eq!(
        deliver(&stage, "hooks/webfuse", next.clone(), Some(&signature(&next))).await.0,
        200
    );
    assert_eq!(stream.event().await.unwrap().1["sequence_id"], "7");
    assert_eq!(stream.event().await.unwrap().1["sequence_id"], "9");
}

/// A service that gives no date can be replayed at any time, and a host is restarted now and then.
#[tokio::test]
async fn an_event_without_a_date_is_taken_once_whatever_is_restarted() {
    let folder = tempfile::tempdir().unwrap();
    let config = || HostConfig {
        hook_secret: Some(SecretString::from(SECRET)),
        hook_memory: Some(folder.path().join("taken")),
        ..HostConfig::default()
    };
    let plain = json!({"sequence_id": 1, "type": "session.queued", "data": {"session_id": "q"}});
    let plain = plain.to_string().into_bytes();
    let proof = signature(&plain);
    for (run, duplicate) in [(0, false), (1, true), (2, true)] {
        let stage = Stage::with(config()).await;
        let (status, answer) = deliver(&stage, "hooks/surfly", plain.clone(), Some(&proof)).await;
        assert_eq!((status, &answer["duplicate"]), (200, &json!(duplicate)), "run {run}");
        // One run ends in order, the next is dropped.
        if run == 0 {
            stage.host.shutdown().await;
        }
    }
}

/// As it is set up for real: the service is asked for the session, and the host for the events.
#[tokio::test]
async fn webhook_events_reach_the_log_of_the_session_that_they_are_about() {
    let stage = stage().await;
    for (sequence, session) in [(1, "s2"), (2, "s1")] {
        let mut event = event(sequence, "space.session.participant_joined");
        event["data"]["session_id"] = json!(session);
        let body = event.to_string().into_bytes();
        let proof = signature(&body);
        let taken = deliver(&stage, "hooks/webfuse", body, Some(&proof)).await;
        assert_eq!(taken.0, 200);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let described = axum::Json(json!({"session_id": "s1", "status": "active"}));
    let service = axum::Router::new()
        .route("/api/v1/sessions/s1", axum::routing::get(move || async move { described }))
        .fallback(|| async { axum::Json(json!({"status": "error", "error": "No picture"})) });
    let mut served = tokio::task::JoinSet::new();
    served.spawn(async move { axum::serve(listener, service).await });
    let base = stage.host.base_url();
    let auth = Auth::token(base, stage.host.token().clone(), TokenPlace::Bearer);
    let hooks = Client::new(base.clone(), auth).unwrap();
    let setup = ServiceSetup {
        webhooks: Some(hooks),
        ..ServiceSetup::new(address.parse().unwrap(), Auth::none())
    };
    let service = service_of(ServiceKind::Webfuse, setup).unwrap();
    let (decode, tracker) = (DecodePool::new(1).unwrap(), TaskTracker::new());
    let handle = open(
        &Handle::current(),
        &tracker,
        service.session("s1"),
        &decode,
        Wake::none(),
        OpenOptions::default(),
    );
    let mut rows: Vec<(String, String)> = Vec::new();
    let is_there =
        |rows: &[(String, String)]| rows.iter().any(|(kind, _)| kind == "participant_joined");
    let told = tokio::time::timeout(PATIENCE, async {
        while !is_there(&rows) {
            rows.extend(handle.drain().into_iter().filter_map(|update| match update {
                Update::Event(event) => Some((event.name.to_string(), event.raw.to_string())),
                _ => None,
            }));
            tokio::task::yield_now().await;
        }
    });
    told.await.expect("the event in the log");
    let about: Vec<_> = rows.iter().filter(|(kind, _)| kind == "participant_joined").collect();
    assert!(about.iter().all(|(_, raw)| raw.contains("\"s1\"")), "{about:?}");
}
