//! Tests the backend under its supervisor, over real sockets.

mod control;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{ComputersBackend, below_base};
use crate::model::{FramePos, FrameSize, KeepAlive, Lifetime, PictureSource, Status, Update};
use crate::session::scripted::{Reply, Seen, Server, well};
use crate::session::support::Watched;
use crate::session::{Attention, ComputersService, OpenOptions};

/// Questions about a watched session that only these tests ask.
impl Watched {
    fn new(server: &Server, options: OpenOptions) -> Self {
        Self::of(ComputersService::new(server.client()).session("c1"), options)
    }

    fn of(backend: ComputersBackend, options: OpenOptions) -> Self {
        Self::open(backend, options)
    }

    fn visible(server: &Server) -> Self {
        Self::new(server, OpenOptions::default())
    }

    async fn connected(&mut self) {
        self.until("connected", |it| it.handle.status() == Status::Connected).await;
    }

    async fn refused(&mut self, why: &str) {
        let refused = Update::Refused(why.to_owned());
        self.until(why, |it| it.news.contains(&refused)).await;
    }

    /// Returns kind and text of the rows of the log.
    fn words(&self) -> Vec<(String, String)> {
        self.rows().map(|row| (row.name.to_string(), row.text.clone())).collect()
    }

    async fn picture(&mut self) {
        self.until("a picture", |it| !it.pictures.is_empty()).await;
    }

    async fn row(&mut self, kind: &str) {
        self.until(kind, |it| it.rows().any(|row| row.name == kind)).await;
    }
}

#[tokio::test]
async fn pictures_and_events_arrive() {
    let server = well(|seen| {
        let row = json!({"type": "console", "level": "log", "text": "hi"});
        (seen.line == "GET /computers/c1/events")
            .then(|| Reply::Held(format!("id: 1\ndata: {row}\n\n")))
    })
    .await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    session.picture().await;
    session.row("console").await;
    assert_eq!(session.pictures[0].0, FrameSize { width: 8, height: 8 });
    assert_eq!(session.handle.stats().frames_received, 1);
    let idle_limit = Some(Duration::from_secs(60));
    assert!(
        session.news.contains(&Update::Lifetime(Lifetime { idle_limit, ..Lifetime::default() }))
    );
    assert!(
        session.words().contains(&("console".to_owned(), "log: hi".to_owned())),
        "{:?}",
        session.words()
    );
    session.close().await;
}

#[tokio::test]
async fn streams_that_are_labeled_as_text_are_read_where_that_was_said() {
    let server = well(|seen| match seen.line.as_str() {
        "GET /computers/c1/events" => {
            Some(Reply::Plain("data: {\"type\":\"console\",\"text\":\"hi\"}\n\n".to_owned()))
        }
        "GET /computers/c1/screencast" => Some(Reply::Plain(": hello\n\n".to_owned())),
        _ => None,
    })
    .await;
    let service = ComputersService::new(server.client());
    let mut strict = Watched::of(service.session("c1"), OpenOptions::default());
    let why = strict.ended().await;
    assert!(why.contains("text/plain"), "{why}");
    strict.close().await;
    let lenient = service.session("c1").with_lenient_media_type(true);
    let mut session = Watched::of(lenient, OpenOptions::default());
    session.connected().await;
    session.row("console").await;
    session.close().await;
}

#[tokio::test]
async fn a_refused_key_is_asked_about_once() {
    let server = well(|_| Some(Reply::Json(401, json!({"error": "Bad key"})))).await;
    let mut session = Watched::visible(&server);
    let why = session.ended().await;
    assert!(why.contains("key") && why.contains("Bad key"), "{why}");
    assert_eq!(server.lines(), ["GET /computers/c1"]);
    session.close().await;
}

#[tokio::test]
async fn a_busy_server_is_tried_again_when_it_says() {
    let server = well(|seen| {
        (seen.line == "GET /computers/c1" && seen.nth == 0).then_some(Reply::WithHeader(
            503,
            "retry-after",
            "100",
        ))
    })
    .await;
    let mut session = Watched::visible(&server);
    let mut retry_in = None;
    session
        .until("reconnecting", |it| {
            if let Status::Reconnecting { retry_at, .. } = it.handle.status() {
                retry_in = Some(retry_at.saturating_duration_since(Instant::now()));
            }
            retry_in.is_some()
        })
        .await;
    assert!(retry_in.unwrap() > Duration::from_secs(90), "{retry_in:?}");
    session.handle.reconnect_now();
    session.connected().await;
    session.close().await;
}

