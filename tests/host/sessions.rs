//! Sessions from their beginning to their end.

use std::time::{Duration, Instant};

use helmsight::host::{DriverKind, HostConfig};
use helmsight::model::FrameSize;
use http::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, until};

#[tokio::test]
async fn a_session_is_made_listed_kept_and_ended() {
    let stage = Stage::new().await;
    assert_eq!(stage.get("computers").await, (200, json!([])));
    let wanted = json!({
        "kind": "browser", "display": {"width": 800, "height": 600, "scale": 2}, "inactivity_timeout_seconds": 60,
        "max_lifetime_seconds": 3600, "persistent": false, "stealth": {}, "start_url": "https://a.test/",
    });
    let (status, computer) = stage.post("v1/computers", wanted).await;
    assert_eq!(status, 200);
    let id = computer["id"].as_str().unwrap().to_owned();
    assert_eq!(computer["status"], "running");
    assert_eq!(computer["kind"], "browser");
    assert_eq!(
        (&computer["inactivity_timeout_seconds"], &computer["max_lifetime_seconds"]),
        (&json!(60), &json!(3600))
    );
    assert_eq!(computer["endpoints"]["events"], format!("/computers/{id}/events"));
    assert_eq!(computer["endpoints"]["ws"], computer["endpoints"]["control"]);
    for time in ["created_at", "expires_at", "idle_expires_at", "last_activity_at"] {
        assert!(computer[time].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{time}");
    }
    let driver = stage.drivers.last();
    assert_eq!(
        (driver.request.kind, driver.request.width, driver.request.scale),
        (DriverKind::Browser, 800, 2.0)
    );
    assert_eq!(driver.request.start_url.as_deref(), Some("https://a.test/"));

    for path in [format!("computers/{id}"), format!("v1/computers/{id}/status")] {
        assert_eq!(stage.get(&path).await.1["id"], id.as_str());
    }
    assert_eq!(stage.get("computers?type=live").await.1.as_array().unwrap().len(), 1);
    assert_eq!(stage.get("computers?type=persistent").await.1, json!([]));
    assert_eq!(
        stage.post(&format!("computers/{id}/keepalive"), Value::Null).await.1["status"],
        "running"
    );

    assert_eq!(
        stage.call(Method::DELETE, &format!("computers/{id}"), Value::Null).await,
        (204, Value::Null)
    );
    assert!(driver.is_closed());
    assert_eq!(stage.get(&format!("computers/{id}/status")).await.1["status"], "terminated");
    assert_eq!(stage.get("computers").await.1[0]["status"], "terminated");
    for call in ["keepalive", "click", "screenshot", "execute"] {
        let body = if call == "execute" {
            json!({"action": {"type": "wait", "ms": 1}})
        } else {
            json!({"x": 1, "y": 1})
        };
        let (status, answer) = stage.post(&format!("computers/{id}/{call}"), body).await;
        assert_eq!((status, &answer["status"]), (410, &json!("error")), "{call}");
    }
    assert_eq!(stage.call(Method::DELETE, &format!("computers/{id}"), Value::Null).await.0, 204);
}

#[tokio::test]
async fn what_cannot_be_made_is_refused_with_a_reason() {
    let stage = Stage::new().await;
    for (body, status, why) in [
        (json!({"kind": "desktop"}), 400, "create one of kind browser instead"),
        (json!({"kind": "toaster"}), 400, "browser or sample"),
        (json!({"display": {"width": 1}}), 400, "display"),
        (json!({"display": {"width": "wide"}}), 400, "not what this call takes"),
        (json!({"max_lifetime_seconds": -1}), 400, "seconds"),
        (json!({"start_url": "fail:"}), 502, "did not start"),
    ] {
        let (got, answer) = stage.post("computers", body.clone()).await;
        assert_eq!(got, status, "{body}");
        assert!(answer["error_message"].as_str().unwrap().contains(why), "{answer}");
        if status == 502 {
            assert_eq!(answer["reason"], "start_failed");
            assert_eq!(answer["details"], answer["error_message"]);
        } else if why != "not what this call takes" {
            assert_eq!(answer["reason"], "create_failed", "{body}");
        }
    }
    let broken = stage.request(Method::POST, "computers").body("{").send().await.unwrap();
    assert_eq!(broken.status(), 400);
    assert_eq!(stage.get("computers/comp_none").await.0, 404);
    assert_eq!(stage.get("computers/comp_none/events").await.0, 404);
    assert_eq!(stage.get("nothing").await.0, 404);
    assert_eq!(stage.call(Method::PUT, "computers", Value::Null).await.0, 405);
    assert_eq!(stage.get("computers?type=dead").await.0, 400);
}

#[tokio::test]
async fn former_names_still_work() {
    let stage = Stage::new().await;
    let (_, computer) =
        stage.post("computers", json!({"auto_kill": false, "timeout_seconds": 50})).await;
    assert_eq!(
        (&computer["idle_timeout_enabled"], &computer["max_lifetime_seconds"]),
        (&json!(false), &json!(50))
    );
    assert_eq!(computer["idle_expires_at"], Value::Null);
}

#[tokio::test]
async fn an_idle_session_ends_with_a_final_event() {
    let stage = Stage::new().await;
    let session = stage.create(json!({"inactivity_timeout_seconds": 1})).await;
    let events = format!("{session}/events");
    let (mut stream, mut pictures) =
        (stage.sse(&events).await, stage.sse(&format!("{session}/screencast")).await);
    let started = Instant::now();
    // Watching is not activity; keeping alive is.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(stage.post(&format!("{session}/keepalive"), Value::Null).await.0, 200);
    let (id, last) = stream.event().await.unwrap();
    assert_eq!((&last["type"], &last["state"]), (&json!("session_state"), &json!("terminated")));
    assert_eq!(last["reason"], "no activity for 1 s");
    assert!(started.elapsed() >= Duration::from_millis(1600), "{:?}", started.elapsed());
    assert!(stage.drivers.last().is_closed());
    assert!(stream.event().await.is_none() && pictures.event().await.is_none());
    assert_eq!(stage.get(&format!("{session}/status")).await.1["status"], "terminated");
    assert_eq!(stage.post(&format!("{session}/keepalive"), Value::Null).await.0, 410);
    assert_eq!(stage.get(&format!("{session}/screencast")).await.0, 410);
    // Who missed the end gets it; who has it is told to stop.
    assert_eq!(stage.sse(&events).await.event().await.unwrap().0, id);
    let again = stage
        .request(Method::GET, &events)
        .header("last-event-id", id.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 204);
}

#[tokio::test]
async fn a_session_ends_at_its_maximum_and_with_its_browser() {
    let stage = Stage::with(HostConfig {
        max_lifetime: Some(Duration::from_millis(500)),
        ..HostConfig::default()
    })
    .await;
    let session = stage.create(json!({"max_lifetime_seconds": 3600})).await;
    let last = stage
        .sse_after(&format!("{session}/events"), Some("2"))
        .await
        .wait_for("session_state")
        .await;
    assert_eq!(last["reason"], "its maximum lifetime of 0.5 s was reached");

    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    stage
        .drivers
        .last()
        .state
        .send_modify(|state| state.ended = Some("the browser crashed".to_owned()));
    assert_eq!(stream.wait_for("session_state").await["reason"], "the browser crashed");
}

#[tokio::test]
async fn shutting_down_ends_sessions_and_streams_in_order() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let mut stream = stage.sse(&format!("{session}/events")).await;
    let mut pictures = stage.sse(&format!("{session}/screencast")).await;
    let mut socket = stage.socket(&format!("{session}/ws")).await;
    let (driver, addr) = (stage.drivers.last(), stage.addr());
    let started = Instant::now();
    // Clients read on while the host goes.
    let reading = async {
        let reason = stream.wait_for("session_state").await["reason"].clone();
        assert_eq!(reason, "the host is shutting down");
        assert!(stream.event().await.is_none() && pictures.event().await.is_none());
        while socket.next().await.is_some() {}
    };
    tokio::join!(stage.host.shutdown(), reading);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(driver.is_closed());
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn a_client_that_leaves_while_a_session_starts_leaves_no_orphan() {
    let stage = Stage::new().await;
    let creating = stage.request(Method::POST, "computers").body("{}").send();
    drop(tokio::time::timeout(Duration::from_millis(1), creating).await);
    // Either it was never asked, or it is on the list.
    let (_, list) = stage.get("computers").await;
    let made = list.as_array().unwrap().len();
    assert!(made <= 1);
    if made == 1 {
        let path = format!("computers/{}", list[0]["id"].as_str().unwrap());
        assert_eq!(stage.call(Method::DELETE, &path, Value::Null).await.0, 204);
        let driver = stage.drivers.last();
        until("the driver is closed", || driver.is_closed()).await;
    }
}

#[tokio::test]
async fn a_dropped_host_lets_go_of_its_browsers() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let stream = stage.sse(&format!("{session}/events")).await;
    let driver = stage.drivers.last();
    let Stage { host, drivers, .. } = stage;
    drop(host);
    drop(drivers);
    until("nobody else holds the driver", || std::sync::Arc::strong_count(&driver) == 1).await;
    drop(stream);
}

