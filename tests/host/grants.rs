//! Grants: what a lesser token opens, and what becomes of it when it ends.

use std::time::Duration;

use helmsight::protocol::socket::ServerMessage;
use http::Method;
use serde_json::{Value, json};

use crate::stage::{PATIENCE, Sse, Stage};

/// Asks for a grant and returns it.
async fn give(stage: &Stage, path: &str, rights: Value, ttl: f64) -> Value {
    let (status, grant) = stage.post(path, json!({"rights": rights, "ttl": ttl})).await;
    assert_eq!(status, 200, "{grant}");
    grant
}

fn token(grant: &Value) -> &str {
    grant["token"].as_str().unwrap()
}

/// The status of a call with this token in its header.
async fn status(stage: &Stage, method: Method, path: &str, token: &str) -> u16 {
    let url = stage.host.base_url().join(path).unwrap();
    let body = json!({"x": 1, "y": 1, "rights": "watch", "data": "?", "type": "request_control"});
    let request = stage.http.request(method, url).bearer_auth(token).body(body.to_string());
    request.send().await.unwrap().status().as_u16()
}

async fn by_query(stage: &Stage, path: &str, token: &str) -> reqwest::Response {
    let url = stage.host.base_url().join(&format!("{path}?token={token}")).unwrap();
    stage.http.get(url).send().await.unwrap()
}

#[tokio::test]
async fn a_watch_grant_opens_events_and_pictures_and_nothing_else() {
    let stage = Stage::new().await;
    let [session, other] = [stage.session().await, stage.session().await];
    let grant = give(&stage, &format!("{session}/grants"), json!(["watch"]), 60.0).await;
    let token = token(&grant);
    assert_eq!(grant["rights"], json!(["watch"]));
    assert_eq!(format!("computers/{}", grant["computer_id"].as_str().unwrap()), session);
    assert!(grant["expires_at"].is_string());
    for stream in ["events", "screencast"] {
        assert_eq!(by_query(&stage, &format!("{session}/{stream}"), token).await.status(), 200);
        assert_eq!(by_query(&stage, &format!("{other}/{stream}"), token).await.status(), 403);
        assert_eq!(
            status(&stage, Method::GET, &format!("v1/{session}/{stream}"), token).await,
            200
        );
    }
    for (method, path) in [
        (Method::GET, session.clone()),
        (Method::DELETE, session.clone()),
        (Method::GET, "computers".to_owned()),
        (Method::POST, "computers".to_owned()),
        (Method::GET, "cameras".to_owned()),
        (Method::GET, "cameras/demo/stream.mjpeg".to_owned()),
        (Method::GET, "ws/stream/demo".to_owned()),
        (Method::GET, "hooks/events".to_owned()),
        (Method::GET, "grants".to_owned()),
        (Method::POST, "grants".to_owned()),
    ] {
        assert_eq!(status(&stage, method.clone(), &path, token).await, 403, "{method} {path}");
    }
    for (method, call) in [
        (Method::GET, "ws"),
        (Method::GET, "control"),
        (Method::POST, "control"),
        (Method::GET, "participants"),
        (Method::GET, "tabs"),
        (Method::GET, "subscribers"),
        (Method::GET, "grants"),
        (Method::POST, "grants"),
        (Method::POST, "click"),
        (Method::POST, "screenshot"),
        (Method::POST, "html"),
        (Method::POST, "execute"),
        (Method::POST, "batch"),
        (Method::POST, "exec"),
        (Method::POST, "exec/sync"),
        (Method::POST, "files"),
        (Method::POST, "keepalive"),
        (Method::POST, "messages"),
    ] {
        let path = format!("{session}/{call}");
        assert_eq!(status(&stage, method.clone(), &path, token).await, 403, "{method} {path}");
    }
    let chat = session.replace("computers", "api/v1/actions/chats") + "/messages";
    assert_eq!(status(&stage, Method::POST, &chat, token).await, 403);
    assert!(stage.drivers.last().calls().is_empty());
}