#[tokio::test]
async fn a_cut_stream_is_resumed_and_a_gap_is_marked() {
    let server = well(|seen| {
        let row = |id| format!("id: {id}\ndata: {{\"type\":\"console\",\"text\":\"{id}\"}}\n\n");
        match (seen.line.as_str(), seen.nth) {
            ("GET /computers/c1/events", 0) => Some(Reply::Cut(row(7))),
            ("GET /computers/c1/events", _) => Some(Reply::Held(row(11))),
            _ => None,
        }
    })
    .await;
    let mut session = Watched::visible(&server);
    server.is_asked("GET /computers/c1/events", 2).await;
    session.until("the second row", |it| format!("{:?}", it.news).contains("\"11\"")).await;
    let asked: Vec<_> = {
        let seen = server.seen.all();
        let events = seen.iter().filter(|seen| seen.line.ends_with("/events"));
        events
            .map(|seen| seen.headers.get("last-event-id").map(|id| id.to_str().unwrap().to_owned()))
            .collect()
    };
    assert_eq!(asked, [None, Some("7".to_owned())]);
    let rows = session.words();
    let kinds: Vec<_> =
        rows.iter().map(|(kind, _)| kind.as_str()).filter(|kind| *kind != "connected").collect();
    assert_eq!(kinds, ["console", "lost", "gap", "console"], "{rows:?}");
    assert_eq!(server.count("GET /computers/c1"), 2, "the state is refetched");
    session.close().await;
}

#[tokio::test]
async fn a_session_that_is_over_is_not_tried_again() {
    for (special, words) in [
        (
            Reply::Json(200, json!({"id": "c1", "status": "terminated", "reason": "idle"})),
            "The session has ended: idle",
        ),
        (
            Reply::Json(404, json!({"error_message": "No such session"})),
            "The session is gone: No such session (HTTP 404)",
        ),
        (Reply::Json(410, json!({"detail": "Gone"})), "The session is gone: Gone (HTTP 410)"),
    ] {
        let special = Mutex::new(Some(special));
        let server = well(move |_| special.lock().unwrap().take()).await;
        let mut session = Watched::visible(&server);
        assert_eq!(session.ended().await, words);
        assert_eq!(server.lines().len(), 1);
        session.close().await;
    }
}

#[tokio::test]
async fn what_a_service_answers_while_it_restarts_is_no_end() {
    let page = || Reply::WithHeader(200, "content-type", "text/html");
    let answers: [fn() -> Reply; 4] = [
        || Reply::Json(404, json!({"detail": "Not Found"})),
        || Reply::Json(401, json!({"error": "Not yet"})),
        || Reply::Json(403, json!({"error": "Not yet"})),
        || Reply::Json(200, json!("<h1>Starting</h1>")),
    ];
    let answers = answers.into_iter().chain([page as fn() -> Reply]);
    join_all(answers.map(async |answer| {
        let server = well(move |seen| match (seen.line.as_str(), seen.nth) {
            ("GET /computers/c1", 1 | 2) => Some(answer()),
            _ => None,
        })
        .await;
        let mut session = Watched::visible(&server);
        session.connected().await;
        session.handle.reconnect_now();
        session.until("a description", |_| server.count("GET /computers/c1") == 4).await;
        session.connected().await;
        assert_eq!(session.words().iter().filter(|(kind, _)| kind == "ended").count(), 0);
        session.close().await;
    }))
    .await;
}

