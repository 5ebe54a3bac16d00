//! Answers with Helmsight's own start page from memory when the browser asks for it. That needs no network, no port and
//! no long `data:` URL.

use base64::Engine as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::cdp::{BASE64, CdpClient};

/// The address of the start page. `.test` is reserved, so it can never be anybody's.
pub const START_URL: &str = "https://helmsight.test/";

const HTML: &str = include_str!("../../../../assets/pages/start.html");

/// A request that the browser holds back until it is answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Paused {
    request_id: String,
    request: PausedRequest,
}

#[derive(Debug, Deserialize)]
struct PausedRequest {
    url: String,
}

/// Asks the browser to hold back requests for the start page, and for nothing else.
pub(super) fn intercept() -> Value {
    json!({ "patterns": [{ "urlPattern": format!("{START_URL}*") }] })
}

pub(super) fn answer(client: &CdpClient, session: &str, paused: &Paused) {
    let path = paused.request.url.strip_prefix(START_URL).unwrap_or_default();
    let is_page = path.is_empty() || path.starts_with(['?', '#']);
    let (status, body) = if is_page { (200, HTML) } else { (204, "") };
    let headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        // The page loads nothing: everything is in the page itself.
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:",
        ),
    ];
    let headers: Vec<Value> =
        headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let params = json!({ "requestId": paused.request_id, "responseCode": status, "responseHeaders": headers, "body": BASE64.encode(body) });
    client.tell(Some(session), "Fetch.fulfillRequest", params);
}
