//! A service of the computers API as the hosted ones are: control by REST only, events without ids, and a page that
//! exists only as the words in its title.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use axum::{Router, response::IntoResponse as _};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use crate::dialect::{Dialect, Tab};

pub(crate) struct Service {
    pub(crate) base: Url,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct World {
    made: usize,
    sessions: BTreeMap<String, Session>,
}

struct Session {
    pages: Vec<Page>,
    active: usize,
    made_pages: usize,
    is_over: bool,
    /// Everything that happened, in order.
    events: watch::Sender<Vec<String>>,
    /// Counts what changed the picture.
    changes: watch::Sender<u64>,
}

struct Page {
    id: String,
    url: String,
    title: String,
}

struct State {
    dialect: Dialect,
    token: String,
    picture: String,
    /// What a screenshot is.
    shot: Vec<u8>,
    world: Mutex<World>,
}

const SHOT: &str = "shots/1f2e.jpg";

type Answer = Result<Value, (u16, &'static str)>;

impl Service {
    pub(crate) async fn start(dialect: Dialect, token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}{}/", listener.local_addr().unwrap(), dialect.prefix);
        let state = Arc::new(State {
            dialect,
            token: token.to_owned(),
            picture: (dialect.picture)(&crate::picture(640, 360)),
            shot: crate::picture(640, 360),
            world: Mutex::default(),
        });
        let app = Router::new().fallback(move |request| answer(state.clone(), request));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base: base.parse().unwrap(), _tasks: tasks }
    }
}

async fn answer(state: Arc<State>, request: Request) -> Response<Body> {
    let bearer = request.headers().get("authorization");
    let is_allowed = bearer.is_some_and(|value| *value == format!("Bearer {}", state.token));
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    // Lies elsewhere, under a name that nobody guesses: no key is sent there.
    if path.ends_with(SHOT) {
        return Bytes::from(state.shot.clone()).into_response();
    }
    let result = if is_allowed {
        let Some(path) = path.strip_prefix(state.dialect.prefix) else {
            return refusal(&state, 404, "No such path");
        };
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if let ["computers", id, stream @ ("screencast" | "events")] = parts[..] {
            return state.stream(id, stream);
        }
        state.call(&method, &parts, &body)
    } else {
        Err((401, "The key is not valid"))
    };
    match result {
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(body) => body.to_string().into_response(),
        Err((status, words)) => refusal(&state, status, words),
    }
}

fn refusal(state: &State, status: u16, words: &str) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap();
    (status, (state.dialect.error)(words).to_string()).into_response()
}

impl State {
    fn call(&self, method: &str, parts: &[&str], body: &Value) -> Answer {
        let mut world = self.world.lock().unwrap();
        match (method, parts) {
            ("GET", ["computers"]) => {
                let all = world.sessions.iter();
                Ok((self.dialect.list)(all.map(|(id, session)| session.computer(id)).collect()))
            }
            ("POST", ["computers"]) => {
                world.made += 1;
                let id = format!("comp_{}", world.made);
                let session = Session::new();
                let computer = session.computer(&id);
                world.sessions.insert(id, session);
                Ok(computer)
            }
            (_, ["computers", id, rest @ ..]) => {
                let gone = (404, "Session not found");
                let session = world.sessions.get_mut(*id).ok_or(gone)?;
                match (method, rest) {
                    ("GET", [] | ["status"]) => Ok(session.computer(id)),
                    ("DELETE", []) => {
                        session.is_over = true;
                        // Both streams hear of it.
                        session.changes.send_modify(|count| *count += 1);
                        session.events.send_modify(|events| events.push(String::new()));
                        if !self.dialect.remembers {
                            world.sessions.remove(*id);
                        }
                        Ok(Value::Null)
                    }
                    _ if session.is_over => Err((409, "Session is terminated")),
                    ("POST", ["keepalive"]) => Ok(json!({"status": "running"})),
                    ("POST", ["screenshot"]) => {
                        // A whole address would be that of another server for who comes through the relay.
                        Ok(json!({"status": "success", "result": {"screenshot_url": SHOT}}))
                    }
                    _ => self.act(session, method, rest, body),
                }
            }
            _ => Err((404, "No such path")),
        }
    }

    fn act(&self, session: &mut Session, method: &str, rest: &[&str], body: &Value) -> Answer {
        match (method, rest) {
            ("GET", ["tabs"]) => Ok((self.dialect.tabs)(session.tabs())),
            ("POST", ["execute"]) => {
                let action = &body["action"];
                let kind = action["type"].as_str().unwrap_or_default();
                session.tell(json!({"request_id": action["request_id"], "action": action}));
                session.perform(kind, action)?;
                let done = json!({"request_id": action["request_id"], "status": "success"});
                session.tell(done.clone());
                Ok(done)
            }
            ("POST", ["tabs"]) => {
                session.open(body["url"].as_str().unwrap_or("about:blank"));
                Ok(json!({"status": "success"}))
            }
            ("POST", [kind]) => {
                session.perform(&kind.replace('-', "_"), body)?;
                Ok(json!({"status": "success", "page_context": session.context()}))
            }
            ("POST", ["tabs", id, "switch"]) => {
                session.active = session.index(id)?;
                Ok(json!({"status": "success"}))
            }
            ("DELETE", ["tabs", id]) => {
                let index = session.index(id)?;
                if session.pages.len() == 1 {
                    return Err((400, "The last tab cannot be closed"));
                }
                session.pages.remove(index);
                session.active = session.active.min(session.pages.len() - 1);
                Ok(json!({"status": "success"}))
            }
            _ => Err((404, "No such path")),
        }
    }

