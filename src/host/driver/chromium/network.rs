//! Follows the requests of pages: tells of those that failed, and of every one where somebody wants to know.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::{BoundedId, BoundedText, PageText};

/// So many requests of one page are remembered by name. A page with more in flight loses the names of all of them.
const MAX_IN_FLIGHT: usize = 2000;

/// The requests of one page that are in flight.
#[derive(Debug, Default)]
pub(super) struct Requests {
    in_flight: HashMap<BoundedId, InFlight>,
}

/// What is known of a request that is under way.
#[derive(Clone, Debug)]
struct InFlight {
    request: NetworkRequest,
    /// What it is for, in the browser's words: Document, Script, Image and so on.
    resource: BoundedText<32>,
    /// When it was sent, in seconds of the browser's own clock.
    sent_at: f64,
    answer: Option<Response>,
}

/// A request that is over, and what came of it.
#[derive(Debug)]
pub(super) struct RequestOver {
    it: InFlight,
    ended_at: f64,
    bytes: Option<f64>,
    error: Option<PageText>,
}

#[derive(Clone, Debug, Deserialize)]
struct NetworkRequest {
    url: PageText,
    /// The method. A page may make one up, as long as it likes.
    method: BoundedText<64>,
}

/// `Network.requestWillBeSent`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WillBeSent {
    request_id: BoundedId,
    request: NetworkRequest,
    #[serde(default)]
    timestamp: f64,
    #[serde(rename = "type", default)]
    resource: BoundedText<32>,
    /// The answer that led here from another address. The request goes on under its id.
    redirect_response: Option<Response>,
}

/// `Network.responseReceived`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Received {
    request_id: BoundedId,
    response: Response,
    #[serde(rename = "type", default)]
    resource: BoundedText<32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    url: PageText,
    status: i64,
    #[serde(default)]
    from_disk_cache: bool,
    #[serde(default)]
    encoded_data_length: f64,
}

/// `Network.loadingFailed`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadingFailed {
    request_id: BoundedId,
    error_text: PageText,
    #[serde(default)]
    timestamp: f64,
    #[serde(default)]
    canceled: bool,
}

/// `Network.loadingFinished`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadingFinished {
    request_id: BoundedId,
    #[serde(default)]
    timestamp: f64,
    #[serde(default)]
    encoded_data_length: f64,
}

/// Makes the options of `Network.enable`. Bodies are never asked for, so that the browser need not keep them.
pub(super) fn quietly() -> Value {
    json!({ "maxTotalBufferSize": 1 << 20, "maxResourceBufferSize": 1 << 16 })
}

impl Requests {
    /// Notes a request. It returns the one that a redirect ended.
    pub(super) fn sent(&mut self, sent: WillBeSent) -> Option<RequestOver> {
        if self.in_flight.len() >= MAX_IN_FLIGHT {
            self.in_flight.clear();
        }
        let WillBeSent { request_id, request, timestamp, resource, redirect_response } = sent;
        let it = InFlight { request, resource, sent_at: timestamp, answer: None };
        let before = self.in_flight.insert(request_id, it)?;
        let answer = redirect_response?;
        let bytes = Some(answer.encoded_data_length);
        let it = InFlight { answer: Some(answer), ..before };
        Some(RequestOver { it, ended_at: timestamp, bytes, error: None })
    }

    /// Notes an answer, and makes the fields of a `network_failure` event where the server answered with a failure.
    pub(super) fn received(&mut self, received: &Received) -> Option<Value> {
        let Response { url, status, .. } = &received.response;
        let request = self.in_flight.get_mut(&received.request_id);
        let method = request.map_or_else(
            || "GET".into(),
            |request| {
                request.answer = Some(received.response.clone());
                request.resource = received.resource.clone();
                request.request.method.clone()
            },
        );
        // Every site is asked for an icon that few have.
        if *status < 400 || url.ends_with("/favicon.ico") {
            return None;
        }
        Some(json!({ "url": url, "method": method, "status": status }))
    }

    /// Ends a request that failed.
    pub(super) fn failed(&mut self, failed: &LoadingFailed) -> Option<RequestOver> {
        let it = self.in_flight.remove(&failed.request_id)?;
        let error = Some(failed.error_text.clone());
        Some(RequestOver { it, ended_at: failed.timestamp, bytes: None, error })
    }

    /// Ends a request that was answered in full.
    pub(super) fn finished(&mut self, finished: &LoadingFinished) -> Option<RequestOver> {
        let it = self.in_flight.remove(&finished.request_id)?;
        let bytes = Some(finished.encoded_data_length);
        Some(RequestOver { it, ended_at: finished.timestamp, bytes, error: None })
    }
}

