//! The words about several people in one session, all of them: each is provoked at the host with a real browser, and
//! has to come over the event stream, over the WebSocket, and into the window's log as a row of its family.

use axum::Router;
use axum::http::header::CONTENT_DISPOSITION;
use axum::routing::get;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use helmsight::host::HostConfig;
use helmsight::model::{Family, SessionEvent, SessionKind};
use helmsight::session::{ComputersService, NewSessionRequest, OpenOptions};
use http::Method;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::noted::Noted;
use crate::support::Watched;
use crate::target::Target;

/// A word, its family in the log, and the parameters that it has to come with.
const WORDS: &[(&str, Family, &[&str])] = &[
    ("session_created", Family::Session, &[]),
    ("session_started", Family::Session, &[]),
    ("session_ended", Family::Session, &["final_location"]),
    ("message", Family::People, &["data", "origin"]),
    ("host_rights_requested", Family::People, &["clientIndex"]),
    ("host_changed", Family::People, &["to"]),
    ("file_downloaded", Family::Download, &["url", "filename"]),
    ("chat_message", Family::People, &["message", "clientIndex"]),
    ("participant_joined", Family::People, &["clientIndex", "userData"]),
    ("participant_left", Family::People, &["clientIndex", "userData"]),
    ("user_activity", Family::People, &["clientIndex"]),
    ("relocate_start", Family::Page, &["url"]),
    ("relocate", Family::Page, &["url"]),
    ("tab_paused", Family::People, &["tabIndex", "leaderIndex"]),
    ("tab_resumed", Family::People, &["tabIndex", "leaderIndex"]),
    ("tab_activated", Family::Page, &["ssid"]),
    ("tab_control_requested", Family::People, &["clientIndex", "tabIndex"]),
    ("tab_control_transferred", Family::People, &["tabIndex", "leaderIndex", "controlIndex"]),
    ("huddle_mode", Family::People, &["enabled"]),
    ("huddle_follow", Family::People, &["client_index", "following_index"]),
    ("other_connection", Family::Error, &["details"]),
    ("connect_failed", Family::Error, &["details"]),
];

/// What only the one whom it concerns is told, and only on a socket.
const OF_ONES_OWN: [&str; 2] = ["gained", "myIndex"];

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What was told so far.
#[derive(Clone, Default)]
struct Told(Noted<Value>);

struct Participant {
    sink: SplitSink<Stream, Message>,
    told: Told,
    _reading: JoinSet<()>,
}

/// The word of an event: its second name comes first, and errors go by their reason.
fn word(event: &Value) -> &str {
    let names = match event["type"].as_str() {
        Some("error") => [&event["reason"], &Value::Null],
        _ => [&event["event"], &event["type"]],
    };
    names.into_iter().find_map(Value::as_str).unwrap_or_default()
}

impl Told {
    fn add(&self, event: Value) {
        self.0.add(|_| event);
    }

    fn find(&self, wanted: &str, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        self.0.all().into_iter().find(|event| word(event) == wanted && fits(event))
    }

    async fn wait_for(&self, wanted: &str) -> Value {
        self.wait_until(wanted, |_| true).await
    }

    async fn wait_until(&self, wanted: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let is_it = |event: &Value| word(event) == wanted && fits(event);
        self.0.until(wanted, |told| told.iter().any(is_it)).await;
        self.find(wanted, fits).expect("what was told stays")
    }
}

impl Participant {
    async fn say(&mut self, message: Value) {
        let message = Message::text(message.to_string());
        self.sink.send(message).await.unwrap();
    }
}

struct Room<'a> {
    target: &'a Target,
    id: String,
}