#[tokio::test]
async fn a_session_that_its_service_no_longer_lists_is_gone() {
    let server = well(|seen| match (seen.line.as_str(), seen.nth) {
        ("GET /computers/c1/screencast", _) => Some(Reply::Cut(": hello\n\n".to_owned())),
        ("GET /computers/c1", 1) => Some(Reply::Json(404, json!({"detail": "Not Found"}))),
        ("GET /computers", _) => Some(Reply::Json(200, json!([{"id": "c2"}]))),
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    assert!(session.ended().await.starts_with("The session is gone"));
    session.close().await;
}

#[tokio::test]
async fn events_are_asked_for_again_while_pictures_go_on() {
    let cut = CancellationToken::new();
    let when = cut.clone();
    let server = well(move |seen| match (seen.line.as_str(), seen.nth) {
        ("GET /computers/c1/events", 0) => {
            Some(Reply::CutWhen(": hello\n\n".to_owned(), when.clone()))
        }
        ("GET /computers/c1/events", 1) => Some(Reply::Json(404, json!({"detail": "Not yet"}))),
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    session.picture().await;
    cut.cancel();
    session.until("events again", |_| server.count("GET /computers/c1/events") == 3).await;
    session.row("gap").await;
    assert_eq!(session.handle.status(), Status::Connected);
    assert_eq!(server.count("GET /computers/c1/screencast"), 1, "the pictures went on");
    session.close().await;
}

#[tokio::test]
async fn pictures_are_asked_for_again_while_events_go_on() {
    let cut = CancellationToken::new();
    let when = cut.clone();
    let server = well(move |seen| match (seen.line.as_str(), seen.nth) {
        ("GET /computers/c1/screencast", 0) => {
            Some(Reply::CutWhen(": hello\n\n".to_owned(), when.clone()))
        }
        ("GET /computers/c1/screencast", 1) => Some(Reply::Json(503, json!({"detail": "Busy"}))),
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    cut.cancel();
    session.row("lost").await;
    // A machine that is busy may be looked at only once the pictures are back.
    let is_told = |it: &Watched| {
        let status = it.handle.status();
        !it.pictures.is_empty()
            || matches!(status, Status::Reconnecting { .. } | Status::Connecting { .. })
    };
    session.until("an honest status", is_told).await;
    session.picture().await;
    session.connected().await;
    assert_eq!(server.count("GET /computers/c1/events"), 1, "the events went on");
    assert!(session.words().iter().any(|(_, text)| text == "Pictures come again"));
    session.close().await;
}

#[tokio::test]
async fn the_windows_own_screenshots_are_no_rows() {
    const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let told = |id: &str| {
        let action = json!({"type": "screenshot"});
        let asked = json!({"type": "action_request", "request_id": id, "action": action});
        let done = json!({"request_id": id, "status": "success", "result": {"image_url": "i"}});
        format!("data: {asked}\n\ndata: {done}\n\n")
    };
    let end = "data: {\"type\":\"console\",\"text\":\"the end\"}\n\n";
    let events = told("own") + &told("theirs") + end;
    let is_taken = AtomicBool::new(false);
    let cut = CancellationToken::new();
    let when = cut.clone();
    let server = well(move |seen| match (seen.line.as_str(), seen.nth) {
        ("GET /computers/c1/screencast", _) => {
            Some(Reply::Held("event: h264\ndata: {\"nalu_data\":\"AAAA\"}\n\n".to_owned()))
        }
        ("POST /computers/c1/screenshot", _) => {
            is_taken.store(true, Ordering::SeqCst);
            let result = json!({"screenshot_base64": PNG});
            Some(Reply::Json(
                200,
                json!({"status": "success", "request_id": "own", "result": result}),
            ))
        }
        ("GET /computers/c1/events", 0) => {
            Some(Reply::CutWhen(": hello\n\n".to_owned(), when.clone()))
        }
        ("GET /computers/c1/events", _) if is_taken.load(Ordering::SeqCst) => {
            Some(Reply::Held(events.clone()))
        }
        ("GET /computers/c1/events", _) => Some(Reply::Json(503, json!({}))),
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    session.picture().await;
    cut.cancel();
    session.row("console").await;
    let ids: Vec<_> =
        session.rows().filter_map(|row| row.request.as_ref()).map(|it| &it.id).collect();
    assert_eq!(ids, ["theirs", "theirs"]);
    session.close().await;
}

#[tokio::test]
async fn an_id_of_an_address_is_decoded_once_and_encoded_once() {
    let server = well(|_| None).await;
    let address = format!("{}computers/a%20b%2Fc", server.base).parse().unwrap();
    let url = crate::protocol::session_url::SessionUrl::parse(&address).unwrap();
    let backend = ComputersService::new(server.client()).session(&url.id);
    let mut session = Watched::of(backend, OpenOptions::default());
    session.ended().await;
    assert_eq!(server.lines(), ["GET /computers/a%20b%2Fc"]);
    session.close().await;
}

#[tokio::test]
async fn the_event_that_ends_a_session_gives_the_reason() {
    let server = well(|seen| {
        let end = json!({"type": "session_state", "state": "terminated", "reason": "no activity for 60 s"});
        (seen.line == "GET /computers/c1/events").then(|| Reply::Held(format!("data: {end}\n\n")))
    })
    .await;
    let mut session = Watched::visible(&server);
    assert_eq!(session.ended().await, "The session has ended: no activity for 60 s");
    session.close().await;
}

#[tokio::test]
async fn a_service_without_events_is_watched_without() {
    let missing = |seen: &Seen| {
        (seen.line == "GET /computers/c1/events")
            .then(|| Reply::Json(404, json!({"detail": "Not Found"})))
    };
    let server = well(missing).await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    session.picture().await;
    assert_eq!(server.count("GET /computers/c1/events"), 1);
    session.close().await;
}

#[tokio::test]
async fn a_hidden_session_asks_for_no_pictures() {
    let server = well(|_| None).await;
    let mut session = Watched::new(
        &server,
        OpenOptions { attention: Attention::Hidden, ..OpenOptions::default() },
    );
    session.connected().await;
    assert_eq!(server.count("GET /computers/c1/screencast"), 0);
    session.handle.set_attention(Attention::Focus);
    session.picture().await;
    assert_eq!(server.count("GET /computers/c1/screencast"), 1);
    assert!(session.handle.traffic().last_frame.is_some());
    session.handle.set_attention(Attention::Hidden);
    let traffic = session.handle.traffic();
    assert!(
        traffic.last_byte.is_some() && traffic.last_frame.is_none(),
        "nobody knows whether its page stands still: {traffic:?}"
    );
    session.close().await;
}

#[tokio::test]
async fn a_tile_asks_for_less_where_the_service_can_and_keeps_the_session() {
    let tile = Attention::tile(600.0);
    let less = "max_fps=10&max_width=640&quality=70";
    for (with_socket, asked) in [(true, ["", less, ""].as_slice()), (false, &[""])] {
        let server = well(move |seen| {
            let computer = json!({"id": "c1", "status": "running", "endpoints": {"control": "/computers/c1/ws"}});
            match seen.line.as_str() {
                "GET /computers/c1" if with_socket => Some(Reply::Json(200, computer)),
                "GET /computers/c1/ws" => Some(Reply::Socket(Vec::new())),
                _ => None,
            }
        })
        .await;
        let mut session = Watched::visible(&server);
        session.connected().await;
        for (attention, count) in [(tile, 2), (tile, 2), (Attention::Focus, 3)] {
            session.handle.set_attention(attention);
            let count = if with_socket { count } else { 1 };
            server.is_asked("GET /computers/c1/screencast", count).await;
        }
        let seen = server.seen.all();
        let queries = seen.iter().filter(|seen| seen.line == "GET /computers/c1/screencast");
        let queries: Vec<_> = queries.map(|seen| seen.query.as_str()).collect();
        assert_eq!(queries, asked, "socket: {with_socket}");
        assert_eq!(server.count("GET /computers/c1"), 1);
        session.close().await;
    }
}

#[tokio::test]
async fn what_a_session_says_leads_to_no_other_server_around_here() {
    let other = well(|_| None).await;
    let (socket, shot) = (other.base.replace("http", "ws"), format!("{}shot.png", other.base));
    let server = well(move |seen| match seen.line.as_str() {
        "GET /computers/c1" => Some(Reply::Json(
            200,
            json!({"id": "c1", "kind": "desktop", "endpoints": {"control": socket}}),
        )),
        "GET /computers/c1/screencast" => {
            Some(Reply::Held("event: h264\ndata: {\"nalu_data\":\"AAAA\"}\n\n".repeat(3)))
        }
        "POST /computers/c1/screenshot" => {
            Some(Reply::Json(200, json!({"status": "success", "result": {"screenshot_url": shot}})))
        }
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    session.row("error").await;
    session.connected().await;
    session.row("screenshot").await;
    let words = session.words();
    let told = words.iter().filter(|(_, text)| text.contains("use that address instead"));
    assert_eq!(told.count(), 2, "{words:?}");
    assert!(other.seen.all().is_empty(), "{:?}", other.lines());
    assert_eq!(server.count("POST /computers/c1/screenshot"), 1, "it would be refused again");
    session.close().await;
}

/// Starts a desktop that sends three pieces of video and the place of its pointer, and answers screenshots with `shot`.
async fn desktop(shot: fn(usize) -> Reply) -> Server {
    well(move |seen| {
        let video = "event: h264\ndata: {\"nalu_data\":\"AAAA\"}\n\n".repeat(3);
        let pointer = "event: cursor_position\ndata: {\"x\":3,\"y\":4.5}\n\n";
        match seen.line.as_str() {
            "GET /computers/c1/screencast" => Some(Reply::Held(video + pointer)),
            "POST /computers/c1/screenshot" => Some(shot(seen.nth)),
            _ => None,
        }
    })
    .await
}

#[tokio::test]
async fn a_desktop_is_shown_by_screenshots_as_long_as_its_video_moves() {
    let server = desktop(|nth| {
        let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
        match nth {
            0 => Reply::Json(200, json!({"status": "error", "error_message": "Busy"})),
            _ => Reply::Json(200, json!({"status": "success", "result": {"screenshot_base64": png}})),
        }
    })
    .await;
    let mut session = Watched::visible(&server);
    session.picture().await;
    let told = Update::PictureSource(PictureSource::Screenshots);
    session.until("where it is from", |it| it.news.contains(&told)).await;
    assert_eq!(session.pictures[0].0, FrameSize { width: 1, height: 1 });
    let told = Update::PictureSource(PictureSource::Unavailable);
    assert!(session.news.contains(&told), "the first one failed");
    let failed: Vec<_> = session.words();
    let failed = failed.iter().filter(|(kind, _)| kind == "screenshot");
    assert!(
        failed.clone().all(|(_, text)| text.contains("Busy")) && failed.count() == 1,
        "{:?}",
        session.words()
    );
    let cursor = Update::Cursor(FramePos { x: 3.0, y: 4.5 });
    assert!(session.news.contains(&cursor), "{:?}", session.news);
    assert_eq!(
        server.bodies("POST /computers/c1/screenshot"),
        [r#"{"base64":true}"#; 2],
        "nothing moves, so no more are taken"
    );
    session.close().await;
}

#[tokio::test]
async fn desktop_video_is_told_once_and_counted() {
    let server = desktop(|_| Reply::Json(404, json!({"error": "No such path"}))).await;
    let mut session = Watched::visible(&server);
    session
        .until("three refused", |it| {
            let told = Update::PictureSource(PictureSource::Unavailable);
            it.handle.stats().frames_refused == 3 && it.news.contains(&told)
        })
        .await;
    assert_eq!(session.words().iter().filter(|(kind, _)| kind == "h264").count(), 1);
    session.close().await;
}

#[tokio::test]
async fn keep_alive_runs_only_by_choice_and_notices_the_end() {
    let server = well(|seen| match (seen.line.as_str(), seen.nth) {
        ("POST /computers/c1/keepalive", 0) => {
            Some(Reply::Json(409, json!({"error": "Session terminated"})))
        }
        _ => None,
    })
    .await;
    let mut session = Watched::visible(&server);
    session.connected().await;
    assert_eq!(server.count("POST /computers/c1/keepalive"), 0);
    session.handle.set_keep_alive(true);
    assert!(session.ended().await.contains("Session terminated"));
    let period = Duration::from_secs(20);
    assert!(
        session.news.contains(&Update::KeepAlive(KeepAlive::On { period })),
        "{:?}",
        session.news
    );
    session.close().await;
}

#[tokio::test]
async fn keep_alive_asks_a_user_who_does_nothing() {
    let server = well(|_| None).await;
    let backend =
        ComputersService::new(server.client()).session("c1").with_keep_alive_cap(Duration::ZERO);
    let options = OpenOptions { keep_alive: true, ..OpenOptions::default() };
    let mut session = Watched::open(backend, options);
    let paused = Update::KeepAlive(KeepAlive::Paused);
    session.until("paused", |it| it.news.contains(&paused)).await;
    assert_eq!(server.count("POST /computers/c1/keepalive"), 0);
    session.close().await;
}

#[test]
fn endpoints_stay_below_the_users_base() {
    for (base, endpoint, path) in [
        ("/", "/computers/x/ws", "computers/x/ws"),
        ("/v1/", "/computers/x/ws", "computers/x/ws"),
        ("/v1", "/v1/computers/x/ws", "computers/x/ws"),
        ("/v1", "/v1computers/x", "v1computers/x"),
        ("/", "computers/x/ws", "computers/x/ws"),
        ("/v1", "wss://other.test/x", "wss://other.test/x"),
    ] {
        assert_eq!(below_base(base, endpoint), path, "{base} {endpoint}");
    }
}
