//! The backend under its supervisor, and its service, over real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::CobrowseService;
use crate::base::Wake;
use crate::model::{
    Capabilities, Control, FramePos, FrameSize, MouseButton, Pointer, PointerInput, Status, Update,
};
use crate::protocol::cobrowse::Dialect;
use crate::session::scripted::{PATIENCE, Reply, Seen, Server};
use crate::session::service::{NewSessionRequest, Service};
use crate::session::{OpenOptions, SessionHandle, open};
use crate::video::DecodePool;

/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

struct Opened {
    handle: SessionHandle,
    news: Vec<Update>,
    tracker: TaskTracker,
    _decode: DecodePool,
}

impl Opened {
    fn new(server: &Server, dialect: Dialect) -> Self {
        Self::of(service(server, dialect))
    }

    fn of(service: CobrowseService) -> Self {
        let (decode, tracker) = (DecodePool::new(1).unwrap(), TaskTracker::new());
        let handle = open(
            &Handle::current(),
            &tracker,
            service.session("s1"),
            &decode,
            Wake::none(),
            OpenOptions::default(),
        );
        Self {
            handle,
            news: Vec::new(),
            tracker,
            _decode: decode,
        }
    }

    async fn until(
        &mut self,
        what: &str,
        mut is_so: impl FnMut(&SessionHandle, &[Update]) -> bool,
    ) {
        let start = Instant::now();
        loop {
            self.news.extend(self.handle.drain());
            if is_so(&self.handle, &self.news) {
                return;
            }
            let status = self.handle.status();
            assert!(
                start.elapsed() < PATIENCE,
                "{what}: {status:?} {:#?}",
                self.news
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn close(self) {
        drop(self.handle);
        self.tracker.close();
        tokio::time::timeout(PATIENCE, self.tracker.wait())
            .await
            .expect("it stops in time");
    }
}

fn service(server: &Server, dialect: Dialect) -> CobrowseService {
    CobrowseService::new(server.client(), dialect, Some("7".to_owned()))
        .with_snapshot_period(Duration::from_millis(5))
}

fn row(news: &[Update], kind: &str) -> Option<String> {
    news.iter().find_map(|update| match update {
        Update::Event(event) if event.kind == kind => Some(event.text.clone()),
        _ => None,
    })
}

fn called(server: &Server, method: &str) -> Vec<Value> {
    server
        .bodies("POST /rpc/s1/call")
        .iter()
        .filter_map(|body| serde_json::from_str::<Value>(body).ok())
        .filter(|body| body["method"] == method)
        .collect()
}

fn pointer(kind: Pointer) -> Control {
    Control::Pointer(PointerInput {
        kind,
        at: FramePos { x: 3.0, y: 4.0 },
        frame: FrameSize {
            width: 10,
            height: 10,
        },
        held: Vec::new(),
        modifiers: Default::default(),
    })
}

fn rpc(seen: &Seen) -> Reply {
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    Reply::Json(
        200,
        match body["method"].as_str() {
            Some("take_gui_snapshot") => json!({"status": "success", "result": {"image": PNG}}),
            Some("relocate") => json!({"status": "error", "error": "Blocked by the space"}),
            _ => json!({"status": "success", "result": null}),
        },
    )
}

#[tokio::test]
async fn a_session_of_calls_is_watched_and_steered() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |seen| match seen.line.as_str() {
        "GET /api/v1/sessions/s1" => {
            let people = asked.fetch_add(1, Ordering::Relaxed).min(1) + 1;
            Reply::Json(
                200,
                json!({"session_id": "s1", "status": "active", "participants": people, "url": "https://a.test/"}),
            )
        }
        "POST /rpc/s1/call" => rpc(seen),
        _ => Reply::Json(404, json!({"error": "Not found"})),
    })
    .await;
    let mut session = Opened::new(&server, Dialect::Webfuse);
    session
        .until("a picture", |handle, _| handle.take_frame().is_some())
        .await;
    assert_eq!(session.handle.status(), Status::Connected);
    // There is no call for going back, for loading again or for a dialog.
    let can = Capabilities {
        clicks: true,
        keys: true,
        navigation: true,
        tabs: true,
        ..Capabilities::default()
    };
    assert!(session.news.contains(&Update::Capabilities(can)));
    let button = MouseButton::Left;
    session
        .handle
        .push(pointer(Pointer::Down { button, clicks: 1 }));
    session
        .handle
        .push(pointer(Pointer::Up { button, clicks: 1 }));
    session.handle.push(Control::Text("hé".to_owned()));
    session
        .handle
        .push(Control::Navigate("https://b.test/".to_owned()));
    let blocked = Update::Refused("Blocked by the space".to_owned());
    session
        .until("the refusal", |_, news| news.contains(&blocked))
        .await;
    assert_eq!(
        called(&server, "left_click")[0]["parameters"]["target"],
        json!([3, 4])
    );
    assert_eq!(called(&server, "type")[0]["parameters"]["text"], "hé");
    // The second description has one more person in it.
    session
        .until("two joined", |_, news| {
            let joined = news.iter().filter(
                |update| matches!(update, Update::Event(event) if event.kind == "participant_joined"),
            );
            joined.count() == 2
        })
        .await;
    assert_eq!(row(&session.news, "session_started").unwrap(), "started");
    session.close().await;
}

#[tokio::test]
async fn a_session_that_nobody_has_open_says_so_once_and_goes_on() {
    let server = Server::start(move |seen| match seen.line.as_str() {
        "GET /api/v1/sessions/s1" => Reply::Json(200, json!({"session_id": "s1"})),
        _ => Reply::Json(200, json!({"status": "timeout"})),
    })
    .await;
    let mut session = Opened::new(&server, Dialect::Webfuse);
    session
        .until("the reason", |_, news| row(news, "snapshot").is_some())
        .await;
    assert!(
        row(&session.news, "snapshot")
            .unwrap()
            .contains("Nobody has the session open")
    );
    assert_eq!(session.handle.status(), Status::Connected);
    session.close().await;
}

#[tokio::test]
async fn a_session_of_screenshots_is_watched_until_it_ends() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |seen| match seen.line.as_str() {
        "GET /sessions/s1/" => {
            let active = asked.fetch_add(1, Ordering::Relaxed) == 0;
            Reply::Json(
                200,
                json!({"session_id": "s1", "active_session": active, "url": "https://a.test/"}),
            )
        }
        "POST /sessions/s1/screenshots/create/" => Reply::Json(201, json!({})),
        "GET /sessions/s1/screenshots/latest/" => Reply::Json(200, json!({"image": PNG})),
        _ => Reply::Json(404, json!({"detail": "Not found"})),
    })
    .await;
    let mut session = Opened::new(&server, Dialect::Surfly);
    session
        .until("a picture", |handle, _| handle.take_frame().is_some())
        .await;
    session
        .until("the end", |handle, _| {
            matches!(handle.status(), Status::Ended { .. })
        })
        .await;
    assert_eq!(
        row(&session.news, "session_ended").unwrap(),
        "ended at https://a.test/"
    );
    session.close().await;
}

