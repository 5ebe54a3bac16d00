//! A space where people browse together, scripted: its sessions, what was called in them, and what befalls them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use helmsight::net::{Auth, Client, TokenPlace};
use helmsight::protocol::cobrowse::Dialect;
use helmsight::session::{Service, ServiceKind, ServiceSetup, service_of};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::timeout;
use url::Url;

use crate::server::{Asked, Say, Server, answer, json};
use crate::support::PATIENCE;

const KEY: &str = "rk_0123456789abcdef";
const SPACE_ID: &str = "7";
/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// What the service knows of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) url: String,
    pub(crate) people: u64,
    pub(crate) is_over: bool,
    /// Whether somebody has it open in a browser, without whom nothing is done.
    pub(crate) is_open: bool,
    pub(crate) pictures: Pictures,
}

#[derive(Clone, Debug, Default)]
pub(crate) enum Pictures {
    #[default]
    Inline,
    Refused(u16),
    /// The answer points to this address.
    At(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) session: String,
    pub(crate) method: String,
    pub(crate) parameters: Value,
}

#[derive(Debug, Default)]
struct State {
    sessions: BTreeMap<String, Known>,
    calls: Vec<Call>,
}

pub(crate) struct Space {
    dialect: Dialect,
    state: watch::Sender<State>,
    server: Server,
}

impl Space {
    /// With session "s1", which somebody has open at `https://a.test/`.
    pub(crate) async fn start(dialect: Dialect) -> Self {
        let s1 = Known {
            url: "https://a.test/".to_owned(),
            people: 1,
            is_over: false,
            is_open: true,
            pictures: Pictures::Inline,
        };
        let sessions = BTreeMap::from([("s1".to_owned(), s1)]);
        let state = watch::Sender::new(State { sessions, calls: Vec::new() });
        let shared = state.clone();
        let server = Server::start(move |asked| {
            let mut says = Vec::new();
            shared.send_modify(|state| {
                says = match dialect {
                    Dialect::Webfuse => webfuse(state, asked),
                    Dialect::Surfly => surfly(state, asked),
                };
            });
            says
        })
        .await;
        Self { dialect, state, server }
    }

    pub(crate) fn service(&self) -> Arc<dyn Service> {
        self.service_with(KEY)
    }

    pub(crate) fn service_with(&self, key: &str) -> Arc<dyn Service> {
        self.made_from(self.setup(key))
    }

    /// A service whose webhook events `hooks` has.
    pub(crate) fn service_with_webhooks(&self, hooks: Client) -> Arc<dyn Service> {
        self.made_from(ServiceSetup { webhooks: Some(hooks), ..self.setup(KEY) })
    }

    fn made_from(&self, setup: ServiceSetup) -> Arc<dyn Service> {
        service_of(self.kind(), setup).unwrap()
    }

    fn kind(&self) -> ServiceKind {
        match self.dialect {
            Dialect::Webfuse => ServiceKind::Webfuse,
            Dialect::Surfly => ServiceKind::Surfly,
        }
    }

    fn setup(&self, key: &str) -> ServiceSetup {
        let base: &Url = &self.server.base;
        let parameter = self.kind().key_parameter();
        let place = parameter.map_or(TokenPlace::Bearer, |name| TokenPlace::Query(name.to_owned()));
        let auth = Auth::token(base, SecretString::from(key), place);
        ServiceSetup {
            space: Some(SPACE_ID.to_owned()),
            snapshot_period: Some(Duration::from_millis(5)),
            ..ServiceSetup::new(base.clone(), auth)
        }
    }

    /// Something happens to a session.
    pub(crate) fn change(&self, id: &str, change: impl FnOnce(&mut Known)) {
        self.state.send_modify(|state| change(state.sessions.get_mut(id).unwrap()));
    }

    /// The service forgets a session.
    pub(crate) fn forget(&self, id: &str) {
        self.state.send_modify(|state| drop(state.sessions.remove(id)));
    }

    /// Waits until a call of this method came, answered or not.
    pub(crate) async fn is_asked(&self, method: &str) {
        let is_it = |asked: &Asked| asked.json()["method"] == method;
        self.server.asked.until(method, |asked| asked.iter().any(is_it)).await;
    }

    /// Waits until a call of this method was done.
    pub(crate) async fn has_done(&self, method: &str) {
        self.until(|state| state.calls.iter().any(|call| call.method == method)).await;
    }

    /// Waits until a session is at this address.
    pub(crate) async fn is_at(&self, id: &str, url: &str) {
        self.until(|state| state.sessions.get(id).is_some_and(|known| known.url == url)).await;
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.server.asked.all()
    }

    /// An address at the service itself.
    pub(crate) fn address(&self, path: &str) -> String {
        self.server.base.join(path).unwrap().to_string()
    }

    pub(crate) fn known(&self, id: &str) -> Option<Known> {
        self.state.borrow().sessions.get(id).cloned()
    }

    /// The calls of this method, oldest first.
    pub(crate) fn calls(&self, method: &str) -> Vec<Call> {
        let mut calls = self.state.borrow().calls.clone();
        calls.retain(|call| call.method == method);
        calls
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool) {
        let mut state = self.state.subscribe();
        let in_time = timeout(PATIENCE, state.wait_for(|state| is_so(state))).await.is_ok();
        assert!(in_time, "never so: {:#?}", self.state.borrow());
    }
}

fn new_session(state: &mut State, url: &str) -> String {
    let id = format!("s{}", state.sessions.len() + 1);
    let known = Known { url: url.to_owned(), ..Known::default() };
    state.sessions.insert(id.clone(), known);
    id
}