    fn stream(self: &Arc<Self>, id: &str, name: &str) -> Response<Body> {
        let world = self.world.lock().unwrap();
        let Some(session) = world.sessions.get(id).filter(|session| !session.is_over) else {
            return refusal(self, 404, "Session not found");
        };
        let start = Bytes::from_static(b": heartbeat\n\n");
        let start = stream::iter([Ok::<_, std::io::Error>(start)]);
        let body = if name == "events" {
            // No history: a stream begins with what happens next.
            let events = session.events.subscribe();
            let sent = events.borrow().len();
            Body::from_stream(start.chain(stream::unfold((events, sent), next_events)))
        } else {
            let mut changes = session.changes.subscribe();
            changes.mark_changed();
            let state = (self.clone(), id.to_owned(), changes);
            Body::from_stream(start.chain(stream::unfold(state, next_picture)))
        };
        let head = Response::builder().header("content-type", "text/event-stream");
        head.body(body).unwrap()
    }
}

type Events = (watch::Receiver<Vec<String>>, usize);

async fn next_events((mut events, sent): Events) -> Option<(std::io::Result<Bytes>, Events)> {
    let all = events.wait_for(|all| all.len() > sent).await.ok()?;
    if all[sent..].iter().any(String::is_empty) {
        return None;
    }
    let text: String = all[sent..].iter().map(|event| format!("data: {event}\n\n")).collect();
    let sent = all.len();
    drop(all);
    Some((Ok(text.into()), (events, sent)))
}

type Pictures = (Arc<State>, String, watch::Receiver<u64>);

async fn next_picture(
    (state, id, mut changes): Pictures,
) -> Option<(std::io::Result<Bytes>, Pictures)> {
    changes.changed().await.ok()?;
    let is_live = |world: &World| world.sessions.get(&id).is_some_and(|session| !session.is_over);
    if !is_live(&state.world.lock().unwrap()) {
        return None;
    }
    let text = format!("data: {}\n\n", state.picture);
    Some((Ok(text.into()), (state, id, changes)))
}

impl Session {
    fn new() -> Self {
        let mut session = Self {
            pages: Vec::new(),
            active: 0,
            made_pages: 0,
            is_over: false,
            events: watch::Sender::default(),
            changes: watch::Sender::default(),
        };
        session.open("about:blank");
        session
    }

    fn computer(&self, id: &str) -> Value {
        let status = if self.is_over { "terminated" } else { "running" };
        let endpoints = json!({"cdp": format!("/computers/{id}/cdp"), "screencast": format!("/computers/{id}/screencast")});
        json!({
            "id": id, "kind": "browser", "status": status, "created_at": "2026-05-01T10:00:00Z",
            "idle_timeout_enabled": true, "inactivity_timeout_seconds": 120, "endpoints": endpoints,
        })
    }

    fn tell(&self, event: Value) {
        self.events.send_modify(|events| events.push(event.to_string()));
    }

    fn open(&mut self, url: &str) {
        self.made_pages += 1;
        let id = format!("T{}", self.made_pages);
        let title = crate::page_title(url);
        let url = url.to_owned();
        self.pages.push(Page { id, url, title });
        self.active = self.pages.len() - 1;
    }

    fn index(&self, id: &str) -> Result<usize, (u16, &'static str)> {
        let index = self.pages.iter().position(|page| page.id == id);
        index.ok_or((404, "No such tab"))
    }

    fn tabs(&self) -> Vec<Tab> {
        let tab = |(index, page): (usize, &Page)| Tab {
            id: page.id.clone(),
            url: page.url.clone(),
            title: page.title.clone(),
            active: index == self.active,
        };
        self.pages.iter().enumerate().map(tab).collect()
    }

    fn context(&self) -> Value {
        let page = &self.pages[self.active];
        json!({"url": page.url, "title": page.title, "tab_id": page.id})
    }

    /// Does to the page what a browser would do to the one that the tests open.
    fn perform(&mut self, kind: &str, body: &Value) -> Result<(), (u16, &'static str)> {
        let has = |names: &[&str]| names.iter().all(|name| body[*name].is_number());
        let page = &mut self.pages[self.active];
        let word = match kind {
            "click" if has(&["x", "y"]) => "click".to_owned(),
            "double_click" if has(&["x", "y"]) => "click double".to_owned(),
            "right_click" if has(&["x", "y"]) => "menu".to_owned(),
            "drag" if has(&["x1", "y1", "x2", "y2"]) => "drag".to_owned(),
            "scroll" if has(&["x", "y", "dx", "dy"]) => "wheel".to_owned(),
            "type" => format!("typed:{}", body["text"].as_str().unwrap_or_default()),
            "hotkey" if body["keys"] == json!(["ctrl", "b"]) => "chord".to_owned(),
            "navigate" | "go_to_url" => {
                let url = body["url"].as_str().unwrap_or_default();
                page.url = url.to_owned();
                page.title = crate::page_title(url);
                String::new()
            }
            "screenshot" => String::new(),
            _ => return Err((422, "The action is not understood")),
        };
        if !word.is_empty() {
            page.title += " ";
            page.title += &word;
        }
        self.changes.send_modify(|count| *count += 1);
        Ok(())
    }
}