impl Room<'_> {
    async fn connect(&self, query: &str) -> Result<Stream, Error> {
        let base = self.target.base.as_str().replacen("http", "ws", 1);
        let url = format!("{base}computers/{}/ws?{query}", self.id);
        let mut request = url.into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.target.token);
        let headers = request.headers_mut();
        headers.insert("authorization", bearer.parse().unwrap());
        headers.insert("sec-websocket-protocol", "helmsight.v1".parse().unwrap());
        Ok(tokio_tungstenite::connect_async(request).await?.0)
    }

    async fn join(&self, query: &str) -> Participant {
        let (sink, mut stream) = self.connect(query).await.unwrap().split();
        let told = Told::default();
        let heard = told.clone();
        let mut reading = JoinSet::new();
        reading.spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Message::Text(text) = message else {
                    continue;
                };
                let mut message: Value = serde_json::from_str(&text).unwrap();
                if message["type"] == "event" {
                    heard.add(message["event"].take());
                }
            }
        });
        Participant { sink, told, _reading: reading }
    }

    /// All that the event stream tells, from the beginning.
    async fn follow(&self, tasks: &mut JoinSet<()>) -> Told {
        let path = format!("computers/{}/events?lastEventId=0", self.id);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request =
            http.get(self.target.base.join(&path).unwrap()).bearer_auth(&self.target.token);
        let mut response = request.send().await.unwrap();
        let told = Told::default();
        let heard = told.clone();
        tasks.spawn(async move {
            let mut rest = String::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                rest.push_str(std::str::from_utf8(&chunk).unwrap());
                while let Some((line, after)) = rest.split_once('\n') {
                    if let Some(data) = line.strip_prefix("data: ") {
                        heard.add(serde_json::from_str(data).unwrap());
                    }
                    rest = after.to_owned();
                }
            }
        });
        told
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let client = self.target.direct();
        let path = format!("computers/{}/{path}", self.id);
        client.json(Method::POST, &path, Some(&body)).await.unwrap()
    }
}

/// A page, and a file for whoever asks for it.
async fn serve(tasks: &mut JoinSet<()>) -> String {
    let attachment = [(CONTENT_DISPOSITION, "attachment; filename=report.txt")];
    let routes = Router::new()
        .route("/", get(async || axum::response::Html("<title>ready</title>")))
        .route("/file", get(async move || (attachment, "words")));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    tasks.spawn(async move { axum::serve(listener, routes).await.unwrap() });
    base
}

pub(super) async fn every_word_is_told_when_it_happens(target: &Target) {
    let mut tasks = JoinSet::new();
    let site = serve(&mut tasks).await;
    let id = target.create().await.id;
    let room = Room { target, id };
    let stream = room.follow(&mut tasks).await;
    let mut ada = room.join("name=Ada&lastEventId=0").await;
    stream.wait_for("participant_joined").await;
    let mut window = Watched::new(target.direct(), &room.id, OpenOptions::default());
    window.row("participant_joined").await;
    let mut bob = room.join("name=Bob").await;
    let joined = |name: &'static str| move |event: &Value| event["userData"]["name"] == name;
    let bob_joined = stream.wait_until("participant_joined", joined("Bob")).await;
    let bobs = bob_joined["clientIndex"].as_u64().unwrap();

    provoke(&room, &stream, &mut ada, &mut bob, bobs, &site).await;

    // Somebody comes again from elsewhere, and more come than there is room for.
    let desk = room.join("name=Cleo&sessionId=desk").await;
    stream.wait_until("participant_joined", joined("Cleo")).await;
    let again = room.join("name=Cleo&sessionId=desk").await;
    stream.wait_for("other_connection").await;
    let mut crowd = Vec::new();
    loop {
        match room.connect("name=P").await {
            Ok(one) => crowd.push(one),
            Err(Error::Http(answer)) => break assert_eq!(answer.status(), 503),
            Err(other) => panic!("{other}"),
        }
    }
    stream.wait_for("connect_failed").await;
    drop((bob, desk, again, crowd));
    let left = |event: &Value| event["clientIndex"] == bobs;
    stream.wait_until("participant_left", left).await;
    ada.say(json!({"type": "end_session"})).await;
    stream.wait_for("session_ended").await;
    ada.told.wait_for("session_ended").await;
    let why = window.ended().await;
    assert!(why.contains("ended by Ada"), "{why}");

    let missing: Vec<String> =
        WORDS.iter().flat_map(|word| missing(word, &stream, &ada.told, &window)).collect();
    assert_eq!(missing, [""; 0]);
    let own = |event: &Value| OF_ONES_OWN.iter().all(|key| !event[*key].is_null());
    assert!(ada.told.find("host_changed", own).is_some());
    window.close().await;
}