#[tokio::test]
async fn other_rights_open_what_they_say() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let grants = format!("{session}/grants");
    let drive = give(&stage, &grants, json!("drive"), 60.0).await;
    let admin = give(&stage, &grants, json!(["admin"]), 60.0).await;
    let create = give(&stage, "grants", json!(["create"]), 60.0).await;
    let click = format!("{session}/click");
    for (grant, method, path, expected) in [
        (&drive, Method::POST, click.as_str(), 200),
        (&drive, Method::GET, &session, 200),
        (&drive, Method::GET, &format!("{session}/events"), 200),
        (&drive, Method::POST, &grants, 403),
        (&drive, Method::DELETE, &session, 403),
        (&create, Method::POST, "computers", 200),
        (&create, Method::POST, &click, 403),
        (&admin, Method::POST, "computers", 403),
        (&admin, Method::POST, &grants, 200),
        (&admin, Method::POST, &click, 200),
        (&admin, Method::DELETE, &session, 204),
    ] {
        assert_eq!(
            status(&stage, method.clone(), path, token(grant)).await,
            expected,
            "{method} {path}"
        );
    }
    let session = stage.session().await;
    let grants = format!("{session}/grants");
    for (path, body, expected) in [
        (grants.as_str(), json!({"rights": []}), 400),
        (&grants, json!({"rights": ["fly"]}), 400),
        (&grants, json!({"rights": ["create"]}), 400),
        (&grants, json!({}), 400),
        (&grants, json!({"rights": "watch", "ttl": 0}), 400),
        (&grants, json!({"rights": "watch", "ttl": -1}), 400),
        (&grants, json!({"rights": "watch", "ttl": 1e19}), 400),
        (&grants, json!({"rights": "watch", "ttl": "long"}), 400),
        (&grants, json!({"rights": "watch"}), 200),
        ("grants", json!({"rights": ["watch", "drive"]}), 200),
        ("computers/none/grants", json!({"rights": "watch"}), 404),
    ] {
        assert_eq!(stage.post(path, body.clone()).await.0, expected, "{path} {body}");
    }
}

/// What an EventSource of a page sees until its stream ends.
async fn to_its_end(stream: reqwest::Response) {
    tokio::time::timeout(PATIENCE, stream.bytes()).await.expect("the stream goes on").ok();
}

#[tokio::test]
async fn what_a_grant_opened_ends_with_it() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let grants = format!("{session}/grants");
    let mut owner: Sse = stage.sse(&format!("{session}/events")).await;
    let short = give(&stage, &grants, json!(["watch"]), 0.5).await;
    let long = give(&stage, &grants, json!(["drive"]), 600.0).await;
    let (short, long_token) = (token(&short), token(&long));
    let mut open = Vec::new();
    for stream in ["events", "screencast"] {
        open.push(by_query(&stage, &format!("{session}/{stream}"), short).await);
    }
    for stream in open {
        assert_eq!(stream.status(), 200);
        to_its_end(stream).await;
    }
    assert_eq!(by_query(&stage, &format!("{session}/events"), short).await.status(), 401);

    // A grant that is taken back ends its socket, and what that holds down comes up.
    let mut socket = stage.socket_with(&format!("{session}/ws?name=Ada"), long_token).await;
    socket.send(json!({"type": "key_down", "key": "a", "code": "KeyA"})).await;
    owner.wait_for("host_changed").await;
    let (_, listed) = stage.get(&grants).await;
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["token"]), (1, &Value::Null));
    let path = format!("{grants}/{}", long["id"].as_str().unwrap());
    assert_eq!(stage.call(Method::DELETE, &path, Value::Null).await.0, 204);
    let ended = socket.wait_for(|message| matches!(message, ServerMessage::Ended { .. })).await;
    assert!(matches!(ended, ServerMessage::Ended { why } if why.contains("grant")), "no reason");
    assert!(socket.next().await.is_none());
    owner.wait_for("participant_left").await;
    assert_eq!(stage.drivers.last().calls(), ["key_down a", "key_up a"]);
    assert_eq!(status(&stage, Method::GET, &session, long_token).await, 401);
    assert_eq!(stage.call(Method::DELETE, &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_grant_lasts_no_longer_than_its_giver() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let grants = format!("{session}/grants");
    let giver = give(&stage, &grants, json!(["admin"]), 600.0).await;
    let url = stage.host.base_url().join(&grants).unwrap();
    let asked = stage.http.post(url).bearer_auth(token(&giver));
    let lesser =
        asked.body(json!({"rights": "watch", "ttl": 6000}).to_string()).send().await.unwrap();
    let lesser: Value = serde_json::from_str(&lesser.text().await.unwrap()).unwrap();
    assert_eq!(lesser["expires_at"], giver["expires_at"]);
    let stream = by_query(&stage, &format!("{session}/events"), token(&lesser)).await;
    assert_eq!(stream.status(), 200);
    let path = format!("grants/{}", giver["id"].as_str().unwrap());
    assert_eq!(stage.call(Method::DELETE, &path, Value::Null).await.0, 204);
    to_its_end(stream).await;
    assert_eq!(by_query(&stage, &format!("{session}/events"), token(&lesser)).await.status(), 401);
}

#[tokio::test]
async fn the_end_of_a_session_reaches_whoever_watches_by_a_grant() {
    let stage = Stage::new().await;
    let session = stage.session().await;
    let grant = give(&stage, &format!("{session}/grants"), json!(["watch"]), 600.0).await;
    let stream = by_query(&stage, &format!("{session}/events"), token(&grant)).await;
    assert_eq!(stage.call(Method::DELETE, &session, Value::Null).await.0, 204);
    let told = tokio::time::timeout(Duration::from_secs(10), stream.text()).await;
    assert!(told.expect("the stream goes on").unwrap().contains("terminated"));
}