#[tokio::test]
async fn a_session_that_is_forgotten_has_ended_where_it_was_last() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |seen| match seen.line.as_str() {
        "GET /api/v1/sessions/s1" if asked.fetch_add(1, Ordering::Relaxed) == 0 => Reply::Json(
            200,
            json!({"session_id": "s1", "url": "https://a.test/", "link": "https://b.test/s1"}),
        ),
        "POST /rpc/s1/call" => rpc(seen),
        _ => Reply::Json(404, json!({"error": "Not found"})),
    })
    .await;
    let mut session = Opened::new(&server, Dialect::Webfuse);
    session
        .until("the end", |handle, _| {
            matches!(handle.status(), Status::Ended { .. })
        })
        .await;
    session.news.extend(session.handle.drain());
    assert_eq!(
        row(&session.news, "session_started").unwrap(),
        "started, to be opened at https://b.test/s1"
    );
    assert_eq!(
        row(&session.news, "session_ended").unwrap(),
        "ended at https://a.test/"
    );
    session.close().await;
}

#[tokio::test]
async fn sessions_are_listed_made_and_ended() {
    let server = Server::start(|seen| match seen.line.as_str() {
        "GET /api/v1/sessions" => Reply::Json(200, json!({"sessions": [{"session_id": "s1"}]})),
        "POST /api/v1/sessions" => Reply::Json(
            201,
            json!({"session_id": "s2", "link": "https://a.test/s2"}),
        ),
        "POST /api/v1/sessions/s2/end" => Reply::Json(200, json!({})),
        "POST /rpc/s2/call" => Reply::Json(200, json!({"status": "timeout"})),
        _ => Reply::Json(404, json!({"error": "Not found"})),
    })
    .await;
    let service = service(&server, Dialect::Webfuse);
    let service: &dyn Service = &service;
    assert_eq!(service.list().await.unwrap()[0].id, "s1");
    let made = service.create(&NewSessionRequest::default()).await.unwrap();
    assert_eq!(made.url.as_deref(), Some("https://a.test/s2"));
    let nobody = service.navigate("s2", "https://b.test/").await.unwrap_err();
    assert!(nobody.to_string().contains("Nobody has the session open"));
    let body: Value = serde_json::from_str(&server.bodies("POST /rpc/s2/call")[0]).unwrap();
    assert_eq!(
        (&body["method"], &body["parameters"]["url"]),
        (&json!("relocate"), &json!("https://b.test/"))
    );
    service.end("s2").await.unwrap();
    // One that is gone is as good as ended.
    service.end("s3").await.unwrap();
}