/// What participants and the page do; Ada owns the session and drives, as does Bob for a while.
async fn provoke(
    room: &Room<'_>,
    stream: &Told,
    ada: &mut Participant,
    bob: &mut Participant,
    bobs: u64,
    site: &str,
) {
    room.post("messages", json!({"data": "hello", "origin": "https://app.test"})).await;
    ada.say(json!({"type": "say", "text": "good morning"})).await;
    stream.wait_for("chat_message").await;

    ada.say(json!({"type": "request_control"})).await;
    stream.wait_for("host_changed").await;
    ada.say(json!({"type": "navigate", "url": site})).await;
    stream.wait_until("relocate", |event| event["url"] == site).await;
    ada.say(json!({"type": "text", "text": "a"})).await;
    stream.wait_for("user_activity").await;
    bob.say(json!({"type": "request_control"})).await;
    stream.wait_for("host_rights_requested").await;
    ada.say(json!({"type": "answer_request", "index": bobs, "grant": true})).await;
    stream.wait_until("host_changed", |event| event["to"] == bobs).await;
    ada.say(json!({"type": "take_control"})).await;
    stream.wait_until("host_changed", |event| event["from"] == bobs).await;

    ada.say(json!({"type": "new_tab", "url": site})).await;
    let first = stream.wait_for("tab").await["tab_id"].clone();
    let opened = |event: &Value| event["action"] == "opened" && event["tab_id"] != first;
    let tab = stream.wait_until("tab", opened).await["tab_id"].clone();
    stream.wait_until("tab_activated", |event| event["ssid"] == tab).await;
    for (kind, word) in [("pause_tab", "tab_paused"), ("resume_tab", "tab_resumed")] {
        ada.say(json!({"type": kind, "tab_id": tab})).await;
        stream.wait_for(word).await;
    }
    bob.say(json!({"type": "request_tab", "tab_id": tab})).await;
    stream.wait_for("tab_control_requested").await;
    ada.say(json!({"type": "give_tab", "tab_id": tab, "to": bobs})).await;
    stream.wait_for("tab_control_transferred").await;
    ada.say(json!({"type": "give_tab", "tab_id": tab, "to": 1})).await;
    ada.say(json!({"type": "huddle", "enabled": true})).await;
    stream.wait_for("huddle_mode").await;
    bob.say(json!({"type": "follow", "index": 1})).await;
    stream.wait_for("huddle_follow").await;

    ada.say(json!({"type": "navigate", "url": format!("{site}file")})).await;
    let file = stream.wait_for("file_downloaded").await;
    assert_eq!(file["filename"], "report.txt", "{file}");
}

/// Where a word was not told with its parameters, or not understood.
fn missing(
    &(word, family, parameters): &(&str, Family, &[&str]),
    stream: &Told,
    socket: &Told,
    window: &Watched,
) -> Vec<String> {
    let whole = |event: &Value| parameters.iter().all(|key| !event[*key].is_null());
    let mut missing = Vec::new();
    for (way, told) in [("stream", stream), ("socket", socket)] {
        if told.find(word, whole).is_none() {
            missing.push(format!("{word} on the {way}"));
        }
    }
    let is_it = |row: &&SessionEvent| {
        let raw: Value = serde_json::from_str(&row.raw).unwrap_or_default();
        self::word(&raw) == word && whole(&raw)
    };
    match window.rows().find(is_it) {
        None => missing.push(format!("{word} in the log")),
        Some(row) if row.family() != family || row.text.starts_with('{') || row.text.is_empty() => {
            missing.push(format!("{word} in the log: {:?}, {}", row.family(), row.text));
        }
        Some(_) => (),
    }
    missing
}

/// There is no session yet whose stream could tell: the answer does, and the window's client has it in words.
pub(super) async fn failures_before_there_is_a_session_are_answered() {
    let no_browser = HostConfig { browser: Some("/bin/false".into()), ..HostConfig::default() };
    let target =
        Target::host_with("host without a browser", SessionKind::Browser, no_browser).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (kind, name, status, reason) in [
        (SessionKind::Desktop, "desktop", 400, "create_failed"),
        (SessionKind::Browser, "browser", 502, "start_failed"),
    ] {
        let url = target.base.join("computers").unwrap();
        let request = http.post(url).bearer_auth(&target.token);
        let answer = request.body(json!({"kind": name}).to_string()).send().await.unwrap();
        assert_eq!(answer.status(), status);
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(answer["reason"], reason, "{answer}");
        let details = answer["details"].as_str().expect("a sentence");
        let request = NewSessionRequest { kind, ..NewSessionRequest::default() };
        let seen = ComputersService::new(target.direct()).create(&request).await;
        let seen = seen.unwrap_err().to_string();
        assert!(seen.contains(details), "{seen} instead of {details}");
    }
}