impl RequestOver {
    /// Makes the fields of a `network_request` event.
    pub(super) fn fields(&self) -> Value {
        let InFlight { request, resource, sent_at, answer } = &self.it;
        let milliseconds = ((self.ended_at - sent_at) * 1000.0).max(0.0).round() as u64;
        json!({
            "url": request.url,
            "method": request.method,
            "status": answer.as_ref().map(|answer| answer.status),
            "resource": resource.as_str().to_ascii_lowercase(),
            "bytes": self.bytes.map(|bytes| bytes.max(0.0) as u64),
            "cached": answer.as_ref().is_some_and(|answer| answer.from_disk_cache),
            "duration_ms": milliseconds,
            "error": self.error,
        })
    }

    /// Makes the fields of a `network_failure` event, unless the page gave up by itself.
    pub(super) fn failure(&self, failed: &LoadingFailed) -> Option<Value> {
        let NetworkRequest { url, method } = &self.it.request;
        let own_choice = failed.canceled
            || failed.error_text == "net::ERR_ABORTED"
            || url.ends_with("/favicon.ico");
        (!own_choice).then(|| json!({ "url": url, "method": method, "error": failed.error_text }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(requests: &mut Requests, id: usize, url: &str) -> Option<RequestOver> {
        let json = json!({ "requestId": id.to_string(), "request": { "url": url, "method": "POST", "headers": {} }, "timestamp": 7.5, "type": "Script" });
        requests.sent(serde_json::from_value(json).unwrap())
    }

    fn fail(requests: &mut Requests, id: usize, error: &str, canceled: bool) -> Option<Value> {
        let failed = LoadingFailed {
            request_id: id.to_string().into(),
            error_text: error.into(),
            timestamp: 8.0,
            canceled,
        };
        requests.failed(&failed)?.failure(&failed)
    }

    fn received(status: i64, url: &str) -> Received {
        let json = json!({ "requestId": "1", "type": "Fetch", "response": { "url": url, "status": status, "fromDiskCache": status == 304 } });
        serde_json::from_value(json).unwrap()
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
        let told = json!({ "url": "https://a.test/api", "method": "POST", "status": 503 });
        assert_eq!(requests.received(&received(503, "https://a.test/api")), Some(told));
        assert_eq!(requests.received(&received(304, "https://a.test/api")), None);
        assert_eq!(requests.received(&received(404, "https://a.test/favicon.ico")), None);
    }

    #[test]
    fn a_request_that_is_over_tells_status_type_size_and_time() {
        let mut requests = Requests::default();
        assert!(sent(&mut requests, 1, "https://a.test/old").is_none());
        let json = json!({ "requestId": "1", "request": { "url": "https://a.test/new", "method": "GET" }, "timestamp": 7.6,
            "redirectResponse": { "url": "https://a.test/old", "status": 302, "encodedDataLength": 99.0 } });
        let redirected = requests.sent(serde_json::from_value(json).unwrap()).unwrap().fields();
        let told = json!({ "url": "https://a.test/old", "method": "POST", "status": 302, "resource": "script",
            "bytes": 99, "cached": false, "duration_ms": 100, "error": null });
        assert_eq!(redirected, told);
        requests.received(&received(304, "https://a.test/new"));
        let finished = json!({ "requestId": "1", "timestamp": 7.85, "encodedDataLength": 1234.0 });
        let finished: LoadingFinished = serde_json::from_value(finished).unwrap();
        let told = json!({ "url": "https://a.test/new", "method": "GET", "status": 304, "resource": "fetch",
            "bytes": 1234, "cached": true, "duration_ms": 250, "error": null });
        assert_eq!(requests.finished(&finished).unwrap().fields(), told);
        assert!(requests.finished(&finished).is_none());
    }

    #[test]
    fn the_memory_of_requests_is_bounded() {
        let mut requests = Requests::default();
        for id in 0..10_000 {
            sent(&mut requests, id, "https://a.test/");
        }
        assert!(requests.in_flight.len() <= MAX_IN_FLIGHT);
        let long = "x".repeat(1 << 20);
        let json = json!({ "requestId": "1", "request": { "url": long, "method": long } });
        requests.sent(serde_json::from_value(json).unwrap());
        let NetworkRequest { url, method } = requests.in_flight["1"].request.clone();
        assert_eq!((url.len(), method.len()), (4096, 64));
    }
}