#[tokio::test]
async fn sessions_are_limited_and_an_ended_one_makes_room() {
    let stage = Stage::new().await;
    let first = stage.session().await;
    for _ in 1..16 {
        stage.session().await;
    }
    assert_eq!(stage.post("computers", json!({})).await.0, 429);
    stage.call(Method::DELETE, &first, Value::Null).await;
    stage.session().await;
}

#[tokio::test]
async fn slashes_too_many_are_no_other_address() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    for path in ["//computers", "/computers/", "/v1//computers//", &format!("//{session}/status/")]
    {
        let url = format!("http://{}{path}", stage.addr());
        let answer = stage.http.get(url).bearer_auth(stage.token()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    let unknown = format!("http://{}//nothing/", stage.addr());
    let answer = stage.http.get(&unknown).bearer_auth(stage.token()).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(stage.http.get(unknown).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_new_session_has_the_hosts_size_where_its_client_asks_for_none() {
    let size = FrameSize { width: 1024, height: 768 };
    let stage = Stage::with(HostConfig { size, ..HostConfig::default() }).await;
    for (asked, expected) in [
        (json!({}), json!({"width": 1024, "height": 768, "scale": 1.0})),
        (json!({"display": {"width": 800}}), json!({"width": 800, "height": 768, "scale": 1.0})),
        (json!({"display": null}), json!({"width": 1024, "height": 768, "scale": 1.0})),
    ] {
        let (_, computer) = stage.post("computers", asked).await;
        assert_eq!(computer["display"], expected);
    }
}
