//! Tells of requests that failed.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::words::MAX_TEXT;
use crate::base::text::clip;

/// So many requests of one page are remembered by name. A page with more in flight loses the names of all of them.
const MAX_IN_FLIGHT: usize = 2000;

/// The requests of one page that are in flight.
#[derive(Debug, Default)]
pub(super) struct Requests {
    in_flight: HashMap<String, NetworkRequest>,
}

#[derive(Clone, Debug, Deserialize)]
struct NetworkRequest {
    url: String,
    method: String,
}

/// `Network.requestWillBeSent`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WillBeSent {
    request_id: String,
    request: NetworkRequest,
}

/// `Network.responseReceived`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Received {
    request_id: String,
    response: Response,
}

#[derive(Debug, Deserialize)]
struct Response {
    url: String,
    status: i64,
}

/// `Network.loadingFailed`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadingFailed {
    request_id: String,
    error_text: String,
    #[serde(default)]
    canceled: bool,
}

/// `Network.loadingFinished`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadingFinished {
    request_id: String,
}

/// Makes the options of `Network.enable`. Bodies are never asked for, so that the browser need not keep them.
pub(super) fn quietly() -> Value {
    json!({ "maxTotalBufferSize": 1 << 20, "maxResourceBufferSize": 1 << 16 })
}

impl Requests {
    pub(super) fn sent(&mut self, sent: WillBeSent) {
        if self.in_flight.len() >= MAX_IN_FLIGHT {
            self.in_flight.clear();
        }
        let mut request = sent.request;
        request.url.truncate(request.url.floor_char_boundary(MAX_TEXT));
        self.in_flight.insert(sent.request_id, request);
    }

    /// Makes the fields of a `network_failure` event, where the server answered with a failure.
    pub(super) fn received(&self, received: &Received) -> Option<Value> {
        let Response { url, status } = &received.response;
        // Every site is asked for an icon that few have.
        if *status < 400 || url.ends_with("/favicon.ico") {
            return None;
        }
        let method =
            self.in_flight.get(&received.request_id).map_or("GET", |request| &request.method);
        Some(json!({ "url": clip(url, MAX_TEXT), "method": method, "status": status }))
    }

    /// Makes the fields of a `network_failure` event, unless the page gave up by itself.
    pub(super) fn failed(&mut self, failed: LoadingFailed) -> Option<Value> {
        let request = self.in_flight.remove(&failed.request_id)?;
        let own_choice = failed.canceled
            || failed.error_text == "net::ERR_ABORTED"
            || request.url.ends_with("/favicon.ico");
        (!own_choice).then(
            || json!({ "url": request.url, "method": request.method, "error": failed.error_text }),
        )
    }

    pub(super) fn finished(&mut self, finished: &LoadingFinished) {
        self.in_flight.remove(&finished.request_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(requests: &mut Requests, id: usize, url: &str) {
        let json = json!({ "requestId": id.to_string(), "request": { "url": url, "method": "POST", "headers": {} } });
        requests.sent(serde_json::from_value(json).unwrap());
    }

    fn fail(requests: &mut Requests, id: usize, error: &str, canceled: bool) -> Option<Value> {
        requests.failed(LoadingFailed {
            request_id: id.to_string(),
            error_text: error.to_owned(),
            canceled,
        })
    }

    #[test]
    fn failures_are_named_and_what_the_page_gave_up_is_not_told() {
        let mut requests = Requests::default();
        for id in 0..3 {
            sent(&mut requests, id, "https://a.test/x");
        }
        let told = json!({ "url": "https://a.test/x", "method": "POST", "error": "net::ERR_CONNECTION_REFUSED" });
        assert_eq!(fail(&mut requests, 0, "net::ERR_CONNECTION_REFUSED", false), Some(told));
        assert_eq!(fail(&mut requests, 0, "net::ERR_CONNECTION_REFUSED", false), None);
        assert_eq!(fail(&mut requests, 1, "net::ERR_ABORTED", false), None);
        assert_eq!(fail(&mut requests, 2, "net::ERR_FAILED", true), None);
    }

    #[test]
    fn an_error_status_is_a_failure() {
        let mut requests = Requests::default();
        sent(&mut requests, 1, "https://a.test/api");
        let received = |status: i64, url: &str| Received {
            request_id: "1".to_owned(),
            response: Response { url: url.to_owned(), status },
        };
        let told = json!({ "url": "https://a.test/api", "method": "POST", "status": 503 });
        assert_eq!(requests.received(&received(503, "https://a.test/api")), Some(told));
        assert_eq!(requests.received(&received(304, "https://a.test/api")), None);
        assert_eq!(requests.received(&received(404, "https://a.test/favicon.ico")), None);
    }

    #[test]
    fn the_memory_of_requests_is_bounded() {
        let mut requests = Requests::default();
        for id in 0..10_000 {
            sent(&mut requests, id, "https://a.test/");
        }
        assert!(requests.in_flight.len() <= MAX_IN_FLIGHT);
    }
}