#[tokio::test]
async fn webhook_events_of_the_session_are_rows_and_their_failure_is_one() {
    let server = Server::start(|seen| match (seen.line.as_str(), seen.nth) {
        ("GET /api/v1/sessions/s1", _) => {
            Reply::Json(200, json!({"session_id": "s1", "status": "active"}))
        }
        ("POST /rpc/s1/call", _) => rpc(seen),
        ("GET /hooks/events", 0) => Reply::Cut(
            [
                "id: 1\nevent: participant_left\ndata: {\"session_id\": \"s2\"}\n\n",
                "id: 2\nevent: participant_joined\ndata: {\"session_id\": \"s1\", \"data\": {}}\n\n",
                "id: 3\nevent: hook\ndata: {\"category\": \"company.user.added\", \"session_id\": null}\n\n",
            ]
            .concat(),
        ),
        ("GET /hooks/events", 1) => Reply::Json(503, json!({"error": "The host is ending"})),
        ("GET /hooks/events", _) => {
            Reply::Held("id: 4\nevent: session_ended\ndata: {\"session_id\": \"s1\"}\n\n".to_owned())
        }
        _ => Reply::Json(404, json!({"error": "Not found"})),
    })
    .await;
    let mut session = Opened::of(service(&server, Dialect::Webfuse).with_webhooks(server.client()));
    session
        .until("the last event", |_, news| {
            row(news, "session_ended").is_some()
        })
        .await;
    let rows = |kind: &str| {
        let news = session.news.iter();
        news.filter(|update| matches!(update, Update::Event(event) if event.kind == kind))
            .count()
    };
    assert_eq!(
        (rows("participant_joined"), rows("hook"), rows("webhooks")),
        (1, 1, 1),
        "{:#?}",
        session.news
    );
    assert_eq!(rows("participant_left"), 0, "that was another session");
    assert_eq!(
        row(&session.news, "hook").as_deref(),
        Some("company.user.added")
    );
    let asked_after: Vec<_> = server
        .seen
        .lock()
        .unwrap()
        .iter()
        .filter(|seen| seen.line == "GET /hooks/events")
        .map(|seen| seen.headers["last-event-id"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(asked_after, ["0", "3", "3"]);
    session.close().await;
}