/// The RPC service: sessions, and calls that act in the page.
fn webfuse(state: &mut State, asked: &Asked) -> Vec<Say> {
    if asked.header("authorization") != Some(&format!("bearer {KEY}"))
        || asked.header("x-space-id") != Some(SPACE_ID)
    {
        return json(401, json!({"error": "Invalid key"}));
    }
    let described = |(id, known): (&String, &Known)| {
        json!({
            "session_id": id,
            "status": if known.is_over { "ended" } else { "active" },
            "url": known.url,
            "participants": known.people,
            "link": format!("https://b.test/{id}"),
        })
    };
    let (method, path) = asked.line.split_once(' ').unwrap();
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        ("GET", ["api", "v1", "sessions?space_id=7"]) => {
            let sessions: Vec<_> = state.sessions.iter().map(described).collect();
            json(200, json!({ "sessions": sessions }))
        }
        ("POST", ["api", "v1", "sessions"]) => {
            let id = new_session(state, "");
            let link = format!("https://b.test/{id}");
            json(201, json!({"session_id": id, "link": link}))
        }
        ("GET", ["api", "v1", "sessions", id]) => match state.sessions.get_key_value(*id) {
            Some(found) => json(200, described(found)),
            None => json(404, json!({"error": "Not found"})),
        },
        ("POST", ["api", "v1", "sessions", id, "end"]) => end(state, id),
        ("POST", ["rpc", id, "call"]) => {
            let body = asked.json();
            if body["method"] == "take_gui_snapshot"
                && let Some(Pictures::Refused(status)) = pictures(state, id)
            {
                return json(status, json!({"error": "No picture yet"}));
            }
            // A page that is asked to wait answers nothing any more.
            if body["parameters"]["text"] == "wait" {
                return vec![Say::Hold];
            }
            let call = Call {
                session: (*id).to_owned(),
                method: body["method"].as_str().unwrap_or_default().to_owned(),
                parameters: body["parameters"].clone(),
            };
            let timeout = body["timeout"].as_u64().unwrap_or_default();
            state.calls.push(call.clone());
            json(200, made(state, &call, timeout))
        }
        _ => json(404, json!({"error": "Not found"})),
    }
}

/// What a call answers, which is 200 whatever came of it.
fn made(state: &mut State, call: &Call, timeout: u64) -> Value {
    if !(1..=15_000).contains(&timeout) {
        return json!({"status": "error", "error": "timeout is out of range"});
    }
    let Some(known) = state.sessions.get_mut(&call.session) else {
        return json!({"status": "error", "error": "No such session"});
    };
    if !known.is_open {
        return json!({"status": "timeout"});
    }
    match (call.method.as_str(), call.parameters["url"].as_str()) {
        ("take_gui_snapshot", _) => json!({"status": "success", "result": {"image": PNG}}),
        ("relocate", Some(url)) if url.contains("blocked") => {
            json!({"status": "error", "error": "Blocked by the space"})
        }
        ("relocate", Some(url)) => {
            known.url = url.to_owned();
            json!({"status": "success", "result": null})
        }
        (
            "left_click" | "right_click" | "middle_click" | "type" | "key_press" | "scroll"
            | "open_tab",
            _,
        ) => json!({"status": "success", "result": null}),
        (other, _) => json!({"status": "error", "error": format!("No function {other}")}),
    }
}

/// The REST service: sessions and their screenshots.
fn surfly(state: &mut State, asked: &Asked) -> Vec<Say> {
    let (method, path) = asked.line.split_once(' ').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !query.split('&').any(|pair| pair == format!("api_key={KEY}")) {
        return json(403, json!({"detail": "Invalid API key"}));
    }
    let described = |(id, known): (&String, &Known)| {
        json!({
            "session_id": id,
            "active_session": !known.is_over,
            "start_url": known.url,
            "viewers_count": known.people,
            "leader_link": format!("https://b.test/{id}"),
        })
    };
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        ("GET", ["sessions"]) if query.contains("active_session=true") => {
            let active = state.sessions.iter().filter(|(_, known)| !known.is_over);
            json(200, active.map(described).collect())
        }
        ("POST", ["sessions"]) => {
            let body = asked.json();
            let id = new_session(state, body["url"].as_str().unwrap_or_default());
            let link = format!("https://b.test/{id}");
            json(201, json!({"session_id": id, "leader_link": link}))
        }
        ("GET", ["sessions", id]) => match state.sessions.get_key_value(*id) {
            Some(found) => json(200, described(found)),
            None => json(404, json!({"detail": "Not found."})),
        },
        ("POST", ["sessions", id, "end"]) => end(state, id),
        ("POST", ["sessions", _, "screenshots", "create"]) => json(201, json!({})),
        ("GET", ["sessions", id, "screenshots", "latest"]) => match pictures(state, id) {
            Some(Pictures::Refused(status)) => json(status, json!({"detail": "No picture yet"})),
            Some(Pictures::At(url)) => json(200, json!({ "url": url })),
            Some(Pictures::Inline) => json(200, json!({"image": PNG})),
            None => json(404, json!({"detail": "Not found."})),
        },
        ("GET", ["kept", "1.png"]) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n";
            vec![Say::text(head), Say::Bytes(BASE64_STANDARD.decode(PNG).unwrap())]
        }
        _ => answer(404, "text/html", "<h1>Not found</h1>"),
    }
}

fn pictures(state: &State, id: &str) -> Option<Pictures> {
    state.sessions.get(id).map(|known| known.pictures.clone())
}

fn end(state: &mut State, id: &str) -> Vec<Say> {
    match state.sessions.get_mut(id) {
        Some(known) => {
            known.is_over = true;
            json(200, json!({}))
        }
        None => json(404, json!({"error": "Not found"})),
    }
}
