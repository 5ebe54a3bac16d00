//! The test page and its server: the page tells the server everything that happens to it, in order.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::picture::{Ink, Picture, Placing};

/// Of the page's two markers, at opposite corners.
pub(crate) const MAGENTA: Ink = Ink { rgb: [255, 0, 200], off_by: 24 };
pub(crate) const LIME: Ink = Ink { rgb: [60, 255, 0], off_by: 24 };
/// The middles of the markers, in CSS pixels.
const MIDDLES: [(f64, f64); 2] = [(100.0, 100.0), (1180.0, 620.0)];

/// The middle of the box that can be dragged, at first.
pub(crate) const BOX: (f64, f64) = (450.0, 350.0);

const PAGE: &str = r#"<!doctype html><meta charset=utf-8><title>ready</title>
<style>
body { margin: 0; background: white; overflow: hidden }
body > * { position: absolute; width: 120px; height: 120px; box-sizing: border-box; user-select: none }
#magenta { left: 40px; top: 40px; background: rgb(255, 0, 200) }
#lime { left: 1120px; top: 560px; background: rgb(60, 255, 0) }
#box { left: 400px; top: 300px; width: 100px; height: 100px; background: gray }
#field { left: 400px; top: 40px; width: 500px; height: 60px; font: 30px sans-serif }
</style>
<div id=magenta></div><div id=lime></div><div id=box></div><input id=field autofocus>
<script>
const waiting = [];
let busy = false;
async function send() {
    if (busy || !waiting.length) return;
    busy = true;
    await fetch('/report', { method: 'POST', body: JSON.stringify(waiting.splice(0)) });
    busy = false;
    send();
}
function report(event) { waiting.push(event); send(); }
// A key that is held repeats where it is slow to come up; that is not news.
for (const type of ['keydown', 'keyup'])
    addEventListener(type, e => e.repeat || report({ type, key: e.key, code: e.code }));
for (const type of ['mousedown', 'mousemove', 'mouseup'])
    addEventListener(type, e => report({ type, x: e.clientX, y: e.clientY, buttons: e.buttons, on: e.target.id }));
field.addEventListener('input', () => report({ type: 'value', value: field.value }));
let grip = null;
box.addEventListener('mousedown', e => { grip = [e.clientX - box.offsetLeft, e.clientY - box.offsetTop]; e.preventDefault(); });
addEventListener('mousemove', e => {
    if (grip) { box.style.left = e.clientX - grip[0] + 'px'; box.style.top = e.clientY - grip[1] + 'px'; }
});
addEventListener('mouseup', () => {
    if (grip) report({ type: 'dropped', x: box.offsetLeft + 50, y: box.offsetTop + 50 });
    grip = null;
});
report({ type: 'size', width: innerWidth, height: innerHeight });
</script>"#;

/// An event stream that says two things and then stays open.
const STREAM: &str = "retry: 200\n\nid: 7\ndata: first\n\nevent: named\ndata: second\n\n";

pub(crate) struct Site {
    pub(crate) url: String,
    reports: Arc<Mutex<Vec<Value>>>,
    queries: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(crate) async fn serve() -> Self {
        let reports: Arc<Mutex<Vec<Value>>> = Arc::default();
        let heard = reports.clone();
        let hear = async move |body: Bytes| {
            let news: Vec<Value> = serde_json::from_slice(&body).unwrap();
            heard.lock().unwrap().extend(news);
        };
        let queries: Arc<Mutex<Vec<String>>> = Arc::default();
        let asked = queries.clone();
        let page = async move |uri: Uri| {
            let query = format!("http://a/?{}", uri.query().unwrap_or_default());
            let query = url::Url::parse(&query).unwrap();
            let words = query.query_pairs().next().map(|(words, _)| words.into_owned());
            asked.lock().unwrap().extend(words);
            Html(PAGE)
        };
        let routes = Router::new()
            .route("/", get(page))
            .route("/stream", get(async || open_stream()))
            .route("/report", post(hear));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        // Ends with the test's runtime.
        drop(TaskTracker::new().spawn(async move { axum::serve(listener, routes).await }));
        Self { url, reports, queries }
    }

    /// What stood behind the question marks of the addresses that were asked for.
    pub(crate) fn queries(&self) -> Vec<String> {
        self.queries.lock().unwrap().clone()
    }

    /// What the page told, all of it in order.
    pub(crate) fn reports(&self) -> Vec<Value> {
        self.reports.lock().unwrap().clone()
    }

    /// What the page told of this type.
    pub(crate) fn told(&self, kind: &str) -> Vec<Value> {
        let mut reports = self.reports();
        reports.retain(|report| report["type"] == kind);
        reports
    }

    /// What is in the page's text field.
    pub(crate) fn text(&self) -> String {
        let last = self.told("value").pop();
        last.map_or_else(String::new, |report| report["value"].as_str().unwrap().to_owned())
    }
}

/// Where the page is in the picture; `None` until both of its markers are in sight.
pub(crate) fn find_page(picture: &Picture) -> Option<Placing> {
    let markers = [picture.patch(&MAGENTA)?, picture.patch(&LIME)?];
    // Smaller ones are not the page at a size that anybody could use.
    if markers.iter().any(|marker| marker.pixels <= 400) {
        return None;
    }
    Placing::from_points(MIDDLES, markers.map(|marker| marker.center))
}

fn open_stream() -> ([(axum::http::HeaderName, &'static str); 1], Body) {
    let first = stream::iter([Ok::<_, std::io::Error>(STREAM)]);
    let body = Body::from_stream(first.chain(stream::pending()));
    ([(CONTENT_TYPE, "text/event-stream")], body)
}
